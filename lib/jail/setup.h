/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor has prepared when the jail's first process begins; that process is a copy of
 * the supervisor and finds it in its memory.
 */
#ifndef AB_JAIL_SETUP_H
#define AB_JAIL_SETUP_H

#include <limits.h>
#include <stdbool.h>
#include "lib/jail/gateway.h"
#include "lib/jail/bare.h"
#include "lib/jail/limits.h"
#include "lib/jail/plan.h"
#include "lib/jail/program.h"
#include "lib/jail/root.h"
#include "lib/jail/selftest.h"
#include "lib/jail/strict.h"
#include "lib/jail/weaken.h"

#define AB_SETUP_PAGE 4096 /* or a part of one */

/* The descriptors that the first process keeps, at these very numbers. */
enum ab_setup_fd {
	AB_FD_STDIN,
	AB_FD_STDOUT,
	AB_FD_STDERR,
	AB_FD_CONTROL, /* a socket to the supervisor, close-on-exec: the agent's process has it until then */
	AB_FD_COUNT,
};

struct ab_setup {
	struct ab_plan plan;
	struct ab_program program;
	struct ab_root root;
	struct ab_limits limits;
	struct ab_gateway gateway; /* of --listen */
	int tier;		   /* 1, or 2 */
	bool may_repeat;	   /* tier 1 has not to be the last try */
	struct ab_selftest test;
	struct ab_strict strict;
	const char *start; /* the directory where the agent starts */
	char **env;	   /* the agent's whole environment, NULL-terminated */
	uid_t uid;	   /* as whom the agent runs, outside and inside */
	gid_t gid;
	int n_groups;	      /* supplementary groups of the caller, -1: not known */
	const char *weak;     /* NULL but in a test build (lib/jail/weaken.h) */
	int group;	      /* the control group to be born in, -1: none */
	bool count_cpu;	      /* by a counter of its own, no control group does it */
	uint64_t built_us;    /* of processor time that the first process has used until it forks */
	uint32_t outside;     /* bits of the control groups that init could not join */
	bool pinned;	      /* the first process hands out what it has mounted */
	bool drop_groups;     /* root can drop supplementary groups, others cannot */
	int fds[AB_FD_COUNT]; /* where those descriptors are before they are moved */
	struct ab_bare bare;	  /* of tier 2 */
	/* Seldom touched, as the path before: what stands before that has room on one page. */
	char why_bare[256];	  /* why it is not tier 1 */
	char workspace[PATH_MAX]; /* where the agent starts, if that is a workspace */
};

/* The first process of the jail, from its first instruction to its end. */
_Noreturn void ab_init_run(struct ab_setup *setup);

/* The agent's process, from fork to exec. */
_Noreturn void ab_agent_run(struct ab_setup *setup);

#endif
