/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which paths may stand in a bundle or an input document: relative, valid UTF-8, at most
 * AB_NAME_PATH bytes with AB_NAME_DEPTH components of at most 255, no empty component, no "." or
 * "..", no control character, no backslash (sha256sum(1) and BagIt would write it differently), and
 * none of Unicode's bidirectional controls and line separators, which show a name as another.
 */
#ifndef AB_BUNDLE_NAME_H
#define AB_BUNDLE_NAME_H

#include <stddef.h>
#include "lib/base/err.h"

#define AB_NAME_PATH  3800
#define AB_NAME_DEPTH 200 /* a descriptor is open for each while a tree is walked */

/* 0, or AB_EXIT_NO: "PATH: why". */
int ab_name_check(const char *path, size_t len, struct ab_err *err);

#endif
