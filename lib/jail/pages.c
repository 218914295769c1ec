/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/pages.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE	   4096
#define STACK_MAKE (20 * PAGE) /* what the supervisor needs below where it calls us */
#define STACK_COPY (8 * PAGE)  /* what init does, and above it what it changes of its caller's */
#define STACK_KEEP (6 * PAGE)

/* From the linker. */
extern const char __executable_start[], __data_start[], end[];

static void map(const void *from, const void *to, int how)
{
	uintptr_t first = (uintptr_t)from & ~(uintptr_t)(PAGE - 1);
	uintptr_t last = ((uintptr_t)to + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	(void)madvise((void *)first, last - first, how);
}

void ab_pages_map(void)
{
	const char *here = __builtin_frame_address(0);

	map(__executable_start, __data_start, MADV_POPULATE_READ);
	map(here - STACK_MAKE, here, MADV_POPULATE_WRITE);
}

void ab_pages_map_copy(void)
{
	const char *here = __builtin_frame_address(0);

	map(__executable_start, __data_start, MADV_POPULATE_READ);
	map(here - STACK_COPY, here + STACK_KEEP, MADV_POPULATE_WRITE);
	map(__data_start, end, MADV_POPULATE_WRITE);
}
