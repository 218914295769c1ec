/* SPDX-License-Identifier: Apache-2.0 */
/* The table of spec.constraints: what each number may be and which option of ab-jail it becomes. */
#ifndef AB_WORKFLOW_LIMIT_H
#define AB_WORKFLOW_LIMIT_H

#include "lib/workflow/workflow.h"

struct ab_limit_row {
	const char *key;    /* in spec.constraints */
	const char *option; /* of ab-jail; NULL: it has none yet, so the key is refused */
	const char *unit;   /* what stands behind the number */
	uint64_t min, max;
};

const struct ab_limit_row *ab_limit_row(enum ab_limit which);

/* The limit as ab-jail is told it, or UINT64_MAX: the definition's, but of the tiers the stronger of
 * what it asks for and what the operator accepts. */
uint64_t ab_limit_wanted(const struct ab_workflow *w, const struct ab_operator *o,
			 enum ab_limit which);

#endif
