/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/agent.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/crypto/sha256.h"
#include "lib/workflow/params.h"

/* An array of strings that are not empty; from `params` on of objects of these keys, too. */
static int check_strings(const struct ab_part *p, const char *key, size_t params,
			 const struct ab_json_key *keys)
{
	const json_t *array = json_object_get(p->value, key), *item;
	char where[sizeof(p->where) + 32];
	size_t i;

	json_array_foreach(array, i, item)
	{
		const char *text = json_string_value(item);

		(void)snprintf(where, sizeof(where), "%s/%s/%zu", p->where, key, i); /* it fits */
		if (i >= params && json_is_object(item)) {
			if (ab_params_check_use(p->w->root, item, keys, where, p->err) < 0)
				return -1;
			continue;
		}
		if (!text || !*text || strlen(text) != json_string_length(item))
			return ab_err_usage(p->err,
					    "%s/%s/%zu: expected a string that is not empty",
					    p->where, key, i);
	}
	return 0;
}

static int take_command(const struct ab_part *p)
{
	static const struct ab_json_key keys[] = { { "param", JSON_STRING, true },
						   { NULL, 0, false } };
	const json_t *argv = json_object_get(p->value, "command");

	if (json_array_size(argv) == 0)
		return ab_part_fail(p, "command", "expected at least the program");
	if (check_strings(p, "command", 1, keys) < 0)
		return -1;
	p->w->argv = argv;
	p->w->command = ab_part_name(p, json_string_value(json_array_get(argv, 0)));
	return p->w->command ? 0 : -1;
}

/* Names alone, or a parameter: a value in a definition would be a secret in a repository. */
static int take_env(const struct ab_part *p)
{
	static const struct ab_json_key keys[] = { { "name", JSON_STRING, true },
						   { "param", JSON_STRING, true },
						   { NULL, 0, false } };
	const json_t *item;
	size_t i;

	if (check_strings(p, "env", 0, keys) < 0)
		return -1;
	p->w->env = json_object_get(p->value, "env");
	json_array_foreach(p->w->env, i, item)
	{
		const char *name = json_string_value(
			json_is_object(item) ? json_object_get(item, "name") : item);

		if (!*name || strchr(name, '=') || strncmp(name, "AB_", 3) == 0 || isdigit(*name))
			return ab_err_usage(p->err,
					    "%s/env/%zu: expected the name of a variable, not of "
					    "ours and without a value",
					    p->where, i);
	}
	return 0;
}

/* PATH[:DEST]; only PATH is relative to the definition. */
static int take_read_only(const struct ab_part *p)
{
	const json_t *array = json_object_get(p->value, "readOnly"), *item;
	size_t i;

	if (!array)
		return 0;
	p->w->read_only = json_array();
	if (check_strings(p, "readOnly", SIZE_MAX, NULL) < 0)
		return -1;
	json_array_foreach(array, i, item)
	{
		ab_autofree char *path = ab_part_path(p, json_string_value(item));

		if (!path || json_array_append_new(p->w->read_only, json_string(path)) < 0)
			return ab_err_memory(p->err);
	}
	return 0;
}

static int take_directory(const struct ab_part *p, const char *key, char **ret)
{
	const char *text = json_string_value(json_object_get(p->value, key));

	if (!text)
		return 0;
	if (!*text || *text == ':')
		return ab_part_fail(p, key, "expected a directory");
	*ret = ab_part_path(p, text);
	return *ret ? 0 : -1;
}

/* As ab-jail --print-digest says it. */
static int take_digest(const struct ab_part *p)
{
	const char *text = json_string_value(json_object_get(p->value, "digest"));

	if (text && (strlen(text) != AB_SHA256_TEXT - 1 || strncmp(text, "sha256:", 7) != 0 ||
		     strspn(text + 7, "0123456789abcdef") != 64))
		return ab_part_fail(p, "digest",
				    "expected \"sha256:\" and 64 digits of 0-9 and a-f");
	p->w->digest = text;
	return 0;
}

int ab_agent_take(const struct ab_part *spec)
{
	static const struct ab_json_key keys[] = {
		{ "command", JSON_ARRAY, true },
		{ "digest", JSON_STRING, false },
		{ "env", JSON_ARRAY, false },
		{ "readOnly", JSON_ARRAY, false },
		{ "models", JSON_STRING, false },
		{ "workspace", JSON_STRING, false },
		{ NULL, 0, false },
	};
	struct ab_part p;
	int found = ab_part_enter(&p, spec, "agent", keys);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (take_command(&p) < 0 || take_env(&p) < 0 || take_digest(&p) < 0)
		return -1;
	if (take_directory(&p, "models", &p.w->models) < 0 ||
	    take_directory(&p, "workspace", &p.w->workspace) < 0)
		return -1;
	return take_read_only(&p);
}
