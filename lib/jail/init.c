/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jail's first process: builds the jail around itself, starts the agent in it, and ends it. It
 * is forked, not executed, cannot be seen or traced by the agent, and everything in the jail dies
 * with it; it dies with the supervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#ifdef AB_SANITIZED
#include <sys/socket.h>
#endif
#include <sys/wait.h>

#include "lib/confine/landlock.h"
#include "lib/jail/cgroup.h"
#include "lib/jail/cputime.h"
#include "lib/jail/filter.h"
#include "lib/jail/pin.h"
#include "lib/jail/privileges.h"
#include "lib/jail/setup.h"
#include "lib/jail/sweep.h"
#include "lib/jail/wire.h"

#define SWEEP_NS    10000000000ull /* for the end of a tree that has to be searched for */
#define ASIDE	    16	/* descriptors from here on are free while the others are moved */

struct init {
	struct ab_setup *setup;
	pid_t agent;
	bool childless; /* all that we had has ended */
	int children; /* a signalfd for SIGCHLD */
	struct ab_wire message;
};

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int close_gap(int from, unsigned to, struct ab_err *err)
{
	if ((unsigned)from > to || close_range((unsigned)from, to, 0) == 0)
		return 0;
	return ab_err_sys(err, "descriptors");
}

/* Closes all but the five and the mounts that the supervisor holds for us. */
static int close_others(struct ab_setup *s, struct ab_err *err)
{
	size_t n = 0, devices = AB_ARRAY_SIZE(s->root.devices);
	int few[AB_PLAN_FEW + AB_ARRAY_SIZE(s->root.devices) + 1], next = AB_FD_COUNT;
	/* The heap's pages are still our supervisor's. */
	ab_autofree int *many = s->plan.n > AB_PLAN_FEW ? calloc(s->plan.n + devices + 1, sizeof(*many))
							: NULL;
	int *keep = s->plan.n > AB_PLAN_FEW ? many : few;

	if (!keep)
		return ab_err_memory(err);
	for (size_t i = 0; i < devices; i++)
		if (s->root.devices[i] >= 0)
			keep[n++] = s->root.devices[i];
	for (size_t i = 0; i < s->plan.n; i++)
		if (s->plan.entries[i].mount >= 0)
			keep[n++] = s->plan.entries[i].mount;
	if (s->gateway.channel >= 0)
		keep[n++] = s->gateway.channel;
	qsort(keep, n, sizeof(*keep), by_number);
	for (size_t i = 0; i < n; i++) {
		if (close_gap(next, (unsigned)keep[i] - 1, err) < 0)
			return -1;
		next = keep[i] + 1;
	}
	return close_gap(next, ~0u, err);
}

/* Everything else is closed before anything else is done. */
static int take_descriptors(struct ab_setup *s, struct ab_err *err)
{
	int fd;

	for (int i = 0; i < AB_FD_COUNT; i++) {
		if (s->fds[i] >= AB_FD_COUNT)
			continue; /* where none of the others goes */
		fd = fcntl(s->fds[i], F_DUPFD_CLOEXEC, ASIDE);
		if (fd < 0) {
			errno = errno == EINVAL ? EMFILE : errno; /* the limit is no higher than that */
			return ab_err_sys(err, "descriptors");
		}
		s->fds[i] = fd;
	}
	for (int i = 0; i < AB_FD_COUNT; i++)
		if (dup3(s->fds[i], i, i <= AB_FD_STDERR ? 0 : O_CLOEXEC) < 0)
			return ab_err_sys(err, "descriptors");
	return ab_is_weak(s->weak, "descriptors") ? 0 : close_others(s, err);
}

/* No user namespace in this one; where /proc/sys is read-only, the seccomp filter says no alone. */
static bool forbid_nested(void)
{
	ab_autoclose int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, "0", 1) == 1;
}

/* The supervisor's environment is still in our memory. */
static void wipe_environment(void)
{
	for (char **e = environ; e && *e; e++)
		explicit_bzero(*e, strlen(*e));
	clearenv();
}

/* The supervisor looks at the layers once all is over; here nobody may. */
static int give_workspace(struct ab_root *root, struct ab_err *err)
{
	const struct ab_wire message = { .kind = AB_WIRE_WORKSPACE };

	if (!ab_wire_send_fd(AB_FD_CONTROL, &message, root->upper) ||
	    !ab_wire_send_fd(AB_FD_CONTROL, &message, root->merged))
		return ab_err_trouble(err, "the supervisor is gone");
	(void)close(ab_steal_fd(&root->upper));
	(void)close(ab_steal_fd(&root->merged));
	return 0;
}

static int build(struct init *in, struct ab_err *err)
{
	struct ab_setup *s = in->setup;
	int old;

	s->test.control = AB_FD_CONTROL;
	if (s->tier == 2) {
		if (!ab_is_weak(s->weak, "environment"))
			wipe_environment();
		return ab_bare_enter(s, err);
	}

	s->test.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if ((!s->root.held && ab_root_hold(&s->root, &s->plan, AB_FD_COUNT, err) < 0) ||
	    ab_privileges_become(s->uid, s->gid, s->drop_groups, err) < 0)
		return -1;
	if (ab_gateway_offer(&s->gateway, err) < 0)
		return -1;
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return ab_err_sys(err, "death signal");
	s->test.no_nested = ab_is_weak(s->weak, "nested") || forbid_nested();
	s->root.no_overlay = ab_is_weak(s->weak, "overlay");
	old = ab_weaken_hold(s->weak);
	if (ab_root_build(&s->root, &s->plan, err) < 0)
		return -1;
	ab_weaken_root(s, old);
	if (s->root.upper >= 0 && give_workspace(&s->root, err) < 0)
		return -1;
	if (s->pinned && ab_pin_give(&s->plan, AB_FD_CONTROL, err) < 0)
		return -1;
	if (sethostname("agent", 5) < 0)
		return ab_err_sys(err, "host name");
	if (!ab_is_weak(s->weak, "environment"))
		wipe_environment();
	if (ab_is_weak(s->weak, "capabilities"))
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return ab_privileges_drop(!ab_is_weak(s->weak, "no_new_privs"), err);
}

/* While we built, the supervisor has made our control groups: the agent is to be born there. */
static bool enter_groups(struct ab_setup *s)
{
	struct ab_wire message;
	int door;

	do {
		if (!ab_wire_receive_fd(AB_FD_CONTROL, &message, &door))
			return false;
		if (door >= 0 && !ab_cgroup_join(door))
			s->outside |= 1u << message.part;
		if (door >= 0)
			(void)close(door);
	} while (message.kind == AB_WIRE_DOOR);
	memcpy(s->test.spaces, message.spaces, sizeof(s->test.spaces));
	return message.kind == AB_WIRE_ENTERED;
}

static int start_agent(struct init *in, struct ab_err *err)
{
	sigset_t children;

	(void)sigemptyset(&children);
	(void)sigaddset(&children, SIGCHLD); /* blocked, as all are, since the supervisor */
	in->children = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	if (in->children < 0)
		return ab_err_sys(err, "signals");
	in->setup->built_us = ab_cputime_own_us();
#ifdef AB_SANITIZED
	in->agent = fork(); /* the sanitizer's runtime would see one stack used twice */
#else
	/* Until its exec the agent's process uses our memory, which saves a copy of it; we wait. */
	in->agent = vfork();
#endif
	if (in->agent < 0)
		return ab_err_sys(err, "fork");
	if (in->agent == 0) {
		(void)close(in->children);
		ab_agent_run(in->setup);
	}
	(void)close_range(AB_FD_STDIN, AB_FD_STDERR, 0);
	return ab_jail_filter_load(in->setup->tier == 2 ? AB_FILTER_WARDEN : AB_FILTER_INIT, err);
}

/* Reaps what has ended; true once the agent itself has. */
static bool reap(struct init *in)
{
	bool ended = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == in->agent) {
			in->message.status = status;
			ended = true;
		}
	in->childless = pid < 0 && errno == ECHILD;
	return ended;
}

#ifdef AB_SANITIZED
/* Until its execution the agent's process is beside us, and the word to start is its own; it may have taken it just now. */
static bool is_agents_word(void)
{
	struct ab_wire message = { 0 };
	ssize_t n = recv(AB_FD_CONTROL, &message, sizeof(message), MSG_PEEK | MSG_DONTWAIT);

	return n < 0 ? errno == EAGAIN : n > 0 && message.kind == AB_WIRE_START;
}
#else
static bool is_agents_word(void)
{
	return false;
}
#endif

/* Until the agent ends or the supervisor says so; false if the supervisor is gone. */
static bool watch(struct init *in)
{
	struct pollfd p[] = { { AB_FD_CONTROL, POLLIN, 0 }, { in->children, POLLIN, 0 } };
	struct signalfd_siginfo info;
	struct ab_wire message = { 0 };

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return false;
		if (p[0].revents && is_agents_word()) {
			(void)poll(p + 1, 1, 1);
		} else if (p[0].revents) {
			/* To start: the agent's process has ended without it. */
			if (!ab_wire_receive(AB_FD_CONTROL, &message) || message.kind != AB_WIRE_START)
				return message.kind == AB_WIRE_STOP;
		}
		if (reap(in))
			return true;
		/* Only wakes us up, one for all that have ended since: what has ended is asked from waitpid(), and
		 * asked again, since one may have ended before this was read. */
		if (read(in->children, &info, sizeof(info)) < 0 && errno != EAGAIN)
			return false;
		if (reap(in))
			return true;
	}
}

/*
 * Kills what is left and waits for all of it, so that its use of resources is counted: what the
 * kernel kills when we exit is not. False if the supervisor is gone and does not hear of it.
 */
static bool end_all(struct init *in)
{
	int status;
	pid_t pid;

	/* Where we have no child, nobody is left: whoever loses its parent becomes ours. The kernel
	 * would look at all of the host's. Those are out of reach in the pid namespace, and in tier 2
	 * if Landlock says so. */
	if (in->setup->tier == 2 && !in->setup->bare.enclosed)
		(void)ab_sweep(getpid(), 0, SWEEP_NS);
	else if (!in->childless)
		(void)kill(ab_is_weak(in->setup->weak, "pid") ? in->agent : -1, SIGKILL);
	while (!in->childless && ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR))
		if (pid == in->agent)
			in->message.status = status;
	(void)getrusage(RUSAGE_CHILDREN, &in->message.usage);
	in->message.kind = AB_WIRE_ENDED;
	return ab_wire_send(AB_FD_CONTROL, &in->message);
}

static _Noreturn void fail(struct init *in)
{
	in->message.kind = AB_WIRE_FAILED;
	(void)ab_wire_send(AB_FD_CONTROL, &in->message);
	_exit(125);
}

_Noreturn void ab_init_run(struct ab_setup *setup)
{
	struct init in = { .setup = setup, .message.status = -1 };
	struct ab_wire mapped;
	bool is_heard;

	if (take_descriptors(setup, &in.message.err) < 0) {
		in.message.kind = AB_WIRE_FAILED;
		(void)ab_wire_send(setup->fds[AB_FD_CONTROL], &in.message);
		_exit(125);
	}
	if (!ab_wire_receive(AB_FD_CONTROL, &mapped))
		_exit(125);
	if (build(&in, &in.message.err) < 0)
		fail(&in);
	if (!enter_groups(setup))
		_exit(125);
	if (start_agent(&in, &in.message.err) < 0)
		fail(&in);
	is_heard = watch(&in);
	/* In tier 2 neither tree nor directory end with us; and to end a tree there takes a while, in
	 * which the supervisor that has told us to may be killed as well. */
	if (is_heard || setup->tier == 2)
		is_heard = end_all(&in);
	if (!is_heard && setup->tier == 2) {
		ab_scratch_reopen(&setup->bare.dir);
		ab_scratch_remove(&setup->bare.dir);
	}
	_exit(0);
}
