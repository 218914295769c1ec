/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/jail/options.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "lib/base/value.h"

/* What it may use. */
static size_t limit_options(struct jail_settings *s, struct ab_opt *to)
{
	const struct ab_opt list[] = {
		{ AB_OPT_DURATION, 't', "time", "DURATION", "kill it after that long (300s)",
		  &s->time_ms },
		{ AB_OPT_SIZE, 'm', "memory", "SIZE", "memory of all its processes (2G)",
		  &s->memory },
		{ AB_OPT_NUMBER, 0, "processes", "N", "processes and threads at a time (256)",
		  &s->processes },
		{ AB_OPT_DURATION, 0, "cpu-time", "DURATION", "processor time of all its processes",
		  &s->cpu_ms },
		{ AB_OPT_STRING, 0, "cpus", "N",
		  "processors at a time, 0.5 is a half (by a control group)", &s->cpus },
		{ AB_OPT_SIZE, 0, "io", "SIZE",
		  "bytes read, and written, a second of each disk (by a control group)", &s->io },
		{ AB_OPT_NUMBER, 0, "open-files", "N", "open files of each process (1024)",
		  &s->open_files },
		{ AB_OPT_SIZE, 0, "file-size", "SIZE", "bytes of each file it writes (as --tmp)",
		  &s->file_size },
		{ AB_OPT_SIZE, 0, "tmp", "SIZE", "room in /tmp and /dev/shm (64M)", &s->tmp },
		{ AB_OPT_SIZE, 0, "max-output", "SIZE", "bytes on its stdout (64M)",
		  &s->max_output },
	};

	memcpy(to, list, sizeof(list));
	return AB_ARRAY_SIZE(list);
}

/* What it is shown, and may change. */
static size_t file_options(struct jail_settings *s, struct ab_opt *to)
{
	const struct ab_opt list[] = {
		{ AB_OPT_LIST, 0, "ro", "PATH[:DEST]", "show a file or directory, read-only",
		  &s->ro },
		{ AB_OPT_LIST, 0, "rw", "PATH[:DEST]", "show one that it may change", &s->rw },
		{ AB_OPT_LIST, 0, "exec", "FILE", "a further program that it may execute",
		  &s->exec },
		{ AB_OPT_STRING, 0, "root", "DIR", "an unpacked image as its root", &s->root },
		{ AB_OPT_STRING, 0, "models", "DIR", "show this at /models, read-only",
		  &s->models },
		{ AB_OPT_STRING, 0, "input", "PATH|BUNDLE",
		  "show this, or what is in it, at /input, read-only", &s->input },
		{ AB_OPT_STRING, 0, "input-key", "FILE",
		  "the bundle must be signed by this verifier key", &s->input_key },
		{ AB_OPT_STRING, 0, "workspace", "DIR[:DEST]",
		  "let it edit this, and leave the host's as it is", &s->workspace },
		{ AB_OPT_STRING, 0, "workspace-out", "FILE", "write what it changed there",
		  &s->workspace_out },
	};

	memcpy(to, list, sizeof(list));
	return AB_ARRAY_SIZE(list);
}

/* What it may do, and what is kept of it. */
static size_t other_options(struct jail_settings *s, struct ab_opt *to)
{
	const struct ab_opt list[] = {
		{ AB_OPT_LIST, 'e', "env", "NAME[=VALUE]", "give it an environment variable",
		  &s->env },
		{ AB_OPT_FLAG, 0, "insecure-env", NULL,
		  "let --env give it what looks like a secret", &s->insecure_env },
		{ AB_OPT_FLAG, 0, "gpu", NULL, "show it NVIDIA's devices and driver", &s->gpu },
		{ AB_OPT_FLAG, 0, "no-exec", NULL, "nothing but the command itself is executed",
		  &s->no_exec },
		{ AB_OPT_FLAG, 0, "no-jit", NULL, "no memory that is both written and executed",
		  &s->no_jit },
		{ AB_OPT_STRING, 0, "events", "FILE|FD", "log what it executes, writes and tries",
		  &s->events },
		{ AB_OPT_FLAG, 0, "events-all", NULL, "log all that it opens as well",
		  &s->events_all },
		{ AB_OPT_SIZE, 0, "events-max", "SIZE", "bytes of that log (16M)", &s->events_max },
		{ AB_OPT_LIST, 0, "on", "CLASS=kill", "end it on SOCKET, EXEC or SENSITIVE",
		  &s->on },
		{ AB_OPT_STRING, 0, "socket", "SOCKET:PATH",
		  "let it connect to this socket of the host", &s->socket },
		{ AB_OPT_STRING, 0, "listen", "PORT:SOCKET",
		  "carry connections to its 127.0.0.1:PORT there", &s->listen },
		{ AB_OPT_STRING, 0, "stderr", "FILE", "keep the first 1M of its stderr",
		  &s->stderr_file },
		{ AB_OPT_NUMBER, 0, "require-tier", "N", "the weakest isolation allowed: 1 or 2",
		  &s->require_tier },
		{ AB_OPT_STRING, 0, "digest", "sha256:HEX",
		  "start it only if all it can read is this, to the last byte", &s->digest },
		{ AB_OPT_FLAG, 0, "print-digest", NULL, "print that digest, run nothing",
		  &s->print_digest },
		{ AB_OPT_FLAG, 0, "self-test", NULL,
		  "prove the jail, print the checks, run nothing", &s->self_test },
		{ AB_OPT_FLAG, 0, "json", NULL, "print them as JSON, not as TAP", &s->json },
		{ AB_OPT_CHOICE, 0, "print-seccomp", "json|bpf",
		  "print the agent's filter, run nothing", &s->print_seccomp },
	};

	memcpy(to, list, sizeof(list));
	return AB_ARRAY_SIZE(list);
}

void jail_options(struct jail_settings *s, struct ab_opt ret[JAIL_OPTIONS])
{
	size_t n = limit_options(s, ret);

	n += file_options(s, ret + n);
	n += other_options(s, ret + n);
	assert(n < JAIL_OPTIONS);
	ret[n] = (struct ab_opt){ .kind = AB_OPT_END };
}

void jail_settings_done(struct jail_settings *s)
{
	ab_list_free(&s->ro);
	ab_list_free(&s->rw);
	ab_list_free(&s->exec);
	ab_list_free(&s->env);
	ab_list_free(&s->on);
	ab_receipts_close(s->receipts);
}

/* A number of processors, in thousandths. */
static int parse_cpus(struct jail_settings *s, struct ab_err *err)
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

static int check_digest(const struct jail_settings *s, struct ab_err *err)
{
	if (s->print_digest && (s->self_test || s->digest))
		return ab_err_usage(err,
				    "--print-digest goes with neither --digest nor --self-test");
	if (s->digest &&
	    (strlen(s->digest) != AB_SHA256_TEXT - 1 || strncmp(s->digest, "sha256:", 7) != 0 ||
	     strspn(s->digest + 7, "0123456789abcdef") != 64))
		return ab_err_usage(err,
				    "--digest: %s: not \"sha256:\" and 64 digits of 0-9 and a-f",
				    s->digest);
	return 0;
}

/* A descriptor is looked at before we open any ourselves. */
static int check_events(const struct jail_settings *s, struct ab_err *err)
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

int jail_settings_check(struct jail_settings *s, struct ab_err *err)
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
	if (s->json && !s->self_test)
		return ab_err_usage(err, "--json goes with --self-test");
	if (s->no_exec && s->exec.n)
		return ab_err_usage(err,
				    "--exec: %s: with --no-exec nothing is executed but the "
				    "command",
				    s->exec.items[0]);
	if (s->gpu && s->print_seccomp && strcmp(s->print_seccomp, "bpf") != 0)
		return ab_err_usage(err, "--print-seccomp: with --gpu only as bpf");
	if (check_digest(s, err) < 0)
		return -1;
	return parse_cpus(s, err) < 0 ? -1 : check_events(s, err);
}
