/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/eval.h"

bool ab_marks_open(struct ab_eval *e, struct ab_marks *m, uint32_t n)
{
	*m = (struct ab_marks){ .n = n };
	m->bits = m->few;
	if (n <= 64 * AB_ARRAY_SIZE(m->few))
		return true;
	m->bits = calloc((n + 63) / 64, sizeof(*m->bits));
	if (m->bits)
		return true;
	m->bits = m->few;
	m->n = 0;
	return ab_eval_stop(e, "out of memory");
}

void ab_marks_close(struct ab_marks *m)
{
	if (m->bits != m->few)
		free(m->bits);
}

void ab_marks_merge(struct ab_marks *to, const struct ab_marks *from)
{
	for (uint32_t i = 0; to && i < (from->n + 63) / 64; i++)
		to->bits[i] |= from->bits[i];
}

void ab_marks_all(struct ab_marks *m)
{
	for (uint32_t i = 0; m && i < (m->n + 63) / 64; i++)
		m->bits[i] = UINT64_MAX;
}
