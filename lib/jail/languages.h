/* SPDX-License-Identifier: Apache-2.0 */
/* What an interpreter needs beyond its ELF closure: its standard library, and what that loads. */
#ifndef AB_JAIL_LANGUAGES_H
#define AB_JAIL_LANGUAGES_H

#include "lib/jail/libraries.h"

/*
 * Adds what the table knows of the program: `path` is how it was called, `real` what that is;
 * `dynamic`: it has a loader. A program that is no known interpreter needs nothing but the locale.
 */
int ab_languages_add(struct ab_libraries *l, const char *path, const char *real, bool dynamic,
		     struct ab_err *err);

#endif
