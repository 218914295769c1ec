/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: what a text must have in it for a pattern to match there, read off the
 * pattern: one of some words, or a run of a class of bytes, and another one. Most anchors of a
 * pattern stand in texts that have not, and to look for a few words takes a tenth of the time that
 * the pattern does, which need not even be compiled.
 */
#ifndef AB_SCRUB_NEED_H
#define AB_SCRUB_NEED_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/err.h"
#include "lib/base/simd.h"

#define AB_NEED_PAD 48 /* bytes that must be readable behind a text */

struct ab_need;

/* Reads a pattern in PCRE2's syntax, of bytes; what it does not understand asks for nothing. NULL:
 * out of memory. */
struct ab_need *ab_need_read(const char *pattern, bool caseless, struct ab_err *err);

/* Whether it asks for anything. */
bool ab_need_any(const struct ab_need *need);

/* Whether a match may lie in the text, what its assertions look at included. */
bool ab_need_allows(const struct ab_need *need, const unsigned char *text, size_t len,
		    enum ab_simd simd);

void ab_need_free(struct ab_need *need);

#endif
