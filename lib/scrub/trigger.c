/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/trigger.h"

#include <stdlib.h>

#define NEAR	    512 /* triggers nearer than this share a view */
#define SERIES_NEAR 16  /* numbers of one series stand nearer to each other */

static int add_range(struct ab_ranges *r, size_t at, size_t end, size_t near, struct ab_err *err)
{
	struct ab_run_hit *last = r->n ? &r->items[r->n - 1] : NULL;

	if (last && at <= last->end + near) {
		if (end > last->end)
			last->end = end;
		return 0;
	}
	if (r->n == r->capacity) {
		size_t capacity = r->capacity ? r->capacity * 2 : 64;
		struct ab_run_hit *items = realloc(r->items, capacity * sizeof(*items));

		if (!items)
			return ab_err_memory(err);
		r->items = items;
		r->capacity = capacity;
	}
	r->items[r->n++] = (struct ab_run_hit){ .at = at, .end = end };
	return 0;
}

int ab_triggers_add(struct ab_triggers *t, const struct ab_run_hit *hit, struct ab_err *err)
{
	switch (hit->run) {
	case AB_RUN_NORM:
		return add_range(&t->norm, hit->at, hit->end, NEAR, err);
	case AB_RUN_SPACED:
		return add_range(&t->spaced, hit->at, hit->end, NEAR, err);
	case AB_RUN_BASE64:
		return add_range(&t->tokens, hit->at, hit->end, 0, err);
	case AB_RUN_JOINED:
		return add_range(&t->joined, hit->at, hit->end, NEAR, err);
	case AB_RUN_LIST: /* a hit a number */
		return add_range(&t->series, hit->at, hit->end, SERIES_NEAR, err);
	default:
		return 0;
	}
}

void ab_triggers_clear(struct ab_triggers *t)
{
	t->norm.n = t->tokens.n = t->spaced.n = t->joined.n = t->series.n = 0;
}

void ab_triggers_free(struct ab_triggers *t)
{
	free(t->norm.items);
	free(t->tokens.items);
	free(t->spaced.items);
	free(t->joined.items);
	free(t->series.items);
}
