/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: findings that are many stand in the document's spool, and so does the document: of both only
 * what is looked at is in memory. Without a spool all stay there.
 */
#ifndef AB_SCRUB_MANY_H
#define AB_SCRUB_MANY_H

#include "lib/scrub/scrub.h"

#define AB_MANY	      8192 /* findings, from which on they are many; and as many are sorted at once then */
#define AB_MANY_ALONE 32768 /* from which on they are where the document is in its spool already */

#define AB_MANY_NEAR   2048 /* of these in a row at most */
#define AB_MANY_POINTS 256  /* or of those with pointers: that of one may be long */

/* Moves all findings to the spool, where there is room for all that there may be, if they are many: r->room. To be
 * called at each AB_MANY of them. The document, at `text`, goes first. */
int ab_many_spool(struct ab_scrub_result *r, const unsigned char *text, struct ab_err *err);

/* Gives back what is in memory of findings that are in the spool. */
void ab_many_forget(const struct ab_scrub_result *r);

/* The finding of that number, of all in turn. */
static inline struct ab_scrub_finding *ab_many_at(const struct ab_scrub_result *r, size_t i)
{
	if (r->room && i % (r->pointers ? AB_MANY_POINTS : AB_MANY_NEAR) == 0)
		ab_many_forget(r);
	return &r->findings[i];
}

/* Sorts them: order is that of qsort(). */
typedef int ab_many_order(const void *a, const void *b);
void ab_many_sort(struct ab_scrub_result *r, ab_many_order *order);

void ab_many_free(struct ab_scrub_result *r);

#endif
