/* SPDX-License-Identifier: Apache-2.0 */
/* Private to factor.c, which reads a pattern, and part.c: what is known of its parts, one put behind another. */
#ifndef AB_SCRUB_PART_H
#define AB_SCRUB_PART_H

#include "lib/scrub/factor.h"

#define AB_PART_UNLIMITED SIZE_MAX

/* Words of a fixed length each; { n = 1, len = { 0 } } is the empty one. */
struct ab_part_words {
	size_t n;
	uint64_t text[AB_FACTOR_WORDS];
	uint8_t len[AB_FACTOR_WORDS];
};

/*
 * What is known of a part of a pattern. While `exact`, it matches the words of `run` and nothing
 * else; then `run` is what it ends in for certain.
 */
struct ab_part {
	bool exact, single; /* single: one byte, of `class` */
	ab_atom_set class;
	size_t n;
	uint16_t factors[AB_FACTORS]; /* of the reader's, the best first */
	struct ab_part_words run;
};

struct ab_part_reader {
	const char *p;
	bool caseless, failed; /* failed: something that is not understood */
	unsigned depth;
	struct ab_factor *factors;
	size_t n, capacity;
	struct ab_part *top; /* what the choices at the top have */
	size_t n_top;
	bool no_memory;
	struct ab_atoms classes;
};

/* Begins a part that has no byte, or, not exact, of which nothing is known. Parts are large, and there is one for
 * each byte of a pattern: no more of one is written than is used. */
void ab_part_clear(struct ab_part *part, bool exact);

void ab_part_copy_words(struct ab_part_words *to, const struct ab_part_words *from);

/* Puts the words of b beside those of a; false: too many. */
bool ab_part_add_words(struct ab_part_words *a, const struct ab_part_words *b);

/* A new factor, which the caller fills; NULL: r->failed. */
struct ab_factor *ab_part_new_factor(struct ab_part_reader *r);

/* What one of two factors is a part of; false: nothing that could be said. */
bool ab_factor_unite(struct ab_factor *a, const struct ab_factor *b);

/* Keeps a factor, by its number, if it is one of the best. */
void ab_part_keep(const struct ab_part_reader *r, struct ab_part *part, size_t factor);

/* What the part ends in is all that can be said of its end: it may become a factor. */
void ab_part_flush(struct ab_part_reader *r, struct ab_part *part);

/* The byte that the atom stands for, one of few, is spelled out. */
void ab_part_spell(const struct ab_part_reader *r, struct ab_part *part, const ab_atom_set set);

/* The part min to max times. */
void ab_part_repeat(struct ab_part_reader *r, struct ab_part *part, size_t min, size_t max);

/* Puts a part behind all those before it. */
void ab_part_append(struct ab_part_reader *r, struct ab_part *all, const struct ab_part *part);

/* The same as a part that is this one byte would be. */
void ab_part_append_byte(struct ab_part_reader *r, struct ab_part *all, unsigned char c);

#endif
