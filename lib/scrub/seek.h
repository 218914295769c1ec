/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the next of a few signs in a text that has few of them. */
#ifndef AB_SCRUB_SEEK_H
#define AB_SCRUB_SEEK_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef unsigned char ab_seek_vector __attribute__((vector_size(16))); /* SSE2, NEON, or a loop */

/* The next byte from `at` on that is one of five, or beyond ASCII if that is asked for; or the end.
 * Most texts have few. */
static inline __attribute__((always_inline)) size_t ab_seek_sign(const unsigned char *text, size_t len,
							    size_t at, const char five[5],
							    bool high)
{
	for (; len - at >= sizeof(ab_seek_vector); at += sizeof(ab_seek_vector)) {
		ab_seek_vector v, found;
		uint64_t any[2];

		memcpy(&v, text + at, sizeof(v));
		found = (ab_seek_vector)(v == (unsigned char)five[0]) | (ab_seek_vector)(v == (unsigned char)five[1]) |
			(ab_seek_vector)(v == (unsigned char)five[2]) | (ab_seek_vector)(v == (unsigned char)five[3]) |
			(ab_seek_vector)(v == (unsigned char)five[4]);
		if (high)
			found |= v & 0x80;
		memcpy(any, &found, sizeof(any));
		if (any[0])
			return at + (size_t)__builtin_ctzll(le64toh(any[0])) / 8;
		if (any[1])
			return at + 8 + (size_t)__builtin_ctzll(le64toh(any[1])) / 8;
	}
	for (; at < len; at++)
		if ((high && text[at] >= 0x80) || text[at] == (unsigned char)five[0] ||
		    text[at] == (unsigned char)five[1] || text[at] == (unsigned char)five[2] ||
		    text[at] == (unsigned char)five[3] || text[at] == (unsigned char)five[4])
			break;
	return at;
}

#endif
