/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: numbers as people write them, in groups with a few signs between them. */
#ifndef AB_SCRUB_DIGITS_H
#define AB_SCRUB_DIGITS_H

#include "lib/scrub/policy.h"

#define AB_DIGITS_GROUPS 20
#define AB_DIGITS_MAX	 40

struct ab_digits {
	char digits[AB_DIGITS_MAX + 1];
	size_t n, total;		      /* groups, digits */
	size_t len[AB_DIGITS_GROUPS];	      /* digits of each */
	size_t width[AB_DIGITS_GROUPS];	      /* bytes behind it, up to the next one */
	unsigned char sign[AB_DIGITS_GROUPS]; /* the first of them that is no space */
	size_t ends[AB_DIGITS_GROUPS];	      /* where it ends in the text */
};

/*
 * Reads groups from `at` on, with up to three of `signs` between any two of them; stops before the
 * one with which there would be more than `most` digits.
 */
void ab_digits_read(const struct ab_scrub_place *p, size_t at, const char *signs, size_t most,
		    struct ab_digits *ret);

/* Whether the gaps between the first n groups are all alike. */
bool ab_digits_even(const struct ab_digits *d, size_t n);

/* Whether a digit and the same gap as behind the first group stand before `at`: one of a list. */
bool ab_digits_follow(const struct ab_scrub_place *p, size_t at, const struct ab_digits *d);

#endif
