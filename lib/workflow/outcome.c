/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/outcome.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/base/io.h"

enum {
	EXIT_TIMEOUT = 124,
	EXIT_ISOLATION = 125,
	EXIT_CANNOT_EXECUTE = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL = 128,
};

static const struct ab_process *last(const struct ab_pipeline *p)
{
	return &p->processes[p->plan->n - 1];
}

/* The first line that a process said, "" if it was silent. */
static void first_line(const struct ab_process *process, struct ab_buf *out)
{
	ab_process_said(process, out);
	if (out->data && strchr(out->data, '\n')) {
		out->len = strcspn(out->data, "\n");
		out->data[out->len] = '\0';
	}
}

/* How a process ended that left no receipt: by its own words, or by the kernel's. */
static void add_death(const struct ab_pipeline *p, const char *label, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	char line[sizeof(err->msg)];

	for (size_t i = 0; i < p->plan->n; i++) {
		const struct ab_process *process = &p->processes[i];

		if (strcmp(p->plan->stages[i].label, label) != 0)
			continue;
		first_line(process, &said);
		(void)snprintf(line, sizeof(line), "%s", err->msg);
		if (process->status != -1 && WIFSIGNALED(process->status))
			(void)snprintf(err->msg, sizeof(err->msg), "%.300s: killed by signal %d",
				       line, WTERMSIG(process->status));
		else if (said.len)
			(void)snprintf(err->msg, sizeof(err->msg), "%.250s: %.250s", line,
				       said.data);
		return;
	}
}

/*
 * A stage that was killed, and not by us, is the cause of all that followed: what the receipts say
 * depends on which of the others were done by then.
 */
static void name_killed(const struct ab_pipeline *p, struct ab_chain *chain)
{
	for (size_t i = 0; i + 1 < p->plan->n && chain->verdict != AB_PASSED; i++) {
		const struct ab_process *process = &p->processes[i];

		if (process->told || process->status == -1 || !WIFSIGNALED(process->status))
			continue;
		chain->exit = -1;
		chain->verdict = AB_FAILED;
		(void)snprintf(chain->stage, sizeof(chain->stage), "%s", p->plan->stages[i].label);
		(void)snprintf(chain->reason, sizeof(chain->reason), "stage %s died", chain->stage);
		return;
	}
}

/* The agent may exit as it likes: what the jail itself says is in its receipt. */
static int of_jail(const struct ab_chain *chain)
{
	/* Of an agent that did not start, since there is none there or it is no program. */
	if ((chain->exit == EXIT_CANNOT_EXECUTE || chain->exit == EXIT_NOT_FOUND) &&
	    strcmp(chain->cause, "exited") != 0)
		return AB_EXIT_USAGE;
	if (chain->exit != EXIT_ISOLATION)
		return AB_EXIT_NO;
	if (!*chain->cause || strcmp(chain->cause, "setup") == 0)
		return EXIT_ISOLATION;
	return strcmp(chain->cause, "exited") == 0 ? AB_EXIT_NO : AB_EXIT_TROUBLE;
}

/* The status that the first stage that did not pass stands for (ab-run(1)). */
static int of_stage(const struct ab_chain *chain)
{
	bool is_jail = strcmp(chain->stage, "jail") == 0;

	if (chain->verdict == AB_TIMEOUT)
		return EXIT_TIMEOUT;
	if (chain->verdict == AB_INTERRUPTED && chain->exit > EXIT_SIGNAL)
		return chain->exit;
	if (chain->exit < 0)
		return AB_EXIT_TROUBLE;
	if (is_jail)
		return of_jail(chain);
	return chain->exit == AB_EXIT_USAGE || chain->exit == AB_EXIT_TROUBLE ? chain->exit
									      : AB_EXIT_NO;
}

/* A validator says more to its user than its receipt, which holds nothing of the document: where
 * and what was expected. (Of the agent's output it says no values either: --redact.) */
static void add_words(const struct ab_pipeline *p, const struct ab_chain *chain, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };

	for (size_t i = 0; i < p->plan->n; i++) {
		const struct ab_command *c = &p->plan->stages[i];
		const char *words;

		if (strcmp(c->label, chain->stage) != 0 || strcmp(c->argv[0], "ab-validate") != 0)
			continue;
		first_line(&p->processes[i], &said);
		words = said.data ? strchr(said.data, ':') : NULL;
		if (words)
			(void)ab_err_no(err, "stage %s %s%.400s", chain->stage,
					ab_verdict_name(chain->verdict), words);
		return;
	}
}

/* Where what the agent said of its failure is, or would be. */
static void add_place(const struct ab_pipeline *p, const struct ab_chain *chain, struct ab_err *err)
{
	size_t len = strlen(err->msg), i;
	const json_t *receipt;
	json_int_t said = 0;

	if (strcmp(chain->stage, "jail") != 0 || strcmp(chain->cause, "exited") != 0)
		return;
	json_array_foreach(p->list, i, receipt)
		if (ab_json_at(receipt, "/facts/stderr/bytes"))
			said = json_integer_value(ab_json_at(receipt, "/facts/stderr/bytes"));
	if (!said)
		return;
	if (p->plan->keep)
		(void)snprintf(err->msg + len, sizeof(err->msg) - len, "; what it said: %s/agent.stderr",
			       p->plan->keep);
	else
		(void)snprintf(err->msg + len, sizeof(err->msg) - len,
			       "; --keep DIR keeps what it said");
}

/* A stage said no, or said nothing. */
static int refused(const struct ab_pipeline *p, const struct ab_chain *chain, struct ab_err *err)
{
	(void)ab_err_no(err, "%s", chain->reason);
	if (chain->exit < 0)
		add_death(p, chain->stage, err);
	else if (chain->verdict == AB_REFUSED)
		add_words(p, chain, err);
	else
		add_place(p, chain, err);
	return of_stage(chain);
}

/* Killed, so that no stage before it could pass either: their receipts speak of a broken pipe. */
static bool append_died(const struct ab_pipeline *p)
{
	return last(p)->status == -1 || WIFSIGNALED(last(p)->status);
}

/* The command that gives the run the end that it lacks. */
static void add_remedy(const struct ab_pipeline *p, struct ab_buf *out)
{
	const char *run = json_string_value(json_object_get(p->head, "run"));
	const struct ab_command *begin = &p->plan->begin;

	ab_buf_adds(out, "; to give the run an end: ab-audit end");
	for (size_t i = 2; i + 1 < begin->argc; i += 2) {
		if (strcmp(begin->argv[i], "--log") != 0 && strcmp(begin->argv[i], "--key") != 0)
			continue;
		ab_buf_addf(out, " %s ", begin->argv[i]);
		ab_buf_add_word(out, begin->argv[i + 1]);
	}
	ab_buf_addf(out, " --run %s", run ? run : "");
}

/* Append died, or every stage passed and it did not: the record could not be made durable, or what
 * arrived is not what was sent. */
static int unrecorded(const struct ab_pipeline *p, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	int status = last(p)->status == -1 ? AB_EXIT_TROUBLE : ab_process_exit(last(p));

	first_line(last(p), &said);
	if (!said.len)
		ab_buf_adds(&said, "ab-audit append died");
	if (last(p)->status != -1 && WIFSIGNALED(last(p)->status))
		ab_buf_addf(&said, ": killed by signal %d", WTERMSIG(last(p)->status));
	if (p->record == UINT64_MAX)
		add_remedy(p, &said);
	(void)ab_err_trouble(err, "no output: %s", said.data ? said.data : "");
	return status > AB_EXIT_TROUBLE ? AB_EXIT_TROUBLE : status;
}

/* What the tools said of a run that passed is for whoever started it. */
static void pass_on(struct ab_pipeline *p)
{
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	char *rest, *line;

	for (size_t i = 0; i < p->plan->n; i++)
		ab_process_said(&p->processes[i], &said);
	rest = said.data;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		ab_err_clean(line);
		ab_buf_addf(&p->notes, "%s\n", line);
	}
}

int ab_outcome(struct ab_pipeline *p, const struct ab_err *start, struct ab_err *err)
{
	bool recorded = last(p)->status != -1 && ab_process_exit(last(p)) == 0;
	struct ab_chain *chain = &p->chain;
	int status;

	ab_chain_check(p->list, p->plan->expect, NULL, chain);
	name_killed(p, chain);
	if (recorded && chain->verdict == AB_PASSED) {
		pass_on(p);
		return AB_EXIT_OK;
	}
	if (start->status) {
		*err = *start;
		return AB_EXIT_TROUBLE;
	}
	status = chain->verdict == AB_PASSED || append_died(p) ? unrecorded(p, err)
							       : refused(p, chain, err);
	if (!p->signal)
		return status;
	if (chain->verdict == AB_INTERRUPTED)
		(void)ab_err_trouble(err, "interrupted by signal %d (%s)", p->signal,
				     strsignal(p->signal));
	else
		(void)ab_err_prefix(err, "interrupted by signal %d: ", p->signal);
	return EXIT_SIGNAL + p->signal;
}
