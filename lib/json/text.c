/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: what in them is not plain, decoded bytes, comparison. */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/json/reader.h"

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of a \u at p; -1 if it is none. */
static int32_t code_unit(const unsigned char *p)
{
	int32_t unit = 0;

	if (p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* What the byte behind a backslash stands for; 0: it is no escape of two bytes. */
static const unsigned char short_escapes[256] = {
	['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
	['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'
};

size_t ab_json_escape(const unsigned char *p, uint32_t *ret_c)
{
	int32_t unit, low;

	*ret_c = short_escapes[p[1]];
	if (*ret_c)
		return 2;
	unit = code_unit(p);
	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return 0;
	*ret_c = (uint32_t)unit;
	if (unit < 0xd800 || unit > 0xdfff)
		return 6;
	low = code_unit(p + 6);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*ret_c = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
	return 12;
}

/* The byte behind one character that is not ASCII; NULL if it is not valid UTF-8 (RFC 3629). */
static inline const unsigned char *utf8(const unsigned char *p)
{
	uint32_t w, t;

	memcpy(&w, p, sizeof(w));
	w = le32toh(w);
	if ((w & 0xc0c0f0) == 0x8080e0) {
		t = w & 0x200f; /* zero: overlong; 0x200d: a surrogate */
		return t && t != 0x200d ? p + 3 : NULL;
	}
	if ((w & 0xc0e0) == 0x80c0)
		return w & 0x1e ? p + 2 : NULL;
	if ((w & 0xc0c0c0f8) == 0x808080f0) {
		t = w & 0x3007; /* zero: overlong; above 4: beyond U+10FFFF */
		return t && (!(t & 4) || t == 4) ? p + 4 : NULL;
	}
	return NULL;
}

/* What is wrong in a string at p. */
static const char *bad_string(const unsigned char *p, const unsigned char *end)
{
	if (p == end)
		return "expected '\"' at the end of the string";
	if (*p == '\\')
		return p[1] == 'u' ? "expected four hexadecimal digits, and no lone surrogate"
				   : "expected an escape sequence";
	return *p < 0x20 ? "expected no control character in a string" : "expected valid UTF-8";
}

struct ab_json_rest ab_json_rest_of_string(const struct ab_json_tape *tape, const unsigned char *p,
					   const unsigned char *end, const unsigned char *halt)
{
	const char *what = NULL;

	for (;;) {
		const unsigned char *behind = NULL;
		unsigned ends;

		if (*p >= 0x80) {
			behind = utf8(p);
		} else if (*p == '\\') {
			uint32_t c;
			size_t len = ab_json_escape(p, &c);

			what = "";
			behind = len ? p + len : NULL;
		}
		if (!behind)
			return (struct ab_json_rest){ p, bad_string(p, end) };
		p = behind;
		if (__builtin_expect(p >= halt, 0))
			halt = ab_json_next_halt(tape, p, end);
		if (*p >= 0x80)
			continue;
		while (!(ends = ab_scan_string(p))) {
			p += AB_SCAN_WIDTH;
			if (__builtin_expect(p >= halt, 0))
				halt = ab_json_next_halt(tape, p, end);
		}
		p += ab_scan_first(ends);
		if (*p == '"')
			return (struct ab_json_rest){ p, what };
	}
}

static void decode(const unsigned char *p, const unsigned char *end, struct ab_buf *out)
{
	char *to = ab_buf_reserve(out, (size_t)(end - p)); /* no escape is shorter than what it stands for */

	if (!to)
		return;
	while (p < end) {
		const unsigned char *escape = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((escape ? escape : end) - p);
		uint32_t c;

		memcpy(to, p, plain);
		to += plain;
		p += plain;
		while (p < end && *p == '\\') {
			if (p[1] == '\\' || p[1] == '"') { /* nearly all are */
				*to++ = (char)p[1];
				p += 2;
				continue;
			}
			p += ab_json_escape(p, &c);
			to += ab_utf8_encode(c, (unsigned char *)to);
		}
	}
	out->len = (size_t)(to - out->data);
	*to = '\0';
}

const unsigned char *ab_json_decoded(const unsigned char *text, const struct ab_json_node *string,
				     struct ab_buf *buf, size_t *ret_len)
{
	const unsigned char *p = text + string->at;

	*ret_len = string->len;
	if (!(string->flags & AB_JSON_ESCAPED))
		return p;
	ab_buf_clear(buf);
	decode(p, p + string->len, buf);
	*ret_len = buf->len;
	ab_buf_add(buf, "\"\0\0\0\0\0\0", 8);
	return buf->failed ? NULL : (const unsigned char *)buf->data;
}

void ab_json_unescape(const struct ab_json_tape *tape, size_t node, struct ab_buf *out)
{
	const struct ab_json_node *string = &tape->nodes[node];
	const unsigned char *p = tape->text + string->at;

	if (string->flags & AB_JSON_ESCAPED)
		decode(p, p + string->len, out);
	else
		ab_buf_add(out, p, string->len);
}

bool ab_json_is(const struct ab_json_tape *tape, size_t node, const char *bytes, size_t len)
{
	const struct ab_json_node *string = &tape->nodes[node];
	const unsigned char *p = tape->text + string->at, *end = p + string->len;
	const unsigned char *want = (const unsigned char *)bytes, *want_end = want + len;

	if (!(string->flags & AB_JSON_ESCAPED))
		return string->len == len && memcmp(p, bytes, len) == 0;
	if (string->len < len)
		return false;
	while (p < end && want < want_end) {
		unsigned char decoded[4] = { *p };
		size_t n = 1;
		uint32_t c;

		if (*p == '\\') {
			p += ab_json_escape(p, &c);
			n = ab_utf8_encode(c, decoded);
		} else {
			p++;
		}
		if (n > (size_t)(want_end - want) || memcmp(want, decoded, n) != 0)
			return false;
		want += n;
	}
	return p == end && want == want_end;
}
