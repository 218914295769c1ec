/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and time stamps. */
#ifndef AB_BASE_TIME_H
#define AB_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define AB_TIME_STAMP 25 /* "2026-04-08T14:32:01.123Z" and its NUL */

/* Monotonic nanoseconds: for durations and deadlines. */
uint64_t ab_time_monotonic_ns(void);

/* Writes `when` as RFC 3339 UTC with milliseconds. */
void ab_time_format(struct timespec when, char out[AB_TIME_STAMP]);

/* The same for now. */
void ab_time_now(char out[AB_TIME_STAMP]);

#endif
