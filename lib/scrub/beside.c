/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/beside.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BEFORE 72 /* bytes that are read on either side */
#define BEHIND 40
#define NAME   24 /* bytes of what names an encoding */

static bool is_quote(unsigned char c)
{
	return c == '"' || c == '\'' || c == '`';
}

/* Whether the bytes name an encoding: base64, b64(b64), from hex. */
static bool names(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i + 2 < len + 1 && i < len; i++)
		if ((len - i > 1 && p[i] == '6' && p[i + 1] == '4') || (len - i > 2 && strncasecmp((const char *)p + i, "hex", 3) == 0))
			return true;
	return false;
}

/* Where a call's name begins of which the bracket ends at `to`; `to` if there is none. */
static size_t call_begin(const unsigned char *text, size_t lo, size_t to)
{
	size_t at = to - 1;

	while (at > lo && to - at < NAME && (isalnum(text[at - 1]) || text[at - 1] == '_' || text[at - 1] == '.'))
		at--;
	return at + 1 < to && isalpha(text[at]) ? at : to;
}

/* Where what names the encoding begins that ends at `to`: base64:, (from hex) */
static size_t name_begin(const unsigned char *text, size_t lo, size_t to)
{
	size_t end = to, at;

	while (end > lo && text[end - 1] == ' ')
		end--;
	if (end == lo || !strchr(":,)", text[end - 1]) || !text[end - 1])
		return to;
	for (at = end - 1; at > lo && end - at < NAME && (isalnum(text[at - 1]) || strchr("()-", text[at - 1])) && text[at - 1];)
		at--;
	/* In brackets there may be more words. */
	if (text[end - 1] == ')')
		while (at > lo && end - at < NAME && text[at] != '(' && (isalnum(text[at - 1]) || strchr(" (", text[at - 1])) && text[at - 1])
			at--;
	return names(text + at, end - at) ? at : to;
}

/* Leaves out what would decode the value. */
static void strip(struct ab_beside *b, const unsigned char *text, size_t hi)
{
	for (int calls = 0; calls < 3; calls++) {
		size_t to = b->to, quote = to > b->from && is_quote(text[to - 1]), at;

		if (to - quote == b->from)
			return;
		to -= quote;
		at = text[to - 1] == '(' ? call_begin(text, b->from, to) : name_begin(text, b->from, to);
		if (at == to)
			return;
		if (quote && b->next < hi && is_quote(text[b->next]))
			b->next++;
		if (text[to - 1] == '(' && b->next < hi && text[b->next] == ')')
			b->next++;
		b->to = at;
	}
}

bool ab_beside_read(struct ab_beside *ret, const unsigned char *text, size_t lo, size_t hi, size_t at, size_t stop)
{
	const unsigned char *end;
	size_t from = at - lo > BEFORE ? at - BEFORE : lo;
	const unsigned char *line = memrchr(text + from, '\n', at - from);

	if (line)
		from = (size_t)(line - text) + 1;
	/* Not in the middle of a word. */
	else if (from > lo)
		while (from < at && text[from - 1] > ' ')
			from++;
	while (stop < hi && text[stop] == '=')
		stop++;
	hi = hi - stop > BEHIND ? stop + BEHIND : hi;
	end = memchr(text + stop, '\n', hi - stop);
	hi = end ? (size_t)(end - text) : hi;
	while (hi > stop && (text[hi] & 0xc0) == 0x80)
		hi--;
	*ret = (struct ab_beside){ from, at, stop, hi };
	strip(ret, text, hi);
	return ret->to > ret->from || ret->end > ret->next;
}
