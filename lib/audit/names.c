/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of the public tree's files: which may be there. */
#include "lib/audit/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the name of a tile's file says. */
struct name {
	int level;
	uint64_t n;
	unsigned width;
};

/* Reads three digits; they must be all of the component but for `behind`. */
static bool three_digits(const char *p, uint64_t *n)
{
	for (int i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*n = *n * 10 + (uint64_t)(p[i] - '0');
	}
	return true;
}

/* Reads "x001/067.p/5" into number and width. Whether the text is the one spelling of them shows
 * when the path is made again. */
static bool parse_number(const char *p, struct name *ret)
{
	int groups = 0;

	ret->width = AB_TILE_WIDTH;
	while (*p == 'x' && groups++ < 6) {
		if (!three_digits(p + 1, &ret->n) || p[4] != '/')
			return false;
		p += 5;
	}
	if (!three_digits(p, &ret->n))
		return false;
	p += 3;
	if (*p == '\0')
		return true;
	if (strncmp(p, ".p/", 3) != 0)
		return false;
	ret->width = 0;
	for (p += 3; *p >= '0' && *p <= '9' && ret->width < AB_TILE_WIDTH; p++)
		ret->width = ret->width * 10 + (unsigned)(*p - '0');
	return *p == '\0';
}

static bool parse_name(const char *path, struct name *ret)
{
	char again[AB_TILE_PATH];

	*ret = (struct name){ 0 };
	if (strncmp(path, "tile/entries/", 13) == 0) {
		ret->level = AB_TILE_ENTRIES;
		path += 13;
	} else if (path[5] >= '0' && path[5] < '0' + AB_TILE_LEVELS && path[6] == '/') {
		ret->level = path[5] - '0';
		path += 7;
	} else {
		return false;
	}
	if (!parse_number(path, ret) || !ret->width || ret->width > AB_TILE_WIDTH)
		return false;
	ab_tile_path(ret->level, ret->n, ret->width, again);
	return strcmp(again + strlen(again) - strlen(path), path) == 0;
}

/* An older state of a tile, which a crash can leave: it must say the same as far as it goes. */
static int check_older(struct check *c, const char *path, const struct name *name, unsigned now)
{
	struct ab_buf older = { 0 };
	int status = ab_log_tile(c->log, name->level, name->n, name->width, &older, c->err);

	if (status == 0)
		status = ab_log_tile(c->log, name->level, name->n, now, &c->tile, c->err);
	if (status == 0 && (older.len > c->tile.len ||
			    memcmp(older.data ? older.data : "", c->tile.data, older.len) != 0))
		status = ab_err_no(c->err, "%s/%s: an older state that says something else",
				   c->log->path, path);
	ab_buf_free(&older);
	return status;
}

/* How wide tile n of a level is in a tree of `size`; 0: not there. */
static unsigned width_in(uint64_t size, const struct name *name)
{
	uint64_t whole = size >> (8 * ((name->level < 0 ? 0 : name->level) + 1));

	if (name->n < whole)
		return AB_TILE_WIDTH;
	return name->n == whole ? ab_tile_partial(size, name->level) : 0;
}

static int check_name(struct check *c, const char *path)
{
	struct name name;
	unsigned now;

	if (!parse_name(path, &name))
		return ab_err_no(c->err, "%s/%s: not the name of a tile", c->log->path, path);
	now = width_in(c->log->published, &name);
	if (name.width < now)
		return check_older(c, path, &name, now);
	/* Tiles are written before the checkpoint that names them: a crash may come between. */
	if (name.width > now && name.width > width_in(c->log->committed, &name))
		return ab_err_no(c->err, "%s/%s: not of a log of %llu records", c->log->path, path,
				 (unsigned long long)c->log->published);
	return 0;
}

static int walk(struct check *c, const char *dir, int depth);

static int visit(struct check *c, const char *dir, const struct dirent *d, int depth)
{
	char path[AB_TILE_PATH];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);

	if (n < 0 || (size_t)n >= sizeof(path) || depth > 9)
		return ab_err_no(c->err, "%s/%s: not the name of a tile", c->log->path, dir);
	if (d->d_type == DT_DIR)
		return walk(c, path, depth + 1);
	return check_name(c, path);
}

static int walk(struct check *c, const char *dir, int depth)
{
	int fd = openat(c->log->dir, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	int status = 0;

	if (!list) {
		ab_err_sys(c->err, "%s/%s", c->log->path, dir);
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	while (status == 0 && (errno = 0, d = readdir(list)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			status = visit(c, dir, d, depth);
	if (status == 0 && errno)
		status = ab_err_sys(c->err, "%s/%s", c->log->path, dir);
	(void)closedir(list);
	return status;
}

int ab_check_names(struct check *c)
{
	int status = walk(c, "tile", 0);

	/* A copy of an empty log may well lack the empty directory. */
	if (status < 0 && c->err->sys == ENOENT && !c->log->published)
		return 0;
	if (status < 0 && (c->err->sys == ENOENT || c->err->sys == ENOTDIR))
		c->err->status = AB_EXIT_NO; /* a verdict, as of a single tile */
	return status;
}
