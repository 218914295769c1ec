/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text. Decoding is strict, so that each value has exactly one text: base64 is RFC 4648
 * section 4 with its padding, nothing between the characters and no stray bits in the last one
 * (section 3.5); hex is lower case.
 */
#ifndef AB_CRYPTO_TEXT_H
#define AB_CRYPTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "lib/base/buf.h"

#define AB_BASE64_TEXT(n) (((n) + 2) / 3 * 4 + 1) /* room for n bytes as text, with the NUL */

/* Writes the text and a NUL; returns its length. */
size_t ab_base64_encode(const void *data, size_t len, char *out);

/* Appends the text. */
void ab_base64_add(const void *data, size_t len, struct ab_buf *out);

/* Decodes len characters into `out` (room for len / 4 * 3). Bytes written, -1 if it is not base64.
 */
ssize_t ab_base64_decode(const char *text, size_t len, unsigned char *out);

/* Writes 2 * len lower-case digits and a NUL. */
void ab_hex_encode(const unsigned char *data, size_t len, char *out);

/* Decodes exactly 2 * len lower-case digits. */
bool ab_hex_decode(const char *text, size_t len, unsigned char *out);

#endif
