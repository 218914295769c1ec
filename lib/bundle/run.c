/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"

#define MAX_STDERR 4096

struct child {
	const char *name;
	pid_t pid;
	int out, diagnostics;
	const struct ab_run_limits *limits;
	struct ab_buf *text;
	size_t before; /* bytes of *text that are not ours */
	struct ab_buf said;
};

/* The variables that a program of ours is given, those of them that are set. */
static void clean_environment(char *env[], char *const environment[])
{
	static const char *const kept[] = { "PATH=", "HOME=", "XDG_CONFIG_HOME=", "TMPDIR=" };
	static const char *const fixed[] = { "LC_ALL=C", "GIT_TERMINAL_PROMPT=0",
					     "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1",
					     "GIT_NO_LAZY_FETCH=1",
					     /* No index, so no attributes from it. */
					     "GIT_INDEX_FILE=/nonexistent/index" };
	size_t n = 0;

	for (size_t i = 0; i < AB_ARRAY_SIZE(kept); i++)
		for (char *const *e = environment; *e; e++)
			if (strncmp(*e, kept[i], strlen(kept[i])) == 0) {
				env[n++] = *e;
				break;
			}
	for (size_t i = 0; i < AB_ARRAY_SIZE(fixed); i++)
		env[n++] = (char *)fixed[i];
	env[n] = NULL;
}

/* In the child; only async-signal-safe calls would be needed, for there are no threads yet. */
static void __attribute__((noreturn))
become(const char *const argv[], int in, int out, int diagnostics, pid_t parent)
{
	char *env[16];
	sigset_t none;

	clean_environment(env, environ);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && dup2(in, 0) == 0 &&
	    dup2(out, 1) == 1 && dup2(diagnostics, 2) == 2)
		execvpe(argv[0], (char *const *)argv, env);
	(void)dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* stdin of the child: an unlinked memory file, so that nothing has to be fed. */
static int open_input(const struct ab_buf *input, struct ab_err *err)
{
	ab_autoclose int fd = -1;

	if (!input)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else
		fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return ab_err_sys(err, "input of a program");
	if (input &&
	    (ab_io_write(fd, input->data, input->len, err) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		return ab_err_prefix(err, "input of a program: ");
	return ab_steal_fd(&fd);
}

static int start(struct child *c, const char *const argv[], const struct ab_buf *input,
		 struct ab_err *err)
{
	int out[2] = { -1, -1 }, diagnostics[2] = { -1, -1 };
	ab_autoclose int in = open_input(input, err);
	const pid_t parent = getpid();
	int status = -1;

	if (in < 0)
		return -1;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(diagnostics, O_CLOEXEC) < 0) {
		ab_err_sys(err, "pipe");
		goto out;
	}
	c->pid = fork();
	if (c->pid == 0)
		become(argv, in, out[1], diagnostics[1], parent);
	if (c->pid < 0) {
		ab_err_sys(err, "fork");
		goto out;
	}
	c->out = ab_steal_fd(&out[0]);
	c->diagnostics = ab_steal_fd(&diagnostics[0]);
	status = 0;
out:
	for (int i = 0; i < 2; i++) {
		ab_auto_close(&out[i]);
		ab_auto_close(&diagnostics[i]);
	}
	return status;
}

/* Reads what is there; closes the descriptor at its end. What is beyond `max` is an error or, for
 * stderr, dropped. */
static int drain(int *fd, struct ab_buf *b, struct ab_err *err)
{
	char *to = ab_buf_reserve(b, 65536);
	ssize_t n;

	if (!to)
		return ab_err_memory(err);
	n = ab_io_read(*fd, to, 65536, err);
	if (n < 0)
		return -1;
	if (n == 0) {
		(void)close(*fd);
		*fd = -1;
	}
	b->len += (size_t)n;
	return 0;
}

static int check_size(const struct child *c, struct ab_err *err)
{
	if (c->text->len - c->before <= c->limits->bytes)
		return 0;
	return ab_err_no(err, "%s: more than %" PRIu64 " bytes", c->name, c->limits->bytes);
}

static int collect(struct child *c, struct ab_err *err)
{
	uint64_t deadline = ab_time_monotonic_ns() + c->limits->ms * 1000000;

	while (c->out >= 0 || c->diagnostics >= 0) {
		struct pollfd fds[2] = { { .fd = c->out, .events = POLLIN },
					 { .fd = c->diagnostics, .events = POLLIN } };
		uint64_t now = ab_time_monotonic_ns();

		if (now >= deadline)
			return ab_err_trouble(err, "%s: not done after %" PRIu64 " ms", c->name,
					      c->limits->ms);
		if (poll(fds, 2, (int)((deadline - now) / 1000000 + 1)) < 0 && errno != EINTR)
			return ab_err_sys(err, "poll");
		if (fds[0].revents && drain(&c->out, c->text, err) < 0)
			return -1;
		if (fds[1].revents && drain(&c->diagnostics, &c->said, err) < 0)
			return -1;
		if (c->said.len > MAX_STDERR)
			c->said.len = MAX_STDERR;
		if (check_size(c, err) < 0)
			return -1;
	}
	return 0;
}

static int finish(struct child *c, struct ab_err *err)
{
	size_t line = c->said.len ? strcspn(c->said.data, "\n") : 0;
	int status;

	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return ab_err_sys(err, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return ab_err_trouble(err, "%s: killed by signal %d", c->name, WTERMSIG(status));
	return ab_err_usage(err, "%s: %.*s", c->name, (int)(line > 300 ? 300 : line),
			    line ? c->said.data : "failed");
}

int ab_run(const char *const argv[], const struct ab_buf *input, const struct ab_run_limits *limits,
	   struct ab_buf *out, struct ab_err *err)
{
	struct child c = { .name = argv[0],
			   .limits = limits,
			   .text = out,
			   .before = out->len,
			   .out = -1,
			   .diagnostics = -1 };
	int status;

	if (start(&c, argv, input, err) < 0)
		return -1;
	status = collect(&c, err);
	if (status < 0) {
		(void)kill(c.pid, SIGKILL);
		(void)waitpid(c.pid, NULL, 0);
	} else {
		status = finish(&c, err);
	}
	ab_auto_close(&c.out);
	ab_auto_close(&c.diagnostics);
	ab_buf_free(&c.said);
	return status;
}
