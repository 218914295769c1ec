/* SPDX-License-Identifier: Apache-2.0 */
/* Private to shape.c, which makes the steps of a shape, and walk.c, which takes them. */
#ifndef AB_SCRUB_STEP_H
#define AB_SCRUB_STEP_H

#include "lib/scrub/atom.h"
#include "lib/scrub/shape.h"

enum ab_op {
	AB_OP_ACCEPT,
	AB_OP_BYTE,  /* of the set */
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

struct ab_step {
	uint8_t op;
	bool empty; /* it can be taken where the text ends */
	bool firm;  /* of a run: no shorter one than the longest can go on */
	uint16_t first; /* the set of bytes that can stand where it is taken */
	uint16_t set, next, other, min, max;
};

/* A set of bytes, for many at once too: a bit for each upper nibble that a lower one may have, of bytes
 * up to 0x7f and from 0x80 on. */
struct ab_bytes {
	ab_atom_set set;
	unsigned char low[2][16];
};

/* Which of a fork's branches, the 32nd of them also for all behind it, may begin with a byte: of its lower
 * five bits. */
#define AB_SIGN 32
typedef uint32_t ab_sign[AB_SIGN];

struct ab_shape {
	size_t n, entry;
	struct ab_step *steps; /* none: anything is allowed */
	ab_atom_set *sets;
	uint16_t *branches; /* steps */
	ab_sign *signs;
	/* What a match begins with, and what stands before one that does not begin the text. */
	struct ab_bytes first, lead;
};

#define AB_WORDS                                                                                   \
	{                                                                                          \
		0, 0x03ff0000, 0x87fffffe, 0x07fffffe                                              \
	} /* letters, digits and "_" */

#endif
