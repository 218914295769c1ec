/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

int ab_io_write(int fd, const void *data, size_t len, struct ab_err *err)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			(void)poll(&wait, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ab_err_sys(err, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int ab_io_write_unless(int stop, int fd, const void *data, size_t len, struct ab_err *err)
{
	const char *p = data;

	if (stop < 0)
		return ab_io_write(fd, data, len, err);
	while (len > 0) {
		struct pollfd wait[] = { { fd, POLLOUT, 0 }, { stop, POLLIN, 0 } };
		/* So much a pipe takes at once when it takes anything. */
		size_t n = len < PIPE_BUF ? len : PIPE_BUF;

		if (poll(wait, AB_ARRAY_SIZE(wait), -1) < 0)
			continue;
		if (wait[1].revents) {
			errno = EINTR;
			return ab_err_sys(err, "write");
		}
		if (ab_io_write(fd, p, n, err) < 0)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

ssize_t ab_io_read(int fd, void *data, size_t len, struct ab_err *err)
{
	for (;;) {
		ssize_t n = read(fd, data, len);

		if (n >= 0)
			return n;
		if (errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLIN };

			(void)poll(&wait, 1, -1);
			continue;
		}
		if (errno != EINTR)
			return ab_err_sys(err, "read");
	}
}

int ab_io_finish(int status)
{
	struct ab_err err;
	/* Where nothing is to be written, no page of it either. */
	bool lost = (__fpending(stdout) && fflush(stdout) != 0) || ferror(stdout) != 0;

	/* Some file systems tell of a lost write only at close; the descriptor itself stays, so
	 * that no later open() becomes stdout. */
	if (!lost) {
		int copy = dup(STDOUT_FILENO);

		lost = copy >= 0 && close(copy) != 0;
	}
	if (!lost)
		return status;
	(void)ab_err_sys(&err, "standard output");
	ab_err_note(program_invocation_short_name, "%s", err.msg);
	clearerr(stdout);
	return AB_EXIT_TROUBLE;
}

void ab_io_start(void)
{
	/* A limit on the size of files is a write that fails, as on a full disk, and is told. */
	(void)signal(SIGXFSZ, SIG_IGN);
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			/* Lowest free number: fd itself. If even /dev/null is missing, nothing
			 * helps. What was closed gives and takes nothing: a document that cannot be
			 * read is not an empty one. Only messages may be lost. */
			(void)!open("/dev/null", fd == 1 ? O_RDONLY : O_WRONLY);
}
