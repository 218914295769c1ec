/* SPDX-License-Identifier: Apache-2.0 */
/* From schema objects to instructions: what all keywords share. */
#include <string.h>

#include "lib/schema/program.h"

enum ab_json_type ab_source_type(const struct ab_source *src, uint32_t node)
{
	return (enum ab_json_type)src->document->tape.nodes[node].type;
}

int ab_compile_bad(struct ab_compiler *c, const struct ab_source *src, uint32_t node,
		   const char *expected)
{
	return ab_document_fail(c, src->document, node, "expected %s", expected);
}

struct ab_sub *ab_compile_sub(struct ab_compiler *c, struct ab_document *d, uint32_t node)
{
	struct ab_schema *s = c->s;
	struct ab_sub *sub = d->subs[node];

	if (sub)
		return sub;
	sub = ab_arena_take(&s->arena, sizeof(*sub), c->err);
	if (!sub)
		return NULL;
	if (!(s->n_pending & (s->n_pending - 1))) {
		size_t room = s->n_pending ? 2 * s->n_pending : 1;
		struct ab_sub **pending = realloc(s->pending, room * sizeof(struct ab_sub *));

		if (!pending) {
			ab_err_memory(c->err);
			return NULL;
		}
		s->pending = pending;
	}
	sub->document = ab_document_number(s, d);
	sub->node = node;
	sub->resource = (d->resource[node] & ~AB_SCANNED) - 1;
	s->pending[s->n_pending++] = sub;
	d->subs[node] = sub;
	return sub;
}

struct ab_instr *ab_compile_add(struct ab_compiler *c, struct ab_source *src, enum ab_op op,
				enum ab_keyword keyword, unsigned types)
{
	struct ab_instr *instr;

	if (src->n == src->capacity) {
		size_t capacity = src->capacity ? 2 * src->capacity : 4;
		struct ab_instr *more =
			ab_arena_array(&c->s->arena, capacity, sizeof(*more), c->err);

		if (!more)
			return NULL;
		if (src->n)
			memcpy(more, src->instrs, src->n * sizeof(*more));
		src->instrs = more;
		src->capacity = capacity;
	}
	instr = &src->instrs[src->n++];
	*instr = (struct ab_instr){ .op = (unsigned char)op,
				    .types = (unsigned char)types,
				    .keyword = (unsigned char)keyword,
				    .key = src->key[keyword] };
	return instr;
}

int ab_compile_name(struct ab_compiler *c, const char *name, size_t len)
{
	return ab_map_set(&c->s->names, name, len, 0, c->err);
}

static int type_bit(const struct ab_source *src, uint32_t node)
{
	static const struct {
		const char *name;
		unsigned bit;
	} types[] = {
		{ "null", AB_TYPE_BIT(AB_JSON_NULL) },
		{ "boolean", AB_TYPE_BIT(AB_JSON_FALSE) | AB_TYPE_BIT(AB_JSON_TRUE) },
		{ "number", AB_TYPE_BIT(AB_JSON_NUMBER) },
		{ "integer", AB_TYPE_INTEGER },
		{ "string", AB_TYPE_BIT(AB_JSON_STRING) },
		{ "array", AB_TYPE_BIT(AB_JSON_ARRAY) },
		{ "object", AB_TYPE_BIT(AB_JSON_OBJECT) },
	};

	if (ab_source_type(src, node) != AB_JSON_STRING)
		return -1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(types); i++)
		if (ab_json_is(&src->document->tape, node, types[i].name, strlen(types[i].name)))
			return (int)types[i].bit;
	return -1;
}

static int compile_type(struct ab_compiler *c, struct ab_source *src)
{
	const struct ab_json_node *nodes = src->document->tape.nodes;
	uint32_t value = src->value[AB_KW_TYPE], first = value, end = value + 1;
	unsigned types = 0;

	src->sub->types = AB_TYPE_ALL;
	src->sub->strict_integer = src->resource.draft == AB_DRAFT_4;
	if (!value)
		return 0;
	src->sub->type_key = src->key[AB_KW_TYPE];
	if (nodes[value].type == AB_JSON_ARRAY) {
		first = value + 1;
		end = nodes[value].next;
	}
	for (uint32_t i = first; i < end; i = nodes[i].next) {
		int bit = type_bit(src, i);

		if (bit < 0)
			return ab_compile_bad(c, src, i, "the name of a type");
		types |= (unsigned)bit;
	}
	if (types & AB_TYPE_BIT(AB_JSON_NUMBER))
		types &= ~AB_TYPE_INTEGER;
	src->sub->types = (unsigned char)types;
	return 0;
}

/* The instructions that concern each type, unless the type is not allowed anyway. */
static int list_by_type(struct ab_compiler *c, struct ab_sub *sub)
{
	static const struct ab_instr *const none[1];
	size_t total = AB_TYPES;
	const struct ab_instr **list;
	unsigned concerned = 0;

	for (size_t i = 0; i < sub->n; i++) {
		total += (size_t)__builtin_popcount(sub->instrs[i].types);
		concerned |= sub->instrs[i].types;
	}
	total -= AB_TYPES - (size_t)__builtin_popcount(concerned & AB_TYPE_ALL);
	list = ab_arena_array(&c->s->arena, total, sizeof(struct ab_instr *), c->err);
	if (!list)
		return -1;
	for (unsigned type = 0; type < AB_TYPES; type++) {
		sub->by_type[type] = none;
		if (!(concerned & AB_TYPE_BIT(type)))
			continue;
		sub->by_type[type] = list;
		for (size_t i = 0; i < sub->n; i++)
			if (sub->instrs[i].types & AB_TYPE_BIT(type))
				*list++ = &sub->instrs[i];
		*list++ = NULL;
	}
	return 0;
}

/* Which keywords stand in the object, and which of them count. */
static void find_keywords(const struct ab_keyword_index *keywords, struct ab_source *src,
			  uint32_t node)
{
	const struct ab_document *d = src->document;
	const struct ab_json_node *nodes = d->tape.nodes;

	for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
		const struct ab_keyword_info *info = ab_keyword_find(
			keywords, (const char *)d->text + nodes[key].at, nodes[key].len,
			src->resource.draft, src->resource.vocabularies);

		if (!info)
			continue;
		src->key[info->keyword] = key;
		src->value[info->keyword] = key + 1;
	}
	/* Draft 7 section 8.3: all other properties in a "$ref" object MUST be ignored. */
	if (src->resource.draft <= AB_DRAFT_7 && src->value[AB_KW_REF]) {
		uint32_t key = src->key[AB_KW_REF];

		memset(src->key, 0, sizeof(src->key));
		memset(src->value, 0, sizeof(src->value));
		src->key[AB_KW_REF] = key;
		src->value[AB_KW_REF] = key + 1;
	}
}

static int compile_object(struct ab_compiler *c, struct ab_sub *sub)
{
	struct ab_document *d = c->s->documents[sub->document];
	struct ab_source src = { .sub = sub,
				 .document = d,
				 .resource = c->s->resources[sub->resource],
				 .resource_number = sub->resource };

	find_keywords(&c->s->keywords, &src, sub->node);
	if (compile_type(c, &src) < 0 || ab_compile_scalars(c, &src) < 0 ||
	    ab_compile_arrays(c, &src) < 0 || ab_compile_objects(c, &src) < 0 ||
	    ab_compile_applicators(c, &src) < 0 || ab_compile_unevaluated(c, &src) < 0)
		return -1;
	sub->instrs = src.instrs;
	sub->n = src.n;
	return list_by_type(c, sub);
}

static int compile_one(struct ab_compiler *c, struct ab_sub *sub)
{
	const struct ab_document *d = c->s->documents[sub->document];
	unsigned type = d->tape.nodes[sub->node].type;

	if (type == AB_JSON_OBJECT)
		return compile_object(c, sub);
	if (type != AB_JSON_TRUE && type != AB_JSON_FALSE)
		return ab_document_fail(c, d, sub->node, "expected a schema");
	sub->boolean = true;
	sub->types = type == AB_JSON_TRUE ? AB_TYPE_ALL : 0;
	return list_by_type(c, sub);
}

static int compile_pending(struct ab_compiler *c)
{
	while (c->s->compiled < c->s->n_pending)
		if (compile_one(c, c->s->pending[c->s->compiled++]) < 0)
			return -1;
	return 0;
}

/* Every schema that a used $dynamicRef could lead to. */
static int compile_dynamic(struct ab_compiler *c)
{
	struct ab_schema *s = c->s;

	for (size_t i = 0; i < s->n_dynamics; i++)
		for (size_t j = 0; s->dynamics[i].used && j < s->dynamics[i].n; j++) {
			struct ab_dynamic_target *t = &s->dynamics[i].targets[j];

			t->sub = ab_compile_sub(c, s->documents[t->document], t->node);
			if (!t->sub)
				return -1;
		}
	return 0;
}

int ab_compile_all(struct ab_compiler *c)
{
	do {
		if (compile_pending(c) < 0 || compile_dynamic(c) < 0)
			return -1;
	} while (c->s->compiled < c->s->n_pending);
	return ab_compile_circles(c);
}
