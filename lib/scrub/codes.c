/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts whose letters are written as U+0068, as =68 (quoted-printable, RFC 2045), or as strings of a letter or two
 * in a list: two steps of a decoder that reads several of them in a row and leaves a single one as it is.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/hex.h"
#include "lib/scrub/norm.h"

#define CODES_MIN 4 /* in a row */

static size_t read_hex(const unsigned char *p, size_t len, size_t least, size_t most, uint32_t *ret)
{
	size_t n = 0;

	for (*ret = 0; n < len && n < most && isxdigit(p[n]); n++)
		*ret = *ret << 4 | (uint32_t)ab_hex_value(p[n]);
	return n >= least ? n : 0;
}

/* U+ and four to six digits, and what parts it from the next. */
static size_t read_point(const unsigned char *p, size_t len, uint32_t *ret, size_t *gap)
{
	size_t n;

	if (len < 6 || (p[0] | 0x20) != 'u' || p[1] != '+' || !(n = read_hex(p + 2, len - 2, 4, 6, ret)))
		return 0;
	n += 2;
	for (*gap = 0; *gap < 2 && n + *gap < len && strchr(" ,;", p[n + *gap]) && p[n + *gap];)
		++*gap;
	return n;
}

/* = and two digits, and a line's end that is none. */
static size_t read_quoted(const unsigned char *p, size_t len, uint32_t *ret, size_t *gap)
{
	if (len < 3 || p[0] != '=' || !read_hex(p + 1, 2, 2, 2, ret))
		return 0;
	*gap = len > 4 && p[3] == '=' && p[4] == '\n' ? 2 : len > 5 && memcmp(p + 3, "=\r\n", 3) == 0 ? 3 : 0;
	return 3;
}

/* A string of up to four characters and a comma behind it. */
static size_t read_string(const unsigned char *p, size_t len, uint32_t *ret, size_t *gap)
{
	size_t n = 1;

	if (p[0] != '"' && p[0] != '\'')
		return 0;
	while (n < len && n < 6 && p[n] != p[0] && p[n] >= ' ' && p[n] < 0x7f && p[n] != '\\')
		n++;
	if (n < 2 || n > 5 || n >= len || p[n] != p[0])
		return 0;
	*ret = p[1];
	for (*gap = 0, n++; *gap < 3 && n + *gap < len && strchr(", ", p[n + *gap]) && p[n + *gap];)
		++*gap;
	return n;
}

typedef size_t read_fn(const unsigned char *p, size_t len, uint32_t *ret, size_t *gap);

/* Adds what the run of codes at `at` spells; where it ends, `at` if it is too short. */
static size_t put_run(struct ab_view *v, const unsigned char *text, size_t len, size_t at, read_fn *read)
{
	size_t n, gap = 0, end = at, count = 0;
	uint32_t c;

	for (size_t i = at; (n = read(text + i, len - i, &c, &gap)); i = end + gap) {
		end = i + n;
		count++;
		if (!gap && read == read_string)
			break;
	}
	if (count < CODES_MIN)
		return at;
	end = at;
	for (size_t i = at; count--; i = end + gap) {
		n = read(text + i, len - i, &c, &gap);
		end = i + n;
		if (read == read_string) {
			ab_view_unit(v, text + i + 1, n - 2, i, n);
		} else if (read == read_quoted) { /* a byte of a character */
			unsigned char byte = (unsigned char)c;

			ab_view_unit(v, &byte, 1, i, n);
		} else {
			ab_view_put(v, c, i, n);
		}
	}
	v->kinds |= AB_VIEW_ESCAPE;
	return end;
}

void ab_codes_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while (at < len) {
		unsigned char c = text[at];
		read_fn *read = c == '=' ? read_quoted : c == 'U' || c == 'u' ? read_point :
				c == '"' || c == '\'' ? read_string : NULL;
		size_t end;

		if (!read || (read == read_point && at && isalnum(text[at - 1]))) {
			at++;
			continue;
		}
		ab_view_copy(v, text + from, from, at - from);
		end = put_run(v, text, len, at, read);
		from = at;
		at = end > at ? end : at + 1;
		if (end > from)
			from = end;
	}
	if (v->kinds)
		ab_view_copy(v, text + from, from, len - from);
}
