/* SPDX-License-Identifier: Apache-2.0 */
/* ab-run: starts the pipeline that a workflow definition stands for, or prints it. */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/opt.h"
#include "lib/workflow/workflow.h"

#define NAME "ab-run"

struct settings {
	struct ab_operator operator;
	bool print, check, explain;
};

/* What the tools are given must be theirs alone: nothing that we inherited but 0, 1 and 2. */
static void keep_descriptors(void)
{
	(void)syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
}

static int finish_text(const struct ab_buf *text, struct ab_err *err)
{
	if (ab_buf_ok(text, err) < 0)
		return ab_err_report(NAME, err);
	if (text->len)
		(void)fwrite(text->data, 1, text->len, stdout);
	return ab_io_finish(AB_EXIT_OK);
}

static int show(const struct settings *s, const struct ab_workflow *w, struct ab_err *err)
{
	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (s->check && ab_workflow_check(w, err) < 0)
		return ab_err_report(NAME, err);
	if (s->explain)
		ab_workflow_explain(w, &s->operator, & text);
	if (s->print) {
		if (ab_plan_make(&plan, w, &s->operator, err) < 0)
			return ab_err_report(NAME, err);
		ab_plan_print(&plan, &text);
	}
	return finish_text(&text, err);
}

static int run(const struct settings *s, const struct ab_workflow *w, struct ab_err *err)
{
	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
	int status;

	if (ab_plan_make(&plan, w, &s->operator, err) < 0)
		return ab_err_report(NAME, err);
	status = ab_plan_run(&plan, err);
	if (status != AB_EXIT_OK && *err->msg)
		ab_err_note(NAME, "%s", err->msg);
	return status;
}

int main(int argc, char *argv[])
{
	struct settings s = { 0 };
	const char *tier = NULL;
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 'i', "input", "FILE", "read the input from here",
		  &s.operator.input },
		  { AB_OPT_STRING, 0, "log", "DIR", "record the run in this log", &s.operator.log },
		    {
			    AB_OPT_STRING,
			    0,
			    "key",
			    "FILE",
			    "sign with this key",
			    &s.operator.key },
			    { AB_OPT_CHOICE, 0, "require-tier", "1|2",
			      "accept isolation of this tier or a stronger one", &tier },
			    { AB_OPT_FLAG, 'p', "print", NULL,
			      "print the pipeline as shell text, start nothing", &s.print },
			    { AB_OPT_FLAG, 'c', "check", NULL,
			      "check the definition, start nothing of it", &s.check },
			    { AB_OPT_FLAG, 'e', "explain", NULL,
			      "say what a run does, start nothing", &s.explain },
			    { .kind = AB_OPT_END },
		  };
	const struct ab_cmd cmd = { .name = NAME,
				    .summary = "Run an agent as its workflow definition says",
				    .operands = "WORKFLOW",
				    .opts = opts,
				    .min = 1,
				    .max = 1 };
	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };
	struct ab_err err = { 0 };
	int first;

	ab_io_start();
	keep_descriptors();
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.operator.tier = tier ? (uint64_t)(*tier - '0') : 0;
	if (ab_workflow_load(&w, argv[first], &err) < 0)
		return ab_err_report(NAME, &err);
	return s.print || s.check || s.explain ? show(&s, &w, &err) : run(&s, &w, &err);
}
