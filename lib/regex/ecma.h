/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECMA-262 patterns with the u flag (ECMA-262 section 22.2.1), parsed into a tree and written as
 * PCRE2 patterns. Private to lib/regex.
 */
#ifndef AB_REGEX_ECMA_H
#define AB_REGEX_ECMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define AB_ECMA_DEPTH	250	   /* groups in groups */
#define AB_ECMA_FOREVER UINT32_MAX /* max of an open-ended quantifier */
#define AB_ECMA_LAST	0x10ffffu  /* the last code point */

enum ab_ecma_kind {
	AB_ECMA_EMPTY,
	AB_ECMA_CHAR,	  /* the code point `value` */
	AB_ECMA_SET,	  /* one code point out of set number `value` */
	AB_ECMA_CAT,	  /* children in a row */
	AB_ECMA_ALT,	  /* one of the children */
	AB_ECMA_REPEAT,	  /* the child, min to max times */
	AB_ECMA_GROUP,	  /* the child; `value` is the capture's number, 0: (?:) */
	AB_ECMA_START,	  /* ^ */
	AB_ECMA_END,	  /* $ */
	AB_ECMA_BOUNDARY, /* \b; negated: \B */
	AB_ECMA_AHEAD,	  /* (?=child); negated: (?!child) */
	AB_ECMA_BEHIND,	  /* (?<=child); negated: (?<!child) */
	AB_ECMA_BACKREF,  /* what group `value` captured */
};

struct ab_ecma_node {
	uint8_t kind;
	bool negated, lazy;
	uint32_t value;
	uint32_t min, max;
	uint32_t child; /* the first child; 0: none */
	uint32_t next;	/* the next sibling; 0: the last */
};

struct ab_ecma_range {
	uint32_t first, last;
};

/* A set of code points: ranges, and Unicode properties in PCRE2's spelling ("\p{Lu}\P{Greek}"). */
struct ab_ecma_set {
	uint32_t ranges, n; /* into ->ranges, as written: neither sorted nor merged */
	uint32_t properties, properties_len; /* into ->properties */
	bool negated;
};

struct ab_ecma {
	struct ab_ecma_node *nodes; /* nodes[0] is unused, nodes[root] the pattern */
	uint32_t n, root;
	struct ab_ecma_range *ranges;
	uint32_t n_ranges;
	struct ab_ecma_set *sets;
	uint32_t n_sets;
	struct ab_buf properties;
	uint32_t groups; /* captures */
	bool looks;	 /* has lookaround */
	bool backrefs;
};

/* Parses a pattern; strict: to the letter of u-mode. -1: AB_EXIT_USAGE, "bad pattern at N: why". */
int ab_ecma_parse(struct ab_ecma *tree, const char *pattern, size_t len, bool strict,
		  struct ab_err *err);
void ab_ecma_free(struct ab_ecma *tree);

/* Builds nodes and sets; 0 / -1 when memory is out. New nodes are appended and zeroed. */
uint32_t ab_ecma_node(struct ab_ecma *tree, enum ab_ecma_kind kind);
int ab_ecma_set(struct ab_ecma *tree, bool negated);
/* Adds to the last set. */
int ab_ecma_range(struct ab_ecma *tree, uint32_t first, uint32_t last);
/* Adds what \d, \D, \s, \S, \w or \W (`letter`) stands for to the last set. */
int ab_ecma_shorthand(struct ab_ecma *tree, char letter);
/*
 * Adds \p{name} (or its complement) to the last set. The name is the text between the braces; one
 * that ECMA-262 does not know is -1 with err.
 */
int ab_ecma_property(struct ab_ecma *tree, const char *name, size_t len, bool negated);

/* Whether PCRE2 knows all properties of such a list; true where memory is out. (property.c) */
bool ab_property_known(const char *properties, size_t len);

/* Writes the tree as a PCRE2 pattern. */
void ab_ecma_emit(const struct ab_ecma *tree, struct ab_buf *out);

#endif
