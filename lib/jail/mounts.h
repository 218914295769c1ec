/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator wants to be seen in the jail besides the command itself. */
#ifndef AB_JAIL_MOUNTS_H
#define AB_JAIL_MOUNTS_H

#include "lib/jail/jail.h"
#include "lib/jail/plan.h"

#define AB_JAIL_MODELS "/models"
#define AB_JAIL_INPUT  "/input"

/*
 * Begins the plan: the jail's own directories, and what the options name of the host. `tree`: where
 * the bundle that spec->input is will be unpacked; NULL: it is none. `uid`: who the agent will be.
 * Errors begin with the option.
 */
int ab_mounts_add(struct ab_plan *plan, const struct ab_jail_spec *spec, const char *tree,
		  uid_t uid, struct ab_err *err);

/*
 * Ends the plan, once the command is in it: further programs, searched in `path` as the command
 * is, or the image. What is the jail's own must not have been hidden.
 */
int ab_mounts_finish(struct ab_plan *plan, const struct ab_jail_spec *spec, const char *path,
		     uid_t uid, gid_t gid, struct ab_err *err);

/* Whether an open directory is, or lies in, the one that the entry mounts. */
bool ab_mounts_is_below(int dir, const struct ab_entry *entry);

/* An entry that shows the agent an open directory, or one above it; NULL. */
const struct ab_entry *ab_mounts_holder(const struct ab_plan *plan, int dir);

/* The agent sees nothing of what is said of it: a plan that shows the receipts (NULL: none) is
 * AB_EXIT_USAGE. */
int ab_mounts_hide(const struct ab_plan *plan, const struct ab_receipts *receipts,
		   struct ab_err *err);

/* The entry of the bundle's tree, or NULL. */
struct ab_entry *ab_mounts_bundle(struct ab_plan *plan);

/* The workspace's entry, or NULL; valid until the plan changes. */
const struct ab_entry *ab_mounts_workspace(const struct ab_plan *plan);

#endif
