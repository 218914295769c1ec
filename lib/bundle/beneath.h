/* SPDX-License-Identifier: Apache-2.0 */
/* openat2(2) beneath a directory: no path, link or mount trick leads out of it. */
#ifndef AB_BUNDLE_BENEATH_H
#define AB_BUNDLE_BENEATH_H

#include <stdbool.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Opens with RESOLVE_BENEATH: links are followed as long as they stay beneath. -1 with errno. */
int ab_beneath_open(int root, const char *path, int flags);

/* The same with RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV; `mode` of a file that O_CREAT makes. */
int ab_beneath_open_strict(int root, const char *path, int flags, unsigned mode);

/* Whether `path`, links followed, is a directory beneath root. */
bool ab_beneath_is_directory(int root, const char *path);

/*
 * Opens a regular file for reading. Refused by name (AB_EXIT_NO): a path that leads out of the
 * tree, and what is not a regular file. Not there or not readable: AB_EXIT_USAGE. -1 on failure.
 */
int ab_beneath_open_file(int root, const char *path, struct ab_err *err);

#endif
