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
					     "s3a",  "gs",	 "hdfs",   "dbfs",  "containerd",
					     "cri-o" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(inner); i++)
		if (strlen(inner[i]) == len && strncasecmp((const char *)p, inner[i], len) == 0)
			return true;
	return false;
}

/* A bucket that is named as the host that it is reached by from everywhere. */
static bool is_bucket_host(const struct ab_scrub_place *p, size_t at)
{
	static const char *const hosts[] = { ".amazonaws.com", ".googleapis.com", ".digitaloceanspaces.com",
					     ".r2.cloudflarestorage.com", ".backblazeb2.com", ".wasabisys.com" };
	size_t n = 0;

	while (at + n < p->hi && n < AB_HOST_MAX && (ab_host_is_byte(p->text[at + n]) || n < 3))
		n++;
	for (size_t i = 0; i < AB_ARRAY_SIZE(hosts); i++)
		if (memmem(p->text + at, n, hosts[i], strlen(hosts[i])))
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

/* Browsers take tabs and line ends out of a URL before they read it. */
static bool is_taken_out(unsigned char c)
{
	return c == '\t' || c == '\r' || c == '\n';
}

/* The start of a web scheme before the colon that only is one once such bytes are taken out; `colon`: of none. */
static size_t parted_scheme(const struct ab_scrub_place *p, size_t colon)
{
	unsigned char name[6];
	size_t n = 0, at = colon;
	bool parted = false;

	while (at > p->lo && colon - at < 16 && n < sizeof(name)) {
		unsigned char c = p->text[--at];

		if (is_taken_out(c)) {
			parted = true;
			continue;
		}
		if (!isalpha(c))
			break;
		name[sizeof(name) - ++n] = c;
		if (parted && is_web_scheme(name + sizeof(name) - n, n))
			return at;
	}
	return colon;
}

/*
 * Whether a host that is allowed may go on behind the end that we see: a line that begins with ".evil.net", or
 * quotes before "@evil.net". *end is then where that ends.
 */
static bool reads_on(const struct ab_scrub_place *p, size_t host, size_t *end)
{
	size_t at = *end, begin, name, n;
	bool sign;

	for (n = host; n < *end; n++)
		if (strchr("/?#", p->text[n]))
			return false;
	at += at < p->hi && (p->text[at] == '.' || p->text[at] == ':');
	for (begin = at; at < p->hi && at - begin < 16 && is_taken_out(p->text[at]);)
		at++;
	sign = at > begin;
	while (!sign && at < p->hi && at - begin < 16 && p->text[at] && strchr("\"'`<>|", p->text[at]))
		at++;
	if (at == begin || at >= p->hi || (p->text[at] != '@' && !(sign && p->text[at] == '.')))
		return false;
	for (name = n = at + 1; n < p->hi && n - name < AB_HOST_MAX && ab_host_is_byte(p->text[n]);)
		n++;
	while (n > name && !isalnum(p->text[n - 1]))
		n--;
	if (n == name || !isalnum(p->text[name]) || (n < p->hi && p->text[n] == '('))
		return false;
	*end = n;
	return ab_domain_has_tld(p->text + name, n - name, n < p->hi && p->text[n] == '/');
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
	for (n = at; n < end && !strchr("/?#", p->text[n]); n++)
		if (p->text[n] == '@') /* a user before it, and a password */
			at = n + 1;
	for (n = at; n < end && (isalnum(p->text[n]) || p->text[n] == '-' || p->text[n] == '_');)
		n++;
	return n > at && isalpha(p->text[at]) && (n == end || strchr(":/?#", p->text[n]));
}

/*
 * Names that RFC 6761, RFC 8375, ICANN (.internal) and Kubernetes keep for what is inside, with no user, escape or
 * backslash; but what tells a cloud's machine its own secrets.
 */
static bool is_inner_host(const struct ab_scrub_place *p, size_t at, size_t end)
{
	static const char *const below[] = { ".localhost", ".home.arpa", ".cluster.local", ".svc", ".internal" };
	char host[AB_HOST_MAX];
	size_t n = 0;

	while (at + n < end && n < sizeof(host) - 1 && ab_host_is_byte(p->text[at + n])) {
		host[n] = (char)tolower(p->text[at + n]);
		n++;
	}
	host[n] = '\0';
	if ((at + n < end && !strchr(":/?#", p->text[at + n])) || strstr(host, "xn--") || strstr(host, "metadata"))
		return false;
	if (memchr(p->text + at, '@', end - at) || memchr(p->text + at, '\\', end - at))
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(below); i++)
		if (n > strlen(below[i]) && strcmp(host + n - strlen(below[i]), below[i]) == 0)
			return true;
	return false;
}

bool ab_scrub_match_url(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	const unsigned char *colon = memchr(p->text + p->at, ':', p->end - p->at);
	size_t at, scheme, slashes = 0;
	bool web, parted = false;

	if (!colon)
		return false;
	at = (size_t)(colon - p->text);
	scheme = scheme_start(p, at);
	if (!is_web_scheme(p->text + scheme, at - scheme) && parted_scheme(p, at) < at)
		scheme = parted_scheme(p, at);
	if (scheme + 2 > at || (is_inner_scheme(p->text + scheme, at - scheme) && !is_bucket_host(p, at)))
		return false;
	web = is_web_scheme(p->text + scheme, at - scheme) || parted_scheme(p, at) == scheme;
	if (scheme > p->lo && ab_host_is_word_byte(p->text[scheme - 1]) && !web)
		return false;
	at++;
	for (; at < p->hi && at - scheme < 24; at++) {
		bool slash = p->text[at] == '/' || (web && p->text[at] == '\\');

		if (!slash && !(web && is_taken_out(p->text[at])))
			break;
		slashes += slash;
		parted |= slashes && !slash;
	}
	if ((!web && slashes < 2) || !has_host(p, at, slashes >= 2 && !parted))
		return false;
	*start = scheme;
	*end = ab_host_url_end(p, at);
	if ((!web && is_own_service(p, scheme, at, *end)) || (slashes == 2 && is_inner_host(p, at, *end)))
		return false;
	if (*end <= at)
		return false;
	if (parted || ab_scrub_check_external(p->policy, p->text + *start, *end - *start))
		return !(web && ab_scrub_names_schema(p, *start, at, *end));
	return web && reads_on(p, at, end);
}

/* "//name.tld@host", a host that is none and the one behind it; the anchor is ".tld@". */
static bool match_relative_user(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->at, host = p->end, n = host;

	while (at > p->lo && p->at - at < AB_HOST_MAX && ab_host_is_byte(p->text[at - 1]))
		at--;
	if (at < p->lo + 2 || memcmp(p->text + at - 2, "//", 2) != 0 ||
	    (at > p->lo + 2 && !strchr(" \t\n\"'(<=[>", p->text[at - 3])))
		return false;
	while (n < p->hi && n - host < AB_HOST_MAX && ab_host_is_byte(p->text[n]))
		n++;
	while (n > host && !isalnum(p->text[n - 1]))
		n--;
	*start = at - 2;
	*end = ab_host_url_end(p, at);
	return n > host && ab_domain_has_tld(p->text + host, n - host, true) &&
	       !ab_host_authority_allowed(p->policy, p->text + at, *end - at);
}

/* "//host/path" where a page takes it for a URL: in quotes, brackets or at a value's start. */
bool ab_scrub_match_url_relative(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	/* The anchor is what stands before the slashes, and they. */
	size_t host = p->at + 1, n;
	bool path;

	if (p->text[p->end - 1] == '@')
		return match_relative_user(p, start, end);
	while (host < p->hi && host - p->at < 16 && strchr("/\\", p->text[host]) && p->text[host])
		host++;
	for (n = host; n < p->hi && n - host < AB_HOST_MAX && ab_host_is_byte(p->text[n]); n++)
		;
	path = n < p->hi && strchr("/:?#@", p->text[n]) && p->text[n];
	if (p->text[host] != '[' && !(n > host && n < p->hi && p->text[n] == '@')) {
		while (n > host && !isalnum(p->text[n - 1]))
			n--;
		if (n <= host || !memchr(p->text + host, '.', n - host) ||
		    !(ab_domain_is_bare(p->text + host, n - host, true, AB_CUE_WEAK) || path))
			return false;
		if (strchr("(=", n < p->hi ? p->text[n] : ' '))
			return false;
	}
	*start = p->at + 1;
	*end = ab_host_url_end(p, host);
	return *end > host && !ab_host_authority_allowed(p->policy, p->text + host, *end - host);
}
