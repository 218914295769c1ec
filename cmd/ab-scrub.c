/* SPDX-License-Identifier: Apache-2.0 */
/* ab-scrub: lets a document through only without what a policy says must not come out. */
#include "cmd/scrub/filter.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/heap.h"
#include "lib/base/io.h"
#include "lib/base/opt.h"
#include "lib/base/path.h"

static void settings_done(struct ab_scrub_settings *s)
{
	ab_list_free(&s->domains);
	ab_list_free(&s->values);
	ab_list_free(&s->rules);
	ab_scrub_policy_free(s->policy);
	ab_classifier_done(&s->classifier);
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
static int load_fingerprints(struct ab_scrub_settings *s, struct ab_err *err)
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

/* One program for one document; it is not started for each line of many. */
static int check_classifier(const struct ab_scrub_settings *s, struct ab_err *err)
{
	const struct ab_classifier *c = &s->classifier;

	if (!c->command && (c->time_ms || c->read_only.n))
		return ab_err_usage(err, "--classifier-%s: only with --exec-classifier",
				    c->time_ms ? "time" : "ro");
	if (c->command && (s->lines || s->test))
		return ab_err_usage(err, "--exec-classifier: not with --%s",
				    s->lines ? "lines" : "test-policy");
	if (c->command && !*c->command)
		return ab_err_usage(err, "--exec-classifier: expected a program");
	return 0;
}

/* hashed: its hash goes into a receipt. */
static int load_policy(struct ab_scrub_settings *s, bool hashed, struct ab_err *err)
{
	off_t at = 0;
	int file;

	if (!s->policy_name)
		return ab_err_usage(err, "missing --policy; try ab-scrub --help");
	if (s->explain && (s->test || s->lines))
		return ab_err_usage(err, "--explain: not with --%s",
				    s->test ? "test-policy" : "lines");
	if ((s->json && s->text) || (s->lines && s->test))
		return ab_err_usage(err, "--%s: not with --%s",
				    s->json && s->text ? "json" : "lines",
				    s->json && s->text ? "text" : "test-policy");
	if (check_classifier(s, err) < 0)
		return -1;
	s->policy = ab_scrub_policy_load_from(ab_scrub_shipped(), s->policy_name, hashed, err);
	if (!s->policy)
		return -1;
	file = ab_scrub_shipped_file(&at);
	ab_scrub_policy_lend(s->policy, file, at);
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

static int open_report(struct ab_scrub_settings *s, struct ab_err *err)
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

static int open_input(const struct ab_scrub_settings *s, struct ab_err *err)
{
	if (!s->file || strcmp(s->file, "-") == 0)
		return STDIN_FILENO;
	return ab_path_open(s->file, err);
}

static int test_policy(struct ab_scrub_settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	int failed = ab_scrub_policy_test(s->policy, &out, err);

	if (failed < 0)
		return -1;
	(void)fwrite(out.data ? out.data : "", 1, out.len, stdout); /* ab_io_finish() sees a loss */
	printf("%zu rules, %d examples failed\n", ab_scrub_policy_rules(s->policy), failed);
	return failed ? ab_err_no(err, "%s: %d examples failed", s->policy_name, failed) : 0;
}

static int run_test(struct ab_scrub_settings *s)
{
	struct ab_err err = { 0 };

	if (load_policy(s, false, &err) < 0 || test_policy(s, &err) < 0)
		return ab_io_finish(ab_err_report("ab-scrub", &err));
	return ab_io_finish(AB_EXIT_OK);
}

static int run_explain(struct ab_scrub_settings *s)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	struct ab_err err = { 0 };

	if (load_policy(s, false, &err) < 0)
		return ab_err_report("ab-scrub", &err);
	ab_scrub_policy_overview(s->policy, &out);
	if (ab_buf_ok(&out, &err) < 0)
		return ab_err_report("ab-scrub", &err);
	(void)fwrite(out.data, 1, out.len, stdout); /* ab_io_finish() sees a loss */
	return ab_io_finish(AB_EXIT_OK);
}

static int run_filter(struct ab_scrub_settings *s)
{
	ab_auto(ab_stage_close) struct ab_stage stage = AB_STAGE_INIT;
	struct ab_err err = { 0 };
	int fd = -1, status;

	if (ab_stage_open(&stage, "ab-scrub", s->stage_name, 0, &err) < 0 ||
	    load_policy(s, stage.receipts, &err) < 0 || open_report(s, &err) < 0 ||
	    (fd = open_input(s, &err)) < 0 ||
	    (s->classifier.command && ab_classifier_start(&s->classifier, &err) < 0) ||
	    ab_stage_confine(&stage, &err) < 0 ||
	    (s->lines ? ab_scrub_lines : ab_scrub_document)(s, &stage, fd, &err) < 0)
		return ab_stage_fail(&stage, &err);
	status = ab_stage_pass(&stage, s->unchanged ? &stage.in : NULL);
	if (status == AB_EXIT_OK && (s->redactions || s->warnings))
		ab_err_note("ab-scrub", "%zu redacted, %zu warned of", s->redactions, s->warnings);
	return status;
}

int main(int argc, char *argv[])
{
	ab_auto(settings_done) struct ab_scrub_settings s = { .report = -1,
							      .classifier = AB_CLASSIFIER_INIT };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 'p', "policy", "NAME|FILE",
		  "what to look for: output, input, strict, secrets, logs, or a file",
		  &s.policy_name },
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
		{ AB_OPT_STRING, 0, "exec-classifier", "COMMAND",
		  "a program of the site that adds findings, in a jail", &s.classifier.command },
		{ AB_OPT_DURATION, 0, "classifier-time", "DURATION",
		  "how long it may take: 60s unless given", &s.classifier.time_ms },
		{ AB_OPT_LIST, 0, "classifier-ro", "PATH[:DEST]",
		  "a file or directory that it may read", &s.classifier.read_only },
		{ AB_OPT_FLAG, 0, "test-policy", NULL, "run every rule's examples", &s.test },
		{ AB_OPT_FLAG, 'e', "explain", NULL, "say what the policy does, read nothing",
		  &s.explain },
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

	ab_heap_start();
	ab_io_start();
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (first < argc)
		s.file = argv[first];
	if (s.explain)
		return run_explain(&s);
	return s.test ? run_test(&s) : run_filter(&s);
}
