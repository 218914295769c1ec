/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what a hexadecimal digit is worth. */
#ifndef AB_SCRUB_HEX_H
#define AB_SCRUB_HEX_H

#include <ctype.h>

/* -1: it is none. */
static inline int ab_hex_value(unsigned char c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

#endif
