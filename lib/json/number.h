/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles as ECMAScript writes them. Private to lib/json. */
#ifndef AB_JSON_NUMBER_H
#define AB_JSON_NUMBER_H

#include "lib/base/buf.h"

/*
 * Appends a finite double as Number::toString of ECMA-262 does (RFC 8785 section 3.2.2.3): the
 * fewest digits that read back as the same double, and of those the nearest.
 */
void ab_json_write_double(double value, struct ab_buf *out);

#endif
