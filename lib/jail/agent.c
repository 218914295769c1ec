/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's process before it becomes the agent: puts on the last layers, proves the jail, waits
 * for the supervisor's word, executes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/confine/landlock.h"
#include "lib/jail/filter.h"
#include "lib/jail/setup.h"
#include "lib/jail/wire.h"

static int allow(struct ab_landlock *l, const char *path, unsigned access, struct ab_err *err)
{
	ab_autoclose int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return ab_err_sys(err, "%s", path);
	return ab_landlock_allow(l, fd, access, err);
}

static int allow_mount(struct ab_landlock *l, const struct ab_entry *e, struct ab_err *err)
{
	AB_UNINITIALIZED char path[PATH_MAX + 1];
	unsigned access = 0;

	if (e->flags & AB_BIND_WRITE)
		access = AB_LANDLOCK_READ | AB_LANDLOCK_WRITE | AB_LANDLOCK_IPC;
	else if (e->flags & AB_BIND_EXEC)
		access = AB_LANDLOCK_EXEC;
	if (e->kind != AB_ENTRY_BIND || !access)
		return 0;
	path[0] = '/';
	memcpy(path + 1, e->path, strlen(e->path) + 1);
	return allow(l, path, access, err);
}

/* A second line behind the mounts: nothing is written but beneath /tmp, nothing executed but what
 * was named. */
static int enter_landlock(struct ab_setup *s, int *ret_abi, struct ab_err *err)
{
	const unsigned shared = AB_LANDLOCK_READ | AB_LANDLOCK_WRITE | AB_LANDLOCK_IPC;
	ab_auto(ab_landlock_close) struct ab_landlock l = AB_LANDLOCK_INIT;

	if (ab_landlock_open(&l, ab_weaken_abi(s->weak), true, err) < 0)
		return -1;
	*ret_abi = l.abi;

	if (allow(&l, "/", AB_LANDLOCK_READ, err) < 0 || allow(&l, "/tmp", shared, err) < 0 ||
	    allow(&l, "/dev/shm", shared, err) < 0 ||
	    allow(&l, "/dev", AB_LANDLOCK_DEVICE, err) < 0)
		return -1;
	for (size_t i = 0; i < s->plan.n; i++)
		if (allow_mount(&l, &s->plan.entries[i], err) < 0)
			return -1;
	if (s->gateway.port && ab_landlock_allow_port(&l, s->gateway.port, err) < 0)
		return -1;
	return ab_is_weak(s->weak, "landlock") ? 0 : ab_landlock_enforce(&l, err);
}

/* The listener is the supervisor's alone: the agent could answer itself. */
static int hand_over(int listener, struct ab_err *err)
{
	ab_autoclose int fd = listener;
	struct ab_wire message = { .kind = AB_WIRE_LISTENER };

	if (fd < 0)
		return err->status ? -1 : 0;
	return ab_wire_send_fd(AB_FD_CONTROL, &message, fd) ? 0 : ab_err_sys(err, "listener");
}

static int enter_filters(struct ab_setup *s, struct ab_err *err)
{
	if (s->tier == 2 && ab_bare_filter(s, err) < 0)
		return -1;
	if (hand_over(ab_strict_enter(&s->strict, err), err) < 0)
		return -1;
	return ab_strict_prove(&s->strict, err);
}

static int finish(struct ab_setup *s, struct ab_wire *ready, struct ab_err *err)
{
	if (setsid() < 0)
		return ab_err_sys(err, "session");
	if (!ab_is_weak(s->weak, "limits") && ab_limits_set(&s->limits, err) < 0)
		return -1;
	if (chdir(s->start) < 0)
		return ab_err_sys(err, "%s", s->start);
	ab_selftest_layers(&s->test);
	if (ab_is_weak(s->weak, "no_new_privs") && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(err, "no_new_privs");
	if ((s->tier == 2 ? ab_bare_landlock : enter_landlock)(s, &ready->landlock_abi, err) < 0)
		return -1;
	s->test.has_landlock = ready->landlock_abi > 0;
	ab_selftest_landlock(&s->test);
	if (!ab_is_weak(s->weak, "seccomp") && enter_filters(s, err) < 0)
		return -1;
	ab_selftest_seccomp(&s->test);
	ready->kind = AB_WIRE_READY;
	ready->has_proc = s->root.has_proc;
	ready->no_nested = s->test.no_nested;
	ready->outside = s->outside;
	ready->built_us = s->built_us;
	ready->due = ab_selftest_due(&s->test);
	ready->no_jit_twice = s->strict.no_jit_twice;
	ready->ran = s->test.ran;
	ready->passed = s->test.passed;
	return 0;
}

/* What the supervisor ignores or blocks is not the agent's concern; what it handles is given up by the
 * execution itself. The raw call: a C library keeps some to itself, and the agent's may be another. */
static void reset_signals(uint64_t ignored)
{
	static const char by_default[64]; /* SIG_DFL, no flags, no mask */
	sigset_t none;

	for (int sig = 1; sig <= 64; sig++) /* fails for SIGKILL and SIGSTOP alone */
		if (ignored >> (sig - 1) & 1)
			(void)syscall(SYS_rt_sigaction, sig, by_default, NULL, 8);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void fail(struct ab_wire *message)
{
	message->kind = AB_WIRE_FAILED;
	(void)ab_wire_send(AB_FD_CONTROL, message);
	_exit(125);
}

_Noreturn void ab_agent_run(struct ab_setup *setup)
{
	struct ab_wire message = { 0 }, start;

	if (finish(setup, &message, &message.err) < 0)
		fail(&message);
	/* The word to start may be there already: what is not proved is not started here either. At any
	 * other word it ends, and the first process with it, which then has nobody to wait for. */
	if (!ab_wire_send(AB_FD_CONTROL, &message) || !ab_wire_receive(AB_FD_CONTROL, &start) ||
	    start.kind != AB_WIRE_START || !ab_selftest_is_passed(&setup->test))
		_exit(125);
	reset_signals(setup->test.ignored);
	(void)execve(setup->program.file, setup->program.argv, setup->env);
	(void)ab_err_sys(&message.err, "%s", setup->program.file);
	message.at_exec = true;
	fail(&message);
}
