/* SPDX-License-Identifier: Apache-2.0 */
/* Files that other programs execute, or obey, by themselves once they stand in a working tree. */
#ifndef AB_JAIL_HOOKS_H
#define AB_JAIL_HOOKS_H

#include <stdbool.h>

/*
 * Whether the path (relative, in a workspace) is such a file by its name or by a directory that it
 * lies in. Case does not count: file systems differ. A directory is none by itself, unless whoever
 * takes the change for an image's layer would delete another file for its name. The list is in
 * ab-jail(1).
 */
bool ab_is_hook(const char *path, bool directory);

#endif
