/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline as data: which tool with which arguments, in which order. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/workflow/limit.h"
#include "lib/workflow/place.h"
#include "lib/workflow/workflow.h"

/* A plan in the making; one failed allocation spoils it all, and is told once, at the end. */
struct maker {
	struct ab_plan *plan;
	const struct ab_workflow *w;
	const struct ab_operator *o;
	struct ab_command *at;
	int is_bundle; /* what the operator gives as input */
	bool failed;
};

static void add_owned(struct maker *m, char *word)
{
	struct ab_command *c = m->at;
	char **argv = realloc(c->argv, (c->argc + 2) * sizeof(*argv));

	if (argv)
		c->argv = argv;
	if (!argv || !word) {
		m->failed = true;
		free(word);
		return;
	}
	argv[c->argc++] = word;
	argv[c->argc] = NULL;
}

static void add(struct maker *m, const char *word)
{
	add_owned(m, strdup(word));
}

static void add_pair(struct maker *m, const char *option, const char *value)
{
	add(m, option);
	add(m, value);
}

/* Starts the next stage; label NULL: it leaves no receipt. */
static void stage(struct maker *m, const char *tool, const char *label)
{
	m->at = &m->plan->stages[m->plan->n++];
	m->at->label = label ? label : "";
	add(m, tool);
}

static void validate(struct maker *m, const char *name, const char *label, const char *schema)
{
	stage(m, "ab-validate", label);
	add_pair(m, "--stage", name);
	add_pair(m, "--schema", schema);
}

static void scrub(struct maker *m, const char *name, const char *label, const char *policy)
{
	stage(m, "ab-scrub", label);
	add_pair(m, "--stage", name);
	add_pair(m, "--policy", policy);
}

/* The document is a file of the bundle, and its tree is what the agent may look at. */
static void bundle(struct maker *m)
{
	stage(m, "ab-bundle", "bundle");
	add(m, "cat");
	if (m->o->input_key)
		add_pair(m, "--key", m->o->input_key);
	add(m, "--");
	add_pair(m, m->o->input, AB_BUNDLE_INPUT);
}

/* What nobody has asked for is not said: ab-jail knows it. */
static uint64_t limit(const struct maker *m, enum ab_limit which)
{
	if (m->w->limits[which] == UINT64_MAX && !(which == AB_LIMIT_TIER && m->o->tier))
		return UINT64_MAX;
	return ab_limit_wanted(m->w, m->o, which);
}

static void add_limits(struct maker *m)
{
	for (int i = 0; i < AB_LIMITS; i++) {
		const struct ab_limit_row *row = ab_limit_row(i);
		ab_auto(ab_buf_free) struct ab_buf value = { 0 };
		char text[AB_LIMIT_TEXT];

		if (limit(m, i) == UINT64_MAX)
			continue;
		ab_limit_text(i, limit(m, i), text);
		ab_buf_addf(&value, "%s%s", text, row->unit);
		add(m, row->option);
		add_owned(m, ab_buf_steal(&value));
	}
}

static void add_each(struct maker *m, const char *option, const json_t *array)
{
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item) add_pair(m, option, json_string_value(item));
}

/* An option with a file among what is kept. */
static void add_kept(struct maker *m, const char *option, const char *name)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };

	ab_buf_addf(&path, "%s/%s", m->o->keep, name);
	add(m, option);
	add_owned(m, ab_buf_steal(&path));
}

/* Without a file for it, the change is told in the record, and gone. */
static void add_workspace(struct maker *m)
{
	add_pair(m, "--workspace", m->w->workspace);
	if (m->o->workspace_out)
		add_pair(m, "--workspace-out", m->o->workspace_out);
	else if (m->o->keep)
		add_kept(m, "--workspace-out", "workspace.tar");
}

static void add_shown(struct maker *m)
{
	add_each(m, "--ro", m->w->read_only);
	if (m->w->models)
		add_pair(m, "--models", m->w->models);
}

static void jail(struct maker *m)
{
	const struct ab_workflow *w = m->w;

	stage(m, "ab-jail", "jail");
	add_limits(m);
	add_shown(m);
	if (m->is_bundle)
		add_pair(m, "--input", m->o->input);
	if (m->is_bundle && m->o->input_key)
		add_pair(m, "--input-key", m->o->input_key);
	if (w->workspace)
		add_workspace(m);
	add_each(m, "--env", w->env);
	if (w->digest)
		add_pair(m, "--digest", w->digest);
	if (m->o->keep)
		add_kept(m, "--stderr", "agent.stderr");
	add(m, "--");
	add(m, w->command);
	for (size_t i = 1; i < json_array_size(w->argv); i++)
		add(m, json_string_value(json_array_get(w->argv, i)));
}

/* Where nothing is said, ab-audit has its own rule. */
static void add_log(struct maker *m)
{
	const char *log = m->o->log ? m->o->log : m->w->log;
	const char *key = m->o->key ? m->o->key : m->w->key;

	if (log)
		add_pair(m, "--log", log);
	if (key)
		add_pair(m, "--key", key);
}

static void begin(struct maker *m)
{
	const char *name;
	json_t *value;

	m->at = &m->plan->begin;
	m->at->label = "";
	add_pair(m, "ab-audit", "begin");
	add_log(m);
	add_pair(m, "--type", m->w->name);
	json_object_foreach(m->w->params, name, value)
	{
		ab_auto(ab_buf_free) struct ab_buf word = { 0 };

		ab_buf_addf(&word, "%s=%s", name, json_string_value(value));
		add(m, "--param");
		add_owned(m, ab_buf_steal(&word));
	}
}

static void append(struct maker *m)
{
	ab_auto(ab_buf_free) struct ab_buf expect = { 0 };

	for (size_t i = 0; i < m->plan->n; i++)
		ab_buf_addf(&expect, "%s%s", i ? "," : "", m->plan->stages[i].label);
	stage(m, "ab-audit", NULL);
	add(m, "append");
	add_log(m);
	m->plan->expect = ab_buf_steal(&expect);
	if (m->plan->expect)
		add_pair(m, "--expect", m->plan->expect);
	else
		m->failed = true;
}

int ab_plan_make(struct ab_plan *ret, const struct ab_workflow *w, const struct ab_operator *o,
		 struct ab_err *err)
{
	struct maker m = { .plan = ret, .w = w, .o = o };

	*ret = (struct ab_plan){ .name = w->name };
	if (!w->command)
		return ab_err_usage(err, "%s: /spec/agent: missing, so there is nothing to run",
				    w->shown);
	if (o->workspace_out && !w->workspace)
		return ab_err_usage(err, "--workspace-out: %s has no /spec/agent/workspace",
				    w->shown);
	if (ab_place_guard(w, o, err) < 0)
		return -1;
	m.is_bundle =
		o->input && strcmp(o->input, "-") != 0 ? ab_path_is_archive(o->input, err) : 0;
	if (m.is_bundle < 0)
		return -1;
	if (o->input_key && !m.is_bundle)
		return ab_err_usage(err, "--input-key: there is no bundle as --input");
	begin(&m);
	if (m.is_bundle)
		bundle(&m);
	if (w->scrub_input)
		scrub(&m, "input", "scrub:input", w->scrub_input);
	validate(&m, "input", "validate:input", w->input);
	jail(&m);
	scrub(&m, "output", "scrub:output", w->scrub_output);
	validate(&m, "output", "validate:output", w->output);
	/* What the agent wrote must not reach a terminal by way of a message. */
	add(&m, "--redact");
	append(&m);
	if (o->input && !m.is_bundle && strcmp(o->input, "-") != 0 &&
	    !(ret->input = strdup(o->input)))
		m.failed = true;
	if (o->keep && !(ret->keep = strdup(o->keep)))
		m.failed = true;
	return m.failed ? ab_err_memory(err) : 0;
}

/* Arguments, limits and what is written are no part of it; PATH says which program a name is. */
int ab_plan_digest(struct ab_command *ret, const struct ab_workflow *w, struct ab_err *err)
{
	struct maker m = { .w = w, .at = ret };
	const json_t *item;
	size_t i;

	add_pair(&m, "ab-jail", "--print-digest");
	add_shown(&m);
	json_array_foreach(w->env, i, item)
	{
		const char *name = json_string_value(item);

		if (name && strcmp(name, "PATH") == 0)
			add_pair(&m, "--env", name);
	}
	add_pair(&m, "--", w->command);
	return m.failed ? ab_err_memory(err) : 0;
}

void ab_command_done(struct ab_command *c)
{
	for (size_t i = 0; i < c->argc; i++)
		free(c->argv[i]);
	free(c->argv);
}

void ab_plan_done(struct ab_plan *plan)
{
	ab_command_done(&plan->begin);
	for (size_t i = 0; i < plan->n; i++)
		ab_command_done(&plan->stages[i]);
	free(plan->input);
	free(plan->expect);
	free(plan->keep);
	*plan = (struct ab_plan){ 0 };
}
