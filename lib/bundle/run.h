/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program found by PATH, without a shell, in a small clean environment, and holds what it
 * writes. It is killed when it takes longer or writes more than it may, and when we die.
 */
#ifndef AB_BUNDLE_RUN_H
#define AB_BUNDLE_RUN_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

struct ab_run_limits {
	uint64_t bytes; /* of its stdout */
	uint64_t ms;
};

/*
 * argv ends with NULL; `input` (may be NULL) becomes its stdin. Its stdout is added to *out.
 * AB_EXIT_USAGE if it exits other than 0, with the first line of its stderr; AB_EXIT_NO if it
 * writes too much; AB_EXIT_TROUBLE for the rest.
 */
int ab_run(const char *const argv[], const struct ab_buf *input, const struct ab_run_limits *limits,
	   struct ab_buf *out, struct ab_err *err);

#endif
