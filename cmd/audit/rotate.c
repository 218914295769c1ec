/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit rotate: ends a log and begins the next, with a key of its own; each names the other. */
#include "cmd/audit/audit.h"

#include <string.h>

#include "lib/base/io.h"
#include "lib/confine/confine.h"

struct settings {
	struct audit_place place, next;
};

static void settings_done(struct settings *s)
{
	audit_place_close(&s->place);
	audit_place_close(&s->next);
}

static int add_one(struct ab_log *log, const struct ab_buf *entry, struct ab_err *err)
{
	if (ab_log_add(log, entry->data, entry->len, NULL, NULL, err) < 0)
		return -1;
	return ab_log_commit(log, err);
}

/* A run ends in the log that it began in. */
static int check_runs(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };
	char one[AB_UUID_TEXT] = "";
	int n = ab_log_open_runs(s->place.log, one, err);

	ab_buf_add_word(&path, s->place.log_path);
	if (n <= 0 || ab_buf_ok(&path, err) < 0)
		return n ? -1 : 0;
	return ab_err_no(err,
			 "%s: %d runs are open and must end here first; if run %s is over: "
			 "ab-audit end --log %s --run %s",
			 s->place.log_path, n, one, path.data, one);
}

static int confine(const struct settings *s, struct ab_err *err)
{
	const struct ab_confine_path paths[] = {
		{ ab_log_fd(s->place.log), AB_CONFINE_READ | AB_CONFINE_WRITE },
		{ ab_log_fd(s->next.log), AB_CONFINE_READ | AB_CONFINE_WRITE },
	};

	return ab_confine(AB_PROFILE_STORE, paths, AB_ARRAY_SIZE(paths), err);
}

static int open_both(struct settings *s, struct ab_err *err)
{
	if (!s->next.log_path || !s->next.key_path)
		return ab_err_usage(err, "--next-log and --next-key are required");
	if (audit_find_log(&s->place, err) < 0 || audit_find_key(&s->place, err) < 0 ||
	    ab_skey_load(s->place.key_path, &s->place.key, err) < 0 ||
	    ab_skey_load(s->next.key_path, &s->next.key, err) < 0)
		return -1;
	if (strcmp(s->place.key.public_key.name, s->next.key.public_key.name) == 0)
		return ab_err_usage(err, "--next-key: %s is the name of this log already",
				    s->next.key.public_key.name);
	s->place.log = ab_log_open(s->place.log_path, &s->place.key, err);
	if (!s->place.log || audit_lock(&s->place, err) < 0 || check_runs(s, err) < 0)
		return -1;
	if (ab_log_is_rekeyed(s->place.log))
		return ab_err_usage(err, "%s: its key is being replaced: rekey --finish first",
				    s->place.log_path);
	if (ab_log_init(s->next.log_path, &s->next.key, err) < 0)
		return -1;
	s->next.log = ab_log_open(s->next.log_path, &s->next.key, err);
	if (!s->next.log || confine(s, err) < 0)
		return -1;
	return audit_lock(&s->next, err);
}

static int rotate(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf last = { 0 }, first = { 0 };
	struct ab_log *log, *next;

	if (open_both(s, err) < 0)
		return -1;
	log = s->place.log;
	next = s->next.log;
	if (ab_record_rotated(&s->next.key.public_key, &last, err) < 0 ||
	    ab_log_retire(log, err) < 0 || add_one(log, &last, err) < 0)
		return -1;
	audit_publish(&s->place);
	if (ab_record_continued(ab_log_vkey(log), ab_log_note(log), &first, err) < 0 ||
	    add_one(next, &first, err) < 0)
		return -1;
	audit_publish(&s->next);
	return 0;
}

int audit_rotate(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "next-log", "DIR", "the new log that follows; required",
		  &s.next.log_path },
		{ AB_OPT_STRING, 0, "next-key", "FILE", "its private key; required",
		  &s.next.key_path },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit rotate",
				    .summary = "End a log and begin the next",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (rotate(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
