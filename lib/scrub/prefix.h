/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: what the first bytes of a match must be, read off a pattern. Most anchors
 * are no match, and most of these are told by a few bytes behind them: their patterns need not be
 * asked, nor compiled.
 */
#ifndef AB_SCRUB_PREFIX_H
#define AB_SCRUB_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AB_PREFIX_MAX 12

struct ab_prefix {
	size_t n;			  /* 0: nothing is known */
	uint32_t sets[AB_PREFIX_MAX][8]; /* bytes that may stand there, a bit each */
};

/* Reads a pattern in PCRE2's syntax, of bytes, as far as it is a sequence of plain atoms. */
void ab_prefix_read(struct ab_prefix *ret, const char *pattern, bool caseless);

/* Whether a match may begin with the `len` bytes at p, behind which it may not reach; of the first `known` nobody
 * asks. */
static inline bool ab_prefix_allows(const struct ab_prefix *prefix, const unsigned char *p,
				    size_t len, size_t known)
{
	if (len < prefix->n)
		return false;
	for (size_t i = known; i < prefix->n; i++)
		if (!(prefix->sets[i][p[i] / 32] >> p[i] % 32 & 1))
			return false;
	return true;
}

#endif
