/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/trigger.h"

#include <stdlib.h>

#define NEAR	    512 /* triggers nearer than this share a view */
#define TURNED_NEAR 2048 /* of those that call for several */
#define SERIES_NEAR 16  /* numbers of one series stand nearer to each other */

static int add_range(struct ab_ranges *r, size_t at, size_t end, size_t near, struct ab_err *err)
{
	struct ab_run_hit *last = r->n ? &r->items[r->n - 1] : NULL;

	if (last && at <= last->end + near && at + near >= last->at) {
		if (at < last->at)
			last->at = at;
		if (end > last->end)
			last->end = end;
		return 0;
	}
	if (last && at < last->at)
		r->disorder = true;
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

static int by_place(const void *a, const void *b)
{
	const struct ab_run_hit *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

void ab_triggers_sort(struct ab_triggers *t)
{
	struct ab_ranges *r = &t->joined; /* the others are found by one pass */
	size_t n = 0;

	if (!r->disorder)
		return;
	qsort(r->items, r->n, sizeof(*r->items), by_place);
	for (size_t i = 1; i < r->n; i++) {
		struct ab_run_hit *last = &r->items[n], *next = &r->items[i];

		if (next->at > last->end + NEAR)
			r->items[++n] = *next;
		else if (next->end > last->end)
			last->end = next->end;
	}
	r->n = n + 1;
	r->disorder = false;
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
	case AB_RUN_TURNED:
		return add_range(&t->turned, hit->at, hit->end, TURNED_NEAR, err);
	case AB_RUN_LIST: /* a hit a number */
		return add_range(&t->series, hit->at, hit->end, SERIES_NEAR, err);
	default:
		return 0;
	}
}

void ab_triggers_clear(struct ab_triggers *t)
{
	t->norm.n = t->tokens.n = t->spaced.n = t->joined.n = t->series.n = t->turned.n = 0;
	t->joined.disorder = false;
}

void ab_triggers_free(struct ab_triggers *t)
{
	free(t->norm.items);
	free(t->tokens.items);
	free(t->spaced.items);
	free(t->joined.items);
	free(t->series.items);
	free(t->turned.items);
}
