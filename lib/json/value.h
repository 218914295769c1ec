/* SPDX-License-Identifier: Apache-2.0 */
/* What values of a text (value.c) and of a file (file.c) share. Private to lib/json. */
#ifndef AB_JSON_VALUE_H
#define AB_JSON_VALUE_H

#include "lib/json/json.h"

/*
 * ab_json_load() of a text that is ours: zeros are added behind it. `converted`: it was made from
 * YAML, whose lines are not its own, so errors name none.
 */
json_t *ab_json_build(const char *name, struct ab_buf *text, bool converted, struct ab_err *err);

#endif
