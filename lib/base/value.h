/* SPDX-License-Identifier: Apache-2.0 */
/* The value types of the command line and of policies: NUMBER, DURATION, SIZE. */
#ifndef AB_BASE_VALUE_H
#define AB_BASE_VALUE_H

#include <stdint.h>
#include "lib/base/err.h"

/* DURATION `300`, `300s`, `5m`, `2h`, `250ms` (bare = seconds) to milliseconds. Usage error else.
 */
int ab_value_duration(const char *text, uint64_t *ret_ms, struct ab_err *err);

/* SIZE: bytes, or with K M G T (powers of 1024). Usage error else. */
int ab_value_size(const char *text, uint64_t *ret_bytes, struct ab_err *err);

/* A decimal number from min to max. Usage error else. */
int ab_value_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret,
		    struct ab_err *err);

#endif
