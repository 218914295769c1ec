/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/path.h"

#define TOOL	 "ab-bundle"
#define VERB	 "extract"
#define MAX_SAID 511

/* ab-bundle as a process: what it writes is one line on each of two memory files. */
struct unpacker {
	pid_t pid;
	int pidfd, out, said;
};

int ab_jail_bundle_open(struct ab_jail_bundle *b, struct ab_err *err)
{
	int n;

	if (ab_scratch_make(&b->at, ".ab-input", err) < 0)
		return -1;
	ab_scratch_sweep(&b->at);
	n = snprintf(b->tree, sizeof(b->tree), "%s/input", b->at.path);
	if (n < 0 || (size_t)n >= sizeof(b->tree))
		return ab_err_usage(err, "%s: path too long", b->at.path);
	if (mkdirat(b->at.fd, "input", 0755) < 0 || fchmodat(b->at.fd, "input", 0755, 0) < 0)
		return ab_err_sys(err, "%s", b->tree);
	return 0;
}

/* The signals that we hold back end it as they end any program. */
static _Noreturn void become(const struct unpacker *u, const char *path, char *const argv[],
			     pid_t parent)
{
	ab_autoclose int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (in >= 0 && dup2(in, 0) == 0 && dup2(u->out, 1) == 1 && dup2(u->said, 2) == 2 &&
	    syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) == 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent)
		(void)execve(path, argv, environ);
	(void)dprintf(u->said, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

static int start(struct unpacker *u, const char *const argv[], struct ab_err *err)
{
	ab_autofree char *path = ab_path_sibling(TOOL, err);
	pid_t parent = getpid();

	if (!path)
		return -1;
	u->out = memfd_create("identity", MFD_CLOEXEC);
	u->said = memfd_create("said", MFD_CLOEXEC);
	if (u->out < 0 || u->said < 0)
		return ab_err_sys(err, "memory file");
	u->pid = fork();
	if (u->pid == 0)
		become(u, path, (char *const *)argv, parent);
	if (u->pid < 0)
		return ab_err_sys(err, "fork");
	u->pidfd = (int)syscall(SYS_pidfd_open, u->pid, 0);
	return u->pidfd < 0 ? ab_err_sys(err, "%s", path) : 0;
}

/* Whether a pipe or socket is at its end; with something in it, it is not looked at any more. */
static bool is_empty(struct pollfd *p)
{
	char byte;

	if (p->revents & POLLIN && (recv(p->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0))
		p->fd = -1;
	return p->fd >= 0;
}

/* Until it has ended, or there is no need that it goes on. */
static enum ab_jail_unpacked await(const struct unpacker *u, const struct ab_jail_unpack *how)
{
	struct pollfd p[] = { { u->pidfd, POLLIN, 0 },
			      { how->signals, POLLIN, 0 },
			      { how->input, POLLIN, 0 } };

	for (;;) {
		if (poll(p, 3, -1) < 0)
			continue;
		if (p[0].revents)
			return AB_UNPACKED;
		if (p[1].revents)
			return AB_UNPACK_SIGNAL;
		if (p[2].revents && is_empty(&p[2]))
			return AB_UNPACK_NO_NEED;
	}
}

/* The first line of what it wrote. */
static void read_line(int fd, char line[MAX_SAID + 1])
{
	ssize_t n = pread(fd, line, MAX_SAID, 0);

	line[n < 0 ? 0 : n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	ab_err_clean(line);
}

static int fail(const struct unpacker *u, const char *bundle, int status, struct ab_err *err)
{
	static const char name[] = TOOL " " VERB ": ";
	char line[MAX_SAID + 1];

	read_line(u->said, line);
	if (strncmp(line, name, sizeof(name) - 1) == 0)
		return ab_err_usage(err, "%s", line + sizeof(name) - 1);
	if (WIFSIGNALED(status))
		return ab_err_trouble(err, "%s: %s was killed by signal %d", bundle, TOOL,
				      WTERMSIG(status));
	if (*line)
		return ab_err_trouble(err, "%s", line);
	return ab_err_trouble(err, "%s: %s ended with status %d, and no word", bundle, TOOL,
			      WEXITSTATUS(status));
}

static int take_identity(const struct unpacker *u, struct ab_jail_bundle *b, struct ab_err *err)
{
	char line[MAX_SAID + 1];

	read_line(u->out, line);
	if (strlen(line) != AB_SHA256_TEXT - 1 || strncmp(line, "sha256:", 7) != 0)
		return ab_err_trouble(err, "%s did not say which bundle it was", TOOL);
	memcpy(b->identity, line, AB_SHA256_TEXT);
	return 0;
}

/* It is gone afterwards, and so is what it was told to leave off. */
static int reap(struct unpacker *u)
{
	int status = 0;

	while (waitpid(u->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	u->pid = 0;
	return status;
}

static void close_all(struct unpacker *u)
{
	if (u->pid > 0) {
		(void)kill(u->pid, SIGTERM);
		(void)reap(u);
	}
	ab_auto_close(&u->pidfd);
	ab_auto_close(&u->out);
	ab_auto_close(&u->said);
}

enum ab_jail_unpacked ab_jail_bundle_unpack(struct ab_jail_bundle *b,
					    const struct ab_jail_unpack *how, struct ab_err *err)
{
	ab_auto(close_all) struct unpacker u = { .pidfd = -1, .out = -1, .said = -1 };
	const char *const plain[] = { TOOL, VERB, "--", how->bundle, b->tree, NULL };
	const char *const with_key[] = { TOOL, VERB,	    "--key", how->key,
					 "--", how->bundle, b->tree, NULL };
	enum ab_jail_unpacked ended;
	int status;

	/* The tree is to get this name. */
	if (unlinkat(b->at.fd, "input", AT_REMOVEDIR) < 0)
		return ab_err_sys(err, "%s", b->tree), AB_UNPACK_FAILED;
	if (start(&u, how->key ? with_key : plain, err) < 0)
		return AB_UNPACK_FAILED;
	ended = await(&u, how);
	if (ended != AB_UNPACKED)
		return ended;
	status = reap(&u);
	if (status != 0)
		return fail(&u, how->bundle, status, err), AB_UNPACK_FAILED;
	return take_identity(&u, b, err) < 0 ? AB_UNPACK_FAILED : AB_UNPACKED;
}
