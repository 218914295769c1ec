/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repeated keys. Among few members each key is compared with all before it if its hash was met
 * before. Among many, they go into a table under SipHash-1-3 (Aumasson and Bernstein) with a secret
 * that differs in each process, so that nobody can choose keys that meet in it.
 */
#include <string.h>
#include <sys/auxv.h>

#include "lib/json/reader.h"

static int same_key(const struct ab_json_tape *tape, const struct ab_json_node *x,
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

int ab_json_repeats(const struct ab_json_tape *tape, const struct ab_json_node *nodes,
		    size_t object, size_t key)
{
	for (size_t i = object + 1; i < key; i = nodes[i + 1].next) {
		int same = same_key(tape, &nodes[i], &nodes[key]);

		if (same)
			return same;
	}
	return 0;
}

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(struct sip *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = rotate(s->b, 13) ^ s->a;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a = rotate(s->a, 32);
	s->c += s->b;
	s->a += s->d;
	s->b = rotate(s->b, 17) ^ s->c;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c = rotate(s->c, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	s->a ^= word;
}

static uint64_t siphash(const uint64_t secret[2], const unsigned char *p, size_t len)
{
	struct sip s = { secret[0] ^ 0x736f6d6570736575u, secret[1] ^ 0x646f72616e646f6du,
			 secret[0] ^ 0x6c7967656e657261u, secret[1] ^ 0x7465646279746573u };
	uint64_t last = (uint64_t)len << 56;
	size_t i = 0;

	for (; len - i >= 8; i += 8)
		sip_word(&s, ab_scan_load(p + i));
	for (int shift = 0; i < len; i++, shift += 8)
		last |= (uint64_t)p[i] << shift;
	sip_word(&s, last);
	s.c ^= 0xff;
	for (int i_round = 0; i_round < 3; i_round++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

/* The kernel gives each process 16 random bytes at its start, without a system call of ours. */
static void process_secret(uint64_t secret[2])
{
	const void *random = (const void *)getauxval(AT_RANDOM);

	secret[0] = secret[1] = 0;
	if (random)
		memcpy(secret, random, 2 * sizeof(secret[0]));
	/* Others use those bytes too (the stack protector): what is told of one must not tell the
	 * other. */
	secret[0] ^= rotate(secret[1] * 0x9e3779b97f4a7c15u, 29);
}

/* An empty table with room for n keys, at most two thirds full. */
static struct ab_json_slot *table(struct ab_json_scratch *scratch, size_t n, size_t *ret_mask)
{
	size_t want = 128;

	while (want < n + n / 2)
		want *= 2;
	if (want > scratch->n_slots) {
		free(scratch->slots);
		scratch->slots = malloc(want * sizeof(*scratch->slots));
		scratch->n_slots = scratch->slots ? want : 0;
	}
	if (scratch->slots)
		memset(scratch->slots, 0, want * sizeof(*scratch->slots));
	*ret_mask = want - 1;
	return scratch->slots;
}

/* Puts a key into the table: 0, 1 if it is there, -1: no memory. */
static int insert(const struct ab_json_tape *tape, struct ab_json_slot *slots, size_t mask,
		  uint32_t key, const uint64_t secret[2])
{
	struct ab_json_scratch *scratch = tape->scratch;
	size_t len;
	const unsigned char *s = ab_json_decoded(tape->text, &tape->nodes[key], &scratch->a, &len);
	uint32_t hash;

	if (!s)
		return -1;
	hash = (uint32_t)siphash(secret, s, len);
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		int same;

		if (!slots[i].key) {
			slots[i] = (struct ab_json_slot){ hash, key };
			return 0;
		}
		if (slots[i].hash != hash)
			continue;
		same = same_key(tape, &tape->nodes[slots[i].key], &tape->nodes[key]);
		if (same)
			return same;
	}
}

ptrdiff_t ab_json_repeated(const struct ab_json_tape *tape, size_t object)
{
	const struct ab_json_node *nodes = tape->nodes;
	uint64_t secret[2];
	size_t mask;
	struct ab_json_slot *slots = table(tape->scratch, nodes[object].count, &mask);

	if (!slots)
		return -1;
	process_secret(secret);
	for (size_t i = object + 1; i < nodes[object].next; i = nodes[i + 1].next) {
		int same = insert(tape, slots, mask, (uint32_t)i, secret);

		if (same)
			return same < 0 ? -1 : (ptrdiff_t)i;
	}
	return 0;
}
