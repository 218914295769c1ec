/* SPDX-License-Identifier: Apache-2.0 */
/* One part of a definition, as its readers take it. */
#ifndef AB_WORKFLOW_PART_H
#define AB_WORKFLOW_PART_H

#include <limits.h>
#include "lib/workflow/workflow.h"

/* What a reader of one part needs: the part, where it stands, and where paths start. */
struct ab_part {
	struct ab_workflow *w;
	const json_t *value;
	char where[PATH_MAX + 64]; /* "FILE: /spec/agent" */
	struct ab_err *err;
};

/* Says what is wrong with its member; -1. */
int ab_part_fail(const struct ab_part *p, const char *key, const char *what);

/* Makes the part `key` of p, held against its table. 1: there is none; 0; -1. */
int ab_part_enter(struct ab_part *ret, const struct ab_part *p, const char *key,
		  const struct ab_json_key *keys);

/* A path of the definition, relative to its directory. NULL: out of memory. */
char *ab_part_path(const struct ab_part *p, const char *path);

/* A NAME stays what it is, a FILE (it has a slash) is resolved. */
char *ab_part_name(const struct ab_part *p, const char *text);

#endif
