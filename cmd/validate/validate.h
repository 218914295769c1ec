/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of ab-validate share. */
#ifndef CMD_VALIDATE_VALIDATE_H
#define CMD_VALIDATE_VALIDATE_H

#include "lib/base/opt.h"
#include "lib/receipt/stage.h"
#include "lib/schema/schema.h"

struct validate {
	const char *schema_spec, *stage_name, *draft, *output, *report_name, *reject_name;
	struct ab_list refs, ref_dirs;
	bool lines, redact, assert_format, assert_content, check_schema, fail_fast;
	char *const *files;
	size_t n_files;

	struct ab_schema *schema;
	struct ab_stage stage;
	struct ab_json_tape tape;
	struct ab_schema_errors errors;
	struct ab_buf out;  /* lines that passed, not yet written */
	int report, reject; /* descriptors, -1: none */
	int *inputs;	    /* descriptors of `files` */
	uint64_t judged, refused;
	char reason[256]; /* for the receipt: of the first refusal, without instance values */
	char last[512];	  /* the newest line for people, not yet printed: the verdict's may be it */
};

/* One document: where it stands, for messages. */
struct document {
	const char *name;	   /* of the file; NULL where there is only one input */
	const unsigned char *text; /* AB_HOLD_PAD bytes behind, the first a zero or a newline */
	size_t size;
	uint64_t line; /* its first line in the input, from 1 */
};

/* 1 valid, 0 refused (and said so), -1 with err (trouble, undecided). */
int ab_validate_judge(struct validate *v, const struct document *d, struct ab_err *err);

/* The inputs as lines, or as whole documents. 0 / -1 with err. */
int ab_validate_lines(struct validate *v, int fd, const char *name, struct ab_err *err);
int ab_validate_whole(struct validate *v, int fd, const char *name, struct ab_err *err);

/* Says what is wrong with a document, on standard error and in the report. */
int ab_validate_tell(struct validate *v, const struct document *d, struct ab_err *err);
/* The same for one that is not JSON. */
int ab_validate_tell_unread(struct validate *v, const struct document *d, const struct ab_err *why,
			    struct ab_err *err);
/* Prints the line before, keeps this one. */
void ab_validate_say(struct validate *v, const char *fmt, ...) ab_printf(2, 3);
/* --output for one that is valid. */
int ab_validate_tell_valid(struct validate *v, const struct document *d, struct ab_err *err);

#endif
