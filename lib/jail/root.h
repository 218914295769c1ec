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
	uid_t uid; /* whose a workspace becomes */
	gid_t gid;
	bool has_proc;	   /* set by ab_root_build(): the kernel let us mount /proc */
	bool held;	   /* by the supervisor; else init takes hold itself */
	int devices[8];	   /* detached mounts of /dev's nodes, -1 before they are held */
	int upper, merged; /* of the workspace, once it is mounted; else -1 */
	bool copied;	   /* that is a copy, no overlay */
	bool given;	   /* its lower layer is a copy, whose owner is the agent */
	bool no_overlay;   /* a test build: as where the kernel cannot make one of a workspace */
};

#define AB_ROOT_INIT                                                                               \
	{                                                                                          \
		.devices = { -1, -1, -1, -1, -1, -1, -1, -1 }, .upper = -1, .merged = -1           \
	}

/*
 * Takes hold of the plan's sources and the device nodes, so that what only the user who started it
 * all can reach can be mounted. Each must still be the file that the plan saw. Root calls it before
 * there is a jail, since root's right to reach everything ends at the user namespace; others have
 * the right to mount only in it. Descriptors are at least `lowest`.
 */
int ab_root_hold(struct ab_root *root, struct ab_plan *plan, int lowest, struct ab_err *err);

/* A new tmpfs with these limits, a detached mount; its descriptor, or -1. */
int ab_root_tmpfs(uint64_t bytes, uint64_t inodes, struct ab_err *err);

/* Closes what is held, in the supervisor once init has its copy; and says that nothing is held. */
void ab_root_close(const struct ab_root *root, const struct ab_plan *plan);
void ab_root_forget(struct ab_root *root, struct ab_plan *plan);

/* Builds the root and moves into it, and closes what was held; the host's files are gone afterwards. */
int ab_root_build(struct ab_root *root, struct ab_plan *plan, struct ab_err *err);

#endif
