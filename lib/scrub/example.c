/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule's examples are its tests. */
#include <string.h>

#include "lib/base/hold.h"
#include "lib/scrub/policy.h"

/* Whether the rule finds something in the text; -1 on trouble. */
static int finds(struct ab_scrub_policy *p, const char *rule, const char *text, struct ab_err *err)
{
	ab_auto(ab_scrub_result_free) struct ab_scrub_result r = { 0 };
	ab_auto(ab_buf_free) struct ab_buf padded = { 0 };
	size_t len = strlen(text);
	char *pad;

	ab_buf_add(&padded, text, len);
	pad = ab_buf_reserve(&padded, AB_HOLD_PAD);
	if (!pad)
		return ab_err_memory(err);
	memset(pad, 0, AB_HOLD_PAD);
	if (ab_scrub_scan(p, AB_SCRUB_AUTO, (unsigned char *)padded.data, len, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < r.n; i++)
		if (strcmp(r.findings[i].rule, rule) == 0)
			return 1;
	return 0;
}

static int try_examples(struct ab_scrub_policy *p, const struct ab_scrub_rule *r,
			const struct ab_words *examples, int want, int *failed, struct ab_buf *out,
			struct ab_err *err)
{
	for (size_t i = 0; i < examples->n; i++) {
		int found = finds(p, r->id, ab_words_item(examples, i), err);

		if (found < 0)
			return -1;
		if (found == want)
			continue;
		++*failed;
		ab_buf_addf(out, "%s: examples/%s/%zu: %s\n", r->id, want ? "hit" : "miss", i,
			    want ? "not found" : "found");
	}
	return 0;
}

int ab_scrub_policy_test(struct ab_scrub_policy *p, struct ab_buf *out, struct ab_err *err)
{
	int failed = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct ab_scrub_rule *r = &p->rules[i];

		if (ab_scrub_rule_compile(r, err) < 0)
			return -1;
		if (r->action == AB_SCRUB_OFF)
			continue;
		if (try_examples(p, r, &r->hit, 1, &failed, out, err) < 0 ||
		    try_examples(p, r, &r->miss, 0, &failed, out, err) < 0)
			return -1;
	}
	return ab_buf_ok(out, err) < 0 ? -1 : failed;
}
