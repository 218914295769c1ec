/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resources and anchors: JSON Schema 2020-12 core sections 8.2 and 9.1, and what the older drafts
 * had in their place. Recursion is bounded by the reader's depth limit.
 */
#include <string.h>

#include "lib/schema/program.h"
#include "lib/schema/uri.h"

static int index_schema(struct ab_compiler *c, struct ab_document *d, uint32_t node,
			uint32_t resource);

static uint32_t add_resource(struct ab_compiler *c, const struct ab_resource *r)
{
	struct ab_schema *s = c->s;
	struct ab_resource *resources =
		realloc(s->resources, (s->n_resources + 1) * sizeof(*resources));

	if (!resources) {
		ab_err_memory(c->err);
		return AB_MAP_NONE;
	}
	s->resources = resources;
	resources[s->n_resources] = *r;
	return (uint32_t)s->n_resources++;
}

/* Makes a URI name a resource. */
static int name_resource(struct ab_compiler *c, const struct ab_document *d, const char *uri,
			 uint32_t resource, uint32_t node)
{
	uint32_t other = ab_map_get(&c->s->uris, uri, strlen(uri));

	if (other != AB_MAP_NONE)
		return ab_document_fail(c, d, node, "two schemas of the URI \"%s\"", uri);
	return ab_map_set(&c->s->uris, uri, strlen(uri), resource, c->err);
}

static int add_place(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		     const char *name, size_t len, bool dynamic)
{
	struct ab_schema *s = c->s;
	const char *uri = s->resources[(d->resource[node] & ~AB_SCANNED) - 1].uri;
	struct ab_place *places = realloc(s->places, (s->n_places + 1) * sizeof(*places));
	ab_auto(ab_buf_free) struct ab_buf key = { 0 };
	const char *copy;

	if (!places)
		return ab_err_memory(c->err);
	s->places = places;
	places[s->n_places++] = (struct ab_place){ ab_document_number(s, d), node, dynamic };
	ab_buf_addf(&key, "%s#", uri);
	ab_buf_add(&key, name, len);
	if (ab_buf_ok(&key, c->err) < 0)
		return -1;
	if (ab_map_get(&s->anchors, key.data, key.len) != AB_MAP_NONE)
		return ab_document_fail(c, d, node, "two anchors \"%.*s\"", (int)len, name);
	copy = ab_arena_copy(&s->arena, key.data, key.len, c->err);
	return copy ? ab_map_set(&s->anchors, copy, key.len, (uint32_t)s->n_places - 1, c->err)
		    : -1;
}

uint32_t ab_index_dynamic(struct ab_compiler *c, const char *name, size_t len)
{
	struct ab_schema *s = c->s;
	struct ab_dynamic *dynamics;

	for (uint32_t i = 0; i < s->n_dynamics; i++)
		if (s->dynamics[i].len == len && memcmp(s->dynamics[i].name, name, len) == 0)
			return i;
	dynamics = realloc(s->dynamics, (s->n_dynamics + 1) * sizeof(*dynamics));
	if (!dynamics) {
		ab_err_memory(c->err);
		return AB_MAP_NONE;
	}
	s->dynamics = dynamics;
	dynamics[s->n_dynamics] = (struct ab_dynamic){ .name = name, .len = len };
	return (uint32_t)s->n_dynamics++;
}

/* Which node a name of $dynamicAnchor has in which resource. The sub is made when it is used. */
static int add_dynamic(struct ab_compiler *c, struct ab_document *d, uint32_t node,
		       const char *name, size_t len)
{
	uint32_t i = ab_index_dynamic(c, name, len);
	struct ab_dynamic *dynamic;
	struct ab_dynamic_target *targets;

	if (i == AB_MAP_NONE)
		return -1;
	dynamic = &c->s->dynamics[i];
	targets = realloc(dynamic->targets, (dynamic->n + 1) * sizeof(*targets));
	if (!targets)
		return ab_err_memory(c->err);
	dynamic->targets = targets;
	targets[dynamic->n] = (struct ab_dynamic_target){
		.resource = (d->resource[node] & ~AB_SCANNED) - 1,
		.document = ab_document_number(c->s, d),
		.node = node,
	};
	dynamic->n++;
	return 0;
}

static int index_anchor(struct ab_compiler *c, struct ab_document *d, uint32_t node, uint32_t value,
			enum ab_keyword keyword)
{
	size_t len;
	const char *name;

	if (d->tape.nodes[value].type != AB_JSON_STRING)
		return ab_document_fail(c, d, value, "expected a string");
	name = ab_document_text(c, d, value, &len);
	if (!name || add_place(c, d, node, name, len, keyword == AB_KW_DYNAMIC_ANCHOR) < 0)
		return -1;
	return keyword == AB_KW_DYNAMIC_ANCHOR ? add_dynamic(c, d, node, name, len) : 0;
}

static void fill(struct ab_document *d, uint32_t node, uint32_t resource)
{
	for (uint32_t i = node; i < d->tape.nodes[node].next; i++)
		d->resource[i] = resource;
}

/* The value of a member, 0 if there is none. */
static uint32_t member(const struct ab_document *d, uint32_t node, const char *name)
{
	ptrdiff_t value = ab_json_member(&d->tape, node, name, strlen(name));

	return value < 0 ? 0 : (uint32_t)value;
}

static int begin_resource(struct ab_compiler *c, struct ab_document *d, const struct ab_resource *r,
			  uint32_t *resource)
{
	uint32_t made = add_resource(c, r);

	if (made == AB_MAP_NONE || name_resource(c, d, r->uri, made, r->node) < 0)
		return -1;
	*resource = made + 1;
	fill(d, r->node, *resource);
	return 0;
}

/* A resource that an $id begins inside another. *resource becomes the new one (+ 1). */
static int index_id(struct ab_compiler *c, struct ab_document *d, uint32_t node, uint32_t value,
		    uint32_t *resource)
{
	struct ab_resource r = { .document = ab_document_number(c->s, d),
				 .node = node,
				 .outer = *resource - 1 };
	const struct ab_resource outer = c->s->resources[*resource - 1];
	ab_auto(ab_buf_free) struct ab_buf uri = { 0 };
	size_t len, fragment_len = 0;
	const char *id = ab_document_text(c, d, value, &len);
	const char *fragment = id ? ab_uri_fragment(id, len, &fragment_len) : NULL;

	if (!id)
		return -1;
	if (fragment != id + 1 || !fragment) { /* more than "#anchor" */
		ab_uri_resolve(outer.uri, id, len, &uri);
		if (ab_buf_ok(&uri, c->err) < 0 || ab_dialect_find(c, d, node, &outer, &r) < 0)
			return -1;
		r.uri = ab_arena_copy(&c->s->arena, uri.data, uri.len, c->err);
		if (!r.uri ||
		    (strcmp(r.uri, outer.uri) != 0 && begin_resource(c, d, &r, resource) < 0))
			return -1;
	}
	if (fragment_len && *fragment != '/')
		return add_place(c, d, node, fragment, fragment_len, false);
	return 0;
}

static int index_map(struct ab_compiler *c, struct ab_document *d, uint32_t map, uint32_t resource)
{
	const struct ab_json_node *nodes = d->tape.nodes;

	if (nodes[map].type != AB_JSON_OBJECT)
		return 0;
	for (uint32_t key = map + 1; key < nodes[map].next; key = nodes[key + 1].next)
		if (nodes[key + 1].type != AB_JSON_ARRAY &&
		    index_schema(c, d, key + 1, resource) < 0)
			return -1;
	return 0;
}

static int index_value(struct ab_compiler *c, struct ab_document *d, uint32_t value,
		       enum ab_shape shape, uint32_t resource)
{
	const struct ab_json_node *nodes = d->tape.nodes;

	if (shape == AB_SHAPE_VALUE)
		return 0;
	if (shape == AB_SHAPE_MAP || shape == AB_SHAPE_DEPENDENT)
		return index_map(c, d, value, resource);
	if (nodes[value].type != AB_JSON_ARRAY)
		return index_schema(c, d, value, resource);
	for (uint32_t i = value + 1; i < nodes[value].next; i = nodes[i].next)
		if (index_schema(c, d, i, resource) < 0)
			return -1;
	return 0;
}

static int index_keyword(struct ab_compiler *c, struct ab_document *d, uint32_t node, uint32_t key,
			 uint32_t resource)
{
	const struct ab_resource *r = &c->s->resources[resource - 1];
	const struct ab_json_node *n = &d->tape.nodes[key];
	const struct ab_keyword_info *info = ab_keyword_find(
		&c->s->keywords, (const char *)d->text + n->at, n->len, r->draft, r->vocabularies);

	if (!info)
		return 0;
	if (info->keyword == AB_KW_ANCHOR || info->keyword == AB_KW_DYNAMIC_ANCHOR)
		return index_anchor(c, d, node, key + 1, info->keyword);
	if (info->keyword == AB_KW_RECURSIVE_ANCHOR)
		return d->tape.nodes[key + 1].type == AB_JSON_TRUE ? add_dynamic(c, d, node, "", 0)
								   : 0;
	return index_value(c, d, key + 1, info->shape, resource);
}

/* $id is a keyword of this schema: drafts up to 7 ignore it beside $ref. */
static uint32_t find_id(const struct ab_compiler *c, const struct ab_document *d, uint32_t node,
			uint32_t resource)
{
	enum ab_draft draft = c->s->resources[resource - 1].draft;
	uint32_t schema = member(d, node, "$schema"), id;
	int own = -1;

	if (schema)
		own = ab_draft_find((const char *)d->text + d->tape.nodes[schema].at,
				    d->tape.nodes[schema].len);
	if (own >= 0)
		draft = (enum ab_draft)own;
	if (draft <= AB_DRAFT_7 && member(d, node, "$ref"))
		return 0;
	id = member(d, node, draft == AB_DRAFT_4 ? "id" : "$id");
	return id && d->tape.nodes[id].type == AB_JSON_STRING ? id : 0;
}

static int index_schema(struct ab_compiler *c, struct ab_document *d, uint32_t node,
			uint32_t resource)
{
	const struct ab_json_node *nodes = d->tape.nodes;
	uint32_t id;

	if (nodes[node].type != AB_JSON_OBJECT || d->resource[node] & AB_SCANNED)
		return 0;
	id = find_id(c, d, node, resource);
	if (id && c->s->resources[resource - 1].node != node &&
	    index_id(c, d, node, id, &resource) < 0)
		return -1;
	d->resource[node] = resource | AB_SCANNED;
	for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next)
		if (index_keyword(c, d, node, key, resource) < 0)
			return -1;
	return 0;
}

int ab_index_schema(struct ab_compiler *c, struct ab_document *d, uint32_t node)
{
	return index_schema(c, d, node, d->resource[node] & ~AB_SCANNED);
}

/* The URI of a document: its $id, resolved against where it was asked for. */
static int name_document(struct ab_compiler *c, struct ab_document *d, struct ab_resource *r,
			 struct ab_anchor *anchor)
{
	ab_auto(ab_buf_free) struct ab_buf uri = { 0 };
	const char *name = r->draft == AB_DRAFT_4 ? "id" : "$id", *text = "";
	bool is_object = d->tape.nodes[0].type == AB_JSON_OBJECT;
	uint32_t id = is_object ? member(d, 0, name) : 0;
	size_t len = 0;

	if (id && r->draft <= AB_DRAFT_7 && member(d, 0, "$ref"))
		id = 0;
	if (id && d->tape.nodes[id].type == AB_JSON_STRING) {
		text = ab_document_text(c, d, id, &len);
		if (!text)
			return -1;
	}
	anchor->name = ab_uri_fragment(text, len, &anchor->len);
	if (anchor->name && (!anchor->len || *anchor->name == '/'))
		anchor->name = NULL;
	ab_uri_resolve(d->uri, text, len, &uri);
	if (ab_buf_ok(&uri, c->err) < 0)
		return -1;
	r->uri = ab_arena_copy(&c->s->arena, uri.data, uri.len, c->err);
	return r->uri ? 0 : -1;
}

int ab_index_document(struct ab_compiler *c, struct ab_document *d)
{
	struct ab_resource r = { .document = ab_document_number(c->s, d), .outer = AB_MAP_NONE };
	struct ab_anchor anchor = { 0 };
	uint32_t made;

	if (ab_dialect_find(c, d, 0, NULL, &r) < 0 || name_document(c, d, &r, &anchor) < 0)
		return -1;
	made = add_resource(c, &r);
	if (made == AB_MAP_NONE || name_resource(c, d, r.uri, made, 0) < 0)
		return -1;
	if (strcmp(d->uri, r.uri) != 0 &&
	    ab_map_get(&c->s->uris, d->uri, strlen(d->uri)) == AB_MAP_NONE &&
	    ab_map_set(&c->s->uris, d->uri, strlen(d->uri), made, c->err) < 0)
		return -1;
	fill(d, 0, made + 1);
	if (anchor.name && add_place(c, d, 0, anchor.name, anchor.len, false) < 0)
		return -1;
	return index_schema(c, d, 0, made + 1);
}
