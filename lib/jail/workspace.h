/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workspace: a directory of the host that the agent edits freely while the host stays as it is.
 * An overlay whose lower layer is the directory and whose upper layer stands on the tmpfs of /tmp,
 * with that one's limits in bytes and inodes. Where that tmpfs has no user attributes (before Linux
 * 6.6), which the overlay needs, a copy of the whole directory stands there instead. A lower layer
 * that root cannot give to the agent is copied as well.
 */
#ifndef AB_JAIL_WORKSPACE_H
#define AB_JAIL_WORKSPACE_H

#include <stdbool.h>
#include <sys/types.h>
#include "lib/jail/plan.h"
#include "lib/jail/root.h"

#define AB_JAIL_WORKSPACE "/workspace"

/*
 * Takes hold of the directory alone, without what is mounted in it, as a detached mount. The
 * descriptor, or -1.
 */
int ab_workspace_hold(const char *source, struct ab_err *err);

/*
 * Where root starts a jail: what belongs to the directory's owner belongs to root->uid and root->gid
 * in the mount that is held (mount_setattr(2), ID-mapped mounts), so that the agent can edit it. Where
 * the file system takes no such mount, a copy is held in its place, on a tmpfs of its own with the
 * limits of that of /tmp, and root->given is set.
 */
int ab_workspace_give(struct ab_root *root, struct ab_entry *entry, struct ab_err *err);

/*
 * Mounts the overlay, or the copy, at the entry's place, which is there, in the directory where the jail's root
 * is built; `tmp` is the tmpfs of /tmp, by its path there. Sets root->upper and root->merged, which are
 * the same directory where it is a copy.
 */
int ab_workspace_mount(struct ab_root *root, struct ab_entry *entry, const char *tmp,
		       struct ab_err *err);

/* Whether they are of a copy. */
bool ab_workspace_is_copy(int upper, int merged);

#endif
