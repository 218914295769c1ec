/* SPDX-License-Identifier: Apache-2.0 */
/* A run as one JSON value, for programs (schemas/run-summary.schema.json). */
#ifndef AB_WORKFLOW_SUMMARY_H
#define AB_WORKFLOW_SUMMARY_H

#include "lib/workflow/run.h"

/* `reason` is the line for people, "" where the run passed. The caller's; NULL: out of memory. */
json_t *ab_summary(const struct ab_pipeline *p, int exit, const char *reason);

#endif
