/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what a hexadecimal digit is worth. */
#ifndef AB_SCRUB_HEX_H
#define AB_SCRUB_HEX_H

/* -1: it is none. */
static inline int ab_hex_value(unsigned char c)
{
	unsigned digit = c - '0', letter = (c | 0x20u) - 'a';

	return digit < 10 ? (int)digit : letter < 6 ? (int)letter + 10 : -1;
}

#endif
