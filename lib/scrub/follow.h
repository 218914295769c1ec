/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: what may stand around a literal where a pattern that begins with it matches. Most of what a
 * literal is found in is refused by the byte before it or the next few behind it: they are asked as soon as it is seen.
 */
#ifndef AB_SCRUB_FOLLOW_H
#define AB_SCRUB_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AB_FOLLOW     7	 /* bytes behind a literal, readable behind any text */
#define AB_FOLLOW_NUL 37 /* the class of what may stand for a text's beginning */

/* A bit for each class of bytes; together one line of the cache. */
struct ab_follow {
	uint64_t before, behind[AB_FOLLOW];
};

/* Letters of both cases, digits, and signs, a few of which share one. */
static inline unsigned ab_follow_class(unsigned char c)
{
	static const unsigned char classes[256] = {
		37, 37, 37, 37, 37, 37, 37, 37, 37, 39, 38, 39, 39, 39, 37, 37, /* NUL to SI */
		37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, /**/
		40, 58, 41, 57, 62, 62, 44, 42, 63, 63, 57, 45, 46, 47, 48, 49, /* blank to / */
		26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 50, 56, 59, 51, 59, 58, /* 0 to ? */
		52, 0,	1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14, /* @ to O */
		15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 60, 53, 61, 55, 54, /* P to _ */
		43, 0,	1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14, /* ` to o */
		15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 60, 56, 61, 55, 37, /* p to DEL */
		[0x80 ... 0xff] = 36,
	};

	return classes[c];
}

/* Whether a match may begin at `at` with the literal that ends at `end`. */
static inline bool ab_follow_fits(const struct ab_follow *f, const unsigned char *text, size_t at, size_t end)
{
	if (at && !(f->before >> ab_follow_class(text[at - 1]) & 1))
		return false;
	for (size_t i = 0; i < AB_FOLLOW; i++)
		if (!(f->behind[i] >> ab_follow_class(text[end + i]) & 1))
			return false;
	return true;
}

struct ab_shape;

/* What may stand around a text that a match of the shape begins with; false: that is not told. */
bool ab_shape_follow(const struct ab_shape *shape, const unsigned char *text, size_t len, struct ab_follow *ret);

#endif
