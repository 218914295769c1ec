/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as text for a POSIX shell (IEEE Std 1003.1, XCU 2.2 Quoting). */
#include "lib/workflow/workflow.h"

static void add_command(struct ab_buf *out, const struct ab_command *c)
{
	for (size_t i = 0; i < c->argc; i++) {
		if (i)
			ab_buf_addc(out, ' ');
		ab_buf_add_word(out, c->argv[i]);
	}
}

void ab_plan_print(const struct ab_plan *plan, struct ab_buf *out)
{
	ab_buf_adds(out, "eval \"$(");
	add_command(out, &plan->begin);
	ab_buf_adds(out, ")\"\n");
	for (size_t i = 0; i < plan->n; i++) {
		add_command(out, &plan->stages[i]);
		if (i == 0 && plan->input) {
			ab_buf_adds(out, " <");
			ab_buf_add_word(out, plan->input);
		}
		ab_buf_adds(out, i + 1 < plan->n ? " |\n" : "\n");
	}
}
