/* SPDX-License-Identifier: Apache-2.0 */
/* What a run came to: one exit status and one line. */
#ifndef AB_WORKFLOW_OUTCOME_H
#define AB_WORKFLOW_OUTCOME_H

#include "lib/workflow/run.h"

/*
 * All processes have ended. `start` is what went wrong while they were started, if anything did.
 * Settles p->chain. Returns the exit status; where it is not 0, err->msg is the line for stderr.
 */
int ab_outcome(struct ab_pipeline *p, const struct ab_err *start, struct ab_err *err);

#endif
