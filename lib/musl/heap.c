/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first small blocks come from a page of our own variables. musl's malloc() begins with five system calls, three
 * mappings and four faults, which a start that needs two kilobytes does without: here nothing is kept beside the
 * blocks, and none is given out twice. All else is musl's.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ROOM	4096
#define LARGEST 512 /* a larger block would leave little for others */
#define UNIT	16

/* Where musl keeps its own, whoever replaces them (src/malloc/lite_malloc.c, free.c, realloc.c, libc_calloc.c). */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

/* A common symbol stands behind all other variables, which share one page. */
extern char ab_heap_first[];
__attribute__((common)) char ab_heap_first[2 * ROOM];
static size_t used;

/* A page of its own, which is touched as one. */
static char *room(void)
{
	return ab_heap_first + -(uintptr_t)ab_heap_first % ROOM;
}

static bool is_ours(const void *block)
{
	return (uintptr_t)block - (uintptr_t)room() < ROOM;
}

/* All zero; NULL: there is no room, or it is not for that. */
static void *take(size_t size)
{
	size_t whole = (size + UNIT - 1) / UNIT * UNIT;
	void *block = room() + used;

	if (size == 0 || size > LARGEST || whole > ROOM - used)
		return NULL;
	used += whole;
	return block;
}

void *malloc(size_t size)
{
	void *block = take(size);

	return block ? block : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	void *block = size <= LARGEST && n <= LARGEST ? take(n * size) : NULL;

	return block ? block : __libc_calloc(n, size);
}

/* How long it was nobody has noted: what stands behind it is copied as well, which does no harm. */
void *realloc(void *block, size_t size)
{
	size_t rest = (size_t)(room() + ROOM - (char *)block);
	void *copy;

	if (!is_ours(block))
		return block ? __libc_realloc(block, size) : malloc(size);
	copy = malloc(size);
	if (copy)
		memmove(copy, block, size < rest ? size : rest);
	return copy;
}

void free(void *block)
{
	if (!is_ours(block))
		__libc_free(block);
}
