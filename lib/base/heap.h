/* SPDX-License-Identifier: Apache-2.0 */
/* The heap in large pages, where the kernel has them, and the stack in one piece: to fault in small
 * pages takes long. */
#ifndef AB_BASE_HEAP_H
#define AB_BASE_HEAP_H

#include <stddef.h>

/*
 * Lets malloc() begin at a large page: one fault instead of the hundreds that were most of a start
 * that touches a megabyte. To be called before all else; where it cannot be done, the heap is what
 * it was.
 */
void ab_heap_start(void);

/* Asks for large pages in a block from malloc() that is about to be filled; a small one stays as it
 * is. */
void ab_heap_large(void *block, size_t size);

/*
 * Faults in so many bytes of the stack below the caller at once, which takes a third of the time that
 * page after page takes. Where it cannot be done, nothing is.
 */
void ab_heap_stack(size_t bytes);

/* Where the first caller of ab_heap_stack() stands, or a page below: the stack above is that of its
 * callers, and holds the arguments. NULL: there is none. */
char *ab_heap_stack_end(void);

#endif
