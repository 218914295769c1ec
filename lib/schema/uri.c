/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/uri.h"

#include <string.h>

struct span {
	const char *p; /* NULL: the component is undefined */
	size_t len;
};

/* RFC 3986 section 3: the components of a reference without its fragment. */
struct parts {
	struct span scheme, authority, path, query;
};

static size_t scheme_length(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';

		if (c == ':')
			return i;
		if (!letter && !(i && other))
			return 0;
	}
	return 0;
}

static size_t span_until(const char *p, size_t len, const char *stops)
{
	size_t i = 0;

	while (i < len && !(p[i] && strchr(stops, p[i])))
		i++;
	return i;
}

static void split(const char *p, size_t len, struct parts *u)
{
	size_t n = scheme_length(p, len);

	*u = (struct parts){ 0 };
	len = span_until(p, len, "#");
	if (n) {
		u->scheme = (struct span){ p, n };
		p += n + 1;
		len -= n + 1;
	}
	if (len >= 2 && p[0] == '/' && p[1] == '/') {
		n = span_until(p + 2, len - 2, "/?");
		u->authority = (struct span){ p + 2, n };
		p += n + 2;
		len -= n + 2;
	}
	n = span_until(p, len, "?");
	u->path = (struct span){ p, n };
	if (n < len)
		u->query = (struct span){ p + n + 1, len - n - 1 };
}

/* Cuts the last segment of what stands in out behind `start`, with its slash. */
static void pop_segment(struct ab_buf *out, size_t start)
{
	while (out->len > start && out->data[out->len - 1] != '/')
		out->len--;
	if (out->len > start)
		out->len--;
}

/* RFC 3986 section 5.2.4 */
static void add_without_dots(const char *p, size_t len, struct ab_buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < len && !out->failed;) {
		size_t slash = p[i] == '/', n = span_until(p + i + slash, len - i - slash, "/");
		const char *segment = p + i + slash;
		bool last = i + slash + n == len;

		if (n == 1 && segment[0] == '.') {
			if (last && slash)
				ab_buf_addc(out, '/');
		} else if (n == 2 && segment[0] == '.' && segment[1] == '.') {
			pop_segment(out, start);
			if (last && slash)
				ab_buf_addc(out, '/');
		} else {
			ab_buf_add(out, p + i, slash + n);
		}
		i += slash + n;
	}
}

/* RFC 3986 section 5.2.3 */
static void add_merged(const struct parts *base, struct span path, struct ab_buf *out)
{
	ab_auto(ab_buf_free) struct ab_buf merged = { 0 };
	size_t dir = base->path.len;

	while (dir && base->path.p[dir - 1] != '/')
		dir--;
	if (base->authority.p && !base->path.len)
		ab_buf_addc(&merged, '/');
	else
		ab_buf_add(&merged, base->path.p, dir);
	ab_buf_add(&merged, path.p, path.len);
	if (merged.failed)
		out->failed = true;
	else if (merged.len)
		add_without_dots(merged.data, merged.len, out);
}

static void add_part(struct span s, const char *before, const char *behind, struct ab_buf *out)
{
	if (!s.p)
		return;
	ab_buf_adds(out, before);
	ab_buf_add(out, s.p, s.len);
	ab_buf_adds(out, behind);
}

void ab_uri_resolve(const char *base, const char *reference, size_t len, struct ab_buf *out)
{
	struct parts b, r;

	split(base, strlen(base), &b);
	split(reference, len, &r);
	add_part(r.scheme.p ? r.scheme : b.scheme, "", ":", out);
	if (r.scheme.p || r.authority.p) {
		add_part(r.authority, "//", "", out);
		add_without_dots(r.path.p, r.path.len, out);
	} else {
		add_part(b.authority, "//", "", out);
		if (!r.path.len) {
			ab_buf_add(out, b.path.p, b.path.len);
			if (!r.query.p)
				r.query = b.query;
		} else if (r.path.p[0] == '/') {
			add_without_dots(r.path.p, r.path.len, out);
		} else {
			add_merged(&b, r.path, out);
		}
	}
	add_part(r.query, "?", "", out);
	ab_buf_addc(out, '\0');
	if (!out->failed)
		out->len--;
}

const char *ab_uri_fragment(const char *reference, size_t len, size_t *ret_len)
{
	const char *hash = memchr(reference, '#', len);

	if (!hash)
		return NULL;
	*ret_len = len - (size_t)(hash - reference) - 1;
	return hash + 1;
}

static int hex(char c)
{
	char lower = (char)(c | 0x20);

	if (c >= '0' && c <= '9')
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool ab_uri_decode(const char *text, size_t len, struct ab_buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '%') {
			ab_buf_addc(out, text[i]);
			continue;
		}
		if (len - i < 3 || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
			return false;
		ab_buf_addc(out, (char)(hex(text[i + 1]) * 16 + hex(text[i + 2])));
		i += 2;
	}
	return true;
}

bool ab_uri_is_absolute(const char *uri)
{
	return scheme_length(uri, strlen(uri)) != 0;
}
