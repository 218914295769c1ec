/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/values.h"

int ab_values_each(struct ab_values *v,
		   int (*take)(void *arg, const struct ab_json_tape *tape, size_t first, struct ab_err *err),
		   void *arg, struct ab_err *err)
{
	const struct ab_json_pass pass = { .take = take, .arg = arg, .hold = v->hold, .known = v->known };
	int status = 0;

	if (v->hold && v->hold->spool >= 0) {
		status = ab_json_pass(&v->tape, v->text, v->size, NULL, &pass, err);
	} else {
		if (!v->known)
			status = ab_json_read(&v->tape, v->text, v->size, NULL, err);
		if (status == 0)
			status = take(arg, &v->tape, 0, err);
	}
	v->known = status >= 0;
	return status < 0 ? -1 : 0;
}

void ab_values_free(struct ab_values *v)
{
	ab_json_tape_free(&v->tape);
}
