/* SPDX-License-Identifier: Apache-2.0 */
/* Which records somebody asks for. */
#include "lib/audit/record.h"

#include <string.h>

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

const char *ab_record_kind(const json_t *record)
{
	return ab_record_predicate(record) ? "execution" : text(record, "record");
}

/* The object that holds the fields that people ask for. */
static const json_t *body(const json_t *record)
{
	const json_t *predicate = ab_record_predicate(record);

	return predicate ? predicate : record;
}

const char *ab_record_text(const json_t *record, const char *name)
{
	return text(body(record), name);
}

const char *ab_record_type(const json_t *record)
{
	const char *type = text(body(record), "workflow_type");

	return type ? type : text(record, "type");
}

static bool same(const char *want, const char *is)
{
	return !want || (is && strcmp(want, is) == 0);
}

/* "POINTER=VALUE": a string's text, or the JSON text of any other value. */
static bool has_field(const json_t *record, const char *field)
{
	const char *equals = strchr(field, '=');
	ab_autofree char *pointer = strndup(field, (size_t)(equals - field));
	json_t *value = pointer ? ab_json_at(body(record), pointer) : NULL;
	ab_autofree char *dump = NULL;

	if (json_is_string(value))
		return strcmp(json_string_value(value), equals + 1) == 0;
	dump = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
	return dump && strcmp(dump, equals + 1) == 0;
}

/* A time, or the beginning of one that ends with one of its parts: records' times are compared with it
 * as text. */
static bool is_time(const char *p)
{
	static const struct {
		char before;
		int digits, least, most;
	} parts[] = { { 0, 4, 0, 9999 },  { '-', 2, 1, 12 }, { '-', 2, 1, 31 }, { 'T', 2, 0, 23 },
		      { ':', 2, 0, 59 }, { ':', 2, 0, 60 }, { '.', 3, 0, 999 } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(parts); i++) {
		int n = 0, value = 0;

		if (i && (*p == '\0' || (i > 5 && *p == 'Z')))
			break;
		if (i && *p++ != parts[i].before)
			return false;
		for (; n < parts[i].digits && *p >= '0' && *p <= '9'; n++)
			value = value * 10 + *p++ - '0';
		if (n != parts[i].digits || value < parts[i].least || value > parts[i].most)
			return false;
	}
	return *p == '\0' || (*p == 'Z' && p[1] == '\0');
}

int ab_query_check(const struct ab_query *q, struct ab_err *err)
{
	for (size_t i = 0; i < q->n_fields; i++)
		if (!strchr(q->fields[i], '=') ||
		    (q->fields[i][0] != '/' && q->fields[i][0] != '='))
			return ab_err_usage(err, "--field: %s: expected /POINTER=VALUE",
					    q->fields[i]);
	if (q->verdict && ab_verdict_parse(q->verdict) < 0)
		return ab_err_usage(err, "--verdict: %s: not a verdict", q->verdict);
	for (int i = 0; i < 2; i++) {
		const char *when = i ? q->until : q->since;

		if (when && !is_time(when))
			return ab_err_usage(err,
					    "%s: %s: expected a time in UTC as "
					    "2026-04-08T14:32:01Z, or its beginning",
					    i ? "--until" : "--since", when);
	}
	return 0;
}

static bool in_time(const struct ab_query *q, const char *when)
{
	if (!when)
		return !q->since && !q->until;
	/* A time without fraction, "…01Z", is compared without its Z. */
	return (!q->since || strncmp(when, q->since, strcspn(q->since, "Z")) >= 0) &&
	       (!q->until || strncmp(when, q->until, strcspn(q->until, "Z")) < 0);
}

bool ab_query_match(const struct ab_query *q, const json_t *record)
{
	const json_t *b = body(record);

	if (!same(q->kind, ab_record_kind(record)) || !same(q->type, ab_record_type(record)) ||
	    !same(q->run, text(b, "run")) || !same(q->workflow_id, text(b, "workflow_id")) ||
	    !same(q->verdict, text(b, "verdict")) || !in_time(q, text(b, "timestamp")))
		return false;
	for (size_t i = 0; i < q->n_fields; i++)
		if (!has_field(record, q->fields[i]))
			return false;
	return true;
}
