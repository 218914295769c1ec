/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as browsers and shells read them: the host of a text, and whether it is on the allow-list.
 * Where readers disagree (user-info, backslashes, escapes, numeric addresses) nothing is allowed.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/scrub/match.h"
#include "lib/scrub/software.h"

#define HOST_MAX 256

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_';
}

/* Bytes that can stand in a URL in prose: what quotes or brackets it ends it. */
static bool is_url_byte(unsigned char c)
{
	return c > ' ' && c != 0x7f && !strchr("\"'`<>|", c);
}

static bool is_host_byte(unsigned char c)
{
	return isalnum(c) || c == '-' || c == '.' || c == '_';
}

/* A canonical IPv4 address, four decimal numbers without leading zeros. */
static bool is_ipv4(const char *host)
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
	return !is_ipv4(host) &&
	       (strspn(last, "0123456789") == strlen(last) || (strncmp(last, "0x", 2) == 0));
}

/* Copies the host lower-cased; false if it holds what no plain host name does. */
static bool plain_host(const unsigned char *p, size_t len, char host[HOST_MAX])
{
	if (len && p[len - 1] == '.')
		len--;
	if (!len || len >= HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_host_byte(p[i]))
			return false;
		host[i] = (char)tolower(p[i]);
	}
	host[len] = '\0';
	return strncmp(host, "xn--", 4) != 0 && !strstr(host, ".xn--");
}

/* Whether the host [p, p + len) is one that the policy allows. */
static bool host_allowed(const struct ab_scrub_policy *policy, const unsigned char *p, size_t len)
{
	char host[HOST_MAX];

	if (len > 2 && p[0] == '[' && p[len - 1] == ']' && len < HOST_MAX) {
		for (size_t i = 0; i < len; i++)
			host[i] = (char)tolower(p[i]);
		host[len] = '\0';
		return ab_scrub_host_allowed(policy, host);
	}
	return plain_host(p, len, host) && !is_odd_number(host) &&
	       ab_scrub_host_allowed(policy, host);
}

/* An authority, [user@]host[:port], up to its end: is it allowed? */
static bool authority_allowed(const struct ab_scrub_policy *policy, const unsigned char *p,
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
			return host_allowed(policy, p, i);
	for (size_t i = n; i && isdigit(p[i - 1]); i--)
		if (i >= 2 && p[i - 2] == ':')
			host = i - 2;
	return host_allowed(policy, p, host);
}

/* The userinfo of a scheme that no browser reads is what RFC 3986 says: all up to the only "@". */
static size_t plain_userinfo(const unsigned char *p, size_t len)
{
	size_t n = 0;

	while (n < len && (isalnum(p[n]) || (p[n] && strchr("._-:", p[n]))))
		n++;
	return n && n < len && p[n] == '@' ? n + 1 : 0;
}

static bool is_web_scheme(const unsigned char *p, size_t len);

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
	return !authority_allowed(policy, value + i, len - i);
}

/* Where the URL that begins at `at` ends, closing punctuation of prose left out. */
static size_t url_end(const struct ab_scrub_place *p, size_t at)
{
	size_t end = at;

	while (end < p->hi && end - at < 4096 && is_url_byte(p->text[end]))
		end++;
	while (end > at && strchr(".,;:!)]}", p->text[end - 1]))
		end--;
	return end;
}

/* Whether the word is one of the words, each of which stands between spaces. */
static bool is_one_of(const char *words, const char *word)
{
	char spaced[24];
	size_t n = strlen(word);

	if (n + 3 > sizeof(spaced))
		return false;
	spaced[0] = ' ';
	memcpy(spaced + 1, word, n);
	spaced[n + 1] = ' ';
	spaced[n + 2] = '\0';
	return strstr(words, spaced) != NULL;
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

/* Schemes that browsers take with any number of slashes, none included, and backslashes. */
static bool is_web_scheme(const unsigned char *p, size_t len)
{
	static const char *const web[] = { "http", "https", "ws", "wss", "ftp", "ftps" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(web); i++)
		if (strlen(web[i]) == len && strncasecmp((const char *)p, web[i], len) == 0)
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
	while (at + n < p->hi && (is_host_byte(p->text[at + n]) || p->text[at + n] == '@')) {
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
	if (!is_one_of(services, name))
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
	if (scheme > p->lo && is_word(p->text[scheme - 1]) && !web)
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
	*end = url_end(p, at);
	if (!web && is_own_service(p, scheme, at, *end))
		return false;
	return *end > at && ab_scrub_check_external(p->policy, p->text + *start, *end - *start) &&
	       !(web && ab_scrub_names_schema(p, *start, at, *end));
}

/* Top-level domains that are words: a name below one is a host where nobody would write it as
 * `object.member`. */
static bool is_word_tld(const char *tld)
{
	static const char words[] =
		" network systems photography solutions technology software academy "
		"education care clinic law legal city london berlin paris nyc tokyo "
		"moscow africa asia lat social studio media games finance capital bank "
		"insure community travel museum guide land pics photos gallery ventures "
		"partners consulting engineering energy estate expert fitness foundation "
		"gifts holdings institute kitchen mortgage productions pub rentals repair "
		"restaurant school supply town toys university vision wtf yoga church "
		"pizza coffee garden enterprises delivery dental doctor construction "
		"democrat flights florist football furniture haus hockey hospital immo "
		"industries jewelry lawyer lease lighting gmbh maison miami plumbing "
		"quest recipes rehab reisen rip salon sarl schule soccer solar tattoo "
		"taxi tennis theater tienda tours vegas viajes vodka voyage wedding bzh "
		"eus gal scot swiss tirol wien hamburg koeln bayern amsterdam brussels "
		"istanbul capetown boston sydney melbourne quebec okinawa kyoto osaka "
		"ninja rocks guru land services center company support market team works ";

	return is_one_of(words, tld);
}

static bool is_sure(const char *tld)
{
	static const char sure[] =
		" com net org edu gov mil int biz ru cn de uk fr nl br jp kr eu "
		"ua ir xyz top online site website club shop store icu vip "
		"click link live space tech fun host press work buzz tk ml ga cf "
		"gq onion monster cloud digital agency download stream loan win "
		"bid trade party review science men date racing accountant "
		"onl wiki email blog news ";

	return is_one_of(sure, tld);
}

static bool has_capital(const unsigned char *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += isupper(p[i]) != 0;
	return n && n < len - 1;
}

/*
 * Top-level domains that are taken for one in a name without a scheme. Left out: what file names
 * and code end in (py sh rs md pl cc so ps io in id is it me my name info app dev zip mov ...);
 * those of the second list count where a path follows, "bit.ly/x".
 */
static bool is_tld(const char *tld, bool path)
{
	static const char with_path[] =
		" io co me ly gg to app dev ai gl sh cc tv ws la in us ca "
		"au se no fi dk pl cz at ch be es it pt gr tr il za mx ar "
		"cl pe id my sg hk tw th vn ph nz ie ro hu bg sk su kz by "
		"info name pro page mobi tel im pw fm st vc do is li lt lv "
		"ee zip mov lol bot chat tools run art zone cyou cfd sbs gd ms ";
	static const char small[] =
		" eg ae ke lu ng sa pm ac gy sx tf wf re yt nu cx ag sc mn am az ge md "
		"uz lk np pk bd qa kw bh jo lb ma tn dz gh ug tz cm ci sn et mu mg zw ec "
		"bo py uy cr gt hn sv ni pa cu ht jm tt bb fo gp aero cat coop jobs post "
		"fyi cards coach band beer best bike blue boutique build builders camera "
		"camp casa cheap cloud earth eco feedback fish fit foo gay green hair "
		"horse how ing love luxe meme mom nexus observer one ong organic pet phd "
		"ink plus pink poker prof realty rest rodeo select show sucks today vin wiki ";

	return is_sure(tld) || is_word_tld(tld) ||
	       (path && (is_one_of(with_path, tld) || is_one_of(small, tld)));
}

/* Domains whose names are what objects have for members, too: `stack.top`, `node.live`. */
static bool is_member(const char *tld)
{
	static const char words[] = " top live space link fun date host press work click download "
				    "stream email review party trade win bid men loan science news "
				    "blog xyz int store network services center company finance "
				    "social studio energy games systems support market media "
				    "team works solutions ";

	return is_one_of(words, tld) || is_word_tld(tld);
}

/* Whether no one would write the name as `object.member`: dashes, digits or three labels. */
static bool is_host_like(const char *host)
{
	const char *dot = strchr(host, '.');
	size_t n = strcspn(host, ".");

	return memchr(host, '-', n) || strpbrk(host, "0123456789") ||
	       (dot && strchr(dot + 1, '.')) || n > 9;
}

/* Words that stand before a host in prose. */
static bool is_cue(const struct ab_scrub_place *p, size_t start)
{
	static const char words[] =
		" at to from visit see on via site open goto browse check domain "
		"host server website contact ping dig nslookup curl wget resolve "
		"download reach connect page url link with use try head "
		"home homepage address mirror endpoint portal resolved resolves ";
	char word[16];
	size_t end = start, n;

	while (end > p->lo && start - end < 3 && strchr(" :\"'(<", p->text[end - 1]) &&
	       p->text[end - 1])
		end--;
	for (n = 0; n < sizeof(word) - 1 && end > p->lo + n && isalpha(p->text[end - n - 1]);)
		n++;
	for (size_t i = 0; i < n; i++)
		word[i] = (char)tolower(p->text[end - n + i]);
	word[n] = '\0';
	return n && end < start && is_one_of(words, word);
}

/* Endings that few files have: a word that stands before hosts is enough. */
static bool is_cued_tld(const char *tld)
{
	return is_one_of(" ai tk gg pw cx ", tld);
}

/* Host names below which anybody has a name: what stands there is meant as one. */
static bool is_hosting(const char *host)
{
	static const char *const below[] = {
		".pages.dev",	 ".web.app",	    ".vercel.app",	".netlify.app",
		".workers.dev",	 ".github.io",	    ".gitlab.io",	".fly.dev",
		".onrender.com", ".repl.co",	    ".glitch.me",	".surge.sh",
		".r2.dev",	 ".deno.dev",	    ".railway.app",	".hf.space",
		".run.app",	 ".streamlit.app",  ".ngrok.io",	".ngrok.app",
		".ngrok.dev",	 ".ngrok-free.app", ".ngrok-free.dev",	".loca.lt",
		".serveo.net",	 ".lhr.life",	    ".firebaseapp.com", ".oast.fun",
		".oast.me",	 ".oast.pro",	    ".oast.live",	".oast.site",
		".interact.sh",	 ".nip.io",	    ".sslip.io",	".github.dev"
	};
	size_t len = strlen(host);

	for (size_t i = 0; i < AB_ARRAY_SIZE(below); i++) {
		size_t n = strlen(below[i]);

		if (len > n && strcmp(host + len - n, below[i]) == 0)
			return true;
	}
	return false;
}

/* Names that standards keep for documents (RFC 2606), and a few that are no hosts. */
static bool is_documentation(const char *host)
{
	static const char *const names[] = { "example.com", "example.net", "example.org",
					     "example.edu", "asp.net",	   "ado.net",
					     "vb.net",	    "ml.net" };
	size_t len = strlen(host);

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (len >= n && strcmp(host + len - n, names[i]) == 0 &&
		    (len == n || host[len - n - 1] == '.'))
			return true;
	}
	return false;
}

/* Labels that are the object in `object.member`, or a Java package's first: never a bare host; some
 * only where the last label is what an object has. */
static bool is_code_label(const char *host, const char *tld, bool meant)
{
	static const char always[] = " self this cls super window document sys os com org java state config settings "
				     "javax module exports parsedurl ";
	static const char member[] = " net logger log config request req res ctx obj app index api "
				     "location options opts state props event process util params "
				     "response result ";
	char first[24];
	size_t n = strcspn(host, ".");

	if (n >= sizeof(first))
		return false;
	memcpy(first, host, n);
	first[n] = '\0';
	return is_one_of(always, first) || (!meant && is_member(tld) && is_one_of(member, first));
}

/* Three labels behind "to" or "at" below .io: nobody reads that as a member. */
static bool is_named_io(const char *host, const char *tld, bool cue)
{
	return cue && strcmp(tld, ".io") == 0 && memchr(host, '.', (size_t)(tld - host));
}

/* Whether [p, p + len) is a bare host name worth the name. */
static bool is_bare_host(const unsigned char *p, size_t len, bool path, bool cue)
{
	char host[HOST_MAX];
	const char *tld;
	bool meant;

	if (len >= HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		host[i] = (char)tolower(p[i]);
	host[len] = '\0';
	tld = strrchr(host, '.');
	if (!tld || tld == host)
		return false;
	if (is_word_tld(tld + 1) && !is_sure(tld + 1) && (strchr(host, '_') || has_capital(p, len)))
		return false;
	path |= strncmp(host, "www.", 4) == 0 || is_hosting(host) || is_named_io(host, tld, cue);
	if (!is_tld(tld + 1, path || (cue && is_cued_tld(tld + 1))))
		return false;
	meant = path && strchr(host, '.') != tld; /* api.evil.land/x */
	if (!path && !cue && (tld == host + 1 || (is_member(tld + 1) && !is_host_like(host))))
		return false;
	return !is_documentation(host) && !is_code_label(host, tld + 1, meant) && !strstr(host, "..") &&
	       host[0] != '-' && !strstr(host, "_.");
}

/* The host name around [at, end), and the path behind it. */
static bool bare_span(const struct ab_scrub_place *p, size_t *start, size_t *end, bool *path)
{
	/* A literal with a slash says that a path must follow; it is no part of the name. */
	size_t a = p->at, b = p->text[p->end - 1] == '/' ? p->end - 1 : p->end;

	while (a > p->lo && p->at - a < HOST_MAX && is_host_byte(p->text[a - 1]))
		a--;
	while (b < p->hi && b - p->end < HOST_MAX && is_host_byte(p->text[b]))
		b++;
	while (a < b && !isalnum(p->text[a]))
		a++;
	while (b > a && !isalnum(p->text[b - 1]))
		b--;
	*start = a;
	*end = b;
	*path = b + 1 < p->hi && p->text[b] == '/' && is_word(p->text[b + 1]);
	return b - a >= 4;
}

/* Chinese, Japanese and Korean are written without spaces: a letter of theirs ends right before a
 * host. Of other letters beyond ASCII a host is made. */
static bool ends_cjk(const struct ab_scrub_place *p, size_t at)
{
	if (at < p->lo + 3 || (p->text[at - 1] & 0xc0) != 0x80 || (p->text[at - 2] & 0xc0) != 0x80)
		return false;
	return p->text[at - 3] >= 0xe3 && p->text[at - 3] <= 0xef;
}

/* "//host/x" or "//host" alone in its line: what a page takes for a URL. A comment has a space. */
static bool opens_with_slashes(const struct ab_scrub_place *p, size_t at, size_t end, bool path)
{
	if (at < p->lo + 2 || !strchr("/\\", p->text[at - 1]) || p->text[at - 2] != '/')
		return false;
	return (at == p->lo + 2 || isspace(p->text[at - 3])) &&
	       (path || end == p->hi || p->text[end] == '\n');
}

bool ab_scrub_match_domain(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	unsigned char before, after;
	bool path, slashes;

	if (!bare_span(p, start, end, &path) || *end + 1 < p->end)
		return false;
	before = *start > p->lo ? p->text[*start - 1] : ' ';
	after = *end < p->hi ? p->text[*end] : ' ';
	slashes = opens_with_slashes(p, *start, *end, path);
	/* Parts of mail addresses, of URLs and paths, and of calls belong to other rules. */
	if (((strchr("@/\\$#&%~-", before) || before >= 0x80) && !slashes &&
	     !ends_cjk(p, *start)) ||
	    strchr("(=[@", after))
		return false;
	if (!is_bare_host(p->text + *start, *end - *start, path, is_cue(p, *start) || slashes) ||
	    authority_allowed(p->policy, p->text + *start, *end - *start) ||
	    (!slashes && ab_scrub_names_software(p, *start, *end, path)))
		return false;
	if (path)
		*end = url_end(p, *end);
	return true;
}

/* "//host/path" where a page takes it for a URL: in quotes, brackets or at a value's start. */
bool ab_scrub_match_url_relative(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	/* The anchor is what stands before the slashes, and they. */
	size_t host = p->at + 1, n;
	bool path;

	while (host < p->hi && host - p->at < 16 && strchr("/\\", p->text[host]) && p->text[host])
		host++;
	for (n = host; n < p->hi && n - host < HOST_MAX && is_host_byte(p->text[n]); n++)
		;
	path = n < p->hi && strchr("/:?#@", p->text[n]) && p->text[n];
	if (p->text[host] != '[' && !(n > host && n < p->hi && p->text[n] == '@')) {
		while (n > host && !isalnum(p->text[n - 1]))
			n--;
		if (n <= host || !memchr(p->text + host, '.', n - host) ||
		    !(is_bare_host(p->text + host, n - host, true, true) || path))
			return false;
		if (strchr("(=", n < p->hi ? p->text[n] : ' '))
			return false;
	}
	*start = p->at + 1;
	*end = url_end(p, host);
	return *end > host && !authority_allowed(p->policy, p->text + host, *end - host);
}

/* Ways to write a dot so that no reader of links sees one; the length, 0 if it is none. */
static size_t defanged_dot(const unsigned char *p, size_t len)
{
	static const char *const dots[] = { "[.]",   "(.)",	"{.}",	   "<.>",
					    "[dot]", "(dot)",	"{dot}",   " [.] ",
					    " (.) ", " [dot] ", " (dot) ", " {dot} ",
					    " dot ", "[.",	".]",	   "[,]" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(dots); i++) {
		size_t n;

		/* Two bytes tell most apart: a text of nothing but dots asks often. */
		if (p[0] != (unsigned char)dots[i][0] || (p[1] | 0x20) != (dots[i][1] | 0x20))
			continue;
		n = strlen(dots[i]);
		if (len >= n && strncasecmp((const char *)p, dots[i], n) == 0)
			return n;
	}
	return 0;
}

/* Reads labels and defanged dots from `at`; fills the host as it was meant. */
static size_t refang(const struct ab_scrub_place *p, size_t at, char host[HOST_MAX], size_t *dots)
{
	size_t n = 0, skip;

	while (at < p->hi && n + 1 < HOST_MAX) {
		if (isalnum(p->text[at]) || p->text[at] == '-' || p->text[at] == '.') {
			host[n++] = (char)tolower(p->text[at++]);
		} else if ((skip = defanged_dot(p->text + at, p->hi - at))) {
			host[n++] = '.';
			at += skip;
			++*dots;
		} else {
			break;
		}
	}
	host[n] = '\0';
	return at;
}

/* The first byte of the host whose defanged dot or scheme stands at p->at. */
static size_t defanged_start(const struct ab_scrub_place *p)
{
	size_t a = p->at;

	if (a > p->lo && p->text[a - 1] == ' ' && p->text[a] != ' ')
		a--;
	while (a > p->lo && p->at - a < 64 &&
	       (isalnum(p->text[a - 1]) || p->text[a - 1] == '-' || p->text[a - 1] == '.'))
		a--;
	return a;
}

/* Whether a path follows, written as a word or as it is. */
static bool slash_follows(const struct ab_scrub_place *p, size_t at)
{
	static const char word[] = " slash ";

	return at < p->hi && (p->text[at] == '/' ||
			      (p->hi - at >= sizeof(word) - 1 &&
			       strncasecmp((const char *)p->text + at, word, sizeof(word) - 1) == 0));
}

bool ab_scrub_match_defanged(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	char host[HOST_MAX];
	size_t a = p->at, dots = 0, at;
	bool scheme = tolower(p->text[a]) == 'h' || tolower(p->text[a]) == 'f', spaced, path;
	const char *tld;

	if (scheme) { /* hxxp, hxxps, h**p, http[:]// */
		at = p->end;
		while (at < p->hi && at - p->end < 12 && strchr("sS:/[]() \\", p->text[at]) &&
		       p->text[at])
			at++;
		at = refang(p, at, host, &dots);
	} else {
		a = defanged_start(p);
		at = refang(p, a, host, &dots);
	}
	tld = strrchr(host, '.');
	if (!tld || tld == host || !tld[1] || (!scheme && !dots))
		return false;
	/* "like [.] in it": with spaces in it, only what is surely a domain, no word of prose
	 * ("the dot work"), or what has a path. */
	spaced = memchr(p->text + a, ' ', at - a) != NULL;
	path = slash_follows(p, at);
	if (!scheme && !is_tld(tld + 1, !spaced || path) && !is_ipv4(host))
		return false;
	if (!scheme && spaced && p->text[p->at] == ' ' && !path && is_member(tld + 1))
		return false;
	*start = a;
	*end = at > p->end ? at : p->end;
	return !host_allowed(p->policy, (const unsigned char *)host, strlen(host));
}
