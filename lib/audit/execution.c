/* SPDX-License-Identifier: Apache-2.0 */
/* The record of an execution: what the receipts of a run say, as an in-toto statement. */
#include "lib/audit/record.h"

#include <string.h>

#include "lib/base/time.h"

#define BLOB_FROM 16384 /* a part of more bytes stands beside */

/* The receipt of a tool (and stage, if not NULL), or NULL. */
static const json_t *find(const json_t *receipts, const char *tool, const char *stage)
{
	const json_t *receipt;
	size_t i;

	json_array_foreach(receipts, i, receipt)
	{
		const char *t = json_string_value(json_object_get(receipt, "tool"));
		const char *s = json_string_value(json_object_get(receipt, "stage"));

		if (t && strcmp(t, tool) == 0 && (!stage || (s && strcmp(s, stage) == 0)))
			return receipt;
	}
	return NULL;
}

static json_t *fact(const json_t *receipt, const char *name)
{
	return json_object_get(json_object_get(receipt, "facts"), name);
}

/* Sets a member to a value of somebody else's; nothing if that is NULL. */
static void copy(json_t *to, const char *name, json_t *value)
{
	if (value)
		(void)json_object_set(to, name,
				      value); /* its absence shows in the check at the end */
}

static void set(json_t *to, const char *name, json_t *value)
{
	(void)json_object_set_new(to, name, value); /* as above; NULL is an error to jansson */
}

/* {stage: fact} of all receipts that have the fact. */
static void collect(json_t *to, const char *name, const json_t *receipts)
{
	json_t *all = json_object();
	const json_t *receipt;
	size_t i;

	json_array_foreach(receipts, i, receipt)
	{
		const char *tool = json_string_value(json_object_get(receipt, "tool"));
		const char *stage = json_string_value(json_object_get(receipt, "stage"));

		if (tool)
			copy(all, stage ? stage : tool, fact(receipt, name));
	}
	if (json_object_size(all))
		copy(to, name, all);
	json_decref(all);
}

static json_t *verdict_of(const json_t *receipts, const char *stage)
{
	json_t *verdict = json_object_get(find(receipts, "ab-validate", stage), "verdict");

	return verdict ? json_incref(verdict) : json_string("absent");
}

static void add_versions(json_t *to, const json_t *receipts)
{
	json_t *versions = json_pack("{s:s}", "ab-audit", AB_VERSION);
	const json_t *receipt;
	size_t i;

	json_array_foreach(receipts, i, receipt)
	{
		const char *tool = json_string_value(json_object_get(receipt, "tool"));

		if (tool)
			copy(versions, tool, json_object_get(receipt, "version"));
	}
	set(to, "tool_versions", versions);
}

static void add_resources(json_t *to, const json_t *jail)
{
	const json_t *r = fact(jail, "resources");
	json_int_t memory = json_integer_value(json_object_get(r, "peak_memory_bytes"));
	json_int_t cpu = json_integer_value(json_object_get(r, "cpu_ms"));
	json_t *wall = json_object_get(r, "wall_ms");

	if (!wall)
		wall = json_object_get(jail, "duration_ms");
	set(to, "execution_duration_ms", json_integer(json_integer_value(wall)));
	if (r)
		set(to, "resource_usage",
		    json_pack("{s:I, s:f}", "peak_memory_mb", (memory + 1048575) / 1048576,
			      "cpu_seconds", (double)cpu / 1000));
}

static void add_jail(json_t *to, const json_t *jail)
{
	const json_t *isolation = fact(jail, "isolation");

	set(to, "isolation_verified", json_boolean(json_is_true(fact(jail, "isolation_verified"))));
	copy(to, "isolation", json_object_get(isolation, "mechanisms"));
	copy(to, "tier", json_object_get(isolation, "tier"));
	copy(to, "files_changed", fact(jail, "files_changed"));
	copy(to, "agent_digest", fact(jail, "agent_digest"));
	copy(to, "input_bundle", fact(jail, "input_bundle"));
	copy(to, "container_image", fact(jail, "container_image"));
	add_resources(to, jail);
}

static void add_run(json_t *to, const struct ab_execution *x)
{
	json_t *id = json_object_get(x->run->head, "workflow_id");
	char now[AB_TIME_STAMP];

	ab_time_now(now);
	set(to, "workflow_id", id ? json_incref(id) : json_string(x->run->id));
	set(to, "workflow_type", json_string(x->run->type));
	set(to, "run", json_string(x->run->id));
	copy(to, "params", json_object_get(x->run->head, "params"));
	set(to, "started", json_integer((json_int_t)x->run->started));
	set(to, "timestamp", json_string(now));
}

static void add_verdict(json_t *to, const struct ab_execution *x)
{
	const struct ab_chain *chain = x->chain;
	char hash[AB_SHA256_TEXT];

	set(to, "verdict", json_string(ab_verdict_name(chain->verdict)));
	if (chain->verdict == AB_PASSED) {
		ab_sha256_text(x->arrived.sha256, hash);
		set(to, "output_hash", json_string(hash));
		return;
	}
	set(to, "reason", json_string(chain->reason));
	if (*chain->stage)
		set(to, "stage", json_string(chain->stage));
}

static json_t *build_predicate(const struct ab_execution *x)
{
	const json_t *first = json_array_get(x->receipts, 0);
	json_t *p = json_object();

	add_run(p, x);
	add_verdict(p, x);
	copy(p, "input_hash", json_object_get(json_object_get(first, "in"), "sha256"));
	set(p, "schema_validation",
	    json_pack("{s:o, s:o}", "input", verdict_of(x->receipts, "input"), "output",
		      verdict_of(x->receipts, "output")));
	add_jail(p, find(x->receipts, "ab-jail", NULL));
	collect(p, "schema_hash", x->receipts);
	collect(p, "policy_hash", x->receipts);
	collect(p, "findings", x->receipts);
	add_versions(p, x->receipts);
	copy(p, "receipts", (json_t *)x->receipts); /* it is not changed, only named */
	return p;
}

/* Puts the part's blob in its place if its canonical form has more than `from` bytes. */
static int part_to_blob(struct ab_log *log, json_t *predicate, const char *name, size_t from,
			struct ab_err *err)
{
	json_t *part = json_object_get(predicate, name), *reference;
	struct ab_buf text = { 0 };
	int status = 0;

	if (!part || json_object_get(part, "blob"))
		return 0;
	if (ab_json_canonical(part, &text, err) < 0) {
		status = -1;
	} else if (text.len > from) {
		reference = ab_log_blob(log, text.data, text.len, err);
		status = reference ? json_object_set_new(predicate, name, reference) : -1;
	}
	ab_buf_free(&text);
	return status;
}

static void add_subject(json_t *subjects, const char *name, const json_t *hash)
{
	const char *text = json_string_value(hash);

	if (text && strlen(text) == AB_SHA256_TEXT - 1)
		(void)json_array_append_new(subjects, json_pack("{s:s, s:{s:s}}", "name", name,
								"digest", "sha256", text + 7));
}

/* in-toto wants a subject: a run that died before its first receipt is its own. */
static int add_run_subject(json_t *subjects, const json_t *predicate, struct ab_err *err)
{
	const char *run = json_string_value(json_object_get(predicate, "run"));
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];
	json_auto_t *hash = NULL;

	if (!run)
		return ab_err_memory(err);
	ab_sha256(run, strlen(run), digest);
	ab_sha256_text(digest, text);
	hash = json_string(text);
	add_subject(subjects, "run", hash);
	return 0;
}

static int build_statement(json_t *predicate, struct ab_buf *out, struct ab_err *err)
{
	json_auto_t *subjects = json_array(), *statement = NULL;

	add_subject(subjects, "input", json_object_get(predicate, "input_hash"));
	add_subject(subjects, "output", json_object_get(predicate, "output_hash"));
	if (!json_array_size(subjects) && add_run_subject(subjects, predicate, err) < 0)
		return -1;
	statement = json_pack("{s:s, s:s, s:O, s:O}", "_type", AB_STATEMENT_TYPE, "predicateType",
			      AB_PREDICATE_TYPE, "subject", subjects, "predicate", predicate);
	if (!statement)
		return ab_err_memory(err);
	/* What could not be set for want of memory is missing now. */
	if (ab_record_check(statement, err) < 0)
		return ab_err_prefix(err, "record: ");
	ab_buf_clear(out);
	return ab_json_canonical(statement, out, err);
}

/* A statement that is too large: its large parts go beside, then others until it fits. */
static int parts_to_blobs(struct ab_log *log, json_t *predicate, struct ab_buf *payload,
			  struct ab_buf *out, struct ab_err *err)
{
	static const char *const parts[] = { "receipts", "files_changed", "findings", "isolation",
					     "tool_versions" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(parts); i++)
		if (part_to_blob(log, predicate, parts[i], BLOB_FROM, err) < 0)
			return -1;
	/* Parts that are small one by one may still be too much together. */
	for (size_t i = 0; i <= AB_ARRAY_SIZE(parts); i++) {
		ab_buf_clear(out);
		if (build_statement(predicate, payload, err) < 0 ||
		    ab_dsse_seal(log->signers, log->n_signers, payload, out, err) < 0)
			return -1;
		if (out->len <= AB_LOG_MAX_ENTRY || i == AB_ARRAY_SIZE(parts))
			return 0;
		if (part_to_blob(log, predicate, parts[i], 0, err) < 0)
			return -1;
	}
	return 0;
}

int ab_record_execution(struct ab_log *log, const struct ab_execution *x, struct ab_buf *out,
			struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf payload = { 0 };
	json_auto_t *predicate = build_predicate(x);

	ab_buf_clear(out);
	if (build_statement(predicate, &payload, err) < 0)
		return -1;
	if (payload.len > BLOB_FROM)
		return parts_to_blobs(log, predicate, &payload, out, err);
	return ab_dsse_seal(log->signers, log->n_signers, &payload, out, err);
}
