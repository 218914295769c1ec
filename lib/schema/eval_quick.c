/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict alone, where nobody asks for marks or reports: most values are
 * valid and most subschemas plain, and for those a few instructions a value do.
 * The rest goes to eval.c.
 */
#include "lib/schema/eval.h"
#include "lib/schema/value.h"

#define hot	    static inline __attribute__((always_inline))
#define apart	    static __attribute__((noinline)) /* or its registers were saved for all */
#define unlikely(x) __builtin_expect(!!(x), 0)

/* The type of a value as one bit of a subschema's `types` and `taken`, and for an integer's lexeme
 * AB_TYPE_INTEGER; by type and flags, which stand in one byte. */
hot unsigned type_bits(const struct ab_json_node *n)
{
#define AB_BITS	    1, 2, 4, 8, 16, 32, 64, 0
#define AB_INTEGERS 1, 2, 4, 8 | AB_TYPE_INTEGER, 16, 32, 64, 0
	static const unsigned char bits[64] = {
		AB_BITS,     AB_BITS,	  AB_BITS,     AB_BITS,
		AB_INTEGERS, AB_INTEGERS, AB_INTEGERS, AB_INTEGERS
	};

	_Static_assert(AB_JSON_NUMBER == 3 && AB_JSON_INTEGER == 4, "the table says so");
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* What the line below comes to, which compilers do not see. */
	return bits[((const unsigned char *)(&n->next + 1))[0] & 63];
#else
	return bits[n->type | n->flags << 3];
#endif
}

hot uint32_t number_of(const struct ab_eval *e, const struct ab_json_node *n)
{
	return (uint32_t)(n - e->nodes);
}

/* Anything that recurses looks whether it still may. */
hot bool may_go_on(struct ab_eval *e)
{
	if (unlikely((char *)__builtin_frame_address(0) < e->s->stack_floor))
		return ab_eval_stop(e, "schema and document are nested too deep");
	return !e->stop;
}

static bool judge(struct ab_eval *e, const struct ab_sub *sub, const struct ab_json_node *n,
		  unsigned bits);

hot bool child(struct ab_eval *e, const struct ab_sub *sub, const struct ab_json_node *n)
{
	unsigned bits = type_bits(n);

	sub = sub->meant;
	return sub->taken & bits || judge(e, sub, n, bits);
}

/* What a member's value must be; NULL: no matter. *required is counted down if
 * it is required. */
hot const struct ab_sub *sub_of(const struct ab_eval *e, const struct ab_object *o,
				struct ab_property **hint, const struct ab_json_node *key,
				uint32_t *required)
{
	const struct ab_property *p =
		ab_property_next(o, hint, (const char *)e->text + key->at, key->len);

	if (!p)
		return o->additional;
	*required -= p->required;
	return p->sub ? p->sub : o->additional;
}

/* Of patternProperties. */
apart bool rare_object(struct ab_eval *e, const struct ab_object *o, const struct ab_json_node *n)
{
	const struct ab_json_node *end = e->nodes + n->next;
	uint32_t required = o->n_required;

	for (const struct ab_json_node *key = n + 1; key < end; key = e->nodes + key[1].next) {
		int found = ab_eval_member(e, o, number_of(e, key));

		if (found < 0)
			return false;
		required -= (uint32_t)found;
	}
	return !required;
}

/* Of additionalProperties alone. */
apart bool map(struct ab_eval *e, const struct ab_sub *sub, const struct ab_json_node *n)
{
	const struct ab_json_node *end = e->nodes + n->next;

	for (const struct ab_json_node *key = n + 1; key < end; key = e->nodes + key[1].next)
		if (!child(e, sub, key + 1))
			return false;
	return true;
}

apart bool object(struct ab_eval *e, const struct ab_object *o, const struct ab_json_node *n)
{
	const struct ab_json_node *end = e->nodes + n->next, *key = n + 1;
	struct ab_property *hint = &o->table[o->mask + 1];
	uint32_t required = o->n_required;

	if (n->count < required || !may_go_on(e))
		return false;
	if (o->n_patterns)
		return rare_object(e, o, n);
	if (!o->n_names)
		return !o->additional || map(e, o->additional, n);
	for (; key < end; key = e->nodes + key[1].next) {
		const struct ab_sub *sub;

		if (unlikely(key->flags & AB_JSON_ESCAPED)) {
			int found = ab_eval_member(e, o, number_of(e, key));

			if (found < 0)
				return false;
			required -= (uint32_t)found;
			continue;
		}
		sub = sub_of(e, o, &hint, key, &required);
		if (sub && !child(e, sub, key + 1))
			return false;
	}
	return !required;
}

/* The items from one on. */
hot bool rest(struct ab_eval *e, const struct ab_sub *sub, const struct ab_json_node *item,
	      const struct ab_json_node *end)
{
	for (; item < end; item = e->nodes + item->next)
		if (!child(e, sub, item))
			return false;
	return true;
}

apart bool tuple(struct ab_eval *e, const struct ab_items *items, const struct ab_json_node *n)
{
	const struct ab_json_node *end = e->nodes + n->next, *item = n + 1;

	for (size_t i = 0; i < items->n_prefix && item < end; i++, item = e->nodes + item->next)
		if (!child(e, items->prefix[i], item))
			return false;
	return !items->rest || rest(e, items->rest, item, end);
}

apart bool items(struct ab_eval *e, const struct ab_items *items, const struct ab_json_node *n)
{
	if (!may_go_on(e))
		return false;
	if (items->n_prefix || !items->rest)
		return tuple(e, items, n);
	return rest(e, items->rest, n + 1, e->nodes + n->next);
}

apart bool all_of(struct ab_eval *e, const struct ab_subs *subs, const struct ab_json_node *n)
{
	if (!may_go_on(e))
		return false;
	for (size_t i = 0; i < subs->n; i++)
		if (!child(e, subs->items[i], n))
			return false;
	return true;
}

/* The branches that are possible with the string that a member is; of an object with escapes all
 * may be. */
apart const struct ab_subs *choose(const struct ab_eval *e, const struct ab_subs *subs,
				   const struct ab_json_node *n)
{
	const struct ab_choice *choice = subs->choice;
	const struct ab_json_node *end = e->nodes + n->next, *key = n + 1;
	const struct ab_property *p;

	for (; key < end; key = e->nodes + key[1].next) {
		if (key->flags & AB_JSON_ESCAPED)
			return subs;
		if (key->len == choice->len &&
		    ab_hash_same((const char *)e->text + key->at, choice->name, key->len))
			break;
	}
	if (key >= end || key[1].type != AB_JSON_STRING)
		return &choice->others;
	if (key[1].flags & AB_JSON_ESCAPED)
		return subs;
	p = ab_property_find(&choice->tags, (const char *)e->text + key[1].at, key[1].len);
	return p ? &choice->lists[p->follower] : &choice->others;
}

/* Whether so many branches of anyOf (at least 1) or oneOf (2 are too many) are
 * valid. */
apart bool some_of(struct ab_eval *e, const struct ab_subs *subs, const struct ab_json_node *n,
		   unsigned enough)
{
	unsigned valid = 0;

	if (!may_go_on(e))
		return false;
	if (subs->choice && n->type == AB_JSON_OBJECT)
		subs = choose(e, subs, n);
	for (size_t i = 0; i < subs->n && valid < enough; i++)
		valid += child(e, subs->items[i], n);
	return valid == 1;
}

/* const and enum, of few values; what is no plain string is left over. */
hot bool is_string_of(const struct ab_eval *e, const struct ab_values *v,
		      const struct ab_json_node *n)
{
	const char *text = (const char *)e->text + n->at;

	if (n->type != AB_JSON_STRING || v->slots)
		return false;
	for (size_t i = 0; i < v->n; i++) {
		const struct ab_json_node *m = &v->tape->nodes[v->nodes[i]];

		if (m->len == n->len && m->type == AB_JSON_STRING &&
		    !((n->flags | m->flags) & AB_JSON_ESCAPED) &&
		    ab_hash_same(text, (const char *)v->tape->text + m->at, n->len))
			return true;
	}
	return false;
}

apart bool values(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		  const struct ab_json_node *n)
{
	const struct ab_values *v = in->u.values;

	if (n->type == AB_JSON_STRING && v->strings && !(n->flags & AB_JSON_ESCAPED))
		return ab_property_find(v->strings, (const char *)e->text + n->at, n->len) != NULL;
	return is_string_of(e, v, n) || ab_eval_any(e, sub, in, number_of(e, n), NULL);
}

/* Numbers without a sign are above all bounds that have one. */
hot bool bound_is_clear(const struct ab_eval *e, const struct ab_instr *in,
			const struct ab_json_node *n)
{
	const struct ab_limit *limit = in->u.limit;

	if (!limit->is_small || e->text[n->at] == '-')
		return false;
	return (in->op == AB_OP_MINIMUM && limit->small <= 0) ||
	       (in->op == AB_OP_EXCLUSIVE_MINIMUM && limit->small < 0);
}

/* A bound, by integers or else decimals. */
apart bool bound(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		 const struct ab_json_node *n)
{
	const struct ab_limit *limit = in->u.limit;
	int order;

	if (!limit->is_small || !ab_value_order(e->text + n->at, n->len, limit->small, &order))
		return ab_eval_instr(e, sub, in, number_of(e, n), NULL);
	switch (in->op) {
	case AB_OP_MINIMUM:
		return order >= 0;
	case AB_OP_MAXIMUM:
		return order <= 0;
	case AB_OP_EXCLUSIVE_MINIMUM:
		return order > 0;
	default:
		return order < 0;
	}
}

/* A length that the number of bytes tells: a character has one to four. False:
 * it does not. */
hot bool length_is_clear(const struct ab_instr *in, const struct ab_json_node *n)
{
	if (n->flags & AB_JSON_ESCAPED)
		return false;
	return in->keyword == AB_KW_MIN_LENGTH
		       ? n->len / 4 >= in->u.count || (in->u.count == 1 && n->len)
		       : n->len <= in->u.count;
}

apart bool pattern(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   const struct ab_json_node *n)
{
	const char *text = (const char *)e->text + n->at;

	return (!(n->flags & AB_JSON_ESCAPED) &&
		ab_pattern_search(in->u.pattern, text, n->len) == AB_REGEX_YES) ||
	       ab_eval_string(e, sub, in, number_of(e, n));
}

hot bool count_is_right(const struct ab_instr *in, const struct ab_json_node *n)
{
	bool min = in->keyword == AB_KW_MIN_ITEMS || in->keyword == AB_KW_MIN_PROPERTIES;

	return min ? n->count >= in->u.count : n->count <= in->u.count;
}

apart bool other(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		 const struct ab_json_node *n)
{
	return may_go_on(e) && ab_eval_instr(e, sub, in, number_of(e, n), NULL);
}

apart bool reference(struct ab_eval *e, const struct ab_sub *to, const struct ab_json_node *n)
{
	return may_go_on(e) && child(e, to, n);
}

hot bool step(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
	      const struct ab_json_node *n)
{
	switch ((enum ab_op)in->op) {
	case AB_OP_OBJECT:
		return object(e, in->u.object, n);
	case AB_OP_ITEMS:
		return items(e, in->u.items, n);
	case AB_OP_REF:
		return reference(e, in->u.sub, n);
	case AB_OP_ALL_OF:
		return all_of(e, &in->u.subs, n);
	case AB_OP_ANY_OF:
		return some_of(e, &in->u.subs, n, 1);
	case AB_OP_ONE_OF:
		return some_of(e, &in->u.subs, n, 2);
	case AB_OP_VALUES:
		return values(e, sub, in, n);
	case AB_OP_PATTERN:
		return pattern(e, sub, in, n);
	case AB_OP_LENGTH:
		return length_is_clear(in, n) || other(e, sub, in, n);
	case AB_OP_COUNT:
		return count_is_right(in, n);
	case AB_OP_MINIMUM:
	case AB_OP_MAXIMUM:
	case AB_OP_EXCLUSIVE_MINIMUM:
	case AB_OP_EXCLUSIVE_MAXIMUM:
		return bound_is_clear(e, in, n) || bound(e, sub, in, n);
	default:
		return other(e, sub, in, n);
	}
}

apart bool steps(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *const *list,
		 const struct ab_json_node *n)
{
	for (; *list; list++)
		if (!step(e, sub, *list, n))
			return false;
	return true;
}

/* `bits` is what type_bits() made of the node, and no type alone gives the
 * answer. */
static bool judge(struct ab_eval *e, const struct ab_sub *sub, const struct ab_json_node *n,
		  unsigned bits)
{
	const struct ab_instr *const *list = sub->by_type[n->type];

	if (!(sub->types & bits) && !(n->type == AB_JSON_NUMBER && sub->types & AB_TYPE_INTEGER))
		return false;
	if (!sub->plain || !(sub->types & bits))
		return ab_eval_fully(e, sub, number_of(e, n), NULL);
	while (list[0]->op == AB_OP_COUNT) {
		if (!count_is_right(list[0], n))
			return false;
		if (!*++list)
			return true;
	}
	return list[1] ? steps(e, sub, list, n) : step(e, sub, list[0], n);
}

bool ab_eval_some(struct ab_eval *e, const struct ab_instr *in, uint32_t node)
{
	struct ab_schema_errors *errors = e->errors;
	bool ok;

	e->errors = NULL;
	ok = some_of(e, &in->u.subs, &e->nodes[node], in->op == AB_OP_ANY_OF ? 1 : 2);
	e->errors = errors;
	return ok;
}

bool ab_eval_quick(struct ab_eval *e, const struct ab_sub *sub, uint32_t node)
{
	return child(e, sub, &e->nodes[node]);
}
