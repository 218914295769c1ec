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
#include "lib/workflow/agent.h"
#include "lib/workflow/limit.h"
#include "lib/workflow/params.h"
#include "lib/workflow/part.h"
#include "lib/workflow/workflow.h"

#define MAX_SIZE (1u << 20)

static int take_constant(const struct ab_part *p, const char *key, const char *want)
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

static int take_metadata(const struct ab_part *root)
{
	static const struct ab_json_key keys[] = { { "name", JSON_STRING, true },
						   { NULL, 0, false } };
	struct ab_part p;

	if (ab_part_enter(&p, root, "metadata", keys) < 0)
		return -1;
	p.w->name = json_string_value(json_object_get(p.value, "name"));
	if (!is_name(p.w->name))
		return ab_part_fail(&p, "name", "expected at most 63 of a-z, 0-9 and -");
	return 0;
}

/* A schema that stands in the definition, or in a file of its own. */
static int take_schema(const struct ab_part *spec, const char *key, char **ret)
{
	static const struct ab_json_key keys[] = { { "schema", AB_JSON_ANY, false },
						   { "schemaFile", JSON_STRING, false },
						   { NULL, 0, false } };
	ab_auto(ab_buf_free) struct ab_buf b = { 0 };
	struct ab_part p;
	const json_t *schema;
	const char *file;

	if (ab_part_enter(&p, spec, key, keys) < 0)
		return -1;
	schema = json_object_get(p.value, "schema");
	file = json_string_value(json_object_get(p.value, "schemaFile"));
	if (!schema && !file)
		return ab_part_fail(&p, "schema", "missing");
	if (schema && file)
		return ab_part_fail(&p, "schemaFile", "stands beside schema; expected one of them");
	if (file) {
		*ret = ab_part_path(&p, file);
		return *ret ? 0 : -1;
	}
	if (!json_is_object(schema) && !json_is_boolean(schema))
		return ab_part_fail(&p, "schema", "expected an object or a boolean");
	ab_buf_addf(&b, "%s#/spec/%s/schema", p.w->file, key);
	*ret = ab_buf_steal(&b);
	return *ret ? 0 : ab_err_memory(p.err);
}

static int take_policy(const struct ab_part *p, const char *key, const char *otherwise, char **ret)
{
	const char *text = json_string_value(json_object_get(p->value, key));

	if (!text)
		text = otherwise;
	if (!text)
		return 0;
	if (!*text)
		return ab_part_fail(p, key, "expected a policy's name or file");
	*ret = ab_part_name(p, text);
	return *ret ? 0 : -1;
}

static int take_scrub(const struct ab_part *spec)
{
	static const struct ab_json_key keys[] = { { "input", JSON_STRING, false },
						   { "output", JSON_STRING, false },
						   { NULL, 0, false } };
	struct ab_part p;

	if (ab_part_enter(&p, spec, "scrub", keys) < 0)
		return -1;
	if (take_policy(&p, "input", NULL, &p.w->scrub_input) < 0)
		return -1;
	return take_policy(&p, "output", "output", &p.w->scrub_output);
}

static int take_audit(const struct ab_part *spec)
{
	static const struct ab_json_key keys[] = { { "log", JSON_STRING, false },
						   { "key", JSON_STRING, false },
						   { NULL, 0, false } };
	struct ab_part p;
	const char *log, *key;

	if (ab_part_enter(&p, spec, "audit", keys) < 0)
		return -1;
	log = json_string_value(json_object_get(p.value, "log"));
	key = json_string_value(json_object_get(p.value, "key"));
	if ((log && !*log) || (key && !*key))
		return ab_part_fail(&p, log && !*log ? "log" : "key", "expected a path");
	if (log && !(p.w->log = ab_part_path(&p, log)))
		return -1;
	return key && !(p.w->key = ab_part_path(&p, key)) ? -1 : 0;
}

/* In thousandths: 0.25 is a number that a double has, 0.1 is not. */
static int take_cpus(const struct ab_part *p, const struct ab_limit_row *row, const json_t *value)
{
	double n = json_number_value(value) * 1000;
	bool fits = n >= (double)row->min && n <= (double)row->max;
	uint64_t near = fits ? (uint64_t)(n + 0.5) : 0;

	if (!fits || n - (double)near > 1e-6 || (double)near - n > 1e-6)
		return ab_part_fail(
			p, row->key,
			"expected a number from 0.01 to 4096, of at most three decimals");
	p->w->limits[AB_LIMIT_CPUS] = near;
	return 0;
}

static int take_limit(const struct ab_part *p, enum ab_limit which)
{
	const struct ab_limit_row *row = ab_limit_row(which);
	const json_t *value = json_object_get(p->value, row->key);
	json_int_t n = json_integer_value(value);

	p->w->limits[which] = UINT64_MAX;
	if (!value)
		return 0;
	if (which == AB_LIMIT_CPUS)
		return take_cpus(p, row, value);
	if (!json_is_integer(value) || n < 0 || (uint64_t)n < row->min || (uint64_t)n > row->max)
		return ab_err_usage(p->err,
				    "%s/%s: expected an integer from %" PRIu64 " to %" PRIu64,
				    p->where, row->key, row->min, row->max);
	p->w->limits[which] = (uint64_t)n;
	return 0;
}

static int take_constraints(const struct ab_part *spec)
{
	struct ab_json_key keys[AB_LIMITS + 3] = { { "network_policy", JSON_STRING, false },
						   { "filesystem", JSON_STRING, false } };
	struct ab_part p;

	for (int i = 0; i < AB_LIMITS; i++)
		keys[i + 2] = (struct ab_json_key){ ab_limit_row(i)->key, AB_JSON_ANY, false };
	if (ab_part_enter(&p, spec, "constraints", keys) < 0)
		return -1;
	if (take_constant(&p, "network_policy", "none") < 0 ||
	    take_constant(&p, "filesystem", "read-only") < 0)
		return -1;
	for (int i = 0; i < AB_LIMITS; i++)
		if (take_limit(&p, i) < 0)
			return -1;
	return 0;
}

static int take_params(const struct ab_part *spec)
{
	char where[sizeof(spec->where) + 8];

	(void)snprintf(where, sizeof(where), "%s/params", spec->where); /* it fits */
	return ab_params_check(json_object_get(spec->value, "params"), where, spec->err);
}

static int take_spec(const struct ab_part *root)
{
	static const struct ab_json_key keys[] = {
		{ "input", JSON_OBJECT, true },	       { "output", JSON_OBJECT, true },
		{ "constraints", JSON_OBJECT, false }, { "agent", JSON_OBJECT, false },
		{ "scrub", JSON_OBJECT, false },       { "audit", JSON_OBJECT, false },
		{ "params", JSON_OBJECT, false },      { NULL, 0, false },
	};
	struct ab_part p;

	if (ab_part_enter(&p, root, "spec", keys) < 0 || take_params(&p) < 0)
		return -1;
	if (take_schema(&p, "input", &p.w->input) < 0 ||
	    take_schema(&p, "output", &p.w->output) < 0)
		return -1;
	if (take_constraints(&p) < 0 || ab_agent_take(&p) < 0)
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
	struct ab_part p = { .w = w, .value = w->root, .err = err };
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
	free(w->models);
	free(w->workspace);
	free(w->scrub_input);
	free(w->scrub_output);
	json_decref(w->params);
	free(w->log);
	free(w->key);
	*w = (struct ab_workflow){ 0 };
}
