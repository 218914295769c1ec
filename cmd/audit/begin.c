/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit begin: records durably that a run starts, and makes the file of its receipts. */
#include "cmd/audit/audit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/crypto/random.h"

struct settings {
	struct audit_place place;
	const char *type, *workflow_id;
	char run[AB_UUID_TEXT];
};

static void settings_done(struct settings *s)
{
	audit_place_close(&s->place);
}

/* A label that people and other programs can read back: no space, no control characters. */
static int check_label(const char *option, const char *text, struct ab_err *err)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@-";

	if (!*text || strlen(text) > 128 || strspn(text, allowed) != strlen(text))
		return ab_err_usage(err, "--%s: expected 1 to 128 of A-Z a-z 0-9 . _ : / @ -",
				    option);
	return 0;
}

/*
 * Whoever started us has the signal as well, and ends the run by append, for which he must be told
 * of it: between the record and the last word nothing cuts us short.
 */
static void hold_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < AB_ARRAY_SIZE(signals); i++)
		(void)sigaddset(&set, signals[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static int record_start(struct settings *s, uint64_t *ret_index, struct ab_err *err)
{
	struct ab_log *log = s->place.log;
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };

	if (audit_lock(&s->place, err) < 0)
		return -1;
	hold_signals();
	if (ab_record_started(s->run, s->type, s->workflow_id, &entry, err) < 0 ||
	    ab_log_run_begin(log, s->run, err) < 0 ||
	    ab_log_add(log, entry.data, entry.len, ret_index, NULL, err) < 0 ||
	    ab_log_commit(log, err) < 0)
		return -1;
	audit_publish(&s->place);
	return 0;
}

static char *make_receipts(const struct settings *s, uint64_t index, struct ab_err *err)
{
	char now[AB_TIME_STAMP];
	json_auto_t *head = NULL;

	ab_time_now(now);
	head = json_pack("{s:s, s:s, s:s, s:I, s:s*, s:s}", "run", s->run, "type", s->type,
			 "origin", ab_log_vkey(s->place.log)->name, "started", (json_int_t)index,
			 "workflow_id", s->workflow_id, "time", now);
	if (!head) {
		ab_err_memory(err);
		return NULL;
	}
	return ab_receipts_create(head, err);
}

/* One word of the shell, whatever is in it. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
	putchar('\'');
}

static int begin(struct settings *s, struct ab_err *err)
{
	ab_autofree char *receipts = NULL;
	uint64_t index;

	if (!s->type)
		return ab_err_usage(err, "--type: required: which workflow");
	if (check_label("type", s->type, err) < 0 ||
	    (s->workflow_id && check_label("workflow-id", s->workflow_id, err) < 0) ||
	    audit_open(&s->place, err) < 0 || ab_random_uuid(s->run, err) < 0 ||
	    record_start(s, &index, err) < 0)
		return -1;
	receipts = make_receipts(s, index, err);
	if (!receipts)
		return ab_err_prefix(err, "receipts: ");
	printf("AB_RUN='%s' AB_RECEIPTS=", s->run);
	print_quoted(receipts);
	printf("; export AB_RUN AB_RECEIPTS\n");
	return 0;
}

/*
 * eval "$(ab-audit begin ...)" of nothing would succeed, and the pipeline behind it would start the
 * agent without a trace. What the shell gets instead fails, and names receipts that no stage
 * accepts.
 */
static int fail(int status)
{
	printf("AB_RUN= AB_RECEIPTS=begin-failed; export AB_RUN AB_RECEIPTS; (exit %d)\n", status);
	(void)ab_io_finish(status); /* the status tells already that it failed */
	return status;
}

int audit_begin(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "type", "NAME", "the workflow's type, required", &s.type },
		{ AB_OPT_STRING, 0, "workflow-id", "ID", "a label of your own for the run",
		  &s.workflow_id },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit begin",
				    .summary = "Record that a run starts",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first == AB_OPT_DONE)
		return ab_opt_exit(&cmd, first, &err);
	if (first < 0)
		return fail(ab_opt_exit(&cmd, first, &err));
	if (begin(&s, &err) < 0)
		return fail(ab_err_report("ab-audit", &err));
	return ab_io_finish(AB_EXIT_OK);
}
