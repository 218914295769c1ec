/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that lives as long as a compiled schema: taken piece by piece, freed as a whole. */
#ifndef AB_SCHEMA_ARENA_H
#define AB_SCHEMA_ARENA_H

#include <stddef.h>
#include "lib/base/err.h"

struct ab_arena_chunk;

struct ab_arena {
	struct ab_arena_chunk *chunk;
	size_t used, size; /* of the newest chunk */
};

/* Zeroed memory, aligned for anything; NULL with err when there is none. */
void *ab_arena_take(struct ab_arena *a, size_t size, struct ab_err *err);
/* n elements of `size` bytes (n may be 0: the pointer is then not NULL but unusable). */
void *ab_arena_array(struct ab_arena *a, size_t n, size_t size, struct ab_err *err);
/* A copy of len bytes, with at least 16 zero bytes behind. */
char *ab_arena_copy(struct ab_arena *a, const void *data, size_t len, struct ab_err *err);
void ab_arena_free(struct ab_arena *a);

#endif
