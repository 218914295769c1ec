/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of isolation, taken by the agent's own process in the finished jail just before the
 * agent is executed. Each check tries the act or reads the state from the kernel; none believes
 * what was set up. A check that fails, or that cannot be made, means that nothing is run.
 */
#ifndef AB_JAIL_SELFTEST_H
#define AB_JAIL_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/jail/filter.h"

enum ab_check {
	AB_CHECK_ROOT_READONLY, /* a directory in / cannot be made: EROFS */
	AB_CHECK_ROOT_FOREIGN,	/* / is not the host's root */
	AB_CHECK_CANARY,	/* a path that the host has is not here */
	AB_CHECK_TMP_NOEXEC,	/* /tmp and where it starts: no execution, set-uid, devices */
	AB_CHECK_FIRST_PROCESS, /* our parent is process 1 of its own namespace */
	AB_CHECK_NETWORK,	/* no network interface but lo */
	AB_CHECK_CAPABILITIES,	/* none, effective, permitted, inheritable, ambient or bounding */
	AB_CHECK_NO_NEW_PRIVS,
	AB_CHECK_DESCRIPTORS, /* none open above 2 that the agent would inherit */
	AB_CHECK_ENVIRONMENT, /* no AB_ variable */
	AB_CHECK_LIMITS,      /* processes, core, memory and file size are limited */
	AB_CHECK_LANDLOCK,    /* a device node cannot be made in /tmp, where all else could */
	AB_CHECK_SECCOMP,     /* mode 2 */
	AB_CHECK_SOCKET,      /* socket(): EPERM */
	AB_CHECK_NAMESPACE,   /* unshare(): EPERM */
	AB_CHECK_COUNT,
};

/* What the supervisor knows about the outside, for comparison. */
struct ab_selftest {
	dev_t root_dev; /* the host's root */
	ino_t root_ino;
	const char *canary; /* a path of the host that the plan does not show */
	int control;	    /* the one descriptor above 2 that is open, close-on-exec */
	int network;	    /* /proc/self/net/dev, opened before the host's /proc was gone */
	char *const *env;   /* the agent's */
	const char *start;  /* the directory where it starts: /tmp, or a workspace */
	bool has_landlock;
	enum ab_hole hole;
	uint32_t ran, passed; /* out: bits of enum ab_check */
};

/* Whether every check was made and passed; Landlock's alone may be left out, where there is none.
 */
bool ab_selftest_is_passed(const struct ab_selftest *t);

/* The name of a check as it stands in messages and receipts: "root_readonly". */
const char *ab_check_name(enum ab_check check);

/* The checks of mounts, descriptors and rights, before Landlock and seccomp would hide them. */
void ab_selftest_layers(struct ab_selftest *t);

/* The checks of Landlock; seccomp is not on yet. */
void ab_selftest_landlock(struct ab_selftest *t);

/* The checks of the seccomp filter, with everything on. */
void ab_selftest_seccomp(struct ab_selftest *t);

#endif
