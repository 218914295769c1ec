/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_how(int root, const char *path, int flags, unsigned mode, unsigned long resolve)
{
	struct open_how how = {
		/* The kernel takes no O_NOCTTY beside O_PATH. */
		.flags = (unsigned)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
	};
	long fd;

	/* EAGAIN: a rename elsewhere raced with "..", which the kernel cannot rule out as an
	 * attack. */
	for (int i = 0; i < 100; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

int ab_beneath_open(int root, const char *path, int flags)
{
	return open_how(root, path, flags, 0, 0);
}

int ab_beneath_open_strict(int root, const char *path, int flags, unsigned mode)
{
	return open_how(root, path, flags, mode, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

bool ab_beneath_is_directory(int root, const char *path)
{
	ab_autoclose int fd = ab_beneath_open(root, path, O_PATH | O_DIRECTORY);

	return fd >= 0;
}

static int open_failed(const char *path, struct ab_err *err)
{
	if (errno == EXDEV)
		return ab_err_no(err, "%s: leads out of the tree", path);
	if (errno == ELOOP)
		return ab_err_no(err, "%s: symbolic links in a circle", path);
	ab_err_sys(err, "%s", path);
	err->status = AB_EXIT_USAGE;
	return -1;
}

int ab_beneath_open_file(int root, const char *path, struct ab_err *err)
{
	/* O_NONBLOCK: a FIFO without a writer must not hold us up before fstat() tells it apart. */
	ab_autoclose int fd = ab_beneath_open(root, path, O_RDONLY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return open_failed(path, err);
	if (fstat(fd, &st) < 0)
		return ab_err_sys(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return ab_err_no(err, "%s: not a regular file", path);
	return ab_steal_fd(&fd);
}
