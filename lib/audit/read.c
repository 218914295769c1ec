/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: a look at a log or at a copy of its public part, entries, hashes. */
#include "lib/audit/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Of a copy without a write-ahead log: the checkpoint is all there is, the tiles say the rest. */
static int read_public(struct ab_log *log, struct ab_err *err)
{
	struct ab_checkpoint c;

	if (ab_log_file(log, "checkpoint", AB_NOTE_MAX, &log->note, err) < 0) {
		if (err->sys == ENOENT)
			err->status = AB_EXIT_NO;
		return -1;
	}
	ab_buf_addc(&log->note, '\0');
	log->note.len--;
	if (ab_checkpoint_open(log->note.data, log->note.len, &log->vkey, &c, err) < 0)
		return ab_err_prefix(err, "%s/", log->path);
	log->committed = log->published = c.size;
	memcpy(log->root, c.root, sizeof(log->root));
	return 0;
}

/* A torn end is a commit that was never acknowledged, or one that is being made by a writer that
 * holds no lock: neither is there for a reader. */
static int read_own(struct ab_log *log, struct ab_err *err)
{
	if (ab_wal_replay(log, &log->torn, err) < 0) {
		if (!err->sys)
			err->status = AB_EXIT_NO;
		return -1;
	}
	ab_tree_root(log->tree, log->root);
	return ab_log_compare(log, err);
}

struct ab_log *ab_log_read_locked(const char *dir, const struct ab_vkey *vkey, struct ab_err *err)
{
	struct ab_log *log = ab_log_new(dir, vkey, err);
	int status;

	if (!log)
		return NULL;
	if (ab_log_open_own(log, err) < 0) {
		ab_log_close(log);
		return NULL;
	}
	status = log->wal < 0 ? read_public(log, err) : read_own(log, err);
	if (status < 0) {
		ab_log_close(log);
		return NULL;
	}
	return log;
}

struct ab_log *ab_log_read(const char *dir, const struct ab_vkey *vkey, struct ab_err *err)
{
	struct ab_log *log = ab_log_read_locked(dir, vkey, err);
	struct ab_checkpoint c;

	if (log) {
		log->trusted = vkey ? *vkey : log->vkey;
		ab_log_unlock(log);
	}
	if (log && vkey && ab_checkpoint_open(log->note.data, log->note.len, vkey, &c, err) < 0) {
		ab_err_prefix(err, "%s: ", dir);
		ab_log_close(log);
		return NULL;
	}
	return log;
}

int ab_log_bundle(const struct ab_log *log, uint64_t n, struct ab_buf *out, struct ab_err *err)
{
	uint64_t left = log->committed - n * AB_TILE_WIDTH;
	unsigned width = left < AB_TILE_WIDTH ? (unsigned)left : AB_TILE_WIDTH;

	ab_buf_clear(out);
	if (log->wal >= 0 && n * AB_TILE_WIDTH >= log->base->size) {
		ab_buf_add(out, log->tail.data, log->tail.len);
		return ab_buf_ok(out, err);
	}
	return ab_log_tile(log, AB_TILE_ENTRIES, n, width, out, err);
}

int ab_log_tile(const struct ab_log *log, int level, uint64_t n, unsigned width, struct ab_buf *out,
		struct ab_err *err)
{
	char path[AB_TILE_PATH];
	size_t max = level < 0 ? (size_t)AB_TILE_WIDTH * (AB_LOG_MAX_ENTRY + 2) : AB_TILE_SIZE;

	ab_buf_clear(out);
	ab_tile_path(level, n, width, path);
	return ab_log_file(log, path, max, out, err);
}

int ab_log_entry(struct ab_log *log, uint64_t index, struct ab_buf *out, struct ab_err *err)
{
	struct ab_buf bundle = { 0 };
	const unsigned char *entry = NULL;
	uint64_t skip = index % AB_TILE_WIDTH;
	size_t len = 0, at = 0;
	int status;

	if (index >= log->committed)
		return ab_err_usage(err, "%llu: no such record, there are %llu",
				    (unsigned long long)index, (unsigned long long)log->committed);
	if (log->wal >= 0 && index >= log->base->size)
		skip = index - log->base->size;
	status = ab_log_bundle(log, index / AB_TILE_WIDTH, &bundle, err);
	for (uint64_t i = 0; status == 0 && i <= skip; i++)
		if (!ab_bundle_next(&bundle, &at, &entry, &len))
			status = ab_err_no(err, "%s: the bundle of record %llu is cut short",
					   log->path, (unsigned long long)index);
	if (status == 0) {
		ab_buf_clear(out);
		ab_buf_add(out, entry, len);
		status = ab_buf_ok(out, err);
	}
	ab_buf_free(&bundle);
	return status;
}

static int file_hash(const struct ab_log *log, int level, uint64_t n, unsigned width,
		     unsigned char out[AB_SHA256_SIZE], struct ab_err *err)
{
	size_t at = (size_t)(n % AB_TILE_WIDTH) * AB_SHA256_SIZE;
	struct ab_buf hashes = { 0 };
	int status = ab_log_tile(log, level, n / AB_TILE_WIDTH, width, &hashes, err);

	if (status == 0 && hashes.len < at + AB_SHA256_SIZE)
		status = ab_err_no(err, "%s: a tile is cut short", log->path);
	if (status == 0)
		memcpy(out, hashes.data + at, AB_SHA256_SIZE);
	ab_buf_free(&hashes);
	return status;
}

/* A hash that covers records of the write-ahead log: made again from theirs. */
static int tail_hash(const struct ab_log *log, int level, uint64_t n,
		     unsigned char out[AB_SHA256_SIZE], struct ab_err *err)
{
	unsigned char below[AB_TILE_WIDTH][AB_SHA256_SIZE];

	if (level == 0) {
		memcpy(out, log->leaves.data + (n - log->base->size) * AB_SHA256_SIZE,
		       AB_SHA256_SIZE);
		return 0;
	}
	for (uint64_t i = 0; i < AB_TILE_WIDTH; i++)
		if (ab_log_hash(log, level - 1, n * AB_TILE_WIDTH + i, below[i], err) < 0)
			return -1;
	ab_tree_perfect(below[0], AB_TILE_WIDTH, out);
	return 0;
}

int ab_log_hash(const struct ab_log *log, int level, uint64_t n, unsigned char out[AB_SHA256_SIZE],
		struct ab_err *err)
{
	uint64_t tile = n / AB_TILE_WIDTH, size = log->wal < 0 ? log->committed : log->base->size;
	bool edge = tile == size >> (8 * (level + 1));

	if (log->wal >= 0 && (n + 1) << (8 * level) > size)
		return tail_hash(log, level, n, out, err);
	if (log->wal >= 0 && edge) {
		memcpy(out, log->base->edge[level][n % AB_TILE_WIDTH], AB_SHA256_SIZE);
		return 0;
	}
	return file_hash(log, level, n, edge ? ab_tile_partial(size, level) : AB_TILE_WIDTH, out,
			 err);
}

int ab_log_subtree(const struct ab_log *log, uint64_t start, int bit,
		   unsigned char out[AB_SHA256_SIZE], struct ab_err *err)
{
	unsigned char hashes[AB_TILE_WIDTH][AB_SHA256_SIZE];
	int level = bit / 8;
	size_t width = (size_t)1 << (bit % 8);

	for (size_t i = 0; i < width; i++)
		if (ab_log_hash(log, level, (start >> (8 * level)) + i, hashes[i], err) < 0)
			return -1;
	ab_tree_perfect(hashes[0], width, out);
	return 0;
}

int ab_log_root_at(const struct ab_log *log, uint64_t size, unsigned char out[AB_SHA256_SIZE],
		   struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE];
	uint64_t left = size;

	ab_sha256("", 0, out);
	for (int bit = 0; bit < 64 && left; bit++) {
		if (!(left >> bit & 1))
			continue;
		left -= (uint64_t)1 << bit;
		if (ab_log_subtree(log, left, bit, hash, err) < 0)
			return -1;
		if (left + ((uint64_t)1 << bit) == size)
			memcpy(out, hash, sizeof(hash));
		else
			ab_tree_node(hash, out, out);
	}
	return 0;
}

void ab_log_leaf(const void *entry, size_t len, unsigned char out[AB_SHA256_SIZE])
{
	ab_tree_leaf(entry, len, out);
}

/* The entries of one bundle as far as they are asked for. */
static int each_of_bundle(const struct ab_buf *bundle, uint64_t *index, uint64_t from, uint64_t to,
			  ab_log_fn *fn, void *arg, struct ab_err *err)
{
	const unsigned char *entry;
	size_t at = 0, len;
	int status = 0;

	while (status == 0 && *index < to && ab_bundle_next(bundle, &at, &entry, &len)) {
		if (*index >= from)
			status = fn(arg, *index, entry, len, err);
		(*index)++;
	}
	return status;
}

int ab_log_each(struct ab_log *log, uint64_t from, uint64_t to, ab_log_fn *fn, void *arg,
		struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf bundle = { 0 };
	uint64_t index = from / AB_TILE_WIDTH * AB_TILE_WIDTH;

	if (log->wal >= 0 && index > log->base->size)
		index = log->base->size;
	while (index < to && index < log->committed) {
		uint64_t start = index;
		int status;

		if (ab_log_bundle(log, index / AB_TILE_WIDTH, &bundle, err) < 0)
			return -1;
		status = each_of_bundle(&bundle, &index, from, to, fn, arg, err);
		if (status)
			return status < 0 ? -1 : 0;
		if (index == start)
			return ab_err_no(err, "%s: the bundle of record %llu is cut short",
					 log->path, (unsigned long long)index);
	}
	return 0;
}
