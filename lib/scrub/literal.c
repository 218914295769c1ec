/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/literal.h"

#include <string.h>

#define PIN   4
#define SLOTS (1u << AB_LITERAL_BITS)
#define FOLD  0x20202020u

struct literal {
	char text[AB_LITERAL_MAX]; /* folded unless exact */
	uint8_t len, pin;	   /* pin: offset of the four bytes that are hashed */
	bool exact;
	uint32_t tag;
};

/* An entry of a slot's chain; literals of three bytes have one for every fourth byte. */
struct entry {
	uint32_t literal, next; /* next: index + 1, 0 ends */
};

struct ab_literals {
	uint64_t bitmap[SLOTS / 64];
	uint32_t head[SLOTS]; /* index + 1 */
	struct literal *literals;
	struct entry *entries;
	size_t n, n_entries, entry_capacity, capacity;
};

struct ab_literals *ab_literals_new(void)
{
	return calloc(1, sizeof(struct ab_literals));
}

void ab_literals_free(struct ab_literals *l)
{
	if (!l)
		return;
	free(l->literals);
	free(l->entries);
	free(l);
}

size_t ab_literals_count(const struct ab_literals *l)
{
	return l->n;
}

static inline uint32_t slot_of(uint32_t four)
{
	return ((four | FOLD) * 0x9e3779b1u) >> (32 - AB_LITERAL_BITS);
}

static inline uint32_t load4(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* How common a byte is in text and code, roughly: the rarest pin costs the fewest comparisons. */
static unsigned commonness(unsigned char c)
{
	static const char order[] = "zqxjkvbywgpf-_.mucdlhr/snioate ";
	const char *p = strchr(order, fold(c));

	return c && p ? (unsigned)(p - order) + 4 : 2;
}

static uint8_t choose_pin(const char *text, size_t len)
{
	unsigned best = 0;
	uint8_t pin = 0;

	for (size_t i = 0; i + PIN <= len; i++) {
		unsigned score = 0;

		for (size_t j = 0; j < PIN; j++)
			score += commonness((unsigned char)text[i + j]);
		if (i == 0 || score < best) {
			best = score;
			pin = (uint8_t)i;
		}
	}
	return pin;
}

static int add_entry(struct ab_literals *l, uint32_t four, struct ab_err *err)
{
	uint32_t slot = slot_of(four);

	if (l->n_entries == l->entry_capacity) {
		size_t capacity = l->entry_capacity ? l->entry_capacity * 2 : 1024;
		struct entry *entries = realloc(l->entries, capacity * sizeof(*entries));

		if (!entries)
			return ab_err_memory(err);
		l->entries = entries;
		l->entry_capacity = capacity;
	}
	/* Two fourth bytes that fold to one slot would report the literal twice. */
	for (uint32_t e = l->head[slot]; e; e = l->entries[e - 1].next)
		if (l->entries[e - 1].literal == l->n - 1)
			return 0;
	l->entries[l->n_entries] = (struct entry){ (uint32_t)l->n - 1, l->head[slot] };
	l->head[slot] = (uint32_t)++l->n_entries;
	l->bitmap[slot / 64] |= (uint64_t)1 << (slot % 64);
	return 0;
}

/* Enters the newest literal under its pin. */
static int enter(struct ab_literals *l, struct ab_err *err)
{
	const struct literal *lit = &l->literals[l->n - 1];
	unsigned char four[PIN];

	memcpy(four, lit->text + lit->pin, lit->len < PIN ? lit->len : PIN);
	if (lit->len >= PIN)
		return add_entry(l, load4(four), err);
	for (unsigned c = 0; c < 256; c++) {
		four[PIN - 1] = (unsigned char)c;
		if (add_entry(l, load4(four), err) < 0)
			return -1;
	}
	return 0;
}

int ab_literals_add(struct ab_literals *l, const char *text, size_t len, bool exact, uint32_t tag,
		    struct ab_err *err)
{
	struct literal *lit;

	if (len < AB_LITERAL_MIN || len > AB_LITERAL_MAX)
		return ab_err_usage(err, "a literal has %d to %d bytes", AB_LITERAL_MIN,
				    AB_LITERAL_MAX);
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 512;
		struct literal *literals = realloc(l->literals, capacity * sizeof(*literals));

		if (!literals)
			return ab_err_memory(err);
		l->literals = literals;
		l->capacity = capacity;
	}
	lit = &l->literals[l->n++];
	*lit = (struct literal){
		.len = (uint8_t)len, .pin = choose_pin(text, len), .exact = exact, .tag = tag
	};
	for (size_t i = 0; i < len; i++)
		lit->text[i] = exact ? text[i] : (char)fold((unsigned char)text[i]);
	return enter(l, err);
}

static bool is_here(const struct literal *lit, const unsigned char *p)
{
	if (lit->exact)
		return memcmp(lit->text, p, lit->len) == 0;
	for (size_t i = 0; i < lit->len; i++)
		if ((unsigned char)lit->text[i] != fold(p[i]))
			return false;
	return true;
}

/* Adds the literals whose pin stands at `at`; false: no room, nothing added. */
static bool collect(const struct ab_literals *l, const unsigned char *text, size_t size, size_t at,
		    struct ab_literal_hit *hits, size_t *n, size_t max)
{
	size_t before = *n;

	for (uint32_t e = l->head[slot_of(load4(text + at))]; e; e = l->entries[e - 1].next) {
		const struct literal *lit = &l->literals[l->entries[e - 1].literal];

		if (lit->pin > at || at - lit->pin + lit->len > size)
			continue;
		if (!is_here(lit, text + at - lit->pin))
			continue;
		if (*n == max) {
			*n = before;
			return false;
		}
		hits[(*n)++] = (struct ab_literal_hit){ at - lit->pin, lit->len, lit->tag };
	}
	return true;
}

static inline bool maybe(const struct ab_literals *l, const unsigned char *p)
{
	uint32_t slot = slot_of(load4(p));

	return l->bitmap[slot / 64] >> (slot % 64) & 1;
}

size_t ab_literals_scan(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t end, size_t *at, struct ab_literal_hit *hits, size_t max)
{
	size_t i = *at, n = 0;

	while (i < end) {
		/* Four positions a turn: most of them are nothing. */
		if (i + 4 <= end && !(maybe(l, text + i) | maybe(l, text + i + 1) |
				      maybe(l, text + i + 2) | maybe(l, text + i + 3))) {
			i += 4;
			continue;
		}
		if (maybe(l, text + i) && !collect(l, text, size, i, hits, &n, max))
			break;
		i++;
	}
	*at = i;
	return n;
}
