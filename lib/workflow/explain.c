/* SPDX-License-Identifier: Apache-2.0 */
/* A definition in words, for whoever has to allow it and reads nothing else. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/workflow/doctor.h"
#include "lib/workflow/explain.h"
#include "lib/workflow/limit.h"

#define WIDTH 110
#define LABEL 16 /* columns before the text of a row, indent included */

void ab_explain_part(struct ab_buf *out, const char *heading)
{
	ab_buf_addf(out, "\n%s\n", heading);
}

/* Adds the text's words, each line's first one in column LABEL. */
static void add_wrapped(struct ab_buf *out, const char *text)
{
	size_t column = LABEL;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > LABEL && column + 1 + len > WIDTH) {
			ab_buf_addf(out, "\n%*s", LABEL, "");
			column = LABEL;
		} else if (column > LABEL) {
			ab_buf_addc(out, ' ');
			column++;
		}
		ab_buf_add(out, text, len);
		column += len;
		text += len + (text[len] == ' ');
	}
	ab_buf_addc(out, '\n');
}

void ab_explain_row(struct ab_buf *out, const char *label, const char *fmt, ...)
{
	ab_autofree char *made = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&made, fmt, args);
	va_end(args);
	if (n < 0) {
		made = NULL;
		out->failed = true;
		return;
	}
	ab_err_clean(made);
	ab_buf_addf(out, "  %-*s", LABEL - 2, label);
	add_wrapped(out, made);
}

/* What ab-scrub says that its policy does; it is asked, since it alone knows. */
static void add_policy(struct ab_buf *out, const char *policy)
{
	const char *const argv[] = { "ab-scrub", "--policy", policy, "--explain", NULL };
	ab_auto(ab_buf_free) struct ab_buf told = { 0 }, said = { 0 };
	int status = ab_doctor_ask(argv, &told, &said);
	char *rest = told.data, *line;

	if (status != 0) {
		ab_explain_row(out, "", "CANNOT BE USED, so nothing runs: %s",
			       said.data ? said.data : "ab-scrub does not say why");
		return;
	}
	while ((line = strsep(&rest, "\n")))
		if (*line)
			ab_explain_row(out, "", "- %s", line);
}

static void add_schema(struct ab_buf *out, const char *schema, const char *what)
{
	long open = ab_schema_openings(schema);

	ab_explain_row(out, "schema", "%s. %s", schema, what);
	if (open < 0)
		ab_explain_row(out, "", "CANNOT BE READ, so nothing runs.");
	else if (open > 0)
		ab_explain_row(out, "",
			       "It is open in %s%ld place%s, where it sets no bound or allows any "
			       "value: ab-run --doctor names %s.",
			       open > AB_OPENINGS ? "more than " : "",
			       open > AB_OPENINGS ? AB_OPENINGS : open, open == 1 ? "" : "s",
			       open == 1 ? "it" : "them");
	else
		ab_explain_row(out, "", "It is strict: each text, list and object has bounds.");
}

static void explain_input(const struct ab_workflow *w, struct ab_buf *out)
{
	ab_explain_part(out, "What comes in");
	ab_explain_row(out, "document",
		       "one, from standard input or the file of --input, and nothing else. The "
		       "agent is not started before all of it has passed.");
	if (w->scrub_input) {
		ab_explain_row(out, "policy", "%s, before the schema:", w->scrub_input);
		add_policy(out, w->scrub_input);
	} else {
		ab_explain_row(out, "policy",
			       "none: secrets, personal data and instructions in it reach the "
			       "agent as they stand.");
	}
	add_schema(out, w->input, "What does not satisfy it is refused.");
}

static void explain_output(const struct ab_workflow *w, struct ab_buf *out)
{
	ab_explain_part(out, "What comes out");
	ab_explain_row(out, "document",
		       "the agent's standard output, all or nothing: not a byte before the agent "
		       "has exited with 0, all its processes are gone, policy and schema have "
		       "passed, and the record is durable.");
	ab_explain_row(out, "policy",
		       "%s, before the schema, on text that was encoded as well:", w->scrub_output);
	add_policy(out, w->scrub_output);
	add_schema(out, w->output, "What does not satisfy it, redactions and all, is refused.");
	ab_explain_row(out, "not",
		       "looked at: whether what it says is true, or says something in words that "
		       "no rule knows. Read it as a stranger's.");
}

static void explain_ends(struct ab_buf *out)
{
	ab_explain_part(out,
			"What becomes of a run that does not go well (no output; one line says "
			"why; what began is recorded)");
	ab_explain_row(out, "status 1",
		       "input or output refused by its policy or schema; the agent exited with "
		       "another status than 0, was killed, or reached a limit.");
	ab_explain_row(out, "status 124", "the agent's time was up.");
	ab_explain_row(out, "status 125",
		       "the isolation could not be proved: the agent was not started.");
	ab_explain_row(out, "status 2", "the definition, a schema or a policy cannot be used.");
	ab_explain_row(out, "status 3",
		       "trouble: a stage died, a disk is full, the record cannot be made durable.");
	ab_explain_row(out, "status 128+N", "interrupted by signal N.");
}

static void explain_record(const struct ab_workflow *w, const struct ab_operator *o,
			   struct ab_buf *out)
{
	const char *log = o->log ? o->log : w->log, *key = o->key ? o->key : w->key;

	ab_explain_part(out, "What is recorded");
	ab_explain_row(out, "where", "in %s, signed with %s; appended to only, each change shows.",
		       log ? log : "the log of AB_AUDIT_LOG, or that of the state directory",
		       key ? key : "the key of AB_AUDIT_KEY_FILE, or the one there");
	ab_explain_row(out, "before", "that a run starts. Without that, no agent starts.");
	ab_explain_row(
		out, "after",
		"verdict and reason; SHA-256 of input and output; which schemas, policies "
		"and agent these were, by hash; how each part of the isolation held; time, "
		"memory and processor time; which rules were met and how often; the values of "
		"--param. Without that, no output.");
	ab_explain_row(
		out, "not",
		"input, output, the values that rules found, or the agent's standard error.");
}

static void explain_params(const struct ab_workflow *w, struct ab_buf *out)
{
	const char *name;
	json_t *p;

	json_object_foreach(ab_json_at(w->root, "/spec/params"), name, p)
	{
		ab_auto(ab_buf_free) struct ab_buf schema = { 0 };
		const char *value = json_string_value(json_object_get(p, "default"));
		struct ab_err none = { 0 };

		if (ab_json_canonical(json_object_get(p, "schema"), &schema, &none) < 0)
			ab_buf_adds(&schema, "a schema that cannot be shown");
		ab_explain_row(out, "--param", "%s: what satisfies %s; %s%s", name,
			       schema.data ? schema.data : "", value ? "else " : "required",
			       value ? value : "");
	}
}

/* What --require-tier can do to this definition. */
static const char *tier_power(const struct ab_workflow *w)
{
	if (w->limits[AB_LIMIT_TIER] == 1)
		return "--require-tier cannot weaken the isolation, since the definition asks for "
		       "tier 1";
	return "--require-tier 2 accepts weaker isolation where namespaces cannot be had";
}

static void explain_power(const struct ab_workflow *w, struct ab_buf *out)
{
	ab_explain_part(out, "Who can change that");
	ab_explain_row(out, "operator",
		       "who starts ab-run: --log and --key go before the definition's; %s; --keep "
		       "keeps all documents in a directory of his. Not the policies, schemas, "
		       "limits or the agent.",
		       tier_power(w));
	explain_params(w, out);
	ab_explain_row(out, "files",
		       "whoever can write %s, or a program, schema, policy or path that is named "
		       "above, decides what runs.",
		       w->file);
	ab_explain_row(out, "key",
		       "its owner can make another log with other records; a witness, or a copy of "
		       "a checkpoint elsewhere, shows it (ab-security(7)).");
	ab_explain_row(out, "nobody else", "neither the agent, nor who wrote the input.");
}

void ab_workflow_explain(const struct ab_workflow *w, const struct ab_operator *o,
			 struct ab_buf *out)
{
	ab_buf_addf(out, "%s: what a run does, what its agent may do, and what it cannot\n",
		    w->name);
	explain_input(w, out);
	ab_explain_agent(w, o, out);
	explain_output(w, out);
	explain_ends(out);
	explain_record(w, o, out);
	explain_power(w, out);
}
