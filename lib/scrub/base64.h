/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the characters of base64. */
#ifndef AB_SCRUB_BASE64_H
#define AB_SCRUB_BASE64_H

/* Values of both alphabets of RFC 4648, 64 for what is in neither. */
extern const unsigned char ab_base64_values[256];

/* -1: it is in neither. */
static inline int ab_base64_value(unsigned char c)
{
	return ab_base64_values[c] == 64 ? -1 : ab_base64_values[c];
}

#endif
