/* SPDX-License-Identifier: Apache-2.0 */
/* ab-run --doctor: whether this machine and a definition hold what is promised of them. */
#include "cmd/run/run.h"

#include <stdio.h>

#include "lib/base/io.h"

int run_doctor(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *report = ab_doctor(w, &s->operator);

	if (!report) {
		ab_err_memory(err);
		return ab_err_report(RUN_NAME, err);
	}
	if (!s->json)
		ab_doctor_print(report, &text);
	else if (ab_json_canonical(report, &text, err) < 0)
		return ab_err_report(RUN_NAME, err);
	else
		ab_buf_addc(&text, '\n');
	if (ab_buf_ok(&text, err) < 0)
		return ab_err_report(RUN_NAME, err);
	(void)fwrite(text.data, 1, text.len, stdout);
	return ab_io_finish(json_is_true(json_object_get(report, "passed")) ? AB_EXIT_OK
									    : AB_EXIT_NO);
}
