/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and names that stand for a person, an account or a machine, with their check digits and classes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/base/utf8.h"
#include "lib/scrub/digits.h"
#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define MAX_NUMBER 40

/* A number as people write it: digits with single separators between them. */
struct number {
	char digits[MAX_NUMBER + 1];
	size_t n, start, end;
	char separators[MAX_NUMBER]; /* the one behind digit i, 0: none */
};

static bool read_number(const struct ab_scrub_place *p, const char *separators, struct number *ret)
{
	size_t at = p->at;

	*ret = (struct number){ .start = at };
	while (at < p->hi && ret->n < MAX_NUMBER && isdigit(p->text[at])) {
		ret->digits[ret->n++] = (char)p->text[at++];
		if (at + 1 < p->hi && p->text[at] && strchr(separators, p->text[at]) &&
		    isdigit(p->text[at + 1]))
			ret->separators[ret->n - 1] = (char)p->text[at++];
	}
	ret->end = at;
	/* A number that goes on as a word, or stands in one, is an identifier. */
	return !(at < p->hi && (isalnum(p->text[at]) || p->text[at] == '_')) &&
	       !(p->at > p->lo && (isalnum(p->text[p->at - 1]) || p->text[p->at - 1] == '_'));
}

/* Lengths of the IBANs of each country (ISO 13616 registry). */
static size_t iban_length(const char *country)
{
	static const char table[] =
		"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28"
		"EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27"
		"JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18"
		"NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28"
		"TL23TN24TR26UA29VA22VG24XK20YE30"
		/* not in the registry, and used */
		"AO25BF28BJ28CF27CG27CI28CM27CV25DZ26GA27GQ27GW25IR26KM27MA28MG27ML28MZ25NE28SN28"
		"TD27TG28";

	for (const char *p = table; *p; p += 4)
		if (p[0] == country[0] && p[1] == country[1])
			return (size_t)(p[2] - '0') * 10 + (size_t)(p[3] - '0');
	return 0;
}

static bool mod97(const char *iban, size_t n)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n; i++) {
		char c = iban[(i + 4) % n];

		if (isdigit((unsigned char)c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else
			rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
	}
	return rest == 1;
}

bool ab_scrub_check_iban(const struct ab_scrub_policy *policy, const unsigned char *value,
			 size_t len)
{
	char iban[40];
	size_t n = 0;

	(void)policy;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum(value[i]))
			continue;
		if (n == sizeof(iban))
			return false;
		iban[n++] = (char)toupper(value[i]);
	}
	return n > 4 && isdigit((unsigned char)iban[2]) && iban_length(iban) == n && mod97(iban, n);
}

/* The IBAN that begins with the two letters at `at`: where it ends, 0 if there is none. */
static size_t iban_end(const struct ab_scrub_place *p, size_t at, bool said)
{
	char iban[40];
	size_t n = 0, want, last = at, digits = 0;
	unsigned char sign = 0;
	bool even = true, lower = false;

	if (at + 4 > p->hi || !isalpha(p->text[at]) || !isalpha(p->text[at + 1]))
		return 0;
	iban[0] = (char)toupper(p->text[at]);
	iban[1] = (char)toupper(p->text[at + 1]);
	want = iban_length(iban);
	for (; want && at < p->hi && n < want; at++) {
		if (isalnum(p->text[at])) {
			digits += isdigit(p->text[at]) != 0;
			lower |= islower(p->text[at]) != 0;
			iban[n++] = (char)toupper(p->text[at]);
			last = at;
		} else if (!p->text[at] || !strchr(" -./_:,|\\=>\t\n", p->text[at]) || at - last > 3) {
			break;
		} else {
			unsigned char c = p->text[at] == '\n' ? ' ' : p->text[at];

			even &= !sign || sign == c || sign == ' ' || c == ' ';
			sign = c != ' ' || !sign ? c : sign;
		}
	}
	/* Prose has few digits. */
	if (!want || n != want || !isdigit((unsigned char)iban[2]) || !isdigit((unsigned char)iban[3]) ||
	    (sign && lower && digits < 6) || (!even && !said) || (at < p->hi && isalnum(p->text[at])) || !mod97(iban, n))
		return 0;
	return at;
}

/* The anchor is digits with two letters before them, or the word that says what stands behind it. */
bool ab_scrub_match_iban(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t stop = p->hi - p->end > 24 ? p->end + 24 : p->hi;

	if (isdigit(p->text[p->at])) {
		if (p->at < p->lo + 2 || (p->at > p->lo + 2 && isalnum(p->text[p->at - 3])))
			return false;
		*start = p->at - 2;
		*end = iban_end(p, *start, false);
		return *end > 0;
	}
	for (*start = p->end; *start < stop; ++*start)
		if ((*start == p->end || !isalnum(p->text[*start - 1])) && (*end = iban_end(p, *start, true)))
			return true;
	return false;
}

/* Areas 000, 666, 900-999, group 00 and serial 0000 are never issued; two are documentation's. */
bool ab_scrub_match_ssn(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct ab_digits d;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';

	ab_digits_read(p, p->at, "- ", 24, &d);
	if (d.n < 3 || d.len[0] != 3 || d.len[1] != 2 || d.len[2] != 4 || !ab_digits_even(&d, 3) ||
	    (d.n > 3 && d.sign[2] == d.sign[0]) || ab_digits_follow(p, p->at, &d))
		return false;
	*start = p->at;
	*end = d.ends[2];
	if (isalnum(before) || (before && strchr(".-/", before)) ||
	    (*end < p->hi && (isalnum(p->text[*end]) || p->text[*end] == '_')))
		return false;
	return memcmp(d.digits, "000", 3) != 0 && memcmp(d.digits, "666", 3) != 0 &&
	       d.digits[0] != '9' && memcmp(d.digits + 3, "00", 2) != 0 &&
	       memcmp(d.digits + 5, "0000", 4) != 0 && memcmp(d.digits, "078051120", 9) != 0 &&
	       memcmp(d.digits, "219099999", 9) != 0;
}

/* IANA's special-purpose registry: what never leaves a network, or stands for nothing. */
static bool is_special(const unsigned ip[4])
{
	return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 || ip[0] >= 224 ||
	       (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128) || (ip[0] == 169 && ip[1] == 254) ||
	       (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) || (ip[0] == 192 && ip[1] == 168) ||
	       (ip[0] == 192 && ip[1] == 0 && (ip[2] == 0 || ip[2] == 2)) ||
	       (ip[0] == 198 && (ip[1] == 18 || ip[1] == 19)) ||
	       (ip[0] == 198 && ip[1] == 51 && ip[2] == 100) ||
	       (ip[0] == 203 && ip[1] == 0 && ip[2] == 113);
}

/* Words before four numbers, in their line, that make them a version or a place in a document. */
static bool is_version(const struct ab_scrub_place *p)
{
	static const char *const words[] = { "version", "release",  "firmware", "section",
					     "chapter", "clause",   "build",	"oid",
					     "upgrade", "assembly", "\xc2\xa7",
					     "cudnn",	"cuda",	    "driver ",	"nvidia",  "jdk",
					     "openssl", "kernel" };
	size_t from = p->at - p->lo > 20 ? p->at - 20 : p->lo;
	const unsigned char *newline = memrchr(p->text + from, '\n', p->at - from);

	if (newline)
		from = (size_t)(newline - p->text);
	for (size_t i = from; i < p->at; i++)
		for (size_t k = 0; p->text[i] >= 'A' && k < AB_ARRAY_SIZE(words); k++) {
			size_t n = strlen(words[k]);

			if (i + n <= p->at && ab_word_stands(p->text + i, words[k], n))
				return true;
		}
	/* Chrome/99.0.4.51 */
	if (p->at > p->lo + 1 && p->text[p->at - 1] == '/' && isalpha(p->text[p->at - 2]))
		return true;
	return p->at > p->lo && strchr("vV.-_", p->text[p->at - 1]) && p->text[p->at - 1];
}

/* 1.2.3.4 is a version, unless a word before it says that it is not. */
static bool is_said_address(const struct ab_scrub_place *p)
{
	static const char *const words[] = { "ip",   "addr",  "host",  "client", "peer",
					     "login", "remote", "ssh", "src",	 "dst" };
	size_t from = p->at - p->lo > 16 ? p->at - 16 : p->lo;

	for (size_t k = 0; k < AB_ARRAY_SIZE(words); k++) {
		size_t n = strlen(words[k]);

		for (size_t i = from; i + n <= p->at; i++)
			if (ab_word_stands(p->text + i, words[k], n) && !(i > p->lo && isalpha(p->text[i - 1])) &&
			    !isalpha(p->text[i + n]))
				return true;
	}
	return false;
}

bool ab_scrub_match_ipv4(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct number number;
	unsigned ip[4] = { 0 };
	size_t part = 0, digits = 0;

	if (!read_number(p, ".", &number) || number.n < 4 || number.n > 12)
		return false;
	for (size_t i = 0; i < number.n; i++) {
		if (part > 3 || (digits && !ip[part]))
			return false;
		ip[part] = ip[part] * 10 + (unsigned)(number.digits[i] - '0');
		digits++;
		if (ip[part] > 255)
			return false;
		if (number.separators[i]) {
			part++;
			digits = 0;
		}
	}
	*start = number.start;
	*end = number.end;
	/* Versions and object identifiers have small numbers, or begin with 1. */
	return part == 3 && !is_special(ip) && !is_version(p) &&
	       (ip[0] >= 4 || (ip[0] > 1 && (ip[1] > 63) + (ip[2] > 63) + (ip[3] > 63) > 1) ||
		is_said_address(p)) &&
	       !(number.end + 1 < p->hi && p->text[number.end] == '.' &&
		 isdigit(p->text[number.end + 1]));
}

bool ab_scrub_check_ip_public(const struct ab_scrub_policy *policy, const unsigned char *value,
			      size_t len)
{
	unsigned ip[4] = { 0 };
	size_t part = 0;

	(void)policy;
	for (size_t i = 0; i < len && part < 4; i++) {
		if (value[i] == '.')
			part++;
		else if (isdigit(value[i]))
			ip[part] = ip[part] * 10 + (unsigned)(value[i] - '0');
		else
			break;
	}
	return part == 3 && !is_special(ip);
}

/* Eight groups, or fewer around one "::". */
bool ab_scrub_check_ipv6(const struct ab_scrub_policy *policy, const unsigned char *value,
			 size_t len)
{
	size_t colons = 0, gaps = 0;

	(void)policy;
	for (size_t i = 0; i < len; i++) {
		colons += value[i] == ':';
		gaps += i && value[i] == ':' && value[i - 1] == ':';
	}
	return gaps == 1 ? colons <= 7 : !gaps && colons == 7;
}

/* Of a letter beyond ASCII: signs and spaces have other first bytes. */
static bool is_foreign(const unsigned char *p)
{
	return (*p >= 0xc3 && *p <= 0xe1) || (*p > 0xe3 && *p < 0xef);
}

static bool is_local_part(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || (c && strchr(".!#$%&'*+/=?^_{|}~-", c));
}

/* Where the local part that ends at `end` begins: a word, or words in quotes. */
static size_t local_start(const struct ab_scrub_place *p, size_t end)
{
	size_t a = end, quote;

	if (a > p->lo + 1 && p->text[a - 1] == '"') {
		for (quote = a - 1; quote > p->lo && a - quote < 64; quote--)
			if (strchr("\"\n@", p->text[quote - 1]) && p->text[quote - 1])
				break;
		return quote > p->lo && p->text[quote - 1] == '"' ? quote : a;
	}
	while (a > p->lo && end - a < 64 && is_local_part(p->text[a - 1]))
		a--;
	while (a < end && !isalnum(p->text[a]) && p->text[a] != '_' && p->text[a] < 0x80)
		a++;
	/* Not from the middle of a character, nor with a sign for its first. */
	while (a < end && p->text[a] >= 0x80 && !is_foreign(p->text + a))
		a++;
	return a;
}

/* Where the domain that begins at `at` ends, and where its last label begins; 0: it is none. */
static size_t domain_end(const struct ab_scrub_place *p, size_t at, size_t *tld)
{
	size_t b = at, letters = 0;

	while (b < p->hi && b - at < 254 &&
	       (isalnum(p->text[b]) || p->text[b] == '-' || p->text[b] == '.' ||
		(p->text[b] >= 0x80 && ((p->text[b] & 0xc0) == 0x80 || is_foreign(p->text + b)))))
		b++;
	while (b > at && !isalnum(p->text[b - 1]) && p->text[b - 1] < 0x80)
		b--;
	for (*tld = b; *tld > at && p->text[*tld - 1] != '.'; --*tld)
		letters += isalpha(p->text[*tld - 1]) || p->text[*tld - 1] >= 0x80;
	/* 中国谢谢, .de谢谢: what is behind a domain is no part of it, and does no harm. */
	if (*tld <= at + 1 || b - *tld < 2)
		return 0;
	if (b - *tld > 4 && memcmp(p->text + *tld, "xn--", 4) == 0)
		return b;
	return letters == b - *tld && letters <= 36 ? b : 0;
}

/* Whether what is beyond ASCII in [at, end) is UTF-8. */
static bool is_utf8(const unsigned char *text, size_t at, size_t end)
{
	uint32_t c;
	size_t n;

	for (; at < end; at += n) {
		n = text[at] < 0x80 ? 1 : ab_utf8_decode(text + at, end - at, &c);
		if (!n)
			return false;
	}
	return true;
}

/* Domains of documentation and of networks of one's own, and names of files. */
static bool is_nobodys(const unsigned char *domain, size_t len)
{
#define NAME(text) { text, sizeof(text) - 1 }
	static const struct {
		const char *text;
		size_t len;
	} none[] = { NAME("example.com"), NAME("example.org"), NAME("example.net"), NAME(".example"),
		     NAME(".test"),	  NAME(".invalid"),    NAME(".localhost"),  NAME(".png"),
		     NAME(".jpg"),	  NAME(".gif"),	       NAME(".svg"),	    NAME(".js"),
		     NAME(".local"),	  NAME(".internal"),   NAME(".lan"),	    NAME(".corp"),
		     NAME(".intranet"),	  NAME(".localdomain") };
#undef NAME

	/* Nearly all are told by their last letter. */
	for (size_t i = 0; i < AB_ARRAY_SIZE(none); i++) {
		size_t n = none[i].len;

		if (len >= n && !((domain[len - 1] ^ (unsigned char)none[i].text[n - 1]) & 0xdf) &&
		    strncasecmp((const char *)domain + len - n, none[i].text, n) == 0)
			return true;
	}
	return false;
}

/* In "u?to=bob", what could as well be a local part, the one that somebody means begins behind the sign. */
static size_t behind_query(const unsigned char *text, size_t a, size_t at)
{
	const unsigned char *query = memchr(text + a, '?', at - a);

	if (!query)
		return a;
	for (size_t i = at - 1; i > a; i--)
		if (strchr("?=&", text[i - 1]) && text[i - 1])
			return isalnum(text[i]) || text[i] >= 0x80 ? i : a;
	return a;
}

/* RFC 5321 mailboxes as people write them. */
bool ab_scrub_match_email(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->at > p->lo && p->text[p->at - 1] == '\\' ? p->at - 1 : p->at, a, b, tld;
	unsigned char before;

	a = local_start(p, at);
	if (a == at || !(isalnum(p->text[p->at + 1]) || is_foreign(p->text + p->at + 1)))
		return false;
	b = domain_end(p, p->at + 1, &tld);
	if (!b || is_nobodys(p->text + p->at + 1, b - p->at - 1) || !is_utf8(p->text, a, b))
		return false;
	a = behind_query(p->text, a, at);
	/* scheme://user@host and user:password@host are URLs' and secrets' rules; @name@host is of the
	 * fediverse. */
	before = a > p->lo ? p->text[a - 1] : ' ';
	if (before == '/' || (before == '@' && a > p->lo + 1 && is_local_part(p->text[a - 2])))
		return false;
	/* git@host:path, as git writes an address. */
	if (at - a == 3 && memcmp(p->text + a, "git", 3) == 0 && b < p->hi && p->text[b] == ':')
		return false;
	*start = a;
	*end = b;
	return true;
}
