/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The write-ahead log. A header, then frames; all numbers are big-endian.
 *
 *	header	"abwal\0\0\1", u64 base, u32 hashes, the right edge of the tree at base above
 *		level 0 (level 1 first), SHA-256 of all that
 *	frame	"abfr", u32 entries, u32 bytes of entries, u32 bytes of the note, 16 bytes boot id,
 *		SHA-256 of those and the note; the entries (u16 length, bytes); the note
 *
 * The note is the signed checkpoint of the tree with the frame's entries in it, so the root in the
 * last note vouches for all entries before. A crash can tear the last frame alone, since each was
 * synced before the next was written: a bad frame with a good one behind it is damage.
 */
#include "lib/audit/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"

#define HEADER_MAGIC "abwal\0\0\1"
#define HEADER_FIXED (8 + 8 + 4)
#define FRAME_MAGIC  "abfr"
#define FRAME_SUM_AT (4 + 3 * 4 + AB_WAL_BOOT)
#define FRAME_FIXED  (FRAME_SUM_AT + AB_SHA256_SIZE)
#define WAL_MAX	     ((size_t)1 << 30)

struct frame {
	uint32_t count, bytes, note;
	const unsigned char *start, *entries, *text;
};

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void ab_bundle_add(struct ab_buf *bundle, const void *entry, size_t len)
{
	const unsigned char size[2] = { (unsigned char)(len >> 8), (unsigned char)len };

	ab_buf_add(bundle, size, sizeof(size));
	ab_buf_add(bundle, entry, len);
}

static bool next_entry(const unsigned char **p, const unsigned char *end, const unsigned char **ret,
		       size_t *ret_len)
{
	size_t len;

	if (end - *p < 2)
		return false;
	len = (size_t)(*p)[0] << 8 | (*p)[1];
	if ((size_t)(end - *p) - 2 < len)
		return false;
	*ret = *p + 2;
	*ret_len = len;
	*p += 2 + len;
	return true;
}

bool ab_bundle_next(const struct ab_buf *bundle, size_t *at, const unsigned char **ret,
		    size_t *ret_len)
{
	const unsigned char *start = (const unsigned char *)bundle->data;
	const unsigned char *p = start + *at;

	if (*at >= bundle->len || !next_entry(&p, start + bundle->len, ret, ret_len))
		return false;
	*at = (size_t)(p - start);
	return true;
}

static void frame_sum(const unsigned char *start, const unsigned char *note, size_t len,
		      unsigned char out[AB_SHA256_SIZE])
{
	struct ab_sha256 s;

	ab_sha256_init(&s);
	ab_sha256_add(&s, start, FRAME_SUM_AT);
	ab_sha256_add(&s, note, len);
	ab_sha256_end(&s, out);
}

/* Whether the bytes at p hold a whole frame whose own fields are good. */
static bool read_frame(const unsigned char *p, const unsigned char *end, struct frame *ret)
{
	unsigned char sum[AB_SHA256_SIZE];
	size_t left = (size_t)(end - p);
	struct frame f = { .start = p };

	if (left < FRAME_FIXED || memcmp(p, FRAME_MAGIC, 4) != 0)
		return false;
	f.count = get32(p + 4);
	f.bytes = get32(p + 8);
	f.note = get32(p + 12);
	left -= FRAME_FIXED;
	if (f.bytes > left || f.note > left - f.bytes)
		return false;
	f.entries = p + FRAME_FIXED;
	f.text = f.entries + f.bytes;
	frame_sum(p, f.text, f.note, sum);
	if (memcmp(sum, p + FRAME_SUM_AT, sizeof(sum)) != 0)
		return false;
	*ret = f;
	return true;
}

/* Whether any good frame starts at p or behind it. */
static bool has_frame(const unsigned char *p, const unsigned char *end)
{
	struct frame f;

	while ((p = p < end ? memmem(p, (size_t)(end - p), FRAME_MAGIC, 4) : NULL)) {
		if (read_frame(p, end, &f))
			return true;
		p++;
	}
	return false;
}

static int read_header(struct ab_log *log, const unsigned char *p, size_t size, size_t *ret_len,
		       struct ab_err *err)
{
	unsigned char sum[AB_SHA256_SIZE];
	size_t len, hashes = 0, at = HEADER_FIXED;
	uint64_t base;

	if (size < HEADER_FIXED || memcmp(p, HEADER_MAGIC, 8) != 0)
		return ab_err_trouble(err, "not a write-ahead log");
	base = (uint64_t)get32(p + 8) << 32 | get32(p + 12);
	for (int level = 1; level < AB_TILE_LEVELS; level++)
		hashes += ab_tile_partial(base, level);
	len = HEADER_FIXED + hashes * AB_SHA256_SIZE;
	if (base % AB_TILE_WIDTH || get32(p + 16) != hashes || size < len + sizeof(sum))
		return ab_err_trouble(err, "header is damaged");
	ab_sha256(p, len, sum);
	if (memcmp(sum, p + len, sizeof(sum)) != 0)
		return ab_err_trouble(err, "header is damaged");
	memset(log->base, 0, sizeof(*log->base));
	log->base->size = base;
	for (int level = 1; level < AB_TILE_LEVELS; level++) {
		size_t n = ab_tile_partial(base, level) * (size_t)AB_SHA256_SIZE;

		memcpy(log->base->edge[level][0], p + at, n);
		at += n;
	}
	memcpy(log->tree, log->base, sizeof(*log->tree));
	log->wal_base = log->committed = base;
	ab_buf_clear(&log->tail);
	ab_buf_clear(&log->leaves);
	ab_buf_clear(&log->note);
	*ret_len = len + sizeof(sum);
	return 0;
}

/* Adds a frame's entries to tree and tail. Its encoding may be torn: false. */
static bool take_frame(struct ab_log *log, const struct frame *f, struct ab_tree *tree)
{
	const unsigned char *p = f->entries, *entry;
	unsigned char leaf[AB_SHA256_SIZE];
	uint32_t n = 0;
	size_t len;

	while (n < f->count && next_entry(&p, f->text, &entry, &len)) {
		ab_tree_leaf(entry, len, leaf);
		ab_buf_add(&log->leaves, leaf, sizeof(leaf));
		(void)ab_tree_add(tree, leaf, NULL, NULL, NULL); /* fails only by its callback */
		n++;
	}
	return n == f->count && p == f->text;
}

/* Whether the frame's note is this log's checkpoint of this tree. */
static bool fits(const struct ab_log *log, const struct frame *f, const struct ab_tree *tree)
{
	unsigned char root[AB_SHA256_SIZE];
	struct ab_checkpoint c;
	struct ab_err err;

	if (ab_checkpoint_open((const char *)f->text, f->note, &log->vkey, &c, &err) < 0)
		return false;
	ab_tree_root(tree, root);
	return c.size == tree->size && memcmp(c.root, root, sizeof(root)) == 0;
}

static void accept(struct ab_log *log, const struct frame *f)
{
	ab_buf_add(&log->tail, f->entries, f->bytes);
	log->committed += f->count;
}

static void set_note(struct ab_log *log, const struct frame *f)
{
	ab_buf_clear(&log->note);
	ab_buf_add(&log->note, f->text, f->note);
	log->stale |= memcmp(f->start + FRAME_SUM_AT - AB_WAL_BOOT, log->boot, AB_WAL_BOOT) != 0;
}

/* The newest frame is torn: back to the tree before it. false: that does not fit either. */
static bool drop_frame(struct ab_log *log, const struct frame *last, const struct ab_tree *before,
		       size_t leaves)
{
	if (last->start && !fits(log, last, before))
		return false;
	log->leaves.len = leaves;
	memcpy(log->tree, before, sizeof(*before));
	/* Without a frame before it in this round, an earlier round has vouched for the tree. */
	return last->start || log->note.len;
}

/*
 * Takes the frames from p on. Every frame but the newest must be good; the newest may be torn, and
 * then ends what there is. Returns the end of the last good frame, NULL if there is damage.
 */
static const unsigned char *take_frames(struct ab_log *log, const unsigned char *p,
					const unsigned char *end, struct ab_tree *before)
{
	struct frame now, last = { 0 }, unused;

	while (read_frame(p, end, &now)) {
		const unsigned char *next = now.text + now.note;
		bool newest = !read_frame(next, end, &unused);
		size_t leaves = log->leaves.len;

		if (newest)
			memcpy(before, log->tree, sizeof(*before));
		if (!take_frame(log, &now, log->tree) || (newest && !fits(log, &now, log->tree))) {
			if (!newest || !drop_frame(log, &last, before, leaves))
				return NULL;
			break;
		}
		accept(log, &now);
		last = now;
		p = next;
	}
	if (has_frame(p + (p < end), end))
		return NULL;
	if (last.start)
		set_note(log, &last);
	return p;
}

static int replay(struct ab_log *log, const unsigned char *data, size_t size, off_t *ret_torn,
		  struct ab_err *err)
{
	ab_autofree struct ab_tree *before = malloc(sizeof(*before));
	const unsigned char *p;
	size_t start = (size_t)log->wal_end;

	if (!before)
		return ab_err_memory(err);
	if (start > size)
		return ab_err_trouble(err, "shorter than it was");
	if (start == 0 && read_header(log, data, size, &start, err) < 0)
		return -1;
	p = take_frames(log, data + start, data + size, before);
	if (ab_buf_ok(&log->tail, err) < 0 || ab_buf_ok(&log->leaves, err) < 0 ||
	    ab_buf_ok(&log->note, err) < 0)
		return -1;
	if (!p)
		return ab_err_trouble(err, "damaged");
	if (!log->note.len)
		return ab_err_trouble(err, "holds no checkpoint");
	log->wal_end = p - data;
	*ret_torn = (off_t)size - log->wal_end;
	return 0;
}

int ab_wal_replay(struct ab_log *log, off_t *ret_torn, struct ab_err *err)
{
	struct ab_buf data = { 0 };
	struct stat st;
	int status = -1;

	if (fstat(log->wal, &st) < 0 || lseek(log->wal, 0, SEEK_SET) < 0)
		ab_err_sys(err, "wal");
	else if (ab_buf_read(&data, log->wal, WAL_MAX, err) == 0)
		status = replay(log, (const unsigned char *)data.data, data.len, ret_torn, err);
	ab_buf_free(&data);
	if (status < 0)
		return ab_err_prefix(err, "%s/.ab/wal: ", log->path);
	log->wal_inode = st.st_ino;
	return 0;
}

void ab_wal_frame_start(struct ab_log *log)
{
	static const unsigned char zeros[FRAME_FIXED];

	ab_buf_clear(&log->frame);
	ab_buf_add(&log->frame, zeros, sizeof(zeros));
	log->added = 0;
}

int ab_wal_frame_end(struct ab_log *log, struct ab_err *err)
{
	struct ab_buf *frame = &log->frame;
	size_t bytes = frame->len - FRAME_FIXED;
	unsigned char *p;

	ab_buf_add(frame, log->note.data, log->note.len);
	if (ab_buf_ok(frame, err) < 0)
		return -1;
	p = (unsigned char *)frame->data;
	memcpy(p, FRAME_MAGIC, 4);
	put32(p + 4, log->added);
	put32(p + 8, (uint32_t)bytes);
	put32(p + 12, (uint32_t)log->note.len);
	memcpy(p + 16, log->boot, AB_WAL_BOOT);
	frame_sum(p, p + FRAME_FIXED + bytes, log->note.len, p + FRAME_SUM_AT);
	return 0;
}

void ab_wal_frame_taken(struct ab_log *log)
{
	size_t entries = log->frame.len - FRAME_FIXED - log->note.len;

	ab_buf_add(&log->tail, log->frame.data + FRAME_FIXED, entries);
	log->wal_end += (off_t)log->frame.len;
	ab_buf_clear(&log->frame);
	log->added = 0;
}

static void add_header(const struct ab_tree *base, struct ab_buf *out)
{
	unsigned char fixed[HEADER_FIXED], sum[AB_SHA256_SIZE];
	uint32_t hashes = 0;

	memcpy(fixed, HEADER_MAGIC, 8);
	put32(fixed + 8, (uint32_t)(base->size >> 32));
	put32(fixed + 12, (uint32_t)base->size);
	for (int level = 1; level < AB_TILE_LEVELS; level++)
		hashes += ab_tile_partial(base->size, level);
	put32(fixed + 16, hashes);
	ab_buf_add(out, fixed, sizeof(fixed));
	for (int level = 1; level < AB_TILE_LEVELS; level++)
		ab_buf_add(out, base->edge[level][0],
			   ab_tile_partial(base->size, level) * (size_t)AB_SHA256_SIZE);
	if (out->failed)
		return;
	ab_sha256(out->data, out->len, sum);
	ab_buf_add(out, sum, sizeof(sum));
}

int ab_wal_restart(struct ab_log *log, struct ab_err *err)
{
	struct ab_buf file = { 0 };
	struct stat st;
	int fd, status = -1;

	add_header(log->base, &file);
	ab_wal_frame_start(log);
	ab_buf_add(&log->frame, log->tail.data, log->tail.len);
	log->added = (uint32_t)(log->committed - log->base->size);
	if (ab_wal_frame_end(log, err) < 0)
		goto out;
	ab_buf_add(&file, log->frame.data, log->frame.len);
	if (ab_buf_ok(&file, err) < 0 ||
	    ab_path_replace(log->own, "wal", file.data, file.len, 0600, err) < 0)
		goto out;
	fd = openat(log->own, "wal", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0) {
		ab_err_sys(err, "wal");
		goto out;
	}
	if (log->wal >= 0)
		(void)close(log->wal);
	log->wal = fd;
	log->wal_inode = st.st_ino;
	log->wal_end = (off_t)file.len;
	log->wal_base = log->base->size;
	status = 0;
out:
	ab_buf_clear(&log->frame);
	log->added = 0;
	ab_buf_free(&file);
	return status;
}
