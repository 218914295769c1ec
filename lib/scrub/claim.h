/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: findings that a site's own classifier claims, checked line by line. */
#ifndef AB_SCRUB_CLAIM_H
#define AB_SCRUB_CLAIM_H

#include "lib/scrub/scan.h"

/* Adds all claims to the findings of the scan; they can take none away. */
int ab_claims_add(struct ab_scan *s, const struct ab_scrub_claims *claims,
		  const struct ab_view *root);

/* Whether the classifier claims it. */
bool ab_claim_is(const struct ab_scrub_finding *f);

/*
 * Widens a claimed span in a string of a JSON document, text[lo, hi) without its quotes, so that it
 * cuts no escape and no character in two. Other spans have been made of whole ones.
 */
void ab_claim_widen(struct ab_scrub_finding *f, const unsigned char *text, size_t lo, size_t hi);

#endif
