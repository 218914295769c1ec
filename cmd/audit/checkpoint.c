/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit checkpoint: publishes all there is, gets others to sign or stamp the checkpoint, prints
 * it. */
#include "cmd/audit/audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"

#define MAX_REPLY (1u << 20)

struct settings {
	struct audit_place place;
	struct ab_list urls;
	struct audit_cosigners cosigners;
	struct ab_witness *witnesses;
	size_t n; /* of these, open */
	const char *query_path, *reply_path;
	int query;
	struct ab_buf reply, note;
};

static void settings_done(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		ab_witness_close(&s->witnesses[i]);
	free(s->witnesses);
	ab_list_free(&s->urls);
	audit_cosigners_free(&s->cosigners);
	ab_auto_close(&s->query);
	ab_buf_free(&s->reply);
	ab_buf_free(&s->note);
	audit_place_close(&s->place);
}

static int open_witnesses(struct settings *s, struct ab_err *err)
{
	if (!s->urls.n != !s->cosigners.paths.n)
		return ab_err_usage(err, "--witness and --cosigner: one needs the other");
	if (!s->urls.n)
		return 0;
	s->witnesses = calloc(s->urls.n, sizeof(*s->witnesses));
	if (!s->witnesses)
		return ab_err_memory(err);
	for (; s->n < s->urls.n; s->n++)
		if (ab_witness_open(s->urls.items[s->n], &s->witnesses[s->n], err) < 0)
			return -1;
	return audit_cosigners_load(&s->cosigners, err);
}

static int open_all(struct settings *s, struct ab_err *err)
{
	if (audit_open(&s->place, err) < 0 || open_witnesses(s, err) < 0)
		return -1;
	if (s->reply_path && ab_path_read(s->reply_path, MAX_REPLY, &s->reply, err) < 0)
		return -1;
	if (s->query_path) {
		s->query = open(s->query_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
				0666);
		if (s->query < 0)
			return ab_err_sys(err, "%s", s->query_path);
	}
	return audit_confine(&s->place, NULL, err);
}

/* Without the lock: a witness that is slow keeps no writer waiting. */
static int ask_witnesses(struct settings *s, struct ab_err *err)
{
	uint64_t old;

	if (ab_log_newest_kept(s->place.log, &old, err) < 0)
		return -1;
	/* What is kept may be newer by now, if others write. */
	if (old > ab_log_size(s->place.log))
		old = 0;
	for (size_t i = 0; i < s->n; i++) {
		ab_auto(ab_buf_free) struct ab_buf lines = { 0 };

		if (ab_witness_ask(s->place.log, &s->witnesses[i], old, &lines, err) < 0)
			return -1;
		if (audit_cosigners_pick(&s->cosigners, ab_log_note(s->place.log), &lines, &s->note,
					 err) < 0)
			return ab_err_prefix(err, "%s: ", s->urls.items[i]);
	}
	return s->n ? audit_cosigners_check(&s->cosigners, s->note.data, s->note.len, err) : 0;
}

static int write_query(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf query = { 0 };

	if (s->query < 0)
		return 0;
	if (ab_log_stamp_query(&s->note, &query, err) < 0)
		return -1;
	if (ab_io_write(s->query, query.data, query.len, err) < 0)
		return ab_err_prefix(err, "%s: ", s->query_path);
	return 0;
}

/* What is asked about must be kept, so that the answer has something to belong to. */
static int keep(struct settings *s, struct ab_err *err)
{
	uint64_t size;
	int status = 0;

	if (!s->n && s->query < 0 && !s->reply_path)
		return 0;
	if (audit_lock(&s->place, err) < 0)
		return -1;
	if (s->n || s->query >= 0)
		status = ab_log_keep(s->place.log, &s->note, err);
	if (status == 0 && s->reply_path &&
	    ab_log_keep_stamp(s->place.log, &s->reply, &size, err) < 0)
		status = ab_err_prefix(err, "%s: ", s->reply_path);
	ab_log_unlock(s->place.log);
	return status;
}

static int checkpoint(struct settings *s, struct ab_err *err)
{
	if (open_all(s, err) < 0 || audit_lock(&s->place, err) < 0 ||
	    ab_log_publish(s->place.log, true, err) < 0)
		return -1;
	ab_log_unlock(s->place.log);
	ab_buf_adds(&s->note, ab_log_note(s->place.log));
	if (ab_buf_ok(&s->note, err) < 0 || ask_witnesses(s, err) < 0 || keep(s, err) < 0 ||
	    write_query(s, err) < 0)
		return -1;
	printf("%s", s->note.data);
	return 0;
}

int audit_checkpoint(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .query = -1 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_LIST, 0, "witness", "URL", "ask this witness to sign the checkpoint",
		  &s.urls },
		AUDIT_OPT_COSIGNER(&s.cosigners),
		{ AB_OPT_STRING, 0, "tsa-query", "FILE",
		  "write a query for a time stamp of the checkpoint", &s.query_path },
		{ AB_OPT_STRING, 0, "tsa-reply", "FILE", "keep the answer to such a query",
		  &s.reply_path },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit checkpoint",
				    .summary = "Publish all there is and print the checkpoint",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (checkpoint(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
