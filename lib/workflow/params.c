/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters: what an operator may say of a run, where the definition declares it. A value takes the
 * place of a whole word of the agent's command or of a variable, never of a part of one, of a path,
 * a limit or a policy. The schema that it must satisfy is asked of ab-validate.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/workflow/params.h"

#define MAX_VALUE 4096

static int is_param_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 63 && islower((unsigned char)*name) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

int ab_params_check(const json_t *params, const char *where, struct ab_err *err)
{
	static const struct ab_json_key keys[] = { { "schema", JSON_OBJECT, true },
						   { "default", JSON_STRING, false },
						   { NULL, 0, false } };
	const char *name;
	json_t *p;

	json_object_foreach((json_t *)params, name, p)
	{
		ab_auto(ab_buf_free) struct ab_buf at = { 0 };

		ab_buf_addf(&at, "%s/%s", where, name);
		if (ab_buf_ok(&at, err) < 0)
			return -1;
		if (!is_param_name(name))
			return ab_err_usage(err, "%s: expected a name of a-z, 0-9, _ and -",
					    at.data);
		if (ab_json_keys(p, at.data, keys, err) < 0)
			return -1;
	}
	return 0;
}

const char *ab_params_used(const json_t *item)
{
	return json_string_value(json_object_get(item, "param"));
}

int ab_params_check_use(const json_t *root, const json_t *item, const struct ab_json_key *keys,
			const char *where, struct ab_err *err)
{
	const char *name;

	if (ab_json_keys(item, where, keys, err) < 0)
		return -1;
	name = ab_params_used(item);
	if (json_object_get(ab_json_at(root, "/spec/params"), name))
		return 0;
	return ab_err_usage(err, "%s/param: %s is not declared in spec.params", where, name);
}

/* The values by name, of the operator or by default. */
static int take_given(const struct ab_workflow *w, const struct ab_operator *o, json_t *values,
		      struct ab_err *err)
{
	const json_t *declared = ab_json_at(w->root, "/spec/params");

	for (size_t i = 0; i < o->n_params; i++) {
		const char *equals = strchr(o->params[i], '=');
		ab_autofree char *name =
			equals ? strndup(o->params[i], (size_t)(equals - o->params[i])) : NULL;

		if (!name)
			return ab_err_usage(err, "--param: expected NAME=VALUE");
		if (!json_object_get(declared, name))
			return ab_err_usage(err, "--param: %s: not declared by %s", name, w->shown);
		if (json_object_get(values, name))
			return ab_err_usage(err, "--param: %s: given twice", name);
		if (strlen(equals + 1) > MAX_VALUE)
			return ab_err_usage(err, "--param: %s: more than %d bytes", name,
					    MAX_VALUE);
		if (json_object_set_new(values, name, json_string(equals + 1)) < 0)
			return ab_err_usage(err, "--param: %s: not UTF-8", name);
	}
	return 0;
}

static int ask_each(const struct ab_workflow *w, const json_t *values, struct ab_err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)values, name, value)
	{
		ab_auto(ab_buf_free) struct ab_buf schema = { 0 }, document = { 0 };
		struct ab_err why = { 0 };

		ab_buf_addf(&schema, "%s#/spec/params/%s/schema", w->file, name);
		ab_json_quote(json_string_value(value), json_string_length(value), &document);
		if (ab_buf_ok(&schema, err) < 0 || ab_buf_ok(&document, err) < 0)
			return -1;
		if (ab_workflow_ask_schema(schema.data, document.data, &why) < 0)
			return ab_err_usage(err, "--param: %s: %s", name, why.msg);
	}
	return 0;
}

static int add_defaults(const struct ab_workflow *w, json_t *values, struct ab_err *err)
{
	const char *name;
	json_t *p;

	json_object_foreach(ab_json_at(w->root, "/spec/params"), name, p)
	{
		json_t *value = json_object_get(p, "default");

		if (json_object_get(values, name))
			continue;
		if (!value)
			return ab_err_usage(err, "--param: %s: required by %s, which has no default",
					    name, w->shown);
		(void)json_object_set(values, name, value);
	}
	return 0;
}

/* Puts the words in their places; `variables`: as NAME=VALUE. */
static int fill(const json_t *array, const json_t *values, bool variables, struct ab_err *err)
{
	const json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		ab_auto(ab_buf_free) struct ab_buf word = { 0 };
		const char *name = ab_params_used(item);

		if (!name)
			continue;
		if (variables)
			ab_buf_addf(&word, "%s=",
				    json_string_value(json_object_get(item, "name")));
		ab_buf_adds(&word, json_string_value(json_object_get(values, name)));
		if (ab_buf_ok(&word, err) < 0 ||
		    json_array_set_new((json_t *)array, i,
				       json_string(word.data ? word.data : "")) < 0)
			return ab_err_memory(err);
	}
	return 0;
}

int ab_workflow_params(struct ab_workflow *w, const struct ab_operator *o, struct ab_err *err)
{
	w->params = json_object();
	if (!w->params)
		return ab_err_memory(err);
	if (take_given(w, o, w->params, err) < 0 || ask_each(w, w->params, err) < 0 ||
	    add_defaults(w, w->params, err) < 0)
		return -1;
	return fill(w->argv, w->params, false, err) < 0 ? -1 : fill(w->env, w->params, true, err);
}

/* A default that its own schema refuses is the definition's fault. */
int ab_params_check_defaults(const struct ab_workflow *w, struct ab_err *err)
{
	json_auto_t *values = json_object();
	struct ab_err why = { 0 };
	const char *name;
	json_t *p;

	json_object_foreach(ab_json_at(w->root, "/spec/params"), name, p)
	{
		json_t *value = json_object_get(p, "default");

		if (value)
			(void)json_object_set(values, name, value);
	}
	if (ask_each(w, values, &why) == 0)
		return 0;
	return ab_err_usage(err, "%s: /spec/params: default: %.400s", w->shown,
			    why.msg + strlen("--param: "));
}
