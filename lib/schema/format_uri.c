/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/schema/format.h"

/* RFC 3987 section 2.2: ucschar */
static bool is_ucs(uint32_t c)
{
	if (c < 0x10000)
		return (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) ||
		       (c >= 0xfdf0 && c <= 0xffef);
	return c < 0xf0000 && (c & 0xffff) <= 0xfffd && !(c >= 0xe0000 && c < 0xe1000);
}

static bool is_private(uint32_t c)
{
	return (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xf0000 && (c & 0xffff) <= 0xfffd);
}

/* unreserved and sub-delims, and what `more` adds. */
static bool is_char(char c, const char *more)
{
	return ab_format_is_letter(c) || ab_format_is_digit(c) ||
	       (c && (strchr("-._~!$&'()*+,;=", c) || strchr(more, c)));
}

static bool is_escape(const char *p, size_t len)
{
	return len >= 3 && p[0] == '%' && ab_format_is_hex(p[1]) && ab_format_is_hex(p[2]);
}

/* A component: characters, escapes and, of an IRI, letters beyond ASCII. */
static bool is_component(const char *p, size_t len, const char *more, bool iri, bool query)
{
	for (size_t at = 0; at < len;) {
		uint32_t c;

		if (is_char(p[at], more)) {
			at++;
		} else if (is_escape(p + at, len - at)) {
			at += 3;
		} else {
			size_t n = ab_utf8_decode((const unsigned char *)p + at, len - at, &c);

			if (!iri || n < 2 || !(is_ucs(c) || (query && is_private(c))))
				return false;
			at += n;
		}
	}
	return true;
}

static size_t until(const char *p, size_t len, const char *stops)
{
	size_t n = 0;

	while (n < len && !(p[n] && strchr(stops, p[n])))
		n++;
	return n;
}

/* RFC 3986 section 3.2.2: what stands in brackets. */
static bool is_ip_literal(const char *p, size_t len)
{
	size_t n = 1;

	if (!len || (p[0] | 0x20) != 'v')
		return ab_format_ipv6(p, len);
	while (n < len && ab_format_is_hex(p[n]))
		n++;
	if (n == 1 || n + 1 >= len || p[n] != '.')
		return false;
	for (size_t i = n + 1; i < len; i++)
		if (!is_char(p[i], ":"))
			return false;
	return true;
}

static bool is_authority(const char *p, size_t len, bool iri)
{
	const char *at = NULL, *end;
	size_t host;

	for (size_t i = 0; i < len; i++)
		if (p[i] == '@')
			at = p + i;
	if (at) {
		size_t user = (size_t)(at - p);

		if (!is_component(p, user, ":", iri, false))
			return false;
		p += user + 1;
		len -= user + 1;
	}
	if (len && p[0] == '[') {
		end = memchr(p, ']', len);
		if (!end || !is_ip_literal(p + 1, (size_t)(end - p) - 1))
			return false;
		host = (size_t)(end - p) + 1;
	} else {
		host = until(p, len, ":");
		if (!is_component(p, host, "", iri, false))
			return false;
	}
	if (host < len && p[host] != ':')
		return false;
	for (size_t i = host + 1; i < len; i++)
		if (!ab_format_is_digit(p[i]))
			return false;
	return true;
}

/* The length of "scheme:", 0 if there is none. */
static size_t scheme_length(const char *p, size_t len)
{
	size_t n = until(p, len, ":/?#");

	if (n == len || p[n] != ':' || !n || !ab_format_is_letter(p[0]))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!ab_format_is_letter(p[i]) && !ab_format_is_digit(p[i]) &&
		    !(p[i] && strchr("+-.", p[i])))
			return 0;
	return n + 1;
}

/* What follows the scheme, up to '?' and '#'. */
static bool is_hierarchy(const char *p, size_t len, bool scheme, bool iri)
{
	size_t n;

	if (len >= 2 && p[0] == '/' && p[1] == '/') {
		n = until(p + 2, len - 2, "/");
		return is_authority(p + 2, n, iri) &&
		       is_component(p + 2 + n, len - 2 - n, ":@/", iri, false);
	}
	/* path-noscheme: the first segment has no colon. */
	if (!scheme && memchr(p, ':', until(p, len, "/")))
		return false;
	return is_component(p, len, ":@/", iri, false);
}

static bool is_reference(const char *p, size_t len, bool need_scheme, bool iri)
{
	size_t scheme = scheme_length(p, len), n;

	if (need_scheme && !scheme)
		return false;
	p += scheme;
	len -= scheme;
	n = until(p, len, "?#");
	if (!is_hierarchy(p, n, scheme > 0, iri))
		return false;
	p += n;
	len -= n;
	if (len && p[0] == '?') {
		n = until(p, len, "#");
		if (!is_component(p + 1, n - 1, ":@/?", iri, true))
			return false;
		p += n;
		len -= n;
	}
	return !len || is_component(p + 1, len - 1, ":@/?", iri, false);
}

bool ab_format_uri(const char *p, size_t len)
{
	return is_reference(p, len, true, false);
}

bool ab_format_uri_reference(const char *p, size_t len)
{
	return is_reference(p, len, false, false);
}

bool ab_format_iri(const char *p, size_t len)
{
	return is_reference(p, len, true, true);
}

bool ab_format_iri_reference(const char *p, size_t len)
{
	return is_reference(p, len, false, true);
}

/* RFC 6570 section 2.3: varname and its modifier; the bytes they take, 0: none. */
static size_t variable_length(const char *p, size_t len)
{
	size_t at = 0, start;
	bool dot = true; /* may no dot stand here? */

	for (; at < len; at++) {
		if (is_escape(p + at, len - at))
			at += 2;
		else if (p[at] == '.' ? dot
				      : !ab_format_is_letter(p[at]) && !ab_format_is_digit(p[at]) &&
						p[at] != '_')
			break;
		dot = p[at] == '.';
	}
	if (!at || dot)
		return 0;
	if (at < len && p[at] == '*')
		return at + 1;
	if (at == len || p[at] != ':')
		return at;
	start = ++at;
	while (at < len && at - start < 4 && ab_format_is_digit(p[at]))
		at++;
	return at > start && p[start] != '0' ? at : 0;
}

/* Section 2.2, between the braces. */
static bool is_expression(const char *p, size_t len)
{
	/* The other operators are reserved: no level of the specification expands them. */
	if (len && strchr("+#./;?&", p[0]) && p[0]) {
		p++;
		len--;
	}
	for (;;) {
		size_t n = variable_length(p, len);

		if (!n || (n < len && p[n] != ','))
			return false;
		if (n == len)
			return true;
		p += n + 1;
		len -= n + 1;
	}
}

/* Section 2.1, with the apostrophe that its erratum 6937 adds. */
static bool is_literal(uint32_t c)
{
	if (c >= 0x80)
		return is_ucs(c) || is_private(c);
	return c > ' ' && c != 0x7f && !strchr("\"%<>\\^`{|}", (int)c);
}

bool ab_format_uri_template(const char *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *close;
		uint32_t c;

		if (is_escape(p + at, len - at)) {
			at += 3;
			continue;
		}
		if (p[at] != '{') {
			at += ab_utf8_decode((const unsigned char *)p + at, len - at, &c);
			if (!is_literal(c))
				return false;
			continue;
		}
		close = memchr(p + at, '}', len - at);
		if (!close || !is_expression(p + at + 1, (size_t)(close - p) - at - 1))
			return false;
		at = (size_t)(close - p) + 1;
	}
	return true;
}
