/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"

#define MAX_DEPTH 256 /* as deep as changes are looked for (change.c) */
#define PIECE	  65536

struct copy {
	struct ab_buf path; /* of the directory that is being copied */
	unsigned char *piece;
	const struct ab_copy_owner *owner;
	struct ab_err *err;
};

/* A name in a directory, and the directory that gets it. */
struct entry {
	int from, to;
	const char *name;
	struct stat st;
};

static int fail(struct copy *c, const char *name)
{
	return ab_err_sys(c->err, "%s%s%s", c->path.len ? c->path.data : "", c->path.len ? "/" : "",
			  name);
}

static unsigned whose(unsigned id, unsigned from, unsigned to)
{
	if (id == from)
		return to;
	return id == to ? 0 : id;
}

/* `name` "": the directory's own descriptor is the file's. The mode comes after it: another owner
 * takes the set-user-ID bit away. */
static int give(const struct copy *c, int dir, const char *name, const struct stat *st)
{
	const struct ab_copy_owner *o = c->owner;

	return o ? fchownat(dir, name, whose(st->st_uid, o->from_uid, o->uid),
			    whose(st->st_gid, o->from_gid, o->gid),
			    AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)
		 : 0;
}

/* Others may put another file in its place while it is copied: what was opened counts, whose it is above
 * all, and it has to be of the kind that was looked for. */
static int look_again(struct copy *c, struct entry *e, int fd)
{
	mode_t kind = e->st.st_mode & S_IFMT;

	if (fstat(fd, &e->st) < 0)
		return fail(c, e->name);
	if ((e->st.st_mode & S_IFMT) == kind)
		return 0;
	return ab_err_trouble(c->err, "%s%s%s: was replaced while it was copied",
			      c->path.len ? c->path.data : "", c->path.len ? "/" : "", e->name);
}

static int finish(const struct copy *c, int fd, const struct stat *st)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };

	return give(c, fd, "", st) < 0 || fchmod(fd, st->st_mode & 07777) < 0 || futimens(fd, times) < 0
		       ? -1
		       : 0;
}

static int copy_bytes(struct copy *c, const struct entry *e, int from, int to)
{
	ssize_t n;

	while ((n = read(from, c->piece, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(c, e->name);
		if (ab_io_write(to, c->piece, (size_t)n, c->err) < 0) {
			errno = c->err->sys;
			return fail(c, e->name);
		}
	}
	return finish(c, to, &e->st) < 0 ? fail(c, e->name) : 0;
}

static int copy_file(struct copy *c, struct entry *e)
{
	ab_autoclose int from = openat(e->from, e->name,
				       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ab_autoclose int to = -1;

	if (from >= 0 && look_again(c, e, from) < 0)
		return -1;
	if (from >= 0)
		to = openat(e->to, e->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
	return to < 0 ? fail(c, e->name) : copy_bytes(c, e, from, to);
}

static int copy_link(struct copy *c, const struct entry *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(e->from, e->name, target, sizeof(target) - 1);

	if (n < 0)
		return fail(c, e->name);
	target[n] = '\0';
	return symlinkat(target, e->to, e->name) < 0 || give(c, e->to, e->name, &e->st) < 0
		       ? fail(c, e->name)
		       : 0;
}

static int copy_fifo(struct copy *c, const struct entry *e)
{
	return mkfifoat(e->to, e->name, 0600) < 0 || give(c, e->to, e->name, &e->st) < 0 ||
			       fchmodat(e->to, e->name, e->st.st_mode & 07777, 0) < 0
		       ? fail(c, e->name)
		       : 0;
}

static int copy_below(struct copy *c, int from, int to, int depth);

/* Its own mode comes last: it may be one that lets nobody write into it. */
static int copy_directory(struct copy *c, struct entry *e, int depth)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	ab_autoclose int from = openat(e->from, e->name, flags), to = -1;
	size_t len = c->path.len;

	if (from >= 0 && look_again(c, e, from) < 0)
		return -1;
	if (from < 0 || mkdirat(e->to, e->name, 0700) < 0 ||
	    (to = openat(e->to, e->name, flags)) < 0)
		return fail(c, e->name);
	if (depth >= MAX_DEPTH)
		return ab_err_trouble(c->err, "nested more than %d deep", MAX_DEPTH);
	ab_buf_addf(&c->path, "%s%s", len ? "/" : "", e->name);
	if (c->path.failed)
		return ab_err_memory(c->err);
	if (copy_below(c, from, to, depth + 1) < 0)
		return -1;
	c->path.len = len;
	c->path.data[len] = '\0';
	return finish(c, to, &e->st) < 0 ? fail(c, e->name) : 0;
}

static int copy_entry(struct copy *c, struct entry *e, int depth)
{
	if (fstatat(e->from, e->name, &e->st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(c, e->name);
	switch (e->st.st_mode & S_IFMT) {
	case S_IFREG:
		return copy_file(c, e);
	case S_IFDIR:
		return copy_directory(c, e, depth);
	case S_IFLNK:
		return copy_link(c, e);
	case S_IFIFO:
		return copy_fifo(c, e);
	default:
		errno = EOPNOTSUPP; /* a socket or a device */
		return fail(c, e->name);
	}
}

static int copy_below(struct copy *c, int from, int to, int depth)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int status = 0;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return fail(c, ".");
	}
	while (status == 0 && (errno = 0, d = readdir(dir))) {
		struct entry e = { .from = from, .to = to, .name = d->d_name };

		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			status = copy_entry(c, &e, depth);
	}
	if (status == 0 && errno)
		status = fail(c, ".");
	(void)closedir(dir);
	return status;
}

int ab_copy_tree(int from, int to, const struct ab_copy_owner *owner, struct ab_err *err)
{
	struct copy c = { .piece = malloc(PIECE), .owner = owner, .err = err };
	int status = c.piece ? copy_below(&c, from, to, 0) : ab_err_memory(err);

	free(c.piece);
	ab_buf_free(&c.path);
	return status;
}
