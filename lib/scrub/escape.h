/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what stands for a character in URLs, HTML and programs. */
#ifndef AB_SCRUB_ESCAPE_H
#define AB_SCRUB_ESCAPE_H

#include "lib/scrub/view.h"

/*
 * Decodes the %XX, entity or backslash escape at `at`, where its sign stands, into the view; how many bytes
 * of the parent it took, 0: it is none.
 */
size_t ab_escape_step(struct ab_view *v, const unsigned char *text, size_t len, size_t at);

/*
 * Whether that may take something at one of the three signs: most are none, and what stands before
 * one that is has to be copied first.
 */
bool ab_escape_may_begin(const unsigned char *text, size_t len, size_t at);

#endif
