/* SPDX-License-Identifier: Apache-2.0 */
/* URLs as browsers and shells read them, behind a scheme or two slashes. */
#include <string.h>
#include <strings.h>

#include "lib/scrub/domain.h"
#include "lib/scrub/host.h"
#include "lib/scrub/match.h"
#include "lib/scrub/software.h"
#include "lib/scrub/wordlist.h"

/* The userinfo of a scheme that no browser reads is what RFC 3986 says: all up to the only "@". */
static size_t plain_userinfo(const unsigned char *p, size_t len)
{
	size_t n = 0;

	while (n < len && (isalnum(p[n]) || (p[n] && strchr("._-:", p[n]))))
		n++;
	return n && n < len && p[n] == '@' ? n + 1 : 0;
}

/* Schemes that browsers take with any number of slashes, none included, and backslashes. */
static bool is_web_scheme(const unsigned char *p, size_t len)
{
	static const char *const web[] = { "http", "https", "ws", "wss", "ftp", "ftps" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(web); i++)
		if (strlen(web[i]) == len && strncasecmp((const char *)p, web[i], len) == 0)
			return true;
	return false;
}

bool ab_scrub_check_external(const struct ab_scrub_policy *policy, const unsigned char *value,
			     size_t len)
{
	size_t i = 0, scheme;

	while (i < len && (isalnum(value[i]) || strchr("+.-", value[i])) && value[i])
		i++;
	scheme = i;
	if (i < len && value[i] == ':')
		i++;
	else
		i = 0;
	while (i < len && (value[i] == '/' || value[i] == '\\'))
		if (value[i++] == '\\')
			return true;
	if (i > scheme + 2 && !is_web_scheme(value, scheme))
		i += plain_userinfo(value + i, len - i);
	return !ab_host_authority_allowed(policy, value + i, len - i);
}

/* Schemes whose "//" is no URL that leads out: file names, and those of our own documents. */
static bool is_inner_scheme(const unsigned char *p, size_t len)
{
	static const char *const inner[] = { "file", "sha256",	 "vscode", "about", "chrome",
					     "edge", "resource", "unix",   "npipe", "s3",
					     "s3a",  "gs",	 "hdfs",   "dbfs" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(inner); i++)
		if (strlen(inner[i]) == len && strncasecmp((const char *)p, inner[i], len) == 0)
			return true;
	return false;
}

/* The scheme that ends before the colon at `colon`; its start. */
static size_t scheme_start(const struct ab_scrub_place *p, size_t colon)
{
	size_t i = colon;

	while (i > p->lo && colon - i < 20 &&
	       (isalnum(p->text[i - 1]) || strchr("+.-", p->text[i - 1])) && p->text[i - 1])
		i--;
	while (i < colon && !isalpha(p->text[i]))
		i++;
	return i;
}

/* Something host-like: "http:" in prose or "https: yes" is none. */
static bool has_host(const struct ab_scrub_place *p, size_t at, bool slashes)
{
	size_t n = 0;
	bool dot = false;

	if (at < p->hi && (p->text[at] == '[' || p->text[at] == '%' || p->text[at] >= 0x80))
		return true;
	while (at + n < p->hi && (ab_host_is_byte(p->text[at + n]) || p->text[at + n] == '@')) {
		dot |= n && (p->text[at + n] == '.' || p->text[at + n] == '@');
		n++;
	}
	return n && isalnum(p->text[at]) && (slashes || dot);
}

/* A database or queue whose name has no dot is one of the machine's own network:
 * redis://cache:6379. */
static bool is_own_service(const struct ab_scrub_place *p, size_t scheme, size_t at, size_t end)
{
	static const char services[] =
		" redis rediss amqp amqps mongodb postgres postgresql mysql mariadb kafka tcp udp "
		"nats memcached ldap mqtt zookeeper etcd bolt smtp clickhouse cassandra sqlserver "
		"pulsar valkey elasticsearch ";
	char name[20];
	size_t n = 0;

	while (n + 1 < sizeof(name) && isalnum(p->text[scheme + n])) {
		name[n] = (char)tolower(p->text[scheme + n]);
		n++;
	}
	name[n] = '\0';
	if (!ab_wordlist_has(services, name, strlen(name)))
		return false;
	for (n = at; n < end && (isalnum(p->text[n]) || p->text[n] == '-' || p->text[n] == '_');)
		n++;
	return n > at && isalpha(p->text[at]) && (n == end || strchr(":/?#", p->text[n]));
}

bool ab_scrub_match_url(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	const unsigned char *colon = memchr(p->text + p->at, ':', p->end - p->at);
	size_t at, scheme, slashes = 0;
	bool web;

	if (!colon)
		return false;
	at = (size_t)(colon - p->text);
	scheme = scheme_start(p, at);
	if (scheme + 2 > at || is_inner_scheme(p->text + scheme, at - scheme))
		return false;
	web = is_web_scheme(p->text + scheme, at - scheme);
	if (scheme > p->lo && ab_host_is_word_byte(p->text[scheme - 1]) && !web)
		return false;
	at++;
	/* Browsers take tabs and line ends out of a URL before they read it. */
	while (web && at + 2 < p->hi && at - scheme < 16 && strchr("\t\r\n", p->text[at]) &&
	       p->text[at])
		at++;
	while (at < p->hi && slashes < 16 && (p->text[at] == '/' || (web && p->text[at] == '\\')))
		at++, slashes++;
	if ((!web && slashes < 2) || !has_host(p, at, slashes >= 2))
		return false;
	*start = scheme;
	*end = ab_host_url_end(p, at);
	if (!web && is_own_service(p, scheme, at, *end))
		return false;
	return *end > at && ab_scrub_check_external(p->policy, p->text + *start, *end - *start) &&
	       !(web && ab_scrub_names_schema(p, *start, at, *end));
}

/* "//host/path" where a page takes it for a URL: in quotes, brackets or at a value's start. */
bool ab_scrub_match_url_relative(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	/* The anchor is what stands before the slashes, and they. */
	size_t host = p->at + 1, n;
	bool path;

	while (host < p->hi && host - p->at < 16 && strchr("/\\", p->text[host]) && p->text[host])
		host++;
	for (n = host; n < p->hi && n - host < AB_HOST_MAX && ab_host_is_byte(p->text[n]); n++)
		;
	path = n < p->hi && strchr("/:?#@", p->text[n]) && p->text[n];
	if (p->text[host] != '[' && !(n > host && n < p->hi && p->text[n] == '@')) {
		while (n > host && !isalnum(p->text[n - 1]))
			n--;
		if (n <= host || !memchr(p->text + host, '.', n - host) ||
		    !(ab_domain_is_bare(p->text + host, n - host, true, true) || path))
			return false;
		if (strchr("(=", n < p->hi ? p->text[n] : ' '))
			return false;
	}
	*start = p->at + 1;
	*end = ab_host_url_end(p, host);
	return *end > host && !ab_host_authority_allowed(p->policy, p->text + host, *end - host);
}
