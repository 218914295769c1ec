/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: tries to execute a program (itself), in each way that a kernel may offer, and prints a TAP
 * line for each: "not ok" where it ran. The first ones come as soon as there is a first
 * instruction. Static; not linked with anything of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAN   42
#define CROWD 40

static const char *self;
static char *const arguments[] = { "exec", "--ran", NULL };
static char *const nothing[] = { NULL };

static void by_path(void)
{
	execve(self, arguments, nothing);
}

static void at(int fd, const char *path, int flags)
{
	syscall(SYS_execveat, fd, path, arguments, nothing, flags);
}

static void at_path(void)
{
	at(AT_FDCWD, self, 0);
}

static void at_file(void)
{
	at(open(self, O_RDONLY), "", AT_EMPTY_PATH);
}

static void at_path_file(void)
{
	at(open(self, O_PATH), "", AT_EMPTY_PATH);
}

static void by_proc_exe(void)
{
	execve("/proc/self/exe", arguments, nothing);
}

static void by_proc_fd(void)
{
	fexecve(open(self, O_RDONLY | O_CLOEXEC), arguments, nothing);
}

static void copy_to(int fd)
{
	int from = open(self, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(from, &st) < 0 || sendfile(fd, from, NULL, (size_t)st.st_size) < 0)
		_exit(0);
	fchmod(fd, 0700);
}

static void unnamed(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0700);
	char path[64];

	copy_to(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	at(open(path, O_RDONLY), "", AT_EMPTY_PATH);
	at(fd, "", AT_EMPTY_PATH);
}

static void memory_file(void)
{
	int fd = memfd_create("exec", 0);

	copy_to(fd);
	at(fd, "", AT_EMPTY_PATH);
}

static void script(void)
{
	int fd = open("/tmp/script", O_CREAT | O_TRUNC | O_WRONLY, 0700);

	dprintf(fd, "#!%s --ran\n", self);
	close(fd);
	execve("/tmp/script", arguments, nothing);
}

static void *in_thread(void *arg)
{
	by_path();
	return arg;
}

static void threads(void)
{
	pthread_t t[8];
	int n = 0;

	/* While one of them executes no other can be made. */
	while (n < 8 && pthread_create(&t[n], NULL, in_thread, NULL) == 0)
		n++;
	while (n > 0)
		pthread_join(t[--n], NULL);
}

/* What ran in a child is this process's status, too. */
static void pass_on(pid_t pid)
{
	int status = 0;

	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
}

static void child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		by_path();
		_exit(0);
	}
	pass_on(pid);
}

static void vfork_child(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		by_path();
		_exit(0);
	}
	pass_on(pid);
}

static void spawned(void)
{
	pid_t pid;

	if (posix_spawn(&pid, self, NULL, NULL, arguments, nothing) == 0)
		pass_on(pid);
}

static int shared(void *arg)
{
	(void)arg;
	by_path();
	return 0;
}

static void shared_memory_child(void)
{
	char *stack = malloc(65536);

	pass_on(clone(shared, stack + 65536, CLONE_VM | SIGCHLD, NULL));
}

static void on_signal(int sig)
{
	(void)sig;
	by_path();
}

static void handler(void)
{
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
}

/* The numbers of other tables. The filter kills for it, and a kernel may not have them. */
static void x32(void)
{
	syscall(0x40000000 + 520, self, arguments, nothing);
	syscall(0x40000000 + 545, AT_FDCWD, self, arguments, nothing, 0);
}

static void i386(void)
{
#if defined(__x86_64__)
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t argv[3] = { 0 };
	long ret;

	if (low == MAP_FAILED)
		return;
	strncpy(low, self, 1000);
	memcpy(low + 2048, "--ran", 6);
	argv[0] = (uint32_t)(uintptr_t)low;
	argv[1] = (uint32_t)(uintptr_t)(low + 2048);
	memcpy(low + 1024, argv, sizeof(argv));
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"(11), "b"(low), "c"(low + 1024), "d"(0)
			 : "memory");
#endif
}

static const struct {
	const char *name;
	void (*act)(void);
} ways[] = {
	{ "execve", by_path },
	{ "execveat", at_path },
	{ "execveat of a descriptor", at_file },
	{ "execveat of a descriptor that cannot be read", at_path_file },
	{ "/proc/self/exe", by_proc_exe },
	{ "fexecve", by_proc_fd },
	{ "a file without a name", unnamed },
	{ "a memory file", memory_file },
	{ "a script in /tmp", script },
	{ "threads", threads },
	{ "a child in a session of its own", child },
	{ "a vfork child", vfork_child },
	{ "posix_spawn", spawned },
	{ "a child that shares memory", shared_memory_child },
	{ "a signal handler", handler },
	{ "execve of the x32 table", x32 },
	{ "execve of the i386 table", i386 },
};

static pid_t start(void (*act)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		act();
		_exit(0);
	}
	return pid;
}

static int ran(pid_t pid)
{
	int status = 0;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == RAN;
}

int main(int argc, char *argv[])
{
	pid_t crowd[CROWD];
	int open = 0, n = 0;

	self = argv[0];
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--ran") == 0)
			return RAN;
	for (int i = 0; i < CROWD; i++)
		crowd[i] = start(by_path);
	for (int i = 0; i < CROWD; i++)
		open += ran(crowd[i]);
	printf("%s %d - at once, %d processes\n", open ? "not ok" : "ok", ++n, CROWD);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int yes;

		fflush(stdout);
		yes = ran(start(ways[i].act));
		open += yes;
		printf("%s %d - %s\n", yes ? "not ok" : "ok", ++n, ways[i].name);
	}
	printf("1..%d\n# %d open", n, open);
	fflush(stdout);
	if (execve("/no/such", arguments, nothing) < 0)
		printf(": %s\n", strerror(errno));
	return 0;
}
