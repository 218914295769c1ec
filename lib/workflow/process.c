/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/time.h"

#define MAX_SAID 8192

/* What the child is to be. */
struct start {
	const char *path;
	char *const *argv;
	int files[3]; /* its 0, 1 and 2; none of them is one of these itself */
	int why;      /* errno of what did not work */
	const sigset_t *mask;
	pid_t parent;
};

static int settle(const struct start *s)
{
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	for (int i = 0; i < 3; i++)
		if (dup2(s->files[i], i) < 0)
			return -1;
	/* However we end, by SIGKILL as well, the stages are told, and append records it. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || sigprocmask(SIG_SETMASK, s->mask, NULL) < 0)
		return -1;
	if (getppid() != s->parent) /* we were gone before the child could ask for that */
		(void)raise(SIGTERM);
	return 0;
}

static void become(volatile struct start *s)
{
	const struct start now = *(const struct start *)s;

	if (settle(&now) == 0)
		(void)execve(now.path, now.argv, environ);
	s->why = errno;
	_exit(127);
}

/*
 * vfork(): no page is copied for a process that is another program at once, and what failed stands
 * in our own memory. posix_spawn() cannot ask for a signal at the parent's death.
 */
static int start(struct ab_process *ret, volatile struct start *s, struct ab_err *err)
{
	s->parent = getpid();
	ret->started_ns = ab_time_monotonic_ns();
	ret->pid = vfork();
	if (ret->pid == 0)
		become(s);
	if (ret->pid < 0) {
		ret->pid = 0;
		return ab_err_sys(err, "%s", s->path);
	}
	if (s->why == 0)
		return 0;
	(void)ab_process_wait(ret);
	errno = s->why;
	return ab_err_sys(err, "%s", s->path);
}

int ab_process_start(struct ab_process *ret, const struct ab_command *c, int in, int out,
		     const sigset_t *mask, struct ab_err *err)
{
	ab_autofree char *path = ab_path_sibling(c->argv[0], err);
	struct start s = { .path = path, .argv = c->argv, .mask = mask };

	if (!path)
		return -1;
	ret->said = memfd_create("stderr", MFD_CLOEXEC);
	if (ret->said < 0)
		return ab_err_sys(err, "%s: memory file", c->argv[0]);
	s.files[0] = in;
	s.files[1] = out;
	s.files[2] = ret->said;
	return start(ret, &s, err);
}

void ab_process_tell(struct ab_process *p, int number)
{
	if (p->pid <= 0)
		return;
	p->told = true;
	(void)kill(p->pid, number);
}

void ab_process_said(const struct ab_process *p, struct ab_buf *out)
{
	char *to = p->said < 0 ? NULL : ab_buf_reserve(out, MAX_SAID);
	ssize_t n = to ? pread(p->said, to, MAX_SAID, 0) : 0;

	if (n > 0)
		out->len += (size_t)n;
	if (to)
		out->data[out->len] = '\0';
}

int ab_process_exit(const struct ab_process *p)
{
	return WIFSIGNALED(p->status) ? 128 + WTERMSIG(p->status) : WEXITSTATUS(p->status);
}

static uint64_t microseconds(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static pid_t reap(struct ab_process *p, int how)
{
	struct rusage used = { 0 };
	pid_t pid;

	while ((pid = wait4(p->pid, &p->status, how, &used)) < 0 && errno == EINTR)
		continue;
	if (pid == 0)
		return 0;
	p->pid = 0;
	p->ended_ns = ab_time_monotonic_ns();
	p->cpu_us = microseconds(used.ru_utime) + microseconds(used.ru_stime);
	p->memory_kb = (uint64_t)used.ru_maxrss;
	return pid;
}

bool ab_process_ended(struct ab_process *p)
{
	return p->pid == 0 || reap(p, WNOHANG) != 0;
}

int ab_process_wait(struct ab_process *p)
{
	(void)reap(p, 0);
	return ab_process_exit(p);
}

void ab_process_done(struct ab_process *p)
{
	ab_auto_close(&p->said);
	*p = (struct ab_process)AB_PROCESS_INIT;
}
