/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit append: the last stage of a pipeline; records the run, then lets its output through. */
#include "cmd/audit/audit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hold.h"
#include "lib/base/io.h"

struct settings {
	struct audit_place place;
	const char *expect, *type;
	struct ab_receipts *receipts;
	struct ab_hold document;
	struct ab_digest arrived;
	struct ab_run run;
	json_t *array;
	struct ab_chain chain;
};

static void settings_done(struct settings *s)
{
	json_decref(s->run.head);
	json_decref(s->array);
	ab_hold_close(&s->document);
	ab_receipts_close(s->receipts);
	audit_place_close(&s->place);
}

/* Signals stay pending until they are asked for: nothing is cut short by one. */
static int hold_signals(sigset_t *set, struct ab_err *err)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return ab_err_sys(err, "signals");
	return 0;
}

/* The signal that is pending, 0 if there is none. */
static int interrupting_signal(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t set;

	for (size_t i = 0; sigpending(&set) == 0 && i < AB_ARRAY_SIZE(signals); i++)
		if (sigismember(&set, signals[i]) == 1)
			return signals[i];
	return 0;
}

/* Reads the document to its end. What cannot be kept is still read, so that the stages before can
 * finish and leave their receipts. */
static int read_document(struct settings *s, struct ab_err *err)
{
	unsigned char chunk[65536];
	struct ab_sha256 hash;
	ssize_t n;
	int status = 0;

	ab_sha256_init(&hash);
	while ((n = ab_io_read(STDIN_FILENO, chunk, sizeof(chunk), err)) > 0) {
		ab_sha256_add(&hash, chunk, (size_t)n);
		s->arrived.bytes += (uint64_t)n;
		if (status == 0)
			status = ab_hold_add(&s->document, chunk, (size_t)n, err);
	}
	ab_sha256_end(&hash, s->arrived.sha256);
	if (n < 0)
		return ab_err_prefix(err, "standard input: ");
	return status;
}

/* What the run comes to. `trouble` is what happened to ourselves on the way, NULL if nothing. */
static void judge(struct settings *s, const struct ab_err *trouble)
{
	int number = interrupting_signal();
	char reason[64];

	ab_chain_check(s->array, s->expect, &s->arrived, &s->chain);
	(void)snprintf(reason, sizeof(reason), "interrupted by signal %d (%s)", number,
		       strsignal(number));
	if (number)
		audit_say_no(&s->chain, AB_INTERRUPTED, reason);
	else if (trouble)
		audit_say_no(&s->chain, trouble->status == AB_EXIT_NO ? AB_REFUSED : AB_FAILED,
			     trouble->msg);
	else if (s->type && strcmp(s->type, s->run.type) != 0)
		audit_say_no(&s->chain, AB_FAILED, "the run began as one of another type");
}

static int deliver(struct settings *s, struct ab_err *err)
{
	if (s->chain.verdict != AB_PASSED)
		return ab_err_no(err, "%s", s->chain.reason);
	if (ab_hold_send(&s->document, STDOUT_FILENO, -1, err) < 0)
		return ab_err_prefix(err, "standard output (the run is recorded as passed): ");
	return 0;
}

static int open_all(struct settings *s, struct ab_err *err)
{
	struct ab_err none;

	if (ab_receipts_open(&s->receipts, err) < 0)
		return -1;
	if (!s->receipts)
		return ab_err_usage(err,
				    "AB_RECEIPTS is not set: start the run with ab-audit begin");
	if (audit_open(&s->place, err) < 0)
		return -1;
	/* Without a spool a small document can still pass, and a run that did not still has an end.
	 */
	(void)ab_hold_open(&s->document, 0, &none);
	return audit_confine(&s->place, s->receipts, err);
}

static int append(struct settings *s, struct ab_err *err)
{
	struct ab_execution x = { .run = &s->run, .chain = &s->chain };
	struct ab_err trouble = { 0 };
	bool troubled = read_document(s, &trouble) < 0;

	if (ab_receipts_load(s->receipts, &s->run, &s->array, err) < 0)
		return -1;
	if (strcmp(s->run.origin, ab_log_vkey(s->place.log)->name) != 0)
		return ab_err_usage(err, "run %s began in the log %s, this is %s", s->run.id,
				    s->run.origin, ab_log_vkey(s->place.log)->name);
	judge(s, troubled ? &trouble : NULL);
	x.receipts = s->array;
	x.arrived = s->arrived;
	if (audit_commit_run(&s->place, &x, err) < 0)
		return ab_err_prefix(err, "not recorded, no output: ");
	audit_close_run(&s->place, s->run.id, s->receipts);
	return deliver(s, err);
}

/* A stage that ends before its input does would make the one before it fail. */
static int drain(void)
{
	unsigned char chunk[65536];
	struct ab_err ignored;

	while (ab_io_read(STDIN_FILENO, chunk, sizeof(chunk), &ignored) > 0)
		continue;
	return -1;
}

int audit_append(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .document = AB_HOLD_INIT };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "expect", "STAGES",
		  "the stages that must have passed, in order", &s.expect },
		{ AB_OPT_STRING, 0, "type", "NAME", "the type that the run must have begun with",
		  &s.type },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit append",
				    .summary =
					    "Record how a run ended, then let its output through",
				    .opts = opts };
	struct ab_err err = { 0 };
	sigset_t held;
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (hold_signals(&held, &err) < 0 || (open_all(&s, &err) < 0 && drain()) ||
	    append(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
