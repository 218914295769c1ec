/* SPDX-License-Identifier: Apache-2.0 */
/* The table of spec.constraints: what each number may be and which option of ab-jail it becomes. */
#ifndef AB_WORKFLOW_LIMIT_H
#define AB_WORKFLOW_LIMIT_H

#include "lib/workflow/workflow.h"

struct ab_limit_row {
	const char *key;    /* in spec.constraints */
	const char *option; /* of ab-jail */
	const char *unit;   /* what stands behind the number */
	uint64_t min, max;  /* as struct ab_workflow has them: of cpus, thousandths */
};

const struct ab_limit_row *ab_limit_row(enum ab_limit which);

/* The limit as ab-jail is told it, or UINT64_MAX: the definition's, but of the tiers the stronger of
 * what it asks for and what the operator accepts. */
uint64_t ab_limit_wanted(const struct ab_workflow *w, const struct ab_operator *o,
			 enum ab_limit which);

/* The number as the definition and the option have it, without its unit. */
#define AB_LIMIT_TEXT 32
const char *ab_limit_text(enum ab_limit which, uint64_t value, char ret[AB_LIMIT_TEXT]);

#endif
