/* SPDX-License-Identifier: Apache-2.0 */
/* ab-scrub: lets a document through only without what a policy says must not come out. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/opt.h"
#include "lib/base/path.h"
#include "lib/json/json.h"
#include "lib/receipt/stage.h"
#include "lib/scrub/scrub.h"

#define RECORD_MAX (8u << 20) /* bytes of one record of --lines */

struct settings {
	const char *policy_name, *stage_name, *report_name, *format, *baseline, *key, *file;
	struct ab_list domains, values, rules;
	bool json, text, lines, test;
	struct ab_scrub_policy *policy;
	int report; /* -1: none */
	bool sarif;
	struct ab_buf out; /* of the report, not yet written */
	json_t *counts;	   /* findings a rule */
	size_t n, redactions, warnings, blocked;
	struct ab_err first; /* the first record that was blocked */
};

static void settings_done(struct settings *s)
{
	ab_list_free(&s->domains);
	ab_list_free(&s->values);
	ab_list_free(&s->rules);
	ab_scrub_policy_free(s->policy);
	ab_buf_free(&s->out);
	json_decref(s->counts);
	if (s->report >= 0)
		(void)close(s->report); /* flush_report() has seen every write */
}

static int read_small(const char *path, struct ab_buf *ret, struct ab_err *err)
{
	return ab_path_read(path, 16u << 20, ret, err);
}

/* The site's key and baseline, both optional. */
static int load_fingerprints(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf key = { 0 }, baseline = { 0 };

	if (s->key) {
		if (read_small(s->key, &key, err) < 0)
			return -1;
		if (key.len < 16)
			return ab_err_usage(err, "%s: a key has at least 16 bytes", s->key);
		ab_scrub_set_key(s->policy, key.data, key.len);
		explicit_bzero(key.data, key.len);
	}
	if (!s->baseline)
		return 0;
	if (read_small(s->baseline, &baseline, err) < 0)
		return -1;
	if (ab_scrub_set_baseline(s->policy, baseline.data, baseline.len, err) < 0)
		return ab_err_prefix(err, "%s: ", s->baseline);
	return 0;
}

static int load_policy(struct settings *s, struct ab_err *err)
{
	if (!s->policy_name)
		return ab_err_usage(err, "missing --policy; try ab-scrub --help");
	if ((s->json && s->text) || (s->lines && s->test))
		return ab_err_usage(err, "--%s: not with --%s",
				    s->json && s->text ? "json" : "lines",
				    s->json && s->text ? "text" : "test-policy");
	s->policy = ab_scrub_policy_load(s->policy_name, err);
	if (!s->policy)
		return -1;
	for (size_t i = 0; i < s->domains.n; i++)
		if (ab_scrub_allow_domain(s->policy, s->domains.items[i], err) < 0)
			return ab_err_prefix(err, "--allow-domain: ");
	for (size_t i = 0; i < s->values.n; i++)
		if (ab_scrub_allow_value(s->policy, s->values.items[i], err) < 0)
			return ab_err_prefix(err, "--allow-value-hash: ");
	for (size_t i = 0; i < s->rules.n; i++)
		if (ab_scrub_override(s->policy, s->rules.items[i], err) < 0)
			return ab_err_prefix(err, "--rule: ");
	s->counts = json_object();
	return s->counts ? load_fingerprints(s, err) : ab_err_memory(err);
}

static int open_report(struct settings *s, struct ab_err *err)
{
	s->sarif = s->format && strcmp(s->format, "sarif") == 0;
	if (!s->report_name)
		return s->format ? ab_err_usage(err, "--format: only with --report") : 0;
	s->report = open(s->report_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (s->report < 0)
		return ab_err_sys(err, "%s", s->report_name);
	if (s->sarif)
		ab_scrub_sarif_begin(&s->out);
	return 0;
}

static int flush_report(struct settings *s, struct ab_err *err)
{
	if (s->report < 0 || s->out.len == 0)
		return 0;
	if (ab_buf_ok(&s->out, err) < 0 || ab_io_write(s->report, s->out.data, s->out.len, err) < 0)
		return ab_err_prefix(err, "%s: ", s->report_name);
	ab_buf_clear(&s->out);
	return 0;
}

/* Counts the findings of a document and adds them to the report. */
static int note(struct settings *s, const struct ab_scrub_result *r, size_t record,
		struct ab_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct ab_scrub_finding *f = &r->findings[i];
		json_int_t n = json_integer_value(json_object_get(s->counts, f->rule));

		if (json_object_set_new(s->counts, f->rule, json_integer(n + 1)) < 0)
			return ab_err_memory(err);
		if (s->report < 0)
			continue;
		if (s->sarif)
			ab_scrub_sarif_result(f, s->n + i == 0, &s->out);
		else
			ab_scrub_report_line(f, record, &s->out);
		if (s->out.len > 65536 && flush_report(s, err) < 0)
			return -1;
	}
	s->n += r->n;
	s->redactions += r->redactions;
	s->warnings += r->warnings;
	s->blocked += r->blocked;
	return 0;
}

/* What the receipt says, and the end of the report. */
static int conclude(struct settings *s, struct ab_stage *stage, struct ab_err *err)
{
	if (s->sarif)
		ab_scrub_sarif_end(s->policy, &s->out);
	if (flush_report(s, err) < 0)
		return -1;
	if (json_object_set_new(stage->facts, "policy_hash",
				json_string(ab_scrub_policy_hash(s->policy))) < 0 ||
	    json_object_set(stage->facts, "findings", s->counts) < 0 ||
	    json_object_set_new(stage->facts, "redactions",
				json_integer((json_int_t)s->redactions)) < 0)
		return ab_err_memory(err);
	return 0;
}

static int write_piece(void *stage, const void *data, size_t len, struct ab_err *err)
{
	return ab_stage_write(stage, data, len, err);
}

static enum ab_scrub_mode mode_of(const struct settings *s)
{
	return s->json ? AB_SCRUB_JSON : s->text ? AB_SCRUB_TEXT : AB_SCRUB_AUTO;
}

/* The whole document: all of it is scanned before any of it comes out. */
static int scrub_document(struct settings *s, struct ab_stage *stage, int fd, struct ab_err *err)
{
	ab_auto(ab_scrub_result_free) struct ab_scrub_result r = { 0 };
	const unsigned char *text;

	if (ab_stage_read(stage, fd, err) < 0 || !(text = ab_hold_map(&stage->in, err)))
		return -1;
	if (ab_scrub_scan(s->policy, mode_of(s), text, (size_t)stage->in.size, &r, err) < 0 ||
	    note(s, &r, 0, err) < 0 || conclude(s, stage, err) < 0)
		return -1;
	if (r.blocked) {
		ab_scrub_say(ab_scrub_blocker(&r), err);
		return -1;
	}
	return ab_scrub_emit(&r, text, (size_t)stage->in.size, write_piece, stage, err);
}

/* One record of --lines, its newline included; AB_HOLD_PAD zeros follow it. */
static int scrub_record(struct settings *s, struct ab_stage *stage, const char *text, size_t len,
			size_t record, struct ab_err *err)
{
	ab_auto(ab_scrub_result_free) struct ab_scrub_result r = { 0 };

	if (ab_scrub_scan(s->policy, mode_of(s), (const unsigned char *)text, len, &r, err) < 0)
		return ab_err_prefix(err, "record %zu: ", record);
	if (note(s, &r, record, err) < 0)
		return -1;
	if (!r.blocked)
		return ab_scrub_emit(&r, (const unsigned char *)text, len, write_piece, stage, err);
	if (s->blocked == 1) {
		ab_scrub_say(ab_scrub_blocker(&r), &s->first);
		ab_err_prefix(&s->first, "record %zu: ", record);
	}
	return 0;
}

/* Takes the whole records out of the buffer; a copy of each stands before zeros of its own. */
static int scrub_records(struct settings *s, struct ab_stage *stage, struct ab_buf *in,
			 struct ab_buf *record, size_t *n, bool end, struct ab_err *err)
{
	size_t at = 0;

	while (at < in->len) {
		const char *newline = memchr(in->data + at, '\n', in->len - at);
		size_t len = newline ? (size_t)(newline - in->data) + 1 - at : in->len - at;
		char *pad;

		if (!newline && !end)
			break;
		ab_buf_clear(record);
		ab_buf_add(record, in->data + at, len);
		pad = ab_buf_reserve(record, AB_HOLD_PAD);
		if (!pad)
			return ab_err_memory(err);
		memset(pad, 0, AB_HOLD_PAD);
		if (scrub_record(s, stage, record->data, len, ++*n, err) < 0)
			return -1;
		at += len;
	}
	memmove(in->data, in->data + at, in->len - at);
	in->len -= at;
	return 0;
}

static int scrub_lines(struct settings *s, struct ab_stage *stage, int fd, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf in = { 0 }, record = { 0 };
	size_t n = 0;

	for (;;) {
		char *room = ab_buf_reserve(&in, 65536);
		ssize_t got;

		if (!room)
			return ab_err_memory(err);
		got = ab_stage_read_some(stage, fd, room, 65536, err);
		if (got < 0)
			return -1;
		in.len += (size_t)got;
		if (in.len && scrub_records(s, stage, &in, &record, &n, got == 0, err) < 0)
			return -1;
		if (got == 0)
			break;
		if (in.len > RECORD_MAX)
			return ab_err_no(err, "record %zu: longer than %u bytes", n + 1,
					 RECORD_MAX);
	}
	if (conclude(s, stage, err) < 0)
		return -1;
	if (!s->blocked)
		return 0;
	*err = s->first;
	if (s->blocked > 1)
		return ab_err_prefix(err, "%zu records, ", s->blocked);
	return -1;
}

static int open_input(const struct settings *s, struct ab_err *err)
{
	int fd;

	if (!s->file || strcmp(s->file, "-") == 0)
		return STDIN_FILENO;
	fd = open(s->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ab_err_sys(err, "%s", s->file);
		err->status = AB_EXIT_USAGE;
	}
	return fd;
}

static int test_policy(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	int failed = ab_scrub_policy_test(s->policy, &out, err);

	if (failed < 0)
		return -1;
	(void)fwrite(out.data ? out.data : "", 1, out.len, stdout); /* ab_io_finish() sees a loss */
	printf("%zu rules, %d examples failed\n", ab_scrub_policy_rules(s->policy), failed);
	return failed ? ab_err_no(err, "%s: %d examples failed", s->policy_name, failed) : 0;
}

static int run_test(struct settings *s)
{
	struct ab_err err = { 0 };

	if (load_policy(s, &err) < 0 || test_policy(s, &err) < 0)
		return ab_io_finish(ab_err_report("ab-scrub", &err));
	return ab_io_finish(AB_EXIT_OK);
}

static int run_filter(struct settings *s)
{
	ab_auto(ab_stage_close) struct ab_stage stage = AB_STAGE_INIT;
	struct ab_err err = { 0 };
	int fd = -1;

	if (ab_stage_open(&stage, "ab-scrub", s->stage_name, 0, &err) < 0 ||
	    load_policy(s, &err) < 0 || open_report(s, &err) < 0 ||
	    (fd = open_input(s, &err)) < 0 || ab_stage_confine(&stage, &err) < 0 ||
	    (s->lines ? scrub_lines : scrub_document)(s, &stage, fd, &err) < 0)
		return ab_stage_fail(&stage, &err);
	if (s->redactions || s->warnings)
		ab_err_note("ab-scrub", "%zu redacted, %zu warned of", s->redactions, s->warnings);
	return ab_stage_pass(&stage, NULL);
}

int main(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .report = -1 };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 'p', "policy", "NAME|FILE", "what to look for", &s.policy_name },
		{ AB_OPT_STRING, 0, "stage", "NAME", "this stage's name in the receipt",
		  &s.stage_name },
		{ AB_OPT_FLAG, 'j', "json", NULL, "refuse what is not strict JSON", &s.json },
		{ AB_OPT_FLAG, 't', "text", NULL, "take JSON for text", &s.text },
		{ AB_OPT_FLAG, 'l', "lines", NULL, "one document a line", &s.lines },
		{ AB_OPT_LIST, 0, "allow-domain", "NAME", "allow a host and all below it",
		  &s.domains },
		{ AB_OPT_LIST, 0, "allow-value-hash", "HASH", "allow a value by its SHA-256",
		  &s.values },
		{ AB_OPT_LIST, 0, "rule", "GLOB=ACTION", "change what rules do", &s.rules },
		{ AB_OPT_STRING, 0, "baseline", "FILE", "fingerprints of findings to pass over",
		  &s.baseline },
		{ AB_OPT_STRING, 0, "key", "FILE", "secret key of the fingerprints", &s.key },
		{ AB_OPT_STRING, 0, "report", "FILE", "write the findings there", &s.report_name },
		{ AB_OPT_CHOICE, 0, "format", "ndjson|sarif", "how the report is written",
		  &s.format },
		{ AB_OPT_FLAG, 0, "test-policy", NULL, "run every rule's examples", &s.test },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-scrub",
				    .summary =
					    "Let a document through without what a policy forbids",
				    .operands = "[FILE]",
				    .opts = opts,
				    .max = 1 };
	struct ab_err err = { 0 };
	int first;

	ab_io_start();
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (first < argc)
		s.file = argv[first];
	return s.test ? run_test(&s) : run_filter(&s);
}
