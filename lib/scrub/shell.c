/* SPDX-License-Identifier: Apache-2.0 */
/* Commands whose words a shell alone sees: cat${IFS}/etc/passwd, {cat,/etc/passwd}, c''at, c\at. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/scrub/norm.h"

#define LIST_MAX 240 /* bytes of a list in braces */

/* What a shell reads as a blank: $IFS, ${IFS}, with a parameter that is empty behind it. */
static size_t blank_at(const unsigned char *p, size_t len)
{
	size_t n = 0;

	if (len > 5 && strncasecmp((const char *)p, "${IFS", 5) == 0) {
		for (n = 5; n < len && n < 16 && p[n] != '}' && p[n] > ' ';)
			n++;
		n = n < len && p[n] == '}' ? n + 1 : 0;
	} else if (len > 4 && strncasecmp((const char *)p, "$IFS", 4) == 0 && !isalnum(p[4]) && p[4] != '_') {
		n = 4;
	}
	return n && len - n > 2 && p[n] == '$' && (isdigit(p[n + 1]) || strchr("@*", p[n + 1])) ? n + 2 : n;
}

/* Where a list of words in braces ends, of which the first is small letters; 0: there is none. */
static size_t list_at(const unsigned char *p, size_t len)
{
	size_t n = 1;

	if (p[0] != '{')
		return 0;
	while (n < len && islower(p[n]))
		n++;
	if (n < 3 || n > 12 || n >= len || p[n] != ',')
		return 0;
	while (n < len && n < LIST_MAX && p[n] > ' ' && p[n] != '}' && p[n] != '{')
		n++;
	return n < len && p[n] == '}' ? n + 1 : 0;
}

/* Adds the words of a list, with blanks between. */
static void put_list(struct ab_view *v, const unsigned char *text, size_t at, size_t end)
{
	for (size_t from = at + 1, to; from < end; from = to + 1) {
		for (to = from; to + 1 < end && text[to] != ',';)
			to++;
		ab_view_copy(v, text + from, from, to - from);
		if (to + 1 < end)
			ab_view_unit(v, " ", 1, to, 1);
	}
}

/* What a shell takes out from between letters: an empty string, a backslash. */
static size_t nothing_at(const unsigned char *p, size_t len, bool behind)
{
	if (!behind || len < 3)
		return 0;
	if (p[0] == '\\' && islower(p[1]))
		return 1;
	return (p[0] == '\'' || p[0] == '"') && p[1] == p[0] && islower(p[2]) ? 2 : 0;
}

/* Whether there is a blank or a list: most texts have neither, and are read quickly. */
static bool has_any(const unsigned char *text, size_t len)
{
	for (const unsigned char *p = text; (p = memchr(p, '$', len - (size_t)(p - text))); p++)
		if (blank_at(p, len - (size_t)(p - text)))
			return true;
	for (const unsigned char *p = text; (p = memchr(p, '{', len - (size_t)(p - text))); p++)
		if (list_at(p, len - (size_t)(p - text)))
			return true;
	return false;
}

void ab_shell_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t from = 0, n;

	for (size_t at = has_any(text, len) ? 0 : len; at < len; at += n ? n : 1) {
		size_t blank = text[at] == '$' ? blank_at(text + at, len - at) : 0;
		size_t list = text[at] == '{' ? list_at(text + at, len - at) : 0;
		size_t nothing = nothing_at(text + at, len - at, at && islower(text[at - 1]));

		n = blank + list + nothing; /* of which one is not 0 */
		if (!n)
			continue;
		ab_view_copy(v, text + from, from, at - from);
		if (blank)
			ab_view_unit(v, " ", 1, at, n);
		if (list)
			put_list(v, text, at, at + n);
		if (!nothing)
			v->kinds |= AB_VIEW_JOINED;
		from = at + n;
	}
	if (v->kinds)
		ab_view_copy(v, text + from, from, len - from);
}
