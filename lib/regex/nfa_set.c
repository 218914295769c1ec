/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of code points as sequences of ranges of UTF-8's bytes. */
#include "lib/base/utf8.h"
#include "lib/regex/linear.h"

/* A state that always fails, but is not the 0 of errors. */
static uint32_t make_nothing(struct ab_nfa *nfa)
{
	return ab_nfa_add(nfa, AB_NFA_FAIL, 0, 0);
}

/* Both ends have the same length, and below the first byte that differs everything is covered. */
static uint32_t make_sequence(struct ab_nfa *nfa, uint32_t first, uint32_t last, uint32_t next)
{
	unsigned char low[4], high[4];
	size_t n = ab_utf8_encode(first, low);

	(void)ab_utf8_encode(last, high);
	while (n-- && next) {
		next = ab_nfa_add(nfa, AB_NFA_BYTE, next, 0);
		nfa->states[next].first = low[n];
		nfa->states[next].last = high[n];
	}
	return next;
}

static uint32_t join(struct ab_nfa *nfa, uint32_t before, uint32_t state)
{
	if (!before || !state)
		return state;
	return ab_nfa_add(nfa, AB_NFA_SPLIT, before, state);
}

/* The end of the largest stretch from `first` that is one sequence. */
static uint32_t stretch(uint32_t first, uint32_t last)
{
	static const uint32_t ends[] = { 0x7f, 0x7ff, 0xd7ff, 0xffff, AB_ECMA_LAST };

	for (size_t i = 0; i < 5; i++)
		if (first <= ends[i]) {
			last = last < ends[i] ? last : ends[i];
			break;
		}
	if (last <= 0x7f)
		return last;
	for (unsigned bits = 6; bits <= 18; bits += 6) {
		uint32_t mask = (1u << bits) - 1;

		if ((first & ~mask) == (last & ~mask))
			continue;
		if (first & mask)
			return first | mask;
		if ((last & mask) != mask)
			last = (last & ~mask) - 1;
	}
	return last;
}

uint32_t ab_nfa_ranges(struct ab_nfa *nfa, const struct ab_ecma_range *ranges, size_t n,
		       uint32_t next)
{
	uint32_t state = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		uint32_t first = ranges[i].first, last = ranges[i].last;

		while (first <= last) {
			uint32_t end;

			if (first >= 0xd800 && first <= 0xdfff) {
				first = 0xe000; /* UTF-8 has no surrogates */
				continue;
			}
			end = stretch(first, last);
			state = join(nfa, state, make_sequence(nfa, first, end, next));
			if (!state)
				return 0;
			any = true;
			first = end + 1;
		}
	}
	return any ? state : make_nothing(nfa);
}
