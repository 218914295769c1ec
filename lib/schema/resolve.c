/* SPDX-License-Identifier: Apache-2.0 */
/* Where a reference leads: JSON Schema 2020-12 core section 8.2.3, RFC 6901 for pointers. */
#include <string.h>

#include "lib/schema/program.h"
#include "lib/schema/uri.h"

#define LARGE_OBJECT 16

/* A reference taken apart. */
struct target {
	const struct ab_source *from;
	uint32_t value;
	uint32_t resource;
	const char *fragment; /* percent-decoded; "" if there is none */
	size_t len;
};

static int find_resource(struct ab_compiler *c, struct target *t, const char *text, size_t len)
{
	ab_auto(ab_buf_free) struct ab_buf uri = { 0 };
	struct ab_document *found = NULL;

	if (*text == '#' || !len) {
		t->resource = t->from->resource_number;
		return 0;
	}
	ab_uri_resolve(t->from->resource.uri, text, len, &uri);
	if (ab_buf_ok(&uri, c->err) < 0)
		return -1;
	t->resource = ab_map_get(&c->s->uris, uri.data, uri.len);
	if (t->resource != AB_MAP_NONE)
		return 0;
	if (ab_document_find(c, uri.data, &found) < 0)
		return -1;
	if (!found)
		return ab_document_fail(c, t->from->document, t->value,
					"no schema for \"%s\" (give it with --ref)", uri.data);
	t->resource = (found->resource[0] & ~AB_SCANNED) - 1;
	return 0;
}

/* One reference token, unescaped in place: its length, SIZE_MAX where ~ stands for nothing. */
static size_t unescape(char *token, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++, to++) {
		token[to] = token[i];
		if (token[i] != '~')
			continue;
		if (i + 1 == len || (token[i + 1] != '0' && token[i + 1] != '1'))
			return SIZE_MAX;
		token[to] = token[++i] == '0' ? '~' : '/';
	}
	return to;
}

static uint32_t element(const struct ab_json_tape *tape, uint32_t array, const char *token,
			size_t len)
{
	uint32_t node = array + 1;
	size_t index = 0;

	if (!len || len > 9 || (len > 1 && *token == '0'))
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (token[i] < '0' || token[i] > '9')
			return 0;
		index = index * 10 + (size_t)(token[i] - '0');
	}
	if (index >= tape->nodes[array].count)
		return 0;
	while (index--)
		node = tape->nodes[node].next;
	return node;
}

/* The key under which a member of a large object is remembered. */
static int member_key(struct ab_buf *key, const struct ab_document *d, uint32_t object,
		      const char *name, size_t len, struct ab_err *err)
{
	ab_buf_add(key, &d, sizeof(d));
	ab_buf_add(key, &object, sizeof(object));
	ab_buf_add(key, name, len);
	return ab_buf_ok(key, err);
}

/* Remembers all members of an object, so that a thousand references into it are no thousand
 * searches. */
static int remember(struct ab_compiler *c, const struct ab_document *d, uint32_t object)
{
	const struct ab_json_node *nodes = d->tape.nodes;

	for (uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
		ab_auto(ab_buf_free) struct ab_buf full = { 0 };
		size_t len;
		const char *name = ab_document_text(c, d, key, &len), *copy;

		if (!name || member_key(&full, d, object, name, len, c->err) < 0)
			return -1;
		copy = ab_arena_copy(&c->s->arena, full.data, full.len, c->err);
		if (!copy || ab_map_set(&c->s->members, copy, full.len, key + 1, c->err) < 0)
			return -1;
	}
	return 0;
}

/* The value of a member; 0 if there is none, or with err. */
static uint32_t member(struct ab_compiler *c, const struct ab_document *d, uint32_t object,
		       const char *name, size_t len)
{
	ab_auto(ab_buf_free) struct ab_buf key = { 0 };
	uint32_t value, count = d->tape.nodes[object].count;
	ptrdiff_t found;

	if (count < LARGE_OBJECT) {
		found = ab_json_member(&d->tape, object, name, len);
		return found < 0 ? 0 : (uint32_t)found;
	}
	if (member_key(&key, d, object, name, len, c->err) < 0)
		return 0;
	value = ab_map_get(&c->s->members, key.data, key.len);
	if (value != AB_MAP_NONE)
		return value;
	/* Either it is not there, or this is the first question about the object. */
	found = ab_json_member(&d->tape, object, name, len);
	if (found < 0 || remember(c, d, object) < 0)
		return 0;
	return (uint32_t)found;
}

/* The node that a pointer names below another one; 0 (never a child) if there is none. */
static uint32_t walk(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		     char *pointer, size_t len)
{
	const struct ab_json_tape *tape = &d->tape;
	size_t at = 0;

	while (at < len) {
		char *token = pointer + at + 1, *end = memchr(token, '/', len - at - 1);
		size_t n = end ? (size_t)(end - token) : len - at - 1, plain = unescape(token, n);
		enum ab_json_type type = tape->nodes[node].type;

		if (plain == SIZE_MAX)
			return 0;
		if (type == AB_JSON_ARRAY)
			node = element(tape, node, token, plain);
		else
			node = type == AB_JSON_OBJECT ? member(c, d, node, token, plain) : 0;
		if (!node)
			return 0;
		at += n + 1;
	}
	return node;
}

static struct ab_sub *find_pointer(struct ab_compiler *c, const struct target *t)
{
	const struct ab_resource *r = &c->s->resources[t->resource];
	struct ab_document *d = c->s->documents[r->document];
	ab_auto(ab_buf_free) struct ab_buf copy = { 0 };
	uint32_t node = r->node;

	ab_buf_add(&copy, t->fragment, t->len);
	if (t->len) {
		if (ab_buf_ok(&copy, c->err) < 0)
			return NULL;
		node = walk(c, d, r->node, copy.data, copy.len);
		if (!node && c->err->status)
			return NULL;
		if (!node) {
			ab_document_fail(c, t->from->document, t->value, "nothing at #%s there",
					 t->fragment);
			return NULL;
		}
	}
	if (ab_index_schema(c, d, node) < 0)
		return NULL;
	return ab_compile_sub(c, d, node);
}

static struct ab_sub *find_anchor(struct ab_compiler *c, const struct target *t,
				  struct ab_anchor *ret_anchor)
{
	ab_auto(ab_buf_free) struct ab_buf key = { 0 };
	const struct ab_place *place;
	uint32_t i;

	ab_buf_addf(&key, "%s#", c->s->resources[t->resource].uri);
	ab_buf_add(&key, t->fragment, t->len);
	if (ab_buf_ok(&key, c->err) < 0)
		return NULL;
	i = ab_map_get(&c->s->anchors, key.data, key.len);
	if (i == AB_MAP_NONE) {
		ab_document_fail(c, t->from->document, t->value, "no anchor \"%s\" there",
				 t->fragment);
		return NULL;
	}
	place = &c->s->places[i];
	if (place->dynamic)
		*ret_anchor = (struct ab_anchor){ t->fragment, t->len };
	return ab_compile_sub(c, c->s->documents[place->document], place->node);
}

struct ab_sub *ab_resolve(struct ab_compiler *c, const struct ab_source *from, uint32_t value,
			  struct ab_anchor *ret_anchor)
{
	struct target t = { .from = from, .value = value };
	ab_auto(ab_buf_free) struct ab_buf decoded = { 0 };
	size_t len, fragment_len = 0;
	const char *text, *fragment;

	*ret_anchor = (struct ab_anchor){ 0 };
	if (ab_source_type(from, value) != AB_JSON_STRING) {
		ab_document_fail(c, from->document, value, "expected a URI reference");
		return NULL;
	}
	text = ab_document_text(c, from->document, value, &len);
	if (!text || find_resource(c, &t, text, len) < 0)
		return NULL;
	fragment = ab_uri_fragment(text, len, &fragment_len);
	if (fragment && !ab_uri_decode(fragment, fragment_len, &decoded)) {
		ab_document_fail(c, from->document, value, "a bad %%-escape in \"%s\"", text);
		return NULL;
	}
	t.len = decoded.len;
	t.fragment = ab_arena_copy(&c->s->arena, decoded.data, decoded.len, c->err);
	if (!t.fragment)
		return NULL;
	return t.len && *t.fragment != '/' ? find_anchor(c, &t, ret_anchor) : find_pointer(c, &t);
}
