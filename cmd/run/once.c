/* SPDX-License-Identifier: Apache-2.0 */
/* ab-run: one run, and what it says of itself. */
#include "cmd/run/run.h"

#include "lib/base/io.h"

/* One line of JSON on stderr. */
static void say_summary(const json_t *summary)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	struct ab_err err = { 0 };

	if (!summary || ab_json_canonical(summary, &line, &err) < 0) {
		ab_err_note(RUN_NAME, "--json: %s", summary ? err.msg : "out of memory");
		return;
	}
	ab_buf_addc(&line, '\n');
	if (ab_buf_ok(&line, &err) == 0)
		(void)ab_io_write(STDERR_FILENO, line.data, line.len, &err);
}

int run_fail(const struct run_settings *s, const char *workflow, const struct ab_err *err)
{
	json_auto_t *summary = NULL;

	if (!s->json)
		return ab_err_report(RUN_NAME, err);
	summary = ab_summary_unstarted(workflow, err);
	say_summary(summary);
	return err->status;
}

/* A name in a sentence: never read by the shell. */
static void warn_kept(const struct run_settings *s, struct ab_buf *notes)
{
	if (s->operator.keep)
		ab_buf_addf(notes,
			    "ab-run: %s holds all that passed, also what was refused or redacted: "
			    "look at it with care, and remove it\n",
			    s->operator.keep);
}

int run_once(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err)
{
	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
	ab_auto(ab_buf_free) struct ab_buf notes = { 0 };
	json_auto_t *summary = NULL;
	int status;

	if (ab_plan_make(&plan, w, &s->operator, err) < 0)
		return run_fail(s, w->name, err);
	status = ab_plan_run(&plan, &notes, s->json ? &summary : NULL, err);
	if (s->json) {
		say_summary(summary);
		return status;
	}
	warn_kept(s, &notes);
	if (notes.data)
		(void)ab_io_write(STDERR_FILENO, notes.data, notes.len, &(struct ab_err){ 0 });
	if (status != AB_EXIT_OK && *err->msg)
		ab_err_note(RUN_NAME, "%s", err->msg);
	return status;
}
