/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files beneath a directory by pattern, never outside it. A pattern is a relative path whose
 * components are matched one by one with fnmatch(3): `*`, `?` and `[...]` stop at a slash and do
 * not match a leading dot. A component `**` stands for any number of directories, hidden ones and
 * symbolic links left out; at the end it stands for all files beneath. Directories that match are
 * passed over: only files count.
 */
#ifndef AB_BUNDLE_GLOB_H
#define AB_BUNDLE_GLOB_H

#include <stddef.h>
#include "lib/base/err.h"

struct ab_paths {
	char **items; /* relative, normalised: no ".", no "..", no empty component */
	size_t n;
};

/*
 * Adds the paths of the files that match, in no order. A pattern that is absolute, empty or holds
 * ".." is AB_EXIT_USAGE, and so is one that matches no file.
 */
int ab_glob(int root, const char *pattern, struct ab_paths *paths, struct ab_err *err);

/* Sorts in byte order and drops what is there twice. */
void ab_paths_sort(struct ab_paths *paths);

int ab_paths_add(struct ab_paths *paths, const char *path, struct ab_err *err);
void ab_paths_free(struct ab_paths *paths);

#endif
