/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of --explain, and how its lines are laid out. */
#ifndef AB_WORKFLOW_EXPLAIN_H
#define AB_WORKFLOW_EXPLAIN_H

#include "lib/workflow/workflow.h"

/* A heading; the rows behind it belong to it. */
void ab_explain_part(struct ab_buf *out, const char *heading);

/* A row: its label, and a text that is wrapped beside it. What a terminal would obey is '?'. */
void ab_explain_row(struct ab_buf *out, const char *label, const char *fmt, ...) ab_printf(3, 4);

/* Which agent it is, what it may and cannot do, what holds that, and how far it may go. */
void ab_explain_agent(const struct ab_workflow *w, const struct ab_operator *o, struct ab_buf *out);

#endif
