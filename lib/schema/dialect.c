/* SPDX-License-Identifier: Apache-2.0 */
/* $schema and $vocabulary: JSON Schema 2020-12 core section 8.1; the check by the metaschema. */
#include <string.h>

#include "lib/schema/program.h"

#define MAX_META 8 /* metaschemas of metaschemas */

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

int ab_dialect_find(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		    const struct ab_resource *outer, struct ab_resource *ret)
{
	uint32_t schema = member(d, node, "$schema");
	size_t len;
	const char *uri;
	int draft;

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

/* The first error that is not there to explain another one. */
static int refuse(struct ab_compiler *c, const struct ab_document *d,
		  const struct ab_schema_errors *errors)
{
	const struct ab_schema_error *e = errors->items;

	if (!errors->n)
		return ab_document_fail(c, d, 0, "not a valid schema");
	return ab_document_fail(c, d, e->instance, "%s: expected %s%s%s", e->keyword, e->expected,
				e->got ? ", got " : "", e->got ? e->got : "");
}

int ab_dialect_check(struct ab_compiler *c, const struct ab_document *d)
{
	const struct ab_resource *r = &c->s->resources[(d->resource[0] & ~AB_SCANNED) - 1];
	struct ab_schema_errors errors = { .max = 20 };
	ab_auto(free_schema) struct ab_schema *meta = NULL;
	enum ab_schema_verdict verdict;
	int status = 0;

	if (c->s->depth > MAX_META)
		return ab_document_fail(c, d, 0, "a metaschema of a metaschema, too deep");
	meta = ab_schema_meta(r->dialect, &c->s->settings, c->s->depth + 1, c->err);
	if (!meta)
		return -1;
	verdict = ab_schema_run(meta, &d->tape, &errors, c->err);
	if (verdict == AB_SCHEMA_INVALID)
		status = refuse(c, d, &errors);
	else if (verdict == AB_SCHEMA_UNDECIDED)
		status = ab_err_prefix(c->err, "%s: ", d->name);
	ab_schema_errors_free(&errors);
	return status;
}
