/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's environment: PATH, HOME, LANG, and what the operator names. */
#ifndef AB_JAIL_ENVIRONMENT_H
#define AB_JAIL_ENVIRONMENT_H

#include <stdbool.h>
#include "lib/base/opt.h"

/*
 * Builds the NULL-terminated list: the defaults, replaced and followed by `names`, "NAME=VALUE" or
 * "NAME" for our own value. Names of agentbox (AB_*) are refused, and so are values that look like
 * secrets unless `insecure`. Release it with
 * ab_environment_free(). NULL: usage error.
 */
char **ab_environment_make(const struct ab_list *names, bool insecure, struct ab_err *err);

/* The value of a variable in it, or NULL. */
const char *ab_environment_get(char *const *env, const char *name);

/* Sets a variable; the list may move. */
int ab_environment_set(char ***env, const char *name, const char *value, struct ab_err *err);

void ab_environment_free(char **env);

#endif
