/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between the stages, kept in a directory for whoever looks for a fault. */
#ifndef AB_WORKFLOW_KEEP_H
#define AB_WORKFLOW_KEEP_H

#include "lib/workflow/process.h"

struct ab_keep {
	int dir; /* -1: nothing is kept */
	struct ab_process copiers[AB_PLAN_STAGES];
	const struct ab_plan *plan;
};

/* Makes the directory, 0700; one that is there must be ours, closed to others and empty. The rest
 * does nothing where plan->keep is NULL. */
int ab_keep_open(struct ab_keep *k, const struct ab_plan *plan, struct ab_err *err);

/* Adds the name of what comes before stage i: "0-input", "1-validate-input", ... */
void ab_keep_name(const struct ab_plan *plan, size_t i, struct ab_buf *out);

/*
 * Puts a process between `in` and *out, the input of stage i, that writes what passes to a file
 * first; *out is then the end that the stage before writes to (closed is what it was). For stage 0
 * `in` is the pipeline's input, else -1.
 */
int ab_keep_copy(struct ab_keep *k, size_t i, int in, int *out, const sigset_t *mask,
		 struct ab_err *err);

/* Once the stages have ended: waits for the copies, adds what the stages said, the receipts and the
 * summary. A file that is not whole is an error that names it. */
int ab_keep_finish(struct ab_keep *k, const struct ab_process *stages, const json_t *receipts,
		   const json_t *summary, struct ab_err *err);

void ab_keep_done(struct ab_keep *k);

#endif
