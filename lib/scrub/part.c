/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/part.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MIN 3  /* shorter words are everywhere */
#define RUN_MIN	 12 /* so are shorter runs */
#define FEW	 3  /* members of a class that is spelled out */
#define REPEATED 8  /* times that something fixed is spelled out */

void ab_part_clear(struct ab_part *part, bool exact)
{
	part->exact = exact;
	part->single = false;
	part->n = 0;
	part->run.n = 1;
	part->run.text[0] = 0;
	part->run.len[0] = 0;
}

void ab_part_copy_words(struct ab_part_words *to, const struct ab_part_words *from)
{
	to->n = from->n;
	memcpy(to->text, from->text, from->n * sizeof(from->text[0]));
	memcpy(to->len, from->len, from->n * sizeof(from->len[0]));
}

static size_t shortest(const struct ab_part_words *w)
{
	size_t min = AB_FACTOR_WORD;

	for (size_t i = 0; i < w->n; i++)
		min = w->len[i] < min ? w->len[i] : min;
	return min;
}

/* How rare it is likely to be: long words, few of them, or a long run. */
static size_t worth(const struct ab_factor *f)
{
	size_t min = AB_FACTOR_WORD;

	if (f->run)
		return f->run < 32 ? f->run : 32;
	for (size_t i = 0; i < f->n; i++)
		min = f->len[i] < min ? f->len[i] : min;
	return 6 * min - f->n / 4;
}

struct ab_factor *ab_part_new_factor(struct ab_part_reader *r)
{
	if (r->n == r->capacity) {
		size_t capacity = r->capacity ? r->capacity * 2 : 32;
		struct ab_factor *factors =
			capacity < UINT16_MAX
				? realloc(r->factors, capacity * sizeof(*factors))
				: NULL;

		if (!factors) {
			r->failed = r->no_memory = true;
			return NULL;
		}
		r->factors = factors;
		r->capacity = capacity;
	}
	r->factors[r->n] = (struct ab_factor){ .caseless = r->caseless };
	return &r->factors[r->n++];
}

void ab_part_keep(const struct ab_part_reader *r, struct ab_part *part, size_t factor)
{
	size_t at = part->n;

	while (at && worth(&r->factors[part->factors[at - 1]]) < worth(&r->factors[factor]))
		at--;
	if (at == AB_FACTORS)
		return;
	part->n += part->n < AB_FACTORS;
	for (size_t i = part->n - 1; i > at; i--)
		part->factors[i] = part->factors[i - 1];
	part->factors[at] = (uint16_t)factor;
}

void ab_part_flush(struct ab_part_reader *r, struct ab_part *part)
{
	const struct ab_part_words *run = &part->run;

	part->exact = part->single = false;
	if (run->n && shortest(run) >= WORD_MIN) {
		struct ab_factor *f = ab_part_new_factor(r);

		if (!f)
			return;
		f->n = run->n;
		memcpy(f->text, run->text, run->n * sizeof(f->text[0]));
		memcpy(f->len, run->len, run->n * sizeof(f->len[0]));
		ab_part_keep(r, part, r->n - 1);
	}
	part->run.n = 1;
	part->run.text[0] = 0;
	part->run.len[0] = 0;
}

/* Puts each word of b behind each of a; false: too many, or too long. */
static bool multiply(struct ab_part_words *a, const struct ab_part_words *b)
{
	size_t n = a->n;

	if (n * b->n > AB_FACTOR_WORDS)
		return false;
	for (size_t x = 0; x < n; x++)
		for (size_t y = 0; y < b->n; y++)
			if (a->len[x] + b->len[y] > AB_FACTOR_WORD)
				return false;
	/* From the last one on: the words of b behind the first word of a take its place. */
	for (size_t y = b->n; y-- > 0;) {
		for (size_t x = 0; x < n; x++) {
			size_t to = y * n + x;

			a->text[to] = a->text[x] | (a->len[x] < AB_FACTOR_WORD
							    ? b->text[y] << 8 * a->len[x]
							    : 0);
			a->len[to] = (uint8_t)(a->len[x] + b->len[y]);
		}
	}
	a->n = n * b->n;
	return true;
}

void ab_part_append(struct ab_part_reader *r, struct ab_part *all, const struct ab_part *part)
{
	for (size_t i = 0; i < part->n; i++)
		ab_part_keep(r, all, part->factors[i]);
	if (part->exact && multiply(&all->run, &part->run))
		return;
	ab_part_flush(r, all);
	ab_part_copy_words(&all->run, &part->run); /* what is exact, or how the part ends */
}

void ab_part_append_byte(struct ab_part_reader *r, struct ab_part *all, unsigned char c)
{
	struct ab_part_words *run = &all->run;
	uint64_t byte = r->caseless && c >= 'A' && c <= 'Z' ? c | 0x20u : c;
	size_t longest = 0;

	for (size_t i = 0; i < run->n; i++)
		longest = run->len[i] > longest ? run->len[i] : longest;
	if (longest == AB_FACTOR_WORD) {
		ab_part_flush(r, all);
		longest = 0;
	}
	for (size_t i = 0; i < run->n; i++)
		run->text[i] |= byte << 8 * run->len[i]++;
}

bool ab_part_add_words(struct ab_part_words *a, const struct ab_part_words *b)
{
	if (a->n + b->n > AB_FACTOR_WORDS)
		return false;
	memcpy(a->text + a->n, b->text, b->n * sizeof(b->text[0]));
	memcpy(a->len + a->n, b->len, b->n * sizeof(b->len[0]));
	a->n += b->n;
	return true;
}

bool ab_factor_unite(struct ab_factor *a, const struct ab_factor *b)
{
	if (!a->run != !b->run || (!a->run && a->n + b->n > AB_FACTOR_WORDS))
		return false;
	for (size_t i = 0; a->run && i < 8; i++)
		a->class[i] |= b->class[i];
	a->run = b->run < a->run ? b->run : a->run;
	if (a->run)
		return true;
	memcpy(a->text + a->n, b->text, b->n * sizeof(b->text[0]));
	memcpy(a->len + a->n, b->len, b->n * sizeof(b->len[0]));
	a->n += b->n;
	return true;
}

void ab_part_spell(const struct ab_part_reader *r, struct ab_part *part, const ab_atom_set set)
{
	struct ab_part_words *run = &part->run;

	part->single = true;
	memcpy(part->class, set, sizeof(part->class));
	run->n = 0;
	for (size_t i = 0; i < 8; i++) {
		for (uint32_t bits = set[i]; bits; bits &= bits - 1) {
			unsigned c = (unsigned)(32 * i) + (unsigned)__builtin_ctz(bits);

			if (r->caseless && c >= 'A' && c <= 'Z')
				continue;
			if (run->n == FEW) {
				ab_part_clear(part, false);
				part->single = true;
				return;
			}
			run->text[run->n] = c;
			run->len[run->n++] = 1;
		}
	}
	part->exact = true; /* of no words, if nothing matches */
}

/* A run of one class's bytes. */
static void repeat_single(struct ab_part_reader *r, struct ab_part *part, size_t min)
{
	struct ab_factor *f = min >= RUN_MIN ? ab_part_new_factor(r) : NULL;

	if (!f)
		return;
	f->run = min;
	memcpy(f->class, part->class, sizeof(f->class));
	ab_part_keep(r, part, r->n - 1);
}

/* The part a few times over; false: too many words. */
static bool spell_again(struct ab_part *part, size_t times)
{
	struct ab_part_words once;

	ab_part_copy_words(&once, &part->run);
	for (size_t i = 1; i < times; i++)
		if (!multiply(&part->run, &once)) {
			ab_part_copy_words(&part->run, &once);
			return false;
		}
	part->single = false;
	return true;
}

void ab_part_repeat(struct ab_part_reader *r, struct ab_part *part, size_t min, size_t max)
{
	static const struct ab_part_words empty = { .n = 1 };

	if (min == 1 && max == 1)
		return;
	if (min == 0) {
		if (max != 1 || !part->exact || !ab_part_add_words(&part->run, &empty))
			ab_part_clear(part, false);
		part->single = false;
		return;
	}
	if (min == max && min <= REPEATED && part->exact && spell_again(part, min))
		return;
	if (part->single)
		repeat_single(r, part, min);
	ab_part_flush(r, part);
}
