/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as text for a POSIX shell (IEEE Std 1003.1, XCU 2.2 Quoting). */
#include <string.h>

#include "lib/workflow/workflow.h"

/* A word of these alone means itself in every position that we put it. */
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    "_-./,:=+@%#";

static void add_word(struct ab_buf *out, const char *word)
{
	if (*word && *word != '#' && strspn(word, plain) == strlen(word)) {
		ab_buf_adds(out, word);
		return;
	}
	ab_buf_addc(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			ab_buf_adds(out, "'\\''");
		else
			ab_buf_addc(out, *word);
	ab_buf_addc(out, '\'');
}

static void add_command(struct ab_buf *out, const struct ab_command *c)
{
	for (size_t i = 0; i < c->argc; i++) {
		if (i)
			ab_buf_addc(out, ' ');
		add_word(out, c->argv[i]);
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
			add_word(out, plan->input);
		}
		ab_buf_adds(out, i + 1 < plan->n ? " |\n" : "\n");
	}
}
