/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: places in a view that call for other views of it. */
#ifndef AB_SCRUB_TRIGGER_H
#define AB_SCRUB_TRIGGER_H

#include "lib/base/err.h"
#include "lib/scrub/run.h"

/* Places that a scan has seen, as ranges in ascending order; near ones are one. */
struct ab_ranges {
	struct ab_run_hit *items;
	size_t n, capacity;
	bool disorder; /* not yet: two passes have seen some each */
};

struct ab_triggers {
	struct ab_ranges norm, tokens, spaced, joined, series, turned;
};

/* Notes a run if it calls for a view. Those that call for a joined one come in any order. */
int ab_triggers_add(struct ab_triggers *t, const struct ab_run_hit *hit, struct ab_err *err);

/* Once all are noted. */
void ab_triggers_sort(struct ab_triggers *t);
void ab_triggers_clear(struct ab_triggers *t);
void ab_triggers_free(struct ab_triggers *t);

#endif
