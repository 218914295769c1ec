/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workflows: a definition in YAML or JSON (schemas/workflow.schema.json), the pipeline of our tools
 * that it stands for as plain data, and what is done with that: printed as the shell text that one
 * could have typed, or started as processes.
 *
 *	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };
 *	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
 *
 *	if (ab_workflow_load(&w, "code-review", &err) < 0 ||
 *	    ab_plan_make(&plan, &w, &operator, &err) < 0)
 *		...
 *	status = ab_plan_run(&plan, &err);
 */
#ifndef AB_WORKFLOW_WORKFLOW_H
#define AB_WORKFLOW_WORKFLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/sha256.h"
#include "lib/json/json.h"

/* The numbers of spec.constraints; absent is UINT64_MAX: the tool's own default then holds. That of
 * processors is in thousandths. */
enum ab_limit {
	AB_LIMIT_TIME,
	AB_LIMIT_MEMORY,
	AB_LIMIT_TMP,
	AB_LIMIT_PROCESSES,
	AB_LIMIT_OUTPUT,
	AB_LIMIT_CPUS,
	AB_LIMIT_TIER,
	AB_LIMITS,
};

/* A definition that was read and found sound. Every path in it is absolute. */
struct ab_workflow {
	json_t *root;
	char *file, *dir;     /* the definition and its directory, links resolved */
	const char *shown;    /* its name in messages: as it was given, or `file` */
	const char *name;     /* metadata.name: the run's type; in root */
	char *input, *output; /* schemas, as ab-validate takes them: "FILE#/pointer" */
	char *command;	      /* spec.agent.command[0] as ab-jail takes it; NULL: no agent */
	const json_t *argv;   /* spec.agent.command; in root, or NULL */
	const json_t *env;    /* spec.agent.env: names; in root, or NULL */
	json_t *read_only;    /* PATH[:DEST], an array of its own, or NULL */
	char *models;	      /* spec.agent.models: a directory, or NULL */
	char *workspace;      /* DIR[:DEST], or NULL */
	const char *digest;   /* "sha256:...", of the agent as it is to be; in root, or NULL */
	char *scrub_input;    /* policy, or NULL: the input is not scrubbed */
	char *scrub_output;   /* policy; never NULL */
	char *log, *key;      /* spec.audit, or NULL */
	uint64_t limits[AB_LIMITS];
	json_t *params; /* name: value, of ab_workflow_params(); NULL before */
};

/*
 * Reads the definition that `what` names: a FILE (a slash in it, or it exists), or the NAME of one
 * of ours in share/agentbox/workflows. An unknown key, a missing one or a bad value is
 * AB_EXIT_USAGE, "FILE: /spec/...: what was expected"; so is what this version does not support.
 */
int ab_workflow_load(struct ab_workflow *ret, const char *what, struct ab_err *err);

struct ab_operator;
/* Puts the operator's parameters, or their defaults, in their places: before a plan is made. What is
 * not declared, is missing, or is not what its schema wants is AB_EXIT_USAGE. */
int ab_workflow_params(struct ab_workflow *w, const struct ab_operator *o, struct ab_err *err);

void ab_workflow_done(struct ab_workflow *w);

/* What the operator says beside the definition; NULL: nothing. */
struct ab_operator {
	const char *input;     /* file that becomes the pipeline's stdin, or a bundle that has it */
	const char *input_key; /* verifier key of who must have signed that bundle */
	const char *log, *key; /* these win over the definition's */
	const char *keep;      /* directory for all that passes between the stages */
	const char *workspace_out; /* file for what the agent changes in its workspace */
	const char *const *params; /* NAME=VALUE */
	size_t n_params;
	uint64_t tier;	       /* the weakest isolation that is accepted: 1, or 2; 0: 1 */
};

/* One tool as it will be started. */
struct ab_command {
	const char *label; /* as receipts have it: "validate:input"; "" for ab-audit */
	char **argv;	   /* ends with NULL; argv[0] is the tool's name */
	size_t argc;
};

#define AB_BUNDLE_INPUT "input.json" /* the document of a bundle */
#define AB_PLAN_STAGES	8

/* The pipeline: `begin` first and alone, then the stages with pipes between them. */
struct ab_plan {
	const char *name; /* the workflow's; in its definition */
	struct ab_command begin, stages[AB_PLAN_STAGES];
	size_t n;
	char *input;  /* file for the first stage's stdin, or NULL: ab-run's own */
	char *expect; /* the stages by their labels, as ab-audit append --expect takes them */
	char *keep;   /* where what passes is kept, or NULL */
};

/* Plans the run. A definition without an agent is AB_EXIT_USAGE, and so is one that would show its
 * agent the log, the key, or what is kept. */
int ab_plan_make(struct ab_plan *ret, const struct ab_workflow *w, const struct ab_operator *o,
		 struct ab_err *err);
void ab_plan_done(struct ab_plan *plan);

/* What asks ab-jail for the digest of the agent alone; no parameter is part of it. */
int ab_plan_digest(struct ab_command *ret, const struct ab_workflow *w, struct ab_err *err);
void ab_command_done(struct ab_command *command);

/* The digest that spec.agent.digest would be now: what ab-jail(1) says of --digest, of all that the
 * agent can read. It need not be the one that is there. */
int ab_workflow_digest(const struct ab_workflow *w, const struct ab_operator *o,
		       char ret[AB_SHA256_TEXT], struct ab_err *err);

/* Adds the plan as POSIX shell text. */
void ab_plan_print(const struct ab_plan *plan, struct ab_buf *out);

/*
 * Starts the plan and waits for its end: SIGINT and SIGTERM are handed on to every stage. Returns
 * the exit status that the receipts speak for (ab-run(1)), with the one line for stderr in err->msg
 * where it is not 0, and lines that are no error added to `notes`. *ret_summary (ret_summary may be
 * NULL) is the run by schemas/run-summary.schema.json, the caller's; NULL: out of memory. The
 * process is confined afterwards: it is for one run.
 */
int ab_plan_run(const struct ab_plan *plan, struct ab_buf *notes, json_t **ret_summary,
		struct ab_err *err);

/* How far a batch is. */
struct ab_tally {
	size_t done, bad, running;
	size_t total;		    /* 0: not known */
	uint64_t bytes, bytes_read; /* of a file of lines; 0: not known */
	int worst;		    /* exit status */
};

/* One input of a batch whose run is over. */
struct ab_batch_line {
	size_t index;	       /* from 0 on */
	const char *input;     /* its file, or the number of its line */
	int exit;	       /* as that of ab_plan_run() */
	const char *reason;    /* NULL: it passed */
	const json_t *summary; /* NULL: it was not started */
	const char *file;      /* where its output is, in the directory of the outputs, or NULL */
	int output;	       /* open on its output otherwise, or -1 */
};

struct ab_batch {
	const char *inputs; /* DIR, FILE of lines, or "-" */
	const char *output; /* directory for a file an input, or NULL */
	size_t jobs;	    /* runs at a time */
	bool fail_fast;	    /* start no further input once one has failed */
	/* Called in the order of the inputs; -1 stops the batch. */
	int (*line)(void *context, const struct ab_batch_line *line, struct ab_err *err);
	void (*tick)(void *context, const struct ab_tally *tally); /* now and then; may be NULL */
	void *context;
	pid_t parent; /* set by ab_batch_run() */
};

/*
 * Runs the workflow on each input. A failed one never stops the others unless it is told to; a
 * signal stops them all, each with its record. 0, whatever they came to; -1 if the batch itself
 * could not go on.
 */
int ab_batch_run(const struct ab_workflow *w, const struct ab_operator *o, struct ab_batch *how,
		 struct ab_tally *ret, struct ab_err *err);

/* The summary of a run that did not begin, since its definition or the like is at fault. */
json_t *ab_summary_unstarted(const char *workflow, const struct ab_err *err);

/*
 * Makes a directory of mode 0700 and opens it, for what is kept of runs; one that is there must be
 * ours, closed to others and empty. -1 with AB_EXIT_USAGE.
 */
int ab_fresh_directory(const char *path, struct ab_err *err);

/*
 * Asks the tools whether they can do what the definition says, without a run: its schemas compile,
 * its policies load, its agent and what it is shown are there, and are nothing of ours (place.h).
 * AB_EXIT_USAGE names the place.
 */
int ab_workflow_check(const struct ab_workflow *w, const struct ab_operator *o,
		      struct ab_err *err);

/*
 * The checklist of a deployment by schemas/doctor.schema.json: what the tools and the machine say
 * of themselves, and of the definition (NULL: of none). `passed` if all that is required holds. The
 * caller's; NULL: out of memory.
 */
json_t *ab_doctor(const struct ab_workflow *w, const struct ab_operator *o);

/* Adds it as a table. */
void ab_doctor_print(const json_t *report, struct ab_buf *out);

/* Adds what a run would do, in words. */
void ab_workflow_explain(const struct ab_workflow *w, const struct ab_operator *o,
			 struct ab_buf *out);

#endif
