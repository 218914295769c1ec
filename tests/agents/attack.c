/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack [SECRET-FILE]: tries the known ways out of a jail, each in a process of its own, and
 * prints a TAP line for each: "not ok" where one is open. Those known to be harmless are marked so.
 * Static, so that it runs where there is nothing. Not linked with anything of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#include "attack_tables.h"
#include "fork_again.h"

static const char *secret; /* a file of the host, named on the command line */
static pid_t first;	   /* who started us: the jail's first process */

static bool try_secret(void)
{
	return secret && open(secret, O_RDONLY) >= 0;
}

/* A file in /tmp that is a program; its path. */
static const char *drop_program(void)
{
	static const char path[] = "dropped";
	char chunk[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = open(path, O_WRONLY | O_CREAT, 0755);
	ssize_t n;

	while ((n = read(in, chunk, sizeof(chunk))) > 0)
		if (write(out, chunk, (size_t)n) != n)
			break;
	close(in);
	close(out);
	return path;
}

static bool try_exec_dropped(void)
{
	char *argv[] = { (char *)"dropped", (char *)"--inside", NULL }, *env[] = { NULL };

	execve(drop_program(), argv, env);
	return false; /* had it worked, the program would have said so with its status */
}

static bool try_exec_shm(void)
{
	char *argv[] = { (char *)"x", (char *)"--inside", NULL }, *env[] = { NULL };

	if (link(drop_program(), "/dev/shm/x") < 0 && errno != EXDEV)
		return false;
	execve("/dev/shm/x", argv, env);
	return false;
}

static bool try_map_dropped(void)
{
	int fd = open(drop_program(), O_RDONLY);

	return fd >= 0 && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}

static bool try_loader(void)
{
	char *argv[] = { (char *)"ld.so", (char *)drop_program(), (char *)"--inside", NULL };
	char *env[] = { NULL };

	execve("/lib64/ld-linux-x86-64.so.2", argv, env);
	return false;
}

static bool try_write_self(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return false;
	path[n] = '\0';
	return chmod(path, 0777) == 0 || truncate(path, 0) == 0 || unlink(path) == 0 ||
	       rename(path, "x") == 0 || utimensat(AT_FDCWD, path, NULL, 0) == 0 ||
	       setxattr(path, "user.x", "1", 1, 0) == 0;
}

static bool try_dotdot(void)
{
	struct stat root, up;
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	return fstat(fd, &root) == 0 && fstatat(fd, "../../..", &up, 0) == 0 &&
	       (root.st_ino != up.st_ino || root.st_dev != up.st_dev);
}

static bool try_kill_first(void)
{
	(void)kill(1, SIGKILL);
	(void)kill(1, SIGTERM);
	(void)kill(1, SIGSEGV);
	(void)kill(1, SIGSTOP);
	usleep(1000);
	return kill(getppid(), 0) < 0 && errno == ESRCH;
}

static bool try_signal_first(void)
{
	return kill(1, 0) == 0;
}

static bool try_descriptors(void)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return true;
	return false;
}

static bool try_environment(void)
{
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "PATH=", 5) != 0 && strncmp(*e, "HOME=", 5) != 0 &&
		    strncmp(*e, "LANG=", 5) != 0 && strncmp(*e, "TMPDIR=", 7) != 0)
			return true;
	return false;
}

/* The number behind "NAME:" in /proc/self/status, base 16. */
static unsigned long long status_of(const char *name)
{
	char text[8192];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	char *p;

	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strstr(text, name);
	return p ? strtoull(p + strlen(name), NULL, 16) : 0;
}

static bool try_capabilities(void)
{
	return status_of("CapEff:") || status_of("CapPrm:") || status_of("CapInh:") ||
	       status_of("CapBnd:") || status_of("CapAmb:");
}

static bool try_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

static bool try_unfiltered(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2;
}

static bool try_groups(void)
{
	gid_t groups[64];
	int n = getgroups(64, groups);

	for (int i = 0; i < n; i++)
		if (groups[i] != getgid() && groups[i] != 65534)
			return true;
	return false;
}

static bool try_root_id(void)
{
	return getuid() == 0 || geteuid() == 0 || getgid() == 0;
}

static bool try_clone_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

#ifdef __x86_64__
static bool try_i386(void)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(20) : "memory", "r8", "r9", "r10", "r11");
	return ret > 0;
}

static bool try_x32(void)
{
	return syscall(0x40000000 | SYS_getpid) > 0;
}
#endif

static bool try_tiocsti(void)
{
	return (ioctl(0, TIOCSTI, "x") < 0 && errno != EPERM) ||
	       (syscall(SYS_ioctl, 0, 0x100000000ull | TIOCSTI, "x") < 0 && errno != EPERM);
}

static bool try_tioclinux(void)
{
	return (ioctl(0, TIOCLINUX, "\1") < 0 && errno != EPERM) ||
	       (ioctl(0, TIOCSETD, "\1") < 0 && errno != EPERM) ||
	       (ioctl(0, TIOCSCTTY, 0) < 0 && errno != EPERM);
}

static bool try_many_forks(void)
{
	struct rlimit r;
	int n = 0;

	/* Up to the limit, the jail would end us, and with us the attacks that are left. */
	if (getrlimit(RLIMIT_NPROC, &r) == 0 && r.rlim_max < 3000)
		return false;
	for (; n < 3000; n++) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			pause();
			_exit(0);
		}
	}
	return n == 3000;
}

static bool try_big_file(void)
{
	int fd = open("big", O_RDWR | O_CREAT, 0600);

	(void)signal(SIGXFSZ, SIG_IGN);
	return fd >= 0 && ftruncate(fd, (off_t)1 << 40) == 0;
}

static bool try_many_files(void)
{
	int n = 0;

	while (n < 20000 && open("/dev/null", O_RDONLY) >= 0)
		n++;
	return n == 20000;
}

static bool try_many_inodes(void)
{
	char path[64];
	int n = 0;

	(void)mkdir("inodes", 0700);
	for (; n < 200000; n++) {
		snprintf(path, sizeof(path), "inodes/%d", n);
		if (mknod(path, S_IFREG | 0600, 0) < 0)
			break;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "inodes/%d", i);
		unlink(path);
	}
	return n == 200000;
}

static bool try_lock_memory(void)
{
	void *p = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED || mlock(p, 64 << 20) == 0;
}

static bool try_much_memory(void)
{
	return mmap(NULL, (size_t)64 << 30, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

static bool try_priority(void)
{
	return setpriority(PRIO_PROCESS, 0, -10) == 0;
}

static bool try_realtime(void)
{
	struct sched_param p = { .sched_priority = 1 };

	return sched_setscheduler(0, SCHED_FIFO, &p) == 0;
}

static bool try_raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NPROC, &r) < 0 || r.rlim_max == RLIM_INFINITY)
		return true;
	r.rlim_cur = r.rlim_max = r.rlim_max + 1;
	return setrlimit(RLIMIT_NPROC, &r) == 0;
}

static bool try_core(void)
{
	struct rlimit r;

	return getrlimit(RLIMIT_CORE, &r) < 0 || r.rlim_max > 1; /* attack_more looks closer */
}

static bool try_interfaces(void)
{
	char text[4096];
	int fd = open("/proc/self/net/dev", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	int lines = 0;

	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines > 3; /* two of heading, and lo */
}

static bool try_others(void)
{
	/* Processes that are not ours or our parent's, seen by their number. */
	for (pid_t pid = 1; pid < 400; pid++) {
		char path[32];

		if (pid == getpid() || pid == getppid())
			continue;
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

static bool try_write_execute(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}

/* By a way that is not the front door. */
static bool try_secret_by(const char *before)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%s", before, secret ? secret : "/none");
	return open(path, O_RDONLY) >= 0;
}

static bool try_secret_ways(void)
{
	return try_secret_by("/proc/self/root") || try_secret_by("/proc/self/cwd/../../../..") ||
	       try_secret_by("/dev/fd/../../..") || try_secret_by("/proc/1/root") ||
	       try_secret_by("/dev/shm/../..");
}

static bool try_secret_link(void)
{
	return secret && (link(secret, "hard") == 0 ||
			  (symlink(secret, "soft") == 0 && open("soft", O_RDONLY) >= 0) ||
			  rename(secret, "moved") == 0);
}

/* What a path alone gives: no reading, and a way to reading. */
static bool try_secret_path(void)
{
	char way[64];
	int fd = secret ? open(secret, O_PATH) : -1;

	if (fd < 0)
		return false;
	snprintf(way, sizeof(way), "/proc/self/fd/%d", fd);
	return open(way, O_RDONLY) >= 0 || linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH) == 0;
}

static bool try_secret_change(void)
{
	struct stat st;

	if (!secret || stat(secret, &st) < 0)
		return false;
	return chmod(secret, st.st_mode) == 0 || chown(secret, -1, -1) == 0 ||
	       utimensat(AT_FDCWD, secret, NULL, 0) == 0 || truncate(secret, st.st_size) == 0 ||
	       open(secret, O_RDONLY | O_TRUNC) >= 0 || open(secret, O_WRONLY) >= 0 ||
	       setxattr(secret, "user.x", "1", 1, 0) == 0 || unlink(secret) == 0;
}

static bool try_secret_directory(bool watch)
{
	char path[4096], *slash;

	snprintf(path, sizeof(path), "%s", secret ? secret : "/none/none");
	slash = strrchr(path, '/');
	*slash = '\0';
	if (watch)
		return inotify_add_watch(inotify_init1(0), path, IN_OPEN) >= 0;
	return open(path, O_RDONLY | O_DIRECTORY) >= 0 ||
	       (chdir(path) == 0 && open(slash + 1, O_RDONLY) >= 0);
}

static bool try_list(void)
{
	return try_secret_directory(false);
}

/* Whoever else starts the program, or opens a library that it is shown, would be seen. */
static bool try_watch_shown(void)
{
	return inotify_add_watch(inotify_init1(0), "/proc/self/exe", IN_OPEN) >= 0;
}

static bool try_notify_shown(void)
{
	return fcntl(open("/", O_RDONLY | O_DIRECTORY), F_NOTIFY, DN_ACCESS) == 0;
}

static bool try_lease_own(void)
{
	return fcntl(open("leased", O_CREAT | O_RDONLY, 0600), F_SETLEASE, F_RDLCK) == 0;
}

static bool try_watch(void)
{
	return try_secret_directory(true);
}

static bool try_see(void)
{
	struct stat st;

	return secret && stat(secret, &st) == 0;
}

static bool try_exec_descriptor(void)
{
	char *argv[] = { (char *)"x", (char *)"--inside", NULL }, *env[] = { NULL };
	char way[64];
	int fd = open(drop_program(), O_RDONLY), path = open("dropped", O_PATH);

	syscall(SYS_execveat, fd, "", argv, env, AT_EMPTY_PATH);
	syscall(SYS_execveat, path, "", argv, env, AT_EMPTY_PATH);
	snprintf(way, sizeof(way), "/proc/self/fd/%d", fd);
	execve(way, argv, env);
	return false;
}

static bool try_exec_unnamed(void)
{
	char *argv[] = { (char *)"x", (char *)"--inside", NULL }, *env[] = { NULL };
	char way[64];
	int fd = open(".", O_TMPFILE | O_RDWR, 0700), in = open("/proc/self/exe", O_RDONLY);

	while (sendfile(fd, in, NULL, 1 << 20) > 0)
		continue;
	snprintf(way, sizeof(way), "/proc/self/fd/%d", open("/proc/self/fd/3", O_RDONLY));
	execve(way, argv, env);
	return false;
}

static bool try_protect_dropped(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(drop_program(), O_RDONLY), 0);

	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

/* Signals by a descriptor's owner, who is somebody else. */
static bool try_owner_signal(void)
{
	int ends[2];

	if (pipe(ends) < 0 || fcntl(ends[0], F_SETOWN, first) < 0 ||
	    fcntl(ends[0], F_SETSIG, SIGKILL) < 0 ||
	    fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK) < 0)
		return false;
	(void)!write(ends[1], "x", 1);
	usleep(1000);
	return kill(first, 0) < 0 && errno == ESRCH;
}

static bool is_ours(pid_t pid)
{
	return pid == getpid() || pid == getppid() || pid == 1;
}

static bool try_signal_others(void)
{
	for (pid_t pid = 2; pid < 40000; pid++)
		if (!is_ours(pid) && kill(pid, 0) == 0 && getpgid(pid) != getpgid(0))
			return true;
	return false;
}

static bool try_inside_others(void)
{
	static const char *const parts[] = { "mem",	 "environ", "maps",   "fd",
					     "root/etc", "cwd",	    "status", "auxv",
					     "syscall",	 "stack",   "io" };
	char path[64];

	for (pid_t pid = 1; pid < 40000; pid++) {
		snprintf(path, sizeof(path), "/proc/%d", pid);
		if (pid == getpid() || pid == getppid() || access(path, F_OK) < 0)
			continue;
		for (size_t i = 0; i < COUNT(parts); i++) {
			snprintf(path, sizeof(path), "/proc/%d/%s", pid, parts[i]);
			if (open(path, O_RDONLY) >= 0)
				return true;
		}
	}
	return false;
}

static bool try_first_limits(void)
{
	struct rlimit r = { 1, 1 };

	return prlimit(first, RLIMIT_NOFILE, &r, NULL) == 0;
}

static bool try_first_slow(void)
{
	struct sched_param p = { 0 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(first, sizeof(set), &set) == 0 ||
	       setpriority(PRIO_PROCESS, first, 19) == 0 ||
	       sched_setscheduler(first, SCHED_IDLE, &p) == 0 ||
	       setpriority(PRIO_USER, 0, 19) == 0 || setpriority(PRIO_USER, getuid(), 19) == 0;
}

static bool try_first_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, first, 0);

	if (fd < 0)
		return false;
	(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	usleep(1000);
	return syscall(SYS_setns, fd, CLONE_NEWNS) == 0 ||
	       syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0 || (kill(first, 0) < 0 && errno == ESRCH);
}

static bool try_clone_all(void)
{
	static const unsigned long flags[] = { CLONE_NEWNS,   CLONE_NEWCGROUP,
					       CLONE_NEWUTS,  CLONE_NEWIPC,
					       CLONE_NEWUSER, CLONE_NEWPID,
					       CLONE_NEWNET,  0x80 };

	for (size_t i = 0; i < COUNT(flags); i++) {
		long pid = syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			return true;
	}
	return false;
}

static bool try_wake_clock(void)
{
	timer_t timer;

	return timer_create(CLOCK_REALTIME_ALARM, NULL, &timer) == 0;
}

/* Shared memory without a name, and by a name that others see. */
static bool try_shared_name(void)
{
	static const char *const places[] = { "/dev/shm/.attack", "/var/tmp/.attack",
					      "/run/lock/.attack" };
	struct stat st;

	/* In a jail with a /dev/shm of its own that is no way out: its root is another than the
	 * secret's. */
	for (size_t i = 0; i < COUNT(places); i++)
		if (open(places[i], O_RDWR | O_CREAT, 0666) >= 0 && secret &&
		    stat(secret, &st) == 0)
			return true;
	return false;
}

static bool try_new_tty(void)
{
	return open("/dev/ptmx", O_RDWR) >= 0 || open("/dev/console", O_RDWR) >= 0 ||
	       open("/dev/tty0", O_RDWR) >= 0 || open("/dev/pts/0", O_RDWR) >= 0;
}

static bool try_set_id_file(void)
{
	struct stat st;
	int fd = open("suid", O_CREAT | O_RDWR, 06755);

	/* Writing removes the bits that it was made with. */
	if (fd < 0 || write(fd, "#", 1) != 1)
		return false;
	for (mode_t mode = 02755; mode <= 06755; mode += 02000)
		(void)(chmod("suid", mode) || fchmod(fd, mode) || fchmodat(AT_FDCWD, "suid", mode, 0) ||
		       syscall(452, AT_FDCWD, "suid", mode, 0)); /* fchmodat2() */
	return (fstat(fd, &st) == 0 && st.st_mode & (S_ISUID | S_ISGID)) ||
	       setxattr("suid", "security.capability", "x", 1, 0) == 0;
}

static bool try_device_node(void)
{
	return mknod("null", S_IFCHR | 0666, 0x103) == 0 ||
	       mknod("white", S_IFCHR | 0666, 0) == 0 || mknod("disk", S_IFBLK | 0666, 0x800) == 0;
}

static bool try_socket_file(void)
{
	/* A socket's node can be made; nobody can be bound to it. */
	return mknod("sock", S_IFSOCK | 0666, 0) == 0 && syscall(SYS_socket, 1, 1, 0) >= 0;
}

static const struct attack {
	const char *name;
	bool (*open)(void);
	bool harmless;
} attacks[] = {
	{ "file: the secret of the host", try_secret, false },
	{ "file: exec of what was written to /tmp", try_exec_dropped, false },
	{ "file: exec of what was written to /dev/shm", try_exec_shm, false },
	{ "file: map what was written to /tmp executable", try_map_dropped, false },
	{ "file: the loader runs what was written to /tmp", try_loader, false },
	{ "file: change the agent's own program", try_write_self, false },
	{ "file: above the root", try_dotdot, false },
	{ "file: the secret by other ways", try_secret_ways, false },
	{ "file: the secret by links", try_secret_link, false },
	{ "file: the secret by its path alone", try_secret_path, false },
	{ "file: change the secret, or its mode, owner, time", try_secret_change, false },
	{ "file: list the secret's directory", try_list, false },
	{ "file: watch the secret's directory", try_watch, false },
	{ "file: watch who opens what is shown", try_watch_shown, false },
	{ "file: be told of what is done in a directory that is shown", try_notify_shown, false },
	{ "file: hold up who opens a file, by a lease", try_lease_own, false },
	{ "seen: the secret's size and mode", try_see, false },
	{ "file: exec of a descriptor", try_exec_descriptor, false },
	{ "file: exec of a file without a name", try_exec_unnamed, false },
	{ "file: make what was written to /tmp executable memory", try_protect_dropped, false },
	{ "file: set-user-id, set-group-id and capabilities of a file", try_set_id_file, false },
	{ "file: device nodes", try_device_node, false },
	{ "file: a socket with a name", try_socket_file, false },
	{ "file: shared memory with a name that others see", try_shared_name, false },
	{ "file: terminals", try_new_tty, false },
	{ "proc: signal by a descriptor's owner", try_owner_signal, false },
	{ "proc: signal others", try_signal_others, false },
	{ "proc: inside of others", try_inside_others, false },
	{ "proc: limits of the first process", try_first_limits, false },
	{ "proc: slow down the first process, or all of the user's", try_first_slow, false },
	{ "proc: the first process by a descriptor", try_first_pidfd, false },
	{ "ns: clone of each kind", try_clone_all, false },
	{ "res: a clock that wakes the machine", try_wake_clock, false },
	{ "proc: kill the first process", try_kill_first, false },
	{ "proc: see the first process by a signal", try_signal_first, true },
	{ "seen: other processes", try_others, false },
	{ "proc: inherited descriptors", try_descriptors, false },
	{ "proc: inherited environment", try_environment, false },
	{ "id: capabilities", try_capabilities, false },
	{ "id: new privileges", try_privileges, false },
	{ "id: no filter", try_unfiltered, false },
	{ "id: supplementary groups", try_groups, false },
	{ "id: root's number", try_root_id, false },
	{ "ns: clone(NEWUSER)", try_clone_user, false },
#ifdef __x86_64__
	{ "sys: i386 call", try_i386, false },
	{ "sys: x32 call", try_x32, false },
#endif
	{ "sys: TIOCSTI, and with high bits", try_tiocsti, false },
	{ "sys: TIOCLINUX, TIOCSETD, TIOCSCTTY", try_tioclinux, false },
	{ "sys: memory both writable and executable", try_write_execute, true },
	{ "net: interfaces", try_interfaces, false },
	{ "res: 3000 processes", try_many_forks, false },
	{ "res: a file of 1 TiB", try_big_file, false },
	{ "res: 20000 open files", try_many_files, false },
	{ "res: 200000 files in /tmp", try_many_inodes, false },
	{ "res: 64 MiB locked", try_lock_memory, false },
	{ "res: 64 GiB of memory", try_much_memory, false },
	{ "res: priority", try_priority, false },
	{ "res: real time", try_realtime, false },
	{ "res: raise a limit", try_raise_limit, false },
	{ "res: core dumps", try_core, false },
};

#define OPEN_STATUS 77 /* of a child that got through */

/* Kills what an attack has started, in the child's own process group. */
static bool is_open(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, 0) > 0)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == OPEN_STATUS;
}

static bool is_call_open(const struct call *c)
{
	pid_t pid = fork_again();

	if (pid == 0) {
		long ret = syscall(c->nr, c->a, c->b, c->c, c->d, 0, 0);

		_exit(ret >= 0 || (errno != EPERM && errno != ENOSYS) ? OPEN_STATUS : 0);
	}
	return is_open(pid);
}

static bool is_file_open(const struct file *f)
{
	pid_t pid = fork_again();

	if (pid == 0)
		_exit(open(f->path, f->flags, 0600) >= 0 ? OPEN_STATUS : 0);
	return is_open(pid);
}

static bool is_attack_open(const struct attack *a)
{
	pid_t pid = fork_again();

	if (pid == 0)
		_exit(a->open() ? OPEN_STATUS : 0);
	return is_open(pid);
}

static int report(int n, bool open, bool harmless, const char *name, const char *more)
{
	printf("%sok %d - %s %s%s%s\n", open && !harmless ? "not " : "", n,
	       open ? "open" : "blocked", name, more, open && harmless ? " (harmless)" : "");
	return open && !harmless;
}

int main(int argc, char *argv[])
{
	int n = 0, open = 0;

	if (argc > 1 && strcmp(argv[1], "--inside") == 0)
		return OPEN_STATUS;
	/* Root has every way out there is, and would change the machine. */
	if (geteuid() == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
		fprintf(stderr, "attack: refused: root, and in no jail\n");
		return 3;
	}
	secret = argc > 1 ? argv[1] : NULL;
	first = getppid();
	if (chdir(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp") < 0)
		perror("/tmp");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < COUNT(calls); i++)
		open += report(++n, is_call_open(&calls[i]), false, calls[i].name, "");
	for (size_t i = 0; i < COUNT(files); i++)
		open += report(++n, is_file_open(&files[i]), false,
			       files[i].flags & O_PATH ? "seen: " : "file: ", files[i].path);
	for (size_t i = 0; i < COUNT(attacks); i++)
		open += report(++n, is_attack_open(&attacks[i]), attacks[i].harmless,
			       attacks[i].name, "");
	printf("1..%d\n# %d open of %d\n", n, open, n);
	return 0;
}
