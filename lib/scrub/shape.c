/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/shape.h"

#include <stdlib.h>
#include <string.h>

#include "lib/scrub/image.h"
#include "lib/scrub/step.h"
#include "lib/scrub/syntax.h"

#define MANY	 8000u /* steps of a shape */
#define SPELLED	 96u   /* steps that a group makes which is counted */

/* What a shape is made from, back to front. */
struct maker {
	struct ab_syntax syntax;
	unsigned char *steps;
	size_t n, count, made; /* n: units; made: those that were made again included */
	uint16_t newest;
	uint16_t *branches;
	size_t n_branches, n_forks;
	bool failed;
	bool wide; /* more may be matched than the pattern does */
};

static uint16_t make(struct maker *m, uint16_t node, uint16_t next);

void ab_shape_free(struct ab_shape *shape)
{
	if (!shape)
		return;
	free(shape->steps);
	if (!shape->lent) {
		free(shape->sets);
		free(shape->branches);
	}
	free(shape->signs);
	free(shape->trigrams);
	free(shape);
}

size_t ab_shape_size(const struct ab_shape *shape)
{
	return shape->size;
}

bool ab_shape_any(const struct ab_shape *shape)
{
	return shape->n > 0;
}

static uint16_t new_set(struct maker *m, const ab_atom_set set)
{
	uint16_t number = ab_syntax_set(&m->syntax, set);

	m->failed |= !number;
	return number;
}

static struct ab_step *step_at(const struct maker *m, uint16_t at)
{
	return ab_step_at(m->steps, at);
}

/* Room for a step, 0 if there is none. */
static uint16_t new_room(struct maker *m, size_t units)
{
	if (m->count == MANY || m->made++ == 4 * MANY) {
		m->failed = true;
		return 0;
	}
	m->count++;
	m->newest = (uint16_t)m->n;
	m->n += units;
	return m->newest;
}

/* A new step, which can be taken where the next one can. */
static uint16_t new_step(struct maker *m, enum ab_op op, uint16_t next)
{
	const struct ab_step *from = step_at(m, next);
	uint16_t at = new_room(m, AB_STEP_UNITS);

	if (at)
		*step_at(m, at) = (struct ab_step){
			.op = (uint8_t)op, .next = next, .first = from->first, .empty = from->empty
		};
	return at;
}

static uint16_t make_byte(struct maker *m, uint16_t set, uint16_t next)
{
	bool near = next == m->newest, is_short = ab_step_is_short(step_at(m, next));
	uint16_t at = new_room(m, near ? 1 : AB_STEP_UNITS);
	struct ab_step *step = step_at(m, at);

	if (!at)
		return 0;
	step->op = !near ? AB_OP_BYTE_TO : is_short ? AB_OP_BYTE : AB_OP_LAST_BYTE;
	step->empty = step->firm = false;
	step->first = set;
	if (!near)
		step->next = next;
	return at;
}

/* The union of the two, or what both have; one of them where that is the same. */
static uint16_t join(struct maker *m, uint16_t a, uint16_t b, bool both)
{
	const ab_atom_set *sets = m->syntax.sets;
	ab_atom_set set;

	for (int i = 0; i < 8; i++)
		set[i] = both ? sets[a][i] & sets[b][i] : sets[a][i] | sets[b][i];
	if (a == b || memcmp(set, sets[a], sizeof(set)) == 0)
		return a;
	return memcmp(set, sets[b], sizeof(set)) == 0 ? b : new_set(m, set);
}

static bool have_none_in_common(const struct maker *m, uint16_t a, uint16_t b)
{
	uint32_t common = 0;

	for (int i = 0; i < 8; i++)
		common |= m->syntax.sets[a][i] & m->syntax.sets[b][i];
	return !common;
}

/* Whether the node can match nothing at all. */
static bool can_be_empty(const struct maker *m, uint16_t node)
{
	const struct ab_syntax_node *nodes = m->syntax.nodes, *n = &nodes[node];

	if (n->kind == AB_SYNTAX_SET || n->kind == AB_SYNTAX_TEXT)
		return false;
	if (n->kind == AB_SYNTAX_REPEAT)
		return !n->min || can_be_empty(m, n->last);
	if (n->kind > AB_SYNTAX_REPEAT)
		return true;
	for (uint16_t i = n->last; i; i = nodes[i].before)
		if (can_be_empty(m, i) == (n->kind == AB_SYNTAX_CHOICE))
			return n->kind == AB_SYNTAX_CHOICE;
	return n->kind == AB_SYNTAX_SEQUENCE;
}

/* Adds what the node can begin with. */
static void add_first(const struct maker *m, uint16_t node, ab_atom_set set)
{
	const struct ab_syntax_node *nodes = m->syntax.nodes, *n = &nodes[node];
	uint16_t children[64];
	size_t count = 0;

	if (n->kind == AB_SYNTAX_SET || n->kind == AB_SYNTAX_TEXT) {
		uint16_t first = n->kind == AB_SYNTAX_SET ? n->set : *ab_syntax_text(&m->syntax, n);

		for (int i = 0; i < 8; i++)
			set[i] |= m->syntax.sets[first][i];
		return;
	}
	if (n->kind > AB_SYNTAX_REPEAT)
		return;
	for (uint16_t i = n->last; i; i = nodes[i].before) {
		if (n->kind != AB_SYNTAX_SEQUENCE)
			add_first(m, i, set);
		else if (count < AB_ARRAY_SIZE(children))
			children[count++] = i;
		else
			memset(set, 0xff, sizeof(ab_atom_set)); /* the first of many: any byte */
	}
	while (count) {
		add_first(m, children[--count], set);
		if (!can_be_empty(m, children[count]))
			break;
	}
}

static uint16_t make_split(struct maker *m, uint16_t other, uint16_t next)
{
	uint16_t at = new_step(m, AB_OP_SPLIT, next), first;

	first = join(m, step_at(m, other)->first, step_at(m, next)->first, false);
	step_at(m, at)->other = other;
	step_at(m, at)->first = first;
	step_at(m, at)->empty |= step_at(m, other)->empty;
	return at;
}

/* A choice of many. */
static uint16_t make_fork(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	const struct ab_syntax_node *nodes = m->syntax.nodes;
	ab_atom_set first = { 0 };
	size_t count = 0, begin = m->n_branches, all;
	bool empty = false;
	uint16_t at;

	for (uint16_t i = n->last; i; i = nodes[i].before)
		count++;
	all = count;
	m->n_branches += count;
	m->failed |= m->n_branches > MANY;
	for (uint16_t i = n->last; i && !m->failed; i = nodes[i].before) {
		uint16_t one = make(m, i, next);

		m->branches[begin + --count] = one;
		empty |= step_at(m, one)->empty;
		for (int k = 0; k < 8; k++)
			first[k] |= m->syntax.sets[step_at(m, one)->first][k];
	}
	at = new_step(m, AB_OP_FORK, next);
	step_at(m, at)->other = (uint16_t)begin;
	step_at(m, at)->set = (uint16_t)m->n_forks++;
	step_at(m, at)->max = (uint16_t)all;
	step_at(m, at)->empty = empty;
	step_at(m, at)->first = new_set(m, first);
	return at;
}

/* Each but the last of the choices is split off from the rest. */
static uint16_t make_choice(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	const struct ab_syntax_node *nodes = m->syntax.nodes;
	uint16_t at = 0, second = nodes[n->last].before;

	if (second && nodes[second].before)
		return make_fork(m, n, next);
	for (uint16_t i = n->last; i && !m->failed; i = nodes[i].before) {
		uint16_t one = make(m, i, next);

		at = i == n->last ? one : make_split(m, one, at);
	}
	return at;
}

/* Whether all that the set has are letters, digits and "_": a word does not end between two of them. */
static bool is_of_words(const struct maker *m, uint16_t set)
{
	static const ab_atom_set words = AB_WORDS;
	uint32_t other = 0;

	for (int i = 0; i < 8; i++)
		other |= m->syntax.sets[set][i] & ~words[i];
	return !other;
}

static uint16_t make_run(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	uint16_t set = m->syntax.nodes[n->last].set, at = new_step(m, AB_OP_RUN, next), first = set;
	struct ab_step *step = step_at(m, at);

	step->set = set;
	step->min = n->min;
	step->max = n->max;
	step->firm = have_none_in_common(m, set, step->first) ||
		     (n->min && step_at(m, next)->op == AB_OP_EDGE && is_of_words(m, set));
	if (n->min)
		step->empty = false;
	else
		first = join(m, set, step->first, false);
	step->first = first;
	return at;
}

/* The child again and again, or not at all. */
static uint16_t make_loop(struct maker *m, uint16_t child, uint16_t next)
{
	uint16_t at = new_step(m, AB_OP_SPLIT, next), first;
	ab_atom_set set = { 0 };

	m->failed |= can_be_empty(m, child); /* it would never end */
	add_first(m, child, set);
	first = m->failed ? 0 : new_set(m, set);
	if (m->failed)
		return 0;
	step_at(m, at)->first = join(m, first, step_at(m, next)->first, false);
	first = make(m, child, at);
	step_at(m, at)->other = first;
	return at;
}

/* A group that is counted is made as often as it may stand there, unless that is too much. */
static uint16_t make_repeat(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	size_t min = n->min, max = n->max, before = m->n, count = m->count, size;
	uint16_t at, one, newest = m->newest;

	if (m->syntax.nodes[n->last].kind == AB_SYNTAX_SET)
		return make_run(m, n, next);
	if (!max)
		return next;
	one = make(m, n->last, next); /* the last of them, and how much it is */
	size = m->count - count;
	if (max != AB_SYNTAX_ENDLESS && (max - min) * size > SPELLED)
		max = AB_SYNTAX_ENDLESS;
	if (min * size > SPELLED) {
		min = SPELLED / size ? SPELLED / size : 1;
		max = AB_SYNTAX_ENDLESS;
	}
	m->wide |= min != n->min || max != n->max;
	if (max == AB_SYNTAX_ENDLESS) {
		m->n = before;
		m->count = count;
		m->newest = newest;
		at = one = make_loop(m, n->last, next);
	} else {
		at = min == max ? one : make_split(m, one, next);
		for (size_t i = n->min + 1; i < max && !m->failed; i++)
			at = make_split(m, make(m, n->last, at), next);
		min -= n->min == max; /* made already */
	}
	for (size_t i = 0; i < min && !m->failed; i++)
		at = make(m, n->last, at);
	return at;
}

/* What may stand where none of the bytes may that are all of one of the node's choices: of what the step can begin
 * with the rest. */
static uint16_t without_bytes(struct maker *m, uint16_t node, uint16_t first)
{
	const struct ab_syntax_node *nodes = m->syntax.nodes;
	ab_atom_set set;

	memcpy(set, m->syntax.sets[first], sizeof(set));
	for (uint16_t i = nodes[node].last; i; i = nodes[i].before) {
		const struct ab_syntax_node *one = &nodes[nodes[i].last];

		if (nodes[i].last && !one->before && one->kind == AB_SYNTAX_SET)
			for (int k = 0; k < 8; k++)
				set[k] &= ~m->syntax.sets[one->set][k];
	}
	return memcmp(set, m->syntax.sets[first], sizeof(set)) == 0 ? first : new_set(m, set);
}

static uint16_t make_ahead(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	bool no = n->kind == AB_SYNTAX_NOT_AHEAD, wide = m->wide;
	uint16_t other, at, first;

	m->wide = false;
	other = make(m, n->last, 0);
	if (no && m->wide) { /* it might forbid too much */
		m->wide = wide;
		return next;
	}
	m->wide = true; /* so it is where nobody has the patience to look */
	at = new_step(m, no ? AB_OP_NOT_AHEAD : AB_OP_AHEAD, next);
	step_at(m, at)->other = other;
	if (no) {
		first = without_bytes(m, n->last, step_at(m, at)->first);
		step_at(m, at)->first = first;
	}
	if (no || step_at(m, other)->empty)
		return at;
	step_at(m, at)->empty = false;
	first = join(m, step_at(m, other)->first, step_at(m, next)->first, true);
	step_at(m, at)->first = first;
	return at;
}

static uint16_t make_sequence(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	for (uint16_t i = n->last; i && !m->failed; i = m->syntax.nodes[i].before)
		next = make(m, i, next);
	return next;
}

/* All but the last two bytes of a text have steps that differ in their sets alone. */
static uint16_t make_text(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	const uint16_t *sets = ab_syntax_text(&m->syntax, n);
	size_t left = n->min;

	next = make_byte(m, sets[--left], next);
	next = m->failed ? 0 : make_byte(m, sets[--left], next);
	if (m->failed || m->count + left > MANY || m->made + left > 4 * (size_t)MANY) {
		m->failed = true;
		return 0;
	}
	m->count += left;
	m->made += left;
	while (left) {
		struct ab_step *step = step_at(m, ++next);

		step->op = AB_OP_BYTE;
		step->empty = step->firm = false;
		step->first = sets[--left];
	}
	m->newest = next;
	m->n = next + 1u;
	return next;
}

/* Makes the steps of a node, which go on at `next`; the first of them. */
static uint16_t make(struct maker *m, uint16_t node, uint16_t next)
{
	static const enum ab_op ops[] = {
		[AB_SYNTAX_BEHIND] = AB_OP_BEHIND, [AB_SYNTAX_NOT_BEHIND] = AB_OP_NOT_BEHIND,
		[AB_SYNTAX_EDGE] = AB_OP_EDGE,     [AB_SYNTAX_NO_EDGE] = AB_OP_NO_EDGE,
		[AB_SYNTAX_BEGIN] = AB_OP_BEGIN,   [AB_SYNTAX_END] = AB_OP_END,
		[AB_SYNTAX_VERY_END] = AB_OP_VERY_END,
	};
	const struct ab_syntax_node *n = &m->syntax.nodes[node];
	uint16_t at;

	if (m->failed)
		return 0;
	switch (n->kind) {
	case AB_SYNTAX_SEQUENCE:
		return make_sequence(m, n, next);
	case AB_SYNTAX_CHOICE:
		return make_choice(m, n, next);
	case AB_SYNTAX_REPEAT:
		return make_repeat(m, n, next);
	case AB_SYNTAX_AHEAD:
	case AB_SYNTAX_NOT_AHEAD:
		return make_ahead(m, n, next);
	case AB_SYNTAX_TEXT:
		return make_text(m, n, next);
	case AB_SYNTAX_SET:
		return make_byte(m, n->set, next);
	default:
		at = new_step(m, ops[n->kind], next);
		step_at(m, at)->set = n->set;
		return at;
	}
}

/* Steps that have been looked at, a bit each. */
struct seen {
	uint32_t bits[MANY * AB_STEP_UNITS / 32 + 1];
};

static bool was_seen(struct seen *seen, uint16_t at)
{
	uint32_t bit = (uint32_t)1 << at % 32, was = seen->bits[at / 32] & bit;

	seen->bits[at / 32] |= bit;
	return was;
}

/* Adds what can stand before the step, as far as it is told by what is looked at first. Many ways may lead to one
 * step. */
static void add_lead(const struct maker *m, uint16_t at, ab_atom_set lead, struct seen *seen)
{
	const struct ab_step *step = step_at(m, at);
	const uint32_t *set = m->syntax.sets[step->set], *first = m->syntax.sets[step->first];
	static const ab_atom_set words = AB_WORDS;
	uint32_t in = 0, out = 0;

	if (was_seen(seen, at))
		return;
	switch (step->op) {
	case AB_OP_SPLIT:
		add_lead(m, step->other, lead, seen);
		add_lead(m, step->next, lead, seen);
		return;
	case AB_OP_FORK:
		for (size_t i = 0; i < step->max; i++)
			add_lead(m, m->branches[step->other + i], lead, seen);
		return;
	case AB_OP_EDGE:
		for (int i = 0; i < 8; i++) {
			in |= first[i] & words[i];
			out |= first[i] & ~words[i];
		}
		for (int i = 0; i < 8; i++)
			lead[i] |= (in ? ~words[i] : 0) | (out || step->empty ? words[i] : 0);
		return;
	default:
		for (int i = 0; i < 8; i++)
			lead[i] |= step->op == AB_OP_BEHIND	    ? set[i]
				   : step->op == AB_OP_NOT_BEHIND ? ~set[i]
							    : ~(uint32_t)0;
	}
}

static void spread(struct ab_bytes *p)
{
	for (unsigned i = 0; i < 8; i++) /* of the byte 32 * i + n, and of that and 16 */
		for (unsigned n = 0; n < 16; n++)
			p->low[i / 4][n] |= (unsigned char)((p->set[i] >> n & 1) << 2 * i % 8 |
							    (p->set[i] >> (n + 16) & 1) << (2 * i + 1) % 8);
}

static void spread_first(struct ab_shape *shape)
{
	memcpy(shape->first.set, shape->sets[ab_step_of(shape->steps, shape->entry)->first], sizeof(shape->first.set));
	spread(&shape->first);
	spread(&shape->lead);
}

struct ab_shape *ab_shape_lend(const struct ab_image_shape *known, unsigned char *steps, ab_atom_set *sets)
{
	struct ab_shape *shape = calloc(1, sizeof(*shape));

	if (!shape)
		return NULL;
	shape->n = known->n;
	shape->entry = known->entry;
	shape->n_forks = known->n_forks;
	shape->steps = steps;
	shape->branches = (uint16_t *)(void *)(steps + known->branches);
	shape->sets = sets;
	shape->size = sizeof(*shape) + known->size;
	shape->lent = true;
	memcpy(shape->lead.set, known->lead, sizeof(shape->lead.set));
	spread_first(shape);
	return shape;
}

/* A copy of n things of a size; there is at least one byte of it. */
static void *copy(const void *from, size_t n, size_t size)
{
	void *to = malloc(n * size + 1);

	return to ? memcpy(to, from, n * size) : NULL;
}

/* All in no more memory than it takes. */
static bool keep(struct ab_shape *shape, const struct maker *m)
{
	struct seen seen = { { 0 } };

	shape->steps = copy(m->steps, m->n + AB_STEP_UNITS - 1, AB_STEP_UNIT); /* a short one may be the last */
	shape->sets = copy(m->syntax.sets, m->syntax.n_sets, sizeof(*m->syntax.sets));
	shape->branches = copy(m->branches, m->n_branches, sizeof(*m->branches));
	if (!shape->steps || !shape->sets || !shape->branches)
		return false;
	shape->n = m->n;
	shape->n_forks = m->n_forks;
	shape->size = sizeof(*shape) + m->n * AB_STEP_UNIT + m->syntax.n_sets * sizeof(*m->syntax.sets) +
		      m->n_branches * sizeof(*m->branches);
	add_lead(m, (uint16_t)shape->entry, shape->lead.set, &seen);
	spread_first(shape);
	return true;
}

struct ab_shape *ab_shape_read(const char *pattern, bool caseless, struct ab_err *err)
{
	struct ab_shape *shape = calloc(1, sizeof(*shape));
	ab_autofree unsigned char *steps = malloc((MANY + 1) * sizeof(struct ab_step));
	ab_autofree uint16_t *branches = malloc(MANY * sizeof(*branches));
	struct maker m = { .steps = steps, .branches = branches };
	bool kept = shape && steps && branches;

	if (kept && ab_syntax_read(&m.syntax, pattern, caseless)) {
		/* The first step is the end, the first set that of all bytes. */
		*ab_step_at(steps, 0) = (struct ab_step){ .op = AB_OP_ACCEPT, .empty = true, .first = 1 };
		m.n = AB_STEP_UNITS;
		m.count = 1;
		shape->entry = make(&m, 0, 0);
		kept = m.failed || keep(shape, &m);
	}
	ab_syntax_free(&m.syntax);
	if (kept)
		return shape;
	ab_shape_free(shape);
	ab_err_memory(err);
	return NULL;
}

