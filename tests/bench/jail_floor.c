/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jail_floor FILE... -- COMMAND [ARG...]: the least that a jail like ab-jail's can cost. It makes the same namespaces,
 * a root of the same kind with the files read-only, /dev, /proc and a sized /tmp, gives up the same rights, puts the
 * command under the same filter, waits for it and for all of it to be gone. It checks nothing, limits nothing,
 * accounts for nothing, proves nothing.
 *
 * jail_floor --filter: microseconds to load the agent's filter, nanoseconds that it adds to a system call.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jail/agent.filter.h"

#define NOBODY 65534
#define LOADS  15
#define CALLS  200000

static void must(long status, const char *what)
{
	if (status < 0) {
		perror(what);
		_exit(125);
	}
}

static void write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* Makes the directories above it and shows the file or directory `path` there. */
static void show(const char *path)
{
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	char *copy = strdup(path + 1);
	struct stat st;

	must(fd, path);
	for (char *p = strchr(copy, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(copy, 0755);
		*p = '/';
	}
	must(fstat(fd, &st), path);
	must(S_ISDIR(st.st_mode) ? mkdir(copy, 0755) : mknod(copy, S_IFREG | 0444, 0), path);
	must(move_mount(fd, "", AT_FDCWD, copy, MOVE_MOUNT_F_EMPTY_PATH), path);
	close(fd);
	free(copy);
}

static void build_root(char *const files[])
{
	static const char *const devices[] = { "/dev/null", "/dev/full", "/dev/random", "/dev/urandom" };
	struct mount_attr still = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
				    .propagation = MS_PRIVATE };
	struct mount_attr device = { .attr_clr = MOUNT_ATTR_NODEV, .attr_set = MOUNT_ATTR_NOEXEC };

	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	must(mount("tmpfs", "/tmp", "tmpfs", 0, "size=1m,mode=0755"), "root");
	must(chdir("/tmp"), "root");
	for (; strcmp(*files, "--") != 0; files++)
		show(*files);
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		show(devices[i]);
	must(mkdir("proc", 0755), "proc");
	must(mkdir("tmp", 0755), "tmp");
	must(mount_setattr(AT_FDCWD, ".", AT_RECURSIVE, &still, sizeof(still)), "read-only");
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		must(mount_setattr(AT_FDCWD, devices[i] + 1, 0, &device, sizeof(device)), devices[i]);
	must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
		   "hidepid=ptraceable,subset=pid"),
	     "proc");
	must(mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64m,nr_inodes=16384"), "tmp");
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "/");
}

static void give_up(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	must(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0), "securebits");
	must(syscall(SYS_capset, &head, none), "capabilities");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void load_filter(void)
{
	const struct sock_fprog program = { sizeof(ab_agent_filter) / sizeof(*ab_agent_filter),
					    (struct sock_filter *)ab_agent_filter };

	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

static char *const *find_command(char *const argv[])
{
	while (strcmp(*argv++, "--") != 0)
		;
	return argv;
}

static pid_t start(char *const command[])
{
	char *none[] = { NULL };
	pid_t pid = vfork();

	must(pid, "fork");
	if (pid == 0) {
		load_filter();
		execve(command[0], command, none);
		_exit(127);
	}
	return pid;
}

static void first(int ready, char *argv[])
{
	char *const *command = find_command(argv);
	int status;
	char c;

	must(read(ready, &c, 1), "parent");
	if (geteuid() == 0 || getuid() != geteuid())
		must(syscall(SYS_setgroups, 0, NULL), "setgroups");
	(void)syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY); /* an ordinary user stays one */
	(void)syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
	must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "death signal");
	build_root(argv);
	must(sethostname("agent", 5), "host name");
	give_up();
	(void)start(command);
	while (waitpid(-1, &status, 0) > 0)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

static int run(char *argv[])
{
	struct clone_args args = { .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
					    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP,
				   .exit_signal = SIGCHLD };
	unsigned uid = geteuid() ? geteuid() : NOBODY, gid = geteuid() ? getegid() : NOBODY;
	char uids[32], gids[32];
	int ready[2], status;
	pid_t pid;

	must(pipe2(ready, O_CLOEXEC), "pipe");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	must(pid, "clone3");
	if (pid == 0)
		first(ready[0], argv);
	snprintf(uids, sizeof(uids), "%u %u 1", uid, uid);
	snprintf(gids, sizeof(gids), "%u %u 1", gid, gid);
	if (geteuid() != 0)
		write_file(pid, "setgroups", "deny");
	write_file(pid, "gid_map", gids);
	write_file(pid, "uid_map", uids);
	must(write(ready[1], "", 1), "child");
	must(waitpid(pid, &status, 0), "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double call_ns(void)
{
	double begun = now_us();

	for (int i = 0; i < CALLS; i++)
		(void)syscall(SYS_getppid);
	return (now_us() - begun) * 1000 / CALLS;
}

/* In a process of its own, which ends with its filter: the load's time, and a call's before and after. */
static void measure(double ret[3])
{
	int result[2], status;

	must(pipe2(result, O_CLOEXEC), "pipe");
	if (fork() == 0) {
		double r[3];

		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
		r[1] = call_ns();
		r[0] = now_us();
		load_filter();
		r[0] = now_us() - r[0];
		r[2] = call_ns();
		_exit(write(result[1], r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 125);
	}
	must(wait(&status), "wait");
	must(read(result[0], ret, 3 * sizeof(*ret)) == (ssize_t)(3 * sizeof(*ret)) ? 0 : -1, "result");
	close(result[0]);
	close(result[1]);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure_filter(void)
{
	double loads[LOADS], added[LOADS], r[3];

	for (int i = 0; i < LOADS; i++) {
		measure(r);
		loads[i] = r[0];
		added[i] = r[2] - r[1];
	}
	qsort(loads, LOADS, sizeof(*loads), ascending);
	qsort(added, LOADS, sizeof(*added), ascending);
	printf("%.0f %.0f %.0f\n", loads[LOADS / 2], loads[0], added[LOADS / 2]);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--filter") == 0)
		return measure_filter();
	for (int i = 1; i < argc - 1; i++)
		if (strcmp(argv[i], "--") == 0)
			return run(argv + 1);
	fprintf(stderr, "usage: jail_floor FILE... -- COMMAND [ARG...] | --filter\n");
	return 125;
}
