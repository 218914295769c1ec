/* SPDX-License-Identifier: Apache-2.0 */
/* ab-run: starts the pipeline that a workflow definition stands for, or says what it would be. */
#include "cmd/run/run.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/io.h"

#define MAX_JOBS 256

/* What the tools are given must be theirs alone: nothing that we inherited but 0, 1 and 2. */
static void keep_descriptors(void)
{
	(void)syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
}

static void settings_done(struct run_settings *s)
{
	ab_list_free(&s->params);
}

static int act(struct run_settings *s, const char *workflow, struct ab_err *err)
{
	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };

	if (!workflow)
		return run_doctor(s, NULL, err);
	if (ab_workflow_load(&w, workflow, err) < 0)
		return run_fail(s, workflow, err);
	if (s->doctor)
		return run_doctor(s, &w, err);
	s->operator.params = s->params.items;
	s->operator.n_params = s->params.n;
	if ((s->print || !(s->check || s->explain || s->digest)) &&
	    ab_workflow_params(&w, &s->operator, err) < 0)
		return run_fail(s, w.name, err);
	if (s->print || s->check || s->explain || s->digest)
		return run_show(s, &w, err);
	return s->batch ? run_batch(s, &w, err) : run_once(s, &w, err);
}

/* Which options go with which. */
static int check(struct run_settings *s, struct ab_err *err)
{
	if (!s->batch && (s->output || s->jobs || s->fail_fast))
		return ab_err_usage(err, "--output, --jobs and --fail-fast go with --batch");
	if (s->batch && s->operator.input)
		return ab_err_usage(err, "--input and --batch: expected one of them");
	if (s->batch && s->operator.input_key)
		return ab_err_usage(err, "--input-key goes with a bundle as --input");
	if (s->batch && s->operator.workspace_out)
		return ab_err_usage(err, "--workspace-out and --batch: expected one of them; "
					 "--keep keeps the change of each");
	if (s->jobs > MAX_JOBS)
		return ab_err_usage(err, "--jobs: at most %d", MAX_JOBS);
	if (!s->jobs)
		s->jobs = 1;
	return 0;
}

int main(int argc, char *argv[])
{
	ab_auto(settings_done) struct run_settings s = { 0 };
	const char *tier = NULL;
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 'i', "input", "FILE|BUNDLE", "read the input from here",
		  &s.operator.input },
		{ AB_OPT_STRING, 0, "input-key", "FILE",
		  "the bundle must be signed by this verifier key", &s.operator.input_key },
		{ AB_OPT_STRING, 0, "log", "DIR", "record the run in this log", &s.operator.log },
		{ AB_OPT_STRING, 0, "key", "FILE", "sign with this key", &s.operator.key },
		{ AB_OPT_CHOICE, 0, "require-tier", "1|2",
		  "accept isolation of this tier or a stronger one", &tier },
		{ AB_OPT_LIST, 0, "param", "NAME=VALUE", "set a parameter of the definition",
		  &s.params },
		{ AB_OPT_STRING, 0, "keep", "DIR", "keep all that passes between the stages there",
		  &s.operator.keep },
		{ AB_OPT_STRING, 0, "workspace-out", "FILE",
		  "write what the agent changed in its workspace there",
		  &s.operator.workspace_out },
		{ AB_OPT_STRING, 0, "batch", "DIR|NDJSON", "run on each file, or on each line",
		  &s.batch },
		{ AB_OPT_NUMBER, 'j', "jobs", "N", "that many runs of a batch at a time (1)",
		  &s.jobs },
		{ AB_OPT_STRING, 0, "output", "DIR", "write each output of a batch to a file there",
		  &s.output },
		{ AB_OPT_FLAG, 0, "fail-fast", NULL,
		  "start no further run of a batch once one failed", &s.fail_fast },
		{ AB_OPT_FLAG, 0, "json", NULL, "say how it went as JSON, on stderr", &s.json },
		{ AB_OPT_FLAG, 'p', "print", NULL, "print the pipeline as shell text, start nothing",
		  &s.print },
		{ AB_OPT_FLAG, 'c', "check", NULL, "check the definition, start nothing of it",
		  &s.check },
		{ AB_OPT_FLAG, 'e', "explain", NULL, "say what a run does, start nothing",
		  &s.explain },
		{ AB_OPT_FLAG, 0, "digest", NULL,
		  "print what spec.agent.digest would pin, start nothing", &s.digest },
		{ AB_OPT_FLAG, 0, "doctor", NULL, "check what a deployment relies on, run nothing",
		  &s.doctor },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = RUN_NAME,
				    .summary = "Run an agent as its workflow definition says",
				    .operands = "WORKFLOW",
				    .opts = opts,
				    .min = 0,
				    .max = 1 };
	struct ab_err err = { 0 };
	int first;

	ab_io_start();
	keep_descriptors();
	first = ab_opt_parse(&cmd, argc, argv, &err);
	if (first == argc && !s.doctor)
		first = ab_err_usage(&err, "missing operand: %s", cmd.operands);
	if (first < 0 || check(&s, &err) < 0)
		return ab_opt_exit(&cmd, first < 0 ? first : -1, &err);
	s.operator.tier = tier ? (uint64_t)(*tier - '0') : 0;
	return act(&s, first < argc ? argv[first] : NULL, &err);
}
