/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 by the vectors of x86-64. Private to lib/crypto. */
#ifndef AB_CRYPTO_BASE64_SSSE3_H
#define AB_CRYPTO_BASE64_SSSE3_H

#include <stddef.h>

/* Encodes as many whole groups of twelve bytes as it can, with sixteen digits each. Returns how many
 * bytes that were: none on another machine. */
size_t ab_base64_encode_ssse3(const unsigned char *data, size_t len, char *out);

#endif
