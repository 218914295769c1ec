/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a value that is about to be given to the agent looks like a secret. */
#ifndef AB_JAIL_SECRET_H
#define AB_JAIL_SECRET_H

/*
 * NULL, or what the value of this variable looks like ("a token of a known kind", ...). It knows
 * the shapes of widespread tokens and keys, names that speak of secrets, and long random text; it
 * is a guard against a slip, not against somebody who wants to pass a secret on.
 */
const char *ab_secret_shape(const char *name, const char *value);

#endif
