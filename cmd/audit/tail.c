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

/* Waits until there is more than `size` records. */
static int wait_for_more(struct settings *s, uint64_t size, struct ab_err *err)
{
	const struct timespec wait = { .tv_nsec = POLL_NS };
	struct audit_place *place = &s->select.place;
	struct ab_log *now;

	do {
		(void)nanosleep(&wait, NULL); /* shorter is no harm */
		if (ab_log_look_again(place->log, &now, err) < 0)
			return -1;
		if (now) {
			ab_log_close(place->log);
			place->log = now;
		}
	} while (ab_log_size(place->log) == size);
	return 0;
}

/* The end of a log is said: nothing will come any more, and where it goes on nothing here says. */
static int is_over(struct settings *s, struct ab_err *err)
{
	struct ab_vkey next;
	int over = ab_log_successor(s->select.place.log, &next, err);

	if (over == 1)
		ab_err_note("ab-audit", "%s: the log was rotated; go on with that of %s",
			    s->select.place.log_path, next.name);
	return over;
}

static int tail(struct settings *s, struct ab_err *err)
{
	struct audit_place *place = &s->select.place;
	uint64_t from, to;
	int over;

	if (audit_look(place, s->select.vkey_path, err) < 0 || audit_confine(place, NULL, err) < 0)
		return -1;
	to = ab_log_size(place->log);
	from = to > s->count ? to - s->count : 0;
	for (;;) {
		if (ab_log_each(place->log, from, to, audit_select_show, &s->select, err) < 0)
			return -1;
		over = s->follow ? is_over(s, err) : 1;
		if (over)
			return over < 0 ? -1 : 0;
		if (wait_for_more(s, to, err) < 0)
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
