/* SPDX-License-Identifier: Apache-2.0 */
/* Private to shape.c, which makes the steps of a shape, walk.c, which takes them, and scan.c, which asks first
 * whether there is a way at all. */
#ifndef AB_SCRUB_STEP_H
#define AB_SCRUB_STEP_H

#include "lib/scrub/atom.h"
#include "lib/scrub/shape.h"

enum ab_op {
	AB_OP_ACCEPT,
	/* A byte of the set `first`; the step behind it is a short one, and next to it in memory; another one, next to it;
	 * or `next`. */
	AB_OP_BYTE,
	AB_OP_LAST_BYTE,
	AB_OP_BYTE_TO,
	AB_OP_RUN,   /* min to max of them */
	AB_OP_SPLIT, /* to `other`, or to the next */
	AB_OP_FORK,  /* to each of `max` branches, from number `other` on; `set` is its way sign */
	AB_OP_AHEAD, /* from `other` on there is a way to the end */
	AB_OP_NOT_AHEAD,
	AB_OP_BEHIND,
	AB_OP_NOT_BEHIND,
	AB_OP_EDGE,
	AB_OP_NO_EDGE,
	AB_OP_BEGIN,
	AB_OP_END,
	AB_OP_VERY_END,
};

/* One that takes a byte, as most do, has no more than its first four bytes where the next one is next to it: the place
 * of a step is told in so many. */
struct ab_step {
	uint8_t op;
	bool empty : 1; /* it can be taken where the text ends */
	bool firm : 1;  /* of a run: no shorter one than the longest can go on */
	uint16_t first; /* the set of bytes that can stand where it is taken */
	uint16_t set, next;
	union {
		uint16_t other, min; /* min: of a run, which has no other */
	};
	uint16_t max;
};

#define AB_STEP_UNIT 4
#define AB_STEP_UNITS (sizeof(struct ab_step) / AB_STEP_UNIT)

static inline struct ab_step *ab_step_at(unsigned char *steps, size_t at)
{
	return (struct ab_step *)(void *)(steps + at * AB_STEP_UNIT);
}

static inline const struct ab_step *ab_step_of(const unsigned char *steps, size_t at)
{
	return (const struct ab_step *)(const void *)(steps + at * AB_STEP_UNIT);
}

static inline bool ab_step_is_short(const struct ab_step *s)
{
	return s->op == AB_OP_BYTE || s->op == AB_OP_LAST_BYTE;
}

static inline size_t ab_step_units(const struct ab_step *s)
{
	return ab_step_is_short(s) ? 1 : AB_STEP_UNITS;
}

/* Where the step at a place goes on: they are made, and lie, from the last one on. */
static inline uint16_t ab_step_next(const struct ab_step *s, uint16_t at)
{
	if (!ab_step_is_short(s))
		return s->next;
	return (uint16_t)(at - (s->op == AB_OP_BYTE ? 1 : AB_STEP_UNITS));
}

/* A set of bytes, for many at once too: a bit for each upper nibble that a lower one may have, of bytes
 * up to 0x7f and from 0x80 on. */
struct ab_bytes {
	ab_atom_set set;
	unsigned char low[2][16];
};

/* Which of a fork's branches, the 32nd of them also for all behind it, may have a byte at each of their first
 * places: of its lower five bits. */
#define AB_SIGN	      32
#define AB_SIGN_AHEAD 3
typedef uint32_t ab_sign[AB_SIGN_AHEAD][AB_SIGN];

#define AB_TRIGRAMS (AB_SIGN * AB_SIGN)

struct ab_shape {
	size_t n, entry, n_forks;
	size_t size; /* bytes of all that is here */
	unsigned char *steps; /* n units; none: anything is allowed */
	ab_atom_set *sets;
	uint16_t *branches; /* steps */
	ab_sign *signs; /* NULL: it is not told which way to go */
	/* What a match begins with, and what stands before one that does not begin the text. */
	struct ab_bytes first, lead;
	/* The same of the first three bytes, their lower five bits: a bit for the third one by the other two.
	 * NULL: it is not told. */
	uint32_t *trigrams;
	bool sharp;
	bool lent; /* the sets are an image's, and the branches lie behind the steps */
};

/* A shape that an image knows: of `steps`, which it frees, and of sets that are lent to it. NULL: out of memory. */
struct ab_image_shape;
struct ab_shape *ab_shape_lend(const struct ab_image_shape *known, unsigned char *steps, ab_atom_set *sets);

/*
 * Whether a match may begin at `at`, by the byte before and the first three from there on, as far as they are known:
 * a NUL may stand for the end of what a match may look at.
 */
static inline bool ab_shape_may_begin(const struct ab_shape *shape, const unsigned char *text, size_t at)
{
	const unsigned char *p = text + at;

	if (!shape->n)
		return true;
	if (!ab_atom_has(shape->first.set, p[0]) || (at && p[-1] && !ab_atom_has(shape->lead.set, p[-1])))
		return false;
	return !shape->trigrams || !p[1] || !p[2] ||
	       shape->trigrams[p[0] % AB_SIGN * AB_SIGN + p[1] % AB_SIGN] >> p[2] % AB_SIGN & 1;
}

#define AB_WORDS                                                                                   \
	{                                                                                          \
		0, 0x03ff0000, 0x87fffffe, 0x07fffffe                                              \
	} /* letters, digits and "_" */

#endif
