/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of --doctor: what is looked at, and by whom. */
#ifndef AB_WORKFLOW_DOCTOR_H
#define AB_WORKFLOW_DOCTOR_H

#include "lib/workflow/workflow.h"

enum ab_state { AB_STATE_PASS, AB_STATE_DEGRADED, AB_STATE_FAIL };

struct ab_doctor {
	const struct ab_workflow *w; /* NULL: the machine alone */
	const struct ab_operator *o;
	json_t *checks;
	bool sick; /* a required one failed */
};

/* Adds a row. `must`: a failure is one of the whole; `what` is what to do about it, or NULL; `at` a
 * JSON pointer, or NULL. */
void ab_doctor_add(struct ab_doctor *d, const char *check, bool must, enum ab_state state,
		   const char *at, const char *what, const char *fmt, ...) ab_printf(7, 8);

/* The definition: its agent and limits, and how strict its schemas are. */
void ab_doctor_definition(struct ab_doctor *d);
void ab_doctor_schemas(struct ab_doctor *d);
/* What a jail proves of itself here. */
void ab_doctor_jail(struct ab_doctor *d);
/* Key, log, clock and room. */
void ab_doctor_place(struct ab_doctor *d);

/* Whether the agent could start a shell, and where it would find it; NULL: none that is visible. */
const char *ab_agent_shell(const struct ab_workflow *w);

#define AB_OPENINGS 50 /* more are not counted */

/* In how many places a schema ("FILE#/pointer") bounds nothing, AB_OPENINGS + 1 for more. -1: there
 * is no such schema. */
long ab_schema_openings(const char *schema);

/* Runs a tool of ours on nothing: its exit status, its stdout and the first line of its stderr.
 * Negative: it could not be started, which `said` tells. */
int ab_doctor_ask(const char *const argv[], struct ab_buf *out, struct ab_buf *said);

#endif
