/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of a policy: its keys, what they may hold, and what follows from them. */
#include <ctype.h>
#include <stdio.h>
#include <malloc.h>
#include <string.h>

#include "lib/scrub/match.h"
#include "lib/scrub/policy.h"
#include "lib/scrub/run.h"
#include "lib/scrub/shape.h"
#include "lib/scrub/view.h"

static const char *const categories[] = { "url", "code", "injection", "exfil", "pii", "secret" };
static const char *const actions[] = { "off", "log", "warn", "redact", "block" };
static const char *const severities[] = { "low", "medium", "high", "critical" };

const char *ab_scrub_category_name(enum ab_scrub_category category)
{
	return categories[category];
}

const char *ab_scrub_severity_name(unsigned severity)
{
	return severities[severity];
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

/* Rule ids stand in the output and in messages: lower-case words with dots and dashes. */
static bool is_id(const char *id)
{
	size_t len = strlen(id);

	return len >= 3 && len <= 64 && islower((unsigned char)id[0]) &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

int ab_scrub_rule_name(struct ab_scrub_rule *r, const struct ab_rule_names *names, const char *id,
		       struct ab_err *err)
{
	int index = names->category
			    ? index_of(categories, AB_ARRAY_SIZE(categories), names->category)
			    : -1;
	int severity = index_of(severities, AB_ARRAY_SIZE(severities),
				names->severity ? names->severity : "high");

	r->id = names->id;
	if (!r->id || !is_id(r->id))
		return ab_err_usage(err, "%s: expected 3 to 64 of a-z 0-9 . - _", id);
	if (index < 0)
		return ab_err_usage(err,
				    "category: not one of url code injection exfil pii secret");
	if (severity < 0)
		return ab_err_usage(err, "severity: not one of low medium high critical");
	if (names->action && ab_scrub_action_parse(names->action) < 0)
		return ab_err_usage(err, "action: not one of off log warn redact block");
	r->category = (enum ab_scrub_category)index;
	r->severity = (unsigned char)severity;
	r->action = names->action ? (enum ab_scrub_action)ab_scrub_action_parse(names->action)
				  : AB_SCRUB_BLOCK;
	r->rank = names->action ? AB_RANK_RULE : AB_RANK_NONE;
	return 0;
}

/* A rule's keys, in the order of the table of them. */
enum {
	ID,
	CATEGORY,
	SEVERITY,
	ACTION,
	DESCRIPTION,
	LITERALS,
	EXACT,
	RUN,
	MIN,
	MAX,
	THEN,
	PATTERN,
	MATCH,
	CAPTURE,
	BEFORE,
	WINDOW,
	CHECKS,
	ENTROPY,
	NEAR,
	STOP,
	VIEWS,
	SLOW,
	MENTION,
	EXAMPLES,
	KEYS
};

/* A rule that is being read: its file, and the nodes of its values. */
struct reader {
	struct ab_source *source;
	size_t values[KEYS];
	const char *where;
	struct ab_err *err;
};

static const char *text_of(const struct reader *in, int key)
{
	return ab_source_text(in->source, in->values[key]);
}

static bool is_true(const struct reader *in, int key)
{
	return in->values[key] && ab_source_type(in->source, in->values[key]) == JSON_TRUE;
}

static int load_names(struct ab_scrub_rule *r, const struct reader *in)
{
	struct ab_rule_names names = { text_of(in, ID), text_of(in, CATEGORY),
				       text_of(in, SEVERITY), text_of(in, ACTION) };

	r->description = text_of(in, DESCRIPTION);
	if (ab_scrub_rule_name(r, &names, "id", in->err) < 0)
		return ab_err_prefix(in->err, "%s/", in->where);
	return 0;
}

static int number_of(const struct reader *in, int key, const char *name, size_t otherwise,
		     size_t max, size_t *ret)
{
	long long value;

	*ret = otherwise;
	if (!in->values[key])
		return 0;
	if (!ab_source_integer(in->source, in->values[key], &value) || value < 0 ||
	    (unsigned long long)value > max)
		return ab_err_usage(in->err, "%s/%s: expected 0 to %zu", in->where, name, max);
	*ret = (size_t)value;
	return 0;
}

static int words_of(const struct reader *in, int key, const char *name, struct ab_words *ret)
{
	return ab_source_words(in->source, in->values[key], in->where, name, ret, in->err);
}

static int load_views(struct ab_scrub_rule *r, const struct reader *in)
{
	const struct ab_json_node *nodes = in->source->tape.nodes;
	size_t list = in->values[VIEWS], n = 0;

	r->views = list ? 0 : AB_VIEW_ALL;
	for (size_t i = list + 1; list && i < nodes[list].next; i = nodes[i].next, n++) {
		const char *name = ab_source_text(in->source, i);
		uint32_t kind = name ? ab_view_kind_named(name) : 0;

		if (!kind)
			return ab_err_usage(in->err, "%s/views/%zu: no such view", in->where, n);
		r->views |= kind;
	}
	if (list && !n)
		return ab_err_usage(in->err, "%s/views: expected at least one", in->where);
	return 0;
}

static int load_checks(struct ab_scrub_rule *r, const struct reader *in)
{
	const struct ab_json_node *nodes = in->source->tape.nodes;
	const char *match = text_of(in, MATCH);
	size_t list = in->values[CHECKS], n = 0;

	if (match && !(r->match = ab_scrub_match_named(match)))
		return ab_err_usage(in->err, "%s/match: no such matcher", in->where);
	if (list && nodes[list].count > AB_SCRUB_MAX_CHECKS)
		return ab_err_usage(in->err, "%s/checks: more than %d", in->where,
				    AB_SCRUB_MAX_CHECKS);
	for (size_t i = list + 1; list && i < nodes[list].next; i = nodes[i].next, n++) {
		const char *name = ab_source_text(in->source, i);

		r->checks[n] = name ? ab_scrub_check_named(name) : NULL;
		if (!r->checks[n])
			return ab_err_usage(in->err, "%s/checks/%zu: no such check", in->where, n);
	}
	return 0;
}

static int load_anchor(struct ab_scrub_rule *r, const struct reader *in)
{
	const char *run = text_of(in, RUN), *where = in->where;
	struct ab_err *err = in->err;

	r->slow = is_true(in, SLOW);
	r->exact = is_true(in, EXACT);
	r->mention = is_true(in, MENTION);
	if (in->values[THEN] && (!run || !r->then.n || r->then.n > AB_SCRUB_THEN))
		return ab_err_usage(err, "%s/then: expected 1 to %d texts, behind a run", where, AB_SCRUB_THEN);
	for (size_t i = 0; i < r->then.n; i++)
		if (strlen(ab_words_item(&r->then, i)) > AB_SCRUB_THEN_MAX)
			return ab_err_usage(err, "%s/then/%zu: expected 1 to %d bytes", where, i, AB_SCRUB_THEN_MAX);
	if (run && !(r->runs = ab_scrub_run_named(run)))
		return ab_err_usage(err, "%s/run: no such class of characters", where);
	if (!r->pattern && !r->match && !r->runs)
		return ab_err_usage(err, "%s: expected a pattern, a match or a run", where);
	if (r->pattern && r->match)
		return ab_err_usage(err, "%s: a pattern and a match", where);
	if (r->pattern && !*r->pattern)
		return ab_err_usage(err, "%s/pattern: expected a pattern", where);
	if (in->values[LITERALS] && !r->literals.n)
		return ab_err_usage(err, "%s/literals: expected at least one", where);
	if (!in->values[LITERALS] && !r->runs && !r->slow)
		return ab_err_usage(err,
				    "%s: no literals and no run to anchor it; mark it "
				    "\"slow\": true if that is meant",
				    where);
	if (r->slow && (!r->pattern || in->values[LITERALS] || r->runs))
		return ab_err_usage(err, "%s/slow: a slow rule has a pattern and no anchor", where);
	return 0;
}

static int load_gates(struct ab_scrub_rule *r, const struct reader *in)
{
	int entropy = in->values[ENTROPY] ? ab_source_type(in->source, in->values[ENTROPY]) : JSON_REAL;

	if (in->values[ENTROPY])
		r->entropy = ab_source_real(in->source, in->values[ENTROPY]);
	if ((entropy != JSON_REAL && entropy != JSON_INTEGER) || !(r->entropy >= 0 && r->entropy <= 8))
		return ab_err_usage(in->err, "%s/entropy: expected 0 to 8", in->where);
	if (number_of(in, CAPTURE, "capture", 0, 9, &r->capture) < 0 ||
	    number_of(in, BEFORE, "before", 0, AB_SCRUB_WINDOW, &r->before) < 0 ||
	    number_of(in, WINDOW, "window", AB_SCRUB_WINDOW, AB_SCRUB_WINDOW_MAX, &r->window) < 0 ||
	    number_of(in, MIN, "min", 0, 1u << 20, &r->run_min) < 0 ||
	    number_of(in, MAX, "max", 0, 1u << 20, &r->run_max) < 0 ||
	    words_of(in, LITERALS, "literals", &r->literals) < 0 || words_of(in, THEN, "then", &r->then) < 0 ||
	    words_of(in, STOP, "stop", &r->stop) < 0 || words_of(in, NEAR, "near", &r->near) < 0)
		return -1;
	if (!r->window)
		return ab_err_usage(in->err, "%s/window: expected 1 to %d", in->where, AB_SCRUB_WINDOW_MAX);
	return 0;
}

static int load_examples(struct ab_scrub_rule *r, const struct reader *in)
{
	static const struct ab_json_key keys[] = { { "hit", JSON_ARRAY, true },
						   { "miss", JSON_ARRAY, true },
						   { 0 } };
	size_t values[2];
	char at[128];

	/* A long path is cut: the place is for reading. */
	(void)snprintf(at, sizeof(at), "%s/examples", in->where);
	if (ab_source_keys(in->source, in->values[EXAMPLES], at, keys, values, in->err) < 0 ||
	    ab_source_words(in->source, values[0], in->where, "hit", &r->hit, in->err) < 0 ||
	    ab_source_words(in->source, values[1], in->where, "miss", &r->miss, in->err) < 0)
		return -1;
	if (!r->hit.n || !r->miss.n)
		return ab_err_usage(in->err, "%s: expected at least one hit and one miss", at);
	return 0;
}

/* Whether a hit inside a word can be passed over without asking the pattern. */
static bool starts_a_word(const struct ab_scrub_rule *r)
{
	if (!r->pattern || r->before || strncmp(r->pattern, "\\b", 2) != 0)
		return false;
	for (size_t i = 0; i < r->literals.n; i++)
		if (!isalnum((unsigned char)ab_words_item(&r->literals, i)[0]))
			return false;
	return true;
}

int ab_scrub_rule_load(struct ab_scrub_rule *r, struct ab_source *source, size_t node,
		       const char *where, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		[ID] = { "id", JSON_STRING, true },
		[CATEGORY] = { "category", JSON_STRING, true },
		[SEVERITY] = { "severity", JSON_STRING, false },
		[ACTION] = { "action", JSON_STRING, false },
		[DESCRIPTION] = { "description", JSON_STRING, false },
		[LITERALS] = { "literals", JSON_ARRAY, false },
		[EXACT] = { "exact", AB_JSON_BOOLEAN, false },
		[RUN] = { "run", JSON_STRING, false },
		[MIN] = { "min", JSON_INTEGER, false },
		[MAX] = { "max", JSON_INTEGER, false },
		[THEN] = { "then", AB_JSON_ANY, false },
		[PATTERN] = { "pattern", JSON_STRING, false },
		[MATCH] = { "match", JSON_STRING, false },
		[CAPTURE] = { "capture", JSON_INTEGER, false },
		[BEFORE] = { "before", JSON_INTEGER, false },
		[WINDOW] = { "window", JSON_INTEGER, false },
		[CHECKS] = { "checks", JSON_ARRAY, false },
		[ENTROPY] = { "entropy", AB_JSON_ANY, false },
		[NEAR] = { "near", JSON_ARRAY, false },
		[STOP] = { "stop", JSON_ARRAY, false },
		[VIEWS] = { "views", JSON_ARRAY, false },
		[SLOW] = { "slow", AB_JSON_BOOLEAN, false },
		[MENTION] = { "mention", AB_JSON_BOOLEAN, false },
		[EXAMPLES] = { "examples", JSON_OBJECT, true },
		[KEYS] = { 0 },
	};
	struct reader in = { .source = source, .where = where, .err = err };

	memset(r, 0, sizeof(*r)); /* between its members, too: an image is the same each time */
	if (ab_source_type(source, node) != JSON_OBJECT)
		return ab_err_usage(err, "%s: expected an object", where);
	if (ab_source_keys(source, node, where, keys, in.values, err) < 0)
		return -1;
	r->pattern = text_of(&in, PATTERN);
	if (load_examples(r, &in) < 0 || load_names(r, &in) < 0 || load_gates(r, &in) < 0 ||
	    load_views(r, &in) < 0 || load_checks(r, &in) < 0 || load_anchor(r, &in) < 0)
		return -1;
	r->starts_word = starts_a_word(r);
	r->ends_word = r->match == ab_scrub_match_domain;
	return 0;
}

int ab_scrub_rule_compile(struct ab_scrub_rule *r, struct ab_err *err)
{
	/* A pattern that only ever matches at its anchor is told so when it is compiled: told when
	 * it is matched, PCRE2 would leave its machine code and interpret. */
	unsigned flags = AB_REGEX_BYTES | AB_REGEX_SELDOM |
			 (r->exact ? 0 : AB_REGEX_CASELESS) |
			 (r->before || r->slow ? 0 : AB_REGEX_ANCHORED);

	if (r->regex || !r->pattern)
		return 0;
	r->regex = ab_regex_compile(r->pattern, strlen(r->pattern), flags, err);
	if (!r->regex)
		return ab_err_prefix(err, "rule %s: pattern: ", r->id);
	if (r->capture > ab_regex_groups(r->regex))
		return ab_err_usage(err, "rule %s: capture: the pattern has no group %zu", r->id, r->capture);
	return 0;
}

static void forget(struct ab_scrub_policy *p, struct ab_scrub_rule *r)
{
	ab_shape_free(r->shape);
	ab_regex_free(r->regex);
	r->shape = NULL;
	r->regex = NULL;
	p->made -= r->made;
	r->made = 0;
}

static void make_room(struct ab_scrub_policy *p, const struct ab_scrub_rule *keep)
{
	for (size_t i = 0; i < p->n; i++) {
		struct ab_scrub_rule *r = &p->rules[i];

		if (r != keep && r->made && !r->lately)
			forget(p, r);
		r->lately = false;
	}
}

void ab_scrub_rule_made(struct ab_scrub_policy *p, struct ab_scrub_rule *r)
{
	size_t made = (r->shape ? ab_shape_size(r->shape) : 0) + (r->regex ? ab_regex_size(r->regex) : 0);

	p->made += made - r->made;
	r->made = made;
	if (p->made <= AB_SCRUB_MADE)
		return;
	make_room(p, r);
	if (p->made > AB_SCRUB_MADE / 4 * 3) /* nearly all were asked */
		make_room(p, r);
	(void)malloc_trim(0); /* what was forgotten lies between what was not */
}
