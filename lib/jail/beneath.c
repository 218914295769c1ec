/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_how(int dir, const char *path, int flags, unsigned resolve)
{
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC, .resolve = resolve };
	int fd, tries = 0;

	/* EAGAIN: something was renamed somewhere while ".." was followed. */
	do {
		fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN && ++tries < 100);
	return fd;
}

int ab_beneath_open(int dir, const char *path, int flags)
{
	return open_how(dir, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int ab_beneath_parent(int dir, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX] = ".";

	*ret_name = slash ? slash + 1 : path;
	if (slash && (size_t)(slash - path) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (slash) {
		memcpy(parent, path, (size_t)(slash - path));
		parent[slash - path] = '\0';
	}
	return ab_beneath_open(dir, parent, O_PATH | O_DIRECTORY);
}

static bool may_escape(const char *path, const char *target)
{
	bool named = false;
	int depth = 0;

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/'))
		depth++;
	if (*target == '/')
		return true;
	while (*target) {
		size_t len = strcspn(target, "/");
		bool up = len == 2 && memcmp(target, "..", 2) == 0;

		if (up && (named || --depth < 0))
			return true;
		named |= !up && len > 0 && !(len == 1 && *target == '.');
		target += len + strspn(target + len, "/");
	}
	return false;
}

bool ab_beneath_escapes(int dir, const char *path, const char *target)
{
	const char *slash = strrchr(path, '/');
	char full[2 * PATH_MAX];
	int fd, n;

	if (may_escape(path, target))
		return true;
	n = snprintf(full, sizeof(full), "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path,
		     target);
	if (n < 0 || (size_t)n >= sizeof(full))
		return true;
	fd = open_how(dir, full, O_PATH, RESOLVE_BENEATH);
	if (fd >= 0)
		(void)close(fd);
	return fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
}
