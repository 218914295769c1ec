/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursion is bounded by the reader's depth limit. Objects are compared by looking each member up
 * in the other one, or, where there are many, by sorting both.
 */
#include "lib/schema/value.h"

#include <string.h>

#include "lib/schema/decimal.h"
#include "lib/schema/hash.h"

#define FEW_MEMBERS 8
#define LARGE	    64u /* nodes of a value whose hash is kept */

static const char *raw(const struct ab_json_tape *t, uint32_t node)
{
	return (const char *)t->text + t->nodes[node].at;
}

/* A string's bytes: those of the document, or decoded into `buf`. */
static int bytes_of(const struct ab_json_tape *t, uint32_t node, struct ab_buf *buf,
		    const char **ret, size_t *ret_len, struct ab_err *err)
{
	const struct ab_json_node *n = &t->nodes[node];

	*ret = raw(t, node);
	*ret_len = n->len;
	if (!(n->flags & AB_JSON_ESCAPED))
		return 0;
	ab_json_unescape(t, node, buf);
	*ret = buf->data ? buf->data : "";
	*ret_len = buf->len;
	return ab_buf_ok(buf, err);
}

static int strings_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
			 uint32_t b, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf left = { 0 }, right = { 0 };
	const char *p, *q;
	size_t n, m;

	if (bytes_of(x, a, &left, &p, &n, err) < 0 || bytes_of(y, b, &right, &q, &m, err) < 0)
		return -1;
	return n == m && memcmp(p, q, n) == 0;
}

static int numbers_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
			 uint32_t b, struct ab_err *err)
{
	const struct ab_json_node *n = &x->nodes[a], *m = &y->nodes[b];
	struct ab_decimal p, q;
	bool unsure = false;
	int order;

	if (n->len == m->len && memcmp(raw(x, a), raw(y, b), n->len) == 0)
		return 1;
	ab_decimal_parse(&p, x->text + n->at, n->len);
	ab_decimal_parse(&q, y->text + m->at, m->len);
	order = ab_decimal_compare(&p, &q, &unsure);
	if (unsure)
		return ab_err_trouble(err, "exponents too large to compare");
	return order == 0;
}

static int arrays_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
			uint32_t b, struct ab_err *err)
{
	uint32_t i = a + 1, j = b + 1;

	for (; i < x->nodes[a].next; i = x->nodes[i].next, j = y->nodes[j].next) {
		int equal = ab_value_equal(x, i, y, j, err);

		if (equal != 1)
			return equal;
	}
	return 1;
}

/* The member's value for the key at x's node, -1 none, -2 with err. */
static ptrdiff_t find_key(const struct ab_json_tape *x, uint32_t key, const struct ab_json_tape *y,
			  uint32_t object, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf buf = { 0 };
	const char *name;
	size_t len;

	if (bytes_of(x, key, &buf, &name, &len, err) < 0)
		return -2;
	return ab_json_member(y, object, name, len);
}

static int few_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
		     uint32_t b, struct ab_err *err)
{
	for (uint32_t key = a + 1; key < x->nodes[a].next; key = x->nodes[key + 1].next) {
		ptrdiff_t value = find_key(x, key, y, b, err);
		int equal = value < 0 ? (int)value + 1
				      : ab_value_equal(x, key + 1, y, (uint32_t)value, err);

		if (equal != 1)
			return equal;
	}
	return 1;
}

/* A member and the hash of its name. */
struct hashed {
	uint64_t hash;
	uint32_t node;
};

static int by_hash(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* The keys of an object ordered by their hash. */
static struct hashed *sort_keys(const struct ab_json_tape *t, uint32_t object, uint64_t seed,
				struct ab_err *err)
{
	size_t n = 0;
	struct hashed *keys = calloc(t->nodes[object].count, sizeof(*keys));

	if (!keys) {
		ab_err_memory(err);
		return NULL;
	}
	for (uint32_t key = object + 1; key < t->nodes[object].next; key = t->nodes[key + 1].next) {
		keys[n].node = key;
		if (ab_value_hash(t, key, seed, NULL, &keys[n++].hash, err) < 0) {
			free(keys);
			return NULL;
		}
	}
	qsort(keys, n, sizeof(*keys), by_hash);
	return keys;
}

static int many_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
		      uint32_t b, struct ab_err *err)
{
	uint64_t seed = ab_hash_seed();
	ab_autofree struct hashed *left = sort_keys(x, a, seed, err);
	ab_autofree struct hashed *right = left ? sort_keys(y, b, seed, err) : NULL;

	if (!right)
		return -1;
	for (size_t i = 0; i < x->nodes[a].count; i++) {
		int equal;

		if (left[i].hash != right[i].hash)
			return 0;
		equal = strings_equal(x, left[i].node, y, right[i].node, err);
		if (equal == 1)
			equal = ab_value_equal(x, left[i].node + 1, y, right[i].node + 1, err);
		if (equal != 1)
			return equal;
	}
	return 1;
}

int ab_value_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
		   uint32_t b, struct ab_err *err)
{
	const struct ab_json_node *n = &x->nodes[a], *m = &y->nodes[b];

	if (n->type != m->type)
		return 0;
	if ((n->type == AB_JSON_ARRAY || n->type == AB_JSON_OBJECT) && n->count != m->count)
		return 0;
	switch ((enum ab_json_type)n->type) {
	case AB_JSON_NUMBER:
		return numbers_equal(x, a, y, b, err);
	case AB_JSON_STRING:
		if (!((n->flags | m->flags) & AB_JSON_ESCAPED))
			return n->len == m->len && memcmp(raw(x, a), raw(y, b), n->len) == 0;
		return strings_equal(x, a, y, b, err);
	case AB_JSON_ARRAY:
		return arrays_equal(x, a, y, b, err);
	case AB_JSON_OBJECT:
		return n->count <= FEW_MEMBERS ? few_equal(x, a, y, b, err)
					       : many_equal(x, a, y, b, err);
	default:
		return 1;
	}
}

static int hash_string(const struct ab_json_tape *t, uint32_t node, uint64_t seed, uint64_t *ret,
		       struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf buf = { 0 };
	const char *text;
	size_t len;

	if (bytes_of(t, node, &buf, &text, &len, err) < 0)
		return -1;
	*ret = ab_hash_bytes(text, len, seed);
	return 0;
}

/* Arrays chain their elements' hashes; objects add up their members', whose order is free. */
static int combine(const struct ab_json_tape *t, uint32_t node, uint64_t seed,
		   struct ab_value_hashes *hashes, uint64_t *ret, struct ab_err *err)
{
	bool object = t->nodes[node].type == AB_JSON_OBJECT;
	uint64_t sum = t->nodes[node].type;

	for (uint32_t i = node + 1; i < t->nodes[node].next; i = t->nodes[i + object].next) {
		uint64_t pair[2] = { object ? 0 : sum, 0 };

		if (object && hash_string(t, i, seed, &pair[0], err) < 0)
			return -1;
		if (ab_value_hash(t, i + object, seed, hashes, &pair[1], err) < 0)
			return -1;
		pair[0] = ab_hash_bytes(pair, sizeof(pair), seed + 1);
		sum = object ? sum + pair[0] : pair[0];
	}
	*ret = ab_hash_bytes(&sum, sizeof(sum), seed + 2);
	return 0;
}

static int hash_container(const struct ab_json_tape *t, uint32_t node, uint64_t seed,
			  struct ab_value_hashes *hashes, uint64_t *ret, struct ab_err *err)
{
	bool large = hashes && t->nodes[node].next - node >= LARGE;

	if (large && !hashes->known)
		hashes->known = calloc(t->n, sizeof(*hashes->known)); /* it is faster, no more */
	large = large && hashes->known;
	if (large && hashes->known[node]) {
		*ret = hashes->known[node];
		return 0;
	}
	if (combine(t, node, seed, hashes, ret, err) < 0)
		return -1;
	if (large)
		hashes->known[node] = *ret;
	return 0;
}

int ab_value_hash(const struct ab_json_tape *tape, uint32_t node, uint64_t seed,
		  struct ab_value_hashes *hashes, uint64_t *ret, struct ab_err *err)
{
	const struct ab_json_node *n = &tape->nodes[node];
	struct ab_decimal d;

	switch ((enum ab_json_type)n->type) {
	case AB_JSON_NUMBER:
		ab_decimal_parse(&d, tape->text + n->at, n->len);
		*ret = ab_decimal_hash(&d, seed + 3);
		return 0;
	case AB_JSON_STRING:
		return hash_string(tape, node, seed, ret, err);
	case AB_JSON_ARRAY:
	case AB_JSON_OBJECT:
		return hash_container(tape, node, seed, hashes, ret, err);
	default:
		*ret = ab_hash_bytes("ntf", n->type + 1, seed + 4);
		return 0;
	}
}

/* Looks one element up in the table so far: 1 found (*ret), 0 entered, -1. */
static int enter(const struct ab_json_tape *t, struct hashed *table, size_t mask,
		 struct hashed element, uint32_t *ret, struct ab_err *err)
{
	size_t at = element.hash & mask;

	for (; table[at].node; at = (at + 1) & mask) {
		int equal;

		if (table[at].hash != element.hash)
			continue;
		equal = ab_value_equal(t, table[at].node, t, element.node, err);
		*ret = table[at].node;
		if (equal)
			return equal;
	}
	table[at] = element;
	return 0;
}

/* Few elements are compared with each other. */
static int find_among_few(const struct ab_json_tape *tape, uint32_t array, uint32_t *ret_a,
			  uint32_t *ret_b, struct ab_err *err)
{
	const struct ab_json_node *nodes = tape->nodes;
	uint32_t end = nodes[array].next;

	for (uint32_t a = array + 1; a < end; a = nodes[a].next)
		for (uint32_t b = nodes[a].next; b < end; b = nodes[b].next) {
			int equal = nodes[a].type != nodes[b].type
					    ? 0
					    : ab_value_equal(tape, a, tape, b, err);

			*ret_a = a;
			*ret_b = b;
			if (equal)
				return equal;
		}
	return 0;
}

int ab_value_duplicate(const struct ab_json_tape *tape, uint32_t array, uint64_t seed,
		       struct ab_value_hashes *hashes, uint32_t *ret_a, uint32_t *ret_b,
		       struct ab_err *err)
{
	size_t slots = 4;
	ab_autofree struct hashed *table = NULL;

	if (tape->nodes[array].count <= FEW_MEMBERS)
		return find_among_few(tape, array, ret_a, ret_b, err);
	while (slots < 2 * (size_t)tape->nodes[array].count)
		slots *= 2;
	table = calloc(slots, sizeof(*table)); /* a child's node is never 0 */
	if (!table)
		return ab_err_memory(err);
	for (uint32_t i = array + 1; i < tape->nodes[array].next; i = tape->nodes[i].next) {
		struct hashed element = { .node = i };
		int found;

		if (ab_value_hash(tape, i, seed, hashes, &element.hash, err) < 0)
			return -1;
		found = enter(tape, table, slots - 1, element, ret_a, err);
		*ret_b = i;
		if (found)
			return found;
	}
	return 0;
}
