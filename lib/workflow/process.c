/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/process.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"

#define MAX_SAID 8192

/* What the child is to be; the attributes free themselves with their scope. */
struct setting {
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
};

static void setting_done(struct setting *s)
{
	(void)posix_spawn_file_actions_destroy(&s->files);
	(void)posix_spawnattr_destroy(&s->attributes);
}

static int setting_make(struct setting *s, int in, int out, int said, const sigset_t *mask)
{
	sigset_t usual;
	int e = 0;

	(void)posix_spawn_file_actions_init(&s->files);
	(void)posix_spawnattr_init(&s->attributes);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)sigaddset(&usual, SIGCHLD);
	/* A dup2() onto itself clears close-on-exec, as is wanted here. */
	e |= posix_spawn_file_actions_adddup2(&s->files, in, STDIN_FILENO);
	e |= posix_spawn_file_actions_adddup2(&s->files, out, STDOUT_FILENO);
	e |= posix_spawn_file_actions_adddup2(&s->files, said, STDERR_FILENO);
	e |= posix_spawnattr_setsigmask(&s->attributes, mask);
	e |= posix_spawnattr_setsigdefault(&s->attributes, &usual);
	e |= posix_spawnattr_setflags(&s->attributes,
				      POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return e;
}

int ab_process_start(struct ab_process *ret, const struct ab_command *c, int in, int out,
		     bool keep_stderr, const sigset_t *mask, struct ab_err *err)
{
	ab_autofree char *path = ab_path_sibling(c->argv[0], err);
	ab_auto(setting_done) struct setting s;

	if (!keep_stderr)
		ret->said = memfd_create("stderr", MFD_CLOEXEC);
	if (setting_make(&s, in, out, keep_stderr ? STDERR_FILENO : ret->said, mask) != 0)
		return ab_err_trouble(err, "%s: cannot prepare its start", c->argv[0]);
	if (!path)
		return -1;
	if (!keep_stderr && ret->said < 0)
		return ab_err_sys(err, "%s: memory file", c->argv[0]);
	errno = posix_spawn(&ret->pid, path, &s.files, &s.attributes, c->argv, environ);
	if (errno != 0) {
		ret->pid = 0;
		return ab_err_sys(err, "%s", path);
	}
	return 0;
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
