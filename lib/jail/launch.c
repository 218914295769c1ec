/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/base/heap.h"
#include "lib/base/join.h"
#include "lib/jail/cputime.h"

#define OWN_STACK   (32 << 10)	/* so deep go our own calls around a jail, as long as it is a small one */
#define FIRST_STACK (20 << 10)	/* and those of its first process and of the agent's */

/* Our end and the jail's end of each channel. */
struct channels {
	int ours[AB_FD_COUNT], theirs[AB_FD_COUNT];
};

static void close_all(int *fds)
{
	for (int i = 0; i < AB_FD_COUNT; i++)
		if (fds[i] >= 0)
			(void)close(ab_steal_fd(&fds[i]));
}

static int open_channels(struct channels *c, struct ab_err *err)
{
	for (int i = 0; i < AB_FD_COUNT; i++)
		c->ours[i] = c->theirs[i] = -1;
	for (int i = 0; i < AB_FD_COUNT; i++) {
		int pair[2];
		bool reads = i == AB_FD_STDIN;

		if (i <= AB_FD_STDERR ? pipe2(pair, O_CLOEXEC)
				      : socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			return ab_err_sys(err, "channels");
		c->theirs[i] = pair[reads ? 0 : 1];
		c->ours[i] = pair[reads ? 1 : 0];
	}
	if (fcntl(c->ours[AB_FD_STDIN], F_SETFL, O_NONBLOCK) < 0)
		return ab_err_sys(err, "channels");
	return 0;
}

static bool write_file(pid_t pid, const char *name, const char *text)
{
	struct ab_decimal number;
	char path[64];
	ab_autoclose int fd = -1;

	(void)ab_join(path, sizeof(path), "/proc/", ab_decimal(&number, (uint64_t)pid), "/", name, NULL);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* One user and one group: the same number inside as outside. */
static int write_maps(pid_t pid, const struct ab_setup *s, struct ab_err *err)
{
	struct ab_decimal uid, gid;
	char uids[64], gids[64];

	(void)ab_join(uids, sizeof(uids), ab_decimal(&uid, s->uid), " ", ab_decimal(&uid, s->uid), " 1", NULL);
	(void)ab_join(gids, sizeof(gids), ab_decimal(&gid, s->gid), " ", ab_decimal(&gid, s->gid), " 1", NULL);
	if (!s->drop_groups && !write_file(pid, "setgroups", "deny"))
		return ab_err_sys(err, "user namespace: setgroups");
	if (!write_file(pid, "gid_map", gids))
		return ab_err_sys(err, "user namespace: gid_map");
	if (!write_file(pid, "uid_map", uids))
		return ab_err_sys(err, "user namespace: uid_map");
	return 0;
}

#ifdef AB_SANITIZED
/* The sanitizer's runtime knows of one stack. */
static pid_t clone_apart(struct ab_setup *setup, int flags, struct ab_child *ret)
{
	struct clone_args args = { .flags = (uint64_t)flags,
				   .pidfd = (uintptr_t)&ret->pidfd,
				   .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		ab_init_run(setup);
	return pid;
}
#else
static int run_first(void *setup)
{
	ab_heap_stack(FIRST_STACK);
	ab_init_run(setup);
}

static char *page_of(const void *p)
{
	return (char *)p - (uintptr_t)p % AB_SETUP_PAGE;
}

/*
 * The first process has a stack of its own, below ours, and nothing of ours but what stands above our
 * stack's end, the arguments: each page that both had would be copied when one of us writes to it,
 * which takes as long as a dozen system calls.
 */
static pid_t clone_apart(struct ab_setup *setup, int flags, struct ab_child *ret)
{
	char *low = page_of((char *)__builtin_frame_address(0) - OWN_STACK), *end = ab_heap_stack_end();
	size_t own = end > low ? (size_t)(end - low) : 0;
	pid_t pid;
	int why;

	(void)madvise(low, own, MADV_DONTFORK);
	pid = clone(run_first, low, flags | SIGCHLD, setup, &ret->pidfd);
	why = errno;
	if (setup->may_repeat)
		(void)madvise(low, own, MADV_DOFORK);
	if (pid < 0)
		errno = why;
	return pid;
}
#endif

static pid_t clone_first(struct ab_setup *setup, struct ab_child *ret)
{
	int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
		    CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_PIDFD;

	if (ab_is_weak(setup->weak, "pid"))
		flags &= ~CLONE_NEWPID;
	if (ab_is_weak(setup->weak, "net"))
		flags &= ~CLONE_NEWNET;
	if (ab_is_weak(setup->weak, "ipc"))
		flags &= ~CLONE_NEWIPC;
	if (setup->group >= 0) {
		struct clone_args inside = { .flags = (uint64_t)flags | CLONE_INTO_CGROUP,
					     .pidfd = (uintptr_t)&ret->pidfd,
					     .exit_signal = SIGCHLD,
					     .cgroup = (uint64_t)setup->group };
		pid_t pid = (pid_t)syscall(SYS_clone3, &inside, sizeof(inside));

		ret->grouped = pid > 0;
		if (pid == 0)
			ab_init_run(setup);
		if (pid > 0)
			return pid;
		/* It is moved then, if it may be; what else is wrong will be so again. */
	}
	return clone_apart(setup, flags, ret);
}

int ab_launch(struct ab_child *ret, struct ab_setup *setup, struct ab_err *err)
{
	struct ab_wire mapped = { .kind = AB_WIRE_MAPPED };
	struct channels c;

	*ret = (struct ab_child)AB_CHILD_INIT;
	if (open_channels(&c, err) < 0) {
		close_all(c.ours);
		close_all(c.theirs);
		return -1;
	}
	memcpy(setup->fds, c.theirs, sizeof(setup->fds));
	ret->pid = setup->tier == 2 ? ab_bare_fork(&ret->pidfd) : clone_first(setup, ret);
	if (ret->pid == 0) /* of tier 2 */
		ab_init_run(setup);
	if (ret->pid < 0)
		ab_err_sys(err, "no new namespaces");
	ret->held[0] = ab_steal_fd(&c.theirs[AB_FD_STDOUT]);
	ret->held[1] = ab_steal_fd(&c.theirs[AB_FD_STDERR]);
	close_all(c.theirs);
	ret->in = c.ours[AB_FD_STDIN];
	ret->out = c.ours[AB_FD_STDOUT];
	ret->err = c.ours[AB_FD_STDERR];
	ret->control = c.ours[AB_FD_CONTROL];
	if (ret->pid < 0)
		ab_launch_explain(err);
	if (ret->pid >= 0 && setup->tier != 2 && write_maps(ret->pid, setup, err) < 0)
		ab_launch_explain(err);
	if (err->status) {
		ab_child_close(ret);
		return -1;
	}
	/* Before it gives up what lets us look at it, and before it forks. */
	if (setup->count_cpu)
		ret->cputime = ab_cputime_open(ret->pid);
	if (!ab_wire_send(ret->control, &mapped)) {
		ab_launch_gone(ret->control, "is gone", err);
		ab_child_close(ret);
		return -1;
	}
	return 0;
}

int ab_launch_gone(int control, const char *what, struct ab_err *err)
{
	struct ab_wire message = { 0 };

	if (!ab_wire_receive(control, &message) || message.kind != AB_WIRE_FAILED)
		return ab_err_trouble(err, "the jail's first process %s", what);
	*err = message.err;
	ab_launch_explain(err);
	return -1;
}

int ab_launch_wait(const struct ab_child *child, struct ab_err *err)
{
	struct ab_wire message = { 0 };

	if (!ab_wire_peek(child->control, &message))
		return ab_err_trouble(err, "the jail's first process died");
	if (message.kind != AB_WIRE_FAILED)
		return 0;
	*err = message.err;
	ab_launch_explain(err);
	return -1;
}

static bool file_says(const char *path, char digit)
{
	ab_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	return fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && text[0] == digit &&
	       (text[1] == '\n' || text[1] == '\0');
}

/* Whether the user namespace that we run in has the user that the agent becomes when we are root.
 */
static bool has_user(unsigned long id)
{
	ab_autoclose int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned long first, outside, count;
	char text[1024] = "";
	int n;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return true;
	for (const char *p = text; sscanf(p, "%lu %lu %lu%n", &first, &outside, &count, &n) == 3;
	     p += n)
		if (id >= first && id - first < count)
			return true;
	return false;
}

void ab_launch_explain(struct ab_err *err)
{
	const char *what;
	size_t len = strlen(err->msg);

	if (file_says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		what = "set sysctl kernel.unprivileged_userns_clone=1";
	else if (file_says("/proc/sys/user/max_user_namespaces", '0'))
		what = "set sysctl user.max_user_namespaces to more than 0";
	else if (file_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
		what = "install agentbox's AppArmor profile (share/agentbox/apparmor/ab-jail)";
	else if (geteuid() == 0 && !has_user(AB_NOBODY))
		what = "this user namespace has no user 65534, which root's agent becomes: run as "
		       "an "
		       "ordinary user, or map it";
	else if (err->sys == EPERM)
		what = "a container must allow user namespaces and mounts (its seccomp or "
		       "AppArmor profile does not)";
	else if (err->sys == ENOSYS || err->sys == EINVAL)
		what = "Linux 5.13 or newer with user namespaces is needed";
	else if (err->sys == ENOSPC)
		what = "the limit of namespaces is reached (sysctl user.max_*_namespaces)";
	else
		return;
	(void)snprintf(err->msg + len, sizeof(err->msg) - len,
		       "; %s, or let --require-tier 2 do without namespaces", what);
}

int ab_launch_take(int control, enum ab_wire_kind kind, int *ret_fd, struct ab_err *err)
{
	struct ab_wire message;

	if (!ab_wire_receive_fd(control, &message, ret_fd))
		return ab_err_trouble(err, "the jail's first process died");
	if (message.kind == AB_WIRE_FAILED) {
		*err = message.err;
		ab_launch_explain(err);
		return -1;
	}
	if (message.kind != kind || *ret_fd < 0)
		return ab_err_trouble(err, "what the jail's first process has built did not come");
	return 0;
}

void ab_child_ended(struct ab_child *child)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(child->held); i++)
		if (child->held[i] >= 0)
			(void)close(ab_steal_fd(&child->held[i]));
}

void ab_child_close(struct ab_child *child)
{
	int *fds[] = { &child->pidfd, &child->control, &child->in, &child->out, &child->err, &child->cputime };

	if (child->pidfd >= 0) {
		siginfo_t info;

		(void)syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
		while (waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED) < 0 && errno == EINTR)
			continue;
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(fds); i++)
		if (*fds[i] >= 0)
			(void)close(ab_steal_fd(fds[i]));
	ab_child_ended(child);
	child->pid = -1;
}
