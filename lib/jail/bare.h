/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tier 2: the jail where no namespace can be made, as in a Pod. There is no root of its own:
 * Landlock says which of the host's files the agent reads, executes and writes, a directory of its
 * own stands for /tmp, and a further seccomp filter denies what Landlock has no rule for. The first
 * process is a subreaper, which may signal only what comes from it, or else finds it in /proc.
 */
#ifndef AB_JAIL_BARE_H
#define AB_JAIL_BARE_H

#include <stdbool.h>
#include <sys/types.h>
#include "lib/jail/scratch.h"

struct ab_setup;

struct ab_bare {
	bool scoped;	       /* Landlock keeps signals within the jail (ABI 6) */
	bool enclosed;	       /* and the first process's: kill(-1) ends the jail and nothing else */
	bool same_user;	       /* started by root, it could not become another user */
	struct ab_scratch dir; /* the agent's */
};

/*
 * Makes a prepared setup one of tier 2: the directory, HOME and TMPDIR in the environment, the
 * limit of processes. What tier 2 cannot do is refused by name: a mount at another place than its
 * own, a Landlock before ABI 3 (where a file can be truncated that may only be read).
 */
int ab_bare_prepare(struct ab_setup *s, struct ab_err *err);

/* Starts the first process, as fork(2) does. */
pid_t ab_bare_fork(int *ret_pidfd);

/* In the first process: another user if we are root, no capabilities, a subreaper. */
int ab_bare_enter(struct ab_setup *s, struct ab_err *err);

/* In the agent's process: the allow-list of files. */
int ab_bare_landlock(struct ab_setup *s, int *ret_abi, struct ab_err *err);

/* And the filter, before the agent's own. */
int ab_bare_filter(const struct ab_setup *s, struct ab_err *err);

#endif
