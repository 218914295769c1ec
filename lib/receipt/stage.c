/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/receipt/stage.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/confine/confine.h"

#define PATIENCE_NS 5000000000ull /* for the stage before, when both were told to end */

/* Signals that end a filter become messages; one that the caller ignores stays ignored. */
static int catch_signals(struct ab_stage *s, struct ab_err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction old;
	sigset_t caught;

	(void)sigemptyset(&caught);
	for (size_t i = 0; i < AB_ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaddset(&caught, signals[i]);
	if (sigprocmask(SIG_BLOCK, &caught, NULL) < 0)
		return ab_err_sys(err, "signals");
	s->signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? ab_err_sys(err, "signals") : 0;
}

/* Takes a signal that has come, if one has. */
static bool is_interrupted(struct ab_stage *s)
{
	struct signalfd_siginfo info;

	if (s->signals >= 0 && read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->signal = (int)info.ssi_signo;
	return s->signal != 0;
}

/* Waits until there is something to read or a signal: 1, -1 at a signal, 0 when time is up. */
static int await(struct ab_stage *s, int fd, int timeout_ms)
{
	struct pollfd p[] = { { fd, POLLIN, 0 }, { s->signals, POLLIN, 0 } };
	int n;

	while ((n = poll(p, AB_ARRAY_SIZE(p), timeout_ms)) < 0 && errno == EINTR)
		continue;
	if (p[1].revents)
		return is_interrupted(s) ? -1 : 1;
	return n != 0;
}

int ab_stage_open(struct ab_stage *s, const char *tool, const char *stage, uint64_t max,
		  struct ab_err *err)
{
	struct ab_err none = { 0 };

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
	if (s->receipts && (signal(SIGPIPE, SIG_IGN) == SIG_ERR || catch_signals(s, err) < 0))
		return -1;
	(void)ab_hold_open(&s->in, max, &none); /* what is small needs no spool; of the rest it is said then */
	return 0;
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
	if (s->receipts && await(s, fd, -1) < 0)
		return ab_err_trouble(err, "interrupted");
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
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		ab_hold_expect(&s->in, (uint64_t)st.st_size);
		/* Nobody here looks at it before it has been read. */
		if (!s->receipts)
			ab_hold_take(&s->in, fd);
		s->in_bytes = s->in.size;
	}
	while ((n = ab_stage_read_some(s, fd, chunk, sizeof(chunk), err)) > 0)
		if (ab_hold_add(&s->in, chunk, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/*
 * Reads stdin to its end. Whoever sent us a signal may have ended the stage before as well, which
 * leaves its receipt while we wait for its end: a pipe is read for a moment more, a terminal is
 * not. A second signal does not wait.
 */
static void drain(struct ab_stage *s)
{
	unsigned char chunk[65536];
	struct ab_err ignored;
	uint64_t now, until;
	struct stat st;

	while (!s->at_end && !s->signal &&
	       ab_stage_read_some(s, s->input, chunk, sizeof(chunk), &ignored) > 0)
		continue;
	if (s->at_end || !s->signal || fstat(s->input, &st) < 0 ||
	    !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return;
	until = ab_time_monotonic_ns() + PATIENCE_NS;
	while (!s->at_end && (now = ab_time_monotonic_ns()) < until &&
	       await(s, s->input, (int)((until - now) / 1000000 + 1)) > 0)
		s->at_end = ab_io_read(s->input, chunk, sizeof(chunk), &ignored) <= 0;
}

int ab_stage_write(struct ab_stage *s, const void *data, size_t len, struct ab_err *err)
{
	if (ab_io_write_unless(s->signals, STDOUT_FILENO, data, len, err) < 0)
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
		if (ab_hold_send(out, STDOUT_FILENO, s->signals, err) < 0)
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

/* The receipt comes first: it cannot be late then, whatever the stages around us do. */
static int interrupted(struct ab_stage *s)
{
	struct ab_err over = { 0 };
	char reason[64];

	(void)snprintf(reason, sizeof(reason), "interrupted by signal %d (%s)", s->signal,
		       strsignal(s->signal));
	if (write_receipt(s, AB_INTERRUPTED, reason, 128 + s->signal, &over) == 0)
		drain(s);
	return 128 + s->signal;
}

int ab_stage_pass(struct ab_stage *s, struct ab_hold *out)
{
	struct ab_err err = { 0 };
	int status;

	if (is_interrupted(s))
		return interrupted(s);
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
	struct ab_err lost = { 0 };
	int status;

	if (is_interrupted(s))
		return interrupted(s);
	status = *err->msg ? ab_err_report(s->tool, err) : err->status;
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
	if (s->signals >= 0)
		(void)close(s->signals);
	*s = (struct ab_stage)AB_STAGE_INIT;
}
