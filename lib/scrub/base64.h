/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the characters of base64. */
#ifndef AB_SCRUB_BASE64_H
#define AB_SCRUB_BASE64_H

#include <stddef.h>

/* Values of both alphabets of RFC 4648, 64 for what is in neither. */
extern const unsigned char ab_base64_values[256];

/* -1: it is in neither. */
static inline int ab_base64_value(unsigned char c)
{
	return ab_base64_values[c] == 64 ? -1 : ab_base64_values[c];
}

/* Decodes up to max bytes of what is base64 at the beginning of a text, without padding; how many there were.
 * *ret_taken: characters of it that were read. */
size_t ab_base64_head(const unsigned char *text, size_t len, unsigned char *out, size_t max, size_t *ret_taken);

#endif
