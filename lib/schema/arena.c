/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/arena.h"

#include <stdint.h>
#include <string.h>

#define CHUNK (32u << 10)
#define ALIGN 16u

struct ab_arena_chunk {
	struct ab_arena_chunk *older;
	_Alignas(ALIGN) unsigned char data[];
};

void *ab_arena_take(struct ab_arena *a, size_t size, struct ab_err *err)
{
	size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	void *p;

	if (need < size || need > SIZE_MAX / 2) {
		ab_err_memory(err);
		return NULL;
	}
	if (!a->chunk || need > a->size - a->used) {
		size_t room = need > CHUNK ? need : CHUNK;
		struct ab_arena_chunk *chunk = calloc(1, sizeof(*chunk) + room);

		if (!chunk) {
			ab_err_memory(err);
			return NULL;
		}
		chunk->older = a->chunk;
		a->chunk = chunk;
		a->used = 0;
		a->size = room;
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

		free(chunk);
		chunk = older;
	}
	*a = (struct ab_arena){ 0 };
}
