/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of a tree: what a workspace is made of where the kernel cannot make an overlay of it.
 */
#ifndef AB_JAIL_COPY_H
#define AB_JAIL_COPY_H

#include "lib/base/err.h"

/*
 * Copies all that is in the directory `from` into the directory `to`, which is empty: files,
 * directories, links and FIFOs, with their permission bits and times of modification. Links are
 * never followed; of hard links each becomes a file. What cannot be read or has no copy (a socket,
 * a device) is an error that names it; half a copy may then be there. err->sys is ENOSPC where
 * there was no room.
 */
int ab_copy_tree(int from, int to, struct ab_err *err);

#endif
