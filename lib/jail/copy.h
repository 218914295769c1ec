/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of a tree: what a workspace is made of where the kernel cannot make an overlay of it.
 */
#ifndef AB_JAIL_COPY_H
#define AB_JAIL_COPY_H

#include <sys/types.h>
#include "lib/base/err.h"

/* Whose files become whose in a copy; those of others keep their owner, but for what would be the new
 * owner's and is not: that becomes root's. */
struct ab_copy_owner {
	uid_t from_uid;
	gid_t from_gid;
	uid_t uid;
	gid_t gid;
};

/*
 * Copies all that is in the directory `from` into the directory `to`, which is empty: files,
 * directories, links and FIFOs, with their permission bits and times of modification. Links are
 * never followed; of hard links each becomes a file. What cannot be read or has no copy (a socket,
 * a device) is an error that names it; half a copy may then be there. err->sys is ENOSPC where
 * there was no room. `owner`: NULL, and all of it is the caller's; else it needs the right to give
 * files away.
 */
int ab_copy_tree(int from, int to, const struct ab_copy_owner *owner, struct ab_err *err);

#endif
