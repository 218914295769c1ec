/* SPDX-License-Identifier: Apache-2.0 */
/* What a classifier prints: strict NDJSON, of which a line that is wrong makes all of it wrong. */
#include "lib/scrub/claim.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/json/json.h"

#define COVERED 64 /* each span is hashed: what they cost stays in proportion to the document */

static const char exec_path[] = "exec";

struct claim {
	struct ab_scrub_rule rule; /* id, category, severity and action; nothing else */
	size_t start, end;
};

struct ab_scrub_claims {
	struct claim *items;
	size_t n, capacity;
	uint64_t covered; /* bytes of all spans together */
	json_t *lines;	  /* what the strings of the rules point into */
};

void ab_scrub_claims_free(struct ab_scrub_claims *c)
{
	if (!c)
		return;
	free(c->items);
	json_decref(c->lines);
	free(c);
}

/* The report's keys; of those that stand without a type here ab-scrub makes its own. */
static bool is_key(const char *key)
{
	static const char *const keys[] = { "rule", "category", "severity", "action",	  "start",
					    "end",  "line",	"column",   "record",	  "pointer",
					    "key",  "path",	"preview",  "fingerprint" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static int take_span(struct claim *c, const json_t *json, size_t size, struct ab_err *err)
{
	const json_t *start = json_object_get(json, "start"), *end = json_object_get(json, "end");

	c->end = size;
	if (!start && !end)
		return 0;
	if (!json_is_integer(start) || !json_is_integer(end))
		return ab_err_trouble(err, "expected start and end to be two integers");
	if (json_integer_value(start) < 0 || json_integer_value(end) <= json_integer_value(start) ||
	    (uint64_t)json_integer_value(end) > size)
		return ab_err_trouble(err,
				      "start and end: expected 0 <= start < end <= %zu, the size "
				      "of the document",
				      size);
	c->start = (size_t)json_integer_value(start);
	c->end = (size_t)json_integer_value(end);
	return 0;
}

/* A claim in the name of a rule of the policy is one of its findings, not another kind of them. */
static int take_policy_rule(struct claim *c, const struct ab_scrub_policy *p, struct ab_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->rules[i].id, c->rule.id) != 0)
			continue;
		if (p->rules[i].category != c->rule.category)
			return ab_err_trouble(err,
					      "category: a rule of the policy has that name and "
					      "another category");
		c->rule.severity = p->rules[i].severity;
		break;
	}
	return 0;
}

/* NULL: absent; "": no string. */
static const char *text_of(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	return value && !json_is_string(value) ? "" : json_string_value(value);
}

static int take(struct claim *c, const json_t *json, const struct ab_scrub_policy *p, size_t size,
		struct ab_err *err)
{
	struct ab_rule_names names = { text_of(json, "rule"), text_of(json, "category"),
				       text_of(json, "severity"), text_of(json, "action") };
	const char *key;
	json_t *value;

	if (!json_is_object(json))
		return ab_err_trouble(err, "expected a JSON object");
	json_object_foreach((json_t *)json, key, value) if (!is_key(key)) return ab_err_trouble(
		err, "a key that no finding has");
	if (ab_scrub_rule_name(&c->rule, &names, "rule", err) < 0) {
		err->status = AB_EXIT_TROUBLE;
		return -1;
	}
	if (c->rule.action == AB_SCRUB_OFF)
		return ab_err_trouble(err, "action: not one of log warn redact block");
	return take_policy_rule(c, p, err) < 0 ? -1 : take_span(c, json, size, err);
}

static int add(struct ab_scrub_claims *c, const struct claim *claim, uint64_t most,
	       struct ab_err *err)
{
	if (c->n >= AB_SCRUB_MAX_FINDINGS)
		return ab_err_trouble(err, "more than %d findings", AB_SCRUB_MAX_FINDINGS);
	c->covered += claim->end - claim->start;
	if (c->covered > most)
		return ab_err_trouble(err, "the findings cover the document more than %d times",
				      COVERED);
	if (c->n == c->capacity) {
		size_t capacity = c->capacity ? c->capacity * 2 : 16;
		struct claim *items = realloc(c->items, capacity * sizeof(*items));

		if (!items)
			return ab_err_memory(err);
		c->items = items;
		c->capacity = capacity;
	}
	c->items[c->n++] = *claim;
	return 0;
}

static int read_line(struct ab_scrub_claims *c, const struct ab_scrub_policy *p, const char *text,
		     size_t len, size_t size, struct ab_err *err)
{
	struct claim claim = { 0 };
	struct ab_err syntax = { 0 };
	json_t *json = ab_json_load("", text, len, &syntax);

	/* The reader's message would show a part of the line, which may be one of the document. */
	if (!json)
		return ab_err_trouble(err, "expected a JSON object");
	if (json_array_append_new(c->lines, json) < 0)
		return ab_err_memory(err);
	return take(&claim, json, p, size, err) < 0
		       ? -1
		       : add(c, &claim, COVERED * (uint64_t)size + (1u << 20), err);
}

struct ab_scrub_claims *ab_scrub_claims_read(const struct ab_scrub_policy *policy, const char *text,
					     size_t len, size_t size, struct ab_err *err)
{
	struct ab_scrub_claims *c = calloc(1, sizeof(*c));
	size_t number = 1;

	if (!c || !(c->lines = json_array())) {
		ab_err_memory(err);
		goto failed;
	}
	for (size_t at = 0; at < len; number++) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t n = newline ? (size_t)(newline - text) - at : len - at;

		if (read_line(c, policy, text + at, n, size, err) < 0) {
			ab_err_prefix(err, "line %zu: ", number);
			goto failed;
		}
		at += n + 1;
	}
	return c;
failed:
	ab_scrub_claims_free(c);
	return NULL;
}

bool ab_claim_is(const struct ab_scrub_finding *f)
{
	return f->path == exec_path;
}

/* Where the character begins that the byte at `at` is in the middle of; `at`: of none. */
static size_t char_at(const struct ab_view *text, size_t at, size_t *ret_end)
{
	*ret_end = at;
	for (size_t back = 1; back < 4 && back <= at; back++) {
		uint32_t c;
		size_t n = ab_utf8_decode(text->text + at - back, text->size - (at - back), &c);

		if (n <= back)
			continue;
		*ret_end = at - back + n;
		return at - back;
	}
	return at;
}

int ab_claims_add(struct ab_scan *s, const struct ab_scrub_claims *claims,
		  const struct ab_view *root)
{
	for (size_t i = 0; i < claims->n && !s->stopped; i++) {
		const struct claim *c = &claims->items[i];
		size_t n = s->result->n, start = c->start, end = c->end, other;

		if (!s->result->is_json) {
			start = char_at(root, start, &other);
			if (end < root->size)
				(void)char_at(root, end, &end);
		}
		if (ab_scan_add(s, root, &c->rule, start, end) < 0)
			return -1;
		if (s->result->n > n && !s->stopped)
			s->result->findings[n].path = exec_path;
	}
	return 0;
}

/* How long the escape or character at p is. */
static size_t unit_at(const unsigned char *p, const unsigned char *end)
{
	size_t n = 1;

	if (*p == '\\') {
		n = p + 1 < end && p[1] == 'u' ? 6 : 2;
		/* Two escapes of surrogates are one character. */
		if (n == 6 && end - p >= 12 && (p[2] | 0x20) == 'd' && strchr("89abAB", p[3]) &&
		    p[6] == '\\')
			n = 12;
		return n;
	}
	while (p + n < end && (p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

void ab_claim_widen(struct ab_scrub_finding *f, const unsigned char *text, size_t lo, size_t hi)
{
	size_t start = f->start, end = f->end;

	if (!ab_claim_is(f))
		return;
	for (size_t at = lo, next; at < hi && at < end; at = next) {
		next = at + unit_at(text + at, text + hi);
		if (at <= start && start < next)
			f->start = at;
		if (at < end && end < next)
			f->end = next;
	}
}
