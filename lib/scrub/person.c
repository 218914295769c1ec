/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and names that stand for a person or an account, with their check digits and classes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/scrub/match.h"

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

static bool luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0');

		if (i % 2)
			d = d * 2 > 9 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return n && sum % 10 == 0;
}

bool ab_scrub_check_luhn(const struct ab_scrub_policy *policy, const unsigned char *value,
			 size_t len)
{
	char digits[MAX_NUMBER];
	size_t n = 0;

	(void)policy;
	for (size_t i = 0; i < len; i++)
		if (isdigit(value[i]) && n < sizeof(digits))
			digits[n++] = (char)value[i];
	return luhn(digits, n);
}

static unsigned prefix_of(const char *digits, size_t n)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)(digits[i] - '0');
	return v;
}

/* ISO/IEC 7812 ranges of the large networks, with the lengths that they issue. */
static bool is_issued(const char *digits, size_t n)
{
	unsigned two = prefix_of(digits, 2), three = prefix_of(digits, 3);
	unsigned four = prefix_of(digits, 4);

	if (digits[0] == '4')
		return n == 13 || n == 16 || n == 19;
	if ((two >= 51 && two <= 55) || (four >= 2200 && four <= 2204) ||
	    (four >= 2221 && four <= 2720))
		return n == 16;
	if (two == 34 || two == 37)
		return n == 15;
	if ((three >= 300 && three <= 305) || two == 36 || two == 38 || two == 39)
		return n == 14 || n == 16;
	if (four == 6011 || two == 65 || (three >= 644 && three <= 649) || two == 62)
		return n >= 16 && n <= 19;
	if (four >= 3528 && four <= 3589)
		return n == 16;
	return (two == 50 || (two >= 56 && two <= 58) || two == 67 || two == 63) && n == 16;
}

bool ab_scrub_match_card(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct number number;
	bool same = true;
	char separator;

	if (!read_number(p, " -.", &number) || number.n < 13 || number.n > 19)
		return false;
	/* Groups of three or more with one separator throughout: else it is a list or a date. */
	separator = number.separators[3];
	for (size_t i = 0, group = 0; i < number.n; i++) {
		same &= number.digits[i] == number.digits[0];
		group++;
		if (number.separators[i]) {
			if (number.separators[i] != separator || group < 3)
				return false;
			group = 0;
		}
	}
	if (same || !is_issued(number.digits, number.n) || !luhn(number.digits, number.n))
		return false;
	if (p->at > p->lo && strchr(".-/", p->text[p->at - 1]) && p->text[p->at - 1])
		return false;
	*start = number.start;
	*end = number.end;
	return true;
}

/* Lengths of the IBANs of each country (ISO 13616 registry). */
static size_t iban_length(const char *country)
{
	static const char table[] =
		"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28"
		"EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27"
		"JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18"
		"NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28"
		"TL23TN24TR26UA29VA22VG24XK20YE30";

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

/* Two letters stand before the digits at the anchor: GB82 WEST 1234 ... */
bool ab_scrub_match_iban(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	char iban[40];
	size_t at, n = 0, want, last = 0;

	if (p->at < p->lo + 2 || !isalpha(p->text[p->at - 2]) || !isalpha(p->text[p->at - 1]) ||
	    (p->at > p->lo + 2 && isalnum(p->text[p->at - 3])))
		return false;
	iban[0] = (char)toupper(p->text[p->at - 2]);
	iban[1] = (char)toupper(p->text[p->at - 1]);
	want = iban_length(iban);
	for (at = p->at - 2; want && at < p->hi && n < want; at++) {
		if (isalnum(p->text[at])) {
			iban[n++] = (char)toupper(p->text[at]);
			last = at;
		} else if (!strchr(" -.", p->text[at]) || at - last > 1) {
			break;
		}
	}
	if (!want || n != want || (at < p->hi && isalnum(p->text[at])) || !mod97(iban, n))
		return false;
	*start = p->at - 2;
	*end = at;
	return true;
}

/* Areas 000, 666, 900-999, group 00 and serial 0000 are never issued; two are documentation's. */
bool ab_scrub_match_ssn(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct number number;
	unsigned area, group, serial;

	if (!read_number(p, "- ", &number) || number.n != 9 || !number.separators[2] ||
	    number.separators[4] != number.separators[2])
		return false;
	for (size_t i = 0; i < 9; i++)
		if (number.separators[i] && i != 2 && i != 4)
			return false;
	if (p->at > p->lo && strchr(".-/", p->text[p->at - 1]) && p->text[p->at - 1])
		return false;
	area = prefix_of(number.digits, 3);
	group = prefix_of(number.digits + 3, 2);
	serial = prefix_of(number.digits + 5, 4);
	*start = number.start;
	*end = number.end;
	return area && area != 666 && area < 900 && group && serial &&
	       strcmp(number.digits, "078051120") != 0 && strcmp(number.digits, "219099999") != 0;
}

/* Area, exchange and number of North America from digit `from` on, one separator between them. */
static bool is_american(const struct number *n, size_t from)
{
	if (n->n != from + 10 || n->digits[from] < '2' || n->digits[from + 3] < '2' ||
	    !n->separators[from + 2])
		return false;
	for (size_t i = 0; i < n->n; i++) {
		bool edge = i == from + 2 || i == from + 5 || (from && i == from - 1);

		if (n->separators[i] != (edge ? n->separators[from + 2] : 0))
			return false;
	}
	return true;
}

/* Whether the word before the number says that it counts something else: SKU 0048-291-7364. */
static bool is_other_number(const struct ab_scrub_place *p)
{
	static const char *const words[] = { "serial", "sku",	 "part",   "model", "isbn",
					     "issn",   "ean",	 "order",  "item",  "invoice",
					     "ticket", "case",	 "ref",	   "id",    "version",
					     "build",  "serie",  "batch", "lot" };
	size_t end = p->at, n = 0;

	while (end > p->lo && p->at - end < 3 && p->text[end - 1] && strchr(" :#", p->text[end - 1]))
		end--;
	while (end > p->lo + n && n < 12 && isalpha(p->text[end - n - 1]))
		n++;
	for (size_t i = 0; i < AB_ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == n &&
		    strncasecmp((const char *)p->text + end - n, words[i], n) == 0)
			return true;
	return false;
}

/* Whether a number stands before it as one more of a row. */
static bool is_in_a_row(const struct ab_scrub_place *p, const struct number *number)
{
	return number->start > p->lo + 1 && p->text[number->start - 1] == ' ' &&
	       isdigit(p->text[number->start - 2]);
}

/* (212) 555-0100, 212-555-0100, +49 30 123456, 0049 30 123456: what is before the anchor decides.
 */
bool ab_scrub_match_phone(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct number number;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	size_t at, n = 0, gaps = 0;
	bool plus = before == '+', bracket = before == '(';

	for (at = p->at; at < p->hi && n < 16; at++) {
		if (isdigit(p->text[at]))
			n++;
		else if (p->text[at] && strchr(" -.()/", p->text[at]) && at + 1 < p->hi &&
			 (isdigit(p->text[at + 1]) || strchr("( ", p->text[at + 1])))
			gaps++;
		else if (p->text[at] != ')')
			break;
	}
	while (at > p->at && !isdigit(p->text[at - 1]))
		at--;
	if (at < p->hi && (isalnum(p->text[at]) || p->text[at] == '_'))
		return false;
	*start = p->at - (plus || bracket);
	*end = at;
	if (plus)
		return n >= 9 && n <= 15 && p->text[p->at] != '0' &&
		       (*start == p->lo || !isalnum(p->text[*start - 1]));
	if (isalnum(before) || strchr("._-/:=$#%", before) || is_other_number(p))
		return false;
	/* North American: area and exchange begin with 2 to 9. */
	if (bracket)
		return n == 10 && gaps && p->text[p->at] >= '2' && at - p->at >= 12;
	if (p->text[p->at] == '0' && p->text[p->at + 1] == '0' && p->text[p->at + 2] > '1')
		return n >= 11 && n <= 15 && gaps;
	if (!read_number(p, "-. ", &number) || is_in_a_row(p, &number))
		return false;
	return is_american(&number, 0) || (number.digits[0] == '1' && is_american(&number, 1)) ||
	       (memcmp(number.digits, "001", 3) == 0 && is_american(&number, 3));
}

/* Eight to fifteen digits, which are no date, no address and not all alike. */
bool ab_scrub_check_phone_digits(const struct ab_scrub_policy *policy, const unsigned char *value,
				 size_t len)
{
	size_t n = 0, dots = 0, changes = 0;
	unsigned char last = 0;

	(void)policy;
	for (size_t i = 0; i < len; i++) {
		dots += value[i] == '.';
		if (!isdigit(value[i]))
			continue;
		changes += n && value[i] != last;
		last = value[i];
		n++;
	}
	if (len >= 10 && (memcmp(value, "19", 2) == 0 || memcmp(value, "20", 2) == 0) &&
	    !isdigit(value[4]) && !isdigit(value[7]))
		return false;
	return n >= 8 && n <= 15 && changes >= 3 && !(dots == 3 && n <= 12 && value[0] != '0');
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

/* Words before four numbers that make them a version or a place in a document. */
static bool is_version(const struct ab_scrub_place *p)
{
	static const char *const words[] = { "version", "release",  "firmware", "section",
					     "chapter", "clause",   "build",	"oid",
					     "upgrade", "assembly", "\xc2\xa7" };
	size_t from = p->at - p->lo > 20 ? p->at - 20 : p->lo;

	for (size_t k = 0; k < AB_ARRAY_SIZE(words); k++) {
		size_t n = strlen(words[k]);

		for (size_t i = from; i + n <= p->at; i++)
			if (strncasecmp((const char *)p->text + i, words[k], n) == 0)
				return true;
	}
	return p->at > p->lo && strchr("vV.-_", p->text[p->at - 1]) && p->text[p->at - 1];
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
	return part == 3 && !is_special(ip) && ip[0] >= 4 && !is_version(p) &&
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

static bool is_local_part(unsigned char c)
{
	return isalnum(c) || (c && strchr(".!#$%&'*+/=?^_{|}~-", c));
}

/* Where the local part that ends at the "@" begins: a word, or words in quotes. */
static size_t local_start(const struct ab_scrub_place *p)
{
	size_t a = p->at, quote;

	if (a > p->lo + 1 && p->text[a - 1] == '"') {
		for (quote = a - 1; quote > p->lo && a - quote < 64; quote--)
			if (strchr("\"\n@", p->text[quote - 1]) && p->text[quote - 1])
				break;
		return quote > p->lo && p->text[quote - 1] == '"' ? quote : a;
	}
	while (a > p->lo && p->at - a < 64 && is_local_part(p->text[a - 1]))
		a--;
	while (a < p->at && !isalnum(p->text[a]) && p->text[a] != '_')
		a++;
	return a;
}

/* RFC 5321 mailboxes as people write them; documentation's domains and file-like names are none. */
bool ab_scrub_match_email(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	static const char *const none[] = { "example.com", "example.org", "example.net", ".example",
					    ".test",	   ".invalid",	  ".localhost",	 ".png",
					    ".jpg",	   ".gif",	  ".svg",	 ".js",
					    ".local",	   ".internal",	  ".lan",	 ".corp",
					    ".intranet",   ".localdomain" };
	size_t a = local_start(p), b = p->at + 1, tld;

	while (b < p->hi && b - p->at < 254 &&
	       (isalnum(p->text[b]) || p->text[b] == '-' || p->text[b] == '.'))
		b++;
	while (b > p->at + 1 && !isalnum(p->text[b - 1]))
		b--;
	for (tld = b; tld > p->at && p->text[tld - 1] != '.'; tld--)
		if (!isalpha(p->text[tld - 1]))
			return false;
	if (a == p->at || tld <= p->at + 2 || b - tld < 2 || b - tld > 18 ||
	    !isalnum(p->text[p->at + 1]))
		return false;
	/* user:password@host and scheme://user@host are URLs' and secrets' rules. */
	if (a > p->lo && strchr(":/@", p->text[a - 1]) && p->text[a - 1] &&
	    !(a >= p->lo + 7 && memcmp(p->text + a - 7, "mailto:", 7) == 0) &&
	    p->text[a - 1] != ':')
		return false;
	/* git@host:path, as git writes an address. */
	if (p->at - a == 3 && memcmp(p->text + a, "git", 3) == 0 && b < p->hi && p->text[b] == ':')
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(none); i++) {
		size_t n = strlen(none[i]);

		if (b - p->at > n && strncasecmp((const char *)p->text + b - n, none[i], n) == 0)
			return false;
	}
	*start = a;
	*end = b;
	return true;
}
