/* SPDX-License-Identifier: Apache-2.0 */
/* What ab-run does with a definition: one file a mode. */
#ifndef AB_CMD_RUN_RUN_H
#define AB_CMD_RUN_RUN_H

#include "lib/base/opt.h"
#include "lib/workflow/workflow.h"

#define RUN_NAME "ab-run"

struct run_settings {
	struct ab_operator operator;
	struct ab_list params;
	const char *batch, *output;
	uint64_t jobs; /* 0: not said */
	bool print, check, explain, digest, json, fail_fast, doctor;
};

/* --print, --check, --explain, --digest. Each returns the exit status. */
int run_show(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err);

/* One run, of the input that the operator names or of stdin. */
int run_once(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err);

/* Many runs. */
int run_batch(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err);

/* The checklist of a deployment; w is NULL where none is named. */
int run_doctor(const struct run_settings *s, const struct ab_workflow *w, struct ab_err *err);

/* Says what went wrong before there was a run: a line, or a summary with --json. */
int run_fail(const struct run_settings *s, const char *workflow, const struct ab_err *err);

#endif
