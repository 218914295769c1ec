/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict alone, where nobody asks for marks or reports: most values are valid and most
 * subschemas plain, and for those a few instructions a value do. The rest goes to eval.c.
 */
#include "lib/schema/eval.h"
#include "lib/schema/value.h"

#define hot static inline __attribute__((always_inline))

/* The type of a value as one bit of a subschema's `types` and `taken`, and for an integer's lexeme
 * AB_TYPE_INTEGER. */
hot unsigned type_bits(const struct ab_json_node *n)
{
	_Static_assert(AB_JSON_INTEGER << 5 == AB_TYPE_INTEGER, "a shift makes one of the other");
	return AB_TYPE_BIT(n->type) | (unsigned)(n->flags & AB_JSON_INTEGER) << 5;
}

/* Anything that recurses looks whether it still may. */
hot bool may_go_on(struct ab_eval *e)
{
	if (__builtin_expect((char *)__builtin_frame_address(0) < e->s->stack_floor, 0))
		return ab_eval_stop(e, "schema and document are nested too deep");
	return !e->stop;
}

hot bool child(struct ab_eval *e, const struct ab_sub *sub, uint32_t node)
{
	return sub->taken & type_bits(&e->nodes[node]) || ab_eval_quick(e, sub, node);
}

hot const struct ab_property *find(const struct ab_object *o, const char *name, size_t len)
{
	uint32_t hash = ab_hash_key(name, len), at = hash & o->mask;

	for (; o->table[at].name; at = (at + 1) & o->mask)
		if (o->table[at].hash == hash && o->table[at].len == len &&
		    ab_hash_same(o->table[at].name, name, len))
			return &o->table[at];
	return NULL;
}

hot bool member(struct ab_eval *e, const struct ab_object *o, uint32_t key, uint32_t *required)
{
	const struct ab_json_node *n = &e->nodes[key];
	const struct ab_property *p;

	if (__builtin_expect(n->flags & AB_JSON_ESCAPED || o->n_patterns, 0))
		return ab_eval_member(e, o, key, required);
	p = find(o, (const char *)e->tape->text + n->at, n->len);
	if (!p)
		return !o->additional || child(e, o->additional, key + 1);
	*required -= p->required;
	if (p->sub)
		return child(e, p->sub, key + 1);
	return !o->additional || child(e, o->additional, key + 1);
}

static bool object(struct ab_eval *e, const struct ab_object *o, uint32_t node)
{
	uint32_t end = e->nodes[node].next, required = o->n_required;

	if (e->nodes[node].count < required || !may_go_on(e))
		return false;
	for (uint32_t key = node + 1; key < end; key = e->nodes[key + 1].next)
		if (!member(e, o, key, &required))
			return false;
	return !required;
}

static bool items(struct ab_eval *e, const struct ab_items *items, uint32_t node)
{
	uint32_t end = e->nodes[node].next, item = node + 1;

	if (!may_go_on(e))
		return false;
	for (size_t i = 0; i < items->n_prefix && item < end; i++, item = e->nodes[item].next)
		if (!child(e, items->prefix[i], item))
			return false;
	if (!items->rest)
		return true;
	for (; item < end; item = e->nodes[item].next)
		if (!child(e, items->rest, item))
			return false;
	return true;
}

static bool branches(struct ab_eval *e, const struct ab_instr *in, uint32_t node)
{
	const struct ab_subs *subs = &in->u.subs;
	size_t n = 0;

	if (!may_go_on(e))
		return false;
	for (size_t i = 0; i < subs->n; i++) {
		bool ok = child(e, subs->items[i], node);

		if (in->op == AB_OP_ANY_OF ? ok : in->op == AB_OP_ALL_OF && !ok)
			return ok;
		n += ok;
		if (n > 1 && in->op == AB_OP_ONE_OF)
			return false;
	}
	return in->op == AB_OP_ONE_OF ? n == 1 : in->op == AB_OP_ALL_OF;
}

/* const and enum, of few values; what is no plain string is left over. */
hot bool is_string_of(const struct ab_eval *e, const struct ab_values *v,
		      const struct ab_json_node *n)
{
	const char *text = (const char *)e->tape->text + n->at;

	for (size_t i = 0; i < v->n; i++) {
		const struct ab_json_node *m = &v->tape->nodes[v->nodes[i]];

		if (m->len == n->len && m->type == AB_JSON_STRING &&
		    !((n->flags | m->flags) & AB_JSON_ESCAPED) &&
		    ab_hash_same(text, (const char *)v->tape->text + m->at, n->len))
			return true;
	}
	return false;
}

/* What a number is measured with; false: in->op is something else, or decimals must tell. */
hot bool small_number(const struct ab_eval *e, const struct ab_instr *in,
		      const struct ab_json_node *n, bool *ret_ok)
{
	const struct ab_limit *limit = in->u.limit;
	int64_t value;

	if (!limit->is_small || !(n->flags & AB_JSON_INTEGER) ||
	    !ab_value_small(e->tape->text + n->at, n->len, &value))
		return false;
	switch (in->op) {
	case AB_OP_MINIMUM:
		*ret_ok = value >= limit->small;
		return true;
	case AB_OP_MAXIMUM:
		*ret_ok = value <= limit->small;
		return true;
	case AB_OP_EXCLUSIVE_MINIMUM:
		*ret_ok = value > limit->small;
		return true;
	case AB_OP_EXCLUSIVE_MAXIMUM:
		*ret_ok = value < limit->small;
		return true;
	default:
		return false;
	}
}

/* A length that the number of bytes tells: a character has one to four. False: it does not. */
hot bool length_is_clear(const struct ab_instr *in, const struct ab_json_node *n)
{
	if (n->flags & AB_JSON_ESCAPED)
		return false;
	return in->keyword == AB_KW_MIN_LENGTH
		       ? n->len / 4 >= in->u.count || (in->u.count == 1 && n->len)
		       : n->len <= in->u.count;
}

hot bool count_is_right(const struct ab_instr *in, const struct ab_json_node *n)
{
	bool min = in->keyword == AB_KW_MIN_ITEMS || in->keyword == AB_KW_MIN_PROPERTIES;

	return min ? n->count >= in->u.count : n->count <= in->u.count;
}

static __attribute__((noinline)) bool other(struct ab_eval *e, const struct ab_sub *sub,
					    const struct ab_instr *in, uint32_t node)
{
	return may_go_on(e) && ab_eval_instr(e, sub, in, node, NULL);
}

hot bool step(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in, uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];
	bool ok;

	switch ((enum ab_op)in->op) {
	case AB_OP_OBJECT:
		return object(e, in->u.object, node);
	case AB_OP_ITEMS:
		return items(e, in->u.items, node);
	case AB_OP_REF:
		return may_go_on(e) && child(e, in->u.sub, node);
	case AB_OP_ALL_OF:
	case AB_OP_ANY_OF:
	case AB_OP_ONE_OF:
		return branches(e, in, node);
	case AB_OP_VALUES:
		if (n->type == AB_JSON_STRING && !in->u.values->slots &&
		    is_string_of(e, in->u.values, n))
			return true;
		return other(e, sub, in, node);
	case AB_OP_LENGTH:
		return length_is_clear(in, n) || other(e, sub, in, node);
	case AB_OP_COUNT:
		return count_is_right(in, n);
	case AB_OP_MINIMUM:
	case AB_OP_MAXIMUM:
	case AB_OP_EXCLUSIVE_MINIMUM:
	case AB_OP_EXCLUSIVE_MAXIMUM:
		return small_number(e, in, n, &ok) ? ok : other(e, sub, in, node);
	default:
		return other(e, sub, in, node);
	}
}

bool ab_eval_quick(struct ab_eval *e, const struct ab_sub *sub, uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];
	unsigned bits = type_bits(n);

	if (sub->taken & bits)
		return true;
	if (!(sub->types & bits) && !(n->type == AB_JSON_NUMBER && sub->types & AB_TYPE_INTEGER))
		return false;
	if (!sub->plain || !(sub->types & bits))
		return ab_eval_fully(e, sub, node, NULL);
	for (const struct ab_instr *const *list = sub->by_type[n->type]; *list; list++)
		if (!step(e, sub, *list, node))
			return false;
	return true;
}
