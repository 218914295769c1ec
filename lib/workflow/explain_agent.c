/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent in words. What the jail does without being asked stands in ab-jail(1), and its proofs
 * are in lib/jail/selftest.c: what changes there changes here.
 */
#include <string.h>

#include "lib/workflow/doctor.h"
#include "lib/workflow/explain.h"
#include "lib/workflow/limit.h"
#include "lib/workflow/params.h"

/* A parameter by its name: what it will be is not known here. */
static void add_word(struct ab_buf *out, const char *before, const json_t *item)
{
	const char *param = ab_params_used(item);
	const char *name = json_string_value(json_object_get(item, "name"));

	ab_buf_adds(out, before);
	if (param)
		ab_buf_addf(out, "%s%s<%s>", name ? name : "", name ? "=" : "", param);
	else
		ab_buf_add_word(out, json_string_value(item));
}

static const char *text_of(const struct ab_buf *b)
{
	return b->data ? b->data : "";
}

static void explain_command(const struct ab_workflow *w, struct ab_buf *out)
{
	ab_auto(ab_buf_free) struct ab_buf words = { 0 };
	size_t i;

	ab_buf_add_word(&words, w->command);
	for (i = 1; i < json_array_size(w->argv); i++)
		add_word(&words, " ", json_array_get(w->argv, i));
	ab_explain_part(out, "The agent");
	ab_explain_row(out, "command", "%s", text_of(&words));
	if (w->digest)
		ab_explain_row(out, "pinned", "to %s: anything else than that is not run.",
			       w->digest);
	else
		ab_explain_row(out, "pinned",
			       "no. Whatever stands at these paths when a run starts is run; the "
			       "record has the digest of what it was.");
	ab_explain_row(out, "user",
		       "the one who starts ab-run; where that is root, user and group 65534.");
}

static void explain_reading(const struct ab_workflow *w, struct ab_buf *out)
{
	const json_t *item;
	size_t i;

	ab_explain_row(
		out, "read",
		"its standard input; and, read-only, its program, that one's interpreter, "
		"and the libraries that these need (of Python the standard library); /proc with "
		"its own processes.");
	json_array_foreach(w->read_only, i, item)
		ab_explain_row(out, "", "%s", json_string_value(item));
	if (w->models)
		ab_explain_row(out, "", "%s, as /models", w->models);
	ab_explain_row(out, "execute", "%s",
		       json_array_size(w->read_only)
			       ? "its program, the interpreter, and what is a program in the paths "
				 "above."
			       : "its program and the interpreter.");
}

/* What spec.agent has that is no part of the command and its surroundings stands as it was said:
 * nothing that is given to an agent may go unsaid. */
static void explain_others(const struct ab_workflow *w, struct ab_buf *out)
{
	static const char *const told[] = { "command", "digest",   "env",
					    "models",  "readOnly", "workspace" };
	const char *key;
	json_t *value;

	json_object_foreach(ab_json_at(w->root, "/spec/agent"), key, value)
	{
		ab_auto(ab_buf_free) struct ab_buf text = { 0 };
		struct ab_err none = { 0 };
		size_t i = 0;

		while (i < AB_ARRAY_SIZE(told) && strcmp(key, told[i]) != 0)
			i++;
		if (i == AB_ARRAY_SIZE(told) && ab_json_canonical(value, &text, &none) == 0)
			ab_explain_row(out, key, "%s (ab-workflow(5) says what that is)",
				       text_of(&text));
	}
}

static void explain_may(const struct ab_workflow *w, struct ab_buf *out)
{
	ab_auto(ab_buf_free) struct ab_buf names = { 0 };
	const json_t *item;
	size_t i;

	ab_explain_part(out, "The agent may");
	explain_reading(w, out);
	ab_explain_row(
		out, "write",
		"its standard output, which is held back; and /tmp and /dev/shm, which are "
		"empty when it starts, gone when it ends, and where nothing can be executed.");
	if (w->workspace)
		ab_explain_row(out, "",
			       "a copy of %s, which itself stays as it is; the record lists what "
			       "changed.",
			       w->workspace);
	ab_explain_row(out, "devices", "null, full, random and urandom%s.",
		       ab_json_at(w->root, "/spec/agent/gpu") ? ", and what is said below"
							      : ": no disk, no GPU");
	json_array_foreach(w->env, i, item) add_word(&names, i ? ", " : "", item);
	ab_explain_row(out, "environment", "PATH, HOME=/tmp and LANG=C.UTF-8%s%s",
		       names.len ? "; and, with the value that they have for the operator or by a "
				   "parameter, "
				 : ", and nothing else",
		       names.len ? text_of(&names) : ".");
	explain_others(w, out);
}

static void explain_cannot(const struct ab_workflow *w, struct ab_buf *out)
{
	const char *shell = ab_agent_shell(w);

	ab_explain_part(out, "The agent cannot");
	ab_explain_row(
		out, "network",
		"make or use a socket of any kind, resolve a name, or ask a model: these calls "
		"are refused, and in tier 1 there is no network to reach besides.");
	if (shell)
		ab_explain_row(out, "shell", "DOES NOT HOLD: a shell is visible, %s.", shell);
	else
		ab_explain_row(out, "shell", "start one: none is visible to it.");
	ab_explain_row(out, "programs", "start any but those above, or one that it has written.");
	ab_explain_row(out, "files",
		       "see or change any other file of this machine: homes, keys, configuration, "
		       "logs, sockets, the record, its key and the receipts of the run.");
	ab_explain_row(out, "processes",
		       "see, signal or trace one that is not its own, or leave one behind.");
	ab_explain_row(
		out, "rights",
		"get any: it has no capabilities, set-user-ID does not work, it can make no "
		"namespaces, mounts or devices, and what it may ask of the kernel is a list.");
	ab_explain_row(
		out, "answer",
		"reach a terminal or a log: its standard error is counted and hashed, and "
		"dropped unless the operator says --keep. Its exit status lets out one bit.");
}

static void explain_isolation(const struct ab_workflow *w, const struct ab_operator *o,
			      struct ab_buf *out)
{
	bool weak = ab_limit_wanted(w, o, AB_LIMIT_TIER) == 2;

	ab_explain_part(out, "What holds that");
	ab_explain_row(out, "how",
		       "namespaces, a root that is made for the run, a list of system calls "
		       "(seccomp), Landlock, no capabilities, limits: each one tried from inside, "
		       "in the finished jail, before the agent is started. If one does not hold, "
		       "it is not started.");
	if (weak)
		ab_explain_row(
			out, "tier",
			"2 IS ACCEPTED by the operator: where no namespaces can be made, the "
			"agent sees names and sizes of the machine's files (not what is in "
			"them), its processes and its kernel, and can run code that it has "
			"written; ab-jail(1), Tiers, has the list. The record tells which "
			"tier it was.");
	else
		ab_explain_row(out, "tier", "1, the strongest, or the agent is not started.");
	ab_explain_row(out, "not",
		       "a fault in the kernel, which is shared with the machine: put a virtual "
		       "machine around it where that is too likely.");
}

/* What ab-jail does where the definition is silent; tests/ab-run-explain.bats holds it against
 * that. */
static const struct {
	const char *label, *unit, *otherwise, *words;
} limits[AB_LIMITS] = {
	[AB_LIMIT_TIME] = { "time", "s", "300 s", "from its start, as a clock tells it" },
	[AB_LIMIT_MEMORY] = { "memory", "MiB", "2048 MiB", "of all its processes together" },
	[AB_LIMIT_TMP] = { "/tmp", "MiB", "64 MiB", "together with /dev/shm; to write more fails" },
	[AB_LIMIT_PROCESSES] = { "processes", "", "256", "and threads, at a time" },
	[AB_LIMIT_OUTPUT] = { "output", "bytes", "67108864 bytes", "on standard output" },
	[AB_LIMIT_CPUS] = { "processors", "", NULL, "at a time" },
};

static void explain_limits(const struct ab_workflow *w, struct ab_buf *out)
{
	ab_explain_part(
		out,
		"How far it may go (what goes further is killed, and nothing of it comes out)");
	for (int i = 0; i < AB_LIMITS; i++) {
		uint64_t is = w->limits[i];
		char text[AB_LIMIT_TEXT];

		if (!limits[i].label)
			continue;
		if (is != UINT64_MAX)
			ab_explain_row(out, limits[i].label, "%s%s%s %s",
				       ab_limit_text(i, is, text), *limits[i].unit ? " " : "",
				       limits[i].unit, limits[i].words);
		else if (limits[i].otherwise)
			ab_explain_row(out, limits[i].label,
				       "%s %s; the definition is silent, so ab-jail's own limit "
				       "holds",
				       limits[i].otherwise, limits[i].words);
		else
			ab_explain_row(out, limits[i].label, "as many as there are");
	}
	ab_explain_row(out, "open files", "1024 a process; to open more fails");
}

void ab_explain_agent(const struct ab_workflow *w, const struct ab_operator *o, struct ab_buf *out)
{
	if (!w->command) {
		ab_explain_part(out, "The agent");
		ab_explain_row(out, "command", "none, so it cannot run (spec.agent is missing).");
		return;
	}
	explain_command(w, out);
	explain_may(w, out);
	explain_cannot(w, out);
	explain_isolation(w, o, out);
	explain_limits(w, out);
}
