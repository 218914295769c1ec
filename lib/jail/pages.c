/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/pages.h"

#include <stdint.h>
#include <sys/mman.h>

#include "lib/jail/jail.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE	   4096
#define STACK_MAKE (26 * PAGE) /* what the supervisor needs below where it calls us */
#define STACK_COPY (8 * PAGE)  /* what init does, and above it what it changes of its caller's */
#define STACK_KEEP (6 * PAGE)

static void map_stack(const char *from, const char *to)
{
	uintptr_t first = (uintptr_t)from & ~(uintptr_t)(PAGE - 1);
	uintptr_t last = ((uintptr_t)to + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	(void)madvise((void *)first, last - first, MADV_POPULATE_WRITE);
}

void ab_jail_warm(void)
{
	const char *here = __builtin_frame_address(0);

	map_stack(here - STACK_MAKE, here);
}

void ab_pages_map_copy(void)
{
	const char *here = __builtin_frame_address(0);

	map_stack(here - STACK_COPY, here + STACK_KEEP);
}
