/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that stay beneath a directory and lead through no symbolic link. */
#ifndef AB_JAIL_BENEATH_H
#define AB_JAIL_BENEATH_H

#include <stdbool.h>

/* openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, close-on-exec. -1 with errno. */
int ab_beneath_open(int dir, const char *path, int flags);

/* The directory that the path's last name stands in, opened with O_PATH; *ret_name points into
 * `path`. -1 with errno. */
int ab_beneath_parent(int dir, const char *path, const char **ret_name);

/*
 * Whether the link `path` with this target leads, or could lead, out of the directory: it is
 * absolute, goes above it, goes up again behind a name (which may be a link), or passes through a
 * link that is there and leads out.
 */
bool ab_beneath_escapes(int dir, const char *path, const char *target);

#endif
