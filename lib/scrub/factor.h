/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: the factors of a pattern, texts of which one is a part of whatever it
 * matches. Where it is a choice of some patterns, each of them has its own.
 */
#ifndef AB_SCRUB_FACTOR_H
#define AB_SCRUB_FACTOR_H

#include <stddef.h>
#include "lib/base/err.h"
#include "lib/scrub/atom.h"

#define AB_FACTORS	3  /* that are kept of one choice, the rarest */
#define AB_FACTOR_WORDS 32 /* of one factor */
#define AB_FACTOR_WORD	8  /* bytes of a word, of which a longer one is cut */

/* One of some words, or a run of bytes of a class. */
struct ab_factor {
	size_t run; /* how long it is at least; 0: words */
	ab_atom_set class;
	bool caseless; /* the words are in small letters, and stand for capitals too */
	size_t n;
	uint64_t text[AB_FACTOR_WORDS]; /* the first byte lowest */
	uint8_t len[AB_FACTOR_WORDS];
};

/* What all matches of one choice have. */
struct ab_conjunction {
	size_t n;
	struct ab_factor factors[AB_FACTORS];
};

struct ab_factors {
	size_t n; /* 0: nothing is known */
	struct ab_conjunction items[];
};

/* Reads a pattern in PCRE2's syntax, of bytes. The caller frees what it gets; NULL: out of memory. */
struct ab_factors *ab_factors_read(const char *pattern, bool caseless, struct ab_err *err);

#endif
