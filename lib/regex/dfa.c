/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deterministic automaton. A state is a set of the other automaton's states, as they are before
 * what needs no byte has been followed (that depends on the next byte, for boundaries and the end),
 * and whether the byte before was a word's. States and their transitions are made when a text first
 * needs them; when they take too much memory, all are forgotten.
 */
#include <string.h>

#include "lib/regex/linear.h"

#define MEMORY	   (1u << 20) /* of sets and transitions */
#define MAX_STATES 4000u

#define FEW_STATES 16u /* that there is room for at first: most texts need no more */
#define BUCKETS	   256u

enum { UNKNOWN, DEAD, MATCH, FIRST }; /* targets; FIRST: the first real state */

struct state {
	uint32_t at, n; /* its set, in ->sets */
	uint32_t hash;
	uint32_t chain; /* the next state of its bucket, 0: none */
	bool start, word;
};

struct ab_dfa {
	const struct ab_nfa *nfa;
	unsigned char class_of[256];
	unsigned classes; /* the end of the text is one more */
	unsigned stride;  /* what that makes */
	struct state *states;
	uint32_t n_states, room;
	uint32_t buckets[BUCKETS]; /* states by hash */
	uint32_t *next;		   /* by state and class: a state times the stride, or a target */
	uint32_t *sets, n_sets, sets_room, max_sets;
	uint32_t *stack, *marks, round; /* of one closure */
	uint32_t *fresh, n_fresh;	/* the set being made */
	uint32_t initial;
};

static bool is_word(unsigned c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

/* Bytes that no state tells apart are one class. */
static void classify(struct ab_dfa *d)
{
	bool begins[257] = { false };
	unsigned class = 0;

	for (uint32_t i = 0; i < d->nfa->n; i++) {
		const struct ab_nfa_state *s = &d->nfa->states[i];

		if (s->op == AB_NFA_BYTE)
			begins[s->first] = begins[s->last + 1] = true;
	}
	for (unsigned c = 1; d->nfa->words && c < 256; c++)
		begins[c] = begins[c] || is_word(c) != is_word(c - 1);
	for (unsigned c = 0; c < 256; c++) {
		class += c && begins[c];
		d->class_of[c] = (unsigned char)class;
	}
	d->classes = class + 1;
}

static void forget(struct ab_dfa *d)
{
	d->n_states = FIRST;
	d->n_sets = 0;
	d->initial = 0;
	memset(d->buckets, 0, sizeof(d->buckets));
}

/* Room for so many states and numbers in sets; false: no memory. */
static bool make_room(struct ab_dfa *d, uint32_t states, uint32_t sets)
{
	struct state *s = realloc(d->states, states * sizeof(*s));
	uint32_t *next, *numbers;

	d->states = s ? s : d->states;
	next = realloc(d->next, (size_t)states * d->stride * sizeof(*next));
	d->next = next ? next : d->next;
	numbers = realloc(d->sets, sets * sizeof(*numbers));
	d->sets = numbers ? numbers : d->sets;
	if (!s || !next || !numbers)
		return false;
	d->room = states;
	d->sets_room = sets;
	return true;
}

/* Room for one state more, of n numbers. False: it is full, or there is no memory. */
static bool has_room(struct ab_dfa *d, uint32_t n)
{
	uint32_t states = d->room, sets = d->sets_room;

	if (d->n_states == states)
		states = 2 * states > MAX_STATES ? MAX_STATES : 2 * states;
	while (sets - d->n_sets < n && sets < d->max_sets)
		sets = 2 * sets > d->max_sets ? d->max_sets : 2 * sets;
	if (d->n_states == states || sets - d->n_sets < n)
		return false;
	return (states == d->room && sets == d->sets_room) || make_room(d, states, sets);
}

struct ab_dfa *ab_dfa_new(const struct ab_nfa *nfa)
{
	struct ab_dfa *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->nfa = nfa;
	classify(d);
	d->stride = d->classes + 1;
	d->max_sets = MEMORY / sizeof(*d->sets);
	if (d->max_sets < 4 * nfa->n)
		d->max_sets = 4 * nfa->n;
	d->stack = calloc(2 * (size_t)nfa->n + 2, sizeof(*d->stack));
	d->marks = calloc(nfa->n, sizeof(*d->marks));
	d->fresh = calloc(nfa->n + 1, sizeof(*d->fresh));
	if (!make_room(d, FEW_STATES, 4 * nfa->n) || !d->stack || !d->marks || !d->fresh) {
		ab_dfa_free(d);
		return NULL;
	}
	forget(d);
	return d;
}

void ab_dfa_free(struct ab_dfa *d)
{
	if (!d)
		return;
	free(d->states);
	free(d->next);
	free(d->sets);
	free(d->stack);
	free(d->marks);
	free(d->fresh);
	free(d);
}

static uint32_t hash_set(const struct ab_dfa *d)
{
	uint32_t h = d->n_fresh;

	for (uint32_t i = 0; i < d->n_fresh; i++)
		h = (h ^ d->fresh[i]) * 0x9e3779b1u;
	return h;
}

/* The state of the set in ->fresh, made if it is new; 0 when there is no room. */
static uint32_t intern(struct ab_dfa *d, bool start, bool word)
{
	uint32_t hash = hash_set(d), *bucket = &d->buckets[hash >> 16 & (BUCKETS - 1)];
	struct state *s;

	for (uint32_t i = *bucket; i; i = s->chain) {
		s = &d->states[i];
		if (s->hash == hash && s->n == d->n_fresh && s->start == start && s->word == word &&
		    memcmp(d->sets + s->at, d->fresh, s->n * sizeof(*d->fresh)) == 0)
			return i;
	}
	if (!has_room(d, d->n_fresh))
		return 0;
	s = &d->states[d->n_states];
	*s = (struct state){ d->n_sets, d->n_fresh, hash, *bucket, start, word };
	*bucket = d->n_states;
	if (d->n_fresh)
		memcpy(d->sets + d->n_sets, d->fresh, d->n_fresh * sizeof(*d->fresh));
	d->n_sets += d->n_fresh;
	memset(d->next + (size_t)d->n_states * d->stride, 0, d->stride * sizeof(*d->next));
	return d->n_states++;
}

/* What the next byte is to a state that is left: a class, and `byte` as one of it (-1: the end). */
struct step {
	bool start, boundary, end;
	int byte;
};

static bool passes(const struct ab_nfa_state *s, const struct step *step)
{
	switch (s->op) {
	case AB_NFA_START:
		return step->start;
	case AB_NFA_END:
		return step->end;
	case AB_NFA_BOUNDARY:
		return step->boundary;
	default:
		return !step->boundary;
	}
}

static void push(struct ab_dfa *d, uint32_t *depth, uint32_t state)
{
	if (d->marks[state] == d->round)
		return;
	d->marks[state] = d->round;
	d->stack[(*depth)++] = state;
}

/* Follows all that needs no byte, then the byte; whether a match was met. */
static bool walk(struct ab_dfa *d, const struct state *from, const struct step *step)
{
	uint32_t depth = 0;

	d->round++;
	d->n_fresh = 0;
	for (uint32_t i = 0; i < from->n; i++)
		push(d, &depth, d->sets[from->at + i]);
	while (depth) {
		const struct ab_nfa_state *s = &d->nfa->states[d->stack[--depth]];

		if (s->op == AB_NFA_MATCH)
			return true;
		if (s->op == AB_NFA_FAIL)
			continue;
		if (s->op == AB_NFA_BYTE) {
			if (step->byte >= s->first && step->byte <= s->last)
				d->fresh[d->n_fresh++] = s->a;
			continue;
		}
		if (s->op == AB_NFA_SPLIT) {
			push(d, &depth, s->a);
			push(d, &depth, s->b);
		} else if (passes(s, step)) {
			push(d, &depth, s->a);
		}
	}
	return false;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Orders ->fresh, without doubles, and adds the start where a match may begin anywhere. */
static void finish_set(struct ab_dfa *d)
{
	uint32_t n = 0;

	if (!d->nfa->anchored)
		d->fresh[d->n_fresh++] = d->nfa->start;
	qsort(d->fresh, d->n_fresh, sizeof(*d->fresh), by_number);
	for (uint32_t i = 0; i < d->n_fresh; i++)
		if (!i || d->fresh[i] != d->fresh[i - 1])
			d->fresh[n++] = d->fresh[i];
	d->n_fresh = n;
}

/* Where a state goes with a byte (-1: the end), not yet kept; a state is times the stride. */
static uint32_t find_step(struct ab_dfa *d, const struct state *from, int byte)
{
	bool word = d->nfa->words && byte >= 0 && is_word((unsigned)byte);
	struct step step = { from->start, from->word != word, byte < 0, byte };

	if (walk(d, from, &step))
		return MATCH;
	if (byte < 0 || (!d->n_fresh && d->nfa->anchored))
		return DEAD;
	finish_set(d);
	return intern(d, false, word) * d->stride;
}

/* The same, kept. A new state may make all others forgotten, then the transition is not. */
static uint32_t make_step(struct ab_dfa *d, uint32_t at, unsigned class, int byte)
{
	const struct state from = d->states[at / d->stride];
	uint32_t to = find_step(d, &from, byte);

	if (to)
		return d->next[at + class] = to;
	forget(d);
	return intern(d, false, d->nfa->words && byte >= 0 && is_word((unsigned)byte)) * d->stride;
}

static uint32_t begin(struct ab_dfa *d)
{
	if (!d->initial) {
		d->fresh[0] = d->nfa->start;
		d->n_fresh = 1;
		d->initial = intern(d, true, false);
	}
	return d->initial * d->stride;
}

/* Goes on for as long as the states are known and nothing is decided: to where that ends. */
static inline const unsigned char *follow(const struct ab_dfa *d, const unsigned char *p,
					  const unsigned char *end, uint32_t *state)
{
	const unsigned char *class_of = d->class_of;
	const uint32_t *next = d->next;
	uint32_t at = *state;

	for (; p < end; p++) {
		uint32_t to = next[at + class_of[*p]];

		if (to < FIRST)
			break;
		at = to;
	}
	*state = at;
	return p;
}

enum ab_regex_verdict ab_dfa_search(struct ab_dfa *d, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	uint32_t state = begin(d);

	if (!state) {
		forget(d);
		state = begin(d);
	}
	while ((p = follow(d, p, end, &state)) < end) {
		uint32_t to = d->next[state + d->class_of[*p]];

		if (to == UNKNOWN)
			to = make_step(d, state, d->class_of[*p], *p);
		if (to < FIRST)
			return to == MATCH  ? AB_REGEX_YES
			       : to == DEAD ? AB_REGEX_NO
					    : AB_REGEX_UNDECIDED;
		state = to;
		p++;
	}
	if (!d->next[state + d->classes])
		(void)make_step(d, state, d->classes, -1);
	return d->next[state + d->classes] == MATCH ? AB_REGEX_YES : AB_REGEX_NO;
}
