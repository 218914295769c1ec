/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of isolation, taken by the agent's own process in the finished jail just before the
 * agent is executed. Each check tries the act or reads the state from the kernel; none believes
 * what was set up. Each looks at one layer before a later one would hide it. A check that fails, or
 * that cannot be made, means that nothing is run.
 */
#ifndef AB_JAIL_SELFTEST_H
#define AB_JAIL_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/jail/filter.h"
#include "lib/jail/plan.h"

enum ab_check {
	AB_CHECK_ROOT_READONLY,	  /* a directory in / cannot be made: EROFS */
	AB_CHECK_ROOT_FOREIGN,	  /* / is not the host's root, nor does that lie above it */
	AB_CHECK_CANARY,	  /* a path that the host has is not here */
	AB_CHECK_MOUNTS,	  /* every mount but those that may be written is read-only */
	AB_CHECK_TMP_NOEXEC,	  /* /tmp and where it starts: no execution, set-uid, devices */
	AB_CHECK_TMP_SIZED,	  /* /tmp has no more room than it was given */
	AB_CHECK_OTHER_PROCESSES, /* our parent is process 1, there is no other to be signalled */
	AB_CHECK_SEPARATE,	  /* the other namespaces are not the host's */
	AB_CHECK_NETWORK,	  /* no network interface but lo */
	AB_CHECK_ROUTES,	  /* no route but lo's */
	AB_CHECK_CAPABILITIES,	  /* none, effective, permitted, inheritable, ambient or bounding */
	AB_CHECK_NO_NEW_PRIVS,
	AB_CHECK_DESCRIPTORS, /* three pipes, and none above 2 that the agent would inherit */
	AB_CHECK_ENVIRONMENT, /* no AB_ variable, and nothing left of the caller's */
	AB_CHECK_LIMITS,      /* processes, core, memory, files, and file size are limited */
	AB_CHECK_NESTED,      /* the kernel's own limit says that there is no further namespace */
	AB_CHECK_LANDLOCK,    /* a device node cannot be made in /tmp, where all else could */
	AB_CHECK_SECCOMP,     /* mode 2 */
	AB_CHECK_SOCKET,      /* socket(): EPERM */
	AB_CHECK_NAMESPACE,   /* unshare(): EPERM */
	/* Of tier 2, in place of those of mounts and namespaces. */
	AB_CHECK_FILES_READ,  /* the root cannot be listed, as it can without Landlock */
	AB_CHECK_FILES_WRITE, /* nothing can be made beside the agent's directory */
	AB_CHECK_SIGNALS,     /* our parent, of the same user, cannot be signalled */
	AB_CHECK_ATTRIBUTES,  /* not even the own directory's mode can be changed */
	AB_CHECK_COUNT,
};

#define AB_SELFTEST_SPACES 5 /* kinds of namespaces that are compared with the host's */

/* What the supervisor knows about the outside, for comparison. */
struct ab_selftest {
	dev_t root_dev; /* the host's root */
	ino_t root_ino;
	ino_t spaces[AB_SELFTEST_SPACES]; /* the host's namespaces, of ab_selftest_spaces() */
	const char *canary;		  /* a path of the host that the plan does not show */
	const struct ab_plan *plan;	  /* says which mounts may be written */
	uint64_t tmp_bytes;
	int control;	   /* the one descriptor above 2 that is open, close-on-exec */
	const char *start; /* the directory where it starts: /tmp, or a workspace */
	int proc; /* the host's /proc, opened before it was gone; closed by the first checks */
	char *const *env; /* the agent's */
	int tier;
	const char *dir;	      /* the agent's directory in tier 2 */
	bool scoped;		      /* Landlock keeps signals; else the filter does */
	bool has_landlock, no_nested; /* whether these layers are there to be tested */
	enum ab_hole hole;
	uint64_t ignored;     /* out: bits of the signals that we ignore; all, where it is not known */
	uint64_t caps;	      /* out: of all sets that the status of the process has told */
	int cap_sets;	      /* out: how many */
	uint32_t ran, passed; /* out: bits of enum ab_check */
};

/* What has to be known of the host before there is a jail. */
int ab_selftest_look(struct ab_selftest *t, struct ab_err *err);

/* The numbers of the host's namespaces, which are told while the jail is built. */
int ab_selftest_spaces(ino_t ret[AB_SELFTEST_SPACES], struct ab_err *err);

/* The checks that have to pass: bits of enum ab_check. */
uint32_t ab_selftest_due(const struct ab_selftest *t);

/* All checks that a tier has, those with them that this kernel has nothing to test for. */
uint32_t ab_selftest_of_tier(int tier);

/* Whether every check that is due was made and passed. */
bool ab_selftest_is_passed(const struct ab_selftest *t);

/* The name of a check as it stands in messages and receipts: "root_readonly"; and what it says. */
const char *ab_check_name(enum ab_check check);
const char *ab_check_meaning(enum ab_check check);

/* The checks of mounts, descriptors and rights, before Landlock and seccomp would hide them. */
void ab_selftest_layers(struct ab_selftest *t);

/* The checks of Landlock; seccomp is not on yet. */
void ab_selftest_landlock(struct ab_selftest *t);

/* The checks of the seccomp filter, with everything on. */
void ab_selftest_seccomp(struct ab_selftest *t);

#endif
