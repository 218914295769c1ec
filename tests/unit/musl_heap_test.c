/* SPDX-License-Identifier: Apache-2.0 */
/* lib/musl/heap.c: the first small blocks of a program, with this C library's malloc() in place of musl's. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int asked; /* calls of the C library's */

static void *own_malloc(size_t size)
{
	asked++;
	return malloc(size);
}

static void *own_calloc(size_t n, size_t size)
{
	asked++;
	/* A sanitizer's would end the program. */
	return n > SIZE_MAX / size ? NULL : calloc(n, size);
}

static void *own_realloc(void *block, size_t size)
{
	asked++;
	return realloc(block, size);
}

static void own_free(void *block)
{
	asked++;
	free(block);
}

#define __libc_malloc  own_malloc
#define __libc_calloc  own_calloc
#define __libc_realloc own_realloc
#define __libc_free    own_free
#define malloc	       first_malloc
#define calloc	       first_calloc
#define realloc	       first_realloc
#define free	       first_free
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
#include "lib/musl/heap.c"

#include "tests/unit/tap.h"

static bool is_zero(const char *block, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (block[i])
			return false;
	return true;
}

static void check_first(struct tap *t)
{
	char *a = malloc(1), *b = malloc(17), *c = calloc(3, 5);

	tap_ok(t, is_ours(a) && is_ours(b) && is_ours(c) && !asked, "small blocks come from the page");
	tap_ok(t, ((uintptr_t)a | (uintptr_t)b | (uintptr_t)c) % 16 == 0, "aligned for anything");
	tap_ok(t, b - a == 16 && c - b == 32, "one behind the other");
	memset(b, 'b', 17);
	tap_ok(t, is_zero(a, 1) && is_zero(c, 15), "calloc()'s is zero");
	free(b);
	free(NULL);
	tap_ok(t, asked == 1 && malloc(17) != b, "none is given out twice");
}

static void check_realloc(struct tap *t)
{
	char *a = malloc(20), *b, *c;

	memset(a, 'a', 20);
	b = realloc(a, 40);
	tap_ok(t, b != a && is_ours(b) && memcmp(b, a, 20) == 0, "a longer one holds what the shorter one did");
	asked = 0;
	c = realloc(b, LARGEST + 1);
	tap_ok(t, !is_ours(c) && memcmp(c, a, 20) == 0 && asked == 1, "also where it is the C library's");
	c = realloc(c, 2 * LARGEST);
	tap_ok(t, asked == 2 && memcmp(c, a, 20) == 0, "which then goes on with it");
	free(c);
	tap_ok(t, asked == 3, "and is given it back");
	a = realloc(NULL, 20);
	tap_ok(t, is_ours(a), "realloc() of nothing is malloc()");
}

static void check_others(struct tap *t)
{
	void *large, *none, *overflow;

	asked = 0;
	large = malloc(LARGEST + 1);
	none = malloc(0);
	overflow = calloc(SIZE_MAX / 2, 4);
	tap_ok(t, !is_ours(large) && !is_ours(none) && !overflow && asked == 3, "all else is the C library's");
	free(large);
	free(none);
	for (int i = 0; i < ROOM / 16; i++)
		(void)take(1);
	large = malloc(1);
	tap_ok(t, large && !is_ours(large), "also when the page is full");
	free(large);
	tap_ok(t, is_ours(room()) && is_ours(room() + ROOM - 1) && !is_ours(room() + ROOM) && !is_ours(room() - 1),
	       "its ends are known");
}

int main(void)
{
	struct tap t = { 0 };

	check_first(&t);
	check_realloc(&t);
	check_others(&t);
	return tap_done(&t);
}
