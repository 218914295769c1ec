/* SPDX-License-Identifier: Apache-2.0 */
/* What the words before a name say of it: whether a host is meant. */
#include "lib/scrub/domain.h"

#include <string.h>

#include "lib/scrub/host.h"
#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define CUE_BACK  96 /* bytes before a name in which words are looked at */
#define LIST_MOST 6  /* names of a list that are gone back over */

/* Words that stand before a host in prose or in a setting, and before much else: "from x". */
static const char weak_words[] =
	" at to from see on via open check with use try head link by called named source found remote relay "
	"upstream peer word mirrors mirrored moved using through against into towards go more info contact "
	"referer referrer origin uri uris lookup "
	"auf von bei zu unter nach mit \xc3\xbc" "ber sur chez vers depuis avec desde por para con dal nel su "
	"naar van bij p\xc3\xa5 fra til till fr\xc3\xa5n hos na od pod "
	"\xd0\xbd\xd0\xb0 \xd1\x81 \xd1\x81\xd0\xbe \xd0\xb2 \xd0\xb8\xd0\xb7 \xd1\x87\xd0\xb5\xd1\x80\xd0\xb5\xd0\xb7 "
	"\xd0\xb4\xd0\xbe \xd0\xb7 \xd1\x82\xd1\x83\xd1\x82 \xd0\xbf\xd0\xbe t\xe1\xba\xa1i \xe1\xbb\x9f v\xc3\xa0o xem "
	"dari pada lihat adresinde \xd8\xb9\xd9\x84\xd9\x89 \xd9\x81\xd9\x8a \xd9\x85\xd9\x86 \xd8\xb1 "
	"\xd8\xa7\xd8\xb2 \xd8\xaf\xd8\xb1 \xd7\x91\xd7\x90\xd7\xaa\xd7\xa8 ";

/* Those that hosts alone stand behind. */
static const char strong_words[] =
	" visit site sites goto arpa browse domain domains host hosts hostname server servers website websites portal "
	"ping dig nslookup curl wget resolve resolved resolves reach connect url urls address home homepage mirror "
	"endpoint endpoints download ns mx cname ptr txt aaaa soa srv nameserver nameservers helo ehlo lynx w3m links "
	"elinks ssh sftp scp telnet ftp ncat nc whois traceroute tracert mtr host nmap login rsync iwr irm httpie "
	"sinkhole sinkholed c2 c&c ioc iocs callback beacon beacons exfil eepsite onion tunnel vpn proxy gateway webmail "
	"registered registering vendors suppliers competitors resellers enotfound eai_again getaddrinfo enodata fqdn vhost "
	"servername serveralias nxdomain typosquat typosquats typosquatted lookalike lookalikes phishing blocklist blocklists "
	"denylist blacklist subdomain subdomains netloc ntp ldap ldaps syslog rsyslog sni whitelisted blocklisted "
	"qname rrname registry forwarder smtp imap pop3 mx1 relayhost smarthost received "
	"seite webseite domain besuchen besuche \xc3\xb6" "ffne site visitez visite ouvre sitio p\xc3\xa1gina visita "
	"abre p\xc3\xa1gina sito visita apri vai acesse visite strona odwied\xc5\xba "
	"\xd1\x81\xd0\xb0\xd0\xb9\xd1\x82 \xd1\x81\xd0\xb0\xd0\xb9\xd1\x82\xd0\xb5 "
	"\xd0\xb4\xd0\xbe\xd0\xbc\xd0\xb5\xd0\xbd \xd0\xb0\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81 "
	"\xd0\xb7\xd0\xb0\xd1\x85\xd0\xbe\xd0\xb4\xd0\xb8 "
	"\xd9\x85\xd9\x88\xd9\x82\xd8\xb9 ";

static bool is_strong(const char *word, size_t n)
{
	return ab_wordlist_has(strong_words, word, n);
}

/* What a query's log has before "name=". */
static const char record_words[] = " a aaaa any mx ns txt srv cname https ptr soa dns query question ";

/* What stands between a name and the word before it; an arrow and the like as well. */
static bool is_between(unsigned char c)
{
	return c == ' ' || c == '\t' || (c > ' ' && c < 0x7f && strchr("[]:=\"'(<>-*`,;|/", c));
}

/* The word that ends before *end, of any script, lower-cased if it is ASCII; its length, and *end at its start. */
static size_t word_before(const struct ab_scrub_place *p, size_t *end, char word[24])
{
	size_t at = *end, n;

	while (at > p->lo && *end - at < 6 && is_between(p->text[at - 1]))
		at--;
	if (at >= p->lo + 3 && p->text[at - 3] == 0xe2 && (p->text[at - 2] & 0xfe) == 0x86)
		for (at -= 3; at > p->lo && p->text[at - 1] == ' ';) /* an arrow */
			at--;
	for (n = 0; n < 23 && at > p->lo + n; n++) {
		unsigned char c = p->text[at - n - 1];

		if (!isalnum(c) && c < 0x80 && c != '&')
			break;
	}
	for (size_t i = 0; i < n; i++)
		word[i] = (char)tolower(p->text[at - n + i]);
	word[n] = '\0';
	if (at == *end)
		return 0; /* nothing parts them */
	*end = at - n;
	return n;
}

/* Where the name that a list has before the one at `start` begins: "a.net, b.net and c.net". */
static size_t name_before(const struct ab_scrub_place *p, size_t start)
{
	size_t at = start, end;

	while (at > p->lo && start - at < 6 && p->text[at - 1] < 0x80 && strchr(" ,;|/&\"'", p->text[at - 1]))
		at--;
	if (at >= p->lo + 3 && start - at < 3 && memcmp(p->text + at - 3, "and", 3) == 0)
		for (at -= 3; at > p->lo && p->text[at - 1] == ' ';)
			at--;
	if (at == start)
		return start;
	for (end = at; at > p->lo && end - at < AB_HOST_MAX && ab_host_is_byte(p->text[at - 1]);)
		at--;
	return end - at > 3 && memchr(p->text + at, '.', end - at) && p->text[end - 1] != '.' ? at : start;
}

/* Numbers stand between a type and a name in a record, "SRV 0 5 5060 x", and an address before one in a table of hosts.
 * Whether it is an address; *at is moved before the numbers. */
static bool skip_numbers(const struct ab_scrub_place *p, size_t *at)
{
	for (unsigned n = 0; n < 4; n++) {
		size_t end = *at, from, dots = 0;

		while (end > p->lo && *at - end < 8 && (p->text[end - 1] == ' ' || p->text[end - 1] == '\t'))
			end--;
		for (from = end; from > p->lo && end - from < 16 && (isdigit(p->text[from - 1]) || p->text[from - 1] == '.');)
			dots += p->text[--from] == '.';
		if (end == *at || from == end || (from > p->lo && p->text[from - 1] > ' '))
			return false;
		if (dots)
			return dots == 3 && end - from >= 7;
		*at = from;
	}
	return false;
}

/* Words for a site of the web: what stands behind one is no file, whatever it ends in. */
static const char site_words[] =
	" site website websites webpage homepage seite webseite internetseite "
	"strona strony stronie stron\xc4\x99 stron\xc4\x85 witryna witrynie witryn\xc4\x99 adresem "
	"str\xc3\xa1nka str\xc3\xa1nky str\xc3\xa1nk\xc3\xa1" "ch webu webov\xc3\xa1 "
	"sitio p\xc3\xa1gina sito sajt sajtu webbplats nettside hjemmeside webbplatsen webhelye honlap "
	"\xd1\x81\xd0\xb0\xd0\xb9\xd1\x82 \xd1\x81\xd0\xb0\xd0\xb9\xd1\x82\xd0\xb5 "
	"\xd1\x81\xd0\xb0\xd0\xb9\xd1\x82\xd0\xb0 \xd1\x81\xd0\xb0\xd0\xb9\xd1\x82\xd1\x83 "
	"\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82\xd0\xb0\xd0\xbb\xd0\xb5 "
	"\xd9\x85\xd9\x88\xd9\x82\xd8\xb9 \xd7\x90\xd7\xaa\xd7\xa8 "
	"\xe0\xa4\xb5\xe0\xa5\x87\xe0\xa4\xac\xe0\xa4\xb8\xe0\xa4\xbe\xe0\xa4\x87\xe0\xa4\x9f ";

bool ab_domain_is_answer(const struct ab_scrub_place *p, size_t end)
{
	/* Of members of objects it is said as well what they point to, and what they have not. */
	static const char *const said[] = { " has address ", " has IPv6 address ", " mail is handled by ",
					    " is an alias for ", ": no such host", ": NXDOMAIN" };

	if (end < p->hi && p->text[end] == '.')
		end++;
	for (size_t i = 0; i < AB_ARRAY_SIZE(said); i++)
		if (p->hi - end >= strlen(said[i]) && memcmp(p->text + end, said[i], strlen(said[i])) == 0)
			return true;
	return false;
}

enum ab_domain_cue ab_domain_cue_before(const struct ab_scrub_place *p, size_t start)
{
	char word[24];
	size_t at = start, n;

	if (at > p->lo + 1 && (p->text[at - 1] == ' ' || p->text[at - 1] == '\t') && skip_numbers(p, &at))
		return AB_CUE_STRONG;
	for (unsigned names = 0; names < LIST_MOST; names++) {
		size_t before = name_before(p, at);

		if (before == at)
			break;
		at = before;
	}
	n = word_before(p, &at, word);
	if (n && ab_wordlist_has(site_words, word, n))
		return AB_CUE_SITE;
	if (n && is_strong(word, n))
		return AB_CUE_STRONG;
	if (n && ab_wordlist_has(weak_words, word, n)) {
		/* "sites such as x", "go to x", "dig +short x", "traceroute to x" */
		n = word_before(p, &at, word);
		return n && is_strong(word, n) ? AB_CUE_STRONG : AB_CUE_WEAK;
	}
	if (n == 4 && memcmp(word, "name", 4) == 0) {
		n = word_before(p, &at, word);
		return n && ab_wordlist_has(record_words, word, n) ? AB_CUE_WEAK : AB_CUE_NONE;
	}
	/* Options stand between; "ssh-keygen -f x" has a dash of another kind. */
	for (unsigned k = 0; n && at > p->lo + 1 && strchr("-+", p->text[at - 1]) && start - at < CUE_BACK; k++) {
		if (k && p->text[at - 2] > ' ')
			break;
		at -= p->text[at - 1] == '+';
		n = word_before(p, &at, word);
		if (n && is_strong(word, n))
			return AB_CUE_STRONG;
	}
	return AB_CUE_NONE;
}
