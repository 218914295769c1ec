/* SPDX-License-Identifier: Apache-2.0 */
/* lib/audit: records that only the keeper of the key can forge, and that are no good ones all the
 * same: of another shape than the schemas', or telling different readers different things. */
#include "tests/unit/tap.h"

#include "lib/audit/log.h"
#include "lib/audit/record.h"

#define RUN  "8df6b003-a326-43c6-bcc7-30ab1ef140bc"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HEAD                                                                                       \
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":"                        \
	"\"urn:agentbox:audit-record:v1\","
#define PREDICATE                                                                                  \
	"\"predicate\":{\"execution_duration_ms\":0,\"isolation_verified\":true,\"receipts\":[],"  \
	"\"run\":\"" RUN "\",\"schema_validation\":{\"input\":\"absent\",\"output\":\"passed\"}"   \
	",\"started\":0,\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"tool_versions\":{},"          \
	"\"workflow_id\":\"i\",\"workflow_type\":\"t\",\"verdict\":\"passed\","                    \
	"\"input_hash\":\"sha256:" HASH "\",\"output_hash\":\"sha256:" HASH "\"}"
#define SUBJECT(name) "{\"name\":\"" name "\",\"digest\":{\"sha256\":\"" HASH "\"}}"
#define SUBJECTS      "\"subject\":[" SUBJECT("input") "," SUBJECT("output") "]"
#define STATEMENT     HEAD PREDICATE "," SUBJECTS "}"
#define HASHES	      "{\"input\":\"sha256:" HASH "\"}"

struct fixture {
	struct ab_skey keys[2];
	char top[64];
	int logs;
};

static json_t *json(const char *text)
{
	struct ab_err err = { 0 };
	json_t *value = ab_json_load("test", text, strlen(text), &err);

	if (!value)
		printf("# %s: %s\n", text, err.msg);
	return value;
}

static void check(struct tap *t, const json_t *record, bool good, const char *name)
{
	struct ab_err err = { 0 };
	int status = ab_record_check(record, &err);

	tap_ok(t, good ? status == 0 : status < 0 && err.status == AB_EXIT_NO, "%s: %s", name,
	       err.msg);
}

/* One member of the predicate other than it has to be. */
static void test_predicate(struct tap *t)
{
	static const struct {
		const char *name, *value;
		bool good;
	} cases[] = {
		{ "tier", "1", true },
		{ "tier", "3", false },
		{ "tier", "0", false },
		{ "execution_duration_ms", "-1", false },
		{ "params", "{\"a\":\"b\"}", true },
		{ "params", "{\"a\":1}", false },
		{ "policy_hash", HASHES, true },
		{ "policy_hash", "{\"input\":\"" HASH "\"}", false },
		{ "schema_hash", HASHES, true },
		{ "schema_hash", "{\"input\":null}", false },
		{ "files_changed", "[]", true },
		{ "files_changed", "{\"blob\":\"sha256:" HASH "\",\"bytes\":1}", true },
		{ "files_changed", "\"none\"", false },
		{ "receipts", "null", false },
		{ "resource_usage", "{\"cpu_seconds\":0.5,\"peak_memory_mb\":1}", true },
		{ "resource_usage", "{\"cpu_seconds\":0.5}", false },
		{ "resource_usage", "{\"cpu_seconds\":-1,\"peak_memory_mb\":1}", false },
		{ "resource_usage", "{\"cpu_seconds\":\"1\",\"peak_memory_mb\":1}", false },
		{ "schema_validation", "{\"input\":\"passed\",\"output\":\"refused\"}", true },
		{ "schema_validation", "{\"input\":\"passed\"}", false },
		{ "schema_validation", "{\"input\":\"passed\",\"output\":\"great\"}", false },
		{ "schema_validation", "{\"input\":\"absent\",\"output\":\"absent\",\"x\":\"absent\"}",
		  false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		json_auto_t *record = json(STATEMENT);
		json_t *value = json_loads(cases[i].value, JSON_DECODE_ANY, NULL);
		char name[256];

		(void)json_object_set_new(json_object_get(record, "predicate"), cases[i].name, value);
		(void)snprintf(name, sizeof(name), "%s %s", cases[i].name, cases[i].value);
		check(t, record, cases[i].good, name);
	}
}

static void test_subjects(struct tap *t)
{
	static const char *const bad[] = {
		"[]",
		"[" SUBJECT("input") "]",
		"[" SUBJECT("output") "," SUBJECT("input") "]",
		"[" SUBJECT("input") "," SUBJECT("output") "," SUBJECT("output") "]",
		"[" SUBJECT("input") "," SUBJECT("result") "]",
		"[" SUBJECT("input") ",{\"name\":\"output\",\"digest\":{\"sha256\":\"0\"}}]",
		"[" SUBJECT("input") ",{\"name\":\"output\",\"digest\":{\"sha256\":\"" HASH
		"\",\"md5\":\"0\"}}]",
		"[" SUBJECT("input") ",{\"name\":\"output\"}]",
		"[1,2]",
	};
	json_auto_t *record = json(STATEMENT), *alone = json(STATEMENT);

	check(t, record, true, "a record whose subjects are its input and output");
	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++) {
		(void)json_object_set_new(record, "subject", json(bad[i]));
		check(t, record, false, bad[i]);
	}
	(void)json_object_set_new(json_object_get(alone, "predicate"), "output_hash",
				  json_string("sha256:0000000000000000000000000000000000000000000000"
					      "000000000000000000"));
	check(t, alone, false, "a predicate that names another output");
}

static void test_events(struct tap *t)
{
	static const char tail[] = ",\"reason\":\"r\",\"record\":\"redacted\","
				   "\"timestamp\":\"2026-01-02T03:04:05.678Z\"}";
	static const struct {
		const char *head;
		bool good;
	} cases[] = {
		{ "{\"blobs\":[],\"index\":1", true },
		{ "{\"blobs\":[],\"index\":-1", false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		char text[256];
		json_auto_t *record = NULL;

		(void)snprintf(text, sizeof(text), "%s%s", cases[i].head, tail);
		record = json(text);
		check(t, record, cases[i].good, cases[i].head);
	}
}

static json_t *canonical_envelope(const struct ab_skey *const *keys, size_t n, struct ab_buf *out)
{
	json_auto_t *statement = json(STATEMENT);
	ab_auto(ab_buf_free) struct ab_buf payload = { 0 };
	struct ab_err err = { 0 };

	ab_buf_clear(out);
	if (ab_json_canonical(statement, &payload, &err) < 0 ||
	    ab_dsse_seal(keys, n, &payload, out, &err) < 0)
		return NULL;
	return json(out->data);
}

static void open_with(struct tap *t, const json_t *envelope, const struct ab_keyring *ring, bool good,
		      const char *name)
{
	ab_auto(ab_buf_free) struct ab_buf payload = { 0 };
	struct ab_err err = { 0 };
	int status = ab_dsse_open(envelope, ring, &payload, &err);

	tap_ok(t, good ? status == 0 : status < 0 && err.status == AB_EXIT_NO, "%s: %s", name,
	       err.msg);
}

/* An envelope with a bad signature of the first of two keys, and none of the second, either of which
 * would do. */
static void test_named(struct tap *t, const json_t *envelope, const struct ab_keyring *ring)
{
	ab_auto(ab_buf_free) struct ab_buf payload = { 0 };
	char want[AB_NOTE_NAME + 64], id[AB_NOTE_NAME + 10];
	struct ab_err err = { 0 };

	ab_vkey_id_text(&ring->keys[0], id);
	(void)snprintf(want, sizeof(want), "no good signature by %s", id);
	(void)ab_dsse_open(envelope, ring, &payload, &err);
	tap_is(t, err.msg, want, "the key is named whose signature is bad");
}

static void test_signatures(struct tap *t, struct fixture *f)
{
	const struct ab_skey *keys[] = { &f->keys[0], &f->keys[1] };
	struct ab_keyring one = { .n = 1 }, both = { .n = 2 }, all = { .n = 2, .all = true };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *single = canonical_envelope(keys, 1, &text);
	json_auto_t *twofold = canonical_envelope(keys, 2, &text);
	json_t *s = json_object_get(single, "signatures"), *first = json_array_get(s, 0);
	json_auto_t *other = json_deep_copy(first);

	one.keys[0] = both.keys[0] = all.keys[0] = f->keys[0].public_key;
	both.keys[1] = all.keys[1] = f->keys[1].public_key;
	open_with(t, single, &one, true, "its key's");
	open_with(t, single, &both, true, "one of two keys, either of which will do");
	open_with(t, single, &all, false, "one of two keys, both of which have to sign");
	open_with(t, twofold, &all, true, "both");
	open_with(t, twofold, &one, true, "that of a key that is not known stands beside");
	(void)json_array_append(s, first);
	open_with(t, single, &one, false, "the same one twice");
	(void)json_object_set_new(other, "sig", json_string("AAAA"));
	(void)json_array_set(s, 1, other);
	open_with(t, single, &one, false, "a second one of the same key that is bad");
	test_named(t, single, &both);
	(void)json_array_clear(s);
	open_with(t, single, &one, false, "none");
}

/* A log of a beginning and an end, which says of what type and workflow it is. */
static void add_log(struct tap *t, struct fixture *f, const char *type, const char *id, bool good,
		    const char *name)
{
	static const struct ab_chain passed = { .verdict = AB_PASSED };
	json_auto_t *receipts = json_array(), *head = json_object();
	const struct ab_run run = { .head = head, .id = RUN, .type = type };
	const struct ab_execution x = { .run = &run, .receipts = receipts, .chain = &passed };
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	const struct ab_verify how = { 0 };
	struct ab_verified found;
	struct ab_err err = { 0 };
	struct ab_log *log;
	char dir[96];
	int status;

	(void)json_object_set_new(head, "workflow_id", json_string(id));
	(void)snprintf(dir, sizeof(dir), "%s/%d", f->top, f->logs++);
	log = ab_log_init(dir, f->keys, &err) < 0 ? NULL : ab_log_open(dir, f->keys, &err);
	if (!tap_ok(t, log && ab_log_lock(log, NULL, &err) == 0 &&
			       ab_record_started(RUN, "t", "i", NULL, &entry, &err) == 0 &&
			       ab_log_add(log, entry.data, entry.len, NULL, NULL, &err) == 0 &&
			       ab_record_execution(log, &x, &entry, &err) == 0 &&
			       ab_log_add(log, entry.data, entry.len, NULL, NULL, &err) == 0 &&
			       ab_log_commit(log, &err) == 0 && ab_log_publish(log, true, &err) == 0,
		    "a log: %s", err.msg))
		return;
	ab_log_close(log);
	err = (struct ab_err){ 0 };
	status = ab_log_verify(dir, &how, &found, &err);
	tap_ok(t, good ? status == 0 : status < 0 && err.status == AB_EXIT_NO, "%s: %s", name,
	       err.msg);
}

int main(void)
{
	struct tap t = { 0 };
	struct fixture f = { .top = "/tmp/audit_forged_test.XXXXXX" };
	struct ab_err err = { 0 };
	char remove[96];

	if (!mkdtemp(f.top))
		return 1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(f.keys); i++)
		if (ab_skey_generate("example.org/ab", &f.keys[i], &err) < 0)
			return ab_err_report("audit_forged_test", &err);
	test_predicate(&t);
	test_subjects(&t);
	test_events(&t);
	test_signatures(&t, &f);
	add_log(&t, &f, "t", "i", true, "a run that ends as what it began");
	add_log(&t, &f, "u", "i", false, "a run that ends as another type");
	add_log(&t, &f, "t", "j", false, "a run that ends under another id");
	(void)snprintf(remove, sizeof(remove), "rm -rf %s", f.top);
	tap_ok(&t, system(remove) == 0, "what was made is removed");
	for (size_t i = 0; i < AB_ARRAY_SIZE(f.keys); i++)
		ab_skey_free(&f.keys[i]);
	return tap_done(&t);
}
