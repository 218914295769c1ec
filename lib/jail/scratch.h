/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory of a run's own, mode 0700, in TMPDIR or /tmp, which is removed with all that is in
 * it, whatever has become of that. It is locked (flock(2)) as long as its supervisor lives: what
 * nobody holds was left by one that was killed.
 */
#ifndef AB_JAIL_SCRATCH_H
#define AB_JAIL_SCRATCH_H

#include <limits.h>
#include <stdint.h>
#include "lib/base/err.h"

struct ab_scratch {
	int fd, parent;	     /* it, and the directory that it is in; -1 */
	char path[PATH_MAX]; /* absolute, without symbolic links; "" before it is made */
};

#define AB_SCRATCH_INIT                                                                            \
	{                                                                                          \
		.fd = -1, .parent = -1                                                             \
	}

/* Makes "PREFIX-XXXXXX". */
int ab_scratch_make(struct ab_scratch *s, const char *prefix, struct ab_err *err);

/* Removes others of the same prefix beside it that are ours and left over. */
void ab_scratch_sweep(const struct ab_scratch *s);

/* Bytes in the directory, or UINT64_MAX: more than `files` files, or deeper than can be looked at.
 */
uint64_t ab_scratch_size(const struct ab_scratch *s, uint64_t files);

/* Takes hold of it again, by its name, in a process that has let go of it. */
void ab_scratch_reopen(struct ab_scratch *s);

/* Removes it. */
void ab_scratch_remove(struct ab_scratch *s);

#endif
