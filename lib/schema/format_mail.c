/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/schema/format.h"

#define MAX_LOCAL 64 /* RFC 5321 section 4.5.3.1.1 */

/* Bytes beyond ASCII are of valid UTF-8 already. */
static bool is_atom(char c, bool utf8)
{
	return (c && strchr("!#$%&'*+-/=?^_`{|}~", c)) || ab_format_is_digit(c) ||
	       ab_format_is_letter(c) || (utf8 && (unsigned char)c >= 0x80);
}

static size_t dot_string(const char *p, size_t len, bool utf8)
{
	size_t at = 0;

	for (;;) {
		size_t start = at;

		while (at < len && is_atom(p[at], utf8))
			at++;
		if (at == start)
			return 0;
		if (at == len || p[at] != '.')
			return at;
		at++;
	}
}

static size_t quoted_string(const char *p, size_t len, bool utf8)
{
	size_t at = 1;

	while (at < len && p[at] != '"') {
		unsigned char c = (unsigned char)p[at];

		if (c == '\\') {
			at++;
			if (at >= len || p[at] < ' ' || p[at] > '~')
				return 0;
		} else if (c < ' ' || c == 0x7f || (c >= 0x80 && !utf8)) {
			return 0;
		}
		at++;
	}
	return at < len ? at + 1 : 0;
}

/* RFC 5321 section 4.1.3: IPv4-address-literal, whose numbers may begin with zeros. */
static bool is_ipv4_literal(const char *p, size_t len)
{
	for (int part = 0; part < 4; part++) {
		size_t at = 0;
		int n = 0;

		for (; at < len && at < 3 && ab_format_is_digit(p[at]); at++)
			n = n * 10 + (p[at] - '0');
		if (!at || n > 255 || (part < 3 ? at == len || p[at] != '.' : at != len))
			return false;
		p += at + (part < 3);
		len -= at + (part < 3);
	}
	return true;
}

static bool is_literal(const char *p, size_t len)
{
	if (len < 2 || p[0] != '[' || p[len - 1] != ']')
		return false;
	if (len > 7 && strncasecmp(p + 1, "IPv6:", 5) == 0)
		return ab_format_ipv6(p + 6, len - 7);
	return is_ipv4_literal(p + 1, len - 2);
}

static bool is_address(const char *p, size_t len, bool utf8)
{
	size_t local;

	if (!len)
		return false;
	local = p[0] == '"' ? quoted_string(p, len, utf8) : dot_string(p, len, utf8);
	if (!local || local > MAX_LOCAL || local + 1 >= len || p[local] != '@')
		return false;
	p += local + 1;
	len -= local + 1;
	if (p[0] == '[')
		return is_literal(p, len);
	return utf8 ? ab_format_idn_hostname(p, len) : ab_format_hostname(p, len);
}

bool ab_format_email(const char *p, size_t len)
{
	return is_address(p, len, false);
}

bool ab_format_idn_email(const char *p, size_t len)
{
	return is_address(p, len, true);
}
