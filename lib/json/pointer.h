/* SPDX-License-Identifier: Apache-2.0 */
/* Reference tokens of a JSON Pointer (RFC 6901). Private to lib/json. */
#ifndef AB_JSON_POINTER_H
#define AB_JSON_POINTER_H

#include <stdbool.h>
#include "lib/base/buf.h"

/* Adds one reference token with its "/", ~0 and ~1 for ~ and /. */
void ab_pointer_add(struct ab_buf *out, const char *token, size_t len);

/* Adds the bytes that a token stands for. False: a '~' without 0 or 1 behind it, or no memory. */
bool ab_pointer_decode(const char *token, size_t len, struct ab_buf *out);

/* Whether a token is an array index (no leading zeros) of at most ten digits. */
bool ab_pointer_index(const char *token, size_t len, size_t *ret);

#endif
