/* SPDX-License-Identifier: Apache-2.0 */
/* $schema and $vocabulary: JSON Schema 2020-12 core section 8.1; the check by the metaschema. */
#include <string.h>

#include "lib/base/hold.h"
#include "lib/schema/program.h"

#define MAX_META  8    /* metaschemas of metaschemas */
#define MAX_PARTS 1000 /* of a document, each with a dialect other than that of the one around it */

static uint32_t member(const struct ab_document *d, uint32_t node, const char *name)
{
	ptrdiff_t value;

	if (d->tape.nodes[node].type != AB_JSON_OBJECT)
		return 0;
	value = ab_json_member(&d->tape, node, name, strlen(name));
	return value < 0 ? 0 : (uint32_t)value;
}

/* The vocabularies that a metaschema document declares. */
static int read_vocabularies(struct ab_compiler *c, const struct ab_document *meta,
			     unsigned *ret_bits)
{
	const struct ab_json_node *nodes = meta->tape.nodes;
	uint32_t object = member(meta, 0, "$vocabulary");

	*ret_bits = AB_VOCAB_ALL;
	if (!object || nodes[object].type != AB_JSON_OBJECT)
		return 0;
	*ret_bits = AB_VOCAB_CORE;
	for (uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
		size_t len;
		const char *uri = ab_document_text(c, meta, key, &len);
		unsigned bits = uri ? ab_vocabulary_find(uri, len) : 0;
		bool required = nodes[key + 1].type == AB_JSON_TRUE;

		if (!uri)
			return -1;
		if (!bits && required)
			return ab_document_fail(c, meta, key, "unknown vocabulary %s is required",
						uri);
		*ret_bits |= bits;
		/* 2019-09 section 7.2: a required format vocabulary asserts. */
		if (required && len > 11 && strcmp(uri + len - 11, "vocab/format") == 0)
			*ret_bits |= AB_VOCAB_FORMAT_ASSERTION;
	}
	return 0;
}

/* A metaschema that is not built in. */
static int find_custom(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		       const char *uri, struct ab_resource *ret)
{
	uint32_t known = ab_map_get(&c->s->uris, uri, strlen(uri)), made;
	struct ab_document *meta = NULL;

	if (known != AB_MAP_NONE) {
		meta = c->s->documents[c->s->resources[known].document];
	} else if (c->s->n_documents > 1000 || ab_document_find(c, uri, &meta) < 0) {
		return -1;
	}
	if (!meta)
		return ab_document_fail(c, d, node, "unknown $schema \"%s\"", uri);
	made = (meta->resource[0] & ~AB_SCANNED) - 1;
	ret->draft = c->s->resources[made].draft;
	return read_vocabularies(c, meta, &ret->vocabularies);
}

/* Whose dialect a document without $schema is of: that of the main one, from which references lead
 * to it. NULL: it is the main one, or that is not known yet. */
static const struct ab_resource *main_resource(const struct ab_schema *s)
{
	uint32_t resource = s->n_documents ? s->documents[0]->resource[0] & ~AB_SCANNED : 0;

	return resource ? &s->resources[resource - 1] : NULL;
}

int ab_dialect_find(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		    const struct ab_resource *outer, struct ab_resource *ret)
{
	uint32_t schema = member(d, node, "$schema");
	size_t len;
	const char *uri;
	int draft;

	if (!outer)
		outer = main_resource(c->s);
	ret->draft = outer ? outer->draft : c->s->settings.draft;
	ret->vocabularies = outer ? outer->vocabularies : AB_VOCAB_ALL;
	ret->dialect = outer ? outer->dialect : ab_draft_uri(ret->draft);
	if (!schema)
		return 0;
	if (d->tape.nodes[schema].type != AB_JSON_STRING)
		return ab_document_fail(c, d, schema, "expected a URI");
	uri = ab_document_text(c, d, schema, &len);
	if (!uri)
		return -1;
	draft = ab_draft_find(uri, len);
	if (draft >= 0) {
		ret->draft = (enum ab_draft)draft;
		ret->vocabularies = AB_VOCAB_ALL;
		ret->dialect = ab_draft_uri(ret->draft);
		return 0;
	}
	ret->dialect = uri;
	return find_custom(c, d, schema, uri, ret);
}

static void free_schema(struct ab_schema **s)
{
	ab_schema_free(*s);
}

/* Where a part of a document begins that another metaschema checks than what is around it: at its
 * root, or at an embedded resource with a $schema of its own. */
static bool begins_part(const struct ab_schema *s, const struct ab_resource *r)
{
	return r->outer == AB_MAP_NONE || strcmp(r->dialect, s->resources[r->outer].dialect) != 0;
}

static const struct ab_resource *part_of(const struct ab_schema *s, const struct ab_resource *r)
{
	while (!begins_part(s, r))
		r = &s->resources[r->outer];
	return r;
}

/* Whether `r` begins a part that is embedded in the part which `part` begins. */
static bool is_hole(const struct ab_schema *s, const struct ab_resource *part,
		    const struct ab_resource *r)
{
	return r->document == part->document && r != part && begins_part(s, r) &&
	       r->outer != AB_MAP_NONE && part_of(s, &s->resources[r->outer]) == part;
}

/* The text of a part, with an empty schema where another part stands in it. */
static int cut_part(struct ab_compiler *c, const struct ab_document *d,
		    const struct ab_resource *part, struct ab_buf *out)
{
	const struct ab_json_node *n = &d->tape.nodes[part->node];
	size_t at = n->at, end = n->at + n->len;

	for (size_t i = 0; i < c->s->n_resources; i++) {
		const struct ab_resource *r = &c->s->resources[i];

		if (!is_hole(c->s, part, r))
			continue;
		n = &d->tape.nodes[r->node];
		ab_buf_add(out, d->text + at, n->at - at);
		ab_buf_adds(out, "{}");
		at = n->at + n->len;
	}
	ab_buf_add(out, d->text + at, end - at);
	if (ab_buf_reserve(out, AB_HOLD_PAD))
		memset(out->data + out->len, 0, AB_HOLD_PAD);
	return ab_buf_ok(out, c->err);
}

/* The document's node that a node of a part's text is. */
static uint32_t node_in_document(const struct ab_schema *s, const struct ab_document *d,
				 const struct ab_resource *part, uint32_t node)
{
	node += part->node;
	for (size_t i = 0; i < s->n_resources; i++) {
		const struct ab_resource *r = &s->resources[i];

		if (is_hole(s, part, r) && node > r->node)
			node += d->tape.nodes[r->node].next - r->node - 1;
	}
	return node;
}

/* The first error that is not there to explain another one. */
static int refuse(struct ab_compiler *c, const struct ab_document *d,
		  const struct ab_resource *part, const struct ab_schema_errors *errors)
{
	const struct ab_schema_error *e = errors->items;

	if (!errors->n)
		return ab_document_fail(c, d, part->node, "not a valid schema");
	return ab_document_fail(c, d, node_in_document(c->s, d, part, e->instance),
				"%s: expected %s%s%s", e->keyword, e->expected,
				e->got ? ", got " : "", e->got ? e->got : "");
}

static int check_tape(struct ab_compiler *c, const struct ab_document *d,
		      const struct ab_resource *part, const struct ab_json_tape *tape)
{
	struct ab_schema_errors errors = { .max = 20 };
	ab_auto(free_schema) struct ab_schema *meta = NULL;
	enum ab_schema_verdict verdict;
	int status = 0;

	meta = ab_schema_meta(part->dialect, &c->s->settings, c->s->depth + 1, c->err);
	if (!meta)
		return -1;
	verdict = ab_schema_run(meta, tape, &errors, c->err);
	if (verdict == AB_SCHEMA_INVALID)
		status = refuse(c, d, part, &errors);
	else if (verdict == AB_SCHEMA_UNDECIDED)
		status = ab_err_prefix(c->err, "%s: ", d->name);
	ab_schema_errors_free(&errors);
	return status;
}

static int check_part(struct ab_compiler *c, const struct ab_document *d,
		      const struct ab_resource *part)
{
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (cut_part(c, d, part, &text) < 0 ||
	    ab_json_read(&tape, (const unsigned char *)text.data, text.len, NULL, c->err) < 0)
		return -1;
	return check_tape(c, d, part, &tape);
}

/* 2020-12 core section 9.3.3: no one metaschema checks a document with several dialects. */
int ab_dialect_check(struct ab_compiler *c, const struct ab_document *d)
{
	const struct ab_schema *s = c->s;
	uint32_t document = ab_document_number(s, d);
	size_t parts = 0;

	if (s->depth > MAX_META)
		return ab_document_fail(c, d, 0, "a metaschema of a metaschema, too deep");
	for (size_t i = 0; i < s->n_resources; i++)
		parts += s->resources[i].document == document && begins_part(s, &s->resources[i]);
	if (parts == 1)
		return check_tape(c, d, &s->resources[(d->resource[0] & ~AB_SCANNED) - 1],
				  &d->tape);
	if (parts > MAX_PARTS)
		return ab_document_fail(c, d, 0, "more than %d changes of dialect", MAX_PARTS);
	for (size_t i = 0; i < s->n_resources; i++)
		if (s->resources[i].document == document && begins_part(s, &s->resources[i]) &&
		    check_part(c, d, &s->resources[i]) < 0)
			return -1;
	return 0;
}
