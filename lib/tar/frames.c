/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar/frames.h"

#include <inttypes.h>
#include <string.h>
#include <zstd.h>

#include "lib/base/io.h"
#include "lib/tar/ring.h"

#define MAX_FRAME  (ZSTD_COMPRESSBOUND(AB_TAR_PIECE) + 64)
#define RATIO_FREE (16u << 20) /* so much may come out whatever the ratio */

struct frames {
	int fd;
	struct ab_tar_limits limits;
	struct ring *ring;
	struct ring_slot *piece; /* being handed out */
	size_t at;		 /* in it */
	unsigned char *raw;	 /* MAX_FRAME bytes: what was read and is no frame yet */
	size_t from, to;
	bool at_end;
	uint64_t read, promised; /* compressed bytes of frames so far, and what they expand to */
};

static void *start(void *shared)
{
	(void)shared;
	return ZSTD_createDCtx();
}

static void decompress(void *context, struct ring_slot *s)
{
	size_t n = ZSTD_decompressDCtx(context, s->out, AB_TAR_PIECE, s->in, s->in_len);

	if (ZSTD_isError(n))
		s->why = ZSTD_getErrorName(n);
	else
		s->out_len = n;
}

static void end(void *context)
{
	(void)ZSTD_freeDCtx(context);
}

struct frames *frames_new(int fd, unsigned threads, const struct ab_tar_limits *limits,
			  struct ab_err *err)
{
	static const struct ring_work work = { .in_size = MAX_FRAME,
					       .out_size = AB_TAR_PIECE,
					       .start = start,
					       .run = decompress,
					       .end = end };
	struct frames *f = calloc(1, sizeof(*f));

	if (!f) {
		ab_err_memory(err);
		return NULL;
	}
	*f = (struct frames){ .fd = fd, .limits = *limits, .raw = malloc(MAX_FRAME) };
	f->ring = ring_new(threads, &work, err);
	if (!f->raw || !f->ring) {
		ab_err_memory(err);
		frames_free(f);
		return NULL;
	}
	return f;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	ring_free(f->ring);
	free(f->raw);
	free(f);
}

/* Reads until a whole frame must be there, or the end. */
static int fill(struct frames *f, struct ab_err *err)
{
	memmove(f->raw, f->raw + f->from, f->to - f->from);
	f->to -= f->from;
	f->from = 0;
	while (!f->at_end && f->to < MAX_FRAME) {
		ssize_t n = ab_io_read(f->fd, f->raw + f->to, MAX_FRAME - f->to, err);

		if (n < 0)
			return -1;
		f->at_end = n == 0;
		f->to += (size_t)n;
	}
	return 0;
}

/* The size of the frame at the front, after all that can be said before it is decompressed. */
static int check_frame(struct frames *f, size_t *ret_size, struct ab_err *err)
{
	static const unsigned char magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	const unsigned char *p = f->raw + f->from;
	size_t have = f->to - f->from;
	unsigned long long content;

	if (have < sizeof(magic) || memcmp(p, magic, sizeof(magic)) != 0)
		return ab_err_no(err, "byte %" PRIu64 ": not a zstandard frame", f->read);
	/* RFC 8878 section 3.1.1.1.1.3: decoders do not look at it, so it would be a place to hide.
	 */
	if (have > 4 && p[4] & 0x10)
		return ab_err_no(err, "byte %" PRIu64 ": frame with an unused bit set", f->read);
	content = ZSTD_getFrameContentSize(p, have);
	if (content == ZSTD_CONTENTSIZE_UNKNOWN || content == ZSTD_CONTENTSIZE_ERROR ||
	    content == 0 || content > AB_TAR_PIECE)
		return ab_err_no(err, "byte %" PRIu64 ": frame that does not say a size of 1 to %u",
				 f->read, AB_TAR_PIECE);
	if (ZSTD_getDictID_fromFrame(p, have) != 0)
		return ab_err_no(err, "byte %" PRIu64 ": frame with a dictionary", f->read);
	*ret_size = ZSTD_findFrameCompressedSize(p, have);
	if (ZSTD_isError(*ret_size))
		return ab_err_no(err, "byte %" PRIu64 ": frame that is broken or cut short",
				 f->read);
	f->promised += content;
	return 0;
}

static int check_limits(const struct frames *f, struct ab_err *err)
{
	if (f->promised > f->limits.bytes)
		return ab_err_no(err, "expands to more than %" PRIu64 " bytes", f->limits.bytes);
	if (f->limits.ratio && f->promised > RATIO_FREE && f->promised / f->limits.ratio > f->read)
		return ab_err_no(err, "expands more than %" PRIu64 " times", f->limits.ratio);
	return 0;
}

/* Puts one frame to work. *ret_more: whether another might be put at once. */
static int put_frame(struct frames *f, bool *ret_more, struct ab_err *err)
{
	struct ring_slot *s;
	size_t size = 0;

	*ret_more = false;
	if (ring_slot(f->ring, &s, err) < 0)
		return -1;
	if (!s)
		return 0;
	if (f->to - f->from < MAX_FRAME && !f->at_end && fill(f, err) < 0)
		return -1;
	if (f->from == f->to)
		return 0;
	if (check_frame(f, &size, err) < 0)
		return -1;
	f->read += size;
	if (check_limits(f, err) < 0)
		return -1;
	memcpy(s->in, f->raw + f->from, size);
	s->in_len = size;
	f->from += size;
	ring_put(f->ring);
	*ret_more = true;
	return 0;
}

static int next_piece(struct frames *f, struct ab_err *err)
{
	bool more = true;

	if (f->piece)
		ring_release(f->ring);
	f->piece = NULL;
	f->at = 0;
	while (more)
		if (put_frame(f, &more, err) < 0)
			return -1;
	f->piece = ring_get(f->ring);
	if (f->piece && f->piece->why)
		return ab_err_no(err, "broken frame: %s", f->piece->why);
	return 0;
}

int frames_look(struct frames *f, const unsigned char **ret, size_t *ret_len, struct ab_err *err)
{
	while (!f->piece || f->at == f->piece->out_len) {
		if (next_piece(f, err) < 0)
			return -1;
		if (!f->piece) {
			*ret_len = 0;
			return 0;
		}
	}
	*ret = f->piece->out + f->at;
	*ret_len = f->piece->out_len - f->at;
	return 0;
}

void frames_take(struct frames *f, size_t len)
{
	f->at += len;
}
