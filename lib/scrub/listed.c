/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that are put together from a list: ["ab","cd"].join(""), "".join(["ab", "cd"]). */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/norm.h"

#define LIST_MAX 2048 /* bytes of one */
/* What is read of lists that are none costs time: of it there is so much a byte of the text. */
#define PATIENCE 8

static bool is_quote(unsigned char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static size_t skip_space(const unsigned char *p, size_t len, size_t n)
{
	while (n < len && isspace(p[n]))
		n++;
	return n;
}

/* The next string from n on, its content [*at, *end); behind it, 0: there is none. */
static size_t next_string(const unsigned char *p, size_t len, size_t n, size_t *at, size_t *end)
{
	unsigned char quote;

	n = skip_space(p, len, n);
	if (n >= len || !is_quote(p[n]))
		return 0;
	quote = p[n];
	/* A quote in it is none that a comma or the list's end stands behind. */
	for (*at = ++n; n < len && p[n] != '\n'; n++) {
		size_t next = p[n] == quote ? skip_space(p, len, n + 1) : len;

		if (next < len && (p[next] == ',' || p[next] == ']')) {
			*end = n;
			return n + 1;
		}
	}
	return 0;
}

/* Where the list of two or more strings ends that the bracket at p begins, behind its own bracket; 0: it is none. */
static size_t list_end(const unsigned char *p, size_t len, size_t *budget)
{
	size_t n = 1, at, end, last, strings = 0;

	len = len < LIST_MAX ? len : LIST_MAX;
	len = len < *budget ? len : *budget;
	last = skip_space(p, len, 1);
	if (last >= len || !is_quote(p[last]))
		return 0;
	while ((n = next_string(p, len, n, &at, &end))) {
		strings++;
		last = n = skip_space(p, len, n);
		if (n >= len || p[n] != ',')
			break;
		n++;
	}
	/* A string without an end was read as far as may be. */
	*budget -= n ? last : len;
	return n && n < len && p[n] == ']' && strings > 1 ? n + 1 : 0;
}

/* Behind a call that joins with nothing between: .join("") */
static size_t join_end(const unsigned char *p, size_t len)
{
	if (len < 9 || memcmp(p, ".join(", 6) != 0 || !is_quote(p[6]) || p[7] != p[6] || p[8] != ')')
		return 0;
	return 9;
}

void ab_listed_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t from = 0, budget = PATIENCE * len + LIST_MAX;

	for (size_t at = 0; at < len && budget; at++) {
		const unsigned char *open = memchr(text + at, '[', len - at);
		size_t end, stop, n, a, b, before;

		if (!open)
			break;
		at = (size_t)(open - text);
		end = list_end(open, len - at, &budget);
		if (!end)
			continue;
		stop = at + end + join_end(open + end, len - at - end);
		before = at;
		if (stop == at + end && at >= from + 8 && memcmp(open - 6, ".join(", 6) == 0 && is_quote(open[-7]) && open[-8] == open[-7] &&
		    stop < len && text[stop] == ')') {
			before = at - 8;
			stop++;
		} else if (stop == at + end) {
			continue;
		}
		ab_view_copy(v, text + from, from, before - from);
		for (n = 1; (n = next_string(open, end, n, &a, &b)); n = skip_space(open, end, n) + 1)
			ab_view_copy(v, open + a, at + a, b - a);
		v->kinds |= AB_VIEW_JOINED;
		from = stop;
		at = stop - 1;
	}
	if (v->kinds)
		ab_view_copy(v, text + from, from, len - from);
}
