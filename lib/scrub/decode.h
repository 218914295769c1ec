/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the views that a view calls for, built where something in it asks for them.
 */
#ifndef AB_SCRUB_DECODE_H
#define AB_SCRUB_DECODE_H

#include "lib/scrub/run.h"
#include "lib/scrub/view.h"

/* Places that a scan has seen, as ranges in ascending order; near ones are one. */
struct ab_ranges {
	struct ab_run_hit *items;
	size_t n, capacity;
};

struct ab_triggers {
	struct ab_ranges norm, tokens, spaced, joined, series;
};

struct ab_scan;

/* Notes a run if it calls for a view. */
int ab_triggers_add(struct ab_triggers *t, const struct ab_run_hit *hit, struct ab_err *err);
void ab_triggers_clear(struct ab_triggers *t);
void ab_triggers_free(struct ab_triggers *t);

/*
 * Builds and scans the views of v that the triggers ask for, unless v is as deep as the policy
 * allows. *done: up to where the tokens of v are decoded, between calls for one view.
 */
int ab_decode_views(struct ab_scan *s, const struct ab_view *v, const struct ab_triggers *t,
		    size_t *done);

/* The same for a whole view that is UTF-16, by its mark or its zeros. */
int ab_decode_utf16(struct ab_scan *s, const struct ab_view *v);

#endif
