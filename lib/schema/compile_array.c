/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of arrays. */
#include "lib/schema/program.h"

static int compile_prefix(struct ab_compiler *c, struct ab_source *src, struct ab_items *items,
			  enum ab_keyword keyword)
{
	const struct ab_json_node *nodes = src->document->tape.nodes;
	uint32_t value = src->value[keyword];

	items->prefix_key = src->key[keyword];
	items->prefix_keyword = keyword;
	items->prefix =
		ab_arena_array(&c->s->arena, nodes[value].count, sizeof(struct ab_sub *), c->err);
	if (!items->prefix)
		return -1;
	for (uint32_t i = value + 1; i < nodes[value].next; i = nodes[i].next) {
		struct ab_sub *sub = ab_compile_sub(c, src->document, i);

		if (!sub)
			return -1;
		items->prefix[items->n_prefix++] = sub;
	}
	return 0;
}

static int compile_rest(struct ab_compiler *c, struct ab_source *src, struct ab_items *items,
			enum ab_keyword keyword)
{
	if (!src->value[keyword])
		return 0;
	items->rest_key = src->key[keyword];
	items->rest_keyword = keyword;
	items->rest = ab_compile_sub(c, src->document, src->value[keyword]);
	return items->rest ? 0 : -1;
}

/* prefixItems and items; before 2020-12 items as an array, and additionalItems, which does nothing
 * beside items as a schema. */
static int fill_items(struct ab_compiler *c, struct ab_source *src, struct ab_items *items)
{
	uint32_t value = src->value[AB_KW_ITEMS];
	bool is_list = value && ab_source_type(src, value) == AB_JSON_ARRAY;

	if (src->value[AB_KW_PREFIX_ITEMS]) {
		if (ab_source_type(src, src->value[AB_KW_PREFIX_ITEMS]) != AB_JSON_ARRAY)
			return ab_compile_bad(c, src, src->value[AB_KW_PREFIX_ITEMS],
					      "an array of schemas");
		if (compile_prefix(c, src, items, AB_KW_PREFIX_ITEMS) < 0)
			return -1;
	}
	if (!is_list)
		return compile_rest(c, src, items, AB_KW_ITEMS);
	if (src->resource.draft == AB_DRAFT_2020_12)
		return ab_compile_bad(c, src, value, "a schema");
	if (compile_prefix(c, src, items, AB_KW_ITEMS) < 0)
		return -1;
	return compile_rest(c, src, items, AB_KW_ADDITIONAL_ITEMS);
}

static int compile_items(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_items *items;
	struct ab_instr *in;

	if (!src->value[AB_KW_ITEMS] && !src->value[AB_KW_PREFIX_ITEMS])
		return 0;
	items = ab_arena_take(&c->s->arena, sizeof(*items), c->err);
	if (!items || fill_items(c, src, items) < 0)
		return -1;
	in = ab_compile_add(c, src, AB_OP_ITEMS, AB_KW_ITEMS, AB_TYPE_BIT(AB_JSON_ARRAY));
	if (!in)
		return -1;
	in->u.items = items;
	return 0;
}

static int compile_contains(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_contains *contains;
	struct ab_instr *in;

	if (!src->value[AB_KW_CONTAINS])
		return 0;
	contains = ab_arena_take(&c->s->arena, sizeof(*contains), c->err);
	if (!contains)
		return -1;
	*contains = (struct ab_contains){
		.min = 1,
		.max = UINT64_MAX,
		.min_key = src->key[AB_KW_MIN_CONTAINS],
		.max_key = src->key[AB_KW_MAX_CONTAINS],
		.marks = src->resource.draft == AB_DRAFT_2020_12,
	};
	contains->sub = ab_compile_sub(c, src->document, src->value[AB_KW_CONTAINS]);
	if (!contains->sub)
		return -1;
	if (contains->min_key && ab_compile_number(c, src, AB_KW_MIN_CONTAINS, &contains->min) < 0)
		return -1;
	if (contains->max_key && ab_compile_number(c, src, AB_KW_MAX_CONTAINS, &contains->max) < 0)
		return -1;
	in = ab_compile_add(c, src, AB_OP_CONTAINS, AB_KW_CONTAINS, AB_TYPE_BIT(AB_JSON_ARRAY));
	if (!in)
		return -1;
	in->u.contains = contains;
	return 0;
}

int ab_compile_arrays(struct ab_compiler *c, struct ab_source *src)
{
	uint32_t unique = src->value[AB_KW_UNIQUE_ITEMS];

	if (ab_compile_count(c, src, AB_KW_MIN_ITEMS, AB_OP_COUNT, AB_JSON_ARRAY) < 0 ||
	    ab_compile_count(c, src, AB_KW_MAX_ITEMS, AB_OP_COUNT, AB_JSON_ARRAY) < 0)
		return -1;
	if (unique && ab_source_type(src, unique) == AB_JSON_TRUE &&
	    !ab_compile_add(c, src, AB_OP_UNIQUE, AB_KW_UNIQUE_ITEMS, AB_TYPE_BIT(AB_JSON_ARRAY)))
		return -1;
	return compile_items(c, src) < 0 ? -1 : compile_contains(c, src);
}
