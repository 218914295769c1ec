/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the views that a view calls for, built where something in it asks for them.
 */
#ifndef AB_SCRUB_DECODE_H
#define AB_SCRUB_DECODE_H

#include "lib/scrub/trigger.h"
#include "lib/scrub/view.h"

#define AB_DECODE_PIECE   ((size_t)64 << 10) /* source bytes of one view */
#define AB_DECODE_OVERLAP ((size_t)4 << 10)  /* what neighbouring views share, so that no edge hides a match */

struct ab_scan;

/*
 * Builds and scans the views of v that the triggers ask for, unless v is as deep as the policy
 * allows. *done: up to where the tokens of v are decoded, between calls for one view.
 */
int ab_decode_views(struct ab_scan *s, const struct ab_view *v, const struct ab_triggers *t,
		    size_t *done);

/* The same for a whole view that is UTF-16, by its mark or its zeros. */
int ab_decode_utf16(struct ab_scan *s, const struct ab_view *v);

/* A new view of the parent, in place of the last one. */
struct ab_view *ab_decode_begin(struct ab_scan *s, const struct ab_view *parent);

/* Ends the building of a view and scans it, if it has become another text than its parent's. */
int ab_decode_scan(struct ab_scan *s, struct ab_view *v);

#endif
