/* SPDX-License-Identifier: Apache-2.0 */
/* ab-validate: lets JSON through that a JSON Schema accepts, byte for byte, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "cmd/validate/validate.h"
#include "lib/base/io.h"
#include "lib/base/path.h"

#define STACK ((rlim_t)96 << 20)

static void validate_done(struct validate *v)
{
	ab_list_free(&v->refs);
	ab_list_free(&v->ref_dirs);
	ab_schema_free(v->schema);
	ab_json_tape_free(&v->tape);
	ab_schema_errors_free(&v->errors);
	ab_buf_free(&v->out);
	free(v->inputs);
	ab_stage_close(&v->stage);
}

/* Deep documents and deep schemas need stack; the main thread's grows as far as its limit says. */
static void raise_stack(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= STACK)
		return;
	limit.rlim_cur = limit.rlim_max < STACK ? limit.rlim_max : STACK;
	(void)setrlimit(RLIMIT_STACK, &limit); /* without it evaluation gives up earlier */
}

static struct ab_schema_settings settings_of(const struct validate *v)
{
	return (struct ab_schema_settings){
		.draft = (enum ab_draft)ab_draft_parse(v->draft ? v->draft : "2020-12"),
		.assert_format = v->assert_format,
		.assert_content = v->assert_content,
		.refs = v->refs.items,
		.n_refs = v->refs.n,
		.ref_dirs = v->ref_dirs.items,
		.n_ref_dirs = v->ref_dirs.n,
	};
}

static int load_schema(struct validate *v, struct ab_err *err)
{
	struct ab_schema_settings settings = settings_of(v);

	if (!v->schema_spec)
		return ab_err_usage(err, "--schema: required; try ab-validate --help");
	v->schema = ab_schema_load(v->schema_spec, &settings, err);
	if (!v->schema)
		return ab_err_prefix(err, "--schema: ");
	if (json_object_set_new(v->stage.facts, "schema_hash",
				json_string(ab_schema_hash(v->schema))) < 0)
		return ab_err_memory(err);
	return 0;
}

static int check_settings(const struct validate *v, struct ab_err *err)
{
	const struct ab_list *lists[] = { &v->refs, &v->ref_dirs };

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			if (!strchr(lists[i]->items[j], '='))
				return ab_err_usage(
					err, "--%s: expected %s, got %s", i ? "ref-dir" : "ref",
					i ? "PREFIX=DIR" : "URI=FILE", lists[i]->items[j]);
	if (v->check_schema)
		return v->n_files ? 0 : ab_err_usage(err, "--check-schema: needs a FILE");
	if (v->reject_name && !v->lines)
		return ab_err_usage(err, "--reject: needs --lines");
	return 0;
}

static int open_output(const char *name, int *ret_fd, struct ab_err *err)
{
	if (!name)
		return 0;
	*ret_fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (*ret_fd >= 0)
		return 0;
	ab_err_sys(err, "%s", name);
	err->status = AB_EXIT_USAGE;
	return -1;
}

static int open_inputs(struct validate *v, struct ab_err *err)
{
	v->inputs = calloc(v->n_files + 1, sizeof(*v->inputs));
	if (!v->inputs)
		return ab_err_memory(err);
	for (size_t i = 0; i < v->n_files; i++) {
		v->inputs[i] = STDIN_FILENO;
		if (strcmp(v->files[i], "-") == 0)
			continue;
		v->inputs[i] = ab_path_open(v->files[i], err);
		if (v->inputs[i] < 0)
			return -1;
	}
	return 0;
}

static int judge_all(struct validate *v, struct ab_err *err)
{
	int (*judge)(struct validate *, int, const char *, struct ab_err *) =
		v->lines ? ab_validate_lines : ab_validate_whole;
	size_t n = v->n_files ? v->n_files : 1;

	for (size_t i = 0; i < n; i++) {
		const char *name = n > 1 ? v->files[i] : NULL;

		if (judge(v, v->inputs[i], name, err) < 0)
			return -1;
		if (v->fail_fast && v->refused)
			break;
	}
	return 0;
}

/* Ends with the verdict's line: of one document how many errors it has, else how many documents. */
static int finish_refused(struct validate *v)
{
	struct ab_err err = { 0 };

	if (!v->output && (v->lines || v->n_files > 1))
		ab_validate_say(v, "%llu of %llu %s refused", (unsigned long long)v->refused,
				(unsigned long long)v->judged, v->lines ? "lines" : "documents");
	ab_err_no(&err, "%s", v->last);
	return ab_stage_refuse(&v->stage, &err, v->reason);
}

static int filter(struct validate *v)
{
	struct ab_err err = { 0 };

	if (ab_stage_open(&v->stage, "ab-validate", v->stage_name, 0, &err) < 0 ||
	    check_settings(v, &err) < 0 || load_schema(v, &err) < 0 ||
	    open_output(v->report_name, &v->report, &err) < 0 ||
	    open_output(v->reject_name, &v->reject, &err) < 0 || open_inputs(v, &err) < 0 ||
	    ab_stage_confine(&v->stage, &err) < 0 || judge_all(v, &err) < 0)
		return ab_stage_fail(&v->stage, &err);
	if (v->refused)
		return finish_refused(v);
	return ab_stage_pass(&v->stage, v->lines || v->n_files > 1 ? NULL : &v->stage.in);
}

/* --check-schema: each operand is a schema. */
static int check_schemas(struct validate *v)
{
	struct ab_schema_settings settings = settings_of(v);
	struct ab_err wrong = { 0 };
	int status = AB_EXIT_OK;

	if (check_settings(v, &wrong) < 0)
		return ab_io_finish(ab_err_report("ab-validate", &wrong));
	for (size_t i = 0; i < v->n_files; i++) {
		struct ab_err err = { 0 };
		struct ab_schema *schema = ab_schema_load(v->files[i], &settings, &err);

		if (!schema)
			status = ab_err_report("ab-validate", &err);
		ab_schema_free(schema);
	}
	return ab_io_finish(status);
}

int main(int argc, char *argv[])
{
	ab_auto(validate_done) struct validate v = { .report = -1, .reject = -1 };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 's', "schema", "FILE[#/pointer]",
		  "the schema that each document must satisfy", &v.schema_spec },
		{ AB_OPT_FLAG, 'l', "lines", NULL, "one document a line", &v.lines },
		{ AB_OPT_STRING, 0, "stage", "NAME", "this stage's name in the receipt",
		  &v.stage_name },
		{ AB_OPT_FLAG, 0, "redact", NULL, "leave values out of messages", &v.redact },
		{ AB_OPT_CHOICE, 0, "draft", "2020-12|2019-09|7|6|4",
		  "of schemas without $schema (2020-12)", &v.draft },
		{ AB_OPT_FLAG, 0, "assert-format", NULL, "let format decide", &v.assert_format },
		{ AB_OPT_FLAG, 0, "assert-content", NULL, "let the content keywords decide",
		  &v.assert_content },
		{ AB_OPT_LIST, 0, "ref", "URI=FILE", "the schema that a URI names", &v.refs },
		{ AB_OPT_LIST, 0, "ref-dir", "PREFIX=DIR", "the schemas below a URI", &v.ref_dirs },
		{ AB_OPT_FLAG, 0, "check-schema", NULL, "the operands are schemas: check them",
		  &v.check_schema },
		{ AB_OPT_CHOICE, 0, "output", "flag|basic|detailed",
		  "errors as JSON on standard error", &v.output },
		{ AB_OPT_STRING, 0, "report", "FILE", "write the errors there, one a line",
		  &v.report_name },
		{ AB_OPT_STRING, 0, "reject", "FILE", "write the refused lines there",
		  &v.reject_name },
		{ AB_OPT_FLAG, 0, "fail-fast", NULL, "stop at the first refusal", &v.fail_fast },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-validate",
				    .summary = "Let JSON through that a JSON Schema accepts",
				    .operands = "[FILE...]",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first;

	ab_io_start();
	raise_stack();
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	v.files = argv + first;
	v.n_files = (size_t)(argc - first);
	return v.check_schema ? check_schemas(&v) : filter(&v);
}
