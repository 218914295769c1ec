/* SPDX-License-Identifier: Apache-2.0 */
/* contentEncoding, contentMediaType and contentSchema: 2020-12 validation section 8. */
#ifndef AB_SCHEMA_CONTENT_H
#define AB_SCHEMA_CONTENT_H

#include "lib/schema/program.h"

/* Fills in what the keywords ask for; an encoding or media type that is not known asks for nothing.
 */
int ab_content_set(struct ab_compiler *c, const struct ab_source *src, struct ab_content *content);

/* Decodes a string by its encoding; false if it is not of that encoding. Memory: out->failed. */
bool ab_content_decode(int encoding, const char *text, size_t len, struct ab_buf *out);

#endif
