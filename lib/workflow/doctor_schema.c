/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How strict a schema is: what it lets through by saying nothing. It looks at the keywords that
 * bound a value (JSON Schema 2020-12, validation sections 6.3 to 6.5) and follows references within
 * the document; it is a lint, ab-validate is what judges.
 */
#include <string.h>

#include "lib/workflow/doctor.h"

#define MAX_DEPTH    24
#define MAX_FINDINGS AB_OPENINGS
#define MAX_FILE     (16u << 20)

struct look {
	struct ab_doctor *d;
	const char *which; /* "input" or "output" */
	const json_t *document;
	const char *prefix; /* pointer of the document in what is shown */
	size_t found, depth;
};

static void find(struct look *l, const char *at, const char *what, const char *reason)
{
	ab_auto(ab_buf_free) struct ab_buf where = { 0 };

	if (l->found++ >= MAX_FINDINGS)
		return;
	ab_buf_addf(&where, "%s%s", l->prefix, at);
	ab_doctor_add(l->d, "schema", false, AB_STATE_DEGRADED, where.data ? where.data : at, what,
		      "%s: %s", l->which, reason);
}

static bool has(const json_t *schema, const char *key)
{
	return json_object_get(schema, key) != NULL;
}

/* Whether the schema lets values of the type in. One that does not say, does. */
static bool allows(const json_t *schema, const char *type)
{
	const json_t *is = json_object_get(schema, "type"), *item;
	size_t i;

	if (!is)
		return false;
	if (json_is_string(is))
		return strcmp(json_string_value(is), type) == 0;
	json_array_foreach(is, i, item)
		if (json_is_string(item) && strcmp(json_string_value(item), type) == 0)
			return true;
	return false;
}

static bool is_closed(const json_t *schema)
{
	const json_t *more = json_object_get(schema, "additionalProperties");
	const json_t *rest = json_object_get(schema, "unevaluatedProperties");

	return (more && !json_is_true(more)) || (rest && !json_is_true(rest));
}

static void look(struct look *l, const json_t *schema, const char *at, bool within);

static void look_in(struct look *l, const json_t *schema, const char *at, const char *key,
		    bool within)
{
	ab_auto(ab_buf_free) struct ab_buf where = { 0 };

	ab_buf_addf(&where, "%s/", at);
	for (; *key; key++)
		ab_buf_adds(&where, *key == '~' ? "~0" : *key == '/' ? "~1" : (char[]){ *key, 0 });
	if (where.data)
		look(l, schema, where.data, within);
}

/* Each member of an object of schemas, each item of an array of them. */
static void look_at_each(struct look *l, const json_t *schema, const char *at, const char *key,
			 bool within)
{
	ab_auto(ab_buf_free) struct ab_buf where = { 0 };
	json_t *all = json_object_get(schema, key), *item;
	const char *name;
	size_t i;

	ab_buf_addf(&where, "%s/%s", at, key);
	if (!where.data)
		return;
	json_object_foreach(all, name, item) look_in(l, item, where.data, name, within);
	json_array_foreach(all, i, item)
	{
		char number[24];

		(void)snprintf(number, sizeof(number), "%zu", i);
		look_in(l, item, where.data, number, within);
	}
}

static void follow(struct look *l, const char *reference, const char *at)
{
	const json_t *target = *reference == '#' ? ab_json_at(l->document, reference + 1) : NULL;

	if (target)
		look(l, target, reference + 1, false);
	else
		find(l, at, "put the schema in place", "$ref to what is not looked at here");
}

static void look_at_bounds(struct look *l, const json_t *schema, const char *at, bool within)
{
	if (allows(schema, "string") && !has(schema, "maxLength"))
		find(l, at, "add maxLength", "a string without maxLength");
	if (allows(schema, "array") && !has(schema, "maxItems") &&
	    !(json_is_false(json_object_get(schema, "items")) && has(schema, "prefixItems")))
		find(l, at, "add maxItems", "an array without maxItems");
	if (allows(schema, "array") && !has(schema, "items") && !has(schema, "unevaluatedItems"))
		find(l, at, "add items", "an array of anything");
	if (within || !allows(schema, "object"))
		return;
	if (!is_closed(schema))
		find(l, at, "add \"additionalProperties\": false",
		     "an object that is open to additional properties");
	if (!json_array_size(json_object_get(schema, "required")) && has(schema, "properties"))
		find(l, at, "add required", "an object that requires nothing");
}

static bool says_something(const json_t *schema)
{
	static const char *const keys[] = { "type",  "enum",  "const", "$ref",	 "allOf",
					    "anyOf", "oneOf", "not",   "$dynamicRef" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(keys); i++)
		if (has(schema, keys[i]))
			return true;
	return false;
}

/* `within`: a part of a schema that says itself what an object may hold. */
static void look(struct look *l, const json_t *schema, const char *at, bool within)
{
	static const char *const parts[] = { "items", "additionalProperties",
					     "unevaluatedProperties", "unevaluatedItems" };
	static const char *const many[] = { "properties", "patternProperties", "prefixItems" };
	static const char *const ways[] = { "allOf", "anyOf", "oneOf", "dependentSchemas" };
	const char *reference = json_string_value(json_object_get(schema, "$ref"));

	if (json_is_false(schema) || l->depth >= MAX_DEPTH || l->found > MAX_FINDINGS)
		return;
	if (!json_is_object(schema) || (!says_something(schema) && !within)) {
		find(l, at, "say what is expected", "any value is allowed");
		return;
	}
	if (has(schema, "enum") || has(schema, "const"))
		return;
	l->depth++;
	look_at_bounds(l, schema, at, within);
	if (reference)
		follow(l, reference, at);
	for (size_t i = 0; i < AB_ARRAY_SIZE(parts); i++)
		if (has(schema, parts[i]))
			look_in(l, json_object_get(schema, parts[i]), at, parts[i], false);
	for (size_t i = 0; i < AB_ARRAY_SIZE(many); i++)
		look_at_each(l, schema, at, many[i], false);
	for (size_t i = 0; i < AB_ARRAY_SIZE(ways); i++)
		look_at_each(l, schema, at, ways[i], within || is_closed(schema));
	l->depth--;
}

/* How many openings there are; -1: no schema. */
static long look_at(struct ab_doctor *d, const char *which, const char *file)
{
	ab_autofree char *name = NULL;
	struct ab_err err = { 0 };
	const char *pointer = ab_json_split(file, &name, &err);
	json_auto_t *document = pointer ? ab_json_load_file(name, MAX_FILE, &err) : NULL;
	const json_t *schema = document ? ab_json_at(document, pointer) : NULL;
	/* References are to the schema's own root, be it in a definition or a file. */
	struct look l = { .d = d, .which = which, .document = schema, .prefix = pointer };

	if (!schema) {
		ab_doctor_add(d, "schema", true, AB_STATE_FAIL, NULL, NULL, "%s: %s", which,
			      *err.msg ? err.msg : "not there");
		return -1;
	}
	look(&l, schema, "", false);
	if (!l.found)
		ab_doctor_add(d, "schema", false, AB_STATE_PASS, NULL, NULL, "%s: strict", which);
	else if (l.found > MAX_FINDINGS)
		ab_doctor_add(d, "schema", false, AB_STATE_DEGRADED, NULL, NULL,
			      "%s: %zu findings in all", which, l.found);
	return (long)l.found;
}

long ab_schema_openings(const char *schema)
{
	struct ab_doctor d = { .checks = json_array() };
	long found = look_at(&d, "", schema);

	json_decref(d.checks);
	return found;
}

void ab_doctor_schemas(struct ab_doctor *d)
{
	(void)look_at(d, "input", d->w->input);
	(void)look_at(d, "output", d->w->output);
}
