/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/auto.h"

#define STACK_SOFT (8u << 20) /* libc takes it as the size of each thread's stack */
#define STACK_HARD (64u << 20)

/*
 * No file of a core dump is as small, and of all limits this one alone says as well that no program
 * of the host's is handed the dump through a pipe (core(5)): that one runs as root, outside of all
 * jails, and keeps what it reads. The filter sees to it that the agent does not lower it.
 */
#define CORE_OF_NOBODY 1

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
	struct rlimit before, r = { .rlim_cur = soft, .rlim_max = hard };

	if (prlimit(0, resource, &r, &before) == 0) {
		if (before.rlim_max >= hard)
			return 0;
	} else if (errno != EPERM || getrlimit(resource, &before) < 0) {
		return ab_err_sys(err, "limit %d", resource);
	}
	/* A lower hard limit of the caller's holds, also where we have just raised it. */
	r.rlim_max = before.rlim_max;
	if (r.rlim_max < r.rlim_cur)
		r.rlim_cur = r.rlim_max;
	if (setrlimit(resource, &r) < 0)
		return ab_err_sys(err, "limit %d", resource);
	return 0;
}

int ab_limits_empty_dumps(struct ab_err *err)
{
	ab_autoclose int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0; /* a kernel without core dumps */
	if (fd < 0 || write(fd, "0", 1) != 1)
		return ab_err_sys(err, "/proc/self/coredump_filter");
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
		{ RLIMIT_CORE, CORE_OF_NOBODY },
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
