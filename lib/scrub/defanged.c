/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts written so that no reader of links sees one: hxxp://, [.], "dot". */
#include <string.h>
#include <strings.h>

#include "lib/scrub/domain.h"
#include "lib/scrub/host.h"
#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

/* Ways to write a dot so that no reader of links sees one; the length, 0 if it is none. */
static size_t defanged_dot(const unsigned char *p, size_t len)
{
	static const char *const dots[] = { "[.]",   "(.)",	"{.}",	   "<.>",
					    "[dot]", "(dot)",	"{dot}",   " [.] ",
					    " (.) ", " [dot] ", " (dot) ", " {dot} ",
					    " dot ", "[.",	".]",	   "[,]",    " . ",
					    "\\.",   " [dot]",	" (dot)",  "[dot] ", "(dot) ",
					    " [.]",  "[.] ",	" punkt ", " punto ", " point ", " ponto ",
					    " nokta ", " \xd1\x82\xd0\xbe\xd1\x87\xd0\xba\xd0\xb0 " };

	for (size_t i = 0; i < AB_ARRAY_SIZE(dots); i++) {
		size_t n;

		/* Two bytes tell most apart: a text of nothing but dots asks often. */
		if (p[0] != (unsigned char)dots[i][0] || (p[1] | 0x20) != ((unsigned char)dots[i][1] | 0x20))
			continue;
		n = strlen(dots[i]);
		if (len >= n && strncasecmp((const char *)p, dots[i], n) == 0)
			return n;
	}
	return 0;
}

/* Reads labels and defanged dots from `at`; fills the host as it was meant. */
static size_t refang(const struct ab_scrub_place *p, size_t at, char host[AB_HOST_MAX], size_t *dots)
{
	size_t n = 0, skip;

	while (at < p->hi && n + 1 < AB_HOST_MAX) {
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
	while (n && host[n - 1] == '.' && p->text[at - 1] == '.') { /* of the sentence */
		n--;
		at--;
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

/* "on cracked-apps dot to, first", "at q-panel DOT su": a name that is no word, or a word before it and an end. */
static bool is_spelt(const struct ab_scrub_place *p, size_t at, size_t end, const char *host, const char *tld)
{
	size_t n = (size_t)(tld - host);
	bool ends = end == p->hi || strchr(".,;:!?)]\"'\n/", p->text[end]);

	if (n < 3 || !ab_tld_is_real(tld + 1))
		return false;
	if (p->hi - p->at > 4 && memcmp(p->text + p->at, " DOT ", 5) == 0)
		return true;
	if (memchr(host, '-', n) || strcspn(host, "0123456789") < n)
		return ends || ab_domain_cue_before(p, at);
	return ends && n > 3 && ab_domain_cue_before(p, at) >= AB_CUE_STRONG;
}

/* "el punto de partida": words of the languages in which the dot is one, and domains by chance. */
static bool is_romance(const unsigned char *dot, const char *tld)
{
	static const char words[] = " de la le da do na no se me te es en in al su si et as ma ao ";

	return dot[0] == ' ' && (dot[1] | 0x20) == 'p' && ab_wordlist_has(words, tld, strlen(tld));
}

bool ab_scrub_match_defanged(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	char host[AB_HOST_MAX];
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
	if (!scheme && !ab_tld_is_known(tld + 1, !spaced || path) && !ab_host_is_ipv4(host) &&
	    !(spaced && is_spelt(p, a, at, host, tld)))
		return false;
	if (p->text[p->at] == '\\' && !ab_tld_is_sure(tld + 1))
		return false;
	if (!scheme && spaced && p->text[p->at] == ' ' && !path && ab_tld_is_member(tld + 1))
		return false;
	if (!scheme && !path && is_romance(p->text + p->at, tld + 1))
		return false;
	if (!scheme && dots && tld - host < 2)
		return false;
	*start = a;
	*end = at > p->end ? at : p->end;
	return !ab_host_allowed(p->policy, (const unsigned char *)host, strlen(host));
}
