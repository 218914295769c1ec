/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of an execution: what the receipts of a run say, as an in-toto statement. It is written
 * in canonical form as it goes, each member in its place: a tree of values would only be made and
 * sorted for each record to be taken apart again.
 */
#include "lib/audit/record.h"

#include <string.h>

#include "lib/base/time.h"
#include "lib/base/utf8.h"

#define BLOB_FROM 16384 /* a part of more bytes stands beside */
#define USUAL	  4096	/* bytes of a statement */

/* Large parts, in the order in which they go beside a record that is too large. */
enum { RECEIPTS, FILES_CHANGED, FINDINGS, ISOLATION, TOOL_VERSIONS, PARTS };

struct part {
	size_t at, len; /* its text in the statement; 0: it is not there, or a blob already */
	json_t *blob;	/* what stands in its place */
};

struct statement {
	const struct ab_execution *x;
	const json_t *jail; /* its receipt */
	const char *input;  /* hashes as they stand in the record, NULL where there is none */
	const char *output;
	char output_text[AB_SHA256_TEXT], now[AB_TIME_STAMP];
	struct part parts[PARTS];
	struct ab_buf *out;
	struct ab_err *err;
};

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

/* Writes a member's name; the innermost object is the one that it is of. */
static void name_member(struct statement *s, const char *name)
{
	size_t len = strlen(name);
	char *at = ab_buf_reserve(s->out, len + 4), *start = at;

	if (!at)
		return;
	if (at[-1] != '{') /* a statement has begun */
		*at++ = ',';
	*at++ = '"';
	memcpy(at, name, len);
	memcpy(at + len, "\":", 3);
	s->out->len += (size_t)(at - start) + len + 2;
}

/* Writes a member of the predicate, and where its text begins to *ret_at (may be NULL); nothing if
 * there is no value. */
static int put_at(struct statement *s, const char *name, const json_t *value, size_t *ret_at)
{
	if (!value)
		return 0;
	if (ab_record_check_member(name, value, s->err) < 0)
		return ab_err_prefix(s->err, "record: ");
	name_member(s, name);
	if (ret_at)
		*ret_at = s->out->len;
	return ab_json_canonical(value, s->out, s->err);
}

static int put(struct statement *s, const char *name, const json_t *value)
{
	return put_at(s, name, value, NULL);
}

/* The same of a value that was made for it; NULL: memory ran out. */
static int put_new(struct statement *s, const char *name, json_t *value)
{
	json_auto_t *owned = value;

	return owned ? put(s, name, owned) : ab_err_memory(s->err);
}

static int put_text(struct statement *s, const char *name, const char *text)
{
	size_t len = strlen(text);

	if (ab_utf8_check((const unsigned char *)text, len) != len)
		return ab_err_no(s->err, "record: /predicate/%s: not UTF-8", name);
	name_member(s, name);
	ab_json_quote(text, len, s->out);
	return 0;
}

/* A part that may be large; what names a blob stands for one already. */
static int put_part(struct statement *s, int which, const char *name, const json_t *value)
{
	struct part *part = &s->parts[which];

	if (part->blob)
		return put(s, name, part->blob);
	if (put_at(s, name, value, &part->at) < 0)
		return -1;
	part->len = value && !json_object_get(value, "blob") ? s->out->len - part->at : 0;
	return 0;
}

/* {stage: fact} of all receipts that have the fact: *ret is the caller's, NULL if none has it. */
static int collect(const struct statement *s, const char *name, json_t **ret)
{
	const json_t *receipt;
	size_t i;

	*ret = NULL;
	json_array_foreach(s->x->receipts, i, receipt)
	{
		json_t *value = fact(receipt, name);
		const char *tool, *stage;

		if (!value)
			continue;
		tool = json_string_value(json_object_get(receipt, "tool"));
		stage = json_string_value(json_object_get(receipt, "stage"));
		if (!tool)
			continue;
		if (!*ret)
			*ret = json_object();
		if (json_object_set(*ret, stage ? stage : tool, value) < 0)
			return ab_err_memory(s->err);
	}
	return 0;
}

static int put_collected(struct statement *s, const char *name)
{
	json_auto_t *all = NULL;

	return collect(s, name, &all) < 0 ? -1 : put(s, name, all);
}

static int put_findings(struct statement *s)
{
	json_auto_t *all = NULL;

	return collect(s, "findings", &all) < 0 ? -1 : put_part(s, FINDINGS, "findings", all);
}

static int put_versions(struct statement *s)
{
	json_auto_t *versions = json_pack("{s:s}", "ab-audit", AB_VERSION);
	const json_t *receipt;
	size_t i;

	json_array_foreach(s->x->receipts, i, receipt)
	{
		const char *tool = json_string_value(json_object_get(receipt, "tool"));
		json_t *version = json_object_get(receipt, "version");

		if (tool && version && json_object_set(versions, tool, version) < 0)
			return ab_err_memory(s->err);
	}
	if (!versions)
		return ab_err_memory(s->err);
	return put_part(s, TOOL_VERSIONS, "tool_versions", versions);
}

static int put_outcome(struct statement *s, const char *stage)
{
	json_t *verdict = json_object_get(find(s->x->receipts, "ab-validate", stage), "verdict");

	name_member(s, stage);
	if (verdict)
		return ab_json_canonical(verdict, s->out, s->err);
	ab_buf_adds(s->out, "\"absent\"");
	return 0;
}

static int put_validation(struct statement *s)
{
	name_member(s, "schema_validation");
	ab_buf_addc(s->out, '{');
	if (put_outcome(s, "input") < 0 || put_outcome(s, "output") < 0)
		return -1;
	ab_buf_addc(s->out, '}');
	return 0;
}

static int put_duration(struct statement *s)
{
	json_t *wall = json_object_get(fact(s->jail, "resources"), "wall_ms");

	if (!wall)
		wall = json_object_get(s->jail, "duration_ms");
	return put_new(s, "execution_duration_ms", json_integer(json_integer_value(wall)));
}

static int put_resources(struct statement *s)
{
	const json_t *r = fact(s->jail, "resources");
	json_int_t memory = json_integer_value(json_object_get(r, "peak_memory_bytes"));
	json_int_t cpu = json_integer_value(json_object_get(r, "cpu_ms"));

	if (!r)
		return 0;
	return put_new(s, "resource_usage",
		       json_pack("{s:I, s:f}", "peak_memory_mb", (memory + 1048575) / 1048576,
				 "cpu_seconds", (double)cpu / 1000));
}

static int put_workflow(struct statement *s)
{
	const json_t *id = json_object_get(s->x->run->head, "workflow_id");

	if ((id ? put(s, "workflow_id", id) : put_text(s, "workflow_id", s->x->run->id)) < 0)
		return -1;
	return put_text(s, "workflow_type", s->x->run->type);
}

static int put_isolation(struct statement *s)
{
	const json_t *isolation = json_object_get(fact(s->jail, "isolation"), "mechanisms");

	if (put_part(s, ISOLATION, "isolation", isolation) < 0)
		return -1;
	name_member(s, "isolation_verified");
	ab_buf_adds(s->out, json_is_true(fact(s->jail, "isolation_verified")) ? "true" : "false");
	return 0;
}

/* The members, in the order of their names. */
static int put_predicate(struct statement *s)
{
	const struct ab_chain *chain = s->x->chain;
	const struct ab_run *run = s->x->run;
	const json_t *first = json_array_get(s->x->receipts, 0);
	const json_t *tier = json_object_get(fact(s->jail, "isolation"), "tier");
	bool passed = chain->verdict == AB_PASSED;

	if (put(s, "agent_digest", fact(s->jail, "agent_digest")) < 0 ||
	    put(s, "container_image", fact(s->jail, "container_image")) < 0 ||
	    put_duration(s) < 0 ||
	    put_part(s, FILES_CHANGED, "files_changed", fact(s->jail, "files_changed")) < 0 ||
	    put_findings(s) < 0 || put(s, "input_bundle", fact(s->jail, "input_bundle")) < 0 ||
	    put(s, "input_hash", json_object_get(json_object_get(first, "in"), "sha256")) < 0 ||
	    put_isolation(s) < 0 || (passed && put_text(s, "output_hash", s->output) < 0) ||
	    put(s, "params", json_object_get(run->head, "params")) < 0 ||
	    put_collected(s, "policy_hash") < 0 ||
	    (!passed && put_text(s, "reason", chain->reason) < 0) ||
	    put_part(s, RECEIPTS, "receipts", s->x->receipts) < 0 || put_resources(s) < 0 ||
	    put_text(s, "run", run->id) < 0 || put_collected(s, "schema_hash") < 0 ||
	    put_validation(s) < 0 ||
	    (!passed && *chain->stage && put_text(s, "stage", chain->stage) < 0) ||
	    put_new(s, "started", json_integer((json_int_t)run->started)) < 0 ||
	    put(s, "tier", tier) < 0 || put_text(s, "timestamp", s->now) < 0 ||
	    put_versions(s) < 0 || put_text(s, "verdict", ab_verdict_name(chain->verdict)) < 0)
		return -1;
	return put_workflow(s);
}

static void put_subject(struct statement *s, const char *name, const char *hash)
{
	if (!hash)
		return;
	if (s->out->len && s->out->data[s->out->len - 1] == '}')
		ab_buf_addc(s->out, ',');
	ab_buf_adds(s->out, "{\"digest\":{\"sha256\":\"");
	ab_buf_adds(s->out, hash + strlen("sha256:"));
	ab_buf_adds(s->out, "\"},\"name\":\"");
	ab_buf_adds(s->out, name);
	ab_buf_adds(s->out, "\"}");
}

/* in-toto wants a subject: a run that died before its first receipt is its own. */
static void put_subjects(struct statement *s)
{
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];

	put_subject(s, "input", s->input);
	put_subject(s, "output", s->output);
	if (s->input || s->output)
		return;
	ab_sha256(s->x->run->id, strlen(s->x->run->id), digest);
	ab_sha256_text(digest, text);
	put_subject(s, "run", text);
}

static int put_statement(struct statement *s)
{
	ab_buf_clear(s->out);
	ab_buf_adds(s->out, "{\"_type\":\"" AB_STATEMENT_TYPE "\",\"predicate\":{");
	if (put_predicate(s) < 0)
		return -1;
	ab_buf_adds(s->out, "},\"predicateType\":\"" AB_PREDICATE_TYPE "\",\"subject\":[");
	put_subjects(s);
	ab_buf_adds(s->out, "]}");
	return ab_buf_ok(s->out, s->err);
}

static int part_to_blob(struct statement *s, struct ab_log *log, struct part *part)
{
	part->blob = ab_log_blob(log, s->out->data + part->at, part->len, s->err);
	part->len = 0;
	return part->blob ? 0 : -1;
}

/* A statement that is large: its large parts go beside. */
static int parts_to_blobs(struct statement *s, struct ab_log *log)
{
	for (size_t i = 0; i < PARTS; i++)
		if (s->parts[i].len > BLOB_FROM && part_to_blob(s, log, &s->parts[i]) < 0)
			return -1;
	return put_statement(s);
}

/* Parts that are small one by one may still be too much together: the next one goes beside. */
static int shrink(struct statement *s, struct ab_log *log)
{
	for (size_t i = 0; i < PARTS; i++)
		if (s->parts[i].len)
			return part_to_blob(s, log, &s->parts[i]) < 0 ? -1 : put_statement(s);
	return 0;
}

static int seal(struct statement *s, struct ab_log *log, struct ab_buf *out)
{
	if (s->out->len > BLOB_FROM && parts_to_blobs(s, log) < 0)
		return -1;
	if (ab_dsse_seal(log->signers, log->n_signers, s->out, out, s->err) < 0)
		return -1;
	for (size_t i = 0; i < PARTS && out->len > AB_LOG_MAX_ENTRY; i++) {
		ab_buf_clear(out);
		if (shrink(s, log) < 0 ||
		    ab_dsse_seal(log->signers, log->n_signers, s->out, out, s->err) < 0)
			return -1;
	}
	return 0;
}

static void statement_init(struct statement *s)
{
	const json_t *in = json_object_get(json_array_get(s->x->receipts, 0), "in");

	s->jail = find(s->x->receipts, "ab-jail", NULL);
	s->input = json_string_value(json_object_get(in, "sha256"));
	ab_time_now(s->now);
	if (s->x->chain->verdict != AB_PASSED)
		return;
	ab_sha256_text(s->x->arrived.sha256, s->output_text);
	s->output = s->output_text;
}

int ab_record_execution(struct ab_log *log, const struct ab_execution *x, struct ab_buf *out,
			struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf payload = { 0 };
	struct statement s = { .x = x, .out = &payload, .err = err };
	int status = -1;

	(void)ab_buf_reserve(&payload, USUAL);
	ab_buf_clear(out);
	statement_init(&s);
	if (put_statement(&s) == 0)
		status = seal(&s, log, out);
	for (size_t i = 0; i < PARTS; i++)
		json_decref(s.parts[i].blob);
	return status;
}
