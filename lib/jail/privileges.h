/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what the jail's first process needed to build it, for good and for all that follow. */
#ifndef AB_JAIL_PRIVILEGES_H
#define AB_JAIL_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>
#include "lib/base/err.h"

/* Becomes uid and gid without supplementary groups (`groups`: these can be dropped). */
int ab_privileges_become(uid_t uid, gid_t gid, bool groups, struct ab_err *err);

/*
 * Drops every capability from every set, locks the securebits, sets `no_new_privs`, and makes the
 * process undumpable: the agent can neither trace it nor read its environment.
 */
int ab_privileges_drop(bool no_new_privs, struct ab_err *err);

#endif
