/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/limits.h"

#include <sys/resource.h>

#include "lib/base/auto.h"

#define STACK_SOFT (8u << 20) /* libc takes it as the size of each thread's stack */
#define STACK_HARD (64u << 20)

/*
 * What one process may allocate: more than the tree may use, since address space that is never
 * touched counts here. It bounds what a burst can take between two looks at the tree.
 */
static uint64_t data_of(uint64_t memory)
{
	uint64_t slack = memory / 4 > (64u << 20) ? memory / 4 : 64u << 20;

	return memory + slack;
}

static int set(int resource, uint64_t soft, uint64_t hard, struct ab_err *err)
{
	struct rlimit now, r = { .rlim_cur = soft, .rlim_max = hard };

	if (getrlimit(resource, &now) < 0)
		return ab_err_sys(err, "limit %d", resource);
	/* A lower hard limit of the caller's holds. */
	if (now.rlim_max < r.rlim_max)
		r.rlim_max = now.rlim_max;
	if (r.rlim_max < r.rlim_cur)
		r.rlim_cur = r.rlim_max;
	if (setrlimit(resource, &r) < 0)
		return ab_err_sys(err, "limit %d", resource);
	return 0;
}

int ab_limits_set(const struct ab_limits *limits, struct ab_err *err)
{
	const struct {
		int resource;
		uint64_t value;
	} table[] = {
		{ RLIMIT_NPROC, limits->processes + 1 }, /* the jail's first process counts */
		{ RLIMIT_DATA, data_of(limits->memory) },
		{ RLIMIT_FSIZE, limits->file_size },
		{ RLIMIT_NOFILE, limits->open_files },
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_MEMLOCK, 65536 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_RTPRIO, 0 },
		{ RLIMIT_NICE, 0 },
		{ RLIMIT_SIGPENDING, 1024 },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(table); i++)
		if (set(table[i].resource, table[i].value, table[i].value, err) < 0)
			return -1;
	/* In whole seconds: what is exact is the look at the tree. */
	if (limits->cpu_ms &&
	    set(RLIMIT_CPU, limits->cpu_ms / 1000 + 1, limits->cpu_ms / 1000 + 2, err) < 0)
		return -1;
	return set(RLIMIT_STACK, STACK_SOFT, STACK_HARD, err);
}
