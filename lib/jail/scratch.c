/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the directory may be deep, wide, and without any rights: an agent made it. */
#include "lib/jail/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST	  24  /* directories in one another, each of which takes a descriptor */
#define MAX_DEPTH 300 /* more than the paths of a bundle can have */
#define ATTEMPTS  16

struct size {
	uint64_t bytes, files, max_files;
	bool over;
};

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *open_at(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		(void)close(fd);
	return dir;
}

/* Gives us a directory's rights. Others of the agent's user could put a symbolic link in its place
 * while root looks, so the one that was opened is meant, by whatever name. */
static void take_hold(int at, const char *name)
{
	ab_autoclose int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[32];

	if (fd < 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fchmodat(AT_FDCWD, path, 0700, 0) < 0)
		return; /* then it cannot be opened either, and stays */
}

/* A directory that its owner may write to, and not read, is ours to read as well. NULL: it is gone,
 * or `over` says that it cannot be looked at. */
static DIR *open_to_count(struct size *s, int at, const char *name)
{
	DIR *dir = open_at(at, name);

	if (!dir && errno == EACCES) {
		take_hold(at, name);
		dir = open_at(at, name);
	}
	s->over |= !dir && errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
	return dir;
}

/* Adds what is in a directory. */
static void add_directory(struct size *s, int at, const char *name, int depth)
{
	DIR *dir = depth > DEEPEST ? NULL : open_to_count(s, at, name);
	struct dirent *e;
	struct stat st;

	s->over |= depth > DEEPEST;
	while (dir && !s->over && (e = readdir(dir))) {
		if (is_dots(e->d_name) ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		s->bytes += (uint64_t)st.st_blocks * 512;
		s->over |= ++s->files > s->max_files;
		if (S_ISDIR(st.st_mode))
			add_directory(s, dirfd(dir), e->d_name, depth + 1);
	}
	if (dir)
		(void)closedir(dir);
}

uint64_t ab_scratch_size(const struct ab_scratch *scratch, uint64_t files)
{
	struct size s = { .max_files = files };

	add_directory(&s, scratch->fd, ".", 0);
	return s.over ? UINT64_MAX : s.bytes;
}

static bool flatten(int top, int at, const char *name, unsigned *number, int depth);

/* Takes away one entry of a directory beneath the top; a directory goes up to the top instead, so
 * that no path and no recursion gets long. True if it did. */
static bool take(int top, int at, const char *name, unsigned *number, int depth)
{
	char moved[32];

	if (unlinkat(at, name, 0) == 0 || unlinkat(at, name, AT_REMOVEDIR) == 0)
		return true;
	(void)snprintf(moved, sizeof(moved), ".agentbox-%u", (*number)++);
	/* To move a directory is to write to it. */
	take_hold(at, name);
	if (renameat(at, name, top, moved) == 0)
		return true;
	/* Landlock's first ABI moves nothing between directories. */
	return depth < MAX_DEPTH && flatten(top, at, name, number, depth + 1);
}

/* Empties one directory and removes it. True if something was done. */
static bool flatten(int top, int at, const char *name, unsigned *number, int depth)
{
	bool done = false;
	struct dirent *e;
	DIR *dir;

	if (unlinkat(at, name, 0) == 0 || unlinkat(at, name, AT_REMOVEDIR) == 0)
		return true;
	take_hold(at, name);
	dir = open_at(at, name);
	while (dir && (e = readdir(dir)))
		if (!is_dots(e->d_name))
			done |= take(top, dirfd(dir), e->d_name, number, depth);
	if (dir)
		(void)closedir(dir);
	return unlinkat(at, name, AT_REMOVEDIR) == 0 || done;
}

static void empty(int top)
{
	bool more = true;
	unsigned number = 0;
	struct dirent *e;
	DIR *dir;

	while (more && (dir = open_at(top, "."))) {
		more = false;
		while ((e = readdir(dir)))
			if (!is_dots(e->d_name))
				more |= flatten(top, top, e->d_name, &number, 0);
		(void)closedir(dir);
	}
}

/* Removes one that was left over, if it is ours and nobody holds it. */
static void sweep_one(int parent, const char *name)
{
	ab_autoclose int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
	    (st.st_mode & 07777) != 0700 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	empty(fd);
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

void ab_scratch_sweep(const struct ab_scratch *s)
{
	const char *name = strrchr(s->path, '/') + 1;
	DIR *dir = open_at(s->parent, ".");
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (strlen(e->d_name) == strlen(name) && strcmp(e->d_name, name) != 0 &&
		    strncmp(e->d_name, name, strlen(name) - strlen("XXXXXX")) == 0)
			sweep_one(s->parent, e->d_name);
	if (dir)
		(void)closedir(dir);
}

/* A fresh directory that is locked. 1: another's sweep came before the lock. */
static int make(struct ab_scratch *s, const char *base, const char *prefix, struct ab_err *err)
{
	int n = snprintf(s->path, sizeof(s->path), "%s/%s-XXXXXX", base, prefix);
	struct stat st;

	if (n < 0 || (size_t)n >= sizeof(s->path) || !mkdtemp(s->path)) {
		s->path[0] = '\0';
		return ab_err_sys(err, "%s: a directory for this run", base);
	}
	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0 && errno == ENOENT)
		return 1;
	if (s->fd < 0 || flock(s->fd, LOCK_EX) < 0 || fstat(s->fd, &st) < 0)
		return ab_err_sys(err, "%s", s->path);
	return st.st_nlink == 0;
}

int ab_scratch_make(struct ab_scratch *s, const char *prefix, struct ab_err *err)
{
	const char *base = secure_getenv("TMPDIR");
	char real[PATH_MAX];
	int status = 1;

	if (!base || *base != '/')
		base = "/tmp";
	if (!realpath(base, real))
		return ab_err_sys(err, "%s", base);
	s->parent = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->parent < 0)
		return ab_err_sys(err, "%s", real);
	for (int i = 0; status > 0 && i < ATTEMPTS; i++) {
		if (s->fd >= 0)
			(void)close(ab_steal_fd(&s->fd));
		status = make(s, real, prefix, err);
	}
	return status > 0 ? ab_err_trouble(err, "%s: was removed", s->path) : status;
}

void ab_scratch_reopen(struct ab_scratch *s)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	char *slash = strrchr(s->path, '/');

	s->fd = open(s->path, O_RDONLY | flags);
	*slash = '\0';
	s->parent = open(slash == s->path ? "/" : s->path, O_PATH | flags);
	*slash = '/';
}

void ab_scratch_remove(struct ab_scratch *s)
{
	if (s->fd >= 0) {
		empty(s->fd);
		(void)close(ab_steal_fd(&s->fd));
	}
	if (s->path[0]) {
		(void)unlinkat(s->parent, strrchr(s->path, '/') + 1, AT_REMOVEDIR);
		s->path[0] = '\0';
	}
	if (s->parent >= 0)
		(void)close(ab_steal_fd(&s->parent));
}
