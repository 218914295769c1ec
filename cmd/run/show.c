/* SPDX-License-Identifier: Apache-2.0 */
/* ab-run --print, --check, --explain, --digest: what would run, and nothing is started. */
#include "cmd/run/run.h"

#include <stdio.h>

#include "lib/base/io.h"

static int finish_text(const struct ab_buf *text, struct ab_err *err)
{
	if (ab_buf_ok(text, err) < 0)
		return ab_err_report(RUN_NAME, err);
	if (text->len)
		(void)fwrite(text->data, 1, text->len, stdout);
	return ab_io_finish(AB_EXIT_OK);
}

int run_show(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err)
{
	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (s->check && ab_workflow_check(w, &s->operator, err) < 0)
		return ab_err_report(RUN_NAME, err);
	if (s->explain)
		ab_workflow_explain(w, &s->operator, &text);
	if (s->digest) {
		char digest[AB_SHA256_TEXT];

		if (ab_workflow_digest(w, &s->operator, digest, err) < 0)
			return ab_err_report(RUN_NAME, err);
		ab_buf_addf(&text, "%s\n", digest);
	}
	if (s->print) {
		if (ab_plan_make(&plan, w, &s->operator, err) < 0)
			return ab_err_report(RUN_NAME, err);
		ab_plan_print(&plan, &text);
	}
	return finish_text(&text, err);
}
