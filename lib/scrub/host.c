/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host as browsers and shells read it. Where readers disagree (user-info, backslashes, escapes, numeric
 * addresses) nothing is allowed.
 */
#include "lib/scrub/host.h"

#include <string.h>

/* Bytes that can stand in a URL in prose: what quotes or brackets it ends it. */
static bool is_url_byte(unsigned char c)
{
	return c > ' ' && c != 0x7f && !strchr("\"'`<>|", c);
}

/* A canonical IPv4 address, four decimal numbers without leading zeros. */
bool ab_host_is_ipv4(const char *host)
{
	for (int part = 0; part < 4; part++) {
		unsigned n = 0, digits = 0;

		while (isdigit((unsigned char)*host) && digits < 4) {
			if (digits && !n)
				return false;
			n = n * 10 + (unsigned)(*host++ - '0');
			digits++;
		}
		if (!digits || n > 255 || *host != (part < 3 ? '.' : '\0'))
			return false;
		host++;
	}
	return true;
}

/* Whether a reader may take the host for an address in another notation: 0x7f.1, 2130706433, 010.1
 */
static bool is_odd_number(const char *host)
{
	const char *last = strrchr(host, '.');

	last = last ? last + 1 : host;
	return !ab_host_is_ipv4(host) &&
	       (strspn(last, "0123456789") == strlen(last) || (strncmp(last, "0x", 2) == 0));
}

/* Copies the host lower-cased; false if it holds what no plain host name does. */
static bool plain_host(const unsigned char *p, size_t len, char host[AB_HOST_MAX])
{
	if (len && p[len - 1] == '.')
		len--;
	if (!len || len >= AB_HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!ab_host_is_byte(p[i]))
			return false;
		host[i] = (char)tolower(p[i]);
	}
	host[len] = '\0';
	return strncmp(host, "xn--", 4) != 0 && !strstr(host, ".xn--");
}

/* Whether the host [p, p + len) is one that the policy allows. */
bool ab_host_allowed(const struct ab_scrub_policy *policy, const unsigned char *p, size_t len)
{
	char host[AB_HOST_MAX];

	if (len > 2 && p[0] == '[' && p[len - 1] == ']' && len < AB_HOST_MAX) {
		for (size_t i = 0; i < len; i++)
			host[i] = (char)tolower(p[i]);
		host[len] = '\0';
		return ab_scrub_host_allowed(policy, host);
	}
	return plain_host(p, len, host) && !is_odd_number(host) &&
	       ab_scrub_host_allowed(policy, host);
}

/* An authority, [user@]host[:port], up to its end: is it allowed? */
bool ab_host_authority_allowed(const struct ab_scrub_policy *policy, const unsigned char *p,
			      size_t len)
{
	size_t n = 0, host;

	while (n < len && !strchr("/?#", p[n])) {
		if (p[n] == '@' || p[n] == '\\' || p[n] == '%')
			return false;
		n++;
	}
	/* What prose puts behind a URL is no part of its host. */
	while (n && strchr(".,;:!)]}", p[n - 1]) && !(p[n - 1] == ']' && p[0] == '['))
		n--;
	host = n;
	/* A port that a program fills in: localhost:${port}. */
	for (size_t i = 0; i + 1 < n; i++)
		if (p[i] == ':' && (p[i + 1] == '$' || p[i + 1] == '{'))
			return ab_host_allowed(policy, p, i);
	for (size_t i = n; i && isdigit(p[i - 1]); i--)
		if (i >= 2 && p[i - 2] == ':')
			host = i - 2;
	return ab_host_allowed(policy, p, host);
}

/* Where the URL that begins at `at` ends, closing punctuation of prose left out. */
size_t ab_host_url_end(const struct ab_scrub_place *p, size_t at)
{
	size_t end = at;

	while (end < p->hi && end - at < 4096 && is_url_byte(p->text[end]))
		end++;
	while (end > at && strchr(".,;:!)]}", p->text[end - 1]))
		end--;
	return end;
}

bool ab_host_is_below(const char *host, const char *name)
{
	size_t len = strlen(host), n = strlen(name);

	return len >= n && strcmp(host + len - n, name) == 0 && (len == n || host[len - n - 1] == '.');
}
