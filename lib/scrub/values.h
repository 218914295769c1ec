/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the values of a JSON document, as often as they are asked for. */
#ifndef AB_SCRUB_VALUES_H
#define AB_SCRUB_VALUES_H

#include "lib/json/tape.h"

struct ab_values {
	const unsigned char *text;
	size_t size;
	struct ab_hold *hold; /* as in the scan's result: without it, or without its spool, the whole
				       tape stays in memory */
	struct ab_json_tape tape;
	bool known; /* they were read to the end before, and all is well */
};

/* Gives all values to `take`, as ab_json_pass() does. */
int ab_values_each(struct ab_values *v,
		   int (*take)(void *arg, const struct ab_json_tape *tape, size_t first, struct ab_err *err),
		   void *arg, struct ab_err *err);

void ab_values_free(struct ab_values *v);

#endif
