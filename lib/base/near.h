/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a mistyped name was meant to be: the candidate that is one slip away (a letter too much, too
 * few, another one, or two swapped; two slips in a long name), or that it is the beginning of.
 *
 *	struct ab_near near = { .word = "expln" };
 *
 *	ab_near_try(&near, "explain");
 *	return ab_near_tell(&near, "--", err);	adds " (did you mean --explain?)" to an error
 */
#ifndef AB_BASE_NEAR_H
#define AB_BASE_NEAR_H

#include <stddef.h>
#include "lib/base/err.h"

struct ab_near {
	const char *word; /* as it was typed */
	size_t len;	  /* of the word; 0: up to its NUL */
	const char *best; /* the nearest candidate yet, or NULL; not copied */
	char kept[48];	  /* for ab_near_try_shipped(): what `best` is then */
	unsigned slips;	  /* between it and the word */
};

void ab_near_try(struct ab_near *near, const char *candidate);

/* Tries the names of what is in share/agentbox/DIR: of directories, and of files without `ending`.
 */
void ab_near_try_shipped(struct ab_near *near, const char *dir, const char *ending);

/* Adds the question to the error that is told; `before` stands before the name. Returns -1. */
int ab_near_tell(const struct ab_near *near, const char *before, struct ab_err *err);

#endif
