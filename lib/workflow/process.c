/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"

#define MAX_SAID 8192

/* What the child is to be. */
struct start {
	const char *path;
	char *const *argv;
	int files[3]; /* its 0, 1 and 2; none of them is one of these itself */
	int failed;   /* a pipe for the errno of what did not work */
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

static void become(const struct start *s)
{
	int why;

	if (settle(s) == 0)
		(void)execve(s->path, s->argv, environ);
	why = errno;
	(void)!write(s->failed, &why, sizeof(why)); /* if even that fails, the status tells */
	_exit(127);
}

/* fork(), since posix_spawn() cannot ask for a signal at the parent's death. */
static int start(struct ab_process *ret, struct start *s, struct ab_err *err)
{
	int ends[2], why = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return ab_err_sys(err, "pipe");
	ab_autoclose int from = ends[0], to = ends[1];
	s->failed = to;
	s->parent = getpid();
	ret->pid = fork();
	if (ret->pid == 0)
		become(s);
	if (ret->pid < 0) {
		ret->pid = 0;
		return ab_err_sys(err, "%s", s->path);
	}
	(void)close(ab_steal_fd(&to));
	if (read(from, &why, sizeof(why)) != (ssize_t)sizeof(why))
		return 0;
	(void)ab_process_wait(ret);
	errno = why;
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

int ab_process_wait(struct ab_process *p)
{
	while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
		continue;
	p->pid = 0;
	return ab_process_exit(p);
}

void ab_process_done(struct ab_process *p)
{
	ab_auto_close(&p->said);
	*p = (struct ab_process)AB_PROCESS_INIT;
}
