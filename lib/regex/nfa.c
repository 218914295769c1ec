/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree to an automaton, built from the end: each node is given the state that follows it
 * and returns the one that begins it. Recursion is bounded by AB_ECMA_DEPTH.
 */
#include <string.h>

#include "lib/regex/linear.h"

struct build {
	struct ab_nfa *nfa;
	const struct ab_ecma *tree;
};

static uint32_t make(struct build *b, uint32_t at, uint32_t next);

uint32_t ab_nfa_add(struct ab_nfa *nfa, enum ab_nfa_op op, uint32_t a, uint32_t b)
{
	if (nfa->n == nfa->capacity) {
		uint32_t capacity = nfa->capacity ? 2 * nfa->capacity : 32;
		struct ab_nfa_state *states = NULL;

		if (nfa->n < AB_NFA_MAX)
			states = realloc(nfa->states, capacity * sizeof(*states));
		if (!states)
			return 0;
		nfa->states = states;
		nfa->capacity = capacity;
	}
	nfa->states[nfa->n] = (struct ab_nfa_state){ .op = (uint8_t)op, .a = a, .b = b };
	return nfa->n++;
}

static int by_first(const void *a, const void *b)
{
	const struct ab_ecma_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts and merges in place; the number left. */
static size_t merge(struct ab_ecma_range *r, size_t n)
{
	size_t to = 0;

	qsort(r, n, sizeof(*r), by_first);
	for (size_t i = 1; i < n; i++)
		if (r[i].first <= r[to].last + 1)
			r[to].last = r[i].last > r[to].last ? r[i].last : r[to].last;
		else
			r[++to] = r[i];
	return n ? to + 1 : 0;
}

/* What lies between merged ranges, in place (there is room for one more). */
static size_t complement(struct ab_ecma_range *r, size_t n)
{
	uint32_t from = 0;
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		struct ab_ecma_range next = r[i];

		if (next.first > from)
			r[to++] = (struct ab_ecma_range){ from, next.first - 1 };
		from = next.last + 1;
	}
	if (from <= AB_ECMA_LAST)
		r[to++] = (struct ab_ecma_range){ from, AB_ECMA_LAST };
	return to;
}

/* The ranges of a set and of its properties, with room for one more. NULL: no memory. */
static struct ab_ecma_range *collect(const struct build *b, const struct ab_ecma_set *set,
				     size_t *ret_n)
{
	ab_autofree struct ab_ecma_range *more = NULL;
	struct ab_ecma_range *ranges;
	size_t n = 0;

	if (set->properties_len && ab_property_ranges(b->tree->properties.data + set->properties,
						      set->properties_len, &more, &n) < 0)
		return NULL;
	ranges = calloc(set->n + n + 2, sizeof(*ranges));
	if (ranges && set->n)
		memcpy(ranges, b->tree->ranges + set->ranges, set->n * sizeof(*ranges));
	if (ranges && n)
		memcpy(ranges + set->n, more, n * sizeof(*ranges));
	*ret_n = set->n + n;
	return ranges;
}

static uint32_t make_set(struct build *b, const struct ab_ecma_set *set, uint32_t next)
{
	size_t n;
	struct ab_ecma_range *ranges = collect(b, set, &n);
	uint32_t state;

	if (!ranges)
		return 0;
	n = merge(ranges, n);
	if (set->negated)
		n = complement(ranges, n);
	state = ab_nfa_ranges(b->nfa, ranges, n, next);
	free(ranges);
	return state;
}

static uint32_t make_alternatives(struct build *b, const struct ab_ecma_node *node, uint32_t next)
{
	uint32_t state = 0;

	for (uint32_t child = node->child; child; child = b->tree->nodes[child].next) {
		uint32_t branch = make(b, child, next);

		state = child == node->child ? branch
					     : ab_nfa_add(b->nfa, AB_NFA_SPLIT, state, branch);
	}
	return state;
}

static uint32_t make_row(struct build *b, const struct ab_ecma_node *node, uint32_t next)
{
	uint32_t *children, n = 0;

	for (uint32_t child = node->child; child; child = b->tree->nodes[child].next)
		n++;
	children = calloc(n + 1, sizeof(*children));
	if (!children)
		return 0;
	n = 0;
	for (uint32_t child = node->child; child; child = b->tree->nodes[child].next)
		children[n++] = child;
	while (n && next)
		next = make(b, children[--n], next);
	free(children);
	return next;
}

static uint32_t make_repeat(struct build *b, const struct ab_ecma_node *node, uint32_t next)
{
	uint32_t state = next, loop, body;

	if (node->max == AB_ECMA_FOREVER) {
		loop = ab_nfa_add(b->nfa, AB_NFA_SPLIT, 0, next);
		body = loop ? make(b, node->child, loop) : 0;
		if (!body)
			return 0;
		b->nfa->states[loop].a = body;
		state = loop;
	} else {
		for (uint32_t i = node->min; state && i < node->max; i++)
			state = ab_nfa_add(b->nfa, AB_NFA_SPLIT, make(b, node->child, state), next);
	}
	for (uint32_t i = 0; state && i < node->min && b->nfa->n < AB_NFA_MAX; i++) {
		body = make(b, node->child, state);
		if (body == state) /* it is empty, however often */
			break;
		state = body;
	}
	return state;
}

static uint32_t make_boundary(struct build *b, bool negated, uint32_t next)
{
	b->nfa->words = true;
	return ab_nfa_add(b->nfa, negated ? AB_NFA_NOT_BOUNDARY : AB_NFA_BOUNDARY, next, 0);
}

static uint32_t make(struct build *b, uint32_t at, uint32_t next)
{
	const struct ab_ecma_node *node = &b->tree->nodes[at];
	struct ab_ecma_range one = { node->value, node->value };

	if (!next || b->nfa->n >= AB_NFA_MAX)
		return 0;
	switch ((enum ab_ecma_kind)node->kind) {
	case AB_ECMA_EMPTY:
		return next;
	case AB_ECMA_CHAR:
		return ab_nfa_ranges(b->nfa, &one, 1, next);
	case AB_ECMA_SET:
		return make_set(b, &b->tree->sets[node->value], next);
	case AB_ECMA_CAT:
		return make_row(b, node, next);
	case AB_ECMA_ALT:
		return make_alternatives(b, node, next);
	case AB_ECMA_REPEAT:
		return make_repeat(b, node, next);
	case AB_ECMA_GROUP:
		return make(b, node->child, next);
	case AB_ECMA_START:
		return ab_nfa_add(b->nfa, AB_NFA_START, next, 0);
	case AB_ECMA_END:
		return ab_nfa_add(b->nfa, AB_NFA_END, next, 0);
	case AB_ECMA_BOUNDARY:
		return make_boundary(b, node->negated, next);
	default:
		return 0;
	}
}

/* Whether every way begins with ^. */
static bool is_anchored(const struct ab_ecma *tree, uint32_t at)
{
	const struct ab_ecma_node *node = &tree->nodes[at];

	switch (node->kind) {
	case AB_ECMA_START:
		return true;
	case AB_ECMA_GROUP:
	case AB_ECMA_CAT:
		return node->child && is_anchored(tree, node->child);
	case AB_ECMA_ALT:
		for (uint32_t child = node->child; child; child = tree->nodes[child].next)
			if (!is_anchored(tree, child))
				return false;
		return true;
	default:
		return false;
	}
}

int ab_nfa_make(struct ab_nfa *nfa, const struct ab_ecma *tree)
{
	struct build b = { nfa, tree };

	*nfa = (struct ab_nfa){ 0 };
	if (!ab_nfa_can(tree))
		return 0;
	(void)ab_nfa_add(nfa, AB_NFA_FAIL, 0, 0);
	if (ab_nfa_add(nfa, AB_NFA_MATCH, 0, 0) != 1)
		return -1;
	nfa->anchored = is_anchored(tree, tree->root);
	nfa->start = make(&b, tree->root, 1);
	if (nfa->start && nfa->n < AB_NFA_MAX)
		return 1;
	ab_nfa_free(nfa);
	return 0;
}

void ab_nfa_free(struct ab_nfa *nfa)
{
	free(nfa->states);
	*nfa = (struct ab_nfa){ 0 };
}
