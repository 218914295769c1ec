/* SPDX-License-Identifier: Apache-2.0 */
/* Which entry of an archive stands for which change; see archive.h. */
#ifndef AB_JAIL_LAYOUT_H
#define AB_JAIL_LAYOUT_H

#include "lib/jail/change.h"
#include "lib/tar/tar.h"

#define AB_ARCHIVE_LIST ".wh..wh.agentbox.json"

/* The change of this path, or NULL; the list is sorted. */
const struct ab_change *ab_changes_find(const struct ab_changes *changes, const char *path,
					size_t len);

/*
 * The entry of change `i`: 1, or 0 if it has none. A whiteout's path is built in `path`, which must
 * live as long as the entry. The content of a file follows it unless it is a whiteout.
 */
int ab_layout_entry(const struct ab_changes *changes, size_t i, struct ab_tar_entry *ret,
		    struct ab_buf *path, struct ab_err *err);

#endif
