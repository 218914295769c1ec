/* SPDX-License-Identifier: Apache-2.0 */
/* ab-jail: runs one program where it can reach nothing and nothing of it remains. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/jail/jail.h"
#include "cmd/jail/options.h"
#include "cmd/jail/print.h"

#include "lib/base/heap.h"
#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/jail/jail.h"

#define STACK (48 << 10) /* so deep go paths and file headers on the stack for a small program, before there is a jail */

/* Lets the agent's output through; it is hashed for a receipt. */
static int release(const struct jail_settings *s, struct ab_jail_result *r,
		   struct ab_receipt *receipt, struct ab_err *err)
{
	const unsigned char *map = r->out.size ? ab_hold_map(&r->out, err) : (const void *)"";

	if (!map)
		return -1;
	if (ab_io_write_unless(r->signals, STDOUT_FILENO, map, (size_t)r->out.size, err) < 0)
		return ab_err_prefix(err, "standard output: ");
	receipt->out.bytes = r->out.size;
	if (s->receipts)
		ab_sha256(map, (size_t)r->out.size, receipt->out.sha256);
	return 0;
}

/* It passed, and still nothing of it got through. */
static void undelivered(struct ab_jail_result *r)
{
	struct signalfd_siginfo info;

	if (r->signals >= 0 && read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		ab_jail_result_interrupt(r, (int)info.ssi_signo);
		return;
	}
	r->verdict = AB_FAILED;
	r->exit = AB_JAIL_FAILED;
	(void)snprintf(r->reason, sizeof(r->reason), "the next stage closed its input early");
}

/* Its output is out, and what it changed is lost: the stages behind wait for our receipt. */
static void unkept(struct ab_jail_result *r, const struct ab_err *err)
{
	r->verdict = AB_FAILED;
	r->exit = AB_JAIL_FAILED;
	(void)snprintf(r->reason, sizeof(r->reason), "%.255s", err->msg);
}

static int write_receipt(const struct jail_settings *s, const struct ab_jail_result *r,
			 struct ab_receipt *receipt, struct ab_err *err)
{
	if (!s->receipts)
		return 0;
	receipt->verdict = r->verdict;
	receipt->reason = *r->reason ? r->reason : NULL;
	receipt->exit = r->exit;
	receipt->in.bytes = r->in_bytes;
	ab_sha256_end(&r->in_hash, receipt->in.sha256);
	receipt->duration_ms = (ab_time_monotonic_ns() - s->begun_ns) / 1000000;
	return ab_receipts_write(s->receipts, receipt, err);
}

/* Says how it went: output, one line on stderr if it went badly, the receipt, the exit status. */
static int report(const struct jail_settings *s, struct ab_jail_result *r, struct ab_err *err)
{
	struct ab_receipt receipt = { .tool = "ab-jail", .facts = r->facts };
	int status;

	if (s->receipts)
		ab_sha256("", 0, receipt.out.sha256);
	if (r->verdict == AB_PASSED && (release(s, r, &receipt, err) < 0 || ab_io_finish(0) != 0))
		undelivered(r);
	if (r->verdict == AB_PASSED && ab_jail_result_commit(r, err) < 0)
		unkept(r, err);
	status = r->exit;
	if (r->verdict != AB_PASSED)
		ab_err_note("ab-jail", "%s",
			    *err->msg && r->verdict != AB_INTERRUPTED ? err->msg : r->reason);
	if (write_receipt(s, r, &receipt, err) < 0) {
		(void)ab_err_report("ab-jail", err);
		status = AB_JAIL_FAILED;
	}
	return status;
}

static int run(struct jail_settings *s, char *const argv[], struct ab_err *err)
{
	ab_auto(ab_jail_result_done) struct ab_jail_result result = AB_JAIL_RESULT_INIT;
	struct ab_jail_spec spec = {
		.argv = argv,
		.time_ms = s->time_ms,
		.memory = s->memory,
		.tmp = s->tmp,
		.max_output = s->max_output,
		.processes = s->processes,
		.require_tier = s->require_tier,
		.cpu_ms = s->cpu_ms,
		.cpu_milli = s->cpu_milli,
		.io_bytes = s->io,
		.open_files = s->open_files,
		.file_size = s->file_size ? s->file_size : s->tmp,
		.ro = &s->ro,
		.rw = &s->rw,
		.exec = &s->exec,
		.root = s->root,
		.models = s->models,
		.input = s->input,
		.input_key = s->input_key,
		.workspace = s->workspace,
		.workspace_out = s->workspace_out,
		.env = &s->env,
		.socket = s->socket,
		.listen = s->listen,
		.insecure_env = s->insecure_env,
		.events = s->events,
		.events_all = s->events_all,
		.events_max = s->events_max,
		.on = &s->on,
		.gpu = s->gpu,
		.no_exec = s->no_exec,
		.no_jit = s->no_jit,
		.stderr_file = s->stderr_file,
		.self_test = s->self_test,
		.digest = s->digest,
		.print_digest = s->print_digest,
		.receipts = s->receipts,
	};

	(void)ab_jail_run(&spec, &result, err); /* a failure is told in the result, too */
	if (s->self_test)
		return print_self_test(&result, s->json, *err->msg ? err->msg : result.reason);
	if (s->print_digest)
		return print_digest(&result, *err->msg ? err->msg : result.reason);
	return report(s, &result, err);
}

static int act(struct jail_settings *s, char *const argv[], struct ab_err *err)
{
	if (s->print_seccomp)
		return print_seccomp(s->print_seccomp, s->gpu);
	if (!s->self_test && !s->print_digest && ab_receipts_open(&s->receipts, err) < 0) {
		(void)ab_err_report("ab-jail", err);
		return AB_JAIL_FAILED;
	}
	return run(s, argv, err);
}

static int start(int argc, char *argv[])
{
	ab_auto(jail_settings_done) struct jail_settings s = { .time_ms = 300000,
							       .memory = (uint64_t)2 << 30,
							       .tmp = 64 << 20,
							       .max_output = 64 << 20,
							       .processes = 256,
							       .open_files = 1024,
							       .events_max = 16 << 20,
							       .require_tier = 1 };
	struct ab_opt opts[JAIL_OPTIONS];
	static const struct ab_verb verbs[] = {
		{ "diff", jail_diff, "show what an agent changed in its workspace" },
		{ "apply", jail_apply, "apply it to a directory" },
		{ NULL, NULL, NULL },
	};
	const struct ab_cmd cmd = { .name = "ab-jail",
				    .summary = "Run a program where it can reach nothing",
				    .operands = "-- COMMAND [ARG...]",
				    .opts = opts,
				    .flags = AB_CMD_NEEDS_DASHES,
				    .verbs = verbs,
				    .usage_status = AB_JAIL_FAILED };
	struct ab_err err = { 0 };
	const struct ab_verb *verb = ab_verb_find(verbs, argc, argv);
	int first;

	ab_io_start();
	if (verb)
		return verb->main(argc - 1, argv + 1);
	s.begun_ns = ab_time_monotonic_ns();
	jail_options(&s, opts);
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first >= 0 && first == argc && !s.self_test && !s.print_seccomp)
		first = ab_err_usage(&err, "missing operand: %s", cmd.operands);
	if (first < 0 || jail_settings_check(&s, &err) < 0)
		return ab_opt_exit(&cmd, first < 0 ? first : -1, &err);
	return act(&s, argv + first, &err);
}

/* What it needs stands below the page of the arguments, which is the jail's first process's as well
 * (lib/jail/launch.c). */
static __attribute__((noinline)) _Noreturn void leave(int argc, char *argv[])
{
	char apart[4096];

	__asm__ volatile("" : : "r"(apart));
	exit(start(argc, argv));
}

int main(int argc, char *argv[])
{
	ab_heap_stack(STACK);
	leave(argc, argv);
}
