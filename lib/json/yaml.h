/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML for what people write (workflows, policies), converted to JSON bytes first; after that there
 * is one code path. Refused with their place, "line:column: what": anchors, aliases, tags, merge
 * keys, duplicate or non-string keys, several documents, more than AB_YAML_MAX_SIZE bytes or
 * AB_YAML_MAX_DEPTH levels, a NUL, and plain scalars that YAML 1.1 and 1.2 read differently
 * (no, 0777, 1:30, .5, 1_000, ...).
 */
#ifndef AB_JSON_YAML_H
#define AB_JSON_YAML_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

#define AB_YAML_MAX_SIZE  (1u << 20)
#define AB_YAML_MAX_DEPTH 64

/*
 * Appends the JSON text of the one document in `text`. Line breaks of the source are kept in no
 * way: an error about the resulting JSON names its pointer. AB_EXIT_NO on refusal.
 */
int ab_yaml_to_json(const char *text, size_t size, struct ab_buf *json, struct ab_err *err);

#endif
