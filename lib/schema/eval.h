/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator at work. Private to lib/schema.
 *
 * A first run stops at the first failure and reports nothing. Where that fails and the caller wants
 * errors, a second run goes on behind failures and reports each.
 *
 * Evaluation recurses with the schema and the document, whose depth the reader bounds; it watches
 * the stack all the same and gives up (undecided) before that ends.
 */
#ifndef AB_SCHEMA_EVAL_H
#define AB_SCHEMA_EVAL_H

#include "lib/schema/program.h"
#include "lib/schema/value.h"

/* Which members or items of one value have been evaluated (2020-12 core section 11). */
struct ab_marks {
	uint64_t *bits;
	uint64_t few[2];
	uint32_t n;
};

/* A reference that was followed: for keywordLocation. */
struct ab_jump {
	const struct ab_jump *before;
	const struct ab_sub *from; /* where the stretch behind the last jump begins */
	uint32_t key;		   /* $ref and its like, in from's document */
	const struct ab_sub *to;
};

struct ab_memo {
	const struct ab_sub *sub;
	uint32_t node, round, scope;
	bool valid, marked;
	uint32_t room; /* words of bits */
	uint64_t *bits;
};
#define AB_MEMOS 4096u

struct ab_eval {
	struct ab_schema *s;
	const struct ab_json_tape *tape;
	const struct ab_json_node *nodes; /* the tape's, and its text */
	const unsigned char *text;
	struct ab_schema_errors *errors; /* NULL: nothing is reported */
	int parent;			 /* the error that new ones explain, -1: none */
	const struct ab_jump *jump;
	const struct ab_sub *start; /* the first stretch's */
	struct ab_err *err;
	struct ab_value_hashes hashes;
	uint64_t steps; /* left, of those that could be many */
	bool stop; /* undecided: err says why */
};

/* The verdict alone: where ->errors is NULL and nobody asks for marks. */
bool ab_eval_quick(struct ab_eval *e, const struct ab_sub *sub, uint32_t node);
/* The verdict of anyOf or oneOf alone, without reports. */
bool ab_eval_some(struct ab_eval *e, const struct ab_instr *in, uint32_t node);
/* With reports and marks (NULL where nobody asks). */
bool ab_eval_fully(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		   struct ab_marks *marks);

/* The instructions of a subschema whose type is right. */
bool ab_eval_run(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		 struct ab_marks *marks);

/* --- memo.c --- */
/* Like ab_eval_run(), but for what it found out before about the same value. */
bool ab_eval_once(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		  struct ab_marks *marks);
/* What memos point to; they themselves are the arena's. */
void ab_memos_free(struct ab_memo *memos, uint32_t mask);

/* Whether the value at a node is valid: one or the other. */
static inline bool ab_eval(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
			   struct ab_marks *marks)
{
	return marks || e->errors ? ab_eval_fully(e, sub, node, marks)
				  : ab_eval_quick(e, sub, node);
}

/* Like ab_eval(), without reports. */
bool ab_eval_quietly(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		     struct ab_marks *marks);
/* Gives up; false. */
bool ab_eval_stop(struct ab_eval *e, const char *why);

/* One instruction of a subschema, which concerns the value's type. */
bool ab_eval_instr(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   uint32_t node, struct ab_marks *marks);
/* One member, whatever its key: 1 it is valid and required, 0 valid, -1 not. */
int ab_eval_member(struct ab_eval *e, const struct ab_object *o, uint32_t key);

/* By instance type; `in` is an instruction that concerns it. */
bool ab_eval_number(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		    uint32_t node);
bool ab_eval_string(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		    uint32_t node);
bool ab_eval_array(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   uint32_t node, struct ab_marks *marks);
bool ab_eval_object(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		    uint32_t node, struct ab_marks *marks);
/* $dynamicRef, allOf, anyOf, oneOf, not, if, const, enum */
bool ab_eval_any(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		 uint32_t node, struct ab_marks *marks);

/* A string node's bytes: the document's or, decoded, those of buf. False: stopped. */
bool ab_eval_text(struct ab_eval *e, uint32_t node, struct ab_buf *buf, const char **ret,
		  size_t *ret_len);

/* --- marks.c --- */
bool ab_marks_open(struct ab_eval *e, struct ab_marks *m, uint32_t n);
void ab_marks_close(struct ab_marks *m);
void ab_marks_merge(struct ab_marks *to, const struct ab_marks *from);
void ab_marks_all(struct ab_marks *m);

static inline void ab_marks_set(struct ab_marks *m, uint32_t i)
{
	if (m)
		m->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static inline bool ab_marks_has(const struct ab_marks *m, uint32_t i)
{
	return m->bits[i / 64] >> (i % 64) & 1;
}

/* --- report.c --- */
/* What a keyword found wrong. `detail` is what its op needs beside the instruction. */
struct ab_failure {
	const struct ab_sub *sub;
	const struct ab_instr *in; /* NULL: the type, or the schema is false */
	enum ab_keyword keyword;   /* of `in`, or the one of a fused instruction */
	uint32_t key;
	uint32_t node;
	uint64_t count;	  /* of items, characters, matches */
	const char *name; /* a member that is missing */
	size_t len;
	const char *beside; /* dependentRequired: the member that asks for it */
};

/* Reports, where reports are wanted. Always false. */
bool ab_report(struct ab_eval *e, const struct ab_failure *f);
bool ab_report_instr(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		     uint32_t node, uint64_t count);
/* How many errors there are, and back to that many. */
size_t ab_report_mark(const struct ab_eval *e);
void ab_report_rewind(struct ab_eval *e, size_t mark);
/* Later errors explain the one at `mark`; returns what to restore ->parent to. */
int ab_report_explain(struct ab_eval *e, size_t mark);

#endif
