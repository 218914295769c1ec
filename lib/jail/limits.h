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

/* Sets hard and soft limits of the calling process and what it starts. */
int ab_limits_set(const struct ab_limits *limits, struct ab_err *err);

#endif
