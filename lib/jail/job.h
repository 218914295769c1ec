/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a jail, as the supervisor sees it, from its options to the report. Made ready by
 * preparation.c, its files opened by files.c, the supervisor itself confined by confinement.c;
 * jail.c is what happens in order.
 */
#ifndef AB_JAIL_JOB_H
#define AB_JAIL_JOB_H

#include <limits.h>
#include <signal.h>
#include <time.h>
#include "lib/jail/bundle.h"
#include "lib/jail/grouping.h"
#include "lib/jail/jail.h"
#include "lib/jail/notifier.h"
#include "lib/jail/setup.h"
#include "lib/jail/supervise.h"

struct ab_job {
	const struct ab_jail_spec *spec;
	struct ab_jail_result *ret;
	struct ab_supervisor s;
	struct ab_notifier_spec notifier;
	struct ab_jail_bundle *bundle; /* NULL: there is none */
	int stderr_file;
	int lower; /* the workspace's directory, or -1 */
	struct timespec begun;
	struct ab_grouping grouping;
	bool childless; /* what we replaced had no children */
	bool let_go;	/* of what was held of the root */
	sigset_t caught;
	struct ab_err *err;
	struct ab_setup *setup;
};

/* One each in a process, which confines itself and so has one run: touched only as far as they are
 * filled. The setup is what the first process has in its memory as well, which has nothing of our
 * stack (launch.c); on pages of its own, it is copied in one piece. */
struct ab_setup *ab_job_setup(void);
struct ab_jail_bundle *ab_job_bundle(void);
extern char ab_job_setups[];
extern struct ab_jail_bundle ab_job_bundles;

/* Who runs the agent, what it may see and use, and what the proof compares with: job->setup. */
int ab_job_prepare(struct ab_job *job);

/* Twice AB_CHUNK bytes for what passes through, the same for all runs of a process, which confines
 * itself and so has but one. Touched only as far as bytes come; and there from the start: a mapping
 * that is made and given back costs as much as a mount. */
unsigned char *ab_job_chunk(void);
extern unsigned char ab_job_chunks[];

/* What must be open before the supervisor is confined. */
int ab_job_open_files(struct ab_job *job);

/* The process that writes the event log, if there is to be one. */
int ab_job_start_notifier(struct ab_job *job);

/* The supervisor needs no more than /proc, to look at the tree, and the receipts' directory. */
int ab_job_confine(struct ab_job *job);

#endif
