/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's seccomp filters, run on made-up calls. */
#include "tests/unit/tap.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/confine/filter.h"
#include "lib/jail/filter.h"
#include "tests/unit/arch.h"

#define EPERM_ACTION  (SECCOMP_RET_ERRNO | EPERM)
#define ENOSYS_ACTION (SECCOMP_RET_ERRNO | ENOSYS)
#define ALLOW	      SECCOMP_RET_ALLOW
#define KILL	      SECCOMP_RET_KILL_PROCESS

/* The filter's answer; to kill if it does what the kernel would not accept. */
static uint32_t ask(enum ab_jail_filter which, const struct seccomp_data *d)
{
	size_t n;
	const struct sock_filter *code = ab_jail_filter(which, &n);

	return ab_filter_ask(code, n, d);
}

static uint32_t ask_call(enum ab_jail_filter which, unsigned nr, uint64_t a0, uint64_t a1,
			 uint64_t a2)
{
	struct seccomp_data d = { .nr = (int)nr,
				  .arch = ARCH,
				  .args = { a0, a1, a2 } };

	return ask(which, &d);
}

static const struct {
	const char *name;
	unsigned nr;
	uint64_t a0, a1, a2;
	uint32_t want;
} calls[] = {
	{ "read", SYS_read, 0, 0, 0, ALLOW },
	{ "execve", SYS_execve, 0, 0, 0, ALLOW },
	{ "futex_waitv", 449, 0, 0, 0, ALLOW },
	{ "socket(AF_INET)", SYS_socket, 2, 1, 0, EPERM_ACTION },
	{ "socket(AF_UNIX)", SYS_socket, 1, 1, 0, EPERM_ACTION },
	{ "connect", SYS_connect, 0, 0, 0, EPERM_ACTION },
	{ "fcntl(F_SETFL)", SYS_fcntl, 3, 4, 0, ALLOW },
	{ "fcntl(F_SETLK)", SYS_fcntl, 3, 6, 0, ALLOW },
	{ "fcntl(F_SETLEASE)", SYS_fcntl, 3, 0x400, 0, EPERM_ACTION },
	{ "fcntl(F_GETLEASE)", SYS_fcntl, 3, 0x401, 0, ALLOW },
	{ "fcntl(F_NOTIFY)", SYS_fcntl, 3, 0x402, 0, EPERM_ACTION },
	{ "fcntl(F_NOTIFY) with high bits", SYS_fcntl, 3, 0x700000402, 0, EPERM_ACTION },
	{ "bind", SYS_bind, 0, 0, 0, EPERM_ACTION },
	{ "socketpair(AF_UNIX, SOCK_STREAM)", SYS_socketpair, 1, 1, 0, ALLOW },
	{ "socketpair with flags", SYS_socketpair, 1, 1 | 02000000 | 04000, 0, ALLOW },
	{ "socketpair(AF_UNIX, SOCK_DGRAM)", SYS_socketpair, 1, 2, 0, EPERM_ACTION },
	{ "socketpair(AF_UNIX, SOCK_SEQPACKET)", SYS_socketpair, 1, 5, 0, EPERM_ACTION },
	{ "socketpair(AF_INET)", SYS_socketpair, 2, 1, 0, EPERM_ACTION },
	{ "clone(SIGCHLD)", SYS_clone, 17, 0, 0, ALLOW },
	{ "clone of a thread", SYS_clone, 0x3d0f00, 0, 0, ALLOW },
	{ "clone(NEWUSER)", SYS_clone, 0x10000011, 0, 0, EPERM_ACTION },
	{ "clone(NEWNS)", SYS_clone, 0x20011, 0, 0, EPERM_ACTION },
	{ "clone(NEWTIME)", SYS_clone, 0x80, 0, 0, EPERM_ACTION },
	{ "clone3", SYS_clone3, 0, 0, 0, ENOSYS_ACTION },
	{ "unshare", SYS_unshare, 0, 0, 0, EPERM_ACTION },
	{ "setns", SYS_setns, 0, 0, 0, EPERM_ACTION },
	{ "mount", SYS_mount, 0, 0, 0, EPERM_ACTION },
	{ "fsopen", SYS_fsopen, 0, 0, 0, EPERM_ACTION },
	{ "mount_setattr", SYS_mount_setattr, 0, 0, 0, EPERM_ACTION },
	{ "pivot_root", SYS_pivot_root, 0, 0, 0, EPERM_ACTION },
	{ "ptrace", SYS_ptrace, 0, 0, 0, EPERM_ACTION },
	{ "process_vm_readv", SYS_process_vm_readv, 0, 0, 0, EPERM_ACTION },
	{ "pidfd_getfd", SYS_pidfd_getfd, 0, 0, 0, EPERM_ACTION },
	{ "keyctl", SYS_keyctl, 0, 0, 0, EPERM_ACTION },
	{ "bpf", SYS_bpf, 0, 0, 0, EPERM_ACTION },
	{ "io_uring_setup", SYS_io_uring_setup, 0, 0, 0, EPERM_ACTION },
	{ "userfaultfd", SYS_userfaultfd, 0, 0, 0, EPERM_ACTION },
	{ "perf_event_open", SYS_perf_event_open, 0, 0, 0, EPERM_ACTION },
	{ "memfd_create", SYS_memfd_create, 0, 0, 0, EPERM_ACTION },
	{ "open_by_handle_at", SYS_open_by_handle_at, 0, 0, 0, EPERM_ACTION },
	{ "shmget", SYS_shmget, 0, 0, 0, EPERM_ACTION },
	{ "setsockopt", SYS_setsockopt, 0, 0, 0, EPERM_ACTION },
	{ "sched_setaffinity(self)", SYS_sched_setaffinity, 0, 8, 0, ALLOW },
	{ "sched_setaffinity(1)", SYS_sched_setaffinity, 1, 8, 0, EPERM_ACTION },
	{ "sched_setscheduler(1)", SYS_sched_setscheduler, 1, 0, 0, EPERM_ACTION },
	{ "prlimit64(self)", SYS_prlimit64, 0, 7, 0, ALLOW },
	{ "prlimit64(1)", SYS_prlimit64, 1, 7, 0, EPERM_ACTION },
	{ "setpriority(PRIO_PROCESS, self)", SYS_setpriority, 0, 0, 19, ALLOW },
	{ "setpriority(PRIO_PROCESS, 1)", SYS_setpriority, 0, 1, 19, EPERM_ACTION },
	{ "setpriority(PRIO_USER)", SYS_setpriority, 2, 0, 19, EPERM_ACTION },
	{ "ioctl(TCGETS)", SYS_ioctl, 0, 0x5401, 0, ALLOW },
	{ "ioctl(TIOCSTI)", SYS_ioctl, 0, 0x5412, 0, EPERM_ACTION },
	{ "ioctl(TIOCSTI) with high bits", SYS_ioctl, 0, 0x100005412, 0, EPERM_ACTION },
	{ "ioctl(TCGETS) with high bits", SYS_ioctl, 0, 0x100005401, 0, ALLOW },
	{ "ioctl(TIOCLINUX)", SYS_ioctl, 0, 0x541c, 0, EPERM_ACTION },
	{ "chmod(0777), sticky", SYS_chmod, 0, 01777, 0, ALLOW },
	{ "chmod(set-user-ID)", SYS_chmod, 0, 04755, 0, EPERM_ACTION },
	{ "chmod(set-group-ID)", SYS_chmod, 0, 02755, 0, EPERM_ACTION },
	{ "fchmod", SYS_fchmod, 0, 0644, 0, ALLOW },
	{ "fchmod(set-group-ID)", SYS_fchmod, 0, 02644, 0, EPERM_ACTION },
	{ "fchmodat", SYS_fchmodat, 0, 0, 0644, ALLOW },
	{ "fchmodat(both)", SYS_fchmodat, 0, 0, 06755, EPERM_ACTION },
	{ "mknod of a FIFO", SYS_mknod, 0, 0x11a4, 0, ALLOW },
	{ "mknod of a device", SYS_mknod, 0, 0x21a4, 0, EPERM_ACTION },
	{ "mknodat of a block device", SYS_mknodat, 0, 0, 0x61a4, EPERM_ACTION },
	{ "prctl(PR_SET_NAME)", SYS_prctl, 15, 0, 0, ALLOW },
	{ "prctl(PR_SET_SECCOMP)", SYS_prctl, 22, 0, 0, EPERM_ACTION },
	{ "prctl(PR_SET_MM)", SYS_prctl, 35, 0, 0, EPERM_ACTION },
	{ "personality query", SYS_personality, 0xffffffff, 0, 0, ALLOW },
	{ "personality(READ_IMPLIES_EXEC)", SYS_personality, 0x400000, 0, 0, EPERM_ACTION },
	{ "a call that is not made yet", 470, 0, 0, 0, ENOSYS_ACTION },
	{ "a call of the far future", 5000, 0, 0, 0, ENOSYS_ACTION },
	{ "-1", 0xffffffff, 0, 0, 0, ENOSYS_ACTION },
	{ "x32's read", 0x40000000, 0, 0, 0, KILL },
	{ "x32's own execve", 0x40000208, 0, 0, 0, KILL },
};

/* Only the calls that --no-jit is about; arguments 2 and 3 of mmap are prot and flags. */
static const struct {
	const char *name;
	unsigned nr;
	uint64_t prot, flags;
	uint32_t want;
} memory[] = {
	{ "mmap(READ, ANONYMOUS)", SYS_mmap, 1, 0x22, ALLOW },
	{ "mmap(READ|WRITE, ANONYMOUS)", SYS_mmap, 3, 0x22, ALLOW },
	{ "mmap(READ|EXEC) of a file", SYS_mmap, 5, 0x2, ALLOW },
	{ "mmap(READ|EXEC, ANONYMOUS)", SYS_mmap, 5, 0x22, EPERM_ACTION },
	{ "mmap(EXEC, ANONYMOUS) with high bits", SYS_mmap, 0x100000004, 0x22, EPERM_ACTION },
	{ "mmap(READ|WRITE|EXEC)", SYS_mmap, 7, 0x22, EPERM_ACTION },
	{ "mmap(WRITE|EXEC) of a file", SYS_mmap, 6, 0x2, EPERM_ACTION },
	{ "mprotect(READ|WRITE)", SYS_mprotect, 3, 0, ALLOW },
	{ "mprotect(READ|EXEC)", SYS_mprotect, 5, 0, EPERM_ACTION },
	{ "mprotect(EXEC|GROWSDOWN)", SYS_mprotect, 0x1000004, 0, EPERM_ACTION },
	{ "pkey_mprotect(EXEC)", SYS_pkey_mprotect, 4, 0, EPERM_ACTION },
	{ "read", SYS_read, 7, 0x22, ALLOW },
	{ "a call that is not made yet", 470, 0, 0, ALLOW },
	{ "a call of the far future", 5000, 0, 0, ALLOW },
	{ "x32's mmap", 0x40000009, 1, 0, KILL },
};

static void check_memory(struct tap *t)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(memory); i++) {
		struct seccomp_data d = { .nr = (int)memory[i].nr,
					  .arch = ARCH,
					  .args = { 0, 4096, memory[i].prot, memory[i].flags } };
		uint32_t got = ask(AB_FILTER_NO_JIT, &d);

		tap_ok(t, got == memory[i].want, "no jit: %s: %08x", memory[i].name, got);
	}
}

/* A filter with a listener differs from the agent's own in this alone: some of what that allows or
 * denies is asked. */
static void check_watching(struct tap *t, enum ab_jail_filter which, bool no_jit)
{
	unsigned bad = 0, asked = 0;

	for (unsigned i = 0; i < 400000; i++) {
		struct seccomp_data d = { .nr = (int)(i % 800),
					  .arch = ARCH,
					  .args = { i * 7919u % 13, i * 104729u >> 7 & 0x7ff,
						    i * 1299709u >> 5 & 0x7ff, i >> 9 & 0x7ff } };
		uint32_t plain = ask(AB_FILTER_AGENT, &d), got = ask(which, &d);

		if (plain == ALLOW && no_jit)
			plain = ask(AB_FILTER_NO_JIT, &d);
		asked += got == SECCOMP_RET_USER_NOTIF;
		bad += got == SECCOMP_RET_USER_NOTIF ? plain == ENOSYS_ACTION : got != plain;
		bad += plain == EPERM_ACTION && got != SECCOMP_RET_USER_NOTIF;
	}
	tap_ok(t, bad == 0 && asked > 50000, "filter %d: as the plain one, or asked: %u of %u",
	       which, bad, asked);
}

static const struct {
	const char *name;
	unsigned nr;
	uint64_t a1, a2;
	bool some, all; /* whether it is heard of */
} heard[] = {
	{ "openat(O_RDONLY)", SYS_openat, 0, 0, false, true },
	{ "openat(O_WRONLY)", SYS_openat, 0, 1, true, true },
	{ "openat(O_RDWR)", SYS_openat, 0, 2, true, true },
	{ "openat(O_CREAT)", SYS_openat, 0, 0100, true, true },
	{ "openat(O_TRUNC)", SYS_openat, 0, 01000, true, true },
	{ "open(O_RDONLY), a mode that looks like flags", SYS_open, 0, 0777, false, true },
	{ "open(O_WRONLY)", SYS_open, 1, 0, true, true },
	{ "creat", SYS_creat, 0, 0, true, true },
	{ "rename", SYS_rename, 0, 0, true, true },
	{ "unlinkat", SYS_unlinkat, 0, 0, true, true },
	{ "execve", SYS_execve, 0, 0, true, true },
	{ "connect", SYS_connect, 0, 0, true, true },
	{ "socket", SYS_socket, 0, 0, true, true },
	{ "mount", SYS_mount, 0, 0, true, true },
	{ "close", SYS_close, 0, 0, false, false },
	{ "fork", SYS_fork, 0, 0, false, false },
	{ "vfork", SYS_vfork, 0, 0, false, false },
	{ "wait4", SYS_wait4, 0, 0, false, false },
	{ "read", SYS_read, 0, 0, false, false },
	{ "stat", SYS_stat, 0, 0, false, false },
};

static void check_heard(struct tap *t)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(heard); i++) {
		uint32_t some, all;

		if (heard[i].nr == NOT_HERE)
			continue;
		some = ask_call(AB_FILTER_EVENTS, heard[i].nr, 0, heard[i].a1, heard[i].a2);
		all = ask_call(AB_FILTER_EVENTS_ALL, heard[i].nr, 0, heard[i].a1, heard[i].a2);
		tap_ok(t,
		       (some == SECCOMP_RET_USER_NOTIF) == heard[i].some &&
			       (all == SECCOMP_RET_USER_NOTIF) == heard[i].all,
		       "events: %s", heard[i].name);
	}
}

/* The call is not x32's, so that only broken code would kill. */
static void check_every(struct tap *t, enum ab_jail_filter which)
{
	unsigned bad = 0;

	for (unsigned nr = 0; nr < 1024; nr++)
		bad += ask_call(which, nr, 0, 0, 0) == KILL;
	tap_ok(t, bad == 0, "filter %d: has an answer to every call", which);
}

/* Tier 2's, beside the agent's: what namespaces would keep from it. */
static void check_bare(struct tap *t)
{
	static const struct {
		unsigned nr;
		uint64_t a0, a1;
		uint32_t want, want_signals; /* the second where Landlock does not keep signals */
	} bare[] = {
		{ SYS_read, 0, 0, ALLOW, ALLOW },
		{ SYS_chmod, 0, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_fchmodat, 0, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_lchown, 0, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_utimensat, 0, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_prlimit64, 0, 0, ALLOW, ALLOW },
		{ SYS_prlimit64, 4711, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_sched_setaffinity, 4711, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_sched_setscheduler, 4711, 0, EPERM_ACTION, EPERM_ACTION },
		{ SYS_setpriority, 0, 4711, EPERM_ACTION, EPERM_ACTION },
		{ SYS_setpriority, 0, 0, ALLOW, ALLOW },
		{ SYS_kill, 4711, 9, ALLOW, EPERM_ACTION },
		{ SYS_kill, 0xffffffff, 9, ALLOW, EPERM_ACTION },
		{ SYS_kill, 0, 9, ALLOW, ALLOW },
		{ SYS_tgkill, 4711, 4711, ALLOW, EPERM_ACTION },
		{ SYS_pidfd_send_signal, 3, 9, ALLOW, EPERM_ACTION },
		{ SYS_fcntl, 3, 8, ALLOW, EPERM_ACTION },
		{ SYS_fcntl, 3, 4, ALLOW, ALLOW },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(bare); i++) {
		if (bare[i].nr == NOT_HERE)
			continue;
		tap_ok(t,
		       ask_call(AB_FILTER_BARE, bare[i].nr, bare[i].a0, bare[i].a1, 0) ==
			       bare[i].want,
		       "tier 2: call %u", bare[i].nr);
		tap_ok(t,
		       ask_call(AB_FILTER_BARE_SIGNALS, bare[i].nr, bare[i].a0, bare[i].a1, 0) ==
			       bare[i].want_signals,
		       "tier 2, no signals: call %u", bare[i].nr);
	}
}

/* With --gpu: the requests of the driver, and of nothing else. */
static void check_gpu(struct tap *t)
{
	static const struct {
		const char *name;
		uint64_t request;
		bool allowed;
	} requests[] = {
		{ "NV_ESC_CARD_INFO", 0xc90046c8, true },
		{ "NV_ESC_RM_CONTROL", 0xc020462a, true },
		{ "NV_ESC_RM_ALLOC", 0xc030462b, true },
		{ "UVM_REGISTER_GPU", 37, true },
		{ "the last of UVM's", 127, true },
		{ "UVM_INITIALIZE", 0x30000001, true },
		{ "UVM_DEINITIALIZE", 0x30000002, true },
		{ "TCGETS", 0x5401, true },
		{ "beyond UVM's", 128, false },
		{ "a third of these", 0x30000003, false },
		{ "FBIOGET_VSCREENINFO", 0x4600, false },
		{ "FBIOPAN_DISPLAY", 0x4606, false },
		{ "an F that only reads", 0x800446c8, false },
		{ "nvidia-modeset", 0xc0106d00, false },
		{ "TIOCSTI", 0x5412, false },
		{ "TIOCSTI with high bits", 0x100005412, false },
		{ "TIOCLINUX", 0x541c, false },
		{ "TIOCSETD", 0x5423, false },
		{ "TIOCSCTTY", 0x540e, false },
		{ "SIOCGIFCONF", 0x8912, false },
		{ "SIOCETHTOOL", 0x8946, false },
		{ "FS_IOC_SETFLAGS", 0x40086602, false },
		{ "BLKDISCARD", 0x1277, false },
		{ "DRM_IOCTL_VERSION", 0xc0406400, false },
		{ "KVM_CREATE_VM", 0xae01, false },
		{ "SECCOMP_IOCTL_NOTIF_RECV", 0xc0502100, false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(requests); i++)
		for (int hole = 0; hole < AB_HOLES; hole++)
			tap_ok(t,
			       ask_call((enum ab_jail_filter)(AB_FILTER_AGENT_GPU + hole), SYS_ioctl,
					3, requests[i].request, 0) ==
				       (requests[i].allowed ? ALLOW : EPERM_ACTION),
			       "gpu %d: %s", hole, requests[i].name);
	tap_ok(t, ask_call(AB_FILTER_AGENT, SYS_ioctl, 3, 0xc020462a, 0) == EPERM_ACTION,
	       "without it not even these");
	for (size_t i = 0; i < AB_ARRAY_SIZE(calls); i++)
		if (calls[i].nr != NOT_HERE && calls[i].nr != SYS_ioctl)
			tap_ok(t,
			       ask_call(AB_FILTER_AGENT_GPU, calls[i].nr, calls[i].a0, calls[i].a1,
					calls[i].a2) == calls[i].want,
			       "gpu: %s is as it was", calls[i].name);
}

struct rule {
	char name[32];
	uint32_t action;
	size_t n;
	struct {
		unsigned arg;
		uint32_t mask, value;
	} when[2];
};

#include "jail/agent.rules.h"
#include "jail/calls.h"

#define HIGH 6 /* a condition's argument from here on: the high half of one */

static uint32_t half_of(const struct seccomp_data *d, unsigned arg)
{
	return (uint32_t)(arg < HIGH ? d->args[arg] : d->args[arg - HIGH] >> 32);
}

/* What the table says, line by line; the last one of a call has no condition. */
static uint32_t read_table(const struct rule *r, const struct seccomp_data *d)
{
	for (;; r++) {
		bool met = true;

		for (size_t i = 0; i < r->n; i++)
			met = met && (half_of(d, r->when[i].arg) & r->when[i].mask) == r->when[i].value;
		if (met)
			return r->action;
	}
}

static unsigned number_of(const char *name)
{
	unsigned nr = 0;

	while (nr < AB_ARRAY_SIZE(ab_call_names) && strcmp(ab_call_names[nr], name) != 0)
		nr++;
	return nr;
}

/* Each argument is all that is next to what a line about the call asks for, the others are zero or high. */
static unsigned differ(const struct rule *first, const struct rule *line, unsigned *asked)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < 2 * 8 * line->n; i++) {
		uint32_t value = line->when[i / 16].value, mask = line->when[i / 16].mask;
		const uint32_t near[] = { value, value - 1, value + 1, value | ~mask, (value | ~mask) + 1,
					  value ^ (mask & (0u - mask)), ~value, value << 1 };
		struct seccomp_data d = { .nr = (int)number_of(first->name), .arch = ARCH };

		for (unsigned arg = 0; arg < HIGH; arg++)
			d.args[arg] = i & 8 ? 0x700000000 : 0;
		d.args[line->when[i / 16].arg % HIGH] |= near[i & 7];
		bad += ask(AB_FILTER_AGENT, &d) != read_table(first, &d);
		++*asked;
	}
	return bad;
}

static void check_table(struct tap *t)
{
	unsigned bad = 0, asked = 0;
	size_t first = 0;

	for (size_t i = 0; i < AB_ARRAY_SIZE(rules); i++) {
		if (strcmp(rules[i].name, rules[first].name) != 0)
			first = i;
		bad += differ(&rules[first], &rules[i], &asked);
	}
	tap_ok(t, bad == 0 && asked > 500, "the filter is as its table: %u of %u differ", bad, asked);
}

/* Whether the kernel can try it with every number when it is loaded: only then the calls that are always
 * allowed cost next to nothing. Our own processes make few. */
static void check_seldom(struct tap *t)
{
	static const struct {
		enum ab_jail_filter which;
		bool is_tried;
	} filters[] = { { AB_FILTER_AGENT, true },     { AB_FILTER_EVENTS, true },
			{ AB_FILTER_NO_JIT, true },    { AB_FILTER_INIT, false },
			{ AB_FILTER_WARDEN, false },   { AB_FILTER_SUPERVISOR, false },
			{ AB_FILTER_CHANGES, false }, { AB_FILTER_BARE_SUPERVISOR, false } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(filters); i++) {
		size_t n;
		const struct sock_filter *code = ab_jail_filter(filters[i].which, &n);

		tap_ok(t, (code[0].k < offsetof(struct seccomp_data, args)) == filters[i].is_tried,
		       "filter %d: begins with what the kernel can%s try", filters[i].which,
		       filters[i].is_tried ? "" : "not");
	}
}

int main(void)
{
	struct tap t = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(calls); i++) {
		uint32_t got;

		if (calls[i].nr == NOT_HERE)
			continue;
		got = ask_call(AB_FILTER_AGENT, calls[i].nr, calls[i].a0, calls[i].a1,
					calls[i].a2);

		tap_ok(&t, got == calls[i].want, "agent: %s: %08x", calls[i].name, got);
	}
	check_table(&t);
	check_gpu(&t);
	check_memory(&t);
	check_heard(&t);
	check_bare(&t);
	check_seldom(&t);
	check_watching(&t, AB_FILTER_EVENTS, false);
	check_watching(&t, AB_FILTER_EVENTS_ALL, false);
	check_watching(&t, AB_FILTER_EVENTS_NO_JIT, true);
	check_watching(&t, AB_FILTER_EVENTS_ALL_NO_JIT, true);
	for (int i = AB_FILTER_AGENT; i <= AB_FILTER_BARE_SUPERVISOR; i++) {
		struct seccomp_data d = { .nr = 3, .arch = AUDIT_ARCH_I386 };

		tap_ok(&t, ask((enum ab_jail_filter)i, &d) == KILL, "filter %d: i386 kills", i);
		check_every(&t, (enum ab_jail_filter)i);
	}
	tap_ok(&t, ask_call(AB_FILTER_NO_EXEC, SYS_execve, 0, 0, 0) == SECCOMP_RET_USER_NOTIF,
	       "no exec: execve is the listener's");
	tap_ok(&t, ask_call(AB_FILTER_NO_EXEC, SYS_execveat, 0, 0, 0) == SECCOMP_RET_USER_NOTIF,
	       "no exec: execveat is the listener's");
	tap_ok(&t, ask_call(AB_FILTER_NO_EXEC, SYS_clone, 0, 0, 0) == ALLOW,
	       "no exec: the rest is not");
	tap_ok(&t, ask_call(AB_FILTER_INIT, SYS_openat, 0, 0, 0) == EPERM_ACTION,
	       "init opens nothing");
	tap_ok(&t, ask_call(AB_FILTER_INIT, SYS_execve, 0, 0, 0) == EPERM_ACTION, "nor executes");
	tap_ok(&t, ask_call(AB_FILTER_SUPERVISOR, SYS_execve, 0, 0, 0) == EPERM_ACTION,
	       "the supervisor executes nothing");
	tap_ok(&t, ask_call(AB_FILTER_SUPERVISOR, SYS_socket, 1, 1, 0) == EPERM_ACTION,
	       "nor makes a socket");
	return tap_done(&t);
}
