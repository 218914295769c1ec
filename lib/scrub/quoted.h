/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: strings of JSON that the reader has checked, without their quotes. */
#ifndef AB_SCRUB_QUOTED_H
#define AB_SCRUB_QUOTED_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/buf.h"

/* Decodes the escape at p, a surrogate pair's both; returns its length, and that of the character in UTF-8. */
size_t ab_quoted_escape(const unsigned char *p, unsigned char utf8[4], size_t *ret_n);

/*
 * Decodes text[at, end), or as much of it as begins within `most` bytes: up to where. No escape is cut in two.
 */
size_t ab_quoted_decode(const unsigned char *text, size_t at, size_t end, size_t most, struct ab_buf *out);

/*
 * Where the character or escape stands that the decoded byte number `out` of a string at p comes from:
 * its first byte, or (behind) the one behind it.
 */
size_t ab_quoted_source(const unsigned char *p, size_t len, size_t out, bool behind);

#endif
