/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit end: gives a run an end that no append will record any more. */
#include "cmd/audit/audit.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"

struct settings {
	struct audit_place place;
	const char *run, *reason;
	struct ab_receipts *receipts;
	json_t *array; /* what is left of them */
	struct ab_run_record found;
	struct ab_chain chain;
};

static void settings_done(struct settings *s)
{
	json_decref(s->array);
	json_decref(s->found.started);
	ab_receipts_close(s->receipts);
	audit_place_close(&s->place);
}

static int check_settings(const struct settings *s, struct ab_err *err)
{
	if (!s->run)
		return ab_err_usage(err, "--run: required: which run");
	if (s->reason && (!*s->reason || strlen(s->reason) > 300))
		return ab_err_usage(err, "--reason: expected 1 to 300 bytes");
	return 0;
}

/* The receipts, if they are still there; whoever works on the run holds them. */
static int take_receipts(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };
	struct ab_err lost = { 0 };

	if (ab_log_run_receipts(s->place.log, s->run, &path, err) < 0)
		return -1;
	if (path.len && ab_receipts_take(path.data, s->run, &s->receipts, &lost) < 0) {
		*err = lost;
		return ab_err_prefix(err, "run %s: not ended: ", s->run);
	}
	return 0;
}

static int load_receipts(struct settings *s, struct ab_err *err)
{
	struct ab_err lost = { 0 };
	struct ab_run run = { 0 };

	if (s->receipts && ab_receipts_load(s->receipts, &run, &s->array, &lost) < 0)
		s->array = NULL;
	json_decref(run.head);
	if (!s->array)
		s->array = json_array();
	return s->array ? 0 : ab_err_memory(err);
}

static void say_why(struct settings *s)
{
	char reason[sizeof(s->chain.reason)];

	(void)snprintf(reason, sizeof(reason), "ended by hand: %s%s",
		       s->reason ? s->reason : "it had no end",
		       s->receipts ? "" : " (its receipts are lost)"); /* it fits */
	ab_err_clean(reason);
	audit_say_no(&s->chain, AB_INTERRUPTED, reason);
}

/* The run as its first record tells it: the receipts may be lost, and are not signed. */
static int record_end(struct settings *s, struct ab_err *err)
{
	const struct ab_run run = {
		.head = s->found.started,
		.id = s->run,
		.type = ab_record_type(s->found.started),
		.started = s->found.index,
	};
	const struct ab_execution x = { .run = &run, .receipts = s->array, .chain = &s->chain };

	say_why(s);
	/* Its mark may be lost, to a crash or with a copy; the log is what counts. */
	if (ab_log_run_is_open(s->place.log, s->run, err) < 0 &&
	    ab_log_run_begin(s->place.log, s->run, "", err) < 0)
		return -1;
	return audit_commit_run(&s->place, &x, err);
}

/* A mark without a run, or of one that has ended, is left over from a crash. */
static int drop_mark(struct settings *s, struct ab_err *err)
{
	if (ab_log_run_is_open(s->place.log, s->run, err) < 0)
		return -1;
	audit_close_run(&s->place, s->run, s->receipts);
	ab_err_note("ab-audit", "run %s %s: nothing to record", s->run,
		    s->found.started ? "has ended" : "never began");
	return 0;
}

static int end(struct settings *s, struct ab_err *err)
{
	if (check_settings(s, err) < 0 || audit_open(&s->place, err) < 0 ||
	    take_receipts(s, err) < 0 || audit_confine(&s->place, s->receipts, err) < 0 ||
	    load_receipts(s, err) < 0 || audit_lock(&s->place, err) < 0 ||
	    ab_log_run_find(s->place.log, s->run, &s->found, err) < 0)
		return -1;
	if (!s->found.started || s->found.ended)
		return drop_mark(s, err);
	if (record_end(s, err) < 0)
		return ab_err_prefix(err, "not recorded: ");
	audit_close_run(&s->place, s->run, s->receipts);
	return 0;
}

int audit_end(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "run", "ID", "the run that is over; required", &s.run },
		{ AB_OPT_STRING, 0, "reason", "TEXT", "why, for the record", &s.reason },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit end",
				    .summary = "Record the end of a run that has none",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (end(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
