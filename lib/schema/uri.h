/* SPDX-License-Identifier: Apache-2.0 */
/* URI references as schemas use them: RFC 3986 section 5 resolution, fragments, pointers. */
#ifndef AB_SCHEMA_URI_H
#define AB_SCHEMA_URI_H

#include <stdbool.h>
#include "lib/base/buf.h"

/*
 * Appends `reference` resolved against `base` (RFC 3986 section 5.2, without a fragment) and a NUL
 * that does not count. A base that is not absolute (no $id anywhere) resolves as far as it goes.
 */
void ab_uri_resolve(const char *base, const char *reference, size_t len, struct ab_buf *out);

/* Where the fragment of a reference begins (behind '#'), NULL if there is none. */
const char *ab_uri_fragment(const char *reference, size_t len, size_t *ret_len);

/* Appends percent-decoded bytes; false where a '%' has no two digits behind it. */
bool ab_uri_decode(const char *text, size_t len, struct ab_buf *out);

/* Whether it has a scheme. */
bool ab_uri_is_absolute(const char *uri);

#endif
