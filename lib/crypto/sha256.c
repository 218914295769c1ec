/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compression function is the processor's own where there is one (SHA-NI), else our own in
 * plain C, which is about six times slower. Padding and buffering are the same for both.
 */
#include "lib/crypto/sha256.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "lib/crypto/sha256-engines.h"
#include "lib/crypto/text.h"

static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

static void blocks(uint32_t h[8], const unsigned char *data, size_t n)
{
	if (n == 0)
		return;
	if (ab_sha256_ni_is_worth(n))
		ab_sha256_ni_blocks(h, data, n);
	else
		ab_sha256_plain_blocks(h, data, n);
}

/* n blocks of one, and m of another. */
static void blocks_two(uint32_t h[8], const unsigned char *data, size_t n, uint32_t other_h[8],
		       const unsigned char *other, size_t m)
{
	size_t both = n < m ? n : m;

	if (both && ab_sha256_ni_is_worth(2 * both)) {
		ab_sha256_ni_blocks_two(h, data, other_h, other, both);
		data += both * 64;
		other += both * 64;
		n -= both;
		m -= both;
	}
	blocks(h, data, n);
	blocks(other_h, other, m);
}

void ab_sha256_init(struct ab_sha256 *s)
{
	memcpy(s->h, initial, sizeof(initial));
	s->size = 0;
}

/* Takes what makes the block whole that was begun, if one was; whether it is whole. */
static bool fill(struct ab_sha256 *s, const unsigned char **p, size_t *len)
{
	size_t held = s->size % 64, take = *len < 64 - held ? *len : 64 - held;

	s->size += *len;
	if (!held)
		return false;
	memcpy(s->block + held, *p, take);
	*p += take;
	*len -= take;
	return held + take == 64;
}

/* Keeps what is no whole block. */
static void keep(struct ab_sha256 *s, const unsigned char *p, size_t len)
{
	if (len % 64)
		memcpy(s->block, p + (len & ~(size_t)63), len % 64);
}

void ab_sha256_add(struct ab_sha256 *s, const void *data, size_t len)
{
	const unsigned char *p = data;

	if (fill(s, &p, &len))
		blocks(s->h, s->block, 1);
	blocks(s->h, p, len / 64);
	keep(s, p, len);
}

void ab_sha256_add_two(struct ab_sha256 *s, const void *data, size_t len, struct ab_sha256 *other,
		       const void *other_data, size_t other_len)
{
	const unsigned char *p = data, *q = other_data;
	bool whole = fill(s, &p, &len), other_whole = fill(other, &q, &other_len);

	blocks_two(s->h, s->block, whole, other->h, other->block, other_whole);
	blocks_two(s->h, p, len / 64, other->h, q, other_len / 64);
	keep(s, p, len);
	keep(other, q, other_len);
}

/* The last blocks: what is held, the padding, the size. Returns how many. */
static size_t last_blocks(const struct ab_sha256 *s, unsigned char out[128])
{
	size_t held = s->size % 64, n = held < 56 ? 64 : 128;
	uint64_t bits = htobe64(s->size * 8);

	memcpy(out, s->block, held);
	memset(out + held, 0, n - held);
	out[held] = 0x80;
	memcpy(out + n - sizeof(bits), &bits, sizeof(bits));
	return n / 64;
}

static void put(const uint32_t h[8], unsigned char out[AB_SHA256_SIZE])
{
	for (size_t i = 0; i < 8; i++) {
		uint32_t word = htobe32(h[i]);

		memcpy(out + 4 * i, &word, sizeof(word));
	}
}

void ab_sha256_end(const struct ab_sha256 *s, unsigned char out[AB_SHA256_SIZE])
{
	unsigned char tail[128];
	uint32_t h[8];

	memcpy(h, s->h, sizeof(h));
	blocks(h, tail, last_blocks(s, tail));
	put(h, out);
}

void ab_sha256_end_two(const struct ab_sha256 *s, unsigned char out[AB_SHA256_SIZE],
		       const struct ab_sha256 *other, unsigned char other_out[AB_SHA256_SIZE])
{
	unsigned char tail[128], other_tail[128];
	uint32_t h[8], other_h[8];
	size_t n = last_blocks(s, tail), m = last_blocks(other, other_tail);

	memcpy(h, s->h, sizeof(h));
	memcpy(other_h, other->h, sizeof(other_h));
	blocks_two(h, tail, n, other_h, other_tail, m);
	put(h, out);
	put(other_h, other_out);
}

void ab_sha256(const void *data, size_t len, unsigned char out[AB_SHA256_SIZE])
{
	struct ab_sha256 s;

	ab_sha256_init(&s);
	ab_sha256_add(&s, data, len);
	ab_sha256_end(&s, out);
}

/* A message on its way: the blocks that lie in it, and then those that are made. */
struct lane {
	const struct ab_sha256_message *message; /* NULL: none is left */
	struct ab_sha256 s;
	const unsigned char *at;
	size_t n;  /* blocks from there */
	bool last; /* the made ones are reached */
	unsigned char made[128];
};

static void lane_take(struct lane *l, const struct ab_sha256_message **next,
		      const struct ab_sha256_message *end)
{
	l->message = *next < end ? (*next)++ : NULL;
	if (!l->message)
		return;
	ab_sha256_init(&l->s);
	l->s.size = l->message->len;
	keep(&l->s, l->message->data, l->message->len);
	l->at = l->message->data;
	l->n = l->message->len / 64;
	l->last = false;
}

/* Whether there is a block to do, of this message or the next. */
static bool lane_go(struct lane *l, const struct ab_sha256_message **next,
		    const struct ab_sha256_message *end)
{
	while (l->message && l->n == 0) {
		if (l->last) {
			put(l->s.h, l->message->out);
			lane_take(l, next, end);
			continue;
		}
		l->at = l->made;
		l->n = last_blocks(&l->s, l->made);
		l->last = true;
	}
	return l->message;
}

static void lane_move(struct lane *l, size_t n)
{
	l->at += n * 64;
	l->n -= n;
}

static void lane_alone(struct lane *l)
{
	blocks(l->s.h, l->at, l->n);
	lane_move(l, l->n);
}

static void lane_both(struct lane *l, struct lane *m)
{
	size_t n = l->n < m->n ? l->n : m->n;

	blocks_two(l->s.h, l->at, n, m->s.h, m->at, n);
	lane_move(l, n);
	lane_move(m, n);
}

void ab_sha256_many(const struct ab_sha256_message *messages, size_t n)
{
	const struct ab_sha256_message *next = messages, *end = messages + n;
	struct lane l, m;

	lane_take(&l, &next, end);
	lane_take(&m, &next, end);
	for (;;) {
		bool one = lane_go(&l, &next, end), other = lane_go(&m, &next, end);

		if (one && other)
			lane_both(&l, &m);
		else if (one || other)
			lane_alone(one ? &l : &m);
		else
			return;
	}
}

void ab_sha256_text(const unsigned char digest[AB_SHA256_SIZE], char out[AB_SHA256_TEXT])
{
	memcpy(out, "sha256:", 7);
	ab_hex_encode(digest, AB_SHA256_SIZE, out + 7);
}
