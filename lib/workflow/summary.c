/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/summary.h"

#include <string.h>

#include "lib/base/io.h"
#include "lib/base/time.h"

enum { EXIT_SIGNAL = 128 };

/* A value that could not be made shows as one that is missing. */
static void set(json_t *to, const char *name, json_t *value)
{
	if (value)
		(void)json_object_set_new(to, name, value);
}

static void copy(json_t *to, const char *name, const json_t *from)
{
	json_t *value = json_object_get(from, name);

	if (value)
		(void)json_object_set(to, name, value);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *text(const char *from)
{
	ab_auto(ab_buf_free) struct ab_buf clean = { 0 };

	ab_buf_adds(&clean, from);
	if (!clean.data)
		return NULL;
	ab_err_clean(clean.data);
	return json_string(clean.data);
}

/* The receipt of the stage with this label, "validate:input" or "jail"; NULL: it left none. */
static const json_t *receipt_of(const json_t *receipts, const char *label)
{
	size_t tool_len = strcspn(label, ":"), i;
	const char *stage = label[tool_len] ? label + tool_len + 1 : NULL;
	const json_t *r;

	json_array_foreach(receipts, i, r)
	{
		const char *tool = json_string_value(json_object_get(r, "tool"));
		const char *is = json_string_value(json_object_get(r, "stage"));

		if (!tool || strncmp(tool, "ab-", 3) != 0 || strlen(tool) != tool_len + 3 ||
		    strncmp(tool + 3, label, tool_len) != 0)
			continue;
		if (stage ? is && strcmp(is, stage) == 0 : !is)
			return r;
	}
	return NULL;
}

static json_t *times(const struct ab_pipeline *p, const struct ab_process *c)
{
	json_t *all = json_object();

	set(all, "started_us", number((c->started_ns - p->begun_ns) / 1000));
	if (c->ended_ns)
		set(all, "wall_us", number((c->ended_ns - c->started_ns) / 1000));
	set(all, "cpu_us", number(c->cpu_us));
	set(all, "memory_kb", number(c->memory_kb));
	return all;
}

static json_t *stage(const struct ab_pipeline *p, const char *label, const struct ab_process *c)
{
	const json_t *receipt = receipt_of(p->list, label);
	json_t *all = json_object();

	set(all, "stage", json_string(label));
	if (c->status != -1)
		set(all, "exit", json_integer(ab_process_exit(c)));
	copy(all, "verdict", receipt);
	copy(all, "reason", receipt);
	copy(all, "in", receipt);
	copy(all, "out", receipt);
	if (c->started_ns)
		set(all, "used", times(p, c));
	return all;
}

static json_t *stages(const struct ab_pipeline *p)
{
	json_t *all = json_array();

	(void)json_array_append_new(all, stage(p, "begin", &p->begin));
	for (size_t i = 0; p->head && i < p->plan->n; i++) {
		const char *label = p->plan->stages[i].label;

		if (!*label)
			label = i + 1 == p->plan->n ? "append" : "bundle";
		(void)json_array_append_new(all, stage(p, label, &p->processes[i]));
	}
	return all;
}

static const char *verdict(const struct ab_pipeline *p, int exit)
{
	if (exit == AB_EXIT_OK)
		return "passed";
	if (exit > EXIT_SIGNAL)
		return "interrupted";
	if (p && p->head && p->chain.verdict != AB_PASSED)
		return ab_verdict_name(p->chain.verdict);
	return "failed";
}

static json_t *record(const struct ab_pipeline *p)
{
	json_t *all = json_object();

	copy(all, "origin", p->head);
	copy(all, "started", p->head);
	if (p->record != UINT64_MAX)
		set(all, "ended", number(p->record));
	return all;
}

static json_t *notes(const struct ab_buf *from)
{
	json_t *all = json_array();
	size_t at = 0;

	while (at < from->len) {
		size_t len = strcspn(from->data + at, "\n");

		(void)json_array_append_new(all, json_stringn(from->data + at, len));
		at += len + 1;
	}
	return all;
}

static json_t *start(const char *workflow, const char *said, int exit, const char *reason)
{
	json_t *all = json_object();

	set(all, "workflow", json_string(workflow));
	set(all, "exit", json_integer(exit));
	set(all, "verdict", json_string(said));
	if (*reason)
		set(all, "reason", text(reason));
	return all;
}

json_t *ab_summary(const struct ab_pipeline *p, int exit, const char *reason)
{
	json_t *all = start(p->plan->name, verdict(p, exit), exit, reason);

	if (p->head && *p->chain.stage)
		set(all, "stage", json_string(p->chain.stage));
	copy(all, "run", p->head);
	if (p->head)
		set(all, "record", record(p));
	set(all, "duration_us", number((ab_time_monotonic_ns() - p->begun_ns) / 1000));
	set(all, "stages", stages(p));
	if (p->notes.len)
		set(all, "notes", notes(&p->notes));
	return all;
}

json_t *ab_summary_unstarted(const char *workflow, const struct ab_err *err)
{
	return start(workflow, "failed", err->status, err->msg);
}
