/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: where findings are, in lines and in JSON, and which of them are one. */
#ifndef AB_SCRUB_LOCATE_H
#define AB_SCRUB_LOCATE_H

#include "lib/scrub/scrub.h"
#include "lib/scrub/values.h"

/*
 * Sorts the findings, makes one of those that a rule made of the same bytes in several views, fills
 * in line, column and (JSON: values not NULL) pointer, and counts. What a redaction cannot be put in
 * (a key, a span over more than one value) is blocked.
 */
int ab_locate(struct ab_scrub_result *r, struct ab_values *values, const unsigned char *text,
	      struct ab_err *err);

#endif
