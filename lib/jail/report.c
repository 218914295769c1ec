/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(struct ab_jail_result *ret, enum ab_verdict verdict, int exit)
{
	ret->verdict = verdict;
	ret->exit = exit;
}

static void say_status(struct ab_jail_result *ret, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		say(ret, AB_PASSED, 0);
	} else if (WIFEXITED(status)) {
		say(ret, AB_FAILED, WEXITSTATUS(status));
		(void)snprintf(ret->reason, sizeof(ret->reason), "agent exited with status %d",
			       WEXITSTATUS(status));
	} else {
		say(ret, AB_FAILED, 128 + WTERMSIG(status));
		(void)snprintf(ret->reason, sizeof(ret->reason),
			       "agent was killed by signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	}
}

static void say_limit(struct ab_jail_result *ret, const char *what, uint64_t limit)
{
	say(ret, AB_LIMIT, 128 + 9);
	(void)snprintf(ret->reason, sizeof(ret->reason), "agent reached its limit of %llu %s",
		       (unsigned long long)limit, what);
}

void ab_jail_result_interrupt(struct ab_jail_result *ret, int number)
{
	say(ret, AB_INTERRUPTED, 128 + number);
	(void)snprintf(ret->reason, sizeof(ret->reason), "interrupted by signal %d (%s)", number,
		       strsignal(number));
}

void ab_report_verdict(const struct ab_supervisor *s, struct ab_jail_result *ret)
{
	ret->reason[0] = '\0';
	switch (s->stop) {
	case AB_STOP_NONE:
		if (s->end.status != -1) {
			say_status(ret, s->end.status);
			return;
		}
		say(ret, AB_FAILED, AB_JAIL_FAILED);
		(void)snprintf(ret->reason, sizeof(ret->reason), "the jail's first process died");
		return;
	case AB_STOP_TESTED:
		say(ret, AB_PASSED, 0);
		return;
	case AB_STOP_EMPTY:
		say(ret, AB_FAILED, AB_EXIT_NO);
		(void)snprintf(ret->reason, sizeof(ret->reason),
			       "empty input: the agent was not started");
		return;
	case AB_STOP_SETUP:
	case AB_STOP_TROUBLE:
		say(ret, AB_FAILED, s->exec_failed ? AB_JAIL_CANNOT_EXECUTE : AB_JAIL_FAILED);
		(void)snprintf(ret->reason, sizeof(ret->reason), "%.255s", s->failure.msg);
		return;
	case AB_STOP_TIME:
	case AB_STOP_INPUT:
		say(ret, AB_TIMEOUT, AB_JAIL_TIMEOUT);
		(void)snprintf(ret->reason, sizeof(ret->reason), "%s its time limit of %llu ms",
			       s->stop == AB_STOP_TIME ? "agent reached" : "the input outlasted",
			       (unsigned long long)s->spec->time_ms);
		return;
	case AB_STOP_MEMORY:
		say_limit(ret, "bytes of memory", s->spec->memory);
		return;
	case AB_STOP_CPU:
		say_limit(ret, "milliseconds of processor time", s->spec->cpu_ms);
		return;
	case AB_STOP_PROCESSES:
		say_limit(ret, "processes", s->spec->processes);
		return;
	case AB_STOP_TMP:
		say_limit(ret, "bytes or files in its directory", s->spec->tmp);
		return;
	case AB_STOP_OUTPUT:
		say_limit(ret, "bytes of output", s->spec->max_output);
		return;
	case AB_STOP_EVENT:
		say(ret, AB_FAILED, 128 + 9);
		(void)snprintf(ret->reason, sizeof(ret->reason), "agent was ended: --on %s=kill",
			       ab_event_class_name(s->event));
		return;
	case AB_STOP_SIGNAL:
		ab_jail_result_interrupt(ret, s->signal);
		return;
	}
}

static void set(json_t *object, const char *key, json_t *value)
{
	/* A failure leaves the key out, and ab_report_facts() finds it missing. */
	(void)json_object_set_new(object, key, value);
}

static void mechanism(json_t *all, const char *name, bool enforced, const char *how)
{
	json_t *m = json_object();

	set(m, "state", json_string(enforced ? "enforced" : "degraded"));
	set(m, "how", json_string(how));
	set(all, name, m);
}

static void add_landlock(json_t *all, int abi)
{
	char how[64];
	json_t *m = json_object();

	(void)snprintf(how, sizeof(how), "ABI %d", abi);
	set(m, "state", json_string(abi ? "enforced" : "absent"));
	set(m, "how", json_string(abi ? how : "the kernel has none; the mounts hold alone"));
	set(all, "landlock", m);
}

static void add_groups(json_t *all, const struct ab_setup *setup)
{
	char how[64];
	int n = setup->drop_groups ? 0 : setup->n_groups;

	(void)snprintf(how, sizeof(how), n ? "%d kept: only root can drop them" : "none", n);
	mechanism(all, "supplementary_groups", n == 0, how);
}

static void add_limits(json_t *all, const struct ab_supervisor *s)
{
	const struct ab_cgroup *c = s->cgroup;
	const bool v2 = c->version == 2;

	if (c->has[AB_CGROUP_MEMORY])
		mechanism(all, "memory_limit", true,
			  v2 ? "cgroup v2, sampled as well" : "cgroup v1, sampled as well");
	else
		mechanism(all, "memory_limit", false,
			  "no writable cgroup: sampled every 5 to 50 ms, RLIMIT_DATA for each "
			  "process");
	mechanism(all, "process_limit", true,
		  c->has[AB_CGROUP_PIDS] ? "cgroup v2, RLIMIT_NPROC of the user namespace"
					 : "RLIMIT_NPROC of the user namespace");
	if (s->spec->cpu_ms)
		mechanism(all, "cpu_limit", true,
			  s->child.cputime >= 0 || c->cpu >= 0
				  ? "counted by the kernel, looked at every 5 to 50 ms, RLIMIT_CPU for "
				    "each process"
				  : "sampled every 5 to 50 ms, RLIMIT_CPU for each process");
	if (s->spec->cpu_milli)
		mechanism(all, "cpu_share", true, v2 ? "cgroup v2" : "cgroup v1");
	if (s->spec->io_bytes)
		mechanism(all, "io_limit", true, v2 ? "cgroup v2" : "cgroup v1");
}

/* The operator's own words: which hole was asked for. */
static void add_hole(json_t *all, const struct ab_supervisor *s)
{
	char how[512];

	if (!s->spec->socket && !s->spec->listen)
		return;
	(void)snprintf(how, sizeof(how), "%.8s %.480s", s->spec->socket ? "socket" : "listen",
		       s->spec->socket ? s->spec->socket : s->spec->listen);
	ab_err_clean(how);
	mechanism(all, "hole", true, how);
}

static void absent(json_t *all, const char *name, const char *how)
{
	json_t *m = json_object();

	set(m, "state", json_string("absent"));
	set(m, "how", json_string(how));
	set(all, name, m);
}

/* Tier 2: what stands in the namespaces' place, and what nothing stands for. */
static json_t *bare_isolation(const struct ab_supervisor *s, const struct ab_setup *setup)
{
	json_t *all = json_object(), *ret = json_object();

	absent(all, "namespaces", setup->why_bare);
	mechanism(all, "root", false,
		  "the host's: Landlock lets named files be read; names, sizes and modes of others "
		  "can be seen");
	mechanism(all, "tmp", false,
		  "a directory of the host's: RLIMIT_FSIZE, sampled every 5 to 50 ms");
	absent(all, "shm", "no shared memory with a name");
	mechanism(all, "proc", false, "the host's: a few files of the agent's own can be read");
	mechanism(all, "network", true, "seccomp: no socket can be made");
	mechanism(all, "other_processes", true,
		  setup->bare.scoped ? "Landlock keeps signals and tracing within the jail"
				     : "seccomp: no signals; Landlock: no tracing");
	mechanism(all, "seccomp", true, "allow-list, and no change of modes, owners or times");
	add_landlock(all, s->proof.landlock_abi);
	mechanism(all, "no_new_privs", true, "set");
	mechanism(all, "capabilities", true, "none but in the bounding set");
	mechanism(all, "user", !setup->bare.same_user,
		  setup->bare.same_user ? "root, who could not become another"
					: "without rights of its own");
	mechanism(all, "kill", true, "subreaper, stopped and killed by looks at /proc");
	add_limits(all, s);
	mechanism(all, "process_limit", s->cgroup->has[AB_CGROUP_PIDS],
		  s->cgroup->has[AB_CGROUP_PIDS]
			  ? "cgroup v2"
			  : "sampled; RLIMIT_NPROC counts all of this user's processes");
	add_groups(all, setup);
	set(ret, "tier", json_integer(2));
	set(ret, "mechanisms", all);
	return ret;
}

static json_t *isolation(const struct ab_supervisor *s, const struct ab_setup *setup)
{
	json_t *all, *ret;

	if (setup->tier == 2)
		return bare_isolation(s, setup);
	all = json_object();
	ret = json_object();

	mechanism(all, "namespaces", true, "user, mount, pid, network, ipc, uts, cgroup");
	mechanism(all, "root", true,
		  s->spec->root ? "tmpfs with read-only mounts of the image's directories"
				: "tmpfs with read-only mounts of what the command needs");
	mechanism(all, "proc", true,
		  s->proof.has_proc ? "the agent's own processes only" : "not mounted");
	mechanism(all, "seccomp", true, "allow-list");
	add_landlock(all, s->proof.landlock_abi);
	mechanism(all, "no_new_privs", true, "set");
	mechanism(all, "capabilities", true, "none in any set, securebits locked");
	mechanism(all, "nested_namespaces", s->proof.no_nested,
		  s->proof.no_nested ? "max_user_namespaces is 0" : "seccomp alone says no");
	add_limits(all, s);
	if (setup->strict.no_exec)
		mechanism(all, "no_exec", true, "seccomp: one execution is let through");
	if (setup->strict.no_jit)
		mechanism(all, "no_jit", true,
			  s->proof.no_jit_twice ? "seccomp and PR_SET_MDWE" : "seccomp");
	add_groups(all, setup);
	add_hole(all, s);
	if (setup->strict.gpu)
		mechanism(all, "gpu", false,
			  "NVIDIA's nodes and driver: what its kernel module lets a user do");
	if (s->pin.done && s->pin.expected)
		mechanism(all, "digest", true, s->pin.digest);
	if (s->spec->workspace)
		mechanism(all, "workspace", true,
			  setup->root.copied
				  ? "a copy on the tmpfs of /tmp, which cannot carry an overlay; no "
				    "execution"
			  : setup->root.given
				  ? "overlay over a copy, whose owner is the agent, its upper layer "
				    "on the tmpfs of /tmp; no execution"
				  : "overlay, its upper layer on the tmpfs of /tmp; no execution");
	set(ret, "tier", json_integer(1));
	set(ret, "mechanisms", all);
	return ret;
}

/* By less than this the counts differ anyway: a group has the jail's own beginning as well, and a
 * look adds up clock ticks of many processes. */
#define CPU_ERROR_US 50000

/* What the kernel counted of a tree that ended in order lacks the children of whoever ignored
 * SIGCHLD: the group's count has them, or the counter's, and so have looks at those that were seen. */
static void add_cpu(json_t *to, const struct ab_supervisor *s)
{
	const struct rusage *u = &s->end.usage;
	uint64_t us = (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 +
		      (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
	const char *method = "rusage";

	if (!s->ended || s->cpu_ms * 1000 > us + CPU_ERROR_US) {
		us = s->cpu_ms * 1000;
		method = "sampled";
	}
	if (s->counted_us > us + (s->ended ? CPU_ERROR_US : 0)) {
		us = s->counted_us;
		method = "counter";
	}
	if (s->usage.cpu_us > us + (s->ended ? CPU_ERROR_US : 0)) {
		us = s->usage.cpu_us;
		method = "cgroup";
	}
	set(to, "cpu_ms", json_integer((json_int_t)(us / 1000)));
	set(to, "cpu_method", json_string(method));
}

static void add_memory(json_t *to, const struct ab_supervisor *s)
{
	uint64_t most = (uint64_t)s->end.usage.ru_maxrss * 1024;
	const char *method = "largest-process";

	if (s->usage.peak) {
		most = s->usage.peak;
		method = "cgroup";
	} else if (s->peak_memory > most) {
		most = s->peak_memory;
		method = "sampled";
	}
	set(to, "peak_memory_bytes", json_integer((json_int_t)most));
	set(to, "peak_memory_method", json_string(method));
}

static json_t *resources(const struct ab_supervisor *s)
{
	json_t *ret = json_object();

	set(ret, "wall_ms",
	    json_integer(s->started ? (json_int_t)((s->ended_ns - s->started_ns) / 1000000) : 0));
	add_cpu(ret, s);
	add_memory(ret, s);
	set(ret, "processes",
	    json_integer((json_int_t)(s->peak_processes ? s->peak_processes : s->started)));
	return ret;
}

static json_t *stderr_facts(const struct ab_drop *d)
{
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];
	json_t *ret = json_object();

	ab_sha256_end(&d->hash, digest);
	ab_sha256_text(digest, text);
	set(ret, "sha256", json_string(text));
	set(ret, "bytes", json_integer((json_int_t)d->bytes));
	return ret;
}

static json_t *event_facts(const struct ab_event_facts *e)
{
	char text[AB_SHA256_TEXT];
	json_t *ret = json_object(), *counts = json_object();

	for (int i = 0; i < AB_EVENT_KINDS; i++)
		set(counts, ab_event_name(i), json_integer((json_int_t)e->counts[i]));
	ab_sha256_text(e->sha256, text);
	set(ret, "sha256", json_string(text));
	set(ret, "bytes", json_integer((json_int_t)e->bytes));
	set(ret, "counts", counts);
	set(ret, "denied", json_integer((json_int_t)e->denied));
	set(ret, "lost", json_integer((json_int_t)e->lost));
	return ret;
}

static const char *limit_name(enum ab_stop stop)
{
	switch (stop) {
	case AB_STOP_TIME:
	case AB_STOP_INPUT:
		return "time";
	case AB_STOP_MEMORY:
		return "memory";
	case AB_STOP_CPU:
		return "cpu";
	case AB_STOP_PROCESSES:
		return "processes";
	case AB_STOP_TMP:
		return "tmp";
	case AB_STOP_OUTPUT:
		return "output";
	default:
		return NULL;
	}
}

/* Why it ended, in one word. */
static const char *exit_reason(const struct ab_supervisor *s)
{
	switch (s->stop) {
	case AB_STOP_NONE:
		if (s->end.status == -1)
			return "trouble";
		return WIFEXITED(s->end.status) ? "exited" : "signal";
	case AB_STOP_TESTED:
		return "tested";
	case AB_STOP_EVENT:
		return "event";
	case AB_STOP_EMPTY:
		return "empty_input";
	case AB_STOP_SETUP:
		return s->exec_failed ? "exec" : "setup";
	case AB_STOP_TIME:
	case AB_STOP_INPUT:
		return "timeout";
	case AB_STOP_MEMORY:
		return "memory";
	case AB_STOP_CPU:
		return "cpu";
	case AB_STOP_PROCESSES:
		return "processes";
	case AB_STOP_TMP:
		return "tmp";
	case AB_STOP_OUTPUT:
		return "output_limit";
	case AB_STOP_SIGNAL:
		return "interrupted";
	case AB_STOP_TROUBLE:
		return "trouble";
	}
	return "trouble";
}

json_t *ab_report_facts(const struct ab_supervisor *s, const struct ab_setup *setup)
{
	json_t *facts = json_object();
	char digest[AB_SHA256_TEXT];
	bool digested = s->digest.plan && ab_digester_end(&s->digest, digest);

	set(facts, "isolation_verified", json_boolean(s->ready && s->stop != AB_STOP_SETUP));
	if (s->ready)
		set(facts, "isolation", isolation(s, setup));
	set(facts, "exit_reason", json_string(exit_reason(s)));
	set(facts, "resources", resources(s));
	set(facts, "stderr", stderr_facts(&s->err_stream));
	if (s->spec->events && s->events_known)
		set(facts, "events", event_facts(&s->events));
	if (digested)
		set(facts, "agent_digest", json_string(digest));
	if (digested && *s->digest.input)
		set(facts, "input_digest", json_string(s->digest.input));
	if (limit_name(s->stop))
		set(facts, "limit", json_string(limit_name(s->stop)));
	if (!json_object_get(facts, "resources") || !json_object_get(facts, "stderr")) {
		json_decref(facts);
		return NULL;
	}
	return facts;
}

static const char *state_of(const struct ab_wire *proof, uint32_t bit)
{
	if (!(proof->due & bit))
		return "absent";
	return proof->passed & bit ? "passed" : "failed";
}

json_t *ab_report_checks(const struct ab_wire *proof, int tier)
{
	json_t *all = json_array();

	for (int i = 0; i < AB_CHECK_COUNT; i++) {
		json_t *check;

		if (!(ab_selftest_of_tier(tier) & 1u << i))
			continue;
		check = json_object();
		set(check, "name", json_string(ab_check_name(i)));
		set(check, "meaning", json_string(ab_check_meaning(i)));
		set(check, "state", json_string(state_of(proof, 1u << i)));
		/* Its reference is given away even when this fails. */
		(void)json_array_append_new(all, check);
	}
	return all;
}
