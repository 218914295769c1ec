/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification. Under the lock: key, checkpoint, write-ahead log, and the names and edges of the
 * public tree. Then, without it, all whole bundles and tiles, which never change, and each record.
 */
#include "lib/audit/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A record as it stands in a bundle. */
struct entry {
	const unsigned char *data;
	size_t len;
	unsigned char leaf[AB_SHA256_SIZE];
};

static int is_different(struct ab_buf *file, const void *want, size_t len)
{
	return file->len != len || (len && memcmp(file->data, want, len) != 0);
}

/* Reads a tile that must be there; its absence is a verdict, a failing disk is trouble. */
static int read_tile(struct check *c, int level, uint64_t n, unsigned width, struct ab_buf *out)
{
	if (ab_log_tile(c->log, level, n, width, out, c->err) == 0)
		return 0;
	if (c->err->sys == ENOENT || c->err->sys == ENOTDIR)
		c->err->status = AB_EXIT_NO;
	return -1;
}

static int check_tile(struct check *c, int level, uint64_t n, unsigned width, const void *hashes)
{
	char path[AB_TILE_PATH];

	if (read_tile(c, level, n, width, &c->tile) < 0)
		return -1;
	if (!is_different(&c->tile, hashes, (size_t)width * AB_SHA256_SIZE))
		return 0;
	ab_tile_path(level, n, width, path);
	return ab_err_no(c->err, "%s/%s: not the hashes of the records", c->log->path, path);
}

static int whole_tile(void *arg, int level, uint64_t n, const unsigned char *hashes,
		      struct ab_err *err)
{
	(void)err; /* it is c->err */
	return check_tile(arg, level, n, AB_TILE_WIDTH, hashes);
}

static int check_entry(struct check *c, const struct entry *e)
{
	uint64_t index = c->tree->size;

	if (ab_check_record(c, index, e->data, e->len) < 0) {
		if (c->err->status != AB_EXIT_NO)
			return -1;
		return ab_err_prefix(c->err, "%s: record %llu: ", c->log->path,
				     (unsigned long long)index);
	}
	return ab_tree_add(c->tree, e->leaf, index < c->log->published ? whole_tile : NULL, c,
			   c->err);
}

/* The next entries of a bundle, two if there are so many, and their leaf hashes. Returns how many. */
static unsigned next_entries(const struct ab_buf *bundle, size_t *at, unsigned max,
			     struct entry ret[2])
{
	unsigned n = 0;

	while (n < 2 && n < max && ab_bundle_next(bundle, at, &ret[n].data, &ret[n].len))
		n++;
	if (n == 2)
		ab_tree_leaf_two(ret[0].data, ret[0].len, ret[0].leaf, ret[1].data, ret[1].len,
				 ret[1].leaf);
	else if (n)
		ab_tree_leaf(ret[0].data, ret[0].len, ret[0].leaf);
	return n;
}

/* The entries of one bundle file: exactly `width`, and nothing behind them. */
static int check_bundle(struct check *c, const struct ab_buf *bundle, unsigned width,
			const char *path)
{
	struct entry entries[2];
	size_t at = 0;

	for (unsigned left = width, n; left; left -= n) {
		n = next_entries(bundle, &at, left, entries);
		if (!n)
			return ab_err_no(c->err, "%s/%s: cut short", c->log->path, path);
		for (unsigned i = 0; i < n; i++)
			if (check_entry(c, &entries[i]) < 0)
				return -1;
	}
	if (at != bundle->len)
		return ab_err_no(c->err, "%s/%s: holds more than its %u records", c->log->path,
				 path, width);
	return 0;
}

static int check_whole_bundles(struct check *c)
{
	char path[AB_TILE_PATH];

	for (uint64_t n = 0; n < c->log->published / AB_TILE_WIDTH; n++) {
		if (read_tile(c, AB_TILE_ENTRIES, n, AB_TILE_WIDTH, &c->bundle) < 0)
			return -1;
		ab_tile_path(AB_TILE_ENTRIES, n, AB_TILE_WIDTH, path);
		if (check_bundle(c, &c->bundle, AB_TILE_WIDTH, path) < 0)
			return -1;
	}
	return 0;
}

/* What was read under the lock, now that the records before it are known. */
static int check_edges(struct check *c)
{
	unsigned width = ab_tile_partial(c->log->published, AB_TILE_ENTRIES);
	char path[AB_TILE_PATH];

	ab_tile_path(AB_TILE_ENTRIES, c->log->published / AB_TILE_WIDTH, width, path);
	if (width && check_bundle(c, &c->edge[0], width, path) < 0)
		return -1;
	for (int level = 0; level < AB_TILE_LEVELS; level++) {
		width = ab_tile_partial(c->log->published, level);
		if (!width || !is_different(&c->edge[level + 1], c->tree->edge[level][0],
					    (size_t)width * AB_SHA256_SIZE))
			continue;
		ab_tile_path(level, c->log->published >> (8 * (level + 1)), width, path);
		return ab_err_no(c->err, "%s/%s: not the hashes of the records", c->log->path,
				 path);
	}
	return 0;
}

static int check_root(struct check *c)
{
	unsigned char root[AB_SHA256_SIZE];

	ab_tree_root(c->tree, root);
	if (memcmp(root, c->public.root, sizeof(root)) != 0)
		return ab_err_no(c->err, "%s: the records are not those of the checkpoint",
				 c->log->path);
	return 0;
}

/* Records that are committed and not yet published stand in the write-ahead log alone. */
static int check_pending(struct check *c)
{
	const struct ab_log *log = c->log;
	uint64_t index = log->base->size;
	struct entry e[2];
	size_t at = 0;

	if (log->wal < 0)
		return 0;
	for (; next_entries(&log->tail, &at, 1, e); index++)
		if (index >= log->published && check_entry(c, e) < 0)
			return -1;
	c->ret->pending = log->committed - log->published;
	memcpy(c->ret->root, log->root, sizeof(log->root));
	return 0;
}

static int read_edges(struct check *c)
{
	uint64_t size = c->log->published;

	for (int level = AB_TILE_ENTRIES; level < AB_TILE_LEVELS; level++) {
		unsigned width = ab_tile_partial(size, level);
		uint64_t n = size >> (8 * ((level < 0 ? 0 : level) + 1));

		if (width && read_tile(c, level, n, width, &c->edge[level + 1]) < 0)
			return -1;
	}
	return 0;
}

static int read_public(struct check *c)
{
	struct ab_buf note = { 0 };
	int status = ab_log_file(c->log, "checkpoint", AB_NOTE_MAX, &note, c->err);

	if (status == 0 &&
	    ab_checkpoint_open(note.data, note.len, &c->log->vkey, &c->public, c->err) < 0)
		status = ab_err_prefix(c->err, "%s/", c->log->path);
	ab_buf_free(&note);
	return status;
}

static int under_lock(struct check *c)
{
	if (read_public(c) < 0 || ab_check_names(c) < 0)
		return -1;
	return read_edges(c);
}

static void check_free(struct check *c)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(c->edge); i++)
		ab_buf_free(&c->edge[i]);
	ab_buf_free(&c->tile);
	ab_buf_free(&c->bundle);
	ab_check_records_free(c);
	free(c->tree);
	ab_log_close(c->log);
}

/* An earlier checkpoint must be of this log, and its tree the beginning of this one. */
static int check_old(struct check *c)
{
	unsigned char root[AB_SHA256_SIZE];
	struct ab_checkpoint old;

	if (!c->how->old)
		return 0;
	if (ab_checkpoint_open_any(c->how->old, c->how->old_len, &c->keys, &old, c->err) < 0)
		return ab_err_prefix(c->err, "--old: ");
	if (old.size > c->log->committed)
		return ab_err_no(c->err, "%s: rolled back: %llu records, %llu were there before",
				 c->log->path, (unsigned long long)c->log->committed,
				 (unsigned long long)old.size);
	if (ab_log_root_at(c->log, old.size, root, c->err) < 0)
		return -1;
	if (memcmp(root, old.root, sizeof(root)) != 0)
		return ab_err_no(c->err,
				 "%s: forked: the first %llu records are not those of --old",
				 c->log->path, (unsigned long long)old.size);
	return 0;
}

static int check_size(struct check *c)
{
	if (c->log->committed < c->how->min_size)
		return ab_err_no(c->err, "%s: rolled back: %llu records, expected at least %llu",
				 c->log->path, (unsigned long long)c->log->committed,
				 (unsigned long long)c->how->min_size);
	return 0;
}

static int run_checks(struct check *c)
{
	int status = under_lock(c);

	ab_check_keys_start(c);
	ab_log_unlock(c->log);
	if (status < 0 || check_size(c) < 0 || check_whole_bundles(c) < 0 || check_edges(c) < 0 ||
	    check_root(c) < 0 || check_pending(c) < 0 || ab_check_keys(c) < 0 || check_old(c) < 0 ||
	    ab_check_kept(c) < 0)
		return -1;
	return ab_check_ends(c);
}

int ab_log_verify(const char *dir, const struct ab_verify *how, struct ab_verified *ret,
		  struct ab_err *err)
{
	struct check c = { .how = how, .ret = ret, .err = err };
	int status = -1;

	*ret = (struct ab_verified){ 0 };
	c.tree = calloc(1, sizeof(*c.tree));
	if (!c.tree)
		return ab_err_memory(err);
	c.log = ab_log_read_locked(dir, how->vkey, err);
	if (c.log) {
		memcpy(ret->origin, c.log->vkey.name, sizeof(ret->origin));
		memcpy(ret->root, c.log->root, sizeof(ret->root));
		ret->size = c.log->committed;
		ret->torn = (uint64_t)c.log->torn;
		status = run_checks(&c);
	}
	check_free(&c);
	return status;
}
