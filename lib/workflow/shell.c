/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as text for a POSIX shell (IEEE Std 1003.1, XCU 2.2 Quoting). */
#include "lib/workflow/keep.h"

static void add_command(struct ab_buf *out, const struct ab_command *c)
{
	for (size_t i = 0; i < c->argc; i++) {
		if (i)
			ab_buf_addc(out, ' ');
		ab_buf_add_word(out, c->argv[i]);
	}
}

static void add_input(struct ab_buf *out, const struct ab_plan *plan)
{
	if (!plan->input)
		return;
	ab_buf_adds(out, " <");
	ab_buf_add_word(out, plan->input);
}

/* What comes before stage i, kept. */
static void add_copy(struct ab_buf *out, const struct ab_plan *plan, size_t i)
{
	ab_auto(ab_buf_free) struct ab_buf file = { 0 };

	if (!plan->keep)
		return;
	ab_buf_addf(&file, "%s/", plan->keep);
	ab_keep_name(plan, i, &file);
	ab_buf_adds(out, "tee ");
	ab_buf_add_word(out, file.data ? file.data : "");
	if (i == 0)
		add_input(out, plan);
	ab_buf_adds(out, " |\n");
}

void ab_plan_print(const struct ab_plan *plan, struct ab_buf *out)
{
	if (plan->keep) {
		ab_buf_adds(out, "mkdir -m 700 ");
		ab_buf_add_word(out, plan->keep);
		ab_buf_addc(out, '\n');
	}
	ab_buf_adds(out, "eval \"$(");
	add_command(out, &plan->begin);
	ab_buf_adds(out, ")\"\n");
	for (size_t i = 0; i < plan->n; i++) {
		add_copy(out, plan, i);
		add_command(out, &plan->stages[i]);
		if (i == 0 && !plan->keep)
			add_input(out, plan);
		ab_buf_adds(out, i + 1 < plan->n ? " |\n" : "\n");
	}
}
