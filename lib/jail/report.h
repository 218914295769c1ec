/* SPDX-License-Identifier: Apache-2.0 */
/* From what happened to what is said of it: verdict, exit status, reason, and the receipt's facts.
 */
#ifndef AB_JAIL_REPORT_H
#define AB_JAIL_REPORT_H

#include "lib/jail/supervise.h"

/* Fills verdict, exit and reason of `ret`. */
void ab_report_verdict(const struct ab_supervisor *s, struct ab_jail_result *ret);

/* The facts: isolation, resources, stderr, events, agent_digest, limit. NULL: out of memory. */
json_t *ab_report_facts(const struct ab_supervisor *s, const struct ab_setup *setup);

/* The checks of the proof, in order: an array of {name, meaning, state}, where state is passed,
 * failed, or absent (the kernel does not have what it tests). NULL: out of memory. */
json_t *ab_report_checks(const struct ab_wire *proof, int tier);

#endif
