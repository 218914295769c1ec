/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK	(32u << 10)
#define LARGEST (1u << 20)
#define ALIGN	16u

struct ab_arena_chunk {
	struct ab_arena_chunk *older;
	size_t mapped; /* bytes; 0: it is the heap's */
	_Alignas(ALIGN) unsigned char data[];
};

/* Large ones are mapped with all their pages at once, since to fault them in one by one takes
 * longer than to compile what is in them. */
static struct ab_arena_chunk *new_chunk(size_t size)
{
	struct ab_arena_chunk *chunk;

	if (size <= 2 * CHUNK)
		return calloc(1, size);
	chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		     -1, 0);
	if (chunk == MAP_FAILED)
		return NULL;
	chunk->mapped = size;
	return chunk;
}

static void free_chunk(struct ab_arena_chunk *chunk)
{
	if (chunk->mapped)
		(void)munmap(chunk, chunk->mapped);
	else
		free(chunk);
}

/* Each chunk is twice as large as the one before. */
static bool add_chunk(struct ab_arena *a, size_t need)
{
	size_t size = a->chunk ? 2 * (a->size + sizeof(*a->chunk)) : CHUNK;
	struct ab_arena_chunk *chunk;

	if (size > LARGEST)
		size = LARGEST;
	while (size - sizeof(*chunk) < need)
		size *= 2;
	chunk = new_chunk(size);
	if (!chunk)
		return false;
	chunk->older = a->chunk;
	a->chunk = chunk;
	a->used = 0;
	a->size = size - sizeof(*chunk);
	return true;
}

void *ab_arena_take(struct ab_arena *a, size_t size, struct ab_err *err)
{
	size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	void *p;

	if (need < size || need > SIZE_MAX / 4 ||
	    ((!a->chunk || need > a->size - a->used) && !add_chunk(a, need))) {
		ab_err_memory(err);
		return NULL;
	}
	p = a->chunk->data + a->used;
	a->used += need;
	return p;
}

void *ab_arena_array(struct ab_arena *a, size_t n, size_t size, struct ab_err *err)
{
	if (n > SIZE_MAX / 4 / size) {
		ab_err_memory(err);
		return NULL;
	}
	return ab_arena_take(a, n ? n * size : 1, err);
}

char *ab_arena_copy(struct ab_arena *a, const void *data, size_t len, struct ab_err *err)
{
	char *copy = ab_arena_take(a, len + 16, err);

	if (copy && len)
		memcpy(copy, data, len);
	return copy;
}

void ab_arena_free(struct ab_arena *a)
{
	struct ab_arena_chunk *chunk = a->chunk;

	while (chunk) {
		struct ab_arena_chunk *older = chunk->older;

		free_chunk(chunk);
		chunk = older;
	}
	*a = (struct ab_arena){ 0 };
}
