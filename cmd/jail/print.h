/* SPDX-License-Identifier: Apache-2.0 */
/* What ab-jail prints that is not an agent's output. */
#ifndef AB_CMD_JAIL_PRINT_H
#define AB_CMD_JAIL_PRINT_H

#include <stdbool.h>
#include "lib/jail/jail.h"

/* Prints a self-test as TAP, or as one JSON object; returns the exit status. `why`: of a failure.
 */
int print_self_test(const struct ab_jail_result *result, bool json, const char *why);

/* Prints the agent's digest; returns the exit status. `why`: there is none. */
int print_digest(const struct ab_jail_result *result, const char *why);

/* Prints the agent's filter, `how` is "json" or "bpf" (alone with --gpu); returns the exit status. */
int print_seccomp(const char *how, bool gpu);

#endif
