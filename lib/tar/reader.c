/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar/tar.h"

#include <inttypes.h>
#include <string.h>

#include "lib/tar/frames.h"
#include "lib/tar/header.h"

struct ab_tar_reader {
	struct frames *frames;
	struct ab_tar_limits limits;
	uint64_t entries;
	uint64_t left;	   /* of the content of the current entry */
	size_t padding;	   /* behind it */
	struct ab_buf raw; /* the header blocks of the current entry */
	struct ab_buf path, target, again;
};

struct ab_tar_reader *ab_tar_reader_new(int fd, unsigned threads,
					const struct ab_tar_limits *limits, struct ab_err *err)
{
	struct ab_tar_reader *r = calloc(1, sizeof(*r));

	if (!r) {
		ab_err_memory(err);
		return NULL;
	}
	r->limits = *limits;
	r->frames = frames_new(fd, threads, limits, err);
	if (!r->frames) {
		free(r);
		return NULL;
	}
	return r;
}

void ab_tar_reader_free(struct ab_tar_reader *r)
{
	if (!r)
		return;
	frames_free(r->frames);
	ab_buf_free(&r->raw);
	ab_buf_free(&r->path);
	ab_buf_free(&r->target);
	ab_buf_free(&r->again);
	free(r);
}

void ab_tar_reader_freep(struct ab_tar_reader **r)
{
	ab_tar_reader_free(*r);
}

static int refuse(const struct ab_tar_reader *r, struct ab_err *err, const char *why)
{
	if (r->path.len)
		return ab_err_no(err, "entry %" PRIu64 " (%.300s): %s", r->entries, r->path.data,
				 why);
	return ab_err_no(err, "entry %" PRIu64 ": %s", r->entries, why);
}

/* Adds the next len bytes of the archive to b. */
static int take(struct ab_tar_reader *r, size_t len, struct ab_buf *b, struct ab_err *err)
{
	while (len) {
		const unsigned char *at;
		size_t n;

		if (frames_look(r->frames, &at, &n, err) < 0)
			return -1;
		if (n == 0)
			return refuse(r, err, "the archive ends in the middle");
		if (n > len)
			n = len;
		ab_buf_add(b, at, n);
		frames_take(r->frames, n);
		len -= n;
	}
	return ab_buf_ok(b, err);
}

static bool is_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

int ab_tar_content(struct ab_tar_reader *r, const unsigned char **ret, size_t *ret_len,
		   struct ab_err *err)
{
	*ret_len = 0;
	if (r->left == 0)
		return 0;
	if (frames_look(r->frames, ret, ret_len, err) < 0)
		return -1;
	if (*ret_len == 0)
		return refuse(r, err, "the archive ends in the middle");
	if (*ret_len > r->left)
		*ret_len = (size_t)r->left;
	r->left -= *ret_len;
	frames_take(r->frames, *ret_len);
	return 0;
}

/* The rest of the entry before, and its padding, which is zero. */
static int skip(struct ab_tar_reader *r, struct ab_err *err)
{
	const unsigned char *data;
	size_t n;

	do {
		if (ab_tar_content(r, &data, &n, err) < 0)
			return -1;
	} while (n);
	ab_buf_clear(&r->raw);
	if (take(r, r->padding, &r->raw, err) < 0)
		return -1;
	if (!is_zero(r->raw.data, r->padding))
		return refuse(r, err, "padding that is not zero");
	r->padding = 0;
	return 0;
}

/* A zero block was read: another one, and the archive must be at its end. */
static int finish(struct ab_tar_reader *r, struct ab_err *err)
{
	const unsigned char *at;
	size_t n;

	ab_buf_clear(&r->path);
	if (take(r, AB_TAR_BLOCK, &r->raw, err) < 0)
		return -1;
	if (!is_zero(r->raw.data, r->raw.len))
		return refuse(r, err, "one zero block instead of two");
	if (frames_look(r->frames, &at, &n, err) < 0)
		return -1;
	return n ? refuse(r, err, "bytes behind the end of the archive") : 0;
}

/* Reads the header blocks of an entry into r->raw. *ret_pax is the length of the pax records. */
static int take_header(struct ab_tar_reader *r, size_t *ret_pax, struct ab_err *err)
{
	size_t size;

	*ret_pax = 0;
	ab_buf_clear(&r->raw);
	if (take(r, AB_TAR_BLOCK, &r->raw, err) < 0)
		return -1;
	if (!ab_tar_is_pax((const struct ab_tar_header *)r->raw.data, &size))
		return 0;
	if (size == 0 || size > AB_TAR_MAX_PAX)
		return refuse(r, err, "pax records of an impossible size");
	*ret_pax = size;
	return take(r, size + ab_tar_padding(size) + AB_TAR_BLOCK, &r->raw, err);
}

int ab_tar_next(struct ab_tar_reader *r, struct ab_tar_entry *ret, struct ab_err *err)
{
	size_t pax;
	const char *why = NULL, *records;

	if (skip(r, err) < 0)
		return -1;
	r->entries++;
	ab_buf_clear(&r->path);
	if (take_header(r, &pax, err) < 0)
		return -1;
	if (pax == 0 && is_zero(r->raw.data, r->raw.len))
		return finish(r, err);
	if (pax && is_zero(r->raw.data + r->raw.len - AB_TAR_BLOCK, AB_TAR_BLOCK))
		return refuse(r, err, "pax header without an entry behind it");
	if (r->entries > r->limits.entries)
		return ab_err_no(err, "more than %" PRIu64 " entries", r->limits.entries);
	records = pax ? r->raw.data + AB_TAR_BLOCK : NULL;
	if (ab_tar_decode(records, pax,
			  (const struct ab_tar_header *)(r->raw.data + r->raw.len - AB_TAR_BLOCK),
			  &r->path, &r->target, ret, &why) < 0)
		return refuse(r, err, why);
	ab_buf_clear(&r->again);
	if (ab_tar_encode(ret, &r->again, err) < 0)
		return refuse(r, err, "a path, target or size out of range");
	if (r->again.len != r->raw.len || memcmp(r->again.data, r->raw.data, r->raw.len) != 0)
		return refuse(r, err, "header is not in the canonical form");
	r->left = ret->size;
	r->padding = ab_tar_padding(ret->size);
	return 1;
}
