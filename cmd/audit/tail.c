/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit tail: the newest records, and those that come. */
#include "cmd/audit/select.h"

#include <time.h>

#include "lib/base/io.h"

#define POLL_NS 200000000 /* inotify would need a way out of our confinement */

struct settings {
	struct audit_select select;
	uint64_t count;
	bool follow;
};

static void settings_done(struct settings *s)
{
	audit_select_done(&s->select);
}

/* Looks again; the log that was looked at before gives way. */
static int look_again(struct settings *s, struct ab_err *err)
{
	struct ab_log *log = s->select.place.log, *now;
	const struct ab_vkey vkey = *ab_log_vkey(log);

	now = ab_log_read(s->select.place.log_path, &vkey, err);
	if (!now)
		return -1;
	s->select.place.log = now;
	if (ab_log_size(now) < ab_log_size(log)) {
		ab_log_close(log);
		return ab_err_no(err, "%s: rolled back", s->select.place.log_path);
	}
	ab_log_close(log);
	return 0;
}

static int tail(struct settings *s, struct ab_err *err)
{
	const struct timespec wait = { .tv_nsec = POLL_NS };
	struct audit_place *place = &s->select.place;
	uint64_t from, to;

	if (audit_look(place, s->select.vkey_path, err) < 0 || audit_confine(place, NULL, err) < 0)
		return -1;
	to = ab_log_size(place->log);
	from = to > s->count ? to - s->count : 0;
	for (;;) {
		if (ab_log_each(place->log, from, to, audit_select_show, &s->select, err) < 0)
			return -1;
		if (!s->follow)
			return 0;
		(void)nanosleep(&wait, NULL); /* shorter is no harm */
		if (look_again(s, err) < 0)
			return -1;
		from = to;
		to = ab_log_size(place->log);
	}
}

int audit_tail(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .select.format = "ndjson", .count = 10 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.select.place),
		AUDIT_OPT_VKEY(&s.select.vkey_path),
		{ AB_OPT_NUMBER, 'n', "count", "N", "how many of the newest; else 10", &s.count },
		{ AB_OPT_FLAG, 'f', "follow", NULL, "go on with those that come", &s.follow },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit tail",
				    .summary = "Show the newest records",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (tail(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
