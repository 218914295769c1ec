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

/* Up to where what a view holds is decoded: its tokens, its series of decimal and hexadecimal numbers, and
 * the lines of these. */
struct ab_decoded {
	size_t tokens, series[2], lines[2];
};

/*
 * Builds and scans the views of v that the triggers ask for, unless v is as deep as the policy
 * allows. *done: zero before the first of several calls for one view.
 */
int ab_decode_views(struct ab_scan *s, const struct ab_view *v, const struct ab_triggers *t,
		    struct ab_decoded *done);

/* The same for a whole view that is UTF-16, by its mark or its zeros. */
int ab_decode_utf16(struct ab_scan *s, const struct ab_view *v);

/* A new view of the parent, in place of the last one. */
struct ab_view *ab_decode_begin(struct ab_scan *s, const struct ab_view *parent);

/* Ends the building of a view and scans it, if it has become another text than its parent's. */
int ab_decode_scan(struct ab_scan *s, struct ab_view *v);

/* The same of a value of the parent's, [value, value_end) of the view, between bytes that stand beside it. */
int ab_decode_scan_beside(struct ab_scan *s, struct ab_view *v, size_t value, size_t value_end);

/* Whether what stands at [at, end) is no part of a value that v shows between bytes of its parent's: it is
 * decoded there. */
bool ab_decode_is_done(const struct ab_view *v, size_t at, size_t end);

#endif
