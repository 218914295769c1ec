/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>

#include "lib/scrub/seek.h"

/* Behind up to eight bytes of space at n (a backslash may be among them), and a comment in or behind it. */
static size_t skip_gap(const unsigned char *p, size_t len, size_t n, bool continued)
{
	for (int twice = 0; twice < 2; twice++) {
		const unsigned char *end;

		for (size_t from = n; n < len && n < from + 8 && (isspace(p[n]) || (continued && p[n] == '\\'));)
			n++;
		if (len - n < 4 || memcmp(p + n, "/*", 2) != 0)
			break;
		end = memmem(p + n + 2, len - n - 2 < 256 ? len - n - 2 : 256, "*/", 2);
		n = end ? (size_t)(end - p) + 2 : n;
	}
	return n;
}

/* Whether two quotes between these characters end one string and begin another: else they are an empty one. */
static bool is_seam(unsigned char before, unsigned char behind)
{
	/* Nor NUL, where the text begins or ends. */
	return !strchr("=([,{\n", before) && !strchr(",;)]}>\n\r", behind);
}

/* Between two quoted strings: what joins them in some language, in up to eight bytes of space or a comment. */
static size_t join_quotes(const unsigned char *p, size_t len, unsigned char before)
{
	static const char *const signs[] = { "+", "..", ".", "&", "||", "<>", "~", "++" };
	size_t n = skip_gap(p, len, 1, false), spaces = n - 1, found = 0;

	for (size_t i = 0; i < AB_ARRAY_SIZE(signs) && !found; i++)
		if (len - n > 2 && memcmp(p + n, signs[i], strlen(signs[i])) == 0)
			found = strlen(signs[i]);
	if (!found && !spaces && (n + 1 >= len || !is_seam(before, p[n + 1])))
		return 0;
	if (!found)
		return spaces <= 1 && p[0] == '"' && n < len && p[n] == '"' ? n + 1 : 0;
	n = skip_gap(p, len, n + found, true);
	return n < len && p[n] == p[0] ? n + 1 : 0;
}

/* A string in a string that is filled in: f"{'ht'}tp", `${"ht"}tp`; what opens it, and what ends it before
 * a letter or another one. */
static size_t join_braces(const unsigned char *p, size_t len)
{
	size_t n = p[0] == '$', at;

	if (len > n + 4 && p[n] == '{' && (p[n + 1] == '\'' || p[n + 1] == '"')) {
		for (at = n + 2; at < len && at < n + 50 && p[at] != p[n + 1] && p[at] >= ' ';)
			at++;
		return at + 1 < len && p[at] == p[n + 1] && p[at + 1] == '}' ? n + 2 : 0;
	}
	if (len > 2 && (p[0] == '\'' || p[0] == '"') && p[1] == '}')
		return isalnum(p[2]) || strchr("{$:/.-@", p[2]) ? 2 : 0;
	return 0;
}

/*
 * A comment, to its end. One that does not stand behind a letter and has another one in it stays: it is a text with
 * comments between its letters, which is hidden in a comment as a whole.
 */
static size_t join_comment(const unsigned char *p, size_t len, unsigned char before)
{
	const bool markup = p[0] == '<';
	const size_t opening = markup ? 4 : 2;
	const unsigned char *end;
	size_t body;

	if (len < 2 * opening || memcmp(p, markup ? "<!--" : "/*", opening) != 0)
		return 0;
	if (markup && p[4] == '#') /* an order to a server, which may have others in it */
		return 0;
	end = memmem(p + opening, len - opening < 256 ? len - opening : 256, markup ? "-->" : "*/", markup ? 3 : 2);
	if (!end)
		return 0;
	body = (size_t)(end - p) - opening;
	if (!isalnum(before) && (memmem(p + opening, body, "/*", 2) || memmem(p + opening, body, "<!--", 4)))
		return 0;
	return (size_t)(end - p) + (markup ? 3 : 2);
}

/* What stands at p and can be taken out from between letters: its length, 0 if it is nothing. */
static size_t join_at(const unsigned char *p, size_t len, unsigned char before)
{
	static const char *const plain[] = { "**", "<br>" };
	const unsigned char *end = NULL;
	size_t n;

	if ((n = join_braces(p, len)))
		return n;
	if (p[0] == '"' || p[0] == '\'')
		return join_quotes(p, len, before);
	for (size_t i = 0; i < AB_ARRAY_SIZE(plain); i++)
		if (p[0] == plain[i][0] && len > strlen(plain[i]) &&
		    memcmp(p, plain[i], strlen(plain[i])) == 0)
			return strlen(plain[i]);
	if ((p[0] == '/' || p[0] == '<') && (n = join_comment(p, len, before)))
		return n;
	if (len > 2 && p[0] == '<' && (isalpha(p[1]) || (p[1] == '/' && isalpha(p[2])))) {
		end = memchr(p, '>', len < 96 ? len : 96);
		/* "</doc<!-- -->ument>" is one tag with a comment in it, not another one; the same with one of C. */
		if (end && (memchr(p + 1, '<', (size_t)(end - p) - 1) || memmem(p + 1, (size_t)(end - p) - 1, "/*", 2)))
			return 0;
		return end ? (size_t)(end - p) + 1 : 0;
	}
	return 0;
}

/* The next of " ' * / < { $ */
static size_t next_sign(const unsigned char *text, size_t len, size_t at)
{
	size_t sign = ab_seek_sign(text, len, at, "\"'*/<", false);
	const unsigned char *brace = memchr(text + at, '{', sign - at);

	if (!brace)
		return sign;
	sign = (size_t)(brace - text);
	return sign > at && text[sign - 1] == '$' ? sign - 1 : sign;
}

void ab_joined_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while ((at = next_sign(text, len, at)) < len) {
		size_t n = join_at(text + at, len - at, at ? text[at - 1] : '\0');

		if (!n) {
			at++;
			continue;
		}
		ab_view_copy(v, text + from, from, at - from);
		v->kinds |= AB_VIEW_JOINED;
		at += n;
		from = at;
	}
	ab_view_copy(v, text + from, from, len - from);
}
