/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiles and the checkpoint file, made from what is committed. Each file is written beside the
 * public tree and renamed into it, so that readers see whole files only. Nothing here is synced
 * until the write-ahead log is about to forget it.
 */
#include "lib/audit/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"

#define MANY 8 /* bundles */

/* Makes the directories on the way to `path`. */
static int make_parents(const struct ab_log *log, const char *path, struct ab_err *err)
{
	char dir[AB_TILE_PATH];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);

		memcpy(dir, path, len);
		dir[len] = '\0';
		if (mkdirat(log->dir, dir, 0755) < 0 && errno != EEXIST)
			return ab_err_sys(err, "%s/%s", log->path, dir);
	}
	return 0;
}

static int move_in(const struct ab_log *log, const char *path, struct ab_err *err)
{
	if (renameat(log->own, "tmp", log->dir, path) == 0)
		return 0;
	if (errno != ENOENT || make_parents(log, path, err) < 0 ||
	    renameat(log->own, "tmp", log->dir, path) < 0)
		return ab_err_sys(err, "%s/%s", log->path, path);
	return 0;
}

static int write_file(const struct ab_log *log, const char *path, const void *data, size_t len,
		      struct ab_err *err)
{
	/* Only the holder of the lock writes, so one name is enough. */
	int fd = openat(log->own, "tmp", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0644);
	int status;

	if (fd < 0)
		return ab_err_sys(err, "%s/.ab/tmp", log->path);
	status = ab_io_write(fd, data, len, err);
	if (close(fd) < 0 && status == 0)
		status = ab_err_sys(err, "close");
	if (status < 0)
		return ab_err_prefix(err, "%s/%s: ", log->path, path);
	return move_in(log, path, err);
}

/* Removes the unfinished tiles of a place but the one of this width (256: all, and the place). */
static void remove_partials(const struct ab_log *log, int level, uint64_t n, unsigned keep)
{
	char dir[AB_TILE_PATH], kept[8];
	struct dirent *d;
	DIR *list;
	int fd;

	ab_tile_path(level, n, 0, dir);
	dir[strlen(dir) - strlen("/0")] = '\0';
	(void)snprintf(kept, sizeof(kept), "%u", keep); /* at most 256 */
	fd = openat(log->dir, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	/* What stays by accident is an older state of the same tile: harmless, and checked by
	 * verify. */
	while ((d = readdir(list)))
		if (d->d_name[0] != '.' && strcmp(d->d_name, kept) != 0)
			(void)unlinkat(fd, d->d_name, 0);
	(void)closedir(list);
	if (keep == AB_TILE_WIDTH)
		(void)unlinkat(log->dir, dir, AT_REMOVEDIR);
}

static int write_tile(const struct ab_log *log, int level, uint64_t n, unsigned width,
		      const void *data, size_t len, struct ab_err *err)
{
	char path[AB_TILE_PATH];

	ab_tile_path(level, n, width, path);
	return write_file(log, path, data, len, err);
}

/* Which tile of a level is the unfinished one of a tree. */
static uint64_t edge_tile(uint64_t size, int level)
{
	return size >> (8 * ((level < 0 ? 0 : level) + 1));
}

/* Removes the unfinished states of a tile that is whole now, unless the checkpoint that readers see
 * still names one: whoever reads between this and the next checkpoint needs it. */
static void outgrow(const struct ab_log *log, int level, uint64_t n)
{
	if (log->stale || n != edge_tile(log->published, level))
		remove_partials(log, level, n, AB_TILE_WIDTH);
}

static int write_whole(void *arg, int level, uint64_t n, const unsigned char *hashes,
		       struct ab_err *err)
{
	const struct ab_log *log = arg;

	if (write_tile(log, level, n, AB_TILE_WIDTH, hashes, AB_TILE_SIZE, err) < 0)
		return -1;
	outgrow(log, level, n);
	return 0;
}

static void drop_front(struct ab_buf *b, size_t len)
{
	if (!len)
		return;
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
}

/* Adds the leaves of one whole bundle to the base. */
static int add_leaves(struct ab_log *log, size_t at, ab_tile_fn *whole, struct ab_err *err)
{
	const unsigned char *leaf = (const unsigned char *)log->leaves.data + at;

	for (int i = 0; i < AB_TILE_WIDTH; i++, leaf += AB_SHA256_SIZE)
		if (ab_tree_add(log->base, leaf, whole, log, err) < 0)
			return -1;
	return 0;
}

/* Moves the base over whole bundles up to `size`; writes them if `whole` is given. */
static int advance(struct ab_log *log, uint64_t size, ab_tile_fn *whole, struct ab_err *err)
{
	size_t at = 0, leaves = 0;
	int status = 0;

	while (status == 0 && size - log->base->size >= AB_TILE_WIDTH) {
		uint64_t n = log->base->size / AB_TILE_WIDTH;
		size_t start = at, len;
		const unsigned char *entry;

		for (int i = 0; i < AB_TILE_WIDTH; i++)
			if (!ab_bundle_next(&log->tail, &at, &entry, &len))
				return ab_err_trouble(err, "%s: entries are missing", log->path);
		if (whole) {
			status = write_tile(log, AB_TILE_ENTRIES, n, AB_TILE_WIDTH,
					    log->tail.data + start, at - start, err);
			outgrow(log, AB_TILE_ENTRIES, n);
		}
		if (status == 0)
			status = add_leaves(log, leaves, whole, err);
		leaves += AB_TILE_SIZE;
	}
	drop_front(&log->tail, at);
	drop_front(&log->leaves, leaves);
	return status;
}

int ab_publish_skip(struct ab_log *log, uint64_t size, struct ab_err *err)
{
	return size < log->base->size ? 0 : advance(log, size, NULL, err);
}

int ab_publish_whole(struct ab_log *log, struct ab_err *err)
{
	return advance(log, log->committed, write_whole, err);
}

/* Writes the unfinished tile of a level, and removes older states of it. */
static int write_partial(struct ab_log *log, int level, struct ab_err *err)
{
	unsigned width = ab_tile_partial(log->committed, level);
	uint64_t n = edge_tile(log->committed, level);
	const void *data = level < 0 ? (void *)log->tail.data : log->tree->edge[level][0];
	size_t len = level < 0 ? log->tail.len : (size_t)width * AB_SHA256_SIZE;

	if (!width)
		return 0;
	return write_tile(log, level, n, width, data, len, err);
}

/* Whether the unfinished tile of a level is another one than the published one. */
static bool has_changed(const struct ab_log *log, int level)
{
	int shift = 8 * (level < 0 ? 0 : level);

	return log->stale || log->committed >> shift != log->published >> shift;
}

int ab_publish_edge(struct ab_log *log, struct ab_err *err)
{
	for (int level = AB_TILE_ENTRIES; level < AB_TILE_LEVELS; level++)
		if (has_changed(log, level) && write_partial(log, level, err) < 0)
			return -1;
	if (write_file(log, "checkpoint", log->note.data, log->note.len, err) < 0)
		return -1;
	for (int level = AB_TILE_ENTRIES; level < AB_TILE_LEVELS; level++) {
		unsigned width = ab_tile_partial(log->committed, level);
		uint64_t n = edge_tile(log->committed, level);
		uint64_t before = edge_tile(log->published, level);

		if (width && has_changed(log, level))
			remove_partials(log, level, n, width);
		if (before != n && ab_tile_partial(log->published, level))
			remove_partials(log, level, before, AB_TILE_WIDTH);
	}
	log->published = log->committed;
	log->stale = false;
	return 0;
}

static int sync_one(const struct ab_log *log, const char *path, struct ab_err *err)
{
	ab_autoclose int fd = openat(log->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fsync(fd) < 0)
		return ab_err_sys(err, "%s/%s", log->path, path);
	return 0;
}

/* fsyncs a file and, if that is not where the last one was, the directories above it. */
static int sync_path(const struct ab_log *log, const char *path, char last[AB_TILE_PATH],
		     struct ab_err *err)
{
	char dir[AB_TILE_PATH];
	char *slash;

	if (sync_one(log, path, err) < 0)
		return -1;
	memcpy(dir, path, strlen(path) + 1);
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	if (!slash || strcmp(dir, last) == 0)
		return 0;
	memcpy(last, dir, sizeof(dir));
	while (slash) {
		if (sync_one(log, dir, err) < 0)
			return -1;
		slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
	}
	return 0;
}

static int sync_tile(const struct ab_log *log, int level, uint64_t n, unsigned width,
		     char last[AB_TILE_PATH], struct ab_err *err)
{
	char path[AB_TILE_PATH];

	ab_tile_path(level, n, width, path);
	return sync_path(log, path, last, err);
}

static int sync_level(const struct ab_log *log, int level, uint64_t from, struct ab_err *err)
{
	int shift = 8 * ((level < 0 ? 0 : level) + 1);
	unsigned width = ab_tile_partial(log->committed, level);
	uint64_t end = log->committed >> shift;
	char last[AB_TILE_PATH] = "";

	for (uint64_t n = from >> shift; n < end; n++)
		if (sync_tile(log, level, n, AB_TILE_WIDTH, last, err) < 0)
			return -1;
	return width ? sync_tile(log, level, end, width, last, err) : 0;
}

int ab_publish_sync(struct ab_log *log, uint64_t from, struct ab_err *err)
{
	/* Each fsync waits for the disk's cache by itself: of many files that is slower than to let
	 * the file system write all it has. */
	if ((log->committed - from) / AB_TILE_WIDTH > MANY)
		return syncfs(log->dir) < 0 ? ab_err_sys(err, "%s: syncfs", log->path) : 0;
	for (int level = AB_TILE_ENTRIES; level < AB_TILE_LEVELS; level++)
		if (sync_level(log, level, from, err) < 0)
			return -1;
	if (sync_path(log, "checkpoint", (char[AB_TILE_PATH]){ "" }, err) < 0)
		return -1;
	if (fsync(log->dir) < 0)
		return ab_err_sys(err, "%s", log->path);
	return 0;
}
