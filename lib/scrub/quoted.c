/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/quoted.h"

#include <stdint.h>
#include <string.h>

static uint32_t hex4(const unsigned char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return v;
}

size_t ab_quoted_escape(const unsigned char *p, unsigned char utf8[4], size_t *ret_n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t c;
	size_t len = 6, n;

	*ret_n = 1;
	if (p[1] != 'u') {
		utf8[0] = (unsigned char)to[strchr(from, p[1]) - from];
		return 2;
	}
	c = hex4(p + 2);
	if (c >= 0xd800 && c < 0xdc00) {
		c = 0x10000 + ((c - 0xd800) << 10) + (hex4(p + 8) - 0xdc00);
		len = 12;
	}
	n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	*ret_n = n;
	if (n == 1) {
		utf8[0] = (unsigned char)c;
		return len;
	}
	for (size_t i = n; i-- > 1; c >>= 6)
		utf8[i] = 0x80 | (c & 0x3f);
	utf8[0] = (unsigned char)((0xf00u >> n & 0xff) | c);
	return len;
}

size_t ab_quoted_decode(const unsigned char *text, size_t at, size_t end, size_t most, struct ab_buf *out)
{
	size_t stop = end - at < most ? end : at + most;

	while (at < stop) {
		const unsigned char *escape = memchr(text + at, '\\', stop - at);
		size_t plain = (escape ? (size_t)(escape - text) : stop) - at, n;
		unsigned char utf8[4];

		ab_buf_add(out, text + at, plain);
		at += plain;
		if (!escape)
			break;
		at += ab_quoted_escape(text + at, utf8, &n);
		ab_buf_add(out, utf8, n);
	}
	return at;
}

size_t ab_quoted_source(const unsigned char *p, size_t len, size_t out, bool behind)
{
	size_t at = 0;

	for (size_t n, unit;; out -= n, at += unit) {
		const unsigned char *escape = memchr(p + at, '\\', len - at);
		size_t plain = (escape ? (size_t)(escape - p) : len) - at;
		unsigned char utf8[4];

		if (out < plain || !escape)
			return at + out + behind;
		at += plain;
		out -= plain;
		n = 1;
		unit = p[at + 1] == 'u' ? ab_quoted_escape(p + at, utf8, &n) : 2;
		if (out < n)
			return behind ? at + unit : at;
	}
}
