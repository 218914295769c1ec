/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/hash.h"

#include <sys/auxv.h>

uint64_t ab_hash_seed(void)
{
	uint64_t seed = 0x243f6a8885a308d3u;
	const void *random = (const void *)getauxval(AT_RANDOM); /* 16 bytes from the kernel */

	if (random)
		memcpy(&seed, random, sizeof(seed));
	return seed;
}

static inline uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void round_of(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

uint64_t ab_hash_bytes(const void *data, size_t len, uint64_t seed)
{
	const unsigned char *p = data;
	uint64_t k1 = seed * 0x9e3779b97f4a7c15u + 1, last = (uint64_t)len << 56;
	uint64_t v[4] = { seed ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
			  seed ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u };
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		uint64_t m = ab_hash_load(p + i);

		v[3] ^= m;
		round_of(v);
		v[0] ^= m;
	}
	for (size_t j = 0; i + j < len; j++)
		last |= (uint64_t)p[i + j] << (8 * j);
	v[3] ^= last;
	round_of(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int j = 0; j < 3; j++)
		round_of(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Where a key is or would go. capacity must not be 0. */
static struct ab_map_entry *find(const struct ab_map *m, const char *key, size_t len, uint64_t hash)
{
	size_t at = hash & (m->capacity - 1);

	while (m->entries[at].key && (m->entries[at].hash != hash || m->entries[at].len != len ||
				      memcmp(m->entries[at].key, key, len) != 0))
		at = (at + 1) & (m->capacity - 1);
	return &m->entries[at];
}

uint32_t ab_map_get(const struct ab_map *m, const char *key, size_t len)
{
	const struct ab_map_entry *e;

	if (!m->capacity)
		return AB_MAP_NONE;
	e = find(m, key, len, ab_hash_bytes(key, len, m->seed));
	return e->key ? e->value : AB_MAP_NONE;
}

static int grow(struct ab_map *m, struct ab_err *err)
{
	struct ab_map bigger = { .capacity = m->capacity ? 2 * m->capacity : 16, .n = m->n };

	bigger.seed = m->capacity ? m->seed : ab_hash_seed();
	bigger.entries = calloc(bigger.capacity, sizeof(*bigger.entries));
	if (!bigger.entries)
		return ab_err_memory(err);
	for (size_t i = 0; i < m->capacity; i++) {
		const struct ab_map_entry *e = &m->entries[i];

		if (e->key)
			*find(&bigger, e->key, e->len, e->hash) = *e;
	}
	free(m->entries);
	*m = bigger;
	return 0;
}

int ab_map_set(struct ab_map *m, const char *key, size_t len, uint32_t value, struct ab_err *err)
{
	struct ab_map_entry *e;
	uint64_t hash;

	if (2 * m->n >= m->capacity && grow(m, err) < 0)
		return -1;
	hash = ab_hash_bytes(key, len, m->seed);
	e = find(m, key, len, hash);
	if (!e->key)
		m->n++;
	*e = (struct ab_map_entry){ key, len, hash, value };
	return 0;
}

void ab_map_free(struct ab_map *m)
{
	free(m->entries);
	*m = (struct ab_map){ 0 };
}
