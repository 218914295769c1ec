/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/stage.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/confine/confine.h"

int ab_stage_open(struct ab_stage *s, const char *tool, const char *stage, uint64_t max,
		  struct ab_err *err)
{
	*s = (struct ab_stage)AB_STAGE_INIT;
	s->tool = tool;
	s->stage = stage;
	s->input = STDIN_FILENO;
	s->started_ns = ab_time_monotonic_ns();
	ab_sha256_init(&s->in_hash);
	ab_sha256_init(&s->out_hash);
	s->facts = json_object();
	if (!s->facts)
		return ab_err_memory(err);
	if (stage && (!*stage || strlen(stage) > 32 ||
		      strspn(stage, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(stage)))
		return ab_err_usage(err, "--stage: expected at most 32 of a-z, 0-9 and -");
	if (ab_receipts_open(&s->receipts, err) < 0)
		return -1;
	/* In a pipeline with receipts a broken pipe is a verdict, which must still be written. */
	if (s->receipts)
		(void)signal(SIGPIPE, SIG_IGN);
	return ab_hold_open(&s->in, max, err);
}

int ab_stage_confine(struct ab_stage *s, struct ab_err *err)
{
	const struct ab_confine_path beside = { ab_receipts_dirfd(s->receipts), AB_CONFINE_WRITE };

	return ab_confine(AB_PROFILE_FILTER, &beside, s->receipts ? 1 : 0, err);
}

ssize_t ab_stage_read_some(struct ab_stage *s, int fd, void *data, size_t len, struct ab_err *err)
{
	ssize_t n;

	s->input = fd;
	n = ab_io_read(fd, data, len, err);
	if (n > 0) {
		if (s->receipts) /* nobody else asks for it */
			ab_sha256_add(&s->in_hash, data, (size_t)n);
		s->in_bytes += (uint64_t)n;
	}
	if (n == 0)
		s->at_end = true;
	return n;
}

int ab_stage_read(struct ab_stage *s, int fd, struct ab_err *err)
{
	unsigned char chunk[65536];
	ssize_t n;

	while ((n = ab_stage_read_some(s, fd, chunk, sizeof(chunk), err)) > 0)
		if (ab_hold_add(&s->in, chunk, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

static void drain(struct ab_stage *s)
{
	unsigned char chunk[65536];
	struct ab_err ignored;

	while (!s->at_end && ab_stage_read_some(s, s->input, chunk, sizeof(chunk), &ignored) > 0)
		continue;
}

int ab_stage_write(struct ab_stage *s, const void *data, size_t len, struct ab_err *err)
{
	if (ab_io_write(STDOUT_FILENO, data, len, err) < 0)
		return ab_err_prefix(err, "standard output: ");
	if (s->receipts)
		ab_sha256_add(&s->out_hash, data, len);
	s->out_bytes += len;
	return 0;
}

/* A document that is let through unchanged needs no second hash: it has the input's. */
static int send(struct ab_stage *s, struct ab_hold *out, struct ab_err *err)
{
	const unsigned char *map;

	if (out == &s->in && s->in_bytes == s->in.size) {
		if (ab_hold_send(out, STDOUT_FILENO, err) < 0)
			return ab_err_prefix(err, "standard output: ");
		s->out_hash = s->in_hash;
		s->out_bytes = s->in_bytes;
		return 0;
	}
	map = ab_hold_map(out, err);
	return map ? ab_stage_write(s, map, (size_t)out->size, err) : -1;
}

static int write_receipt(struct ab_stage *s, enum ab_verdict verdict, const char *reason,
			 int status, struct ab_err *err)
{
	struct ab_receipt receipt = {
		.tool = s->tool,
		.stage = s->stage,
		.verdict = verdict,
		.reason = reason,
		.exit = status,
		.in.bytes = s->in_bytes,
		.out.bytes = s->out_bytes,
		.duration_ms = (ab_time_monotonic_ns() - s->started_ns) / 1000000,
		.facts = s->facts,
	};

	ab_sha256_end(&s->in_hash, receipt.in.sha256);
	ab_sha256_end(&s->out_hash, receipt.out.sha256);
	return ab_receipts_write(s->receipts, &receipt, err);
}

int ab_stage_pass(struct ab_stage *s, struct ab_hold *out)
{
	struct ab_err err = { 0 };
	int status;

	if (out && send(s, out, &err) < 0)
		return ab_stage_refuse(
			s, &err, err.sys == EPIPE ? "the next stage closed its input early" : NULL);
	status = ab_io_finish(AB_EXIT_OK);
	if (status == AB_EXIT_OK && write_receipt(s, AB_PASSED, NULL, status, &err) < 0)
		status = ab_err_report(s->tool, &err);
	return status;
}

int ab_stage_refuse(struct ab_stage *s, const struct ab_err *err, const char *reason)
{
	int status = *err->msg ? ab_err_report(s->tool, err) : err->status;
	struct ab_err lost = { 0 };

	if (!s->receipts)
		return ab_io_finish(status);
	drain(s);
	if (write_receipt(s, status == AB_EXIT_NO ? AB_REFUSED : AB_FAILED,
			  reason ? reason : err->msg, status, &lost) < 0)
		status = ab_err_report(s->tool, &lost);
	return status;
}

int ab_stage_fail(struct ab_stage *s, const struct ab_err *err)
{
	return ab_stage_refuse(s, err, NULL);
}

void ab_stage_close(struct ab_stage *s)
{
	ab_receipts_close(s->receipts);
	ab_hold_close(&s->in);
	json_decref(s->facts);
	*s = (struct ab_stage)AB_STAGE_INIT;
}
