/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/hold.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

void ab_heap_large(void *block, size_t size)
{
	uintptr_t begin = (uintptr_t)block / AB_HUGE_PAGE * AB_HUGE_PAGE;
	uintptr_t end = ((uintptr_t)block + size) / AB_HUGE_PAGE * AB_HUGE_PAGE;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = ((uintptr_t)block + page - 1) / page * page;

	if (size < 2 * AB_HUGE_PAGE)
		return;
	/* Small ones do as well. The page before the block, which malloc() has written to, has made
	 * small ones of the first of its large one. */
	(void)madvise((void *)first, end - first, MADV_HUGEPAGE);
	if (first - begin <= page)
		(void)madvise((void *)begin, AB_HUGE_PAGE, MADV_COLLAPSE);
}

static char *stack_end;

void ab_heap_stack(size_t bytes)
{
	uintptr_t page = getauxval(AT_PAGESZ), end = (uintptr_t)__builtin_frame_address(0) / page * page;

	/* The kernel has set up more than that below the arguments. */
	(void)madvise((void *)(end - bytes), bytes, MADV_POPULATE_WRITE);
	if (!stack_end)
		stack_end = (char *)end;
}

char *ab_heap_stack_end(void)
{
	return stack_end;
}

#if defined(__GLIBC__) && !defined(AB_SANITIZED)
#include <malloc.h>

#define MAPPED (1 << 20) /* what is larger is mapped, and given back when it is freed */
#define KEPT   (8 << 20) /* free memory at the end of the heap that is kept for the next time */

void ab_heap_start(void)
{
	size_t before = -(uintptr_t)sbrk(0) % AB_HUGE_PAGE;
	char *heap = sbrk((intptr_t)before);
	void *volatile grown; /* else the compiler would do without it */

	if (heap == (void *)-1)
		return;
	heap += before;
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT);
	(void)mallopt(M_TOP_PAD, (int)AB_HUGE_PAGE);
	/* More than the heap has yet, so that it goes on behind the new end. */
	grown = malloc(MAPPED / 2);
	free(grown);
	if ((char *)sbrk(0) >= heap + AB_HUGE_PAGE)
		(void)madvise(heap, AB_HUGE_PAGE, MADV_COLLAPSE);
}
#else
void ab_heap_start(void)
{
}
#endif
