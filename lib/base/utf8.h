/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef AB_BASE_UTF8_H
#define AB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one code point of the len bytes at p into *ret. Returns its length 1-4, 0 if invalid or
 * cut short (len 0 included); *ret is then untouched. */
size_t ab_utf8_decode(const unsigned char *p, size_t len, uint32_t *ret);

/* Encodes a scalar value into out (room for 4); returns its length, 0 if c is none. */
size_t ab_utf8_encode(uint32_t c, unsigned char out[4]);

/* Offset of the first byte that is not valid UTF-8, or len if all is valid. */
size_t ab_utf8_check(const unsigned char *p, size_t len);

/* Whether the code point is of C1, or a format character that reorders or hides text on a terminal.
 */
bool ab_utf8_is_deceptive(uint32_t c);

#endif
