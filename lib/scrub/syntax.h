/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: a pattern in PCRE2's syntax, of bytes, as a tree. What is not said exactly is
 * said too widely: all that the pattern matches, the tree matches too.
 */
#ifndef AB_SCRUB_SYNTAX_H
#define AB_SCRUB_SYNTAX_H

#include <stddef.h>
#include "lib/scrub/atom.h"

enum ab_syntax_kind {
	AB_SYNTAX_SEQUENCE, /* its children, one behind the other; of none: nothing */
	AB_SYNTAX_CHOICE,
	AB_SYNTAX_SET,	  /* one byte of the set */
	AB_SYNTAX_TEXT,	  /* bytes, each of its own set: of ab_syntax_text() */
	AB_SYNTAX_REPEAT, /* its child so often */
	AB_SYNTAX_AHEAD,
	AB_SYNTAX_NOT_AHEAD,
	AB_SYNTAX_BEHIND, /* a byte of the set stands before */
	AB_SYNTAX_NOT_BEHIND,
	AB_SYNTAX_EDGE, /* of a word */
	AB_SYNTAX_NO_EDGE,
	AB_SYNTAX_BEGIN, /* of the text */
	AB_SYNTAX_END,	 /* or before a last newline */
	AB_SYNTAX_VERY_END,
};

#define AB_SYNTAX_ENDLESS UINT16_MAX

#define AB_SYNTAX_KNOWN 256

struct ab_syntax_node {
	uint8_t kind;
	bool exact; /* it matches what the pattern does and nothing else */
	uint16_t set;
	uint16_t min, max;
	uint16_t last; /* the last of its children, 0: it has none */
	uint16_t before; /* the child of the same parent that stands before, 0: none does */
};

struct ab_syntax {
	struct ab_syntax_node *nodes; /* the first is the whole pattern */
	size_t n, capacity;
	ab_atom_set *sets;
	size_t n_sets, sets_capacity;
	uint16_t known[AB_SYNTAX_KNOWN]; /* sets by their hash, 0: none */
	uint16_t *texts; /* the sets of all texts, one behind the other */
	size_t n_texts;
};

/* Of a text: the sets of its node->min bytes. */
static inline const uint16_t *ab_syntax_text(const struct ab_syntax *s, const struct ab_syntax_node *node)
{
	return s->texts + ((size_t)node->max << 16 | node->set);
}

/* false: there is something in it that is not understood, or no memory; *s is to be freed then too. */
bool ab_syntax_read(struct ab_syntax *s, const char *pattern, bool caseless);

/* The number of a set, which is added if it is new; 0: no memory, or too many. */
uint16_t ab_syntax_set(struct ab_syntax *s, const ab_atom_set set);

void ab_syntax_free(struct ab_syntax *s);

#endif
