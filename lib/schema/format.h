/* SPDX-License-Identifier: Apache-2.0 */
/* The formats of JSON Schema 2020-12 validation section 7.3 and of the older drafts. */
#ifndef AB_SCHEMA_FORMAT_H
#define AB_SCHEMA_FORMAT_H

#include "lib/schema/schema.h"

/* The number of a format that the draft defines, 0: unknown there. */
unsigned ab_format_find(const char *name, size_t len, enum ab_draft draft);
/* Whether a string (UTF-8, may hold NUL) is of that format. */
bool ab_format_check(unsigned format, const char *text, size_t len);

#endif
