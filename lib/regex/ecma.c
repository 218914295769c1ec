/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar: ECMA-262 section 22.2.1 with the u flag. Escapes and classes are in class.c. */
#include "lib/regex/ecma.h"

#include <string.h>

#include "lib/regex/parse.h"
#include "lib/regex/regex.h"

static uint32_t parse_disjunction(struct ab_ecma_parser *p);

void ab_ecma_free(struct ab_ecma *tree)
{
	free(tree->nodes);
	free(tree->ranges);
	free(tree->sets);
	ab_buf_free(&tree->properties);
	*tree = (struct ab_ecma){ 0 };
}

uint32_t ab_ecma_fail(struct ab_ecma_parser *p, const char *why)
{
	ab_err_usage(p->err, "bad pattern at %zu: %s", p->at, why);
	return 0;
}

uint32_t ab_ecma_new(struct ab_ecma_parser *p, enum ab_ecma_kind kind, uint32_t value)
{
	uint32_t node = ab_ecma_node(p->tree, kind);

	if (!node)
		ab_err_memory(p->err);
	else
		p->tree->nodes[node].value = value;
	return node;
}

bool ab_ecma_take(struct ab_ecma_parser *p, const char *text)
{
	size_t n = strlen(text);

	if (p->len - p->at < n || memcmp(p->text + p->at, text, n) != 0)
		return false;
	p->at += n;
	return true;
}

/* {n}, {n,}, {n,m} at p->at. 1: taken, 0: it is none, -1: error. */
static int parse_braces(struct ab_ecma_parser *p, uint32_t *min, uint32_t *max)
{
	size_t start = p->at++;

	if (!ab_ecma_number(p, min)) {
		p->at = start;
		return 0;
	}
	*max = *min;
	if (ab_ecma_take(p, ",") && !ab_ecma_number(p, max))
		*max = AB_ECMA_FOREVER;
	if (!ab_ecma_take(p, "}")) {
		p->at = start;
		return 0;
	}
	if (*max < *min) {
		(void)ab_ecma_fail(p, "numbers out of order in a quantifier");
		return -1;
	}
	return 1;
}

/* 1: a quantifier was taken, 0: there is none, -1: error. */
static int parse_quantifier(struct ab_ecma_parser *p, uint32_t *min, uint32_t *max)
{
	int taken = 1;

	*min = 0;
	*max = AB_ECMA_FOREVER;
	if (p->at >= p->len)
		return 0;
	switch (p->text[p->at]) {
	case '*':
		p->at++;
		break;
	case '+':
		p->at++;
		*min = 1;
		break;
	case '?':
		p->at++;
		*max = 1;
		break;
	case '{':
		taken = parse_braces(p, min, max);
		break;
	default:
		taken = 0;
	}
	return taken;
}

static uint32_t parse_look(struct ab_ecma_parser *p, enum ab_ecma_kind kind, bool negated)
{
	uint32_t child = parse_disjunction(p);
	uint32_t node = child ? ab_ecma_new(p, kind, 0) : 0;

	if (!node)
		return 0;
	if (!ab_ecma_take(p, ")"))
		return ab_ecma_fail(p, "missing )");
	p->tree->nodes[node].child = child;
	p->tree->nodes[node].negated = negated;
	p->tree->looks = true;
	return node;
}

static uint32_t parse_plain_group(struct ab_ecma_parser *p, uint32_t number)
{
	uint32_t child = parse_disjunction(p);
	uint32_t node = child ? ab_ecma_new(p, AB_ECMA_GROUP, number) : 0;

	if (!node)
		return 0;
	if (!ab_ecma_take(p, ")"))
		return ab_ecma_fail(p, "missing )");
	p->tree->nodes[node].child = child;
	return node;
}

/* Behind the opening parenthesis. */
static uint32_t parse_group(struct ab_ecma_parser *p)
{
	size_t name;

	if (ab_ecma_take(p, "?="))
		return parse_look(p, AB_ECMA_AHEAD, false);
	if (ab_ecma_take(p, "?!"))
		return parse_look(p, AB_ECMA_AHEAD, true);
	if (ab_ecma_take(p, "?<="))
		return parse_look(p, AB_ECMA_BEHIND, false);
	if (ab_ecma_take(p, "?<!"))
		return parse_look(p, AB_ECMA_BEHIND, true);
	if (ab_ecma_take(p, "?:"))
		return parse_plain_group(p, 0);
	if (ab_ecma_take(p, "?<")) {
		if (!ab_ecma_name(p, &name))
			return ab_ecma_fail(p, "bad group name");
	} else if (ab_ecma_take(p, "?")) {
		return ab_ecma_fail(p, "not a group of ECMA-262");
	}
	return parse_plain_group(p, ++p->tree->groups);
}

static uint32_t parse_dot(struct ab_ecma_parser *p)
{
	if (ab_ecma_set(p->tree, true) < 0 || ab_ecma_range(p->tree, '\n', '\n') < 0 ||
	    ab_ecma_range(p->tree, '\r', '\r') < 0 || ab_ecma_range(p->tree, 0x2028, 0x2029) < 0) {
		ab_err_memory(p->err);
		return 0;
	}
	return ab_ecma_new(p, AB_ECMA_SET, p->tree->n_sets - 1);
}

static uint32_t parse_nested(struct ab_ecma_parser *p)
{
	uint32_t node;

	if (p->depth >= AB_ECMA_DEPTH)
		return ab_ecma_fail(p, "groups nested too deep");
	p->depth++;
	node = parse_group(p);
	p->depth--;
	return node;
}

/* One atom or assertion at p->at, which is neither the end nor | nor ). */
static uint32_t parse_atom(struct ab_ecma_parser *p)
{
	uint32_t c;

	switch (p->text[p->at]) {
	case '^':
		p->at++;
		return ab_ecma_new(p, AB_ECMA_START, 0);
	case '$':
		p->at++;
		return ab_ecma_new(p, AB_ECMA_END, 0);
	case '.':
		p->at++;
		return parse_dot(p);
	case '(':
		p->at++;
		return parse_nested(p);
	case '[':
		p->at++;
		return ab_ecma_class(p);
	case '\\':
		p->at++;
		return ab_ecma_escape(p);
	case '*':
	case '+':
	case '?':
		return ab_ecma_fail(p, "nothing to repeat");
	case '{':
	case '}':
	case ']':
		if (p->strict)
			return ab_ecma_fail(p, "a lone bracket or brace");
		break;
	}
	if (!ab_ecma_char(p, &c))
		return ab_ecma_fail(p, "not UTF-8");
	return ab_ecma_new(p, AB_ECMA_CHAR, c);
}

static bool is_assertion(enum ab_ecma_kind kind)
{
	return kind == AB_ECMA_START || kind == AB_ECMA_END || kind == AB_ECMA_BOUNDARY ||
	       kind == AB_ECMA_AHEAD || kind == AB_ECMA_BEHIND;
}

/* An atom with its quantifier, if it has one. */
static uint32_t parse_term(struct ab_ecma_parser *p)
{
	uint32_t min, max, node, repeat;
	int quantified;

	if (p->text[p->at] == '{' && (quantified = parse_quantifier(p, &min, &max)) != 0)
		return quantified < 0 ? 0 : ab_ecma_fail(p, "nothing to repeat");
	node = parse_atom(p);
	quantified = node ? parse_quantifier(p, &min, &max) : -1;
	if (quantified <= 0)
		return quantified < 0 ? 0 : node;
	if (is_assertion(p->tree->nodes[node].kind))
		return ab_ecma_fail(p, "an assertion cannot be repeated");
	repeat = ab_ecma_new(p, AB_ECMA_REPEAT, 0);
	if (!repeat)
		return 0;
	p->tree->nodes[repeat].child = node;
	p->tree->nodes[repeat].min = min;
	p->tree->nodes[repeat].max = max;
	p->tree->nodes[repeat].lazy = ab_ecma_take(p, "?");
	return repeat;
}

static uint32_t parse_alternative(struct ab_ecma_parser *p)
{
	uint32_t cat = ab_ecma_new(p, AB_ECMA_CAT, 0), last = 0;

	while (cat && p->at < p->len && p->text[p->at] != '|' && p->text[p->at] != ')') {
		uint32_t term = parse_term(p);

		if (!term)
			return 0;
		if (last)
			p->tree->nodes[last].next = term;
		else
			p->tree->nodes[cat].child = term;
		last = term;
	}
	return cat;
}

static uint32_t parse_disjunction(struct ab_ecma_parser *p)
{
	uint32_t alt = ab_ecma_new(p, AB_ECMA_ALT, 0);
	uint32_t last = alt ? parse_alternative(p) : 0;

	if (!last)
		return 0;
	p->tree->nodes[alt].child = last;
	while (ab_ecma_take(p, "|")) {
		uint32_t more = parse_alternative(p);

		if (!more)
			return 0;
		p->tree->nodes[last].next = more;
		last = more;
	}
	return alt;
}

int ab_ecma_parse(struct ab_ecma *tree, const char *pattern, size_t len, bool strict,
		  struct ab_err *err)
{
	struct ab_ecma_parser p = {
		.tree = tree, .text = pattern, .len = len, .strict = strict, .err = err
	};

	*tree = (struct ab_ecma){ 0 };
	if (ab_ecma_groups(&p) == 0)
		tree->root = parse_disjunction(&p);
	if (tree->root && p.at < p.len) {
		(void)ab_ecma_fail(&p, "unmatched )");
		tree->root = 0;
	}
	ab_ecma_groups_free(&p);
	return tree->root ? 0 : -1;
}

int ab_regex_ecma_check(const char *pattern, size_t len, struct ab_err *err)
{
	ab_auto(ab_ecma_free) struct ab_ecma tree = { 0 };
	int status = ab_ecma_parse(&tree, pattern, len, true, err);

	/* The names of scripts are not the parser's to know. */
	if (status == 0 && tree.properties.len &&
	    !ab_property_known(tree.properties.data, tree.properties.len))
		return ab_err_no(err, "bad pattern: unknown property");
	if (status < 0 && err->status == AB_EXIT_USAGE)
		err->status = AB_EXIT_NO;
	return status;
}
