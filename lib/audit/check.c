/* SPDX-License-Identifier: Apache-2.0 */
/* Records as they are read back: their shape, as schemas/ has it, and their signature. */
#include "lib/audit/record.h"

#include <string.h>

/* Values that the schemas limit further than by their JSON type. */
enum form { FORM_ANY, FORM_HASH, FORM_UUID, FORM_TIME, FORM_VERDICT, FORM_OUTCOME };

static bool digits(const char *text, const char *shape)
{
	/* shape: 'x' a lower-case hex digit, '9' a decimal one, anything else itself. */
	for (; *shape; shape++, text++) {
		bool decimal = *text >= '0' && *text <= '9';

		if (*shape == '9'   ? !decimal
		    : *shape == 'x' ? !decimal && (*text < 'a' || *text > 'f')
				    : *text != *shape)
			return false;
	}
	return *text == '\0';
}

static bool has_form(const char *text, enum form form)
{
	switch (form) {
	case FORM_ANY:
		break;
	case FORM_HASH:
		return strlen(text) == AB_SHA256_TEXT - 1 && memcmp(text, "sha256:", 7) == 0 &&
		       strspn(text + 7, "0123456789abcdef") == 64;
	case FORM_UUID:
		return digits(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	case FORM_TIME:
		return digits(text, "9999-99-99T99:99:99.999Z");
	case FORM_VERDICT:
		return ab_verdict_parse(text) >= 0;
	case FORM_OUTCOME:
		return ab_verdict_parse(text) >= 0 || strcmp(text, "absent") == 0;
	}
	return true;
}

static const struct {
	const char *key, *expected;
	enum form form;
} forms[] = {
	{ "run", "a UUID", FORM_UUID },
	{ "timestamp", "a time", FORM_TIME },
	{ "input_hash", "sha256:HEX", FORM_HASH },
	{ "output_hash", "sha256:HEX", FORM_HASH },
	{ "agent_digest", "sha256:HEX", FORM_HASH },
	{ "input_bundle", "sha256:HEX", FORM_HASH },
	{ "policy", "sha256:HEX", FORM_HASH },
	{ "verdict", "a verdict", FORM_VERDICT },
};

static int check_form(const char *where, const char *key, const json_t *value, struct ab_err *err)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < AB_ARRAY_SIZE(forms); i++)
		if (strcmp(forms[i].key, key) == 0 && !has_form(text, forms[i].form))
			return ab_err_no(err, "%s/%s: expected %s", where, key, forms[i].expected);
	return 0;
}

static int check_forms(const json_t *object, const char *where, struct ab_err *err)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(forms); i++)
		if (check_form(where, forms[i].key, json_object_get(object, forms[i].key), err) < 0)
			return -1;
	return 0;
}

static int check_keys(const json_t *object, const char *where, const struct ab_json_key *keys,
		      struct ab_err *err)
{
	if (!json_is_object(object))
		return ab_err_no(err, "%s: expected an object", where);
	if (ab_json_keys(object, where, keys, err) < 0) {
		/* Not the user's configuration, but a record that is not one. */
		if (err->status == AB_EXIT_USAGE)
			err->status = AB_EXIT_NO;
		return -1;
	}
	return check_forms(object, where, err);
}

static const struct ab_json_key predicate_keys[] = {
	{ "workflow_id", JSON_STRING, true },
	{ "workflow_type", JSON_STRING, true },
	{ "timestamp", JSON_STRING, true },
	{ "input_hash", JSON_STRING, false },
	{ "output_hash", JSON_STRING, false },
	{ "execution_duration_ms", JSON_INTEGER, true },
	{ "container_image", JSON_STRING, false },
	{ "isolation_verified", AB_JSON_BOOLEAN, true },
	{ "schema_validation", JSON_OBJECT, true },
	{ "resource_usage", JSON_OBJECT, false },
	{ "verdict", JSON_STRING, true },
	{ "reason", JSON_STRING, false },
	{ "stage", JSON_STRING, false },
	{ "isolation", JSON_OBJECT, false },
	{ "tier", JSON_INTEGER, false },
	{ "findings", JSON_OBJECT, false },
	{ "files_changed", AB_JSON_ANY, false },
	{ "receipts", AB_JSON_ANY, true },
	{ "schema_hash", JSON_OBJECT, false },
	{ "policy_hash", JSON_OBJECT, false },
	{ "agent_digest", JSON_STRING, false },
	{ "input_bundle", JSON_STRING, false },
	{ "tool_versions", JSON_OBJECT, true },
	{ "run", JSON_STRING, true },
	{ "started", JSON_INTEGER, true },
	{ "params", JSON_OBJECT, false },
	{ NULL, 0, false },
};

/* Members that are objects of texts: by stage, or by a name of the operator's. */
static const struct {
	const char *key, *expected;
	enum form form;
} maps[] = {
	{ "params", "a text", FORM_ANY },
	{ "policy_hash", "sha256:HEX", FORM_HASH },
	{ "schema_hash", "sha256:HEX", FORM_HASH },
	{ "schema_validation", "a verdict or absent", FORM_OUTCOME },
};

static int check_map(const char *where, const char *name, const json_t *value, struct ab_err *err)
{
	const json_t *each;
	const char *key;

	for (size_t i = 0; i < AB_ARRAY_SIZE(maps); i++) {
		if (strcmp(maps[i].key, name) != 0)
			continue;
		json_object_foreach((json_t *)value, key, each)
		{
			const char *text = json_string_value(each);

			if (!text || !has_form(text, maps[i].form))
				return ab_err_no(err, "%s/%s/%s: expected %s", where, name, key,
						 maps[i].expected);
		}
	}
	return 0;
}

/* Members whose numbers have a range; a part that may be a blob is one, or a list. */
static const char *misfit(const char *name, const json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (strcmp(name, "tier") == 0)
		return n < 1 || n > 2 ? "1 or 2" : NULL;
	if (strcmp(name, "execution_duration_ms") == 0 || strcmp(name, "started") == 0 ||
	    strcmp(name, "index") == 0)
		return n < 0 ? "a number of at least 0" : NULL;
	if (strcmp(name, "files_changed") == 0 || strcmp(name, "receipts") == 0)
		return json_is_array(value) || json_is_object(value) ? NULL : "a list or a blob";
	return NULL;
}

/* A member's value, whose type is right, beyond its type. */
static int check_value(const char *where, const char *name, const json_t *value, struct ab_err *err)
{
	const char *expected = misfit(name, value);

	if (expected)
		return ab_err_no(err, "%s/%s: expected %s", where, name, expected);
	return check_map(where, name, value, err);
}

static int check_values(const json_t *object, const char *where, struct ab_err *err)
{
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)object, key, value) if (check_value(where, key, value, err) < 0)
		return -1;
	return 0;
}

int ab_record_check_member(const char *name, const json_t *value, struct ab_err *err)
{
	if (ab_json_key_check("/predicate", name, strlen(name), (int)json_typeof(value),
			      predicate_keys, err) < 0) {
		err->status = AB_EXIT_NO; /* not the user's configuration */
		return -1;
	}
	return check_form("/predicate", name, value, err) < 0
		       ? -1
		       : check_value("/predicate", name, value, err);
}

static int check_resources(const json_t *usage, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "cpu_seconds", AB_JSON_ANY, true },
		{ "peak_memory_mb", JSON_INTEGER, true },
		{ NULL, 0, false },
	};
	const char *where = "/predicate/resource_usage", *key;
	const json_t *value;

	if (!usage)
		return 0;
	if (check_keys(usage, where, keys, err) < 0)
		return -1;
	json_object_foreach((json_t *)usage, key, value) if (!json_is_number(value) ||
							      json_number_value(value) < 0)
		return ab_err_no(err, "%s/%s: expected a number of at least 0", where, key);
	return 0;
}

static int check_predicate(const json_t *p, struct ab_err *err)
{
	static const struct ab_json_key stages[] = {
		{ "input", JSON_STRING, true },
		{ "output", JSON_STRING, true },
		{ NULL, 0, false },
	};
	bool passed;

	if (check_keys(p, "/predicate", predicate_keys, err) < 0 ||
	    check_values(p, "/predicate", err) < 0 ||
	    check_keys(json_object_get(p, "schema_validation"), "/predicate/schema_validation",
		       stages, err) < 0 ||
	    check_resources(json_object_get(p, "resource_usage"), err) < 0)
		return -1;
	passed = strcmp(json_string_value(json_object_get(p, "verdict")), "passed") == 0;
	if (passed != !!json_object_get(p, "output_hash"))
		return ab_err_no(err, "/predicate/output_hash: expected if, and only if, passed");
	if (passed == !!json_object_get(p, "reason"))
		return ab_err_no(err, "/predicate/reason: expected unless passed");
	return 0;
}

/* Adds {digest: {sha256}, name} to the list; false: no memory. */
static bool add_subject(json_t *list, const char *name, const char *hash)
{
	return json_array_append_new(list, json_pack("{s:{s:s}, s:s}", "digest", "sha256",
						     hash + strlen("sha256:"), "name", name)) == 0;
}

/* The subjects are what the predicate says once more, for verifiers that read no more than them: one
 * record tells everybody the same. A run of which neither is known is its own. */
static int check_subjects(const json_t *subjects, const json_t *predicate, struct ab_err *err)
{
	const char *input = json_string_value(json_object_get(predicate, "input_hash"));
	const char *output = json_string_value(json_object_get(predicate, "output_hash"));
	const char *run = json_string_value(json_object_get(predicate, "run"));
	json_auto_t *want = json_array();
	unsigned char digest[AB_SHA256_SIZE];
	char own[AB_SHA256_TEXT];

	ab_sha256(run, strlen(run), digest);
	ab_sha256_text(digest, own);
	if ((input && !add_subject(want, "input", input)) ||
	    (output && !add_subject(want, "output", output)) ||
	    (!input && !output && !add_subject(want, "run", own)))
		return ab_err_memory(err);
	return json_equal(want, subjects)
		       ? 0
		       : ab_err_no(err, "/subject: expected the predicate's input and output, or its run");
}

static int check_statement(const json_t *statement, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "_type", JSON_STRING, true },
		{ "predicateType", JSON_STRING, true },
		{ "subject", JSON_ARRAY, true },
		{ "predicate", JSON_OBJECT, true },
		{ NULL, 0, false },
	};

	if (check_keys(statement, "", keys, err) < 0)
		return -1;
	if (strcmp(json_string_value(json_object_get(statement, "_type")), AB_STATEMENT_TYPE) != 0)
		return ab_err_no(err, "/_type: expected %s", AB_STATEMENT_TYPE);
	if (strcmp(json_string_value(json_object_get(statement, "predicateType")),
		   AB_PREDICATE_TYPE) != 0)
		return ab_err_no(err, "/predicateType: expected %s", AB_PREDICATE_TYPE);
	if (check_predicate(json_object_get(statement, "predicate"), err) < 0)
		return -1;
	return check_subjects(json_object_get(statement, "subject"),
			      json_object_get(statement, "predicate"), err);
}

static int check_event(const json_t *event, const char *kind, struct ab_err *err)
{
	static const struct ab_json_key started[] = {
		{ "record", JSON_STRING, true },	{ "run", JSON_STRING, true },
		{ "timestamp", JSON_STRING, true },	{ "workflow_id", JSON_STRING, true },
		{ "workflow_type", JSON_STRING, true }, { "params", JSON_OBJECT, false },
		{ NULL, 0, false },
	};
	static const struct ab_json_key other[] = {
		{ "record", JSON_STRING, true }, { "data", AB_JSON_ANY, true },
		{ "run", JSON_STRING, false },	 { "timestamp", JSON_STRING, true },
		{ "type", JSON_STRING, true },	 { NULL, 0, false },
	};

	static const struct ab_json_key redacted[] = {
		{ "record", JSON_STRING, true },
		{ "blobs", JSON_ARRAY, true },
		{ "index", JSON_INTEGER, true },
		{ "reason", JSON_STRING, true },
		{ "timestamp", JSON_STRING, true },
		{ "policy", JSON_STRING, false },
		{ NULL, 0, false },
	};
	static const struct ab_json_key rotated[] = {
		{ "record", JSON_STRING, true },
		{ "next", JSON_STRING, true },
		{ "timestamp", JSON_STRING, true },
		{ NULL, 0, false },
	};
	static const struct ab_json_key continued[] = {
		{ "record", JSON_STRING, true },
		{ "previous", JSON_STRING, true },
		{ "checkpoint", JSON_STRING, true },
		{ "timestamp", JSON_STRING, true },
		{ NULL, 0, false },
	};
	static const struct ab_json_key rekeyed[] = {
		{ "record", JSON_STRING, true },    { "next", JSON_STRING, true },
		{ "note", JSON_STRING, true },	    { "previous", JSON_STRING, true },
		{ "timestamp", JSON_STRING, true }, { NULL, 0, false },
	};
	static const struct ab_json_key key_ended[] = {
		{ "record", JSON_STRING, true },    { "checkpoint", JSON_STRING, true },
		{ "key", JSON_STRING, true },	    { "next", JSON_STRING, true },
		{ "timestamp", JSON_STRING, true }, { NULL, 0, false },
	};
	static const struct {
		const char *name;
		const struct ab_json_key *keys;
	} kinds[] = {
		{ "started", started },	    { "event", other },		{ "redacted", redacted },
		{ "rotated", rotated },	    { "continued", continued }, { "rekeyed", rekeyed },
		{ "key-ended", key_ended },
	};
	for (size_t i = 0; i < AB_ARRAY_SIZE(kinds); i++)
		if (strcmp(kind, kinds[i].name) == 0)
			return check_keys(event, "", kinds[i].keys, err) < 0
				       ? -1
				       : check_values(event, "", err);
	return ab_err_no(err, "/record: unknown kind of record");
}

int ab_record_check(const json_t *record, struct ab_err *err)
{
	const char *kind = json_string_value(json_object_get(record, "record"));

	return kind ? check_event(record, kind, err) : check_statement(record, err);
}

const json_t *ab_record_predicate(const json_t *record)
{
	return json_object_get(record, "predicate");
}

/* One value has one text: what is not canonical was not written by us. */
static int check_canonical(const json_t *value, const void *text, size_t len, struct ab_err *err)
{
	struct ab_buf again = { 0 };
	int status = ab_json_canonical(value, &again, err);

	if (status == 0 && (again.len != len || memcmp(again.data, text, len) != 0))
		status = ab_err_no(err, "not in canonical form (RFC 8785)");
	ab_buf_free(&again);
	return status;
}

static json_t *load(const void *text, size_t len, struct ab_err *err)
{
	json_t *value = ab_json_load("record", text, len, err);

	if (value && check_canonical(value, text, len, err) < 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

json_t *ab_record_open(const void *entry, size_t len, const struct ab_keyring *keys,
		       struct ab_err *err)
{
	json_t *record = load(entry, len, err);
	struct ab_buf payload = { 0 };
	int status = 0;

	if (!record)
		return NULL;
	if (json_object_get(record, "payload")) {
		status = ab_dsse_open(record, keys, &payload, err);
		json_decref(record);
		record = status < 0 ? NULL : load(payload.data, payload.len, err);
		ab_buf_free(&payload);
	}
	if (record && ab_record_check(record, err) < 0) {
		json_decref(record);
		record = NULL;
	}
	if (!record && err->status == AB_EXIT_USAGE)
		err->status = AB_EXIT_NO;
	return record;
}
