/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applies a change to a directory: all of it or nothing, as far as a check beforehand can see to
 * that. No symbolic link is followed and nothing outside the directory is reached (openat2(2),
 * RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS); files are replaced by rename.
 */
#ifndef AB_JAIL_APPLY_H
#define AB_JAIL_APPLY_H

#include "lib/jail/archive.h"

/*
 * What of the change is never applied: links that leave the tree, set-user-ID files, devices and
 * the like, and unless `hooks` what other programs execute by themselves. Judged anew, whatever the
 * list's own flags say. AB_EXIT_NO names the first.
 */
int ab_apply_check(const struct ab_changes *changes, int dir, bool hooks, struct ab_err *err);

/* Whether the directory is still what the run began with, wherever it is to be changed: AB_EXIT_NO
 * names the first place that is not, and says how many there are. */
int ab_apply_compare(const struct ab_changes *changes, int dir, struct ab_err *err);

/* Changes it. A failure half-way is AB_EXIT_TROUBLE. */
int ab_apply(const struct ab_unpacked *u, int dir, struct ab_err *err);

#endif
