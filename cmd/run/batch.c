/* SPDX-License-Identifier: Apache-2.0 */
/* ab-run --batch: a line of JSON on stdout for each input, in their order. */
#include "cmd/run/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"

#define TICK_NS 200000000

struct teller {
	const struct run_settings *s;
	bool draws; /* a bar, on a terminal */
	uint64_t begun_ns, drawn_ns;
	size_t drawn; /* columns */
};

static void clear(struct teller *t)
{
	if (t->drawn)
		(void)dprintf(STDERR_FILENO, "\r%*s\r", (int)t->drawn, "");
	t->drawn = 0;
}

/* The part that is done, from 0 to 1; negative: not known. */
static double share(const struct ab_tally *tally)
{
	if (tally->total)
		return (double)tally->done / (double)tally->total;
	if (tally->bytes)
		return (double)tally->bytes_read / (double)tally->bytes;
	return -1;
}

static void draw(void *context, const struct ab_tally *tally)
{
	struct teller *t = context;
	uint64_t now = ab_time_monotonic_ns();
	double part = share(tally), seconds = (double)(now - t->begun_ns) / 1e9;
	char bar[31];
	int n;

	if (!t->draws || now - t->drawn_ns < TICK_NS)
		return;
	t->drawn_ns = now;
	memset(bar, '.', sizeof(bar) - 1);
	bar[30] = '\0';
	for (int i = 0; i < (int)(part * 30); i++)
		bar[i] = '#';
	clear(t);
	n = dprintf(STDERR_FILENO, "[%s] %zu done, %zu not passed, %.1f/s", bar, tally->done,
		    tally->bad, seconds > 0 ? (double)tally->done / seconds : 0);
	t->drawn = n > 0 ? (size_t)n : 0;
}

static void add_member(struct ab_buf *out, const char *name, const json_t *value)
{
	ab_autofree char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	if (text)
		ab_buf_addf(out, ",\"%s\":%s", name, text);
}

static void add_string(struct ab_buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	ab_buf_addf(out, ",\"%s\":", name);
	ab_json_quote_bytes(value, strlen(value), out);
}

/* A document that passed holds line ends only between its tokens, where a blank is as good. */
static int send_document(int fd, struct ab_err *err)
{
	char chunk[65536];
	off_t at = 0;
	ssize_t n;

	if (fwrite(",\"output\":", 1, 10, stdout) != 10)
		return ab_err_sys(err, "standard output");
	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (chunk[i] == '\n' || chunk[i] == '\r')
				chunk[i] = ' ';
		at += n;
		if (fwrite(chunk, 1, (size_t)n, stdout) != (size_t)n)
			return ab_err_sys(err, "standard output");
	}
	return n < 0 ? ab_err_sys(err, "output") : 0;
}

static const char *verdict_of(const struct ab_batch_line *line)
{
	const char *said = json_string_value(json_object_get(line->summary, "verdict"));

	if (said && (line->exit != 0) == (strcmp(said, "passed") != 0))
		return said;
	return line->exit > 128 ? "interrupted" : line->exit ? "failed" : "passed";
}

static int say(void *context, const struct ab_batch_line *line, struct ab_err *err)
{
	struct teller *t = context;
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	const json_t *record = json_object_get(line->summary, "record");

	ab_buf_addf(&text, "{\"index\":%zu", line->index);
	add_string(&text, "input", line->input);
	ab_buf_addf(&text, ",\"exit\":%d,\"verdict\":\"%s\"", line->exit, verdict_of(line));
	add_string(&text, "reason", line->reason);
	add_member(&text, "run", json_object_get(line->summary, "run"));
	add_member(&text, "record", record);
	add_string(&text, "file", line->file);
	if (ab_buf_ok(&text, err) < 0)
		return -1;
	if (line->exit != 0 && !t->s->json) {
		clear(t);
		ab_err_note(RUN_NAME, "%s: %s", line->input,
			    line->reason ? line->reason : verdict_of(line));
	}
	if (fwrite(text.data, 1, text.len, stdout) != text.len ||
	    (line->output >= 0 && send_document(line->output, err) < 0) ||
	    fputs("}\n", stdout) == EOF || fflush(stdout) == EOF)
		return *err->msg ? -1 : ab_err_sys(err, "standard output");
	return 0;
}

static void say_tally(const struct run_settings *s, const struct ab_tally *tally, uint64_t ns)
{
	if (s->json)
		(void)dprintf(STDERR_FILENO,
			      "{\"inputs\":%zu,\"passed\":%zu,\"failed\":%zu,\"exit\":%d,"
			      "\"duration_us\":%" PRIu64 "}\n",
			      tally->done, tally->done - tally->bad, tally->bad, tally->worst,
			      ns / 1000);
	else if (tally->bad)
		ab_err_note(RUN_NAME, "%zu of %zu did not pass", tally->bad, tally->done);
}

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

int run_batch(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err)
{
	struct teller t = { .s = s, .begun_ns = ab_time_monotonic_ns() };
	struct ab_batch how = { .inputs = s->batch,
				.output = s->output,
				.jobs = s->jobs,
				.fail_fast = s->fail_fast,
				.line = say,
				.tick = draw,
				.context = &t };
	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
	struct ab_tally tally = { 0 };
	int status;

	t.draws = is_terminal() && !s->json;
	/* What is wrong with every run is said once. */
	if (ab_plan_make(&plan, w, &s->operator, err) < 0)
		return run_fail(s, w->name, err);
	status = ab_batch_run(w, &s->operator, &how, &tally, err);
	clear(&t);
	if (status < 0)
		return run_fail(s, w->name, err);
	say_tally(s, &tally, ab_time_monotonic_ns() - t.begun_ns);
	return ab_io_finish(tally.worst);
}
