/* SPDX-License-Identifier: Apache-2.0 */
/* A look at all processes of the jail from outside, through /proc: what they use together. */
#ifndef AB_JAIL_TREE_H
#define AB_JAIL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"

struct ab_tree {
	uint64_t memory;    /* bytes of anonymous and shared memory and of page tables; a page that
			       two processes share after a fork counts twice */
	uint64_t sockets;   /* bytes that the sockets of the jail may hold at most in the kernel */
	uint64_t processes; /* threads count as such */
	uint64_t cpu_ms;    /* of what runs, and of what has ended and was waited for */
};

#define AB_TREE_MAX 131072 /* processes that are looked at: more than --processes may say */

/* Whether this kernel lets us look at all: without it the limits of the whole jail hold nothing. */
int ab_tree_check(struct ab_err *err);

/*
 * Looks at `first` (the jail's first process, itself not counted) and everything below it: all
 * orphans of the jail are its children. What ends meanwhile is left out.
 */
void ab_tree_look(pid_t first, struct ab_tree *ret);

/* Lists what is below `first`, at most `room`; returns how many. */
size_t ab_tree_list(pid_t first, pid_t *pids, size_t room);

/* Lists the children of a process that has one thread. */
size_t ab_tree_children(pid_t pid, pid_t *pids, size_t room);

/* How many threads a user's processes have, all over this pid namespace. */
uint64_t ab_tree_of_user(uid_t uid);

/* Whether it and all its threads have ended; it may wait to be reaped. */
bool ab_tree_is_dead(pid_t pid);

#endif
