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
	struct ab_setup setup;
	struct ab_supervisor s;
	struct ab_notifier_spec notifier;
	struct ab_jail_bundle bundle;
	int stderr_file;
	char start[PATH_MAX]; /* where the agent starts, if that is a workspace */
	int lower;	      /* the workspace's directory, or -1 */
	struct timespec begun;
	struct ab_grouping grouping;
	bool childless; /* what we replaced had no children */
	sigset_t caught;
	struct ab_err *err;
};

/* Who runs the agent, what it may see and use, and what the proof compares with: job->setup. */
int ab_job_prepare(struct ab_job *job);

/* What must be open before the supervisor is confined. */
int ab_job_open_files(struct ab_job *job);

/* The process that writes the event log, if there is to be one. */
int ab_job_start_notifier(struct ab_job *job);

/* The supervisor needs no more than /proc, to look at the tree, and the receipts' directory. */
int ab_job_confine(struct ab_job *job);

#endif
