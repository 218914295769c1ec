/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what nearly all words decode to that are taken for base64, told by eight characters of them. */
#ifndef AB_SCRUB_NOISE_H
#define AB_SCRUB_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/scrub/base64.h"

/* What a decoded byte may be: see ab_text_probe_add(), of which this is the short form. */
enum {
	AB_NOISE_PLAIN,
	AB_NOISE_ZERO,
	AB_NOISE_REST,
	AB_NOISE_LEAD2,
	AB_NOISE_LEAD3,
	AB_NOISE_LEAD4,
	AB_NOISE_NONE,
};

static const unsigned char ab_noise_kinds[256] = {
	[0] = AB_NOISE_ZERO,
	[1 ... 8] = AB_NOISE_NONE,
	[9 ... 10] = AB_NOISE_PLAIN,
	[11 ... 12] = AB_NOISE_NONE,
	[13] = AB_NOISE_PLAIN,
	[14 ... 31] = AB_NOISE_NONE,
	[32 ... 126] = AB_NOISE_PLAIN,
	[127] = AB_NOISE_NONE,
	[128 ... 191] = AB_NOISE_REST,
	[192 ... 193] = AB_NOISE_NONE,
	[194 ... 223] = AB_NOISE_LEAD2,
	[224 ... 239] = AB_NOISE_LEAD3,
	[240 ... 244] = AB_NOISE_LEAD4,
	[245 ... 255] = AB_NOISE_NONE,
};

/* Whether six bytes may begin UTF-16: a mark, or every other one is the same. */
static inline bool ab_noise_may_be_utf16(uint64_t bits)
{
	const uint64_t twice = bits ^ bits >> 16;

	return bits >> 32 == 0xfffe || bits >> 32 == 0xfeff || !(twice & 0xff00ff) || !(twice & 0xff00ff00);
}

/* Eight characters of base64: their bits, and a bit for each that is no such character. */
struct ab_noise {
	uint64_t bits;
	unsigned char other;
};

/* Takes the next one, which moves the first out. */
static inline void ab_noise_add(struct ab_noise *e, unsigned char c)
{
	unsigned value = ab_base64_values[c];

	e->bits = e->bits << 6 | (value & 63);
	e->other = (unsigned char)(e->other << 1 | value >> 6);
}

/*
 * Whether the eight decode to two bytes that are no text, as nearly all words do, told without a branch that has to
 * guess. `rest`: how many bytes of a character are still to come, in the upper bits whether the byte is none.
 */
static inline bool ab_noise_is(const struct ab_noise *e)
{
	enum { NONE = 16 };
	static const unsigned char rest[4][8] = { { 0, 0, NONE, 1, 2, 3, NONE },
						  { 0, 0, 0, 1, 2, 3, NONE },
						  { 0, 0, 1, 1, 2, 3, NONE },
						  { 0, 0, 2, 1, 2, 3, NONE } };
	unsigned none = 0, more = 0;

	for (unsigned i = 0; i < 6; i++) {
		more = rest[more & 3][ab_noise_kinds[e->bits >> (40 - 8 * i) & 0xff]];
		none += more;
	}
	return !e->other && none >= 2 * NONE && !ab_noise_may_be_utf16(e->bits & 0xffffffffffff);
}

/* The first n characters, of which eight are all. */
static inline struct ab_noise ab_noise_begin(const unsigned char *p, size_t n)
{
	struct ab_noise e = { 0, 0 };

	for (size_t i = 0; i < n; i++)
		ab_noise_add(&e, p[i]);
	return e;
}

#endif
