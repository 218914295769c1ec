/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of objects. properties, patternProperties, additionalProperties and required become one
 * instruction that goes over the members once. */
#include <string.h>

#include "lib/schema/program.h"

static const struct ab_json_node *nodes_of(const struct ab_source *src)
{
	return src->document->tape.nodes;
}

/* At most half full. */
int ab_object_table(struct ab_compiler *c, struct ab_object *o, size_t n)
{
	size_t slots = 2;

	o->shift = 63;
	for (; slots < 2 * n; slots *= 2)
		o->shift--;
	o->table = ab_arena_array(&c->s->arena, slots + 1, sizeof(*o->table), c->err);
	o->mask = (uint32_t)slots - 1;
	return o->table ? 0 : -1;
}

struct ab_property *ab_object_entry(struct ab_object *o, const char *name, size_t len)
{
	struct ab_hash_words words = ab_hash_words(name, len);
	size_t at = ab_hash_key(words, len) >> o->shift;

	for (; o->table[at].name; at = (at + 1) & o->mask)
		if (o->table[at].len == len && memcmp(o->table[at].name, name, len) == 0)
			return &o->table[at];
	o->table[at] = (struct ab_property){ .name = name, .len = (uint32_t)len, .words = words };
	o->table[at].shift = (unsigned char)(len && len < 8 ? 64 - 8 * len : 0);
	o->n_names++;
	return &o->table[at];
}

/* The entry of a name that stands at a string node, made if it is new. NULL with err. */
static struct ab_property *property_at(struct ab_compiler *c, const struct ab_source *src,
				       struct ab_object *o, uint32_t node)
{
	size_t len;
	const char *name = ab_document_text(c, src->document, node, &len);

	if (!name || ab_compile_name(c, name, len) < 0)
		return NULL;
	return ab_object_entry(o, name, len);
}

static int compile_properties(struct ab_compiler *c, struct ab_source *src, struct ab_object *o)
{
	const struct ab_json_node *nodes = nodes_of(src);
	uint32_t value = src->value[AB_KW_PROPERTIES];

	if (!value)
		return 0;
	for (uint32_t key = value + 1; key < nodes[value].next; key = nodes[key + 1].next) {
		struct ab_property *p = property_at(c, src, o, key);

		if (!p)
			return -1;
		p->sub = ab_compile_sub(c, src->document, key + 1);
		if (!p->sub)
			return -1;
	}
	return 0;
}

static int compile_required(struct ab_compiler *c, struct ab_source *src, struct ab_object *o)
{
	const struct ab_json_node *nodes = nodes_of(src);
	uint32_t value = src->value[AB_KW_REQUIRED];

	if (!value)
		return 0;
	for (uint32_t i = value + 1; i < nodes[value].next; i = nodes[i].next) {
		struct ab_property *p;

		if (nodes[i].type != AB_JSON_STRING)
			return ab_compile_bad(c, src, i, "a member's name");
		p = property_at(c, src, o, i);
		if (!p)
			return -1;
		o->n_required += !p->required;
		p->required = true;
	}
	return 0;
}

static int compile_patterns(struct ab_compiler *c, struct ab_source *src, struct ab_object *o)
{
	const struct ab_json_node *nodes = nodes_of(src);
	uint32_t value = src->value[AB_KW_PATTERN_PROPERTIES];

	if (!value)
		return 0;
	if (nodes[value].type != AB_JSON_OBJECT)
		return ab_compile_bad(c, src, value, "an object of schemas");
	o->patterns =
		ab_arena_array(&c->s->arena, nodes[value].count, sizeof(*o->patterns), c->err);
	if (!o->patterns)
		return -1;
	for (uint32_t key = value + 1; key < nodes[value].next; key = nodes[key + 1].next) {
		struct ab_pattern_property *p = &o->patterns[o->n_patterns++];

		p->pattern = ab_compile_pattern(c, src, key);
		p->sub = p->pattern ? ab_compile_sub(c, src->document, key + 1) : NULL;
		if (!p->sub)
			return -1;
	}
	return 0;
}

static int check_shapes(struct ab_compiler *c, const struct ab_source *src)
{
	uint32_t properties = src->value[AB_KW_PROPERTIES], required = src->value[AB_KW_REQUIRED];

	if (properties && ab_source_type(src, properties) != AB_JSON_OBJECT)
		return ab_compile_bad(c, src, properties, "an object of schemas");
	if (required && ab_source_type(src, required) != AB_JSON_ARRAY)
		return ab_compile_bad(c, src, required, "an array of members' names");
	return 0;
}

static int fill_object(struct ab_compiler *c, struct ab_source *src, struct ab_object *o)
{
	const struct ab_json_node *nodes = nodes_of(src);
	uint32_t properties = src->value[AB_KW_PROPERTIES], required = src->value[AB_KW_REQUIRED];
	uint32_t additional = src->value[AB_KW_ADDITIONAL_PROPERTIES];

	o->properties_key = src->key[AB_KW_PROPERTIES];
	o->required_key = src->key[AB_KW_REQUIRED];
	o->patterns_key = src->key[AB_KW_PATTERN_PROPERTIES];
	o->additional_key = src->key[AB_KW_ADDITIONAL_PROPERTIES];
	if (ab_object_table(c, o,
			    (properties ? nodes[properties].count : 0) +
				    (required ? nodes[required].count : 0)) < 0)
		return -1;
	if (compile_properties(c, src, o) < 0 || compile_required(c, src, o) < 0 ||
	    compile_patterns(c, src, o) < 0)
		return -1;
	if (!additional)
		return 0;
	o->additional = ab_compile_sub(c, src->document, additional);
	return o->additional ? 0 : -1;
}

static int compile_object(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_object *o;
	struct ab_instr *in;

	if (!src->value[AB_KW_PROPERTIES] && !src->value[AB_KW_REQUIRED] &&
	    !src->value[AB_KW_PATTERN_PROPERTIES] && !src->value[AB_KW_ADDITIONAL_PROPERTIES])
		return 0;
	o = ab_arena_take(&c->s->arena, sizeof(*o), c->err);
	if (!o || check_shapes(c, src) < 0 || fill_object(c, src, o) < 0)
		return -1;
	in = ab_compile_add(c, src, AB_OP_OBJECT, AB_KW_PROPERTIES, AB_TYPE_BIT(AB_JSON_OBJECT));
	if (!in)
		return -1;
	in->u.object = o;
	return 0;
}

static int compile_names(struct ab_compiler *c, struct ab_source *src)
{
	struct ab_sub *sub;
	struct ab_instr *in;

	if (!src->value[AB_KW_PROPERTY_NAMES])
		return 0;
	sub = ab_compile_sub(c, src->document, src->value[AB_KW_PROPERTY_NAMES]);
	in = sub ? ab_compile_add(c, src, AB_OP_PROPERTY_NAMES, AB_KW_PROPERTY_NAMES,
				  AB_TYPE_BIT(AB_JSON_OBJECT))
		 : NULL;
	if (!in)
		return -1;
	in->u.sub = sub;
	return 0;
}

/* An array of names that a member asks for. */
static int fill_dependent(struct ab_compiler *c, struct ab_source *src, struct ab_dependent *dep,
			  uint32_t value)
{
	const struct ab_json_node *nodes = nodes_of(src);

	dep->names = ab_arena_array(&c->s->arena, nodes[value].count, sizeof(char *), c->err);
	dep->lens = ab_arena_array(&c->s->arena, nodes[value].count, sizeof(size_t), c->err);
	if (!dep->names || !dep->lens)
		return -1;
	for (uint32_t i = value + 1; i < nodes[value].next; i = nodes[i].next) {
		if (nodes[i].type != AB_JSON_STRING)
			return ab_compile_bad(c, src, i, "a member's name");
		dep->names[dep->n] = ab_document_text(c, src->document, i, &dep->lens[dep->n]);
		if (!dep->names[dep->n] ||
		    ab_compile_name(c, dep->names[dep->n], dep->lens[dep->n]) < 0)
			return -1;
		dep->n++;
	}
	return 0;
}

/* One member of dependentRequired, dependentSchemas or dependencies that is of the wanted sort. */
static int add_dependent(struct ab_compiler *c, struct ab_source *src, struct ab_dependents *deps,
			 uint32_t key)
{
	struct ab_dependent *dep = &deps->items[deps->n++];

	dep->name = ab_document_text(c, src->document, key, &dep->len);
	if (!dep->name || ab_compile_name(c, dep->name, dep->len) < 0)
		return -1;
	if (ab_source_type(src, key + 1) == AB_JSON_ARRAY)
		return fill_dependent(c, src, dep, key + 1);
	dep->sub = ab_compile_sub(c, src->document, key + 1);
	return dep->sub ? 0 : -1;
}

static int compile_dependents(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword,
			      enum ab_op op)
{
	const struct ab_json_node *nodes = nodes_of(src);
	uint32_t value = src->value[keyword];
	bool arrays = op == AB_OP_DEPENDENT_REQUIRED;
	struct ab_dependents *deps;
	struct ab_instr *in;

	if (!value)
		return 0;
	if (nodes[value].type != AB_JSON_OBJECT)
		return ab_compile_bad(c, src, value, "an object");
	deps = ab_arena_take(&c->s->arena, sizeof(*deps), c->err);
	if (!deps)
		return -1;
	deps->items =
		ab_arena_array(&c->s->arena, nodes[value].count, sizeof(*deps->items), c->err);
	if (!deps->items)
		return -1;
	for (uint32_t key = value + 1; key < nodes[value].next; key = nodes[key + 1].next)
		if ((nodes[key + 1].type == AB_JSON_ARRAY) == arrays &&
		    add_dependent(c, src, deps, key) < 0)
			return -1;
	if (!deps->n)
		return 0;
	in = ab_compile_add(c, src, op, keyword, AB_TYPE_BIT(AB_JSON_OBJECT));
	if (!in)
		return -1;
	in->u.dependents = deps;
	return 0;
}

int ab_compile_objects(struct ab_compiler *c, struct ab_source *src)
{
	if (ab_compile_count(c, src, AB_KW_MIN_PROPERTIES, AB_OP_COUNT, AB_JSON_OBJECT) < 0 ||
	    ab_compile_count(c, src, AB_KW_MAX_PROPERTIES, AB_OP_COUNT, AB_JSON_OBJECT) < 0)
		return -1;
	if (compile_object(c, src) < 0 || compile_names(c, src) < 0)
		return -1;
	if (compile_dependents(c, src, AB_KW_DEPENDENT_REQUIRED, AB_OP_DEPENDENT_REQUIRED) < 0 ||
	    compile_dependents(c, src, AB_KW_DEPENDENT_SCHEMAS, AB_OP_DEPENDENT_SCHEMAS) < 0)
		return -1;
	if (compile_dependents(c, src, AB_KW_DEPENDENCIES, AB_OP_DEPENDENT_REQUIRED) < 0)
		return -1;
	return compile_dependents(c, src, AB_KW_DEPENDENCIES, AB_OP_DEPENDENT_SCHEMAS);
}
