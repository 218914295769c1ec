/* SPDX-License-Identifier: Apache-2.0 */
/* lib/audit: an execution's record, which is written member by member, beside the tree of values that
 * it stands for, in canonical form. */
#include "tests/unit/tap.h"

#include <sys/stat.h>

#include "lib/audit/record.h"

#define RUN  "8df6b003-a326-43c6-bcc7-30ab1ef140bc"
#define HASH "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ZERO "sha256:0000000000000000000000000000000000000000000000000000000000000000"

struct fixture {
	struct ab_skey key;
	struct ab_log *log;
	struct ab_keyring ring;
};

static json_t *json(const char *text)
{
	struct ab_err err = { 0 };
	json_t *value = ab_json_load("test", text, strlen(text), &err);

	if (!value)
		printf("# %s\n", err.msg);
	return value;
}

/* The record of an execution as a value, and its statement's bytes to `payload`. */
static json_t *record(struct fixture *f, const char *receipts, const char *head,
		      const struct ab_chain *chain, struct ab_buf *payload, struct ab_err *err)
{
	json_auto_t *array = json(receipts), *first = json(head), *envelope = NULL;
	const struct ab_run run = { .head = first, .id = RUN, .type = "a \"type\"", .started = 7 };
	const struct ab_execution x = { .run = &run, .receipts = array, .chain = chain };
	struct ab_buf entry = { 0 };
	json_t *value = NULL;

	if (ab_record_execution(f->log, &x, &entry, err) == 0) {
		value = ab_record_open(entry.data, entry.len, &f->ring, err);
		envelope = value ? json(entry.data) : NULL;
		if (!envelope || ab_dsse_open(envelope, &f->ring, payload, err) < 0)
			ab_buf_clear(payload);
	}
	ab_buf_free(&entry);
	return value;
}

/* Whether the payload is the canonical form of the expected statement, with its own time. */
static void compare(struct tap *t, const char *want, const json_t *got,
		    const struct ab_buf *payload, const char *name)
{
	json_auto_t *tree = json(want);
	struct ab_buf text = { 0 };
	struct ab_err err = { 0 };

	(void)json_object_set(json_object_get(tree, "predicate"), "timestamp",
			      json_object_get(ab_record_predicate(got), "timestamp"));
	(void)ab_json_canonical(tree, &text, &err);
	tap_is(t, payload->data, text.data, name);
	ab_buf_free(&text);
}

#define RECEIPTS                                                                                   \
	"[{\"duration_ms\":5,\"exit\":0,\"facts\":{\"schema_hash\":\"" HASH "\"},\"in\":{"         \
	"\"bytes\":0,\"sha256\":\"" HASH "\"},\"out\":{\"bytes\":0,\"sha256\":\"" HASH "\"},"      \
	"\"run\":\"" RUN "\",\"stage\":\"input\",\"tool\":\"ab-validate\",\"verdict\":\"passed\"," \
	"\"version\":\"0.1.0\"},"                                                                  \
	"{\"tool\":\"ab-jail\",\"duration_ms\":9,\"version\":\"0.1.0\",\"facts\":{"                \
	"\"resources\":{\"peak_memory_bytes\":1048577,\"cpu_ms\":1250,\"wall_ms\":1300},"          \
	"\"isolation\":{\"tier\":1,\"mechanisms\":{\"\\u00e9\":\"\\u0001\",\"a\":\"enforced\","    \
	"\"\\ue000\":1,\"\\ud83d\\ude00\":2}},"                                                    \
	"\"isolation_verified\":true,\"files_changed\":[1.5,null,{\"b\":-0.0,\"a\":[]}],"          \
	"\"agent_digest\":\"" HASH "\",\"input_bundle\":\"" ZERO "\",\"container_image\":\"i\"}}," \
	"{\"tool\":\"ab-scrub\",\"stage\":\"output\",\"facts\":{\"policy_hash\":\"" ZERO "\","     \
	"\"findings\":{\"x\":2,\"B\":1}},\"version\":\"0.1.0\"}]"

static void test_passed(struct tap *t, struct fixture *f)
{
	static const char want[] =
		"{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":"
		"\"urn:agentbox:audit-record:v1\",\"subject\":["
		"{\"name\":\"input\",\"digest\":{\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb924"
		"27ae41e4649b934ca495991b7852b855\"}},{\"name\":\"output\",\"digest\":{\"sha256\":"
		"\"0000000000000000000000000000000000000000000000000000000000000000\"}}],"
		"\"predicate\":{\"workflow_id\":\"w\\u00fc\\n\",\"workflow_type\":\"a \\\"type\\\"\","
		"\"run\":\"" RUN "\",\"params\":{\"z\":\"1\",\"\":\"2\"},\"started\":7,"
		"\"verdict\":\"passed\",\"output_hash\":\"" ZERO "\",\"input_hash\":\"" HASH "\","
		"\"schema_validation\":{\"input\":\"passed\",\"output\":\"absent\"},"
		"\"isolation_verified\":true,\"tier\":1,\"isolation\":{\"a\":\"enforced\","
		"\"\\u00e9\":\"\\u0001\",\"\\ud83d\\ude00\":2,\"\\ue000\":1},"
		"\"files_changed\":[1.5,null,{\"a\":[],\"b\":-0.0}],\"agent_digest\":\"" HASH "\","
		"\"input_bundle\":\"" ZERO "\",\"container_image\":\"i\","
		"\"execution_duration_ms\":1300,\"resource_usage\":{\"peak_memory_mb\":2,"
		"\"cpu_seconds\":1.25},\"schema_hash\":{\"input\":\"" HASH "\"},"
		"\"policy_hash\":{\"output\":\"" ZERO "\"},\"findings\":{\"output\":{\"x\":2,"
		"\"B\":1}},\"tool_versions\":{\"ab-audit\":\"" AB_VERSION "\",\"ab-validate\":"
		"\"0.1.0\",\"ab-jail\":\"0.1.0\",\"ab-scrub\":\"0.1.0\"},\"receipts\":" RECEIPTS
		"}}";
	const struct ab_chain passed = { .verdict = AB_PASSED };
	struct ab_buf payload = { 0 };
	struct ab_err err = { 0 };
	json_auto_t *got = record(f, RECEIPTS,
				  "{\"workflow_id\":\"w\\u00fc\\n\",\"params\":{\"z\":\"1\","
				  "\"\":\"2\"}}",
				  &passed, &payload, &err);

	tap_ok(t, got != NULL, "a run that passed is recorded, and the record is a good one: %s",
	       err.msg);
	compare(t, want, got, &payload, "its text is that of the tree");
	ab_buf_free(&payload);
}

static void test_died(struct tap *t, struct fixture *f)
{
	const struct ab_chain died = { .verdict = AB_FAILED,
				       .stage = "jail",
				       .reason = "stage jail died: \"\x01\" \xc3\xa9" };
	struct ab_buf payload = { 0 }, want = { 0 };
	struct ab_err err = { 0 };
	unsigned char digest[AB_SHA256_SIZE];
	char hash[AB_SHA256_TEXT];
	json_auto_t *got = record(f, "[]", "{}", &died, &payload, &err);

	tap_ok(t, got != NULL, "a run that died before its first receipt is recorded: %s", err.msg);
	ab_sha256(RUN, strlen(RUN), digest);
	ab_sha256_text(digest, hash);
	ab_buf_addf(&want,
		    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":"
		    "\"urn:agentbox:audit-record:v1\",\"subject\":[{\"name\":\"run\",\"digest\":"
		    "{\"sha256\":\"%s\"}}],\"predicate\":{\"workflow_id\":\"" RUN "\","
		    "\"workflow_type\":\"a \\\"type\\\"\",\"run\":\"" RUN "\",\"started\":7,"
		    "\"verdict\":\"failed\",\"stage\":\"jail\",\"reason\":\"stage jail died: "
		    "\\\"\\u0001\\\" \\u00e9\",\"schema_validation\":{\"input\":\"absent\","
		    "\"output\":\"absent\"},\"isolation_verified\":false,"
		    "\"execution_duration_ms\":0,\"tool_versions\":{\"ab-audit\":\"" AB_VERSION
		    "\"},\"receipts\":[]}}",
		    hash + strlen("sha256:"));
	compare(t, want.data, got, &payload, "its text is that of the tree");
	ab_buf_free(&want);
	ab_buf_free(&payload);
}

/* The hash of a part's blob, and its size; "" of one that stands in the record. */
static const char *blob_of(const json_t *record, const char *part, json_int_t *ret_bytes)
{
	const json_t *value = json_object_get(ab_record_predicate(record), part);
	const char *hash = json_string_value(json_object_get(value, "blob"));

	*ret_bytes = json_integer_value(json_object_get(value, "bytes"));
	return hash ? hash : "";
}

/* Receipts whose facts are of these sizes. */
static char *sized(size_t files, size_t isolation, size_t findings)
{
	struct ab_buf text = { 0 };

	ab_buf_adds(&text, "[{\"tool\":\"ab-jail\",\"facts\":{\"files_changed\":[\"");
	while (files--)
		ab_buf_addc(&text, 'f');
	ab_buf_adds(&text, "\"],\"isolation\":{\"mechanisms\":{\"m\":\"");
	while (isolation--)
		ab_buf_addc(&text, 'i');
	ab_buf_adds(&text, "\"}},\"findings\":{\"g\":\"");
	while (findings--)
		ab_buf_addc(&text, 'g');
	ab_buf_adds(&text, "\"}}}]");
	return ab_buf_steal(&text);
}

static void test_large(struct tap *t, struct fixture *f)
{
	static const struct {
		size_t files, isolation, findings;
		const char *beside; /* the parts that are blobs, by their first letters */
	} cases[] = {
		{ 100, 100, 100, "" },	       { 5000, 1, 1, "" },
		{ 16300, 1, 1, "r" },	       { 16400, 1, 1, "rf" },
		{ 20000, 20000, 1, "rfi" },    { 1, 20000, 20000, "rig" },
		{ 16000, 16000, 16000, "r" }, /* together a little under what fits */
		{ 16370, 16360, 16350, "rf" }, /* and a little over it */
		{ 70000, 70000, 70000, "rfig" },
	};
	const struct ab_chain passed = { .verdict = AB_PASSED };

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		ab_autofree char *receipts =
			sized(cases[i].files, cases[i].isolation, cases[i].findings);
		struct ab_buf payload = { 0 };
		struct ab_err err = { 0 };
		json_auto_t *got = record(f, receipts, "{}", &passed, &payload, &err);
		char beside[8] = "";
		json_int_t bytes = 0;
		size_t n = 0;

		if (*blob_of(got, "receipts", &bytes))
			beside[n++] = 'r';
		tap_ok(t, !n || bytes == (json_int_t)strlen(receipts),
		       "the blob is as large as the part (%lld)", (long long)bytes);
		if (*blob_of(got, "files_changed", &bytes))
			beside[n++] = 'f';
		if (*blob_of(got, "isolation", &bytes))
			beside[n++] = 'i';
		if (*blob_of(got, "findings", &bytes))
			beside[n++] = 'g';
		tap_is(t, got ? beside : err.msg, cases[i].beside, "its large parts are blobs");
		ab_buf_free(&payload);
	}
}

/* What a stage says is not to be believed: a fact of the wrong type is no record. */
static void test_refused(struct tap *t, struct fixture *f)
{
	static const char *const cases[][2] = {
		{ "[{\"tool\":\"ab-jail\",\"facts\":{\"agent_digest\":5}}]",
		  "record: /predicate/agent_digest: expected a string, not an integer" },
		{ "[{\"tool\":\"ab-jail\",\"facts\":{\"agent_digest\":\"x\"}}]",
		  "record: /predicate/agent_digest: expected sha256:HEX" },
		{ "[{\"tool\":\"ab-jail\",\"facts\":{\"isolation\":{\"tier\":\"1\"}}}]",
		  "record: /predicate/tier: expected an integer, not a string" },
		{ "[{\"tool\":\"x\",\"in\":{\"sha256\":\"sha256:0\"}}]",
		  "record: /predicate/input_hash: expected sha256:HEX" },
	};
	const struct ab_chain passed = { .verdict = AB_PASSED };

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		struct ab_buf payload = { 0 };
		struct ab_err err = { 0 };
		json_auto_t *got = record(f, cases[i][0], "{}", &passed, &payload, &err);

		tap_is(t, got ? "recorded" : err.msg, cases[i][1], "no record");
		tap_ok(t, err.status == AB_EXIT_NO, "status 1");
		ab_buf_free(&payload);
	}
}

static void exported(struct tap *t, const char *format, const json_t *record, const char *want,
		     const char *name)
{
	struct ab_buf out = { 0 };
	struct ab_err err = { 0 };

	tap_is(t, ab_record_export(format, record, "o\"]\\|=", 3, &out, &err) ? err.msg : out.data,
	       want, name);
	ab_buf_free(&out);
}

/* What other systems read as syntax stays text. */
static void test_export(struct tap *t)
{
	json_auto_t *run = json("{\"_type\":\"s\",\"predicate\":{\"workflow_type\":\"t|\\\\=\\n\","
				"\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"run\":\"r\",\"verdict\":"
				"\"refused\",\"reason\":\"a=b|c\\\\d\\r\\ne \\\"q\\\" ]\\t\\u00e9\"}}");
	json_auto_t *event = json("{\"record\":\"event\",\"type\":\"e\",\"data\":1,"
				  "\"timestamp\":\"2026-01-02T03:04:05.678Z\"}");

	exported(t, "cef", run,
		 "CEF:0|agentbox|ab-audit|" AB_VERSION "|execution|t\\|\\\\= |6|rt=1767323045678 "
		 "externalId=3 dvchost=o\"]\\\\|\\= outcome=refused reason=a\\=b|c\\\\d\\r\\ne \"q\" ] "
		 "\xc3\xa9 cs1Label=run cs1=r\n",
		 "CEF: | and \\ in the header, = and \\ and line ends behind it");
	exported(t, "syslog", run,
		 "<108>1 2026-01-02T03:04:05.678Z - ab-audit - execution [agentbox@32473 "
		 "origin=\"o\\\"\\]\\\\|=\" index=\"3\" type=\"t|\\\\= \" run=\"r\" verdict=\"refused\"] "
		 "a=b|c\\d  e \"q\" ] \xc3\xa9\n",
		 "syslog: RFC 5424's three characters, and no line end within");
	exported(t, "syslog", event,
		 "<110>1 2026-01-02T03:04:05.678Z - ab-audit - event [agentbox@32473 "
		 "origin=\"o\\\"\\]\\\\|=\" index=\"3\" type=\"e\"]\n",
		 "syslog: an event");
	json_auto_t *nothing = json("{\"type\":\"a\\u007fb\"}");

	exported(t, "syslog", nothing,
		 "<110>1 - - ab-audit - - [agentbox@32473 origin=\"o\\\"\\]\\\\|=\" index=\"3\" "
		 "type=\"a b\"]\n",
		 "syslog: nil for what is not known, and no control character");
	exported(t, "cef", event,
		 "CEF:0|agentbox|ab-audit|" AB_VERSION "|event|e|3|rt=1767323045678 "
		 "externalId=3 dvchost=o\"]\\\\|\\=\n",
		 "CEF: an event");
	exported(
		t, "ocsf", event,
		"{\"activity_id\":99,\"activity_name\":\"event\",\"actor\":{\"app_name\":"
		"\"agentbox\"},\"api\":{\"operation\":\"e\"},\"category_uid\":6,\"class_uid\":6003,"
		"\"metadata\":{\"product\":{\"name\":\"agentbox\",\"vendor_name\":\"agentbox\","
		"\"version\":\"" AB_VERSION "\"},\"uid\":\"o\\\"]\\\\|=/3\",\"version\":\"1.3.0\"},"
		"\"severity_id\":1,\"src_endpoint\":{\"name\":\"o\\\"]\\\\|=\"},\"status_id\":0,"
		"\"time\":1767323045678,\"type_uid\":600399,\"unmapped\":{\"record\":{\"data\":1,"
		"\"record\":\"event\",\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"type\":\"e\"}}}"
		"\n",
		"OCSF: of an event nobody says that it succeeded");
	exported(t, "none", event, "none: unknown format", "no other format");
}

#define STATEMENT                                                                                  \
	"{\"_type\":\"s\",\"predicate\":{\"reason\":\"why\",\"run\":\"r\",\"timestamp\":"          \
	"\"2024-02-29T23:59:59.001Z\",\"verdict\":\"%s\",\"workflow_type\":\"t\"}}"

/* Executions that passed and that did not, in the forms that are JSON: every byte of them. */
static void test_export_json(struct tap *t)
{
	static const struct {
		const char *verdict, *ecs;
		int ocsf, severity;
	} cases[] = { { "passed", "success", 1, 1 },
		      { "refused", "failure", 2, 3 },
		      { "timeout", "failure", 2, 3 } };
	json_auto_t *event = json("{\"record\":\"event\",\"type\":\"e\",\"data\":1,"
				  "\"timestamp\":\"1970-01-01T00:00:01.000Z\"}");

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		char text[400], want[1200];
		json_auto_t *run = NULL;

		(void)snprintf(text, sizeof(text), STATEMENT, cases[i].verdict);
		run = json(text);
		(void)snprintf(want, sizeof(want), "{\"index\":3,\"record\":%s}\n", text);
		exported(t, "ndjson", run, want, "ndjson: the record as it is");
		(void)snprintf(
			want, sizeof(want),
			"{\"@timestamp\":\"2024-02-29T23:59:59.001Z\",\"agentbox\":{\"record\":"
			"%s},\"ecs\":{\"version\":\"8.11.0\"},\"event\":{\"action\":\"t\","
			"\"dataset\":\"agentbox.audit\",\"id\":\"o\\\"]\\\\|=/3\",\"kind\":"
			"\"event\",\"module\":\"agentbox\",\"outcome\":\"%s\",\"reason\":"
			"\"why\",\"sequence\":3}}\n",
			text, cases[i].ecs);
		exported(t, "ecs", run, want, "ECS: an execution");
		(void)snprintf(want, sizeof(want),
			       "{\"activity_id\":99,\"activity_name\":\"execution\",\"actor\":"
			       "{\"app_name\":\"agentbox\"},\"api\":{\"operation\":\"t\"},"
			       "\"category_uid\":6,\"class_uid\":6003,\"metadata\":{\"product\":"
			       "{\"name\":\"agentbox\",\"vendor_name\":\"agentbox\",\"version\":"
			       "\"" AB_VERSION
			       "\"},\"uid\":\"o\\\"]\\\\|=/3\",\"version\":\"1.3.0\"},"
			       "\"severity_id\":%d,\"src_endpoint\":{\"name\":\"o\\\"]\\\\|=\"},"
			       "\"status_detail\":\"why\",\"status_id\":%d,\"time\":1709251199001,"
			       "\"type_uid\":600399,\"unmapped\":{\"record\":%s}}\n",
			       cases[i].severity, cases[i].ocsf, text);
		exported(t, "ocsf", run, want, "OCSF: an execution");
	}
	exported(
		t, "ecs", event,
		"{\"@timestamp\":\"1970-01-01T00:00:01.000Z\",\"agentbox\":{\"record\":{\"data\":1,"
		"\"record\":\"event\",\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"type\":\"e\"}},"
		"\"ecs\":{\"version\":\"8.11.0\"},\"event\":{\"action\":\"e\",\"dataset\":"
		"\"agentbox.audit\",\"id\":\"o\\\"]\\\\|=/3\",\"kind\":\"event\",\"module\":"
		"\"agentbox\",\"sequence\":3}}\n",
		"ECS: an event has no outcome");
}

int main(void)
{
	char top[] = "/tmp/audit_record_test-XXXXXX", dir[64], command[96];
	struct fixture f = { .log = NULL };
	struct ab_err err = { 0 };
	struct tap t = { 0 };

	if (!mkdtemp(top) || ab_skey_generate("example.org/t", &f.key, &err) < 0)
		return 1;
	(void)snprintf(dir, sizeof(dir), "%s/log", top);
	f.ring.keys[f.ring.n++] = f.key.public_key;
	if (ab_log_init(dir, &f.key, &err) == 0)
		f.log = ab_log_open(dir, &f.key, &err);
	if (tap_ok(&t, f.log && ab_log_lock(f.log, NULL, &err) == 0, "a log: %s", err.msg)) {
		test_passed(&t, &f);
		test_died(&t, &f);
		test_large(&t, &f);
		test_refused(&t, &f);
		test_export(&t);
		test_export_json(&t);
	}
	ab_log_close(f.log);
	ab_skey_free(&f.key);
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	tap_ok(&t, system(command) == 0, "the test's files are removed");
	return tap_done(&t);
}
