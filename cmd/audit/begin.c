/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit begin: records durably that a run starts, and makes the file of its receipts. */
#include "cmd/audit/audit.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hold.h"
#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/crypto/random.h"

struct settings {
	struct audit_place place;
	const char *type, *workflow_id;
	struct ab_list params; /* NAME=VALUE, as the operator gave them */
	char run[AB_UUID_TEXT];
	json_t *said;	/* those, as an object; NULL: none */
	json_t *head;	/* first line of the receipts */
	char *receipts; /* their path */
};

static void settings_done(struct settings *s)
{
	json_decref(s->head);
	json_decref(s->said);
	ab_list_free(&s->params);
	free(s->receipts);
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
	(void)signal(SIGPIPE, SIG_IGN);
}

/* What the operator said of the run: 64 of them, and 16 KB, are enough for a record. */
static int check_params(const struct settings *s, struct ab_err *err)
{
	size_t size = 0;

	for (size_t i = 0; i < s->params.n; i++) {
		const char *equals = strchr(s->params.items[i], '=');

		size += strlen(s->params.items[i]);
		if (!equals || equals == s->params.items[i])
			return ab_err_usage(err, "--param: expected NAME=VALUE");
	}
	if (s->params.n > 64 || size > 16384)
		return ab_err_usage(err, "--param: more than 64, or than 16384 bytes");
	return 0;
}

static int read_params(struct settings *s, struct ab_err *err)
{
	for (size_t i = 0; i < s->params.n; i++) {
		const char *p = s->params.items[i], *equals = strchr(p, '=');
		size_t len = (size_t)(equals - p);

		if (!s->said)
			s->said = json_object();
		if (json_object_getn(s->said, p, len))
			return ab_err_usage(err, "--param: %.*s: given twice", (int)len, p);
		if (json_object_setn_new(s->said, p, len, json_string(equals + 1)) < 0)
			return ab_err_usage(err, "--param: not UTF-8");
	}
	return 0;
}

static json_t *head_of(const struct settings *s, uint64_t index)
{
	char now[AB_TIME_STAMP];

	ab_time_now(now);
	return json_pack("{s:s, s:s, s:s, s:I, s:s*, s:s, s:O*}", "run", s->run, "type", s->type,
			 "origin", ab_log_vkey(s->place.log)->name, "started", (json_int_t)index,
			 "workflow_id", s->workflow_id, "time", now, "params", s->said);
}

/* The receipts and the mark come first: what fails then has begun nothing. */
static int commit_start(struct settings *s, struct ab_err *err)
{
	if (ab_log_run_begin(s->place.log, s->run, s->receipts, err) < 0)
		return -1;
	if (ab_log_commit(s->place.log, err) == 0)
		return 0;
	(void)ab_log_run_end(s->place.log, s->run, &(struct ab_err){ 0 }); /* it never began */
	return -1;
}

static int record_start(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	uint64_t index;

	if (audit_lock(&s->place, err) < 0)
		return -1;
	hold_signals();
	if (ab_record_started(s->run, s->type, s->workflow_id, s->said, &entry, err) < 0 ||
	    ab_log_add(s->place.log, entry.data, entry.len, &index, NULL, err) < 0)
		return -1;
	s->head = head_of(s, index);
	if (!s->head)
		return ab_err_memory(err);
	s->receipts = ab_receipts_create(s->head, err);
	if (!s->receipts)
		return ab_err_prefix(err, "receipts: ");
	if (commit_start(s, err) < 0) {
		ab_receipts_discard(s->receipts);
		return -1;
	}
	return 0;
}

/* Nobody was told of the run, so nobody else can end it. */
static void end_untold(struct settings *s)
{
	const struct ab_run run = {
		.head = s->head,
		.id = s->run,
		.type = s->type,
		.started = (uint64_t)json_integer_value(json_object_get(s->head, "started")),
	};
	json_auto_t *none = json_array();
	struct ab_chain chain;
	const struct ab_execution x = { .run = &run, .receipts = none, .chain = &chain };
	struct ab_err err = { 0 };

	audit_say_no(&chain, AB_FAILED, "begin's output was lost");
	if (audit_commit_run(&s->place, &x, &err) < 0) {
		ab_err_note("ab-audit", "%s (run %s has begun, and has no end)", err.msg, s->run);
		return;
	}
	audit_close_run(&s->place, s->run, NULL);
	ab_receipts_discard(s->receipts);
}

/* Every stage opens a spool: without one the run would be over before the agent starts. */
static int check_spool(struct ab_err *err)
{
	ab_auto(ab_hold_close) struct ab_hold spool = AB_HOLD_INIT;

	return ab_hold_open(&spool, 0, err);
}

static int begin(struct settings *s, struct ab_err *err)
{
	if (!s->type)
		return ab_err_usage(err, "--type: required: which workflow");
	if (check_label("type", s->type, err) < 0 ||
	    (s->workflow_id && check_label("workflow-id", s->workflow_id, err) < 0) ||
	    check_params(s, err) < 0 || read_params(s, err) < 0 || check_spool(err) < 0 ||
	    audit_open(&s->place, err) < 0 || ab_random_uuid(s->run, err) < 0)
		return -1;
	return record_start(s, err);
}

/* Whether the line goes out without a wait. A reader that does not read holds up neither the public
 * tiles nor, by the lock, the log's other writers. */
static bool goes_at_once(const struct ab_buf *line)
{
	struct pollfd out = { STDOUT_FILENO, POLLOUT, 0 };

	return line->len <= PIPE_BUF && poll(&out, 1, 0) == 1 && out.revents == POLLOUT;
}

/* Says what the shell is to evaluate. What is lost to a full disk or a reader that is gone shows
 * here and nowhere else. */
static int tell(struct settings *s)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err = { 0 };
	bool first;
	int status;

	ab_buf_addf(&text, "AB_RUN='%s' AB_RECEIPTS=", s->run);
	ab_buf_add_quoted(&text, s->receipts);
	ab_buf_adds(&text, "; export AB_RUN AB_RECEIPTS\n");
	/* Whoever reads the line goes on meanwhile: the record is durable without the tiles. */
	first = goes_at_once(&text);
	if (!first)
		audit_publish(&s->place);
	if (ab_buf_ok(&text, &err) < 0)
		status = ab_err_report("ab-audit", &err);
	else
		status = fwrite(text.data, 1, text.len, stdout) ? AB_EXIT_OK : AB_EXIT_TROUBLE;
	status = ab_io_finish(status);
	if (status != AB_EXIT_OK)
		end_untold(s);
	else if (first)
		audit_publish(&s->place);
	return status;
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
		{ AB_OPT_LIST, 0, "param", "NAME=VALUE", "what was said of the run, for its record",
		  &s.params },
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
	return tell(&s);
}
