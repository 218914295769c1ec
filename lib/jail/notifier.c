/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/jail/filter.h"
#include "lib/jail/wire.h"

#define IDLE_MS	  100  /* then what is pending is written */
#define SMALLEST_PAGE 4096

/* Of Linux 6.6: SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP. */
#define SET_FLAGS    SECCOMP_IOW(4, uint64_t)
#define SYNC_WAKE_UP 1ul

enum fd { CONTROL, LOG, COUNT };

struct notifier {
	struct ab_notifier_spec spec;
	struct ab_event_log log;
	int control, listener;
	unsigned seen; /* enum ab_event_class */
	char path[PATH_MAX], to[PATH_MAX];
};

static bool tell(struct notifier *n, const struct ab_notice *notice)
{
	return write(n->control, notice, sizeof(*notice)) == (ssize_t)sizeof(*notice);
}

static _Noreturn void fail(struct notifier *n, const struct ab_err *err)
{
	struct ab_notice notice = { .kind = AB_NOTICE_FAILED, .err = *err };

	(void)tell(n, &notice);
	_exit(1);
}

/*
 * Reads at most `size` bytes of another process, as far as they are there: it stops at the end of a
 * page, behind which there may be nothing.
 */
static ssize_t read_memory(pid_t pid, uint64_t address, void *to, size_t size)
{
	size_t first = SMALLEST_PAGE - address % SMALLEST_PAGE;
	struct iovec local = { to, size }, remote[2];

	if (first > size)
		first = size;
	remote[0] = (struct iovec){ (void *)(uintptr_t)address, first };
	remote[1] = (struct iovec){ (void *)(uintptr_t)(address + first), size - first };
	return process_vm_readv(pid, &local, 1, remote, 2, 0);
}

/* A name of the agent's; one that does not end within PATH_MAX bytes is cut there. */
static const char *read_name(pid_t pid, uint64_t address, char to[PATH_MAX], size_t *ret_len)
{
	ssize_t n = read_memory(pid, address, to, PATH_MAX);

	if (n <= 0)
		return NULL;
	*ret_len = strnlen(to, (size_t)n);
	return to;
}

/* The name in a Unix socket's address: "@" stands for the NUL of an abstract one. */
static const char *read_address(pid_t pid, const struct seccomp_data *d, char to[PATH_MAX],
				size_t *ret_len)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_un a = { 0 };
	size_t size = d->args[2] < sizeof(a) ? (size_t)d->args[2] : sizeof(a), len;
	ssize_t n = read_memory(pid, d->args[1], &a, size);

	if (n <= (ssize_t)head || a.sun_family != AF_UNIX)
		return NULL;
	len = (size_t)n - head;
	*ret_len = a.sun_path[0] ? strnlen(a.sun_path, len) : len;
	memcpy(to, a.sun_path, *ret_len);
	if (!a.sun_path[0])
		to[0] = '@';
	return to;
}

static void read_names(struct notifier *n, const struct seccomp_notif *call, struct ab_event *e)
{
	const struct seccomp_data *d = &call->data;

	if (e->path_arg >= 0)
		e->path = read_name(e->pid, d->args[e->path_arg], n->path, &e->path_len);
	if (e->to_arg >= 0)
		e->to = read_name(e->pid, d->args[e->to_arg], n->to, &e->to_len);
	if (e->kind == AB_EVENT_CONNECT)
		e->path = read_address(e->pid, d, n->path, &e->path_len);
}

/* What --on names; the supervisor is told once. */
static void look(struct notifier *n, const struct ab_event *e, bool first)
{
	struct ab_notice notice = { .kind = AB_NOTICE_MATCH };
	bool socket = e->kind == AB_EVENT_SOCKET || e->kind == AB_EVENT_CONNECT;

	if (n->spec.on & AB_ON_SOCKET && socket && e->denied)
		notice.class = AB_ON_SOCKET;
	else if (n->spec.on & AB_ON_EXEC && e->kind == AB_EVENT_EXEC && !first)
		notice.class = AB_ON_EXEC;
	else if (n->spec.on & AB_ON_SENSITIVE && !first && ab_event_is_sensitive(e))
		notice.class = AB_ON_SENSITIVE;
	if (!notice.class || n->seen & notice.class)
		return;
	n->seen |= notice.class;
	(void)tell(n, &notice);
}

static void record(struct notifier *n, const struct ab_event *e, bool first)
{
	struct ab_err err = { 0 };

	look(n, e, first);
	if (e->kind == AB_EVENT_OPEN && !n->spec.opens)
		return;
	if (ab_event_log_add(&n->log, e, &err) < 0)
		fail(n, &err);
}

/*
 * One call: judged by its numbers, its names read, answered, logged. A call whose caller is gone by
 * then was never made, and the names may be another's: it is not logged. What happens before the
 * first program is our own doing.
 */
static void take_call(struct notifier *n)
{
	bool before = n->spec.gate.executed, first;
	struct seccomp_notif call;
	struct ab_event event;
	struct ab_err err = { 0 };
	int got = ab_gate_receive(n->listener, &call, &err), verdict;

	if (got < 0)
		fail(n, &err);
	if (got == 0)
		return;
	verdict = ab_gate_judge(&n->spec.gate, &call.data);
	first = !before && n->spec.gate.executed;
	ab_event_of(&call, verdict != 0, &event);
	if (before)
		read_names(n, &call, &event);
	if (first) {
		event.path = n->spec.first;
		event.path_len = strlen(n->spec.first);
	}
	if (ab_gate_answer(n->listener, &call, verdict) && n->spec.gate.executed)
		record(n, &event, first);
}

/* The listener, or the word that it is over. True: go on. */
static bool hear_control(struct notifier *n)
{
	struct ab_wire message;
	uint64_t flags = SYNC_WAKE_UP;
	int fd;

	if (!ab_wire_receive_fd(n->control, &message, &fd) || message.kind != AB_WIRE_LISTENER)
		return false;
	n->listener = fd;
	(void)ioctl(fd, SET_FLAGS, &flags); /* quicker, where the kernel has it */
	return true;
}

static void serve(struct notifier *n)
{
	struct ab_err err = { 0 };

	for (;;) {
		struct pollfd p[] = { { n->listener, POLLIN, 0 }, { n->control, POLLIN, 0 } };
		int got = poll(p, 2, n->log.pending.len ? IDLE_MS : -1);

		if (got == 0 && ab_event_log_flush(&n->log, &err) < 0)
			fail(n, &err);
		if (got <= 0)
			continue;
		if (p[0].revents & POLLIN)
			take_call(n);
		else if (p[0].revents) /* no process is left that could call */
			(void)close(ab_steal_fd(&n->listener));
		if (p[1].revents && !hear_control(n))
			return;
	}
}

static int confine(struct ab_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	/* It made the agent's user namespace, and may read in it without any capability here. */
	if (syscall(SYS_capset, &head, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(err, "event log: rights");
	return ab_jail_filter_load(AB_FILTER_NOTIFIER, err);
}

static int move_fd(int fd, int to)
{
	return fd < 0 ? close(to) : dup3(fd, to, O_CLOEXEC);
}

/* Keeps the two descriptors that it needs, as 0 and 1. */
static int take_descriptors(struct notifier *n, int control)
{
	int fds[COUNT] = { control, n->spec.log };

	for (int i = 0; i < COUNT; i++)
		if (fds[i] >= 0 && (fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, COUNT)) < 0)
			return -1;
	if (move_fd(fds[CONTROL], CONTROL) < 0 || (move_fd(fds[LOG], LOG) < 0 && fds[LOG] >= 0))
		return -1;
	n->control = CONTROL;
	n->spec.log = fds[LOG] < 0 ? -1 : LOG;
	return close_range(COUNT, ~0u, 0);
}

static _Noreturn void run(const struct ab_notifier_spec *spec, int control, pid_t parent)
{
	struct notifier n = { .spec = *spec, .listener = -1, .control = control };
	struct ab_notice notice = { .kind = AB_NOTICE_ENDED };
	struct ab_err err = { 0 };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		_exit(1);
	if (take_descriptors(&n, control) < 0 || confine(&err) < 0) {
		if (!err.status)
			ab_err_sys(&err, "event log: descriptors");
		fail(&n, &err);
	}
	ab_event_log_init(&n.log, n.spec.log, n.spec.max);
	serve(&n);
	if (ab_event_log_end(&n.log, &err) < 0)
		fail(&n, &err);
	notice.facts = n.log.facts;
	_exit(tell(&n, &notice) ? 0 : 1);
}

int ab_notifier_start(struct ab_notifier *ret, const struct ab_notifier_spec *spec,
		      struct ab_err *err)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return ab_err_sys(err, "event log");
	ret->pid = fork();
	if (ret->pid == 0)
		run(spec, pair[1], parent);
	if (ret->pid < 0)
		ab_err_sys(err, "event log: fork");
	(void)close(pair[1]);
	ret->control = pair[0];
	return ret->pid < 0 ? -1 : 0;
}

bool ab_notifier_give(struct ab_notifier *n, int listener)
{
	const struct ab_wire message = { .kind = AB_WIRE_LISTENER };

	return ab_wire_send_fd(n->control, &message, listener);
}

void ab_notifier_end(struct ab_notifier *n)
{
	const struct ab_wire message = { .kind = AB_WIRE_STOP };

	(void)ab_wire_send(n->control, &message); /* if it is gone, it is heard of */
}

bool ab_notifier_hear(struct ab_notifier *n, struct ab_notice *ret)
{
	ssize_t got;

	do {
		got = read(n->control, ret, sizeof(*ret));
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*ret);
}

void ab_notifier_close(struct ab_notifier *n)
{
	if (n->control >= 0)
		(void)close(ab_steal_fd(&n->control));
	if (n->pid <= 0)
		return;
	(void)kill(n->pid, SIGKILL);
	while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	n->pid = -1;
}
