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
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Calls whose answer must be that there is no such thing here: EPERM or ENOSYS, not EINVAL, EFAULT
 * or EBADF, which come from kernel code that was reached. */
static const struct call {
	const char *name;
	long nr, a, b, c, d;
} calls[] = {
	{ "net: socket(AF_UNIX, SOCK_STREAM)", SYS_socket, 1, 1, 0, 0 },
	{ "net: socket(AF_UNIX, SOCK_DGRAM)", SYS_socket, 1, 2, 0, 0 },
	{ "net: socket(AF_UNIX, SOCK_SEQPACKET)", SYS_socket, 1, 5, 0, 0 },
	{ "net: socket(AF_INET, SOCK_STREAM)", SYS_socket, 2, 1, 0, 0 },
	{ "net: socket(AF_INET, SOCK_DGRAM)", SYS_socket, 2, 2, 0, 0 },
	{ "net: socket(AF_INET, SOCK_DGRAM, ICMP)", SYS_socket, 2, 2, 1, 0 },
	{ "net: socket(AF_INET, SOCK_RAW)", SYS_socket, 2, 3, 1, 0 },
	{ "net: socket(AF_INET6, SOCK_STREAM)", SYS_socket, 10, 1, 0, 0 },
	{ "net: socket(AF_INET6, SOCK_DGRAM)", SYS_socket, 10, 2, 0, 0 },
	{ "net: socket(AF_KEY)", SYS_socket, 15, 3, 2, 0 },
	{ "net: socket(AF_NETLINK)", SYS_socket, 16, 3, 0, 0 },
	{ "net: socket(AF_PACKET)", SYS_socket, 17, 3, 0, 0 },
	{ "net: socket(AF_RDS)", SYS_socket, 21, 5, 0, 0 },
	{ "net: socket(AF_CAN)", SYS_socket, 29, 3, 1, 0 },
	{ "net: socket(AF_TIPC)", SYS_socket, 30, 1, 0, 0 },
	{ "net: socket(AF_BLUETOOTH)", SYS_socket, 31, 3, 1, 0 },
	{ "net: socket(AF_ALG)", SYS_socket, 38, 5, 0, 0 },
	{ "net: socket(AF_VSOCK)", SYS_socket, 40, 1, 0, 0 },
	{ "net: socket(AF_KCM)", SYS_socket, 41, 5, 0, 0 },
	{ "net: socket(AF_SMC)", SYS_socket, 43, 1, 0, 0 },
	{ "net: socket(AF_XDP)", SYS_socket, 44, 3, 0, 0 },
	{ "net: socketpair(AF_UNIX, SOCK_DGRAM)", SYS_socketpair, 1, 2, 0, 0 },
	{ "net: socketpair(AF_INET)", SYS_socketpair, 2, 1, 0, 0 },
	{ "net: connect", SYS_connect, -1, 0, 0, 0 },
	{ "net: bind", SYS_bind, -1, 0, 0, 0 },
	{ "net: listen", SYS_listen, -1, 0, 0, 0 },
	{ "net: accept", SYS_accept, -1, 0, 0, 0 },
	{ "net: accept4", SYS_accept4, -1, 0, 0, 0 },
	{ "net: sendmmsg", SYS_sendmmsg, -1, 0, 0, 0 },
	{ "net: recvmmsg", SYS_recvmmsg, -1, 0, 0, 0 },
	{ "sys: io_uring_setup", SYS_io_uring_setup, 1, 0, 0, 0 },
	{ "sys: io_uring_enter", SYS_io_uring_enter, -1, 0, 0, 0 },
	{ "sys: io_uring_register", SYS_io_uring_register, -1, 0, 0, 0 },
	{ "sys: bpf", SYS_bpf, 0, 0, 0, 0 },
	{ "sys: perf_event_open", SYS_perf_event_open, 0, 0, 0, 0 },
	{ "sys: userfaultfd", SYS_userfaultfd, 1, 0, 0, 0 },
	{ "sys: keyctl", SYS_keyctl, 0, -3, 0, 0 },
	{ "sys: add_key", SYS_add_key, 0, 0, 0, 0 },
	{ "sys: request_key", SYS_request_key, 0, 0, 0, 0 },
	{ "sys: kexec_load", SYS_kexec_load, 0, 0, 0, 0 },
	{ "sys: kexec_file_load", SYS_kexec_file_load, -1, -1, 0, 0 },
	{ "sys: init_module", SYS_init_module, 0, 0, 0, 0 },
	{ "sys: finit_module", SYS_finit_module, -1, 0, 0, 0 },
	{ "sys: delete_module", SYS_delete_module, 0, 0, 0, 0 },
	{ "sys: vmsplice", SYS_vmsplice, -1, 0, 0, 0 },
	{ "sys: move_pages", SYS_move_pages, 0, 0, 0, 0 },
	{ "sys: migrate_pages", SYS_migrate_pages, 0, 0, 0, 0 },
	{ "sys: lookup_dcookie", SYS_lookup_dcookie, 0, 0, 0, 0 },
	{ "sys: quotactl", SYS_quotactl, 0, 0, 0, 0 },
	{ "sys: swapon", SYS_swapon, 0, 0, 0, 0 },
	{ "sys: swapoff", SYS_swapoff, 0, 0, 0, 0 },
	{ "sys: acct", SYS_acct, 0, 0, 0, 0 },
	{ "sys: reboot", SYS_reboot, 0, 0, 0, 0 },
	{ "sys: sethostname", SYS_sethostname, 0, 0, 0, 0 },
	{ "sys: setdomainname", SYS_setdomainname, 0, 0, 0, 0 },
	{ "sys: settimeofday", SYS_settimeofday, 0, 0, 0, 0 },
	{ "sys: clock_settime", SYS_clock_settime, 0, 0, 0, 0 },
	{ "sys: clock_adjtime", SYS_clock_adjtime, 0, 0, 0, 0 },
	{ "sys: adjtimex", SYS_adjtimex, 0, 0, 0, 0 },
	{ "sys: syslog", SYS_syslog, 3, 0, 0, 0 },
	{ "sys: name_to_handle_at", SYS_name_to_handle_at, -100, 0, 0, 0 },
	{ "sys: open_by_handle_at", SYS_open_by_handle_at, -1, 0, 0, 0 },
	{ "sys: fanotify_init", SYS_fanotify_init, 0, 0, 0, 0 },
	{ "sys: personality(READ_IMPLIES_EXEC)", SYS_personality, 0x400000, 0, 0, 0 },
	{ "sys: personality(ADDR_NO_RANDOMIZE)", SYS_personality, 0x40000, 0, 0, 0 },
	{ "sys: prctl(PR_SET_MM)", SYS_prctl, PR_SET_MM, 99, 0, 0 },
	{ "sys: prctl(PR_SET_SECCOMP)", SYS_prctl, PR_SET_SECCOMP, 9, 0, 0 },
	{ "sys: prctl(PR_SET_PTRACER)", SYS_prctl, PR_SET_PTRACER, 1, 0, 0 },
	{ "sys: prctl(PR_SET_SECUREBITS)", SYS_prctl, PR_SET_SECUREBITS, 0, 0, 0 },
	{ "sys: seccomp(NEW_LISTENER)", SYS_seccomp, 1, 8, 0, 0 },
	{ "sys: memfd_create", SYS_memfd_create, 0, 0, 0, 0 },
	{ "sys: memfd_secret", SYS_memfd_secret, -1, 0, 0, 0 },
	{ "sys: kcmp", SYS_kcmp, 1, 1, 0, 0 },
	{ "sys: process_madvise", SYS_process_madvise, -1, 0, 0, 0 },
	{ "sys: ioprio_set", SYS_ioprio_set, 9, 0, 0, 0 },
	{ "sys: vhangup", SYS_vhangup, 0, 0, 0, 0 },
	{ "sys: sync", SYS_sync, 0, 0, 0, 0 },
	{ "sys: syncfs", SYS_syncfs, -1, 0, 0, 0 },
	{ "sys: landlock_create_ruleset", SYS_landlock_create_ruleset, 0, 0, 1, 0 },
	{ "sys: rt_sigqueueinfo", SYS_rt_sigqueueinfo, 1, 0, 0, 0 },
	{ "sys: clone3", SYS_clone3, 0, 0, 0, 0 },
	{ "ns: unshare(NEWUSER)", SYS_unshare, CLONE_NEWUSER, 0, 0, 0 },
	{ "ns: unshare(NEWNS)", SYS_unshare, CLONE_NEWNS, 0, 0, 0 },
	{ "ns: unshare(NEWNET)", SYS_unshare, CLONE_NEWNET, 0, 0, 0 },
	{ "ns: unshare(NEWPID)", SYS_unshare, CLONE_NEWPID, 0, 0, 0 },
	{ "ns: unshare(NEWIPC)", SYS_unshare, CLONE_NEWIPC, 0, 0, 0 },
	{ "ns: unshare(NEWUTS)", SYS_unshare, CLONE_NEWUTS, 0, 0, 0 },
	{ "ns: unshare(NEWCGROUP)", SYS_unshare, CLONE_NEWCGROUP, 0, 0, 0 },
	{ "ns: unshare(NEWTIME)", SYS_unshare, CLONE_NEWTIME, 0, 0, 0 },
	{ "ns: setns", SYS_setns, -1, 0, 0, 0 },
	{ "ns: mount", SYS_mount, 0, 0, 0, 0 },
	{ "ns: umount2", SYS_umount2, 0, 0, 0, 0 },
	{ "ns: pivot_root", SYS_pivot_root, 0, 0, 0, 0 },
	{ "ns: chroot", SYS_chroot, 0, 0, 0, 0 },
	{ "ns: fsopen", SYS_fsopen, 0, 0, 0, 0 },
	{ "ns: fspick", SYS_fspick, -1, 0, 0, 0 },
	{ "ns: fsconfig", SYS_fsconfig, -1, 99, 0, 0 },
	{ "ns: fsmount", SYS_fsmount, -1, 0, 0, 0 },
	{ "ns: open_tree", SYS_open_tree, -1, 0, 1, 0 },
	{ "ns: move_mount", SYS_move_mount, -1, 0, -1, 0 },
	{ "ns: mount_setattr", SYS_mount_setattr, -1, 0, 0, 0 },
	{ "proc: ptrace(TRACEME)", SYS_ptrace, 0, 0, 0, 0 },
	{ "proc: ptrace(SEIZE, 1)", SYS_ptrace, 0x4206, 1, 0, 0 },
	{ "proc: process_vm_readv", SYS_process_vm_readv, 1, 0, 0, 0 },
	{ "proc: process_vm_writev", SYS_process_vm_writev, 1, 0, 0, 0 },
	{ "proc: pidfd_getfd", SYS_pidfd_getfd, -1, 0, 0, 0 },
	{ "id: setuid(0)", SYS_setuid, 0, 0, 0, 0 },
	{ "id: setgid(0)", SYS_setgid, 0, 0, 0, 0 },
	{ "id: setresuid(0)", SYS_setresuid, 0, 0, 0, 0 },
	{ "id: setgroups", SYS_setgroups, 0, 0, 0, 0 },
	{ "id: capset", SYS_capset, 0, 0, 0, 0 },
	{ "res: shmget", SYS_shmget, 0, 4096, 01600, 0 },
	{ "res: msgget", SYS_msgget, 0, 01600, 0, 0 },
	{ "res: semget", SYS_semget, 0, 1, 01600, 0 },
	{ "res: mq_open", SYS_mq_open, 0, 0102, 0600, 0 },
	{ "res: mlockall", SYS_mlockall, 3, 0, 0, 0 },
#ifdef __x86_64__
	{ "sys: modify_ldt", SYS_modify_ldt, 0, 0, 0, 0 },
	{ "sys: iopl", SYS_iopl, 3, 0, 0, 0 },
	{ "sys: ioperm", SYS_ioperm, 0, 1, 1, 0 },
	{ "sys: uselib", SYS_uselib, 0, 0, 0, 0 },
	{ "sys: ustat", SYS_ustat, 0, 0, 0, 0 },
	{ "sys: sysfs", SYS_sysfs, 3, 0, 0, 0 },
	{ "sys: mknod(device)", SYS_mknod, 0, S_IFCHR, 0x103, 0 },
#endif
};

/* Files that must not be there to be opened so. */
static const struct file {
	const char *path;
	int flags;
} files[] = {
	{ "/etc/passwd", O_RDONLY },
	{ "/etc/shadow", O_RDONLY },
	{ "/etc/hostname", O_RDONLY },
	{ "/etc/machine-id", O_RDONLY },
	{ "/root", O_RDONLY },
	{ "/home", O_RDONLY },
	{ "/var", O_RDONLY },
	{ "/run", O_RDONLY },
	{ "/run/docker.sock", O_PATH },
	{ "/run/dbus/system_bus_socket", O_PATH },
	{ "/sys", O_RDONLY },
	{ "/sys/fs/cgroup", O_RDONLY },
	{ "/boot", O_RDONLY },
	{ "/bin/sh", O_PATH },
	{ "/usr/bin/sh", O_PATH },
	{ "/usr/bin/env", O_PATH },
	{ "/usr/bin/python3", O_PATH },
	{ "/dev/mem", O_PATH },
	{ "/dev/kmsg", O_PATH },
	{ "/dev/ptmx", O_PATH },
	{ "/dev/pts", O_PATH },
	{ "/dev/fuse", O_PATH },
	{ "/dev/net/tun", O_PATH },
	{ "/dev/kvm", O_PATH },
	{ "/dev/vda", O_PATH },
	{ "/dev/tty", O_RDWR },
	{ "/proc/1", O_PATH },
	{ "/proc/1/environ", O_RDONLY },
	{ "/proc/1/mem", O_RDONLY },
	{ "/proc/1/root", O_RDONLY },
	{ "/proc/1/exe", O_RDONLY },
	{ "/proc/1/fd", O_RDONLY },
	{ "/proc/sys", O_PATH },
	{ "/proc/sys/kernel/core_pattern", O_RDONLY },
	{ "/proc/sysrq-trigger", O_PATH },
	{ "/proc/kcore", O_PATH },
	{ "/proc/kallsyms", O_PATH },
	{ "/proc/keys", O_PATH },
	{ "/proc/timer_list", O_PATH },
	{ "/proc/kmsg", O_PATH },
	{ "/proc/interrupts", O_PATH },
	{ "/proc/cmdline", O_PATH },
	{ "/proc/modules", O_PATH },
	{ "/proc/self/uid_map", O_WRONLY },
	{ "/proc/self/setgroups", O_WRONLY },
	{ "/proc/self/oom_score_adj", O_WRONLY },
	{ "/proc/self/attr/current", O_WRONLY },
	{ "/proc/self/exe", O_WRONLY },
	{ "/evil", O_WRONLY | O_CREAT },
	{ "/usr/evil", O_WRONLY | O_CREAT },
	{ "/dev/evil", O_WRONLY | O_CREAT },
	{ "/proc/evil", O_WRONLY | O_CREAT },
	{ "/tmp/../evil", O_WRONLY | O_CREAT },
	{ "/..", O_WRONLY | O_TMPFILE },
};

static const char *secret; /* a file of the host, named on the command line */

static bool try_secret(void)
{
	return secret && open(secret, O_RDONLY) >= 0;
}

/* A file in /tmp that is a program; its path. */
static const char *drop_program(void)
{
	static const char path[] = "/tmp/dropped";
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
	       rename(path, "/tmp/x") == 0 || utimensat(AT_FDCWD, path, NULL, 0) == 0 ||
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
		    strncmp(*e, "LANG=", 5) != 0)
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
	int fd = open("/tmp/big", O_RDWR | O_CREAT, 0600);

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

	(void)mkdir("/tmp/inodes", 0700);
	for (; n < 200000; n++) {
		snprintf(path, sizeof(path), "/tmp/inodes/%d", n);
		if (mknod(path, S_IFREG | 0600, 0) < 0)
			break;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/tmp/inodes/%d", i);
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

	return getrlimit(RLIMIT_CORE, &r) < 0 || r.rlim_max != 0;
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
	{ "proc: kill the first process", try_kill_first, false },
	{ "proc: see the first process by a signal", try_signal_first, true },
	{ "proc: other processes", try_others, false },
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

static pid_t child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		(void)setpgid(0, 0);
	return pid;
}

static bool is_call_open(const struct call *c)
{
	pid_t pid = child();

	if (pid == 0) {
		long ret = syscall(c->nr, c->a, c->b, c->c, c->d, 0, 0);

		_exit(ret >= 0 || (errno != EPERM && errno != ENOSYS) ? OPEN_STATUS : 0);
	}
	return is_open(pid);
}

static bool is_file_open(const struct file *f)
{
	pid_t pid = child();

	if (pid == 0)
		_exit(open(f->path, f->flags, 0600) >= 0 ? OPEN_STATUS : 0);
	return is_open(pid);
}

static bool is_attack_open(const struct attack *a)
{
	pid_t pid = child();

	if (pid == 0)
		_exit(a->open() ? OPEN_STATUS : 0);
	return is_open(pid);
}

static int report(int n, bool open, bool harmless, const char *name, const char *more)
{
	printf("%sok %d - %s%s%s\n", open && !harmless ? "not " : "", n, name, more,
	       open && harmless ? " (open, harmless)" : "");
	return open && !harmless;
}

int main(int argc, char *argv[])
{
	int n = 0, open = 0;

	if (argc > 1 && strcmp(argv[1], "--inside") == 0)
		return OPEN_STATUS;
	secret = argc > 1 ? argv[1] : NULL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < COUNT(calls); i++)
		open += report(++n, is_call_open(&calls[i]), false, calls[i].name, "");
	for (size_t i = 0; i < COUNT(files); i++)
		open += report(++n, is_file_open(&files[i]), false, "file: ", files[i].path);
	for (size_t i = 0; i < COUNT(attacks); i++)
		open += report(++n, is_attack_open(&attacks[i]), attacks[i].harmless,
			       attacks[i].name, "");
	printf("1..%d\n# %d open of %d\n", n, open, n);
	return 0;
}
