/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many literals at once, ASCII case-insensitive. Each literal is pinned by its four rarest adjacent
 * bytes; every four bytes of the text are looked up in a filter that stays in the cache, and only
 * where it lets them through is the literal compared. No state, so nothing depends on where a piece
 * of text begins.
 */
#ifndef AB_SCRUB_LITERAL_H
#define AB_SCRUB_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/simd.h"

#define AB_LITERAL_MIN	 3
#define AB_LITERAL_MAX	 64
#define AB_LITERAL_PAD	 8 /* bytes that must be readable behind the text */
#define AB_LITERAL_WORDS 14 /* bits of a hash that find a word of the filter */
#define AB_LITERAL_CHAINS 13 /* bits of a pin's hash that find its chain */
#define AB_LITERAL_SHORT 10  /* the same of a pin of three bytes */

struct ab_literals;
struct ab_follow;

struct ab_literal_hit {
	size_t at;	/* where the literal begins */
	uint32_t len;	/* its length */
	uint32_t tag;	/* what it was added with */
	uint32_t entry; /* which one of the literals it is */
};

struct ab_literals *ab_literals_new(void);

/* Makes room for so many literals, of so many bytes in all; there may be more. */
int ab_literals_reserve(struct ab_literals *l, size_t n, size_t bytes, struct ab_err *err);


/* Adds a literal of AB_LITERAL_MIN to AB_LITERAL_MAX bytes. exact: letters must match in case. */
int ab_literals_add(struct ab_literals *l, const char *text, size_t len, bool exact, uint32_t tag,
		    struct ab_err *err);

/*
 * All have been added, which has to be said before a scan: where vectorscan is built in, it takes over from here
 * (VECTORSCAN=yes); the hits are the same.
 */
int ab_literals_ready(struct ab_literals *l, struct ab_err *err);

/*
 * Finds literals in text[0, size) whose pin begins at or after *at and before `end`; fills hits up
 * to max, by where they begin, the shorter first, returns how many and moves *at on; at *at == end
 * all is done.
 */
size_t ab_literals_scan(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t end, size_t *at, struct ab_literal_hit *hits, size_t max);

/* How many literals there are: `max` must be larger, since all may stand at one place. */
size_t ab_literals_count(const struct ab_literals *l);

/* Notes that nothing came of a hit of the literal. Whether to say what has to follow it: once, after some of them. */
bool ab_literals_refused(struct ab_literals *l, uint32_t entry);

/* From here on hits of the literal need not be told but where this may stand around it; NULL: all are. */
void ab_literals_narrow(struct ab_literals *l, uint32_t entry, const struct ab_follow *follow);

/* From here on it does without vectorscan, and with no better vector instructions than these. */
void ab_literals_limit(struct ab_literals *l, enum ab_simd simd);

void ab_literals_free(struct ab_literals *l);

#endif
