/* SPDX-License-Identifier: Apache-2.0 */
/* spec.params, for the reader of definitions. */
#ifndef AB_WORKFLOW_PARAMS_H
#define AB_WORKFLOW_PARAMS_H

#include "lib/workflow/workflow.h"

/* Checks the declarations. */
int ab_params_check(const json_t *params, const char *where, struct ab_err *err);

/* The parameter that an item of a command or of env is, or NULL: it is a word of its own. */
const char *ab_params_used(const json_t *item);

/* Checks such an item against its keys, and that its parameter is declared. */
int ab_params_check_use(const json_t *root, const json_t *item, const struct ab_json_key *keys,
			const char *where, struct ab_err *err);

int ab_params_check_defaults(const struct ab_workflow *w, struct ab_err *err);

/* Whether ab-validate takes the document by the schema; else -1, and what it says. */
int ab_workflow_ask_schema(const char *schema, const char *document, struct ab_err *err);

#endif
