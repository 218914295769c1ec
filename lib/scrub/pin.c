/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/pin.h"

#include <stdlib.h>

#include "lib/scrub/literal_weight.inc"
#include "lib/scrub/vector.h"

#define WEIGHT_BITS 16
#define SHARED	    2 /* of a weight */

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
	free(l->added);
	free(l->tried);
	free(l->follows);
	if (!l->lent) {
		free(l->literals);
		free(l->marks);
		free(l->texts);
	}
	free(l);
}

size_t ab_literals_count(const struct ab_literals *l)
{
	return l->n;
}

bool ab_literals_refused(struct ab_literals *l, uint32_t entry)
{
	if (!l->tried && !(l->tried = calloc(l->n, sizeof(*l->tried))))
		return false; /* it does without */
	return l->tried[entry] < AB_LITERAL_TRIED && ++l->tried[entry] == AB_LITERAL_TRIED;
}

void ab_literals_narrow(struct ab_literals *l, uint32_t entry, const struct ab_follow *follow)
{
	l->tried[entry] = AB_LITERAL_PLAIN;
	if (!follow || l->n_follows == AB_LITERAL_FOLLOWS)
		return;
	if (l->n_follows == l->follows_capacity) {
		size_t capacity = l->follows_capacity ? 2 * l->follows_capacity : 64;
		struct ab_follow *follows = realloc(l->follows, capacity * sizeof(*follows));

		if (!follows)
			return;
		l->follows = follows;
		l->follows_capacity = capacity;
	}
	l->follows[l->n_follows] = *follow;
	l->tried[entry] = (uint16_t)(AB_LITERAL_TRIED + 1 + l->n_follows++);
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
	char shared = (char)(three_weights[ab_pin_word(four)] - 5);

	return own > shared ? own : shared;
}

/* Whether the filter lets four bytes through already. */
static inline bool is_let(const struct ab_literals *l, const char *text)
{
	uint32_t four = ab_pin_load4(text);

	return l->filter[ab_pin_word(four)] << ab_pin_bit(four, false) >> 31;
}

/* The rarest four bytes; those of another literal, or what the filter takes for them, cost but a longer chain. */
static uint8_t choose_pin(const struct ab_literals *l, const char *text, size_t len)
{
	uint8_t pin = 0;
	char best = 0;

	for (size_t i = 0; i + AB_PIN <= len; i++) {
		char weight = weight_of(text + i);

		if (i && weight - SHARED >= best) /* whatever the filter says */
			continue;
		weight = (char)(weight - (is_let(l, text + i) ? SHARED : 0));
		if (i && weight >= best)
			continue;
		best = weight;
		pin = (uint8_t)i;
	}
	return pin;
}

/* The classes that a byte beside the pin may have: any where the literal has none there. */
static uint8_t side_of(const struct ab_literal_added *lit, const char *text, size_t at)
{
	return at < lit->len ? (uint8_t)(1u << ab_pin_class((unsigned char)text[at])) : 0xff;
}

/* Enters the newest literal under its pin. */
static void enter(struct ab_literals *l)
{
	struct ab_literal_added *lit = &l->added[l->n - 1];
	const char *text = l->texts + lit->text;
	bool three = lit->len < AB_PIN;
	uint32_t four = ab_pin_load4(text + lit->pin), pin = ab_pin_of(four, three), at = ab_pin_chain(pin, three);
	struct ab_literal_gate *gate = &l->gates[at];

	lit->next = l->firsts[at];
	l->firsts[at] = (uint32_t)l->n;
	gate->pins |= (uint16_t)(1u << ab_pin_own(pin));
	gate->before |= lit->pin ? side_of(lit, text, lit->pin - 1u) : 0xff;
	gate->behind |= side_of(lit, text, lit->pin + (three ? 3u : 4u));
	l->filter[ab_pin_word(four)] |= 0x80000000u >> ab_pin_bit(four, three);
}

int ab_literals_reserve(struct ab_literals *l, size_t n, size_t bytes, struct ab_err *err)
{
	struct ab_literal_added *added = realloc(l->added, n * sizeof(*added));
	char *texts;

	if (!added)
		return ab_err_memory(err);
	l->added = added;
	l->capacity = n;
	texts = realloc(l->texts, bytes);
	if (!texts)
		return ab_err_memory(err);
	l->texts = texts;
	l->texts_capacity = bytes;
	return 0;
}

static int grow(struct ab_literals *l, size_t len, struct ab_err *err)
{
	size_t n = l->capacity, bytes = l->texts_capacity;

	if (l->n == n)
		n = n ? n * 2 : 1024;
	if (bytes - l->texts_len < len + 8)
		bytes = bytes ? bytes * 2 : 16384;
	return n == l->capacity && bytes == l->texts_capacity ? 0 : ab_literals_reserve(l, n, bytes, err);
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
	l->added[l->n++] = (struct ab_literal_added){ .text = (uint32_t)l->texts_len,
						.len = (uint8_t)len,
						.pin = choose_pin(l, own, len),
						.exact = exact,
						.tag = tag };
	l->texts_len += len;
	enter(l);
	return 0;
}

/* Bytes on each side of the pin; where the literal has none, any may stand there. */
static ab_literal_mark mark(const struct ab_literal_added *lit, const char *text)
{
	size_t width = lit->len < AB_PIN ? AB_LITERAL_MIN : AB_PIN, rest = lit->len - lit->pin - width;
	size_t before = lit->pin < AB_PIN_BEFORE ? lit->pin : AB_PIN_BEFORE;
	size_t behind = rest < AB_PIN_BEHIND ? rest : AB_PIN_BEHIND;
	uint32_t first = ab_pin_load4(text + lit->pin - before), pin = ab_pin_load4(text + lit->pin);
	uint32_t last = ab_pin_load4(text + lit->pin + width);
	ab_literal_mark all = ab_pin_beside((uint32_t)((uint64_t)first << 8 * (AB_PIN_BEFORE - before)),
					    ab_pin_of(pin, width < AB_PIN), last);
	ab_literal_mark none = ab_pin_first_bytes(AB_PIN_BEFORE - before) |
			       (ab_pin_first_bytes(AB_PIN_BEHIND - behind) << 8 * (AB_PIN_BEFORE + behind));

	return (all & ~none & ~AB_PIN_MORE) | (lit->next ? AB_PIN_MORE : 0);
}

static struct ab_literal make(const struct ab_literal_added *from, const char *text)
{
	size_t last = from->len > 8 ? from->len - 8u : 0;
	size_t at = from->len - from->pin > from->pin + AB_PIN ? last : 0; /* there is more of it behind the pin: its end */
	uint64_t want = ab_pin_load8(text + at) & ab_pin_first_bytes(from->len - at);

	return (struct ab_literal){ .want = want,
				    .fold = from->exact ? 0 : letters8(want),
				    .text = from->text,
				    .tag = from->tag,
				    .len = from->len,
				    .pin = from->pin,
				    .eight = (int8_t)((int)at - from->pin),
				    .unused = from->len - at < 8 ? (uint8_t)(8 - (from->len - at)) : 0,
				    .exact = from->exact,
				    .whole = from->len <= 8 };
}

#define AHEAD 8 /* chains whose literals are asked for before they are made: each stands somewhere else */

/* Asks for what a chain's first literal is made from, or for that literal. */
static inline void ask(const struct ab_literals *l, uint32_t e, bool text)
{
	const struct ab_literal_added *first = l->added + e - (e != 0);

	if (e)
		__builtin_prefetch(text ? (const void *)(l->texts + first->text) : first);
}

/* Makes the literals of all chains, behind each other. */
static void make_chains(struct ab_literals *l)
{
	size_t at = 0;

	for (size_t i = 0; i < AB_PIN_CHAINS; i++) {
		uint32_t e = l->firsts[i];

		if (i + AHEAD < AB_PIN_CHAINS) {
			ask(l, l->firsts[i + AHEAD], false);
			ask(l, l->firsts[i + AHEAD / 2], true);
		}
		if (e)
			l->firsts[i] = (uint32_t)at + 1;
		for (; e; e = l->added[e - 1].next, at++) {
			const struct ab_literal_added *from = &l->added[e - 1];

			l->literals[at] = make(from, l->texts + from->text);
			l->marks[at] = mark(from, l->texts + from->text);
		}
	}
}

int ab_literals_settle(struct ab_literals *l, struct ab_err *err)
{
	l->literals = malloc((l->n + 1) * sizeof(*l->literals));
	l->marks = calloc(l->n + AB_PIN_MARKS, sizeof(*l->marks));
	if (!l->literals || !l->marks)
		return ab_err_memory(err);
	make_chains(l);
	free(l->added);
	l->added = NULL;
	l->capacity = 0;
	return 0;
}
