/* SPDX-License-Identifier: Apache-2.0 */
/* Retention: for how long the blobs of which records are kept, by a written policy. */
#include "lib/audit/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/time.h"

#define MAX_POLICY (1u << 20)
#define MAX_DAYS   36500
#define DAY_S	   86400

struct ab_retention {
	json_t *policy;
	char hash[AB_SHA256_TEXT];
};

void ab_retention_free(struct ab_retention *r)
{
	if (!r)
		return;
	json_decref(r->policy);
	free(r);
}

static int check_fields(const json_t *fields, const char *where, struct ab_err *err)
{
	const json_t *field;
	size_t i;

	if (fields && !json_array_size(fields))
		return ab_err_usage(err, "%s/fields: expected at least one name", where);
	json_array_foreach(fields, i, field)
	{
		if (!json_is_string(field))
			return ab_err_usage(err, "%s/fields/%zu: expected a string", where, i);
	}
	return 0;
}

static int check_rule(const json_t *rule, size_t n, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "kind", JSON_STRING, false },
		{ "type", JSON_STRING, false },
		{ "verdict", JSON_STRING, false },
		{ "fields", JSON_ARRAY, false },
		{ "reason", JSON_STRING, true },
		{ "keep_days", JSON_INTEGER, true },
		{ NULL, 0, false },
	};
	const char *kind = json_string_value(json_object_get(rule, "kind"));
	const char *verdict = json_string_value(json_object_get(rule, "verdict"));
	json_int_t days = json_integer_value(json_object_get(rule, "keep_days"));
	size_t reason = json_string_length(json_object_get(rule, "reason"));
	char where[32];

	(void)snprintf(where, sizeof(where), "/rules/%zu", n); /* fits */
	if (ab_json_keys(rule, where, keys, err) < 0)
		return -1;
	if (kind && strcmp(kind, "execution") != 0 && strcmp(kind, "event") != 0)
		return ab_err_usage(err, "%s/kind: expected execution or event", where);
	if (verdict && ab_verdict_parse(verdict) < 0)
		return ab_err_usage(err, "%s/verdict: expected a verdict", where);
	if (days < 0 || days > MAX_DAYS)
		return ab_err_usage(err, "%s/keep_days: expected 0 to %d", where, MAX_DAYS);
	if (!reason || reason > 500)
		return ab_err_usage(err, "%s/reason: expected 1 to 500 bytes", where);
	return check_fields(json_object_get(rule, "fields"), where, err);
}

static int check_policy(const json_t *policy, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "version", JSON_INTEGER, true },
		{ "name", JSON_STRING, false },
		{ "description", JSON_STRING, false },
		{ "rules", JSON_ARRAY, true },
		{ NULL, 0, false },
	};
	const json_t *rule;
	size_t i;

	if (ab_json_keys(policy, "", keys, err) < 0)
		return -1;
	if (json_integer_value(json_object_get(policy, "version")) != 1)
		return ab_err_usage(err, "/version: expected 1");
	json_array_foreach(json_object_get(policy, "rules"), i, rule)
	{
		if (check_rule(rule, i, err) < 0)
			return -1;
	}
	return 0;
}

static int hash_policy(struct ab_retention *r, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	unsigned char digest[AB_SHA256_SIZE];

	if (ab_json_canonical(r->policy, &text, err) < 0)
		return -1;
	ab_sha256(text.data, text.len, digest);
	ab_sha256_text(digest, r->hash);
	return 0;
}

struct ab_retention *ab_retention_load(const char *file, struct ab_err *err)
{
	struct ab_retention *r = calloc(1, sizeof(*r));

	if (!r) {
		ab_err_memory(err);
		return NULL;
	}
	r->policy = ab_json_load_file(file, MAX_POLICY, err);
	if (!r->policy) {
		ab_retention_free(r);
		return NULL;
	}
	if (check_policy(r->policy, err) < 0 || hash_policy(r, err) < 0) {
		ab_err_prefix(err, "%s: ", file);
		ab_retention_free(r);
		return NULL;
	}
	return r;
}

const char *ab_retention_hash(const struct ab_retention *r)
{
	return r->hash;
}

/* A rule that says nothing of something is true of all. */
static bool is(const json_t *rule, const char *key, const char *value)
{
	const char *want = json_string_value(json_object_get(rule, key));

	return !want || (value && strcmp(want, value) == 0);
}

static bool names_field(const json_t *rule, const char *field)
{
	const json_t *fields = json_object_get(rule, "fields"), *name;
	size_t i;

	json_array_foreach(fields, i, name)
	{
		if (strcmp(json_string_value(name), field) == 0)
			return true;
	}
	return !fields;
}

/* The first rule that is about this part of the record decides. */
static const json_t *find_rule(const struct ab_retention *r, const json_t *record,
			       const char *field)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(json_object_get(r->policy, "rules"), i, rule)
	{
		if (is(rule, "kind", ab_record_kind(record)) &&
		    is(rule, "type", ab_record_type(record)) &&
		    is(rule, "verdict", ab_record_text(record, "verdict")) &&
		    names_field(rule, field))
			return rule;
	}
	return NULL;
}

/* Times of one form compare as their texts do. */
static bool is_over(const json_t *rule, const json_t *record, struct timespec now)
{
	const char *timestamp = ab_record_text(record, "timestamp");
	char limit[AB_TIME_STAMP];

	now.tv_sec -= (time_t)json_integer_value(json_object_get(rule, "keep_days")) * DAY_S;
	if (now.tv_sec < 0 || !timestamp)
		return false;
	ab_time_format(now, limit);
	return strcmp(timestamp, limit) < 0;
}

const char *ab_retention_due(const struct ab_retention *r, const json_t *record, const char *field,
			     struct timespec now)
{
	const json_t *rule = find_rule(r, record, field);

	return rule && is_over(rule, record, now)
		       ? json_string_value(json_object_get(rule, "reason"))
		       : NULL;
}

bool ab_log_has_blob(const struct ab_log *log, const char *hash)
{
	char path[AB_SHA256_TEXT + 8] = "blobs/";

	if (strlen(hash) != AB_SHA256_TEXT - 1 || strchr(hash, '/'))
		return false;
	memcpy(path + 6, hash + 7, strlen(hash + 7) + 1);
	return faccessat(log->dir, path, F_OK, 0) == 0;
}
