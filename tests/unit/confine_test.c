/* SPDX-License-Identifier: Apache-2.0 */
/* lib/confine: what a confined process can no longer do, each act tried in a child of its own. */
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/confine/confine.h"
#include "lib/confine/landlock.h"

/* Where the acts take place: a directory that is allowed, another that is not. */
struct scene {
	char top[64];
	int inside, outside, held; /* directories, and a file that was opened before */
};

static int act_open(const struct scene *s)
{
	return openat(s->inside, "file", O_RDONLY);
}

static int act_open_outside(const struct scene *s)
{
	return openat(s->outside, "file", O_RDONLY);
}

static int act_create(const struct scene *s)
{
	return openat(s->inside, "new", O_WRONLY | O_CREAT, 0600);
}

static int act_create_outside(const struct scene *s)
{
	return openat(s->outside, "new", O_WRONLY | O_CREAT, 0600);
}

static int act_rename(const struct scene *s)
{
	return renameat(s->inside, "file", s->inside, "file2");
}

static int act_unlink(const struct scene *s)
{
	return unlinkat(s->inside, "file", 0);
}

static int act_socket(const struct scene *s)
{
	(void)s;
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int act_fork(const struct scene *s)
{
	pid_t pid = fork();

	(void)s;
	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static int act_namespace(const struct scene *s)
{
	(void)s;
	return (int)syscall(SYS_unshare, 0x10000000);
}

static int act_clone_namespace(const struct scene *s)
{
	long pid = syscall(SYS_clone, 0x10000000 | SIGCHLD, 0, 0, 0, 0);

	(void)s;
	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

/* An exec that succeeds ends the child with 0, as an allowed act does. */
static int act_exec(const struct scene *s)
{
	(void)s;
	execl("/bin/true", "true", NULL);
	return -1;
}

static int act_kill(const struct scene *s)
{
	(void)s;
	return kill(getppid(), 0);
}

static int act_write_held(const struct scene *s)
{
	char c;

	return write(s->held, "x", 1) == 1 && pread(s->held, &c, 1, 0) == 1 && c == 'x' &&
			       ftruncate(s->held, 100000) == 0 && fsync(s->held) == 0
		       ? 0
		       : -1;
}

static int act_memory(const struct scene *s)
{
	void *p = malloc(1 << 20);
	void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, s->held, 0);

	free(p);
	return p && map != MAP_FAILED ? 0 : -1;
}

static int act_executable_memory(const struct scene *s)
{
	(void)s;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED
		       ? -1
		       : 0;
}

static int act_ptrace(const struct scene *s)
{
	(void)s;
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static int act_privileges(const struct scene *s)
{
	(void)s;
	return prctl(PR_SET_NAME, "x", 0, 0, 0);
}

static const struct {
	const char *name;
	int (*act)(const struct scene *s);
	char filter, facts, store, spawn; /* y: allowed, n: not */
} acts[] = {
	{ "reads, writes and truncates a held file", act_write_held, 'y', 'y', 'y', 'y' },
	{ "allocates and maps memory", act_memory, 'y', 'y', 'y', 'y' },
	{ "maps executable memory", act_executable_memory, 'y', 'y', 'n', 'y' },
	{ "opens a file inside", act_open, 'n', 'y', 'y', 'y' },
	{ "opens a file outside", act_open_outside, 'n', 'n', 'n', 'n' },
	{ "creates a file inside", act_create, 'n', 'y', 'y', 'y' },
	{ "creates a file outside", act_create_outside, 'n', 'n', 'n', 'n' },
	{ "renames a file", act_rename, 'n', 'y', 'y', 'y' },
	{ "deletes a file", act_unlink, 'n', 'y', 'y', 'y' },
	{ "makes a socket", act_socket, 'n', 'n', 'n', 'n' },
	{ "starts a process", act_fork, 'n', 'n', 'n', 'y' },
	{ "signals another process", act_kill, 'n', 'n', 'n', 'y' },
	{ "executes a foreign program", act_exec, 'n', 'n', 'n', 'n' },
	{ "makes a namespace", act_namespace, 'n', 'n', 'n', 'n' },
	{ "clones into a namespace", act_clone_namespace, 'n', 'n', 'n', 'n' },
	{ "traces", act_ptrace, 'n', 'n', 'n', 'n' },
	{ "changes its name", act_privileges, 'n', 'n', 'n', 'y' },
};

static int open_scene(struct scene *s)
{
	(void)snprintf(s->top, sizeof(s->top), "/tmp/ab-confine-XXXXXX");
	if (!mkdtemp(s->top))
		return -1;
	int top = open(s->top, O_RDONLY | O_DIRECTORY);

	(void)mkdirat(top, "in", 0700);
	(void)mkdirat(top, "out", 0700);
	s->inside = openat(top, "in", O_RDONLY | O_DIRECTORY);
	s->outside = openat(top, "out", O_RDONLY | O_DIRECTORY);
	(void)close(openat(s->inside, "file", O_WRONLY | O_CREAT, 0600));
	(void)close(openat(s->outside, "file", O_WRONLY | O_CREAT, 0600));
	s->held = openat(top, "held", O_RDWR | O_CREAT, 0600);
	(void)close(top);
	return s->held < 0 ? -1 : 0;
}

static void close_scene(const struct scene *s)
{
	static const char *const names[] = { "in/file",	 "in/file2", "in/new",
					     "out/file", "out/new",  "held" };
	char path[128];

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", s->top, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/in", s->top);
	(void)rmdir(path);
	(void)snprintf(path, sizeof(path), "%s/out", s->top);
	(void)rmdir(path);
	(void)rmdir(s->top);
}

/* 'y' if the act succeeds in a confined child, 'n' if it fails, '!' if the child came to harm. */
static char try_act(enum ab_profile profile, bool paths, size_t i)
{
	struct scene s;
	int status = 0;
	pid_t pid;

	if (open_scene(&s) < 0)
		return '!';
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct ab_confine_path allowed[] = {
			{ s.inside, AB_CONFINE_READ | AB_CONFINE_WRITE },
		};
		struct ab_err err = { 0 };

		if (ab_confine(profile, allowed, paths, &err) < 0)
			_exit(2);
		_exit(acts[i].act(&s) < 0 ? 1 : 0);
	}
	(void)waitpid(pid, &status, 0);
	close_scene(&s);
	return status == 0 ? 'y' : WIFEXITED(status) && WEXITSTATUS(status) == 1 ? 'n' : '!';
}

static void test_profile(struct tap *t, const char *name, enum ab_profile profile, bool paths)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(acts); i++) {
		char want = profile == AB_PROFILE_STORE	  ? acts[i].store
			    : profile == AB_PROFILE_SPAWN ? acts[i].spawn
			    : paths			  ? acts[i].facts
							  : acts[i].filter;
		char got = try_act(profile, paths, i);

		tap_ok(t, got == want, "%s%s: %s: %c", name, paths ? " with paths" : "",
		       acts[i].name, got);
	}
}

int main(void)
{
	struct tap t = { 0 };

#ifdef AB_SANITIZED
	(void)test_profile;
	tap_skip(&t, "confined processes", "sanitizer builds have no filter");
	return tap_done(&t);
#endif
	if (ab_landlock_abi() == 0) {
		tap_skip(&t, "confined processes", "the kernel has no Landlock");
		return tap_done(&t);
	}
	test_profile(&t, "filter", AB_PROFILE_FILTER, false);
	test_profile(&t, "filter", AB_PROFILE_FILTER, true);
	test_profile(&t, "store", AB_PROFILE_STORE, true);
	test_profile(&t, "spawn", AB_PROFILE_SPAWN, true);
	return tap_done(&t);
}
