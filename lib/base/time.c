/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/time.h"

#include <stdio.h>

uint64_t ab_time_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void ab_time_format(struct timespec when, char out[AB_TIME_STAMP])
{
	struct tm tm;
	size_t n;

	if (!gmtime_r(&when.tv_sec, &tm))
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	n = strftime(out, AB_TIME_STAMP, "%Y-%m-%dT%H:%M:%S", &tm);
	/* Fits for every year of four digits; a clock past that is clipped, not overrun. */
	(void)snprintf(out + n, AB_TIME_STAMP - n, ".%03uZ",
		       (unsigned)(when.tv_nsec / 1000000) % 1000);
}

void ab_time_now(char out[AB_TIME_STAMP])
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	ab_time_format(t, out);
}
