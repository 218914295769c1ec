/* SPDX-License-Identifier: Apache-2.0 */
/* Which parts of which file systems a path shows, by /proc/self/mountinfo (proc(5)). */
#ifndef AB_WORKFLOW_MOUNTINFO_H
#define AB_WORKFLOW_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

struct ab_mount {
	uint64_t id;
	char *device, *root, *point; /* "8:1"; the part of that file system; where it is seen */
};

struct ab_mountinfo {
	struct ab_mount *items;
	size_t n;
	char *text; /* what they point into */
};

int ab_mountinfo_read(struct ab_mountinfo *ret, struct ab_err *err);
void ab_mountinfo_done(struct ab_mountinfo *m);

/* How what one path shows and what another one shows have to do with each other. */
enum ab_overlap { AB_APART, AB_SAME, AB_HOLDS, AB_LIES_IN };

/* `a` seen from `b`, both absolute and without links: a holds b, a lies in b. The last component of
 * either need not exist. */
enum ab_overlap ab_mountinfo_overlap(const struct ab_mountinfo *m, const char *a, const char *b);

#endif
