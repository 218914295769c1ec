/* SPDX-License-Identifier: Apache-2.0 */
/* ab-scrub as a filter: documents and records through a policy, their findings to the report. */
#ifndef AB_CMD_SCRUB_FILTER_H
#define AB_CMD_SCRUB_FILTER_H

#include "cmd/scrub/classifier.h"
#include "lib/base/opt.h"
#include "lib/json/json.h"
#include "lib/receipt/stage.h"
#include "lib/scrub/scrub.h"

struct ab_scrub_settings {
	const char *policy_name, *stage_name, *report_name, *format, *baseline, *key, *file;
	struct ab_list domains, values, rules;
	bool json, text, lines, test, explain;
	struct ab_scrub_policy *policy;
	int report; /* -1: none */
	bool sarif;
	struct ab_buf out; /* of the report, not yet written */
	struct ab_classifier classifier;
	json_t *counts; /* findings a rule */
	size_t n, redactions, warnings, blocked;
	bool unchanged; /* nothing of the document was redacted: it comes out as it came in */
	struct ab_err first; /* the first record that was blocked */
};

/* The image of the shipped policies. */
const void *ab_scrub_shipped(void);

/* A descriptor of the file that it is a part of, and where it begins there; -1: it is not to be had. */
int ab_scrub_shipped_file(off_t *at);

/* Reads the whole of fd, scans it, and lets it out with its redactions; without any it is left to be
 * let through, s->unchanged. -1: nothing came out. */
int ab_scrub_document(struct ab_scrub_settings *s, struct ab_stage *stage, int fd,
		      struct ab_err *err);

/* The same line by line: -1 (AB_EXIT_NO) if a line was blocked, once all others are out. */
int ab_scrub_lines(struct ab_scrub_settings *s, struct ab_stage *stage, int fd, struct ab_err *err);

#endif
