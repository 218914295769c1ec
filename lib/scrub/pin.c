/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/pin.h"

#include <stdlib.h>

#include "lib/scrub/literal_weight.inc"
#include "lib/scrub/vector.h"

#define WEIGHT_BITS 15

/* Without vectorscan l->vector stays NULL. */
#ifndef AB_VECTORSCAN
static void ab_vector_free(struct ab_vector *v)
{
	(void)v;
}
#endif

/* 0x20 for each of eight bytes that is a small letter. */
static inline uint64_t letters8(uint64_t v)
{
	uint64_t seven = v & 0x7f * AB_PIN_EACH;
	uint64_t lower = (seven + (0x80 - 'a') * AB_PIN_EACH) ^ (seven + (0x7f - 'z') * AB_PIN_EACH);

	return (lower & ~v & 0x80 * AB_PIN_EACH) >> 2;
}

void ab_literals_limit(struct ab_literals *l, enum ab_simd simd)
{
	ab_vector_free(l->vector);
	l->vector = NULL;
	l->simd = simd < l->simd ? simd : l->simd;
}

void ab_literals_free(struct ab_literals *l)
{
	if (!l)
		return;
	ab_vector_free(l->vector);
	free(l->literals);
	free(l->texts);
	free(l);
}

size_t ab_literals_count(const struct ab_literals *l)
{
	return l->n;
}

struct ab_literals *ab_literals_new(void)
{
	struct ab_literals *l = calloc(1, sizeof(struct ab_literals));

	if (l)
		l->simd = ab_simd_best();
	return l;
}

static inline unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/*
 * How often the filter lets four bytes through that are a pin, as log2: where they stand, and one
 * time in 16 where their first three do; in texts of the kind where they are most common.
 */
static inline char weight_of(const char *text)
{
	uint32_t four = ab_pin_load4(text);
	char own = four_weights[ab_pin_hash(ab_pin_of(four, false)) >> (32 - WEIGHT_BITS)];
	char shared = (char)(three_weights[ab_pin_word(four)] - 4);

	return own > shared ? own : shared;
}

/* The rarest four bytes. */
static uint8_t choose_pin(const char *text, size_t len)
{
	uint8_t pin = 0;
	char best = 0;

	for (size_t i = 0; i + AB_PIN <= len; i++) {
		char weight = weight_of(text + i);

		if (i && weight >= best)
			continue;
		best = weight;
		pin = (uint8_t)i;
	}
	return pin;
}

/* The classes that a byte beside the pin may have: any where the literal has none there. */
static uint8_t side_of(const struct ab_literal *lit, const char *text, size_t at)
{
	return at < lit->len ? (uint8_t)(1u << ab_pin_class((unsigned char)text[at])) : 0xff;
}

/* Enters the newest literal under its pin. */
static void enter(struct ab_literals *l)
{
	struct ab_literal *lit = &l->literals[l->n - 1];
	const char *text = l->texts + lit->text;
	bool three = lit->len < AB_PIN;
	uint32_t four = ab_pin_load4(text + lit->pin), at = ab_pin_chain(ab_pin_of(four, three));
	struct ab_literal_chain *chain = three ? &l->threes[at] : &l->fours[at];
	size_t had;

	lit->before = (lit->pin < AB_PIN ? lit->pin : AB_PIN) & 7;
	had = (size_t)(lit->len - lit->pin + lit->before);
	lit->unused = (had < 8 ? 8 - had : 0) & 7;
	lit->want = ab_pin_load8(text + lit->pin - lit->before) & ab_pin_first_bytes(had);
	lit->fold = lit->exact ? 0 : letters8(lit->want);
	lit->whole = lit->before == lit->pin && lit->len <= 8;
	lit->next = chain->first;
	chain->first = (uint32_t)l->n;
	chain->before |= lit->pin ? side_of(lit, text, lit->pin - 1u) : 0xff;
	chain->behind |= side_of(lit, text, lit->pin + (three ? 3u : 4u));
	l->filter[ab_pin_word(four)] |= 0x80000000u >> ab_pin_bit(four, three);
}

static int grow(struct ab_literals *l, size_t len, struct ab_err *err)
{
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 1024;
		struct ab_literal *literals = realloc(l->literals, capacity * sizeof(*literals));

		if (!literals)
			return ab_err_memory(err);
		l->literals = literals;
		l->capacity = capacity;
	}
	if (l->texts_capacity - l->texts_len < len + 8) {
		size_t capacity = l->texts_capacity ? l->texts_capacity * 2 : 16384;
		char *texts = realloc(l->texts, capacity);

		if (!texts)
			return ab_err_memory(err);
		l->texts = texts;
		l->texts_capacity = capacity;
	}
	return 0;
}

int ab_literals_add(struct ab_literals *l, const char *text, size_t len, bool exact, uint32_t tag,
		    struct ab_err *err)
{
	char *own;

	if (len < AB_LITERAL_MIN || len > AB_LITERAL_MAX)
		return ab_err_usage(err, "a literal has %d to %d bytes", AB_LITERAL_MIN,
				    AB_LITERAL_MAX);
	if (grow(l, len, err) < 0)
		return -1;
	own = l->texts + l->texts_len;
	for (size_t i = 0; i < len; i++)
		own[i] = exact ? text[i] : (char)fold((unsigned char)text[i]);
	memset(own + len, 0, 8);
	l->literals[l->n++] = (struct ab_literal){ .text = (uint32_t)l->texts_len,
						.len = (uint8_t)len,
						.pin = choose_pin(own, len),
						.exact = exact,
						.tag = tag };
	l->texts_len += len;
	enter(l);
	return 0;
}
