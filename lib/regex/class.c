/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes and character classes. */
#include <string.h>

#include "lib/regex/parse.h"

#define SURROGATE_FIRST 0xd800u
#define SURROGATE_LOW	0xdc00u
#define SURROGATE_LAST	0xdfffu

/* What one atom of a class, or one escape, turned out to be. */
enum found { FOUND_ERROR, FOUND_CHAR, FOUND_SET };

static bool parse_hex(struct ab_ecma_parser *p, size_t digits, uint32_t *ret)
{
	uint32_t n = 0;

	if (p->len - p->at < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		unsigned char c = (unsigned char)p->text[p->at + i], lower = c | 0x20;

		if (c >= '0' && c <= '9')
			n = n * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			n = n * 16 + (lower - 'a') + 10;
		else
			return false;
	}
	p->at += digits;
	*ret = n;
	return true;
}

/* \u{...} behind the brace. */
static bool parse_braced(struct ab_ecma_parser *p, uint32_t *ret)
{
	uint32_t n = 0, digit;
	size_t start = p->at;

	while (n <= AB_ECMA_LAST && parse_hex(p, 1, &digit))
		n = n * 16 + digit;
	*ret = n;
	return p->at > start && n <= AB_ECMA_LAST && ab_ecma_take(p, "}");
}

/* Behind \u. A pair of surrogates is one code point. */
static bool parse_unicode(struct ab_ecma_parser *p, uint32_t *ret)
{
	size_t back;
	uint32_t low;

	if (ab_ecma_take(p, "{"))
		return parse_braced(p, ret);
	if (!parse_hex(p, 4, ret))
		return false;
	if (*ret < SURROGATE_FIRST || *ret >= SURROGATE_LOW)
		return true;
	back = p->at;
	if (ab_ecma_take(p, "\\u") && parse_hex(p, 4, &low) && low >= SURROGATE_LOW &&
	    low <= SURROGATE_LAST)
		*ret = 0x10000 + ((*ret - SURROGATE_FIRST) << 10) + (low - SURROGATE_LOW);
	else
		p->at = back;
	return true;
}

/* Behind \p or \P: adds to the last set. */
static bool parse_property(struct ab_ecma_parser *p, bool negated)
{
	size_t start = p->at + 1;
	const char *end = NULL;

	if (ab_ecma_take(p, "{"))
		end = memchr(p->text + start, '}', p->len - start);
	if (!end) {
		(void)ab_ecma_fail(p, "\\p needs {a property}");
		return false;
	}
	p->at = (size_t)(end - p->text) + 1;
	if (ab_ecma_property(p->tree, p->text + start, p->at - 1 - start, negated) < 0) {
		(void)ab_ecma_fail(p, "no property of that name");
		return false;
	}
	return true;
}

static bool parse_control(struct ab_ecma_parser *p, uint32_t *ret)
{
	unsigned char c = p->at < p->len ? (unsigned char)p->text[p->at] : 0;

	if ((c | 0x20) < 'a' || (c | 0x20) > 'z')
		return false;
	p->at++;
	*ret = c & 31;
	return true;
}

/* Characters that may be escaped to stand for themselves: u-mode has SyntaxCharacter and /. */
static bool is_identity(const struct ab_ecma_parser *p, unsigned char c, bool in_class)
{
	if (strchr("^$\\.*+?()[]{}|/", c) || (in_class && c == '-'))
		return c != 0;
	if (p->strict || c >= 0x7f || c < ' ')
		return false;
	return !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9');
}

/* Behind `\`: an escape that stands for one character. */
static bool parse_char_escape(struct ab_ecma_parser *p, bool in_class, uint32_t *ret)
{
	static const char controls[] = "t\tn\nv\vf\fr\r";
	unsigned char c = p->at < p->len ? (unsigned char)p->text[p->at] : 0;
	const char *control = (c | 0x20) >= 'a' ? strchr(controls, c) : NULL;

	if (p->at >= p->len)
		return false;
	p->at++;
	if (control) {
		*ret = (unsigned char)control[1];
		return true;
	}
	if (c == '0') {
		*ret = 0;
		return p->at >= p->len || p->text[p->at] < '0' || p->text[p->at] > '9';
	}
	if (c == 'c')
		return parse_control(p, ret);
	if (c == 'x')
		return parse_hex(p, 2, ret);
	if (c == 'u')
		return parse_unicode(p, ret);
	*ret = in_class && c == 'b' ? '\b' : c;
	return (in_class && c == 'b') || is_identity(p, c, in_class);
}

/* Behind `\`: a shorthand or property goes into the last set. */
static enum found parse_class_escape(struct ab_ecma_parser *p, uint32_t *ret)
{
	char c = p->at < p->len ? p->text[p->at] : '\0';

	if (c && strchr("dDsSwW", c)) {
		p->at++;
		if (ab_ecma_shorthand(p->tree, c) == 0)
			return FOUND_SET;
		ab_err_memory(p->err);
		return FOUND_ERROR;
	}
	if (c == 'p' || c == 'P') {
		p->at++;
		return parse_property(p, c == 'P') ? FOUND_SET : FOUND_ERROR;
	}
	if (parse_char_escape(p, true, ret))
		return FOUND_CHAR;
	(void)ab_ecma_fail(p, "bad escape in a class");
	return FOUND_ERROR;
}

static enum found parse_class_atom(struct ab_ecma_parser *p, uint32_t *ret)
{
	if (p->at >= p->len) {
		(void)ab_ecma_fail(p, "missing ]");
		return FOUND_ERROR;
	}
	if (ab_ecma_take(p, "\\"))
		return parse_class_escape(p, ret);
	if (ab_ecma_char(p, ret))
		return FOUND_CHAR;
	(void)ab_ecma_fail(p, "not UTF-8");
	return FOUND_ERROR;
}

static bool add_range(struct ab_ecma_parser *p, uint32_t first, uint32_t last)
{
	if (ab_ecma_range(p->tree, first, last) == 0)
		return true;
	ab_err_memory(p->err);
	return false;
}

/* One atom of a class, or a range of two. */
static bool parse_class_range(struct ab_ecma_parser *p)
{
	uint32_t first = 0, last = 0;
	enum found a = parse_class_atom(p, &first), b;

	if (a == FOUND_ERROR)
		return false;
	if (p->len - p->at < 2 || p->text[p->at] != '-' || p->text[p->at + 1] == ']')
		return a == FOUND_SET || add_range(p, first, first);
	p->at++;
	b = parse_class_atom(p, &last);
	if (b == FOUND_ERROR)
		return false;
	if (a == FOUND_CHAR && b == FOUND_CHAR) {
		if (last < first)
			return ab_ecma_fail(p, "range out of order in a class");
		return add_range(p, first, last);
	}
	if (p->strict)
		return ab_ecma_fail(p, "a range needs two characters");
	return add_range(p, '-', '-') && (a == FOUND_SET || add_range(p, first, first)) &&
	       (b == FOUND_SET || add_range(p, last, last));
}

uint32_t ab_ecma_class(struct ab_ecma_parser *p)
{
	bool negated = ab_ecma_take(p, "^");
	uint32_t set = p->tree->n_sets;

	if (ab_ecma_set(p->tree, negated) < 0) {
		ab_err_memory(p->err);
		return 0;
	}
	while (!ab_ecma_take(p, "]"))
		if (!parse_class_range(p))
			return 0;
	return ab_ecma_new(p, AB_ECMA_SET, set);
}

static uint32_t parse_named_reference(struct ab_ecma_parser *p)
{
	size_t start, len;

	if (!ab_ecma_take(p, "k<"))
		return ab_ecma_fail(p, "\\k needs <a name>");
	start = p->at;
	if (!ab_ecma_name(p, &len))
		return ab_ecma_fail(p, "bad group name");
	p->tree->backrefs = true;
	for (size_t i = 0; i < p->n_names; i++)
		if (p->names[i].len == len &&
		    memcmp(p->text + p->names[i].at, p->text + start, len) == 0)
			return ab_ecma_new(p, AB_ECMA_BACKREF, p->names[i].group);
	return ab_ecma_fail(p, "no group of that name");
}

static uint32_t parse_reference(struct ab_ecma_parser *p)
{
	uint32_t n;

	(void)ab_ecma_number(p, &n);
	if (n > p->total)
		return ab_ecma_fail(p, "no group of that number");
	p->tree->backrefs = true;
	return ab_ecma_new(p, AB_ECMA_BACKREF, n);
}

static uint32_t parse_boundary(struct ab_ecma_parser *p, bool negated)
{
	uint32_t node = ab_ecma_new(p, AB_ECMA_BOUNDARY, 0);

	p->at++;
	if (node)
		p->tree->nodes[node].negated = negated;
	return node;
}

uint32_t ab_ecma_escape(struct ab_ecma_parser *p)
{
	char c = p->at < p->len ? p->text[p->at] : '\0';
	uint32_t value;

	if (c == 'b' || c == 'B')
		return parse_boundary(p, c == 'B');
	if (c == 'k')
		return parse_named_reference(p);
	if (c >= '1' && c <= '9')
		return parse_reference(p);
	if (c && strchr("dDsSwWpP", c)) {
		if (ab_ecma_set(p->tree, false) < 0)
			ab_err_memory(p->err);
		else if (parse_class_escape(p, &value) == FOUND_SET)
			return ab_ecma_new(p, AB_ECMA_SET, p->tree->n_sets - 1);
		return 0;
	}
	if (!parse_char_escape(p, false, &value))
		return ab_ecma_fail(p, "bad escape");
	return ab_ecma_new(p, AB_ECMA_CHAR, value);
}
