/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/part.h"

#include <stdio.h>
#include <string.h>

int ab_part_fail(const struct ab_part *p, const char *key, const char *what)
{
	return ab_err_usage(p->err, "%s/%s: %s", p->where, key, what);
}

int ab_part_enter(struct ab_part *ret, const struct ab_part *p, const char *key,
		  const struct ab_json_key *keys)
{
	int n = snprintf(ret->where, sizeof(ret->where), "%s/%s", p->where, key);

	ret->w = p->w;
	ret->err = p->err;
	ret->value = json_object_get(p->value, key);
	if (n < 0 || (size_t)n >= sizeof(ret->where))
		return ab_err_usage(p->err, "%s: path too long", key);
	if (!ret->value)
		return 1;
	return ab_json_keys(ret->value, ret->where, keys, p->err);
}

char *ab_part_path(const struct ab_part *p, const char *path)
{
	ab_auto(ab_buf_free) struct ab_buf b = { 0 };

	if (*path != '/')
		ab_buf_addf(&b, "%s/", p->w->dir);
	ab_buf_adds(&b, path);
	if (b.failed)
		ab_err_memory(p->err);
	return ab_buf_steal(&b);
}

char *ab_part_name(const struct ab_part *p, const char *text)
{
	char *copy;

	if (strchr(text, '/'))
		return ab_part_path(p, text);
	copy = strdup(text);
	if (!copy)
		ab_err_memory(p->err);
	return copy;
}
