/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jail's root, built inside the new mount and user namespaces before any code of the agent
 * runs: a tmpfs with the plan's mounts, all of it read-only; /tmp and /dev/shm are one tmpfs that
 * is limited in bytes and inodes and has no execution; /proc shows the agent's own processes.
 */
#ifndef AB_JAIL_ROOT_H
#define AB_JAIL_ROOT_H

#include "lib/jail/plan.h"

struct ab_root {
	uint64_t tmp_bytes, tmp_inodes;
	bool has_proc;	/* set by ab_root_build(): the kernel let us mount /proc */
	int devices[8]; /* detached mounts of /dev's nodes */
};

/*
 * Takes hold of the plan's sources and the device nodes, as the user who started it all: what only
 * that user can reach can be mounted. Each must still be the file that the plan saw.
 */
int ab_root_hold(struct ab_root *root, struct ab_plan *plan, struct ab_err *err);

/* Builds the root and moves into it; the host's files are gone afterwards. */
int ab_root_build(struct ab_root *root, struct ab_plan *plan, struct ab_err *err);

#endif
