/* SPDX-License-Identifier: Apache-2.0 */
/* Unpredictable bytes from the kernel. */
#ifndef AB_CRYPTO_RANDOM_H
#define AB_CRYPTO_RANDOM_H

#include <stddef.h>
#include "lib/base/err.h"

#define AB_UUID_TEXT 37

int ab_random(void *out, size_t len, struct ab_err *err);

/* A random UUID (RFC 9562, version 4) as lower-case text. */
int ab_random_uuid(char out[AB_UUID_TEXT], struct ab_err *err);

#endif
