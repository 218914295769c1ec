/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of ECMA-262 patterns at work: what ecma.c, class.c and names.c share. */
#ifndef AB_REGEX_PARSE_H
#define AB_REGEX_PARSE_H

#include "lib/regex/ecma.h"

struct ab_ecma_name {
	size_t at, len; /* in the pattern */
	uint32_t group;
};

struct ab_ecma_parser {
	struct ab_ecma *tree;
	const char *text;
	size_t len, at;
	bool strict;
	unsigned depth;
	uint32_t total; /* captures of the whole pattern */
	struct ab_ecma_name *names;
	size_t n_names;
	struct ab_err *err;
};

/* Sets the error "bad pattern at N: why"; 0, so that a parser of nodes can return it. */
uint32_t ab_ecma_fail(struct ab_ecma_parser *p, const char *why);
/* A new node, 0 when memory is out. */
uint32_t ab_ecma_new(struct ab_ecma_parser *p, enum ab_ecma_kind kind, uint32_t value);
/* Takes this text if it stands at p->at. */
bool ab_ecma_take(struct ab_ecma_parser *p, const char *text);
/* Takes one code point. */
bool ab_ecma_char(struct ab_ecma_parser *p, uint32_t *ret);
/* Takes a decimal number, cut at AB_ECMA_FOREVER - 1. */
bool ab_ecma_number(struct ab_ecma_parser *p, uint32_t *ret);

/* Behind `\` outside a class: a node. */
uint32_t ab_ecma_escape(struct ab_ecma_parser *p);
/* Behind `[`: a node. */
uint32_t ab_ecma_class(struct ab_ecma_parser *p);

/* Counts the captures and collects their names, before the parse. */
int ab_ecma_groups(struct ab_ecma_parser *p);
void ab_ecma_groups_free(struct ab_ecma_parser *p);
/* Takes `name>`; *ret_len: of the name. */
bool ab_ecma_name(struct ab_ecma_parser *p, size_t *ret_len);

#endif
