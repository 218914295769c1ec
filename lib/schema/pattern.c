/* SPDX-License-Identifier: Apache-2.0 */
/* pattern and patternProperties. */
#include <string.h>

#include "lib/schema/program.h"

struct ab_pattern {
	struct ab_regex *regex;
	const char *text;
};

int ab_pattern_new(struct ab_pattern **ret, const char *text, size_t len, struct ab_err *err)
{
	struct ab_pattern *p = calloc(1, sizeof(*p));

	if (!p)
		return ab_err_memory(err);
	p->text = text;
	p->regex = ab_regex_compile(text, len, AB_REGEX_ECMA, err);
	if (!p->regex) {
		free(p);
		return -1;
	}
	*ret = p;
	return 0;
}

enum ab_regex_verdict ab_pattern_search(const struct ab_pattern *p, const char *text, size_t len)
{
	return ab_regex_search(p->regex, text, len, 0, NULL, 0);
}

const char *ab_pattern_text(const struct ab_pattern *p)
{
	return p->text;
}

void ab_pattern_free(struct ab_pattern *p)
{
	if (!p)
		return;
	ab_regex_free(p->regex);
	free(p);
}
