/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: what a pattern's matches look like, as steps over a text. A shape allows all
 * that the pattern matches and not much else, is made in a twentieth of the time that PCRE2 takes to
 * compile the pattern, and most often says no at the first bytes: nearly no pattern is asked, nor
 * compiled, for nothing.
 */
#ifndef AB_SCRUB_SHAPE_H
#define AB_SCRUB_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/simd.h"

#define AB_SHAPE_PLACES 96
#define AB_SHAPE_PAD	32

enum { AB_SHAPE_WAY, AB_SHAPE_RUN, AB_SHAPE_FORK };

struct ab_shape;

/* Where to go on when a way ends: room that any shape may use, one at a time. */
struct ab_shape_room {
	struct ab_shape_place {
		uint32_t at, low;
		uint16_t step;
		uint8_t kind; /* RUN: `at` may become less, down to `low`; FORK: `low` is the next branch */
	} places[AB_SHAPE_PLACES];
};

/* Reads a pattern in PCRE2's syntax, of bytes; what is not understood allows anything. NULL: out of
 * memory. */
struct ab_shape *ab_shape_read(const char *pattern, bool caseless, struct ab_err *err);

/* Whether it was understood. */
bool ab_shape_any(const struct ab_shape *shape);

/* A text of less than 4 GiB, behind which AB_SHAPE_PAD bytes are readable, and what loops may use. */
struct ab_shape_text {
	const unsigned char *text;
	size_t len;
	enum ab_simd simd;
};

enum ab_shape_answer {
	AB_SHAPE_NO,
	AB_SHAPE_YES,
	AB_SHAPE_UNKNOWN, /* it would take too long to tell */
};

/* Whether a match may start from *from to `last`, both included: if so, none starts before what *from becomes. Adds
 * to *effort the steps that it took to tell. */
enum ab_shape_answer ab_shape_allows(const struct ab_shape *shape, const struct ab_shape_text *t, size_t *from,
				     size_t last, struct ab_shape_room *room, unsigned *effort);

/* Makes a shape that is asked now and then quicker: where it has many ways to go, it looks first which may be one. */
int ab_shape_sign(struct ab_shape *shape, struct ab_err *err);

/* One that is asked often: from here on it looks three bytes ahead. */
int ab_shape_sharpen(struct ab_shape *shape, struct ab_err *err);

/* How much memory it takes. */
size_t ab_shape_size(const struct ab_shape *shape);

void ab_shape_free(struct ab_shape *shape);

#endif
