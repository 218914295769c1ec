/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy does, in a few lines: how many rules of each category meet which end. */
#include "lib/scrub/policy.h"

/* The gravest first. `off` is not looked for, so it is told last. */
static const struct {
	enum ab_scrub_action action;
	const char *words;
} ends[] = {
	{ AB_SCRUB_BLOCK, "refused" },
	{ AB_SCRUB_REDACT, "redacted" },
	{ AB_SCRUB_WARN, "let through with a warning" },
	{ AB_SCRUB_LOG, "let through and recorded" },
	{ AB_SCRUB_OFF, "not looked for" },
};

static size_t count(const struct ab_scrub_policy *p, int category, enum ab_scrub_action action)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += (int)p->rules[i].category == category && p->rules[i].action == action;
	return n;
}

static void add_category(const struct ab_scrub_policy *p, int category, struct ab_buf *out)
{
	const char *before = ": ";

	ab_buf_adds(out, ab_scrub_category_name(category));
	for (size_t i = 0; i < AB_ARRAY_SIZE(ends); i++) {
		size_t n = count(p, category, ends[i].action);

		if (!n)
			continue;
		ab_buf_addf(out, "%s%s (%zu rule%s)", before, ends[i].words, n, n == 1 ? "" : "s");
		before = ", ";
	}
	ab_buf_addf(out, "%s\n", *before == ':' ? ": not looked for" : "");
}

void ab_scrub_policy_overview(const struct ab_scrub_policy *p, struct ab_buf *out)
{
	const json_t *name;
	size_t i;

	for (int c = 0; c < AB_SCRUB_CATEGORIES; c++)
		add_category(p, c, out);
	ab_buf_adds(out, "hosts that are allowed, with all below them: ");
	json_array_foreach(p->domains, i, name)
		ab_buf_addf(out, "%s%s", i ? ", " : "", json_string_value(name));
	ab_buf_addf(out, "%s\n", json_array_size(p->domains) ? "" : "none");
	ab_buf_addf(out, "values that are allowed, by their hash: %zu\n",
		    json_object_size(p->values));
}
