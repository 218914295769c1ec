/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fresh directory beside a target that becomes the target in one step, or is removed; private to
 * the room. While it is in work it is locked (flock(2) on the directory itself), so that what a
 * killed process left can be told from what another is working on.
 */
#ifndef AB_BUNDLE_PLACE_H
#define AB_BUNDLE_PLACE_H

#include "lib/base/err.h"

struct ab_place {
	int parent, fd;	  /* of the target's directory, and of ours */
	char name[32];	  /* ours */
	const char *base; /* the target's last component, inside the caller's string */
};

#define AB_PLACE_INIT                                                                              \
	{                                                                                          \
		.parent = -1, .fd = -1                                                             \
	}

/*
 * Makes ".ab-bundle.XXXXXXXXXXXXXXXX", 0700, in the directory of `target`, after removing those
 * that are ours and locked by nobody. A target that exists is AB_EXIT_USAGE.
 */
int ab_place_open(struct ab_place *p, const char *target, struct ab_err *err);

/* Gives it mode 0755 and the target's name, which must still be free. */
int ab_place_keep(struct ab_place *p, struct ab_err *err);

/* Removes it and all that is beneath, unless it was kept, and closes the descriptors. */
void ab_place_close(struct ab_place *p);

#endif
