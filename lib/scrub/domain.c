/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/domain.h"

#include <string.h>

#include "lib/scrub/host.h"
#include "lib/scrub/match.h"
#include "lib/scrub/software.h"
#include "lib/scrub/wordlist.h"

static bool has_capital(const unsigned char *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += isupper(p[i]) != 0;
	return n && n < len - 1;
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
	return n && end < start && ab_wordlist_has(words, word, strlen(word));
}

/* Endings that few files have: a word that stands before hosts is enough. */
static bool is_cued_tld(const char *tld)
{
	return ab_wordlist_has(" ai tk gg pw cx ", tld, strlen(tld));
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

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++)
		if (ab_host_is_below(host, names[i]))
			return true;
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
	return ab_wordlist_has(always, first, n) ||
	       (!meant && ab_tld_is_member(tld) && ab_wordlist_has(member, first, n));
}

/* Three labels behind "to" or "at" below .io: nobody reads that as a member. */
static bool is_named_io(const char *host, const char *tld, bool cue)
{
	return cue && strcmp(tld, ".io") == 0 && memchr(host, '.', (size_t)(tld - host));
}

/* Whether [p, p + len) is a bare host name worth the name. */
bool ab_domain_is_bare(const unsigned char *p, size_t len, bool path, bool cue)
{
	char host[AB_HOST_MAX];
	const char *tld;
	bool meant;

	if (len >= AB_HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		host[i] = (char)tolower(p[i]);
	host[len] = '\0';
	tld = strrchr(host, '.');
	if (!tld || tld == host)
		return false;
	if (ab_tld_is_word(tld + 1) && !ab_tld_is_sure(tld + 1) && (strchr(host, '_') || has_capital(p, len)))
		return false;
	path |= strncmp(host, "www.", 4) == 0 || is_hosting(host) || is_named_io(host, tld, cue);
	if (!ab_tld_is_known(tld + 1, path || (cue && is_cued_tld(tld + 1))))
		return false;
	meant = path && strchr(host, '.') != tld; /* api.evil.land/x */
	if (!path && !cue && (tld == host + 1 || (ab_tld_is_member(tld + 1) && !is_host_like(host))))
		return false;
	return !is_documentation(host) && !is_code_label(host, tld + 1, meant) && !strstr(host, "..") &&
	       host[0] != '-' && !strstr(host, "_.");
}

/* The host name around [at, end), and the path behind it. */
static bool bare_span(const struct ab_scrub_place *p, size_t *start, size_t *end, bool *path)
{
	/* A literal with a slash says that a path must follow; it is no part of the name. */
	size_t a = p->at, b = p->text[p->end - 1] == '/' ? p->end - 1 : p->end;

	while (a > p->lo && p->at - a < AB_HOST_MAX && ab_host_is_byte(p->text[a - 1]))
		a--;
	while (b < p->hi && b - p->end < AB_HOST_MAX && ab_host_is_byte(p->text[b]))
		b++;
	while (a < b && !isalnum(p->text[a]))
		a++;
	while (b > a && !isalnum(p->text[b - 1]))
		b--;
	*start = a;
	*end = b;
	*path = b + 1 < p->hi && p->text[b] == '/' && ab_host_is_word_byte(p->text[b + 1]);
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
	if (!ab_domain_is_bare(p->text + *start, *end - *start, path, is_cue(p, *start) || slashes) ||
	    ab_host_authority_allowed(p->policy, p->text + *start, *end - *start) ||
	    (!slashes && ab_scrub_names_software(p, *start, *end, path)))
		return false;
	if (path)
		*end = ab_host_url_end(p, *end);
	return true;
}
