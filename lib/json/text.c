/* SPDX-License-Identifier: Apache-2.0 */
/* Strings of the tape: escapes, decoded bytes, comparison. */
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

size_t ab_json_escape(const unsigned char *p, uint32_t *ret_c)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *name = p[1] ? strchr(names, p[1]) : NULL;
	int32_t unit, low;

	if (name) {
		*ret_c = (unsigned char)means[name - names];
		return 2;
	}
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

static void decode(const unsigned char *p, const unsigned char *end, struct ab_buf *out)
{
	while (p < end) {
		const unsigned char *escape = memchr(p, '\\', (size_t)(end - p));
		unsigned char bytes[4];
		uint32_t c;

		ab_buf_add(out, p, (size_t)((escape ? escape : end) - p));
		if (!escape)
			return;
		p = escape + ab_json_escape(escape, &c);
		ab_buf_add(out, bytes, ab_utf8_encode(c, bytes));
	}
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
	ab_buf_addc(buf, '"');
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
