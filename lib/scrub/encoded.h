/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: tokens in base64 or hexadecimal that decode to a text. */
#ifndef AB_SCRUB_ENCODED_H
#define AB_SCRUB_ENCODED_H

#include "lib/scrub/scan.h"
#include "lib/scrub/trigger.h"

/* Scans what the tokens of v decode to. *done: up to where they are decoded, between calls for one view. */
int ab_encoded_scan(struct ab_scan *s, const struct ab_view *v, const struct ab_ranges *tokens, size_t *done);

/* What was decoded may be a short token and nothing else, which is no run worth a look elsewhere. */
int ab_encoded_scan_whole(struct ab_scan *s, const struct ab_view *v);

#endif
