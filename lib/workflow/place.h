/* SPDX-License-Identifier: Apache-2.0 */
/* Where runs are recorded and kept, and that no definition shows these places to its agent. */
#ifndef AB_WORKFLOW_PLACE_H
#define AB_WORKFLOW_PLACE_H

#include "lib/workflow/workflow.h"

/* The log and the key of a run: option, definition (w may be NULL), environment, state directory.
 * The caller's; NULL: nobody names one. */
char *ab_place_log(const struct ab_workflow *w, const struct ab_operator *o);
char *ab_place_key(const struct ab_workflow *w, const struct ab_operator *o);

/*
 * Nothing that the definition shows its agent is, holds or lies in the log, the key, or what is
 * kept of runs, nor holds the directory where receipts are made. Paths are compared with all links
 * resolved, and by where they lie in their file system, whatever it is mounted as. AB_EXIT_USAGE
 * names both.
 */
int ab_place_guard(const struct ab_workflow *w, const struct ab_operator *o, struct ab_err *err);

#endif
