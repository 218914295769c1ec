/* SPDX-License-Identifier: Apache-2.0 */
/* A value in a column whose heading says what it holds: CSV and its kin, Markdown, rows of SQL. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/scrub/match.h"

#define LINE  300 /* bytes of a heading, at most */
#define ROWS  2	  /* rows that are looked at */
#define CELL  200
#define LEAST 6

static bool in(const char *set, unsigned char c)
{
	return c && strchr(set, c);
}

/* The sign beside the heading's cell that parts cells, past quotes and blanks; 0: none. */
static unsigned char sign_beside(const struct ab_scrub_place *p, size_t at, bool back, bool *edge)
{
	for (size_t n = 0; n < 24; n++) {
		if (back ? at == p->lo : at == p->hi) {
			*edge = true;
			return 0;
		}
		unsigned char c = back ? p->text[at - 1] : p->text[at];

		if (in(",;\t|", c))
			return c;
		if (c == '\n' || c == '(' || c == ')' || c == '\r') {
			*edge = true;
			return 0;
		}
		if (!in(" \"'`[]", c) && !isalnum(c) && c != '_' && c != '-' && c != '.')
			return 0;
		at = back ? at - 1 : at + 1;
	}
	return 0;
}

/* Whether [a, b) is made of names, and no row of values or line of code. */
static bool is_heading(const struct ab_scrub_place *p, size_t a, size_t b, unsigned char sign)
{
	size_t cell = 0;

	for (; a < b; a++) {
		unsigned char c = p->text[a];

		cell = c == sign ? 0 : cell + 1;
		if (c != sign && !isalnum(c) && c < 0x80 && !in(" _-.\"'`[]\r|/#", c))
			return false;
		if (cell > 40)
			return false;
	}
	return true;
}

/* Where what begins behind the sign before `at` begins; SIZE_MAX: there is no sign in reach, nor the text's start. */
static size_t begin_of(const struct ab_scrub_place *p, size_t at, int sign)
{
	size_t reach = at - p->lo > LINE ? LINE : at - p->lo;
	const unsigned char *found = memrchr(p->text + at - reach, sign, reach);

	if (found)
		return (size_t)(found - p->text) + 1;
	return reach == at - p->lo && sign == '\n' ? p->lo : SIZE_MAX;
}

/* Where the sign stands that ends it, or the text does; SIZE_MAX: not in reach. */
static size_t end_of(const struct ab_scrub_place *p, size_t at, int sign)
{
	size_t reach = p->hi - at > LINE ? LINE : p->hi - at;
	const unsigned char *found = memchr(p->text + at, sign, reach);

	if (found)
		return (size_t)(found - p->text);
	return reach == p->hi - at ? p->hi : SIZE_MAX;
}

static size_t signs_in(const struct ab_scrub_place *p, size_t a, size_t b, unsigned char sign)
{
	size_t n = 0;

	for (; a < b; a++)
		n += p->text[a] == sign;
	return n;
}

/* The cell behind `skip` signs of the row [a, b), quotes off; false: there is none. */
static bool cell_of(const struct ab_scrub_place *p, size_t a, size_t b, unsigned char sign, size_t skip,
		    size_t *start, size_t *end)
{
	unsigned char quote = 0;
	size_t at = a;

	for (; at < b && skip; at++) {
		unsigned char c = p->text[at];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if ((c == '"' || c == '\'') && (at == a || in(" ,;\t|(", p->text[at - 1])))
			quote = c;
		else
			skip -= c == sign;
	}
	while (at < b && in(" \t\r", p->text[at]) && p->text[at] != sign)
		at++;
	if (skip || at >= b)
		return false;
	if (in("\"'`", p->text[at])) {
		quote = p->text[at++];
		for (*start = *end = at; *end < b && p->text[*end] != quote;)
			++*end;
		return *end < b;
	}
	for (*start = *end = at; *end < b && p->text[*end] != sign && !in(" \t\r\n)", p->text[*end]);)
		++*end;
	return true;
}

/* Letters with digits among them or with a sign, in one word: no name, and none with a number behind it. */
static bool is_value(const unsigned char *v, size_t len)
{
	size_t digits = 0, letters = 0, signs = 0, changes = 0;

	if (len < LEAST || len > CELL)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (v[i] <= ' ' || in("()<>{}", v[i]))
			return false;
		digits += isdigit(v[i]) != 0;
		letters += isalpha(v[i]) != 0;
		signs += in("!@#$%^&*?+~", v[i]);
		changes += i && !isdigit(v[i]) != !isdigit(v[i - 1]);
	}
	return letters && ((digits && signs) || (digits > 1 && changes > 1));
}

static bool is_rule(const struct ab_scrub_place *p, size_t a, size_t b)
{
	for (; a < b; a++)
		if (!in("|-:+= \t\r", p->text[a]))
			return false;
	return true;
}

/* (name, password) VALUES ('anna', '...') */
static bool match_sql(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t a = begin_of(p, p->at, '('), b, at, stop;

	if (a == SIZE_MAX || (b = end_of(p, p->end, ')')) >= p->hi || !is_heading(p, a, b, ','))
		return false;
	at = b;
	for (at++; at < p->hi && in(" \t\r\n", p->text[at]); at++)
		;
	if (p->hi - at < 8 || strncasecmp((const char *)p->text + at, "values", 6) != 0)
		return false;
	for (at += 6; at < p->hi && in(" \t\r\n(", p->text[at]); at++)
		;
	stop = end_of(p, at, '\n');
	return stop != SIZE_MAX && cell_of(p, at, stop, ',', signs_in(p, a, p->at, ','), start, end) &&
	       is_value(p->text + *start, *end - *start);
}

static bool match_lines(const struct ab_scrub_place *p, unsigned char sign, size_t *start, size_t *end)
{
	size_t a = begin_of(p, p->at, '\n'), b = end_of(p, p->end, '\n'), n, skip, at = b;

	/* A line of code ends in a comma. */
	if (a == SIZE_MAX || b >= p->hi || (sign != '|' && b > a && p->text[b - 1] == sign) || !is_heading(p, a, b, sign))
		return false;
	n = signs_in(p, a, b, sign);
	skip = signs_in(p, a, p->at, sign);
	for (size_t row = 0; row < ROWS && at < p->hi && p->text[at] == '\n'; row++) {
		size_t from = at + 1;

		at = end_of(p, from, '\n');
		if (at == SIZE_MAX)
			return false;
		if (is_rule(p, from, at))
			continue;
		if (signs_in(p, from, at, sign) < n)
			return false;
		if (cell_of(p, from, at, sign, skip, start, end) && is_value(p->text + *start, *end - *start))
			return true;
	}
	return false;
}

/* The anchor is the heading, or a part of it. */
bool ab_scrub_match_column(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	bool first = false, last = false;
	unsigned char before = sign_beside(p, p->at, true, &first), behind;

	if (!before && !first)
		return false;
	behind = sign_beside(p, p->end, false, &last);
	if ((!behind && !last) || (before && behind && before != behind) || (!before && !behind))
		return false;
	if ((before ? before : behind) == ',' && match_sql(p, start, end))
		return true;
	return match_lines(p, before ? before : behind, start, end);
}
