/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns without lookaround and backreferences in linear time: a nondeterministic automaton over
 * the bytes of UTF-8, run as a deterministic one that is built while it is needed. Private to
 * lib/regex.
 */
#ifndef AB_REGEX_LINEAR_H
#define AB_REGEX_LINEAR_H

#include "lib/regex/ecma.h"
#include "lib/regex/regex.h"

enum ab_nfa_op {
	AB_NFA_FAIL,
	AB_NFA_MATCH,
	AB_NFA_BYTE,	     /* first..last, on to a */
	AB_NFA_SPLIT,	     /* a or b */
	AB_NFA_START,	     /* at the text's start, on to a */
	AB_NFA_END,	     /* at its end */
	AB_NFA_BOUNDARY,     /* where a word begins or ends */
	AB_NFA_NOT_BOUNDARY, /* where none does */
};

struct ab_nfa_state {
	uint8_t op, first, last;
	uint32_t a, b;
};

#define AB_NFA_MAX 20000u /* states; a larger automaton is left to PCRE2 */

struct ab_nfa {
	struct ab_nfa_state *states; /* 0: fail, 1: match */
	uint32_t n, capacity;
	uint32_t start;
	bool anchored; /* can only match from the text's start */
	bool words;    /* asks for word boundaries */
};

/* Whether a pattern is of the kind that linear time is possible for. */
static inline bool ab_nfa_can(const struct ab_ecma *tree)
{
	return !tree->looks && !tree->backrefs;
}

/* 1: made, 0: the pattern is not of that kind (or too large), -1: memory. Properties cost some ten
 * milliseconds each. */
int ab_nfa_make(struct ab_nfa *nfa, const struct ab_ecma *tree);

/* The code points of a set's properties, in order; the array is the caller's to free. */
int ab_property_ranges(const char *properties, size_t len, struct ab_ecma_range **ret,
		       size_t *ret_n);
void ab_nfa_free(struct ab_nfa *nfa);

/* A new state, 0 (a state that fails) when there are too many or memory is out. */
uint32_t ab_nfa_add(struct ab_nfa *nfa, enum ab_nfa_op op, uint32_t a, uint32_t b);
/* One code point out of sorted ranges, then on to `next`. */
uint32_t ab_nfa_ranges(struct ab_nfa *nfa, const struct ab_ecma_range *ranges, size_t n,
		       uint32_t next);

struct ab_dfa;
/* NULL: no memory. The automaton must outlive it. */
struct ab_dfa *ab_dfa_new(const struct ab_nfa *nfa);
enum ab_regex_verdict ab_dfa_search(struct ab_dfa *dfa, const char *text, size_t len);
void ab_dfa_free(struct ab_dfa *dfa);

#endif
