/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scrub/classifier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/path.h"

#define ANSWER_MAX  ((size_t)16 << 20)
#define TIME_MS	    60000
#define OPTION_SIZE 32
#define MORE	    12 /* arguments besides --ro and its value */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* The jail's command line; its strings are the settings', `path`, and the texts behind `room`. */
static char **arguments(const struct ab_classifier *c, const char *path, char *time, char *output)
{
	const char **argv = calloc(2 * c->read_only.n + MORE, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = path;
	argv[n++] = "--max-output";
	argv[n++] = output;
	argv[n++] = "--time";
	argv[n++] = time;
	for (size_t i = 0; i < c->read_only.n; i++) {
		argv[n++] = "--ro";
		argv[n++] = c->read_only.items[i];
	}
	argv[n++] = "--";
	argv[n++] = c->command;
	return (char **)argv;
}

/* The environment without what would make the jail write a receipt into this run. */
static char **environment(void)
{
	size_t n = 0, kept = 0;
	char **copy;

	while (environ[n])
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < n; i++)
		if (strncmp(environ[i], "AB_", 3) != 0)
			copy[kept++] = environ[i];
	return copy;
}

static int spawn(struct ab_classifier *c, char *const argv[], char *const envp[], int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int e = 0;

	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawnattr_init(&attributes);
	(void)sigemptyset(&none);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)sigaddset(&usual, SIGCHLD);
	e |= posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	e |= posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	e |= posix_spawn_file_actions_adddup2(&files, c->said, STDERR_FILENO);
	e |= posix_spawnattr_setsigmask(&attributes, &none);
	e |= posix_spawnattr_setsigdefault(&attributes, &usual);
	e |= posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (e == 0)
		e = posix_spawn(&c->pid, argv[0], &files, &attributes, argv, envp);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	return e;
}

/* Its end is told by SIGCHLD: a confined process may take a signal, and may not wait. */
static void hold_signals(void)
{
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)signal(SIGCHLD, SIG_DFL); /* an ignored one would not be told */
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
}

static int open_pipes(struct ab_classifier *c, int in[2], int out[2], struct ab_err *err)
{
	c->said = memfd_create("stderr", MFD_CLOEXEC);
	if (c->said < 0 || pipe2(in, O_CLOEXEC) < 0)
		return ab_err_sys(err, "--exec-classifier");
	c->to = in[1];
	if (pipe2(out, O_CLOEXEC) < 0)
		return ab_err_sys(err, "--exec-classifier");
	c->from = out[0];
	if (fcntl(c->to, F_SETFL, O_NONBLOCK) < 0)
		return ab_err_sys(err, "--exec-classifier");
	return 0;
}

int ab_classifier_start(struct ab_classifier *c, struct ab_err *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	ab_autofree char *path = ab_path_sibling("ab-jail", err);
	ab_autofree char **argv = NULL;
	ab_autofree char **envp = environment();
	char time[OPTION_SIZE], output[OPTION_SIZE];
	int opened;

	if (!path)
		return -1;
	(void)snprintf(time, sizeof(time), "%llums",
		       (unsigned long long)(c->time_ms ? c->time_ms : TIME_MS)); /* they fit */
	(void)snprintf(output, sizeof(output), "%zu", ANSWER_MAX);
	argv = arguments(c, path, time, output);
	if (!argv || !envp)
		return ab_err_memory(err);
	hold_signals();
	opened = open_pipes(c, in, out, err);
	errno = opened < 0 ? 0 : spawn(c, argv, envp, in[0], out[1]);
	if (errno)
		opened = ab_err_sys(err, "%s", path);
	close_fd(&in[0]);
	close_fd(&out[1]);
	return opened;
}

/* Writes some of the rest; the end of the document closes the pipe, and so does a reader's end. */
static int feed(struct ab_classifier *c, const unsigned char *text, size_t size, size_t *at,
		struct ab_err *err)
{
	ssize_t n = write(c->to, text + *at, size - *at);

	if (n > 0)
		*at += (size_t)n;
	else if (n < 0 && errno == EPIPE)
		*at = size; /* why it has ended is told by its status */
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		return ab_err_sys(err, "--exec-classifier: its input");
	if (*at == size)
		close_fd(&c->to);
	return 0;
}

/* Takes some of the answer. */
static int take(struct ab_classifier *c, struct ab_buf *answer, struct ab_err *err)
{
	char *room = ab_buf_reserve(answer, 65536);
	ssize_t n;

	if (!room)
		return ab_err_memory(err);
	n = read(c->from, room, 65536);
	if (n < 0 && errno != EINTR)
		return ab_err_sys(err, "--exec-classifier: its output");
	if (n > 0)
		answer->len += (size_t)n;
	if (answer->len > ANSWER_MAX)
		return ab_err_trouble(err, "--exec-classifier: more than %zu bytes of output",
				      ANSWER_MAX);
	if (n == 0)
		close_fd(&c->from);
	return 0;
}

/* Both directions at once, so that neither waits for the other. */
static int talk(struct ab_classifier *c, const unsigned char *text, size_t size,
		struct ab_buf *answer, struct ab_err *err)
{
	size_t at = 0;

	while (c->from >= 0) {
		struct pollfd fds[2] = { { c->from, POLLIN, 0 }, { c->to, POLLOUT, 0 } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return ab_err_sys(err, "--exec-classifier");
		if (c->to >= 0 && fds[1].revents && feed(c, text, size, &at, err) < 0)
			return -1;
		if (fds[0].revents && take(c, answer, err) < 0)
			return -1;
	}
	return 0;
}

/* What the jail said, its first line without its name; the classifier's own words are not there. */
static void reason(const struct ab_classifier *c, char *out, size_t size)
{
	static const char name[] = "ab-jail: ";
	ssize_t n = pread(c->said, out, size - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (strncmp(out, name, sizeof(name) - 1) == 0)
		memmove(out, out + sizeof(name) - 1, strlen(out) - sizeof(name) + 2);
}

static int check_end(struct ab_classifier *c, struct ab_err *err)
{
	char said[256];
	siginfo_t info;
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	do {
		if (sigwaitinfo(&child, &info) < 0 && errno != EINTR)
			return ab_err_sys(err, "--exec-classifier");
	} while (info.si_pid != c->pid);
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		return 0;
	reason(c, said, sizeof(said));
	return ab_err_trouble(err, "--exec-classifier: %s %d%s%s",
			      info.si_code == CLD_EXITED ? "exit status" : "signal", info.si_status,
			      *said ? ": " : "", said);
}

int ab_classifier_ask(struct ab_classifier *c, const unsigned char *text, size_t size,
		      struct ab_buf *answer, struct ab_err *err)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	int status = talk(c, text, size, answer, err);

	if (before != SIG_ERR)
		(void)signal(SIGPIPE, before);
	return status < 0 ? -1 : check_end(c, err);
}

void ab_classifier_done(struct ab_classifier *c)
{
	ab_list_free(&c->read_only);
	close_fd(&c->to);
	close_fd(&c->from);
	close_fd(&c->said);
}
