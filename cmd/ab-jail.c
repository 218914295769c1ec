/* SPDX-License-Identifier: Apache-2.0 */
/* ab-jail: runs one program where it can reach nothing and nothing of it remains. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/jail/jail.h"

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/base/value.h"
#include "lib/jail/jail.h"

struct settings {
	uint64_t time_ms, memory, tmp, max_output, processes, require_tier;
	uint64_t cpu_ms, cpu_milli, io, open_files, file_size;
	const char *cpus;
	const char *socket, *listen;
	bool insecure_env;
	struct ab_list ro, rw, exec, env, on;
	uint64_t events_max;
	const char *events;
	bool events_all;
	const char *root, *models, *input, *workspace, *workspace_out, *stderr_file;
	bool no_exec, no_jit;
	struct ab_receipts *receipts;
	uint64_t begun_ns;
};

static void settings_done(struct settings *s)
{
	ab_list_free(&s->ro);
	ab_list_free(&s->rw);
	ab_list_free(&s->exec);
	ab_list_free(&s->env);
	ab_list_free(&s->on);
	ab_receipts_close(s->receipts);
}

/* A number of processors, in thousandths. */
static int parse_cpus(struct settings *s, struct ab_err *err)
{
	const char *p = s->cpus;
	uint64_t scale = 1000;

	if (!p)
		return 0;
	for (; *p >= '0' && *p <= '9' && s->cpu_milli < 10000000; p++)
		s->cpu_milli = 10 * s->cpu_milli + (uint64_t)(*p - '0') * 1000;
	if (p > s->cpus && *p == '.' && p[1])
		for (p++; *p >= '0' && *p <= '9' && scale > 1; p++)
			s->cpu_milli += (uint64_t)(*p - '0') * (scale /= 10);
	if (*p || s->cpu_milli < 10 || s->cpu_milli > 4096000)
		return ab_err_usage(err, "--cpus: a number from 0.01 to 4096");
	return 0;
}

/* A descriptor is looked at before we open any ourselves. */
static int check_events(const struct settings *s, struct ab_err *err)
{
	uint64_t fd;
	struct ab_err ignored;
	int flags;

	if (s->events_max < 4096 || s->events_max > (uint64_t)1 << 40)
		return ab_err_usage(err, "--events-max: from 4K to 1T");
	if (s->events_all && !s->events)
		return ab_err_usage(err, "--events-all: needs --events");
	if (!s->events || ab_value_number(s->events, 0, INT_MAX, &fd, &ignored) < 0)
		return 0;
	flags = fcntl((int)fd, F_GETFL);
	if (fd < 3 || flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return ab_err_usage(
			err, "--events: %s: not a descriptor above 2 that is open for writing",
			s->events);
	return 0;
}

static int check(const struct settings *s, struct ab_err *err)
{
	if (s->require_tier < 1 || s->require_tier > 2)
		return ab_err_usage(err, "--require-tier: tiers are 1 and 2");
	if (s->time_ms == 0 || s->time_ms > (uint64_t)365 * 86400 * 1000)
		return ab_err_usage(err, "--time: from 1 ms to a year");
	if (s->memory < 1 << 20 || s->memory > (uint64_t)1 << 50)
		return ab_err_usage(err, "--memory: from 1M to 1024T");
	if (s->tmp < 4096 || s->tmp > (uint64_t)1 << 50)
		return ab_err_usage(err, "--tmp: from 4K to 1024T");
	if (s->max_output == 0 || s->max_output > (uint64_t)1 << 40)
		return ab_err_usage(err, "--max-output: from 1 byte to 1T");
	if (s->cpu_ms && s->cpu_ms < 10)
		return ab_err_usage(err, "--cpu-time: from 10 ms on");
	if (s->open_files < 16 || s->open_files > 1 << 20)
		return ab_err_usage(err, "--open-files: from 16 to 1048576");
	if (s->processes < 2 || s->processes > 100000)
		return ab_err_usage(err, "--processes: from 2 to 100000");
	return check_events(s, err);
}

/* Lets the agent's output through, hashing it. */
static int release(struct ab_jail_result *r, struct ab_receipt *receipt, struct ab_err *err)
{
	const unsigned char *map = ab_hold_map(&r->out, err);

	if (!map)
		return -1;
	if (ab_io_write_unless(r->signals, STDOUT_FILENO, map, (size_t)r->out.size, err) < 0)
		return ab_err_prefix(err, "standard output: ");
	receipt->out.bytes = r->out.size;
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

/* Says how it went: output, one line on stderr if it went badly, the receipt, the exit status. */
static int report(const struct settings *s, struct ab_jail_result *r, struct ab_err *err)
{
	struct ab_receipt receipt = { .tool = "ab-jail", .facts = r->facts };
	int status;

	ab_sha256("", 0, receipt.out.sha256);
	if (r->verdict == AB_PASSED && (release(r, &receipt, err) < 0 || ab_io_finish(0) != 0))
		undelivered(r);
	if (r->verdict == AB_PASSED && ab_jail_result_commit(r, err) < 0)
		unkept(r, err);
	status = r->exit;
	if (r->verdict != AB_PASSED)
		ab_err_note("ab-jail", "%s",
			    *err->msg && r->verdict != AB_INTERRUPTED ? err->msg : r->reason);
	receipt.verdict = r->verdict;
	receipt.reason = *r->reason ? r->reason : NULL;
	receipt.exit = status;
	receipt.in.bytes = r->in_bytes;
	ab_sha256_end(&r->in_hash, receipt.in.sha256);
	receipt.duration_ms = (ab_time_monotonic_ns() - s->begun_ns) / 1000000;
	if (ab_receipts_write(s->receipts, &receipt, err) < 0) {
		(void)ab_err_report("ab-jail", err);
		status = AB_JAIL_FAILED;
	}
	return status;
}

static int run(struct settings *s, char *const argv[], struct ab_err *err)
{
	ab_auto(ab_jail_result_done) struct ab_jail_result result = AB_JAIL_RESULT_INIT;
	struct ab_jail_spec spec = {
		.argv = argv,
		.time_ms = s->time_ms,
		.memory = s->memory,
		.tmp = s->tmp,
		.max_output = s->max_output,
		.processes = s->processes,
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
		.no_exec = s->no_exec,
		.no_jit = s->no_jit,
		.stderr_file = s->stderr_file,
		.receipts = s->receipts,
	};

	(void)ab_jail_run(&spec, &result, err); /* a failure is told in the result, too */
	return report(s, &result, err);
}

int main(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .time_ms = 300000,
						     .memory = (uint64_t)2 << 30,
						     .tmp = 64 << 20,
						     .max_output = 64 << 20,
						     .processes = 256,
						     .open_files = 1024,
						     .events_max = 16 << 20,
						     .require_tier = 1 };
	const struct ab_opt opts[] = {
		{ AB_OPT_DURATION, 't', "time", "DURATION", "kill it after that long (300s)",
		  &s.time_ms },
		{ AB_OPT_SIZE, 'm', "memory", "SIZE", "memory of all its processes (2G)",
		  &s.memory },
		{ AB_OPT_NUMBER, 0, "processes", "N", "processes and threads at a time (256)",
		  &s.processes },
		{ AB_OPT_DURATION, 0, "cpu-time", "DURATION", "processor time of all its processes",
		  &s.cpu_ms },
		{ AB_OPT_STRING, 0, "cpus", "N",
		  "processors at a time, 0.5 is a half (by a control group)", &s.cpus },
		{ AB_OPT_SIZE, 0, "io", "SIZE",
		  "bytes read, and written, a second of each disk (by a control group)", &s.io },
		{ AB_OPT_NUMBER, 0, "open-files", "N", "open files of each process (1024)",
		  &s.open_files },
		{ AB_OPT_SIZE, 0, "file-size", "SIZE", "bytes of each file it writes (as --tmp)",
		  &s.file_size },
		{ AB_OPT_SIZE, 0, "tmp", "SIZE", "room in /tmp and /dev/shm (64M)", &s.tmp },
		{ AB_OPT_SIZE, 0, "max-output", "SIZE", "bytes on its stdout (64M)",
		  &s.max_output },
		{ AB_OPT_LIST, 0, "ro", "PATH[:DEST]", "show a file or directory, read-only",
		  &s.ro },
		{ AB_OPT_LIST, 0, "rw", "PATH[:DEST]", "show one that it may change", &s.rw },
		{ AB_OPT_LIST, 0, "exec", "FILE", "a further program that it may execute",
		  &s.exec },
		{ AB_OPT_STRING, 0, "root", "DIR", "an unpacked image as its root", &s.root },
		{ AB_OPT_STRING, 0, "models", "DIR", "show this at /models, read-only", &s.models },
		{ AB_OPT_STRING, 0, "input", "PATH", "show this at /input, read-only", &s.input },
		{ AB_OPT_STRING, 0, "workspace", "DIR[:DEST]",
		  "let it edit this, and leave the host's as it is", &s.workspace },
		{ AB_OPT_STRING, 0, "workspace-out", "FILE", "write what it changed there",
		  &s.workspace_out },
		{ AB_OPT_LIST, 'e', "env", "NAME[=VALUE]", "give it an environment variable",
		  &s.env },
		{ AB_OPT_FLAG, 0, "insecure-env", NULL,
		  "let --env give it what looks like a secret", &s.insecure_env },
		{ AB_OPT_FLAG, 0, "no-exec", NULL, "nothing but the command itself is executed",
		  &s.no_exec },
		{ AB_OPT_FLAG, 0, "no-jit", NULL, "no memory that is both written and executed",
		  &s.no_jit },
		{ AB_OPT_STRING, 0, "events", "FILE|FD", "log what it executes, writes and tries",
		  &s.events },
		{ AB_OPT_FLAG, 0, "events-all", NULL, "log all that it opens as well",
		  &s.events_all },
		{ AB_OPT_SIZE, 0, "events-max", "SIZE", "bytes of that log (16M)", &s.events_max },
		{ AB_OPT_LIST, 0, "on", "CLASS=kill", "end it on SOCKET, EXEC or SENSITIVE",
		  &s.on },
		{ AB_OPT_STRING, 0, "socket", "SOCKET:PATH",
		  "let it connect to this socket of the host", &s.socket },
		{ AB_OPT_STRING, 0, "listen", "PORT:SOCKET",
		  "carry connections to its 127.0.0.1:PORT there", &s.listen },
		{ AB_OPT_STRING, 0, "stderr", "FILE", "keep the first 1M of its stderr",
		  &s.stderr_file },
		{ AB_OPT_NUMBER, 0, "require-tier", "N", "the weakest isolation allowed: 1 or 2",
		  &s.require_tier },
		{ .kind = AB_OPT_END },
	};
	static const struct ab_verb verbs[] = {
		{ "diff", jail_diff, "show what an agent changed in its workspace" },
		{ "apply", jail_apply, "apply it to a directory" },
		{ NULL, NULL, NULL },
	};
	const struct ab_cmd cmd = { .name = "ab-jail",
				    .summary = "Run a program where it can reach nothing",
				    .operands = "-- COMMAND [ARG...]",
				    .opts = opts,
				    .min = 1,
				    .flags = AB_CMD_NEEDS_DASHES,
				    .verbs = verbs,
				    .usage_status = AB_JAIL_FAILED };
	struct ab_err err = { 0 };
	int first;

	const struct ab_verb *verb = ab_verb_find(verbs, argc, argv);

	ab_io_start();
	if (verb)
		return verb->main(argc - 1, argv + 1);
	s.begun_ns = ab_time_monotonic_ns();
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first < 0 || parse_cpus(&s, &err) < 0 || check(&s, &err) < 0)
		return ab_opt_exit(&cmd, first < 0 ? first : -1, &err);
	if (ab_receipts_open(&s.receipts, &err) < 0) {
		(void)ab_err_report("ab-jail", &err);
		return AB_JAIL_FAILED;
	}
	return run(&s, argv + first, &err);
}
