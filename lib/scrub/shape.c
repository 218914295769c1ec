/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/shape.h"

#include <stdlib.h>
#include <string.h>

#include "lib/scrub/step.h"
#include "lib/scrub/syntax.h"

#define MANY	 8000u /* steps of a shape */
#define SPELLED	 96u   /* steps that a group makes which is counted */

/* What a shape is made from, back to front. */
struct maker {
	struct ab_syntax syntax;
	struct ab_step *steps;
	size_t n, made; /* made: those that were made again included */
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
	free(shape->sets);
	free(shape->branches);
	free(shape->signs);
	free(shape);
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

/* A new step, which can be taken where the next one can. */
static uint16_t new_step(struct maker *m, enum ab_op op, uint16_t next)
{
	struct ab_step *to = &m->steps[m->n], *from = &m->steps[next];

	if (m->n == MANY || m->made++ == 4 * MANY) {
		m->failed = true;
		return 0;
	}
	*to = (struct ab_step){
		.op = (uint8_t)op, .next = next, .first = from->first, .empty = from->empty
	};
	return (uint16_t)m->n++;
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

	if (n->kind == AB_SYNTAX_SET)
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

	if (n->kind == AB_SYNTAX_SET) {
		for (int i = 0; i < 8; i++)
			set[i] |= m->syntax.sets[n->set][i];
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

	first = join(m, m->steps[other].first, m->steps[next].first, false);
	m->steps[at].other = other;
	m->steps[at].first = first;
	m->steps[at].empty |= m->steps[other].empty;
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
		empty |= m->steps[one].empty;
		for (int k = 0; k < 8; k++)
			first[k] |= m->syntax.sets[m->steps[one].first][k];
	}
	at = new_step(m, AB_OP_FORK, next);
	m->steps[at].other = (uint16_t)begin;
	m->steps[at].set = (uint16_t)m->n_forks++;
	m->steps[at].max = (uint16_t)all;
	m->steps[at].empty = empty;
	m->steps[at].first = new_set(m, first);
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

static uint16_t make_run(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	uint16_t set = m->syntax.nodes[n->last].set, at = new_step(m, AB_OP_RUN, next), first = set;
	struct ab_step *step = &m->steps[at];

	step->set = set;
	step->min = n->min;
	step->max = n->max;
	step->firm = have_none_in_common(m, set, step->first);
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
	m->steps[at].first = join(m, first, m->steps[next].first, false);
	first = make(m, child, at);
	m->steps[at].other = first;
	return at;
}

/* A group that is counted is made as often as it may stand there, unless that is too much. */
static uint16_t make_repeat(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	size_t min = n->min, max = n->max, before = m->n, size;
	uint16_t at, one;

	if (m->syntax.nodes[n->last].kind == AB_SYNTAX_SET)
		return make_run(m, n, next);
	if (!max)
		return next;
	one = make(m, n->last, next); /* the last of them, and how much it is */
	size = m->n - before;
	if (max != AB_SYNTAX_ENDLESS && (max - min) * size > SPELLED)
		max = AB_SYNTAX_ENDLESS;
	if (min * size > SPELLED) {
		min = SPELLED / size ? SPELLED / size : 1;
		max = AB_SYNTAX_ENDLESS;
	}
	m->wide |= min != n->min || max != n->max;
	if (max == AB_SYNTAX_ENDLESS) {
		m->n = before;
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
	m->steps[at].other = other;
	if (no || m->steps[other].empty)
		return at;
	m->steps[at].empty = false;
	first = join(m, m->steps[other].first, m->steps[next].first, true);
	m->steps[at].first = first;
	return at;
}

static uint16_t make_sequence(struct maker *m, const struct ab_syntax_node *n, uint16_t next)
{
	for (uint16_t i = n->last; i && !m->failed; i = m->syntax.nodes[i].before)
		next = make(m, i, next);
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
	case AB_SYNTAX_SET:
		at = new_step(m, AB_OP_BYTE, next);
		m->steps[at].set = m->steps[at].first = n->set;
		m->steps[at].empty = false;
		return at;
	default:
		at = new_step(m, ops[n->kind], next);
		m->steps[at].set = n->set;
		return at;
	}
}

/* Adds what can stand before the step, as far as it is told by what is looked at first. */
static void add_lead(const struct maker *m, uint16_t at, ab_atom_set lead)
{
	const struct ab_step *step = &m->steps[at];
	const uint32_t *set = m->syntax.sets[step->set], *first = m->syntax.sets[step->first];
	static const ab_atom_set words = AB_WORDS;
	uint32_t in = 0, out = 0;

	switch (step->op) {
	case AB_OP_SPLIT:
		add_lead(m, step->other, lead);
		add_lead(m, step->next, lead);
		return;
	case AB_OP_FORK:
		for (size_t i = 0; i < step->max; i++)
			add_lead(m, m->branches[step->other + i], lead);
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
	for (unsigned c = 0; c < 256; c++)
		if (ab_atom_has(p->set, (unsigned char)c))
			p->low[c / 128][c % 16] |= (unsigned char)(1u << c / 16 % 8);
}

/* A copy of n things of a size; there is at least one byte of it. */
static void *copy(const void *from, size_t n, size_t size)
{
	void *to = malloc(n * size + 1);

	return to ? memcpy(to, from, n * size) : NULL;
}

/* Writes at each fork which way to go for which byte. */
static void write_signs(struct ab_shape *shape)
{
	for (size_t i = 0; i < shape->n; i++) {
		const struct ab_step *fork = &shape->steps[i];

		for (size_t k = 0; fork->op == AB_OP_FORK && k < fork->max; k++) {
			const uint32_t *first = shape->sets[shape->steps[shape->branches[fork->other + k]].first];
			uint32_t any = 0, bit = (uint32_t)1 << (k < AB_SIGN - 1 ? k : AB_SIGN - 1);

			for (int word = 0; word < 8; word++)
				any |= first[word];
			for (; any; any &= any - 1)
				shape->signs[fork->set][__builtin_ctz(any)] |= bit;
		}
	}
}

/* All in no more memory than it takes. */
static bool keep(struct ab_shape *shape, const struct maker *m)
{
	shape->steps = copy(m->steps, m->n, sizeof(*m->steps));
	shape->sets = copy(m->syntax.sets, m->syntax.n_sets, sizeof(*m->syntax.sets));
	shape->branches = copy(m->branches, m->n_branches, sizeof(*m->branches));
	shape->signs = calloc(m->n_forks + 1, sizeof(*shape->signs));
	if (!shape->steps || !shape->sets || !shape->branches || !shape->signs)
		return false;
	shape->n = m->n;
	write_signs(shape);
	memcpy(shape->first.set, shape->sets[shape->steps[shape->entry].first], sizeof(shape->first.set));
	add_lead(m, (uint16_t)shape->entry, shape->lead.set);
	spread(&shape->first);
	spread(&shape->lead);
	return true;
}

struct ab_shape *ab_shape_read(const char *pattern, bool caseless, struct ab_err *err)
{
	struct ab_shape *shape = calloc(1, sizeof(*shape));
	ab_autofree struct ab_step *steps = malloc(MANY * sizeof(*steps));
	ab_autofree uint16_t *branches = malloc(MANY * sizeof(*branches));
	struct maker m = { .steps = steps, .branches = branches };
	bool kept = shape && steps && branches;

	if (kept && ab_syntax_read(&m.syntax, pattern, caseless)) {
		/* The first step is the end, the first set that of all bytes. */
		steps[m.n++] = (struct ab_step){
		.op = AB_OP_ACCEPT, .empty = true, .first = 1 };
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

