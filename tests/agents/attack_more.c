/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack_more: further ways out of a jail that were tried by an examiner who had not seen the first
 * ones (attack.c): what a crash gives away, what a call's number or an argument's upper half hides,
 * what a descriptor or a pair of sockets can be made into, and who the supervisor obeys. TAP, as of
 * attack.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork_again.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define UPPER	    0x100000000L /* of an argument of which the kernel takes 32 bits */
#define OPEN_STATUS 77
#define X32	    0x40000000

static pid_t first; /* who started us: the jail's first process, or tier 2's */

/* The call got as far as the kernel's own code. */
static bool is_let_through(long ret)
{
	return ret >= 0 || (errno != EPERM && errno != ENOSYS);
}

/* ---- what a crash gives away */

/* Lowered to 0, it would have the kernel hand the dump to a program of the host's. */
static bool try_lower_core(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit now, *at = mmap((void *)(2 * UPPER), 4096, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at != MAP_FAILED) {
		*at = none; /* its address has a lower half of 0, as no address has */
		(void)syscall(SYS_prlimit64, 0, RLIMIT_CORE, at, NULL);
	}
	(void)syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL);
	(void)syscall(SYS_prlimit64, 0, UPPER | RLIMIT_CORE, &none, NULL);
	(void)syscall(SYS_prlimit64, getpid(), RLIMIT_CORE, &none, NULL);
#ifdef SYS_setrlimit
	(void)syscall(SYS_setrlimit, RLIMIT_CORE, &none);
	(void)syscall(SYS_setrlimit, UPPER | RLIMIT_CORE, &none);
#endif
	return getrlimit(RLIMIT_CORE, &now) < 0 || now.rlim_cur != 1 || now.rlim_max != 1;
}

static bool try_dumped_memory(void)
{
	char text[16] = "";
	int fd = open("/proc/self/coredump_filter", O_RDWR);

	if (fd >= 0)
		return true;
	fd = open("/proc/self/coredump_filter", O_RDONLY);
	return fd >= 0 && (read(fd, text, sizeof(text) - 1) < 1 || strtoul(text, NULL, 16) != 0);
}

/* ---- numbers */

static bool try_unknown_calls(void)
{
	for (long nr = 480; nr < 1100; nr++)
		if (syscall(nr, -1, -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS)
			return true;
	return syscall(-1) >= 0 || errno != ENOSYS;
}

/* The kernel takes the lower half of a call's number, and so must the filter. */
static bool try_number_upper(void)
{
	return is_let_through(syscall(UPPER | SYS_unshare, CLONE_NEWUSER)) ||
	       is_let_through(syscall(UPPER | SYS_socket, AF_UNIX, SOCK_STREAM, 0));
}

#ifdef __x86_64__
static bool try_x32_execve(void)
{
	return syscall(X32 | 520, "/", NULL, NULL) >= 0 || errno != ENOSYS;
}

static bool try_i386_socket(void)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(359L), "b"((long)AF_UNIX), "c"((long)SOCK_STREAM), "d"(0L)
			 : "memory");
	return ret >= 0 || ret != -ENOSYS;
}
#endif

/* ---- files and descriptors */

/* Leases, notices, delegations, and what fcntl() will know next. */
static bool try_leases(void)
{
	static const int commands[] = { F_SETLEASE, F_NOTIFY };
	int fd = open("/dev/null", O_RDONLY);

	for (size_t i = 0; i < COUNT(commands); i++)
		for (int upper = 0; upper < 2; upper++)
			if (is_let_through(syscall(SYS_fcntl, fd, commands[i] | upper * UPPER, 0)))
				return true;
	for (long command = 0x40f; command < 0x480; command++)
		if (is_let_through(syscall(SYS_fcntl, fd, command, 0)))
			return true;
	return false;
}

static bool try_reopen_own_program(void)
{
	char path[64];
	int fd = open("/proc/self/exe", O_RDONLY);

	if (fd < 0)
		fd = open("/proc/self/exe", O_PATH);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDWR) >= 0 || open(path, O_WRONLY | O_TRUNC) >= 0 ||
	       ftruncate(fd, 0) == 0 || futimens(fd, NULL) == 0 || fchmod(fd, 0777) == 0;
}

/* It writes to what is mapped read-only, even to code. */
static bool try_own_memory(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/mem", getpid(), getpid());
	return open("/proc/self/mem", O_RDWR) >= 0 || open(path, O_RDWR) >= 0 ||
	       open("/proc/thread-self/mem", O_WRONLY) >= 0;
}

static bool try_odd_nodes(void)
{
	static const mode_t modes[] = { S_IFCHR, S_IFCHR | 0666, S_IFBLK | 0666, S_IFSOCK | 0666 };

	for (size_t i = 0; i < COUNT(modes); i++)
		for (int upper = 0; upper < 2; upper++)
			if (syscall(SYS_mknodat, AT_FDCWD, "node", modes[i] | upper * UPPER,
				    i ? 0x103 : 0) == 0)
				return true;
	return false;
}

static bool try_proc_knobs(void)
{
	static const char *const files[] = {
		"/proc/sysrq-trigger",	     "/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/modprobe", "/proc/self/setgroups",
		"/proc/self/uid_map",	     "/proc/self/projid_map",
		"/proc/self/timens_offsets", "/proc/self/clear_refs",
		"/proc/self/attr/exec",	     "/proc/self/oom_score_adj",
		"/proc/1/oom_score_adj",     "/proc/self/loginuid",
	};

	for (size_t i = 0; i < COUNT(files); i++)
		if (open(files[i], O_WRONLY) >= 0)
			return true;
	return false;
}

/* ---- memory */

static bool try_nameless_shared(void)
{
	static const long flags[] = { MAP_SHARED | MAP_ANONYMOUS,
				      MAP_SHARED_VALIDATE | MAP_ANONYMOUS,
				      UPPER | MAP_SHARED | MAP_ANONYMOUS,
				      MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB };
	static const char *const devices[] = { "/dev/zero", "/dev/full", "/dev/null",
					       "/dev/random" };

	for (size_t i = 0; i < COUNT(flags); i++)
		if (is_let_through(
			    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, flags[i], -1, 0)))
			return true;
	for (size_t i = 0; i < COUNT(devices); i++)
		if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(devices[i], O_RDWR),
			 0) != MAP_FAILED)
			return true;
	return false;
}

static bool try_merged_pages(void)
{
	void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return is_let_through(madvise(p, 1 << 20, MADV_MERGEABLE)) ||
	       is_let_through(syscall(SYS_madvise, p, 1 << 20, UPPER | MADV_MERGEABLE)) ||
	       is_let_through(prctl(67 /* PR_SET_MEMORY_MERGE */, 1, 0, 0, 0));
}

/* ---- sockets */

static bool try_families(void)
{
	for (int family = 0; family < 50; family++)
		for (int type = 0; type <= 10; type++)
			if (is_let_through(socket(family, type, 0)))
				return true;
	return false;
}

static bool try_pairs(void)
{
	int fds[2];

	for (int family = 0; family < 50; family++)
		for (long type = 0; type < 32; type++)
			if (syscall(SYS_socketpair, family, type, 0, fds) == 0 &&
			    (family != AF_UNIX || type != SOCK_STREAM))
				return true;
	return syscall(SYS_socketpair, AF_UNIX, UPPER | SOCK_DGRAM, 0, fds) == 0 ||
	       syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) == 0 ||
	       syscall(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) == 0;
}

/* One end of a connected pair, connected to another, named, made to listen, or given larger
 * buffers. */
static bool try_use_pair(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
				  .sun_path = "/run/dbus/system_bus_socket" };
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fds[2], size = 1 << 24;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return false;
	return is_let_through(connect(fds[0], &none, sizeof(none))) ||
	       is_let_through(connect(fds[0], (struct sockaddr *)&to, sizeof(to))) ||
	       is_let_through(bind(fds[0], (struct sockaddr *)&to, sizeof(sa_family_t))) ||
	       is_let_through(listen(fds[0], 1)) ||
	       sendto(fds[0], "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) == 1 ||
	       is_let_through(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
}

/* ---- other processes */

/* 0 where it is of another namespace. */
static pid_t first_group(void)
{
	return getpgid(first);
}

static bool try_signal_supervisor(void)
{
	for (int sig = 0; sig < 65; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && kill(first, sig) == 0)
			return true;
	return (first_group() > 0 && kill(-first_group(), 0) == 0) ||
	       (first > 1 && kill(-first, 0) == 0);
}

static bool try_owner_signals(void)
{
	const struct {
		int type, pid;
	} owners[] = { { 0, first }, { 1, first }, { 2, first_group() } };
	int fds[2];

	for (size_t i = 0; i < COUNT(owners) && pipe(fds) == 0; i++)
		if (fcntl(fds[0], 15 /* F_SETOWN_EX */, &owners[i]) == 0 &&
		    fcntl(fds[0], 10 /* F_SETSIG */, SIGKILL) == 0 &&
		    fcntl(fds[0], F_SETFL, O_ASYNC) == 0 && write(fds[1], "x", 1) == 1)
			(void)usleep(20000);
	return kill(first, 0) < 0 &&
	       errno == ESRCH; /* it died of one; that it can be named is harmless */
}

static bool try_schedule_supervisor(void)
{
	struct sched_param p = { 0 };
	struct rlimit low = { 64, 64 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	for (int upper = 0; upper < 2; upper++) {
		long pid = first | upper * UPPER;

		if (syscall(SYS_sched_setaffinity, pid, sizeof(one), &one) == 0 ||
		    syscall(SYS_sched_setscheduler, pid, SCHED_BATCH, &p) == 0 ||
		    syscall(SYS_setpriority, PRIO_PROCESS | upper * UPPER, pid, 19) == 0 ||
		    syscall(SYS_setpriority, PRIO_USER | upper * UPPER, 0, 19) == 0 ||
		    syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, &low, NULL) == 0 ||
		    syscall(SYS_ioprio_set, 1, pid, 3 << 13) == 0)
			return true;
	}
	return syscall(SYS_sched_setscheduler, 0, UPPER | SCHED_IDLE, &p) == 0;
}

static bool try_join_group(void)
{
	return setpgid(0, first) == 0 || setpgid(first, 0) == 0 ||
	       (first_group() > 0 && setpgid(0, first_group()) == 0);
}

static const struct {
	const char *name;
	bool (*open)(void);
} attacks[] = {
	{ "dump: change the limit of core dumps", try_lower_core },
	{ "dump: memory in a core dump", try_dumped_memory },
	{ "call: numbers that are not made yet", try_unknown_calls },
	{ "call: numbers with an upper half", try_number_upper },
#ifdef __x86_64__
	{ "call: x32's execve", try_x32_execve },
	{ "call: i386's socket", try_i386_socket },
#endif
	{ "file: leases, notices and delegations", try_leases },
	{ "file: own program through a descriptor", try_reopen_own_program },
	{ "file: own memory as a file", try_own_memory },
	{ "file: nodes and whiteouts", try_odd_nodes },
	{ "file: the kernel's knobs", try_proc_knobs },
	{ "mem: shared and without a name, in other words", try_nameless_shared },
	{ "mem: pages that are merged with others'", try_merged_pages },
	{ "net: each family and type", try_families },
	{ "net: each pair", try_pairs },
	{ "net: another use of a pair", try_use_pair },
	{ "proc: signals to the supervisor", try_signal_supervisor },
	{ "proc: signals to the supervisor by a descriptor's owner", try_owner_signals },
	{ "proc: the supervisor's place in the queue", try_schedule_supervisor },
	{ "proc: the supervisor's group", try_join_group },
};

int main(void)
{
	int open = 0;

	if (geteuid() == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
		fprintf(stderr, "attack_more: refused: root, and in no jail\n");
		return 3;
	}
	first = getppid();
	if (chdir(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp") < 0)
		perror("/tmp");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		int status = 0;
		pid_t pid = fork_again();
		bool is_open;

		if (pid == 0)
			_exit(attacks[i].open() ? OPEN_STATUS : 0);
		(void)waitpid(pid, &status, 0);
		is_open = WIFEXITED(status) && WEXITSTATUS(status) == OPEN_STATUS;
		open += is_open;
		printf("%sok %zu - %s %s\n", is_open ? "not " : "", i + 1,
		       is_open ? "open" : "blocked", attacks[i].name);
	}
	printf("1..%zu\n# %d open of %zu\n", COUNT(attacks), open, COUNT(attacks));
	return 0;
}
