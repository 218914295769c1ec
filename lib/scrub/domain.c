/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/domain.h"

#include <string.h>
#include <strings.h>

#include "lib/scrub/host.h"
#include "lib/scrub/match.h"
#include "lib/scrub/software.h"
#include "lib/scrub/wordlist.h"

/* Whether some of its letters are capitals, as names in code have them: those have no dash, and no capitals in the
 * middle of what is a domain. */
static bool has_capital(const unsigned char *p, size_t len)
{
	size_t upper = 0, lower = 0, from = len;
	bool strange = memchr(p, '-', len) != NULL;

	for (size_t i = 0; i < len; i++) {
		upper += isupper(p[i]) != 0;
		lower += islower(p[i]) != 0;
	}
	while (from && p[from - 1] != '.')
		from--;
	for (size_t i = from + 1; i < len; i++)
		strange |= isupper(p[i]) && (islower(p[i - 1]) || (i + 1 < len && islower(p[i + 1])));
	return upper && lower && !strange;
}

/* Whether no one would write the name as `object.member`: dashes, digits or three labels. */
static bool is_host_like(const char *host)
{
	const char *dot = strchr(host, '.');
	size_t n = strcspn(host, ".");

	return memchr(host, '-', n) || strpbrk(host, "0123456789") ||
	       (dot && strchr(dot + 1, '.')) || n > 9;
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
		".replit.app",	 ".replit.dev",	    ".rbndr.us",	".lovable.app",
		".bolt.host",	 ".framer.app",	    ".webflow.io",	".azurestaticapps.net",
		".deno.net",	 ".koyeb.app",	    ".gitpod.io",	".codeberg.page",
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
static bool is_code_label(const char *host, const char *tld, bool meant, bool sure)
{
	static const char always[] = " self this cls super window document sys os com org java state config "
				     "settings matlab pygments "
				     "locale locales lang messages strings translations i18n translation errors "
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
	return (ab_wordlist_has(always, first, n) && !(sure && ab_tld_is_sure(tld))) ||
	       (!meant && !sure && ab_tld_is_member(tld) && ab_wordlist_has(member, first, n));
}

/* Modules that are called as a host below .io would be. */
static bool is_io_module(const char *host, const char *tld)
{
	static const char names[] = " java kotlin scala std scipy skimage skio torch torchvision pandas astropy "
				    "numpy matplotlib system py pypy jupyter tokio core stream ";

	return strcmp(tld, "io") == 0 && ab_wordlist_has(names, host, (size_t)(tld - 1 - host));
}

/* Three labels behind "to" or "at" below .io: nobody reads that as a member. */
static bool is_named_io(const char *host, const char *tld, bool cue)
{
	return cue && strcmp(tld, ".io") == 0 && memchr(host, '.', (size_t)(tld - host));
}

/* Whether the label before the domain has a letter: 5.5.kw is a version. */
static bool has_letter(const char *host, const char *tld)
{
	const char *c = tld - 2;

	while (c > host && *c != '.' && !isalpha((unsigned char)*c))
		c--;
	return isalpha((unsigned char)*c) != 0;
}

/* kestrel753.info: a word with digits behind it, as variables have few, in the label before .info. */
static bool is_numbered_info(const char *host, const char *tld)
{
	size_t end = (size_t)(tld - 1 - host), at = end, letters = 0;

	if (strcmp(tld, "info") != 0)
		return false;
	while (at && isdigit((unsigned char)host[at - 1]))
		at--;
	while (at > letters && isalpha((unsigned char)host[at - 1 - letters]))
		letters++;
	return end - at >= 2 && letters >= 5 && (at == letters || host[at - 1 - letters] == '.');
}

/*
 * Whether a name below a domain that says little is meant as a host, by the words before it, by a port, or by
 * what members of objects do not look like: a dash, digits, three labels, or a length.
 */
static bool is_meant(const char *host, const char *tld, bool port, enum ab_domain_cue cue)
{
	bool three = memchr(host, '.', (size_t)(tld - 1 - host)), two_letters = strlen(tld) == 2;
	bool shape = memchr(host, '-', (size_t)(tld - host)) || (three && two_letters) ||
		     (strcspn(host, "0123456789") < (size_t)(tld - 1 - host));

	if (strchr(host, '_') || tld - host < 4 || !has_letter(host, tld) || !ab_tld_is_real(tld) ||
	    is_io_module(host, tld))
		return false;
	if (ab_tld_is_file(tld)) /* "the dev server at preview-3.acme.dev" is no file */
		return cue == AB_CUE_SITE || (cue == AB_CUE_STRONG && three);
	/* "moved to harbour.dev": what many a site of a program stands below. */
	if (ab_wordlist_has(" dev app io ai co ", tld, strlen(tld)) && cue && tld - host > 5)
		return true;
	if (ab_tld_is_code(tld) || ab_tld_is_member(tld))
		return cue >= AB_CUE_STRONG || (shape && (cue || port)) || is_numbered_info(host, tld) ||
		       (three && memchr(host, '-', (size_t)(tld - host)) && ab_wordlist_has(
			       " info name app dev today live click link company center support network ", tld,
			       strlen(tld)));
	return cue || port || shape || (tld - host > 8 && !three);
}

/* IN.DE, .dput.cf, lexers.ml: a language or a file and no country; Int of Go. */
static bool is_bare_word(const char *host, const char *tld, bool odd)
{
	size_t n = (size_t)(tld - host);

	if (memchr(host, '-', n) || strcspn(host, "0123456789") < n || strlen(tld) != 3)
		return strcmp(tld, ".int") == 0 && odd;
	if (ab_tld_is_file(tld + 1))
		return true;
	return !memchr(host, '.', n) && (n < 4 || odd) && !is_cued_tld(tld + 1);
}

/* evil.com.au, evil.co.uk: what nobody names a member below. */
static bool is_below_country(const char *host, const char *tld)
{
	const char *second = tld;

	if (strlen(tld) != 3 || !ab_tld_is_real(tld + 1))
		return false;
	while (second > host && second[-1] != '.')
		second--;
	return second > host + 3 && ab_wordlist_has(" com co net org gov edu ac waw krakow wroclaw poznan lodz gda ", second,
						    (size_t)(tld - second));
}

/* "prêt.De plus": a sentence begins behind the dot, and its space was forgotten. A host in capitals has more. */
static bool ends_sentence(const unsigned char *p, size_t len, size_t dot)
{
	for (size_t i = 0; i < dot; i++)
		if (!islower(p[i]))
			return false;
	return dot + 3 == len && isupper(p[dot + 1]) && islower(p[dot + 2]);
}

/* Whether [p, p + len) is a bare host name worth the name. */
static bool is_bare(const unsigned char *p, size_t len, bool path, bool port, bool free, enum ab_domain_cue cue)
{
	char host[AB_HOST_MAX];
	const char *tld;
	bool meant, member;

	if (len >= AB_HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		host[i] = (char)tolower(p[i]);
	host[len] = '\0';
	tld = strrchr(host, '.');
	if (!tld || tld == host)
		return false;
	if (((ab_tld_is_word(tld + 1) && !ab_tld_is_sure(tld + 1)) || strcmp(tld, ".int") == 0) &&
	    (strchr(host, '_') || has_capital(p, len)))
		return false;
	path |= strncmp(host, "www.", 4) == 0 || is_hosting(host) || is_named_io(host, tld, cue);
	meant = path && strchr(host, '.') != tld; /* api.evil.land/x */
	if (is_documentation(host) || is_code_label(host, tld + 1, meant, cue >= AB_CUE_STRONG) ||
	    strstr(host, "..") || host[0] == '-' || strstr(host, "_."))
		return false;
	member = !path && !cue && (tld == host + 1 || (ab_tld_is_member(tld + 1) && !is_host_like(host)));
	if (!path && !cue && is_bare_word(host, tld, isupper(p[0]) || !free))
		return false;
	if (ends_sentence(p, len, (size_t)(tld - host)) && !path && cue < AB_CUE_STRONG)
		return false;
	if (strncmp(host, "www.", 4) == 0 && ab_tld_is_real(tld + 1))
		return true;
	if (ab_tld_is_known(tld + 1, path || (cue && is_cued_tld(tld + 1))) && !member)
		return true;
	if (!has_capital(p, len) && free && !strchr(host, '_') &&
	    (is_below_country(host, tld) || (meant && ab_tld_is_real(tld + 1) && has_letter(host, tld + 1) &&
					     !ab_tld_is_code(tld + 1) && !ab_tld_is_file(tld + 1))))
		return true;
	return !has_capital(p, len) && (cue || free) && is_meant(host, tld + 1, port, cue);
}

/* The last label, lower-cased. */
static const char *tld_of(const unsigned char *p, size_t len, char tld[20])
{
	size_t n = 0;

	while (n < len && n < 19 && p[len - n - 1] != '.')
		n++;
	for (size_t i = 0; i < n; i++)
		tld[i] = (char)tolower(p[len - n + i]);
	tld[n] = '\0';
	return tld;
}

/* Most dots stand before words that are none. */
static bool has_real_tld(const unsigned char *p, size_t len)
{
	char tld[20];

	return ab_tld_is_real(tld_of(p, len, tld));
}

bool ab_domain_has_tld(const unsigned char *p, size_t len, bool path)
{
	char tld[20];

	return has_real_tld(p, len) && (path || (memchr(p, '.', len) && !ab_tld_is_file(tld_of(p, len, tld))));
}

bool ab_domain_is_bare(const unsigned char *p, size_t len, bool path, enum ab_domain_cue cue)
{
	return is_bare(p, len, path, path, true, cue);
}

/* The host name around [at, end), and the path behind it. */
static bool bare_span(const struct ab_scrub_place *p, size_t *start, size_t *end, bool *path, bool *port)
{
	/* A literal may end in what follows a name, a slash or a blank, which is no part of it. */
	size_t a = p->at, b = ab_host_is_byte(p->text[p->end - 1]) ? p->end : p->end - 1;

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
	*path = b + 1 < p->hi && p->text[b] == '/' &&
		(ab_host_is_word_byte(p->text[b + 1]) || strchr("+#?~@", p->text[b + 1])) && p->text[b + 1];
	*port = p->hi - b > 2 && p->text[b] == ':' && isdigit(p->text[b + 1]) && isdigit(p->text[b + 2]);
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

/* Signs of punctuation of Unicode and of Chinese. */
static bool is_sign(const unsigned char *c)
{
	return (c[0] == 0xe2 && c[1] == 0x80) || (c[0] == 0xe3 && c[1] == 0x80) || (c[0] == 0xef && c[1] == 0xbc);
}

/* Whether a name may end where letters of a script follow that is written without spaces: a sign, or a particle of
 * Japanese or Korean. Chinese has words there, as in "register a .com name". */
static bool may_end(const struct ab_scrub_place *p, size_t at)
{
	const unsigned char *c = p->text + at;

	return p->hi - at > 2 && (is_sign(c) || (c[0] == 0xe3 && (c[1] == 0x81 || c[1] == 0x82)) ||
				  (c[0] >= 0xea && c[0] <= 0xed));
}

/*
 * A name with letters beyond ASCII below an ending that no file and no word has: the label before the domain has two
 * of them at the least, and nothing behind it goes on. Whether [*start, *end) is one.
 */
static bool is_idn(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	static const char endings[] = " com org jp cn kr tw hk de ru eu ua info xyz shop online site club top fr pl se dk "
				      "br tr gr vn ch ";
	size_t dot = p->at, a = dot, b = dot + 1, beyond = 0;

	while (a > p->lo && dot - a < AB_HOST_MAX && (p->text[a - 1] >= 0x80 || ab_host_is_byte(p->text[a - 1])))
		beyond += p->text[--a] >= 0x80;
	while (b < p->hi && isalpha(p->text[b]))
		b++;
	if (beyond < 2 || dot - a < 4 || p->text[a] == '.' || is_sign(p->text + dot - 3) || !islower(p->text[dot + 1]) ||
	    (a > p->lo && strchr("@/\\$#&%~", p->text[a - 1])) ||
	    (b < p->hi && (p->text[b] >= 0x80 ? !may_end(p, b) : strchr("(=[@_-", p->text[b]) != NULL)) ||
	    !ab_wordlist_has(endings, (const char *)p->text + dot + 1, b - dot - 1))
		return false;
	*start = a;
	*end = b;
	return true;
}

/* https//, http;//, https=3A//, http%3a//: a scheme whose colon is none stands before the slashes. */
static bool is_maimed_scheme(const struct ab_scrub_place *p, size_t at)
{
	static const char *const colons[] = { "", ";", ".", "=3a", "%3a", "%253a", "&#58;", "&#x3a;", "&colon;", "\\:" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(colons); i++) {
		size_t n = strlen(colons[i]);

		if (at >= p->lo + n + 4 && strncasecmp((const char *)p->text + at - n, colons[i], n) == 0 &&
		    (strncasecmp((const char *)p->text + at - n - 4, "http", 4) == 0 ||
		     strncasecmp((const char *)p->text + at - n - 4, "ttps", 4) == 0))
			return true;
	}
	return false;
}

/* "@host" of a resolver, a forwarder or a data source: dig @x, *.* @@x, thin:@x; no member and no rare ending,
 * which decorators and directives have. */
static bool follows_at(const struct ab_scrub_place *p, size_t at, size_t end)
{
	static const char sure[] = " com net org edu gov ru cn de uk nl eu biz info xyz ";
	size_t from = end;

	if (at < p->lo + 1 || p->text[at - 1] != '@' ||
	    (at > p->lo + 1 && !strchr(" \t\n@:", p->text[at - 2])))
		return false;
	while (from > at && p->text[from - 1] != '.')
		from--;
	return ab_wordlist_has(sure, (const char *)p->text + from, end - from);
}

/* "//host/x" or "//host" alone in its line: what a page takes for a URL. A comment has a space. */
static bool opens_with_slashes(const struct ab_scrub_place *p, size_t at, size_t end, bool path)
{
	if (at < p->lo + 2 || !strchr("/\\", p->text[at - 1]) || p->text[at - 2] != '/')
		return false;
	if (is_maimed_scheme(p, at - 2))
		return true;
	if (at > p->lo + 2 && p->text[at - 3] == '@')
		return true;
	return (at == p->lo + 2 || isspace(p->text[at - 3])) &&
	       (path || end == p->hi || p->text[end] == '\n');
}

/* Whether a letter goes on as a word, or as a call or a member. */
static bool goes_on(unsigned char last, unsigned char next)
{
	static const unsigned char on[256] = { ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
					       ['_'] = 1, ['-'] = 1, ['('] = 1, ['='] = 1, ['['] = 1, ['@'] = 1 };

	return on[next] && last != '/' && on[last];
}

bool ab_scrub_match_domain(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	unsigned char before, after;
	bool path, port, slashes;
	enum ab_domain_cue cue;

	/* What goes on behind a domain is no domain: .in of .index; another anchor stands at its end. */
	if (p->text[p->at] == '.' && p->end < p->hi && goes_on(p->text[p->end - 1], p->text[p->end]))
		return false;
	if (p->text[p->at] == '.' && p->at > p->lo && p->text[p->at - 1] >= 0x80)
		return is_idn(p, start, end);
	if (!bare_span(p, start, end, &path, &port) || *end + 1 < p->end)
		return false;
	before = *start > p->lo ? p->text[*start - 1] : ' ';
	after = *end < p->hi ? p->text[*end] : ' ';
	slashes = opens_with_slashes(p, *start, *end, path) || follows_at(p, *start, *end);
	/* Parts of mail addresses, of URLs and paths, and of calls belong to other rules. */
	if (((strchr("@/\\$#&%~-", before) || before >= 0x80) && !slashes &&
	     !ends_cjk(p, *start)) ||
	    strchr("(=[@", after))
		return false;
	if (!has_real_tld(p->text + *start, *end - *start))
		return false;
	cue = ab_domain_cue_before(p, *start);
	if (cue < AB_CUE_STRONG && ab_domain_is_answer(p, *end))
		cue = AB_CUE_STRONG;
	if (slashes && !cue)
		cue = AB_CUE_WEAK;
	/* .data.rel.ro, dx:=x-a.cx, "from x.y import z" */
	if (cue == AB_CUE_WEAK && p->hi - *end > 7 && memcmp(p->text + *end, " import", 7) == 0)
		return false;
	if (!is_bare(p->text + *start, *end - *start, path, port, !strchr(".=:", before), cue) ||
	    ab_host_authority_allowed(p->policy, p->text + *start, *end - *start) ||
	    (!slashes && !(cue >= AB_CUE_STRONG && !path) && ab_scrub_names_software(p, *start, *end, path)))
		return false;
	if (path)
		*end = ab_host_url_end(p, *end);
	return true;
}
