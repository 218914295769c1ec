/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes and the map from byte strings to numbers that the compiler uses.
 * ab_hash_bytes() is seeded and strong enough that a hostile document cannot
 * make collisions at will; ab_hash_key() is only for probing tables whose
 * contents the schema's author chose.
 */
#ifndef AB_SCHEMA_HASH_H
#define AB_SCHEMA_HASH_H

#include "lib/schema/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A fresh random seed. */
uint64_t ab_hash_seed(void);
/* SipHash-1-3 of the bytes with the seed as key. */
uint64_t ab_hash_bytes(const void *data, size_t len, uint64_t seed);

/* The same as memory, little-endian or not: only equality counts. p needs 8
 * readable bytes. */
static inline uint64_t ab_hash_load(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* A key's first and last eight bytes; of one of at most eight all, and zero.
 * Two keys of one length up to 16 are the same if these are. p needs 8 readable
 * bytes. */
struct ab_hash_words {
	uint64_t first, last;
};

static inline struct ab_hash_words ab_hash_words(const char *p, size_t len)
{
	uint64_t first = ab_hash_load(p);

	if (len > 8)
		return (struct ab_hash_words){ first, ab_hash_load(p + len - 8) };
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (struct ab_hash_words){ len ? first << (64 - 8 * len) : 0, 0 };
#else
	return (struct ab_hash_words){ len ? first >> (64 - 8 * len) : 0, 0 };
#endif
}

/* A few instructions for a key. The top bits depend on all of it. */
static inline uint64_t ab_hash_key(struct ab_hash_words w, size_t len)
{
	return (w.first ^ (w.last << 31 | w.last >> 33) ^ len) * 0x9e3779b97f4a7c15u;
}

/* Whether two keys of one length are the same; both need 8 readable bytes
 * behind their first. */
static inline bool ab_hash_same(const char *p, const char *q, size_t len)
{
	size_t i = 0;

	for (; len - i > 8; i += 8)
		if (ab_hash_load(p + i) != ab_hash_load(q + i))
			return false;
	if (len > 8)
		return ab_hash_load(p + len - 8) == ab_hash_load(q + len - 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return !len || (ab_hash_load(p) ^ ab_hash_load(q)) << (64 - 8 * len) == 0;
#else
	return !len || (ab_hash_load(p) ^ ab_hash_load(q)) >> (64 - 8 * len) == 0;
#endif
}

#define AB_MAP_NONE UINT32_MAX

/* From byte strings (kept by reference) to numbers; at most one a string. */
struct ab_map {
	struct ab_map_entry {
		const char *key;
		size_t len;
		uint64_t hash;
		uint32_t value;
	} * entries;
	size_t n, capacity; /* capacity: 0 or a power of two */
	uint64_t seed;
};

/* The number of a key, or AB_MAP_NONE. */
uint32_t ab_map_get(const struct ab_map *m, const char *key, size_t len);
/* Sets it; the key's bytes must outlive the map. */
int ab_map_set(struct ab_map *m, const char *key, size_t len, uint32_t value, struct ab_err *err);
void ab_map_free(struct ab_map *m);

#endif
