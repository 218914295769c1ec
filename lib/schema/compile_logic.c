/* SPDX-License-Identifier: Apache-2.0 */
/* References, and keywords that apply subschemas to the same value. */
#include <string.h>

#include "lib/schema/program.h"

static struct ab_sub *sub_at(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword)
{
	return ab_compile_sub(c, src->document, src->value[keyword]);
}

static int compile_ref(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_anchor anchor;
	struct ab_sub *sub;
	struct ab_instr *in;

	if (!src->value[AB_KW_REF])
		return 0;
	sub = ab_resolve(c, src, src->value[AB_KW_REF], &anchor);
	in = sub ? ab_compile_add(c, src, AB_OP_REF, AB_KW_REF, AB_TYPE_ALL) : NULL;
	if (!in)
		return -1;
	in->u.sub = sub;
	return 0;
}

static int add_dynamic(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword,
		       struct ab_sub *sub, struct ab_anchor anchor)
{
	uint32_t name = AB_MAP_NONE;
	struct ab_instr *in;

	if (anchor.name) {
		name = ab_index_dynamic(c, anchor.name, anchor.len);
		if (name == AB_MAP_NONE)
			return -1;
		c->s->dynamics[name].used = true;
	}
	in = ab_compile_add(c, src, anchor.name ? AB_OP_DYNAMIC : AB_OP_REF, keyword, AB_TYPE_ALL);
	if (!in)
		return -1;
	if (anchor.name) {
		in->u.dynamic.sub = sub;
		in->u.dynamic.name = name;
	} else {
		in->u.sub = sub;
	}
	return 0;
}

/* 2020-12 core section 8.2.3.2: dynamic only where it first leads to a $dynamicAnchor. */
static int compile_dynamic_ref(struct ab_compiler *c, struct ab_source *src)
{
	uint32_t value = src->value[AB_KW_DYNAMIC_REF];
	struct ab_anchor anchor;
	struct ab_sub *sub;

	if (!value)
		return 0;
	sub = ab_resolve(c, src, value, &anchor);
	return sub ? add_dynamic(c, src, AB_KW_DYNAMIC_REF, sub, anchor) : -1;
}

/* 2019-09 core section 8.2.4.2: dynamic only where the resource has "$recursiveAnchor": true. */
static int compile_recursive_ref(struct ab_compiler *c, struct ab_source *src)
{
	uint32_t value = src->value[AB_KW_RECURSIVE_REF];
	struct ab_anchor anchor;
	struct ab_sub *sub;
	const struct ab_document *d;
	ptrdiff_t flag = -1;

	if (!value)
		return 0;
	if (ab_source_type(src, value) != AB_JSON_STRING ||
	    !ab_json_is(&src->document->tape, value, "#", 1))
		return ab_compile_bad(c, src, value, "\"#\"");
	sub = ab_resolve(c, src, value, &anchor);
	if (!sub)
		return -1;
	d = c->s->documents[sub->document];
	if (d->tape.nodes[sub->node].type == AB_JSON_OBJECT)
		flag = ab_json_member(&d->tape, sub->node, "$recursiveAnchor", 16);
	anchor = (struct ab_anchor){ NULL, 0 };
	if (flag >= 0 && d->tape.nodes[flag].type == AB_JSON_TRUE)
		anchor.name = "";
	return add_dynamic(c, src, AB_KW_RECURSIVE_REF, sub, anchor);
}

static int compile_list(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword,
			enum ab_op op)
{
	const struct ab_json_node *nodes = src->document->tape.nodes;
	uint32_t value = src->value[keyword];
	struct ab_subs subs = { 0 };
	struct ab_instr *in;

	if (!value)
		return 0;
	if (nodes[value].type != AB_JSON_ARRAY || !nodes[value].count)
		return ab_compile_bad(c, src, value, "an array of schemas");
	subs.items =
		ab_arena_array(&c->s->arena, nodes[value].count, sizeof(struct ab_sub *), c->err);
	if (!subs.items)
		return -1;
	for (uint32_t i = value + 1; i < nodes[value].next; i = nodes[i].next) {
		subs.items[subs.n] = ab_compile_sub(c, src->document, i);
		if (!subs.items[subs.n++])
			return -1;
	}
	in = ab_compile_add(c, src, op, keyword, AB_TYPE_ALL);
	if (!in)
		return -1;
	in->u.subs = subs;
	return 0;
}

static int compile_not(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_sub *sub;
	struct ab_instr *in;

	if (!src->value[AB_KW_NOT])
		return 0;
	sub = sub_at(c, src, AB_KW_NOT);
	in = sub ? ab_compile_add(c, src, AB_OP_NOT, AB_KW_NOT, AB_TYPE_ALL) : NULL;
	if (!in)
		return -1;
	in->u.sub = sub;
	return 0;
}

static int compile_if(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_branches b = { 0 };
	struct ab_instr *in;

	if (!src->value[AB_KW_IF])
		return 0;
	b.condition = sub_at(c, src, AB_KW_IF);
	if (src->value[AB_KW_THEN])
		b.then = sub_at(c, src, AB_KW_THEN);
	if (src->value[AB_KW_ELSE])
		b.otherwise = sub_at(c, src, AB_KW_ELSE);
	if (!b.condition || (src->value[AB_KW_THEN] && !b.then) ||
	    (src->value[AB_KW_ELSE] && !b.otherwise))
		return -1;
	in = ab_compile_add(c, src, AB_OP_IF, AB_KW_IF, AB_TYPE_ALL);
	if (!in)
		return -1;
	in->u.branches = b;
	return 0;
}

int ab_compile_applicators(struct ab_compiler *c, struct ab_source *src)
{
	if (compile_ref(c, src) < 0 || compile_dynamic_ref(c, src) < 0 ||
	    compile_recursive_ref(c, src) < 0)
		return -1;
	if (compile_list(c, src, AB_KW_ALL_OF, AB_OP_ALL_OF) < 0 ||
	    compile_list(c, src, AB_KW_ANY_OF, AB_OP_ANY_OF) < 0 ||
	    compile_list(c, src, AB_KW_ONE_OF, AB_OP_ONE_OF) < 0)
		return -1;
	return compile_not(c, src) < 0 ? -1 : compile_if(c, src);
}

static int compile_unevaluated(struct ab_compiler *c, struct ab_source *src,
			       enum ab_keyword keyword, enum ab_op op, enum ab_json_type type)
{
	struct ab_sub *sub;
	struct ab_instr *in;

	if (!src->value[keyword])
		return 0;
	sub = sub_at(c, src, keyword);
	in = sub ? ab_compile_add(c, src, op, keyword, AB_TYPE_BIT(type)) : NULL;
	if (!in)
		return -1;
	in->u.sub = sub;
	return 0;
}

int ab_compile_unevaluated(struct ab_compiler *c, struct ab_source *src)
{
	src->sub->unevaluated_items = src->value[AB_KW_UNEVALUATED_ITEMS] != 0;
	src->sub->unevaluated_properties = src->value[AB_KW_UNEVALUATED_PROPERTIES] != 0;
	if (compile_unevaluated(c, src, AB_KW_UNEVALUATED_ITEMS, AB_OP_UNEVALUATED_ITEMS,
				AB_JSON_ARRAY) < 0)
		return -1;
	return compile_unevaluated(c, src, AB_KW_UNEVALUATED_PROPERTIES,
				   AB_OP_UNEVALUATED_PROPERTIES, AB_JSON_OBJECT);
}
