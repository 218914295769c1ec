/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of a workflow: read, held against the tables of its keys, its paths resolved. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/near.h"
#include "lib/base/path.h"
#include "lib/workflow/limit.h"
#include "lib/workflow/params.h"
#include "lib/workflow/workflow.h"

#define MAX_SIZE (1u << 20)

/* What a reader of one part needs: the part, where it stands, and where paths start. */
struct part {
	struct ab_workflow *w;
	const json_t *value;
	char where[PATH_MAX + 64]; /* "FILE: /spec/agent" */
	struct ab_err *err;
};

static int fail(const struct part *p, const char *key, const char *what)
{
	return ab_err_usage(p->err, "%s/%s: %s", p->where, key, what);
}

/* Makes the part `key` of p, held against its table. 1: there is none; 0; -1. */
static int enter(struct part *ret, const struct part *p, const char *key,
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

/* A path of the definition, relative to its directory. NULL: out of memory. */
static char *resolve(const struct part *p, const char *path)
{
	ab_auto(ab_buf_free) struct ab_buf b = { 0 };

	if (*path != '/')
		ab_buf_addf(&b, "%s/", p->w->dir);
	ab_buf_adds(&b, path);
	if (b.failed)
		ab_err_memory(p->err);
	return ab_buf_steal(&b);
}

/* A NAME stays what it is, a FILE (it has a slash) is resolved. */
static char *resolve_name(const struct part *p, const char *text)
{
	char *copy;

	if (strchr(text, '/'))
		return resolve(p, text);
	copy = strdup(text);
	if (!copy)
		ab_err_memory(p->err);
	return copy;
}

static int take_constant(const struct part *p, const char *key, const char *want)
{
	const char *is = json_string_value(json_object_get(p->value, key));

	if (!is || strcmp(is, want) == 0)
		return 0;
	return ab_err_usage(p->err, "%s/%s: expected \"%s\"", p->where, key, want);
}

static bool is_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 63 && isalnum((unsigned char)*text) &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int take_metadata(const struct part *root)
{
	static const struct ab_json_key keys[] = { { "name", JSON_STRING, true },
						   { NULL, 0, false } };
	struct part p;

	if (enter(&p, root, "metadata", keys) < 0)
		return -1;
	p.w->name = json_string_value(json_object_get(p.value, "name"));
	if (!is_name(p.w->name))
		return fail(&p, "name", "expected at most 63 of a-z, 0-9 and -");
	return 0;
}

/* A schema that stands in the definition, or in a file of its own. */
static int take_schema(const struct part *spec, const char *key, char **ret)
{
	static const struct ab_json_key keys[] = { { "schema", AB_JSON_ANY, false },
						   { "schemaFile", JSON_STRING, false },
						   { NULL, 0, false } };
	ab_auto(ab_buf_free) struct ab_buf b = { 0 };
	struct part p;
	const json_t *schema;
	const char *file;

	if (enter(&p, spec, key, keys) < 0)
		return -1;
	schema = json_object_get(p.value, "schema");
	file = json_string_value(json_object_get(p.value, "schemaFile"));
	if (!schema && !file)
		return fail(&p, "schema", "missing");
	if (schema && file)
		return fail(&p, "schemaFile", "stands beside schema; expected one of them");
	if (file) {
		*ret = resolve(&p, file);
		return *ret ? 0 : -1;
	}
	if (!json_is_object(schema) && !json_is_boolean(schema))
		return fail(&p, "schema", "expected an object or a boolean");
	ab_buf_addf(&b, "%s#/spec/%s/schema", p.w->file, key);
	*ret = ab_buf_steal(&b);
	return *ret ? 0 : ab_err_memory(p.err);
}

/* An array of strings that are not empty; from `params` on of objects of these keys, too. */
static int check_strings(const struct part *p, const char *key, size_t params,
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

static int take_command(const struct part *p)
{
	static const struct ab_json_key keys[] = { { "param", JSON_STRING, true },
						   { NULL, 0, false } };
	const json_t *argv = json_object_get(p->value, "command");

	if (json_array_size(argv) == 0)
		return fail(p, "command", "expected at least the program");
	if (check_strings(p, "command", 1, keys) < 0)
		return -1;
	p->w->argv = argv;
	p->w->command = resolve_name(p, json_string_value(json_array_get(argv, 0)));
	return p->w->command ? 0 : -1;
}

/* Names alone, or a parameter: a value in a definition would be a secret in a repository. */
static int take_env(const struct part *p)
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
static int take_read_only(const struct part *p)
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
		ab_autofree char *path = resolve(p, json_string_value(item));

		if (!path || json_array_append_new(p->w->read_only, json_string(path)) < 0)
			return ab_err_memory(p->err);
	}
	return 0;
}

static int take_agent(const struct part *spec)
{
	static const struct ab_json_key keys[] = {
		{ "command", JSON_ARRAY, true },
		{ "digest", JSON_STRING, false },
		{ "env", JSON_ARRAY, false },
		{ "readOnly", JSON_ARRAY, false },
		{ "models", AB_JSON_ANY, false },
		{ "workspace", AB_JSON_ANY, false },
		{ NULL, 0, false },
	};
	static const char *const later[] = { "digest", "models", "workspace" };
	struct part p;
	int found = enter(&p, spec, "agent", keys);

	if (found != 0)
		return found < 0 ? -1 : 0;
	for (size_t i = 0; i < AB_ARRAY_SIZE(later); i++)
		if (json_object_get(p.value, later[i]))
			return fail(&p, later[i], "not supported by this version");
	if (take_command(&p) < 0 || take_env(&p) < 0)
		return -1;
	return take_read_only(&p);
}

static int take_policy(const struct part *p, const char *key, const char *otherwise, char **ret)
{
	const char *text = json_string_value(json_object_get(p->value, key));

	if (!text)
		text = otherwise;
	if (!text)
		return 0;
	if (!*text)
		return fail(p, key, "expected a policy's name or file");
	*ret = resolve_name(p, text);
	return *ret ? 0 : -1;
}

static int take_scrub(const struct part *spec)
{
	static const struct ab_json_key keys[] = { { "input", JSON_STRING, false },
						   { "output", JSON_STRING, false },
						   { NULL, 0, false } };
	struct part p;

	if (enter(&p, spec, "scrub", keys) < 0)
		return -1;
	if (take_policy(&p, "input", NULL, &p.w->scrub_input) < 0)
		return -1;
	return take_policy(&p, "output", "output", &p.w->scrub_output);
}

static int take_audit(const struct part *spec)
{
	static const struct ab_json_key keys[] = { { "log", JSON_STRING, false },
						   { "key", JSON_STRING, false },
						   { NULL, 0, false } };
	struct part p;
	const char *log, *key;

	if (enter(&p, spec, "audit", keys) < 0)
		return -1;
	log = json_string_value(json_object_get(p.value, "log"));
	key = json_string_value(json_object_get(p.value, "key"));
	if ((log && !*log) || (key && !*key))
		return fail(&p, log && !*log ? "log" : "key", "expected a path");
	if (log && !(p.w->log = resolve(&p, log)))
		return -1;
	return key && !(p.w->key = resolve(&p, key)) ? -1 : 0;
}

static int take_limit(const struct part *p, enum ab_limit which)
{
	const struct ab_limit_row *row = ab_limit_row(which);
	const json_t *value = json_object_get(p->value, row->key);
	json_int_t n = json_integer_value(value);

	p->w->limits[which] = UINT64_MAX;
	if (!value)
		return 0;
	if (!row->option)
		return fail(p, row->key, "not supported by this version");
	if (!json_is_integer(value) || n < 0 || (uint64_t)n < row->min || (uint64_t)n > row->max)
		return ab_err_usage(p->err,
				    "%s/%s: expected an integer from %" PRIu64 " to %" PRIu64,
				    p->where, row->key, row->min, row->max);
	p->w->limits[which] = (uint64_t)n;
	return 0;
}

static int take_constraints(const struct part *spec)
{
	struct ab_json_key keys[AB_LIMITS + 3] = { { "network_policy", JSON_STRING, false },
						   { "filesystem", JSON_STRING, false } };
	struct part p;

	for (int i = 0; i < AB_LIMITS; i++)
		keys[i + 2] = (struct ab_json_key){ ab_limit_row(i)->key, AB_JSON_ANY, false };
	if (enter(&p, spec, "constraints", keys) < 0)
		return -1;
	if (take_constant(&p, "network_policy", "none") < 0 ||
	    take_constant(&p, "filesystem", "read-only") < 0)
		return -1;
	for (int i = 0; i < AB_LIMITS; i++)
		if (take_limit(&p, i) < 0)
			return -1;
	return 0;
}

static int take_params(const struct part *spec)
{
	char where[sizeof(spec->where) + 8];

	(void)snprintf(where, sizeof(where), "%s/params", spec->where); /* it fits */
	return ab_params_check(json_object_get(spec->value, "params"), where, spec->err);
}

static int take_spec(const struct part *root)
{
	static const struct ab_json_key keys[] = {
		{ "input", JSON_OBJECT, true },
		{ "output", JSON_OBJECT, true },
		{ "constraints", JSON_OBJECT, false },
		{ "agent", JSON_OBJECT, false },
		{ "scrub", JSON_OBJECT, false },
		{ "audit", JSON_OBJECT, false },
		{ "params", JSON_OBJECT, false },
		{ NULL, 0, false },
	};
	struct part p;

	if (enter(&p, root, "spec", keys) < 0 || take_params(&p) < 0)
		return -1;
	if (take_schema(&p, "input", &p.w->input) < 0 ||
	    take_schema(&p, "output", &p.w->output) < 0)
		return -1;
	if (take_constraints(&p) < 0 || take_agent(&p) < 0)
		return -1;
	return take_scrub(&p) < 0 ? -1 : take_audit(&p);
}

static int take_root(struct ab_workflow *w, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "apiVersion", JSON_STRING, true },
		{ "kind", JSON_STRING, true },
		{ "metadata", JSON_OBJECT, true },
		{ "spec", JSON_OBJECT, true },
		{ NULL, 0, false },
	};
	struct part p = { .w = w, .value = w->root, .err = err };
	int n = snprintf(p.where, sizeof(p.where), "%s: ", w->shown);

	if (n < 0 || (size_t)n >= sizeof(p.where))
		return ab_err_usage(err, "%s: path too long", w->shown);
	if (ab_json_keys(w->root, p.where, keys, err) < 0)
		return -1;
	if (take_constant(&p, "apiVersion", "agent.platform/v1") < 0 ||
	    take_constant(&p, "kind", "AgentWorkflow") < 0)
		return -1;
	return take_metadata(&p) < 0 ? -1 : take_spec(&p);
}

/* The absolute name of the definition, and its directory. */
static int find(struct ab_workflow *w, const char *what, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf name = { 0 };
	ab_autofree char *ours = NULL;
	struct ab_near near = { .word = what };
	bool is_file = ab_path_is_file(what);
	struct stat st;

	if (!is_file && !is_name(what))
		return ab_err_usage(err, "%s: no such file, and not the name of a workflow", what);
	if (!is_file) {
		ab_buf_addf(&name, "workflows/%s/workflow.yaml", what);
		ours = name.failed ? NULL : ab_path_share(name.data, err);
		if (!ours)
			return err->status ? -1 : ab_err_memory(err);
	}
	w->file = realpath(ours ? ours : what, NULL);
	if (!w->file && ours && errno == ENOENT) {
		(void)ab_err_usage(err, "%s: no such workflow", what);
		ab_near_try_shipped(&near, "workflows", "");
		return ab_near_tell(&near, "", err);
	}
	if (!w->file) {
		ab_err_sys(err, "%s", what);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	/* It is read twice, by us and by ab-validate. */
	if (stat(w->file, &st) < 0 || !S_ISREG(st.st_mode))
		return ab_err_usage(err, "%s: not a regular file", what);
	if (strchr(w->file, '#'))
		return ab_err_usage(err, "%s: a path with # cannot name its parts", w->file);
	w->dir = strdup(w->file);
	if (!w->dir)
		return ab_err_memory(err);
	strrchr(w->dir, '/')[0] = '\0';
	return 0;
}

int ab_workflow_load(struct ab_workflow *ret, const char *what, struct ab_err *err)
{
	if (find(ret, what, err) < 0)
		return -1;
	ret->shown = ab_path_is_file(what) ? what : ret->file;
	ret->root = ab_json_load_file(ret->shown, MAX_SIZE, err);
	return ret->root ? take_root(ret, err) : -1;
}

void ab_workflow_done(struct ab_workflow *w)
{
	json_decref(w->root);
	json_decref(w->read_only);
	free(w->file);
	free(w->dir);
	free(w->input);
	free(w->output);
	free(w->command);
	free(w->scrub_input);
	free(w->scrub_output);
	json_decref(w->params);
	free(w->log);
	free(w->key);
	*w = (struct ab_workflow){ 0 };
}
