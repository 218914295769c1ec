/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/limit.h"

#include <inttypes.h>
#include <stdio.h>

const struct ab_limit_row *ab_limit_row(enum ab_limit which)
{
	static const struct ab_limit_row rows[AB_LIMITS] = {
		[AB_LIMIT_TIME] = { "max_runtime_seconds", "--time", "s", 1, 604800 },
		[AB_LIMIT_MEMORY] = { "max_memory_mb", "--memory", "M", 16, 1048576 },
		[AB_LIMIT_TMP] = { "tmp_mb", "--tmp", "M", 1, 1048576 },
		[AB_LIMIT_PROCESSES] = { "max_processes", "--processes", "", 1, 65536 },
		[AB_LIMIT_OUTPUT] = { "max_output_bytes", "--max-output", "", 1, 1ULL << 40 },
		[AB_LIMIT_CPUS] = { "cpus", "--cpus", "", 10, 4096000 },
		[AB_LIMIT_TIER] = { "require_tier", "--require-tier", "", 1, 2 },
	};

	return &rows[which];
}

/* The operator's tier holds, which is 1 where nothing is said; a definition may ask for a stronger
 * one, which is a smaller number. */
uint64_t ab_limit_wanted(const struct ab_workflow *w, const struct ab_operator *o,
			 enum ab_limit which)
{
	uint64_t wanted = w->limits[which], set = o->tier ? o->tier : 1;

	if (which != AB_LIMIT_TIER)
		return wanted;
	return wanted < set ? wanted : set;
}

const char *ab_limit_text(enum ab_limit which, uint64_t value, char ret[AB_LIMIT_TEXT])
{
	int n;

	if (which != AB_LIMIT_CPUS) {
		(void)snprintf(ret, AB_LIMIT_TEXT, "%" PRIu64, value);
		return ret;
	}
	n = snprintf(ret, AB_LIMIT_TEXT, "%" PRIu64 ".%03" PRIu64, value / 1000, value % 1000);
	while (n > 0 && ret[n - 1] == '0')
		ret[--n] = 0;
	if (n > 0 && ret[n - 1] == '.')
		ret[n - 1] = 0;
	return ret;
}
