/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline that runs. */
#ifndef AB_WORKFLOW_RUN_H
#define AB_WORKFLOW_RUN_H

#include <signal.h>
#include "lib/receipt/receipt.h"
#include "lib/workflow/keep.h"

struct ab_pipeline {
	const struct ab_plan *plan;
	int input;
	struct ab_process begin;
	struct ab_process processes[AB_PLAN_STAGES];
	struct ab_receipts *receipts; /* stays readable after append has removed the file */
	json_t *list;		      /* what they were when append ended; NULL: not yet known */
	json_t *head;		      /* how the run began; NULL: it did not */
	uint64_t record;	      /* of its end; UINT64_MAX: not known */
	struct ab_chain chain;	      /* what they add up to, once the outcome is known */
	struct ab_buf notes;	      /* what the tools said, where that is no error */
	struct ab_keep keep;
	uint64_t begun_ns;
	int signal;		      /* that interrupted us, or 0 */
	sigset_t awaited, mask;	      /* what we wait for, and what the caller blocked */
	sigset_t held;		      /* both: the stages' */
};

#endif
