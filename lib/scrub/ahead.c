/* SPDX-License-Identifier: Apache-2.0 */
/* What a shape has at the first three places from a step on, by the lower five bits of each byte. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/scrub/follow.h"
#include "lib/scrub/step.h"

#define NEAR 64	 /* steps that are looked at from a branch: with more of them anything may stand there */
#define FAR  512 /* and from the entry */

static bool is_byte(const struct ab_step *s)
{
	return s->op == AB_OP_BYTE || s->op == AB_OP_LAST_BYTE || s->op == AB_OP_BYTE_TO;
}

/* Steps that may be taken at a place. */
struct front {
	uint16_t *steps;
	size_t n, max;
	bool any; /* or what is not told */
};

static void add(const struct ab_shape *shape, struct front *f, uint16_t at)
{
	const struct ab_step *s = ab_step_of(shape->steps, at);

	for (size_t i = 0; i < f->n; i++)
		if (f->steps[i] == at)
			return;
	if (f->n == f->max || s->op == AB_OP_ACCEPT)
		f->any = true;
	if (f->any)
		return;
	f->steps[f->n++] = at;
	if (s->op == AB_OP_FORK) {
		for (size_t i = 0; i < s->max; i++)
			add(shape, f, shape->branches[s->other + i]);
		return;
	}
	if (s->op == AB_OP_SPLIT)
		add(shape, f, s->other);
	if (!is_byte(s) && (s->op != AB_OP_RUN || !s->min))
		add(shape, f, s->next);
}

/* What a step takes; nothing if it takes none. */
static uint32_t taken(const struct ab_shape *shape, uint16_t at)
{
	const struct ab_step *s = ab_step_of(shape->steps, at);
	uint32_t any = 0;

	if (!is_byte(s) && s->op != AB_OP_RUN)
		return 0;
	for (int word = 0; word < 8; word++)
		any |= shape->sets[is_byte(s) ? s->first : s->set][word];
	return any;
}

/* Adds what may be taken behind a step that takes something; `n` bytes of a run at most have been taken then. */
static void go_on(const struct ab_shape *shape, uint16_t at, size_t n, struct front *next)
{
	const struct ab_step *s = ab_step_of(shape->steps, at);

	if (s->op == AB_OP_RUN && s->max > 1)
		add(shape, next, at);
	if (is_byte(s) || s->min <= n)
		add(shape, next, ab_step_next(s, at));
}

/* What may stand at the place of a front. */
static uint32_t seen(const struct ab_shape *shape, const struct front *f)
{
	uint32_t any = f->any ? ~(uint32_t)0 : 0;

	for (size_t i = 0; i < f->n && !f->any; i++)
		any |= taken(shape, f->steps[i]);
	return any;
}

/* By the first byte alone. */
static void sign_first(const struct ab_shape *shape, const struct ab_step *fork)
{
	memset(shape->signs[fork->set][1], 0xff, sizeof(ab_sign) - sizeof(shape->signs[0][0]));
	for (size_t k = 0; k < fork->max; k++) {
		const uint32_t *first = shape->sets[ab_step_of(shape->steps, shape->branches[fork->other + k])->first];
		uint32_t any = 0, bit = (uint32_t)1 << (k < AB_SIGN - 1 ? k : AB_SIGN - 1);

		for (int word = 0; word < 8; word++)
			any |= first[word];
		for (; any; any &= any - 1)
			shape->signs[fork->set][0][__builtin_ctz(any)] |= bit;
	}
}

int ab_shape_sign(struct ab_shape *shape, struct ab_err *err)
{
	if (shape->signs || !shape->n_forks)
		return 0;
	shape->signs = calloc(shape->n_forks, sizeof(*shape->signs));
	if (!shape->signs)
		return ab_err_memory(err);
	shape->size += shape->n_forks * sizeof(*shape->signs);
	for (size_t i = 0; i < shape->n; i += ab_step_units(ab_step_of(shape->steps, i)))
		if (ab_step_of(shape->steps, i)->op == AB_OP_FORK)
			sign_first(shape, ab_step_of(shape->steps, i));
	return 0;
}

static void sign(const struct ab_shape *shape, const struct ab_step *fork, size_t k)
{
	uint32_t bit = (uint32_t)1 << (k < AB_SIGN - 1 ? k : AB_SIGN - 1);
	uint16_t room[2][NEAR];
	struct front here = { .steps = room[0], .max = NEAR };

	add(shape, &here, shape->branches[fork->other + k]);
	for (size_t at = 0; at < AB_SIGN_AHEAD; at++) {
		struct front next = { .steps = room[(at + 1) % 2], .max = NEAR, .any = here.any };
		uint32_t any = seen(shape, &here);

		for (; at && any; any &= any - 1)
			shape->signs[fork->set][at][__builtin_ctz(any)] |= bit;
		for (size_t i = 0; i < here.n && !here.any; i++)
			if (taken(shape, here.steps[i]))
				go_on(shape, here.steps[i], at + 1, &next);
		here = next;
	}
}

/* Each branch of each fork. */
static void sign_all(struct ab_shape *shape)
{
	for (size_t i = 0; i < shape->n; i += ab_step_units(ab_step_of(shape->steps, i))) {
		const struct ab_step *fork = ab_step_of(shape->steps, i);

		if (fork->op != AB_OP_FORK)
			continue;
		memset(shape->signs[fork->set][1], 0, sizeof(ab_sign) - sizeof(shape->signs[0][0]));
		for (size_t k = 0; k < fork->max; k++)
			sign(shape, fork, k);
	}
}

/* What may stand behind a step and one behind that. */
static uint32_t third(const struct ab_shape *shape, uint16_t second)
{
	uint16_t room[NEAR];
	struct front f = { .steps = room, .max = NEAR };

	go_on(shape, second, 2, &f);
	return seen(shape, &f);
}

static void add_trigrams(uint32_t *trigrams, uint32_t first, uint32_t second, uint32_t then)
{
	for (; first; first &= first - 1)
		for (uint32_t any = second; any; any &= any - 1)
			trigrams[__builtin_ctz(first) * AB_SIGN + __builtin_ctz(any)] |= then;
}

/* false: it is not told what a match may begin with. */
static bool write_trigrams(const struct ab_shape *shape, struct front *entry)
{
	add(shape, entry, (uint16_t)shape->entry);
	for (size_t i = 0; i < entry->n && !entry->any; i++) {
		uint32_t first = taken(shape, entry->steps[i]);
		uint16_t room[NEAR];
		struct front behind = { .steps = room, .max = NEAR };

		if (!first)
			continue;
		go_on(shape, entry->steps[i], 1, &behind);
		if (behind.any)
			add_trigrams(shape->trigrams, first, ~(uint32_t)0, ~(uint32_t)0);
		for (size_t k = 0; k < behind.n && !behind.any; k++)
			add_trigrams(shape->trigrams, first, taken(shape, behind.steps[k]),
				     third(shape, behind.steps[k]));
	}
	return !entry->any;
}

int ab_shape_sharpen(struct ab_shape *shape, struct ab_err *err)
{
	ab_autofree uint16_t *room = NULL;
	struct front entry = { .max = FAR };

	if (shape->sharp || !shape->n)
		return 0;
	if (ab_shape_sign(shape, err) < 0)
		return -1;
	room = entry.steps = malloc(FAR * sizeof(*room));
	shape->trigrams = calloc(AB_TRIGRAMS, sizeof(*shape->trigrams));
	if (!room || !shape->trigrams)
		return ab_err_memory(err);
	sign_all(shape);
	if (!write_trigrams(shape, &entry)) {
		free(shape->trigrams);
		shape->trigrams = NULL;
	}
	shape->size += shape->trigrams ? AB_TRIGRAMS * sizeof(*shape->trigrams) : 0;
	shape->sharp = true;
	return 0;
}

/* Whether the step takes the byte, in either case. */
static bool takes(const struct ab_shape *shape, uint16_t at, unsigned char c)
{
	const struct ab_step *s = ab_step_of(shape->steps, at);
	const uint32_t *set = shape->sets[is_byte(s) ? s->first : s->set];

	return (is_byte(s) || s->op == AB_OP_RUN) && (ab_atom_has(set, c) || (isalpha(c) && ab_atom_has(set, c ^ 0x20)));
}

static uint64_t classes_of(const ab_atom_set set)
{
	uint64_t classes = 0;

	for (unsigned word = 0; word < 8; word++)
		for (uint32_t any = set[word]; any; any &= any - 1)
			classes |= (uint64_t)1 << ab_follow_class((unsigned char)(32 * word + (unsigned)__builtin_ctz(any)));
	return classes;
}

/* What the steps of a front take; anything if that is not told. */
static uint64_t classes_at(const struct ab_shape *shape, const struct front *f)
{
	ab_atom_set all = { 0 };

	for (size_t i = 0; i < f->n && !f->any; i++) {
		const struct ab_step *s = ab_step_of(shape->steps, f->steps[i]);

		for (int word = 0; word < 8 && (is_byte(s) || s->op == AB_OP_RUN); word++)
			all[word] |= shape->sets[is_byte(s) ? s->first : s->set][word];
	}
	return f->any ? ~(uint64_t)0 : classes_of(all);
}

/* Steps at a place, and between which places each of them may have been come to. */
struct stand {
	uint16_t steps[FAR], first[FAR], last[FAR];
	struct front front;
};

/* Adds the run that goes on behind the byte at `at`. */
static void stay(const struct ab_shape *shape, const struct stand *here, size_t i, size_t at, struct stand *ret)
{
	struct front *next = &ret->front;
	uint16_t step = here->steps[i];
	size_t k = 0, n = next->n;

	while (k < n && ret->steps[k] != step)
		k++;
	if (k == n) {
		add(shape, next, step);
		for (; n < next->n; n++)
			ret->first[n] = ret->last[n] = (uint16_t)(at + 1);
		ret->last[k] = here->last[i];
	}
	ret->first[k] = here->first[i];
}

/* Adds what may be taken behind the byte at `at`, which is c if it is known. */
static void move(const struct ab_shape *shape, const struct stand *here, size_t at, const unsigned char *c, struct stand *ret)
{
	struct front *next = &ret->front;
	bool takes_it[FAR];

	*next = (struct front){ .steps = ret->steps, .max = NEAR, .any = here->front.any };
	for (size_t i = 0; i < here->front.n && !next->any; i++) {
		const struct ab_step *s = ab_step_of(shape->steps, here->steps[i]);
		size_t k = next->n;

		takes_it[i] = c ? takes(shape, here->steps[i], *c) : taken(shape, here->steps[i]) != 0;
		if (takes_it[i] && (is_byte(s) || s->min <= at + 1 - here->first[i]))
			add(shape, next, ab_step_next(s, here->steps[i]));
		for (; k < next->n; k++)
			ret->first[k] = ret->last[k] = (uint16_t)(at + 1);
	}
	for (size_t i = 0; i < here->front.n && !next->any; i++) {
		const struct ab_step *s = ab_step_of(shape->steps, here->steps[i]);

		if (takes_it[i] && s->op == AB_OP_RUN && s->max > at + 1 - here->last[i])
			stay(shape, here, i, at, ret);
	}
}

bool ab_shape_follow(const struct ab_shape *shape, const unsigned char *text, size_t len, struct ab_follow *ret)
{
	struct stand stands[2], *here = &stands[0], *next = &stands[1];

	if (!shape->n)
		return false;
	ret->before = classes_of(shape->lead.set) | (uint64_t)1 << AB_FOLLOW_NUL;
	here->front = (struct front){ .steps = here->steps, .max = FAR };
	add(shape, &here->front, (uint16_t)shape->entry);
	memset(here->first, 0, sizeof(here->first));
	memset(here->last, 0, sizeof(here->last));
	for (size_t at = 0; at < len + AB_FOLLOW; at++) {
		struct stand *last = here;

		if (at <= len && here->front.any)
			return false;
		if (at >= len)
			ret->behind[at - len] = classes_at(shape, &here->front);
		move(shape, here, at, at < len ? &text[at] : NULL, next);
		here = next;
		next = last;
	}
	return true;
}
