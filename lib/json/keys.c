/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repeated keys. Among few members each key is compared with all before it if its hash was met
 * before. Among many, they go into a table by a hash under a secret that differs in each process,
 * so that nobody can choose keys that meet in it.
 */
#include <string.h>
#include <sys/auxv.h>

#include "lib/json/reader.h"

int ab_json_same_key(const struct ab_json_tape *tape, const struct ab_json_node *x,
		     const struct ab_json_node *y)
{
	struct ab_json_scratch *scratch = tape->scratch;
	const unsigned char *a, *b;
	size_t a_len, b_len;

	if (!((x->flags | y->flags) & AB_JSON_ESCAPED))
		return x->len == y->len &&
		       memcmp(tape->text + x->at, tape->text + y->at, x->len) == 0;
	a = ab_json_decoded(tape->text, x, &scratch->a, &a_len);
	b = ab_json_decoded(tape->text, y, &scratch->b, &b_len);
	if (!a || !b)
		return -1;
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

unsigned ab_json_hash_escaped(const unsigned char *text, const struct ab_json_node *key,
			      struct ab_json_scratch *scratch)
{
	size_t len;
	const unsigned char *s = ab_json_decoded(text, key, &scratch->a, &len);

	/* Out of memory shows again, and is then reported, when the key is compared. */
	return s ? ab_json_hash(s, len) : 0;
}

/* A key like any of those from `first` on, where one of the two at least holds escapes. */
static int repeats_escaped(const struct ab_json_tape *tape, const struct ab_json_node *nodes,
			   size_t first, size_t key)
{
	for (size_t i = first; i < key; i = nodes[i + 1].next) {
		int same = ab_json_same_key(tape, &nodes[i], &nodes[key]);

		if (same)
			return same;
	}
	return 0;
}

int ab_json_repeats(const struct ab_json_tape *tape, const struct ab_json_node *nodes,
		    size_t object, size_t key)
{
	const unsigned char *text = tape->text, *s = text + nodes[key].at;
	uint32_t len = nodes[key].len;

	for (size_t i = object + 1; i < key; i = nodes[i + 1].next) {
		const struct ab_json_node *x = &nodes[i];

		if ((x->flags | nodes[key].flags) & AB_JSON_ESCAPED)
			return repeats_escaped(tape, nodes, i, key);
		/* Of no bytes the first is the quote. */
		if (x->len == len && text[x->at] == *s && memcmp(text + x->at, s, len) == 0)
			return 1;
	}
	return 0;
}

/* The prime 2^61 - 1. */
#define PRIME (((uint64_t)1 << 61) - 1)

/* The kernel gives each process 16 random bytes at its start, without a system call of ours. */
struct ab_json_secret ab_json_process_secret(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);
	struct ab_json_secret s = { 0 };

	if (random)
		memcpy(&s, random, sizeof(s));
	s.point = s.point % (PRIME - 2) + 2;
	s.odd |= 1;
	return s;
}

/* x * y + word modulo PRIME, x and the result at most PRIME + 2, y and word below PRIME. */
static inline uint64_t step(uint64_t x, uint64_t y, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)x * y + word;
	uint64_t sum = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);

	return (sum & PRIME) + (sum >> 61);
}

/*
 * The value at the secret point of the polynomial whose coefficients are the key's bytes, seven at
 * a time, and its length: two keys of n bytes meet in at most n / 7 + 1 of 2^61 points (Carter and
 * Wegman). The product spreads it over the bits of which the table takes the highest. Eight bytes
 * from p on must be readable.
 */
uint64_t ab_json_keyed_hash(const struct ab_json_secret *secret, const unsigned char *p, size_t len)
{
	uint64_t x = len, last;
	size_t i;

	for (i = 0; len - i >= 8; i += 7)
		x = step(x, secret->point, ab_scan_load(p + i) & 0xffffffffffffff);
	last = ab_scan_load(p + i) & (((uint64_t)1 << 8 * (len - i)) - 1);
	x = step(x, secret->point, last);
	x = x >= PRIME ? x - PRIME : x;
	return x * secret->odd;
}

/* The keys met so far: open addressing, a power of two of slots, at most two thirds full. */
struct table {
	struct ab_json_slot *slots;
	size_t mask;
	unsigned shift; /* from a hash to a slot */
};

static struct table make_table(struct ab_json_scratch *scratch, size_t n_keys)
{
	struct table table = { .shift = 32 - 7 };
	size_t want = 128;

	for (; want < n_keys + n_keys / 2; want *= 2)
		table.shift--;
	if (want > scratch->n_slots) {
		free(scratch->slots);
		scratch->slots = malloc(want * sizeof(*scratch->slots));
		scratch->n_slots = scratch->slots ? want : 0;
	}
	table.slots = scratch->slots;
	table.mask = want - 1;
	if (table.slots)
		memset(table.slots, 0, want * sizeof(*table.slots));
	return table;
}

/* Puts a key into the table: 0, 1 if it is there, -1: no memory. */
static int insert(const struct ab_json_tape *tape, const struct table *table, uint32_t key)
{
	struct ab_json_scratch *scratch = tape->scratch;
	const struct ab_json_node *node = &tape->nodes[key];
	const unsigned char *s = tape->text + node->at;
	size_t len = node->len;
	uint32_t hash;

	if (node->flags & AB_JSON_ESCAPED)
		s = ab_json_decoded(tape->text, node, &scratch->a, &len);
	if (!s)
		return -1;
	hash = (uint32_t)(ab_json_keyed_hash(&scratch->secret, s, len) >> 32);
	for (size_t i = hash >> table->shift;; i = (i + 1) & table->mask) {
		struct ab_json_slot *slot = &table->slots[i];
		int same;

		if (!slot->key) {
			*slot = (struct ab_json_slot){ hash, key };
			return 0;
		}
		if (slot->hash != hash)
			continue;
		same = ab_json_same_key(tape, &tape->nodes[slot->key], node);
		if (same)
			return same;
	}
}

ptrdiff_t ab_json_repeated(const struct ab_json_tape *tape, size_t object)
{
	const struct ab_json_node *nodes = tape->nodes;
	struct table table = make_table(tape->scratch, nodes[object].count);

	if (!table.slots)
		return -1;
	for (size_t i = object + 1; i < nodes[object].next; i = nodes[i + 1].next) {
		int same = insert(tape, &table, (uint32_t)i);

		if (same)
			return same < 0 ? -1 : (ptrdiff_t)i;
	}
	return 0;
}
