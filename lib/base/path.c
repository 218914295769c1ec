/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"

/* Adds the directory of the running binary, without a trailing slash. */
static int add_own_directory(struct ab_buf *b, struct ab_err *err)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n < 0)
		return ab_err_sys(err, "/proc/self/exe");
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return ab_err_trouble(err, "%s: no directory", exe);
	ab_buf_add(b, exe, (size_t)(slash - exe));
	return 0;
}

static char *beside(const char *middle, const char *name, struct ab_err *err)
{
	struct ab_buf b = { 0 };
	char *path;

	if (add_own_directory(&b, err) < 0) {
		ab_buf_free(&b);
		return NULL;
	}
	ab_buf_adds(&b, middle);
	ab_buf_adds(&b, name);
	path = ab_buf_steal(&b);
	if (!path)
		ab_err_memory(err);
	return path;
}

char *ab_path_share(const char *name, struct ab_err *err)
{
	return beside("/../share/agentbox/", name, err);
}

char *ab_path_sibling(const char *tool, struct ab_err *err)
{
	return beside("/", tool, err);
}

bool ab_path_is_file(const char *text)
{
	struct stat st;

	return strchr(text, '/') || (stat(text, &st) == 0 && !S_ISDIR(st.st_mode));
}

int ab_path_open(const char *path, struct ab_err *err)
{
	ab_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		return ab_steal_fd(&fd);
	if (fd >= 0)
		errno = EISDIR;
	ab_err_sys(err, "%s", path);
	err->status = AB_EXIT_USAGE;
	return -1;
}

int ab_path_open_regular(int dirfd, const char *name, int flags, struct ab_err *err)
{
	ab_autoclose int fd = openat(
		dirfd, name, flags | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_sys(err, "%s", name);
	if (!S_ISREG(st.st_mode))
		return ab_err_no(err, "%s: not a regular file", name);
	return ab_steal_fd(&fd);
}

int ab_path_read(const char *path, size_t max, struct ab_buf *ret, struct ab_err *err)
{
	ab_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		ab_err_sys(err, "%s", path);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (ab_buf_read(ret, fd, max, err) < 0) {
		if (err->status == AB_EXIT_NO || err->sys == EISDIR)
			err->status = AB_EXIT_USAGE;
		return ab_err_prefix(err, "%s: ", path);
	}
	return 0;
}

int ab_path_parents(const char *path, struct ab_err *err)
{
	char part[PATH_MAX];

	for (const char *end = *path ? strchr(path + 1, '/') : NULL; end;
	     end = strchr(end + 1, '/')) {
		int n = snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);

		if (n < 0 || n >= PATH_MAX)
			return ab_err_usage(err, "%.64s...: path too long", path);
		if (access(part, F_OK) < 0 && mkdir(part, 0700) < 0 && errno != EEXIST)
			return ab_err_sys(err, "%s", part);
	}
	return 0;
}

static int write_synced(int fd, const void *data, size_t len, struct ab_err *err)
{
	if (ab_io_write(fd, data, len, err) < 0)
		return -1;
	if (fsync(fd) < 0)
		return ab_err_sys(err, "fsync");
	return 0;
}

int ab_path_check_replaceable(int dirfd, const char *name, struct ab_err *err)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : ab_err_sys(err, "%s", name);
	return S_ISREG(st.st_mode) ? 0 : ab_err_usage(err, "%s: not a regular file", name);
}

int ab_path_replace(int dirfd, const char *name, const void *data, size_t len, unsigned mode,
		    struct ab_err *err)
{
	char temporary[NAME_MAX + 1];
	int n = snprintf(temporary, sizeof(temporary), ".%s.%ld.tmp", name, (long)getpid());
	int fd, status;

	if (n < 0 || (size_t)n >= sizeof(temporary))
		return ab_err_trouble(err, "%s: name too long", name);
	if (ab_path_check_replaceable(dirfd, name, err) < 0)
		return -1;
	(void)unlinkat(dirfd, temporary, 0);
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return ab_err_sys(err, "%s", name);
	status = write_synced(fd, data, len, err);
	if (close(fd) < 0 && status == 0)
		status = ab_err_sys(err, "close");
	if (status == 0 && renameat(dirfd, temporary, dirfd, name) < 0)
		status = ab_err_sys(err, "rename");
	if (status == 0 && fsync(dirfd) < 0)
		status = ab_err_sys(err, "fsync of the directory");
	if (status == 0)
		return 0;
	(void)unlinkat(dirfd, temporary, 0);
	return ab_err_prefix(err, "%s: ", name);
}

char *ab_path_state(const char *name, struct ab_err *err)
{
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");
	struct ab_buf b = { 0 };
	char *path;

	if (state && *state == '/') {
		ab_buf_adds(&b, state);
	} else if (home && *home == '/') {
		ab_buf_adds(&b, home);
		ab_buf_adds(&b, "/.local/state");
	} else {
		ab_err_usage(err, "neither XDG_STATE_HOME nor HOME is an absolute path");
		return NULL;
	}
	ab_buf_addf(&b, "/agentbox/%s", name);
	path = ab_buf_steal(&b);
	if (!path)
		ab_err_memory(err);
	return path;
}

bool ab_path_is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	bool empty = dir != NULL;

	while (dir && empty && (e = readdir(dir)))
		empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
			strcmp(e->d_name, "lost+found") == 0;
	if (dir)
		(void)closedir(dir);
	return empty;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

int ab_path_is_archive(const char *path, struct ab_err *err)
{
	ab_autoclose int fd = -1;
	unsigned char head[512] = { 0 };
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (ends_with(path, ".tar") || ends_with(path, ".tar.zst") || ends_with(path, ".abb"))
		return 1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || pread(fd, head, sizeof(head), 0) < 0)
		return ab_err_sys(err, "%s", path);
	return memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 || memcmp(head + 257, "ustar", 5) == 0;
}
