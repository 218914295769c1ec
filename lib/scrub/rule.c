/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of a policy: its keys, what they may hold, and what follows from them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/scrub/match.h"
#include "lib/scrub/policy.h"
#include "lib/scrub/run.h"
#include "lib/scrub/view.h"

static const char *const categories[] = { "url", "code", "injection", "exfil", "pii", "secret" };
static const char *const actions[] = { "off", "log", "warn", "redact", "block" };
static const char *const severities[] = { "low", "medium", "high", "critical" };

const char *ab_scrub_category_name(enum ab_scrub_category category)
{
	return categories[category];
}

const char *ab_scrub_action_name(enum ab_scrub_action action)
{
	return actions[action];
}

static int index_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

int ab_scrub_action_parse(const char *name)
{
	return index_of(actions, AB_ARRAY_SIZE(actions), name);
}

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* An array of strings, not empty ones; NULL in *ret if the key is absent. */
static int strings_of(const json_t *json, const char *key, const char *where, json_t **ret,
		      struct ab_err *err)
{
	json_t *array = json_object_get(json, key);
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item) if (json_string_length(item) == 0) return ab_err_usage(
		err, "%s/%s/%zu: expected a string", where, key, i);
	*ret = array;
	return 0;
}

/* Rule ids stand in the output and in messages: lower-case words with dots and dashes. */
static bool is_id(const char *id)
{
	size_t len = strlen(id);

	return len >= 3 && len <= 64 && islower((unsigned char)id[0]) &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

int ab_scrub_rule_name(struct ab_scrub_rule *r, const json_t *json, const char *id,
		       struct ab_err *err)
{
	const char *action = text_of(json, "action"), *severity = text_of(json, "severity");
	const char *category = text_of(json, "category");
	int index = category ? index_of(categories, AB_ARRAY_SIZE(categories), category) : -1;

	r->id = text_of(json, id);
	r->severity = severity ? severity : "high";
	if (!r->id || !is_id(r->id))
		return ab_err_usage(err, "%s: expected 3 to 64 of a-z 0-9 . - _", id);
	if (index < 0)
		return ab_err_usage(err,
				    "category: not one of url code injection exfil pii secret");
	if ((!severity && json_object_get(json, "severity")) ||
	    index_of(severities, AB_ARRAY_SIZE(severities), r->severity) < 0)
		return ab_err_usage(err, "severity: not one of low medium high critical");
	if (action ? ab_scrub_action_parse(action) < 0 : json_object_get(json, "action") != NULL)
		return ab_err_usage(err, "action: not one of off log warn redact block");
	r->category = (enum ab_scrub_category)index;
	r->action = action ? (enum ab_scrub_action)ab_scrub_action_parse(action) : AB_SCRUB_BLOCK;
	r->rank = action ? AB_RANK_RULE : AB_RANK_NONE;
	return 0;
}

static int load_names(struct ab_scrub_rule *r, const json_t *json, const char *where,
		      struct ab_err *err)
{
	r->description = text_of(json, "description");
	if (ab_scrub_rule_name(r, json, "id", err) < 0)
		return ab_err_prefix(err, "%s/", where);
	return 0;
}

static int number_of(const json_t *json, const char *key, const char *where, size_t otherwise,
		     size_t max, size_t *ret, struct ab_err *err)
{
	const json_t *value = json_object_get(json, key);

	*ret = otherwise;
	if (!value)
		return 0;
	if (json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
		return ab_err_usage(err, "%s/%s: expected 0 to %zu", where, key, max);
	*ret = (size_t)json_integer_value(value);
	return 0;
}

static int load_views(struct ab_scrub_rule *r, const json_t *json, const char *where,
		      struct ab_err *err)
{
	json_t *views = json_object_get(json, "views"), *view;
	size_t i;

	r->views = views ? 0 : AB_VIEW_ALL;
	json_array_foreach(views, i, view)
	{
		const char *name = json_string_value(view);
		uint32_t kind = name ? ab_view_kind_named(name) : 0;

		if (!kind)
			return ab_err_usage(err, "%s/views/%zu: no such view", where, i);
		r->views |= kind;
	}
	return 0;
}

static int load_checks(struct ab_scrub_rule *r, const json_t *json, const char *where,
		       struct ab_err *err)
{
	json_t *checks = json_object_get(json, "checks"), *check;
	const char *match = text_of(json, "match");
	size_t i;

	if (match && !(r->match = ab_scrub_match_named(match)))
		return ab_err_usage(err, "%s/match: no such matcher", where);
	if (json_array_size(checks) > AB_SCRUB_MAX_CHECKS)
		return ab_err_usage(err, "%s/checks: more than %d", where, AB_SCRUB_MAX_CHECKS);
	json_array_foreach(checks, i, check)
	{
		const char *name = json_string_value(check);

		r->checks[i] = name ? ab_scrub_check_named(name) : NULL;
		if (!r->checks[i])
			return ab_err_usage(err, "%s/checks/%zu: no such check", where, i);
	}
	return 0;
}

static int load_anchor(struct ab_scrub_rule *r, const json_t *json, const char *where,
		       struct ab_err *err)
{
	const char *run = text_of(json, "run"), *then = text_of(json, "then");

	r->slow = json_is_true(json_object_get(json, "slow"));
	r->exact = json_is_true(json_object_get(json, "exact"));
	if (then && (strlen(then) != 1 || !run))
		return ab_err_usage(err, "%s/then: expected one byte, behind a run", where);
	r->then = then ? (unsigned char)*then : 0;
	if (run && !(r->runs = ab_scrub_run_named(run)))
		return ab_err_usage(err, "%s/run: no such class of characters", where);
	if (!r->pattern && !r->match && !r->runs)
		return ab_err_usage(err, "%s: expected a pattern, a match or a run", where);
	if (r->pattern && r->match)
		return ab_err_usage(err, "%s: a pattern and a match", where);
	if (!r->literals && !r->runs && !r->slow)
		return ab_err_usage(err,
				    "%s: no literals and no run to anchor it; mark it "
				    "\"slow\": true if that is meant",
				    where);
	if (r->slow && (!r->pattern || r->literals || r->runs))
		return ab_err_usage(err, "%s/slow: a slow rule has a pattern and no anchor", where);
	return 0;
}

static int load_gates(struct ab_scrub_rule *r, const json_t *json, const char *where,
		      struct ab_err *err)
{
	const json_t *examples = json_object_get(json, "examples");

	r->entropy = json_number_value(json_object_get(json, "entropy"));
	if (number_of(json, "capture", where, 0, 9, &r->capture, err) < 0 ||
	    number_of(json, "before", where, 0, AB_SCRUB_WINDOW, &r->before, err) < 0 ||
	    number_of(json, "window", where, AB_SCRUB_WINDOW, AB_SCRUB_WINDOW_MAX, &r->window,
		      err) < 0 ||
	    number_of(json, "min", where, 0, 1u << 20, &r->run_min, err) < 0 ||
	    strings_of(json, "literals", where, &r->literals, err) < 0 ||
	    strings_of(json, "stop", where, &r->stop, err) < 0 ||
	    strings_of(json, "near", where, &r->near, err) < 0 ||
	    strings_of(examples, "hit", where, &r->hit, err) < 0 ||
	    strings_of(examples, "miss", where, &r->miss, err) < 0)
		return -1;
	if (json_array_size(r->hit) == 0 || json_array_size(r->miss) == 0)
		return ab_err_usage(err, "%s/examples: expected at least one hit and one miss",
				    where);
	return 0;
}

/* Whether a hit inside a word can be passed over without asking the pattern. */
static bool starts_a_word(const struct ab_scrub_rule *r)
{
	size_t i;
	json_t *literal;

	if (!r->pattern || r->before || strncmp(r->pattern, "\\b", 2) != 0)
		return false;
	json_array_foreach(r->literals, i, literal) if (!isalnum((unsigned char)json_string_value(
								literal)[0])) return false;
	return true;
}

int ab_scrub_rule_load(struct ab_scrub_rule *r, const json_t *json, const char *where,
		       struct ab_err *err)
{
	static const struct ab_json_key example_keys[] = { { "hit", JSON_ARRAY, true },
							   { "miss", JSON_ARRAY, true },
							   { 0 } };
	static const struct ab_json_key keys[] = {
		{ "id", JSON_STRING, true },
		{ "category", JSON_STRING, true },
		{ "severity", JSON_STRING, false },
		{ "action", JSON_STRING, false },
		{ "description", JSON_STRING, false },
		{ "literals", JSON_ARRAY, false },
		{ "exact", AB_JSON_BOOLEAN, false },
		{ "run", JSON_STRING, false },
		{ "min", JSON_INTEGER, false },
		{ "then", JSON_STRING, false },
		{ "pattern", JSON_STRING, false },
		{ "match", JSON_STRING, false },
		{ "capture", JSON_INTEGER, false },
		{ "before", JSON_INTEGER, false },
		{ "window", JSON_INTEGER, false },
		{ "checks", JSON_ARRAY, false },
		{ "entropy", AB_JSON_ANY, false },
		{ "near", JSON_ARRAY, false },
		{ "stop", JSON_ARRAY, false },
		{ "views", JSON_ARRAY, false },
		{ "slow", AB_JSON_BOOLEAN, false },
		{ "examples", JSON_OBJECT, true },
		{ 0 },
	};
	char at[128];

	*r = (struct ab_scrub_rule){ 0 };
	if (!json_is_object(json))
		return ab_err_usage(err, "%s: expected an object", where);
	/* A long path is cut: the place is for reading. */
	(void)snprintf(at, sizeof(at), "%s/examples", where);
	if (ab_json_keys(json, where, keys, err) < 0 ||
	    ab_json_keys(json_object_get(json, "examples"), at, example_keys, err) < 0)
		return -1;
	r->pattern = text_of(json, "pattern");
	if (load_names(r, json, where, err) < 0 || load_gates(r, json, where, err) < 0 ||
	    load_views(r, json, where, err) < 0 || load_checks(r, json, where, err) < 0 ||
	    load_anchor(r, json, where, err) < 0)
		return -1;
	r->starts_word = starts_a_word(r);
	return 0;
}

int ab_scrub_rule_compile(struct ab_scrub_rule *r, struct ab_err *err)
{
	/* A pattern that only ever matches at its anchor is told so when it is compiled: told when
	 * it is matched, PCRE2 would leave its machine code and interpret. */
	unsigned flags = AB_REGEX_BYTES | (r->exact ? 0 : AB_REGEX_CASELESS) |
			 (r->before > AB_SCRUB_STEPS || r->slow ? 0 : AB_REGEX_ANCHORED);

	if (r->regex || !r->pattern)
		return 0;
	r->regex = ab_regex_compile(r->pattern, strlen(r->pattern), flags, err);
	return r->regex ? 0 : ab_err_prefix(err, "rule %s: pattern: ", r->id);
}
