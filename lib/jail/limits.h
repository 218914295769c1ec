/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of each process in the jail (setrlimit(2)); the tree's memory is watched from outside. */
#ifndef AB_JAIL_LIMITS_H
#define AB_JAIL_LIMITS_H

#include <stdint.h>
#include "lib/base/err.h"

struct ab_limits {
	uint64_t memory;    /* bytes, of the whole tree */
	uint64_t processes; /* threads count as such */
	uint64_t file_size; /* bytes */
	uint64_t open_files;
	uint64_t cpu_ms; /* of processor time, each process's; 0: no limit */
};

/*
 * Sees to it that in a core dump of this process, and of what it starts, there is no memory. The
 * limit of core dumps does not keep all of them from the host: a lower one of the caller's stays,
 * and a socket (core_pattern with an @, Linux 6.16) takes them whatever it is.
 */
int ab_limits_empty_dumps(struct ab_err *err);

/* Sets hard and soft limits of the calling process and what it starts. */
int ab_limits_set(const struct ab_limits *limits, struct ab_err *err);

#endif
