/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules stand behind which literals and runs. */
#include <string.h>

#include "lib/scrub/policy.h"
#include "lib/scrub/run.h"

static int index_rule(struct ab_scrub_policy *p, size_t i, struct ab_err *err)
{
	struct ab_scrub_rule *r = &p->rules[i];

	for (size_t k = 0; k < r->literals.n; k++) {
		const char *literal = r->literals.items[k];

		if (ab_literals_add(p->literals, literal, strlen(literal), r->exact, (uint32_t)i,
				    err) < 0)
			return ab_err_prefix(err, "rule %s: literal %zu: ", r->id, k);
	}
	if (r->runs)
		p->run_rules[p->n_run_rules++] =
			(struct ab_run_rule){ r->runs, r->then, r->run_min, i };
	if (r->slow)
		p->slow_rules[p->n_slow_rules++] = i;
	return 0;
}

/* What stands between letters of one word only to hide it: comments, tags, joined strings. */
static int index_joins(struct ab_scrub_policy *p, struct ab_err *err)
{
	static const char *const joins[] = {
		"<!--",	   "\"+\"",   "\" + \"",	"'+'",	   "' + '",   "\".\"",  "' . '",
		"\" . \"", "</b>",    "</i>",	"<wbr",	   "</span>", "<br>",	"&shy;",
		"\" \"",   "\" & \"", "\"&\"",	"' || '",  "'||'",    "\" || \"", "\" .. \"",
		"' .. '",  "\"..\"",  "\" <> \"", "\" ~ \"", "\" ++ \""
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(joins); i++)
		if (ab_literals_add(p->literals, joins[i], strlen(joins[i]), false,
				    AB_SCRUB_JOIN_TAG, err) < 0)
			return -1;
	return 0;
}

static int by_run(const void *a, const void *b)
{
	const struct ab_run_rule *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	return (x->min > y->min) - (x->min < y->min);
}

/* Each run asks the rules of its own bit alone, and of these no longer ones than it is. */
static void sort_run_rules(struct ab_scrub_policy *p)
{
	size_t i = 0;

	qsort(p->run_rules, p->n_run_rules, sizeof(*p->run_rules), by_run);
	for (unsigned bit = 0; bit <= AB_SCRUB_RUN_BITS; bit++) {
		while (i < p->n_run_rules && p->run_rules[i].run < (uint32_t)1 << bit)
			i++;
		p->run_begin[bit] = i;
	}
}

int ab_scrub_policy_index(struct ab_scrub_policy *p, struct ab_err *err)
{
	ab_literals_free(p->literals);
	free(p->run_rules);
	free(p->slow_rules);
	p->literals = ab_literals_new();
	p->run_rules = calloc(p->n, sizeof(*p->run_rules));
	p->slow_rules = calloc(p->n, sizeof(*p->slow_rules));
	p->n_run_rules = p->n_slow_rules = 0;
	if (!p->literals || !p->run_rules || !p->slow_rules)
		return ab_err_memory(err);
	for (size_t i = 0; i < p->n; i++)
		if (p->rules[i].action != AB_SCRUB_OFF && index_rule(p, i, err) < 0)
			return -1;
	sort_run_rules(p);
	return index_joins(p, err) < 0 ? -1 : ab_literals_ready(p->literals, err);
}
