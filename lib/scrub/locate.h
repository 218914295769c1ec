/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: where findings are, in lines and in JSON, and which of them are one. */
#ifndef AB_SCRUB_LOCATE_H
#define AB_SCRUB_LOCATE_H

#include "lib/json/tape.h"
#include "lib/scrub/scrub.h"

/*
 * Sorts the findings, makes one of those that a rule made of the same bytes in several views, fills
 * in line, column and (tape not NULL) pointer, and counts. What a redaction cannot be put in
 * (a key, a span over more than one value) is blocked.
 */
int ab_locate(struct ab_scrub_result *r, const struct ab_json_tape *tape, const unsigned char *text,
	      size_t size, struct ab_err *err);

#endif
