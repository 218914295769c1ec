/* SPDX-License-Identifier: Apache-2.0 */
/* const and enum; keywords of numbers and strings. */
#include <string.h>

#include "lib/schema/content.h"
#include "lib/schema/format.h"
#include "lib/schema/program.h"
#include "lib/schema/value.h"

#define FEW_VALUES   8	  /* an enum of no more is compared one by one */
#define FEW_STRINGS  3	  /* the same, where the value is a string */
#define MANY_STRINGS 1024 /* the table would be larger than it is worth */

/* Open addressing by hash, at most half full. */
static int hash_values(struct ab_compiler *c, struct ab_values *v)
{
	size_t slots = 2;

	while (slots < 2 * v->n)
		slots *= 2;
	v->slots = ab_arena_array(&c->s->arena, slots, sizeof(*v->slots), c->err);
	v->hashes = ab_arena_array(&c->s->arena, slots, sizeof(*v->hashes), c->err);
	if (!v->slots || !v->hashes)
		return -1;
	v->mask = slots - 1;
	for (uint32_t i = 0; i < v->n; i++) {
		uint64_t hash;
		size_t at;

		if (ab_value_hash(v->tape, v->nodes[i], c->s->seed, NULL, &hash, c->err) < 0)
			return -1;
		for (at = hash & v->mask; v->slots[at]; at = (at + 1) & v->mask)
			;
		v->slots[at] = i + 1;
		v->hashes[at] = hash;
	}
	return 0;
}

/* A table of the strings. */
static int index_strings(struct ab_compiler *c, const struct ab_source *src, struct ab_values *v)
{
	const struct ab_json_node *nodes = v->tape->nodes;
	struct ab_object *table;
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += nodes[v->nodes[i]].type == AB_JSON_STRING;
	v->all_strings = n == v->n;
	if (n <= FEW_STRINGS || n > MANY_STRINGS)
		return 0;
	table = ab_arena_take(&c->s->arena, sizeof(*table), c->err);
	if (!table || ab_object_table(c, table, n) < 0)
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		size_t len;
		const char *text;

		if (nodes[v->nodes[i]].type != AB_JSON_STRING)
			continue;
		text = ab_document_text(c, src->document, v->nodes[i], &len);
		if (!text)
			return -1;
		(void)ab_object_entry(table, text, len);
	}
	v->strings = table;
	return 0;
}

static int compile_values(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword)
{
	const struct ab_json_tape *tape = &src->document->tape;
	uint32_t value = src->value[keyword], first = value, end = value + 1;
	struct ab_values *v;
	struct ab_instr *in;

	if (!value)
		return 0;
	if (keyword == AB_KW_ENUM) {
		if (tape->nodes[value].type != AB_JSON_ARRAY)
			return ab_compile_bad(c, src, value, "an array");
		first = value + 1;
		end = tape->nodes[value].next;
	}
	v = ab_arena_take(&c->s->arena, sizeof(*v), c->err);
	in = v ? ab_compile_add(c, src, AB_OP_VALUES, keyword, AB_TYPE_ALL) : NULL;
	if (!in)
		return -1;
	in->u.values = v;
	v->tape = tape;
	v->nodes =
		ab_arena_array(&c->s->arena, keyword == AB_KW_ENUM ? tape->nodes[value].count : 1,
			       sizeof(*v->nodes), c->err);
	if (!v->nodes)
		return -1;
	for (uint32_t i = first; i < end; i = keyword == AB_KW_ENUM ? tape->nodes[i].next : end)
		v->nodes[v->n++] = i;
	if (index_strings(c, src, v) < 0)
		return -1;
	return v->n > FEW_VALUES ? hash_values(c, v) : 0;
}

static struct ab_limit *parse_limit(struct ab_compiler *c, const struct ab_source *src,
				    uint32_t value)
{
	const struct ab_json_node *n = &src->document->tape.nodes[value];
	struct ab_limit *limit;

	if (n->type != AB_JSON_NUMBER) {
		ab_compile_bad(c, src, value, "a number");
		return NULL;
	}
	limit = ab_arena_take(&c->s->arena, sizeof(*limit), c->err);
	if (!limit)
		return NULL;
	ab_decimal_parse(&limit->decimal, src->document->text + n->at, n->len);
	limit->is_small = n->flags & AB_JSON_INTEGER &&
			  ab_value_small(src->document->text + n->at, n->len, &limit->small);
	return limit;
}

static int compile_bound(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword,
			 enum ab_op op)
{
	struct ab_limit *limit;
	struct ab_instr *in;

	if (!src->value[keyword])
		return 0;
	limit = parse_limit(c, src, src->value[keyword]);
	if (!limit)
		return -1;
	if (op == AB_OP_MULTIPLE_OF &&
	    (limit->decimal.negative || ab_decimal_is_zero(&limit->decimal)))
		return ab_compile_bad(c, src, src->value[keyword], "a number above 0");
	in = ab_compile_add(c, src, op, keyword, AB_TYPE_BIT(AB_JSON_NUMBER));
	if (!in)
		return -1;
	in->u.limit = limit;
	return 0;
}

/* Draft 4 section 5.1: exclusiveMinimum and its like are booleans that sharpen the other one. */
static int compile_bounds(struct ab_compiler *c, struct ab_source *src)
{
	bool draft4 = src->resource.draft == AB_DRAFT_4;
	uint32_t above = src->value[AB_KW_EXCLUSIVE_MINIMUM];
	uint32_t below = src->value[AB_KW_EXCLUSIVE_MAXIMUM];
	bool min = draft4 && above && ab_source_type(src, above) == AB_JSON_TRUE;
	bool max = draft4 && below && ab_source_type(src, below) == AB_JSON_TRUE;

	if (compile_bound(c, src, AB_KW_MINIMUM, min ? AB_OP_EXCLUSIVE_MINIMUM : AB_OP_MINIMUM) <
		    0 ||
	    compile_bound(c, src, AB_KW_MAXIMUM, max ? AB_OP_EXCLUSIVE_MAXIMUM : AB_OP_MAXIMUM) <
		    0 ||
	    compile_bound(c, src, AB_KW_MULTIPLE_OF, AB_OP_MULTIPLE_OF) < 0)
		return -1;
	if (draft4)
		return 0;
	if (compile_bound(c, src, AB_KW_EXCLUSIVE_MINIMUM, AB_OP_EXCLUSIVE_MINIMUM) < 0)
		return -1;
	return compile_bound(c, src, AB_KW_EXCLUSIVE_MAXIMUM, AB_OP_EXCLUSIVE_MAXIMUM);
}

int ab_compile_number(struct ab_compiler *c, const struct ab_source *src, enum ab_keyword keyword,
		      uint64_t *ret)
{
	struct ab_decimal d;
	uint32_t value = src->value[keyword];
	const struct ab_json_node *n = &src->document->tape.nodes[value];

	if (n->type == AB_JSON_NUMBER) {
		ab_decimal_parse(&d, src->document->text + n->at, n->len);
		if (ab_decimal_count(&d, ret))
			return 0;
	}
	return ab_compile_bad(c, src, value, "a non-negative integer");
}

int ab_compile_count(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword,
		     enum ab_op op, enum ab_json_type type)
{
	struct ab_instr *in;
	uint64_t n;

	if (!src->value[keyword])
		return 0;
	if (ab_compile_number(c, src, keyword, &n) < 0)
		return -1;
	in = ab_compile_add(c, src, op, keyword, AB_TYPE_BIT(type));
	if (!in)
		return -1;
	in->u.count = n;
	return 0;
}

/* A new pattern, the last of the schema's. */
static int add_pattern(struct ab_compiler *c, const struct ab_source *src, uint32_t node,
		       const char *text, size_t len)
{
	struct ab_schema *s = c->s;
	struct ab_pattern **patterns =
		realloc(s->patterns, (s->n_patterns + 1) * sizeof(struct ab_pattern *));

	if (!patterns)
		return ab_err_memory(c->err);
	s->patterns = patterns;
	if (ab_pattern_new(&patterns[s->n_patterns], text, len, c->err) < 0) {
		struct ab_err why = *c->err;

		ab_document_fail(c, src->document, node, "%s", why.msg);
		c->err->status = why.status;
		return -1;
	}
	return ab_map_set(&s->pattern_numbers, text, len, (uint32_t)s->n_patterns++, c->err);
}

const struct ab_pattern *ab_compile_pattern(struct ab_compiler *c, const struct ab_source *src,
					    uint32_t node)
{
	struct ab_schema *s = c->s;
	size_t len;
	const char *text = ab_document_text(c, src->document, node, &len);
	uint32_t known = text ? ab_map_get(&s->pattern_numbers, text, len) : AB_MAP_NONE;

	if (known != AB_MAP_NONE)
		return s->patterns[known];
	if (!text || add_pattern(c, src, node, text, len) < 0)
		return NULL;
	return s->patterns[s->n_patterns - 1];
}

static int compile_pattern(struct ab_compiler *c, struct ab_source *src)
{
	uint32_t value = src->value[AB_KW_PATTERN];
	const struct ab_pattern *pattern;
	struct ab_instr *in;

	if (!value)
		return 0;
	if (ab_source_type(src, value) != AB_JSON_STRING)
		return ab_compile_bad(c, src, value, "a regular expression");
	pattern = ab_compile_pattern(c, src, value);
	in = pattern ? ab_compile_add(c, src, AB_OP_PATTERN, AB_KW_PATTERN,
				      AB_TYPE_BIT(AB_JSON_STRING))
		     : NULL;
	if (!in)
		return -1;
	in->u.pattern = pattern;
	return 0;
}

static int compile_format(struct ab_compiler *c, struct ab_source *src)
{
	bool asserts = c->s->settings.assert_format ||
		       src->resource.vocabularies & AB_VOCAB_FORMAT_ASSERTION;
	uint32_t value = src->value[AB_KW_FORMAT];
	struct ab_instr *in;
	const char *name;
	size_t len;
	unsigned format;

	if (!value || !asserts || c->s->is_meta)
		return 0;
	if (ab_source_type(src, value) != AB_JSON_STRING)
		return ab_compile_bad(c, src, value, "the name of a format");
	name = ab_document_text(c, src->document, value, &len);
	if (!name)
		return -1;
	format = ab_format_find(name, len);
	if (!format)
		return 0; /* an annotation: 2020-12 validation section 7.2.1 */
	in = ab_compile_add(c, src, AB_OP_FORMAT, AB_KW_FORMAT, AB_TYPE_BIT(AB_JSON_STRING));
	if (!in)
		return -1;
	in->u.format.number = format;
	in->u.format.draft = src->resource.draft;
	return 0;
}

static int compile_content(struct ab_compiler *c, struct ab_source *src)
{
	uint32_t encoding = src->value[AB_KW_CONTENT_ENCODING];
	uint32_t media = src->value[AB_KW_CONTENT_MEDIA_TYPE];
	uint32_t schema = src->value[AB_KW_CONTENT_SCHEMA];
	struct ab_content *content;
	struct ab_instr *in;

	if (!c->s->settings.assert_content || c->s->is_meta || (!encoding && !media))
		return 0;
	content = ab_arena_take(&c->s->arena, sizeof(*content), c->err);
	if (!content || ab_content_set(c, src, content) < 0)
		return -1;
	if (schema && content->json) {
		content->schema = ab_compile_sub(c, src->document, schema);
		if (!content->schema)
			return -1;
	}
	if (!content->encoding && !content->json)
		return 0;
	in = ab_compile_add(c, src, AB_OP_CONTENT,
			    encoding ? AB_KW_CONTENT_ENCODING : AB_KW_CONTENT_MEDIA_TYPE,
			    AB_TYPE_BIT(AB_JSON_STRING));
	if (!in)
		return -1;
	in->u.content = content;
	return 0;
}

int ab_compile_scalars(struct ab_compiler *c, struct ab_source *src)
{
	if (compile_values(c, src, AB_KW_CONST) < 0 || compile_values(c, src, AB_KW_ENUM) < 0 ||
	    compile_bounds(c, src) < 0)
		return -1;
	if (ab_compile_count(c, src, AB_KW_MIN_LENGTH, AB_OP_LENGTH, AB_JSON_STRING) < 0 ||
	    ab_compile_count(c, src, AB_KW_MAX_LENGTH, AB_OP_LENGTH, AB_JSON_STRING) < 0)
		return -1;
	if (compile_pattern(c, src) < 0 || compile_format(c, src) < 0)
		return -1;
	return compile_content(c, src);
}
