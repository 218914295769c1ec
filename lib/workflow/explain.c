/* SPDX-License-Identifier: Apache-2.0 */
/* A definition in words: what comes in, what the agent may, what goes out. */
#include <inttypes.h>
#include <string.h>

#include "lib/workflow/limit.h"
#include "lib/workflow/params.h"

/* A parameter by its name: what it will be is not known here. */
static void add_word(struct ab_buf *out, const char *before, const json_t *item, const char *after)
{
	const char *param = ab_params_used(item);
	const char *name = json_string_value(json_object_get(item, "name"));

	if (param)
		ab_buf_addf(out, "%s%s%s<%s>%s", before, name ? name : "", name ? "=" : "", param,
			    after);
	else
		ab_buf_addf(out, "%s%s%s", before, json_string_value(item), after);
}

static void explain_agent(const struct ab_workflow *w, struct ab_buf *out)
{
	const json_t *item;
	size_t i;

	if (!w->command) {
		ab_buf_adds(out, "agent:   none, so it cannot run (spec.agent is missing)\n");
		return;
	}
	ab_buf_addf(out, "agent:   %s", w->command);
	for (i = 1; i < json_array_size(w->argv); i++)
		add_word(out, " ", json_array_get(w->argv, i), "");
	ab_buf_adds(out,
		    "\n         no network, no shell, no home, nothing to write but its tmp\n");
	json_array_foreach(w->read_only, i, item)
		ab_buf_addf(out, "         reads %s\n", json_string_value(item));
	json_array_foreach(w->env, i, item)
		add_word(out, "         is given the variable ", item, "\n");
}

static void explain_limits(const struct ab_workflow *w, struct ab_buf *out)
{
	const char *between = "limits:  ";

	for (int i = 0; i < AB_LIMITS; i++) {
		const struct ab_limit_row *row = ab_limit_row(i);

		if (w->limits[i] == UINT64_MAX)
			continue;
		ab_buf_addf(out, "%s%s %" PRIu64, between, row->key, w->limits[i]);
		between = ", ";
	}
	ab_buf_addf(out, "%s\n", *between == ',' ? "" : "limits:  those of ab-jail");
}

void ab_workflow_explain(const struct ab_workflow *w, const struct ab_operator *o,
			 struct ab_buf *out)
{
	const char *log = o->log ? o->log : w->log, *key = o->key ? o->key : w->key;

	ab_buf_addf(out, "name:    %s\n", w->name);
	if (w->scrub_input)
		ab_buf_addf(out, "input:   scrubbed by the policy %s\n", w->scrub_input);
	ab_buf_addf(out, "%s must satisfy %s\n",
		    w->scrub_input ? "         and" : "input:  ", w->input);
	explain_agent(w, out);
	explain_limits(w, out);
	ab_buf_addf(out, "output:  scrubbed by the policy %s\n", w->scrub_output);
	ab_buf_addf(out, "         and must satisfy %s\n", w->output);
	ab_buf_addf(out, "record:  in %s, signed with %s\n",
		    log ? log : "AB_AUDIT_LOG or your state directory",
		    key ? key : "AB_AUDIT_KEY_FILE or the key there");
	ab_buf_adds(out, "         without it, no output\n");
}
