/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's directory in tier 2, seen from outside: its size, its end. The agent made what is in
 * it, and it may be deep, wide, and without any rights. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/jail/bare.h"

#define DEEPEST 24 /* directories in one another, each of which takes a descriptor */

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

/* Adds what is in a directory; one that cannot be opened has no right for its owner to make
 * anything in it either. */
static void add_directory(struct size *s, int at, const char *name, int depth)
{
	DIR *dir = depth > DEEPEST ? NULL : open_at(at, name);
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

uint64_t ab_bare_size(const struct ab_bare *bare, uint64_t files)
{
	struct size s = { .max_files = files };

	add_directory(&s, bare->fd, ".", 0);
	return s.over ? UINT64_MAX : s.bytes;
}

/* Gives us a directory's rights; through a symbolic link it would be another's. */
static void take_hold(int at, const char *name)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) &&
	    fchmodat(at, name, 0700, 0) < 0)
		return; /* then it cannot be opened either, and stays */
}

/* Takes away one entry of a directory beneath the top; a directory goes up to the top instead, so
 * that no path and no recursion gets long. True if it did. */
static bool take(int top, int at, const char *name, unsigned *number)
{
	char moved[32];

	if (unlinkat(at, name, 0) == 0 || unlinkat(at, name, AT_REMOVEDIR) == 0)
		return true;
	(void)snprintf(moved, sizeof(moved), ".agentbox-%u", (*number)++);
	/* To move a directory is to write to it. */
	take_hold(at, name);
	return renameat(at, name, top, moved) == 0;
}

/* Empties one directory of the top and removes it. True if something was done. */
static bool flatten(int top, const char *name, unsigned *number)
{
	bool done = false;
	struct dirent *e;
	DIR *dir;

	if (unlinkat(top, name, 0) == 0 || unlinkat(top, name, AT_REMOVEDIR) == 0)
		return true;
	take_hold(top, name);
	dir = open_at(top, name);
	while (dir && (e = readdir(dir)))
		if (!is_dots(e->d_name))
			done |= take(top, dirfd(dir), e->d_name, number);
	if (dir)
		(void)closedir(dir);
	return unlinkat(top, name, AT_REMOVEDIR) == 0 || done;
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
				more |= flatten(top, e->d_name, &number);
		(void)closedir(dir);
	}
}

void ab_bare_reopen(struct ab_bare *bare)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	char *slash = strrchr(bare->dir, '/');

	bare->fd = open(bare->dir, O_RDONLY | flags);
	*slash = '\0';
	bare->parent = open(slash == bare->dir ? "/" : bare->dir, O_PATH | flags);
	*slash = '/';
}

void ab_bare_remove(struct ab_bare *bare)
{
	if (bare->fd >= 0) {
		empty(bare->fd);
		(void)close(ab_steal_fd(&bare->fd));
	}
	if (bare->dir[0])
		(void)unlinkat(bare->parent, strrchr(bare->dir, '/') + 1, AT_REMOVEDIR);
	if (bare->parent >= 0)
		(void)close(ab_steal_fd(&bare->parent));
	bare->dir[0] = '\0';
}
