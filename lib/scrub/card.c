/* SPDX-License-Identifier: Apache-2.0 */
/* Payment cards: the issuer's range and length, the Luhn digit, and groups as they are printed. */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/digits.h"
#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

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
	char digits[AB_DIGITS_MAX];
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

/* Ranges of networks of one country, which also begin many numbers that are none. */
static bool is_issued_locally(const char *digits, size_t n)
{
	unsigned two = prefix_of(digits, 2), four = prefix_of(digits, 4);

	if (two == 50 || (two >= 56 && two <= 58) || two == 67 || two == 63)
		return n >= 13;
	if (four == 9704) /* Viet Nam */
		return n == 16 || n == 19;
	if (n == 15) /* of airlines */
		return digits[0] == '1';
	/* India, Uzbekistan, Turkey, Korea, Belarus, Ukraine, Serbia, Saudi Arabia, Armenia */
	return n == 16 && (two == 60 || two == 81 || two == 82 || two == 94 || four == 8600 || four == 9860 ||
			   four == 9792 || four == 1946 || four == 9112 || four == 9804 || four == 9891 ||
			   four == 9682 || four == 9051);
}

/* Names of networks that stand in other words as well. */
static bool is_network(const unsigned char *text, size_t len)
{
	static const char networks[] =
		" rupay elo hiper hipercard troy humo uzcard uatp napas bccard belkart prostir dina dinacard "
		"mada meeza mir verve discover dankort bancontact girocard interac lankapay paypak nspk "
		"arca cb number pan ccnum ccn cvv мир МИР Мир простір thẻ ";
	char lower[24];

	if (!len || len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(text[i] < 0x80 ? tolower(text[i]) : text[i]);
	return ab_wordlist_has(networks, lower, len);
}

/* Whether one of the words before is the name of a network. */
static bool is_named_network(const struct ab_scrub_place *p, size_t from, size_t at)
{
	while (from < at) {
		size_t end = from;

		while (end < at && (isalpha(p->text[end]) || p->text[end] >= 0x80))
			end++;
		if (is_network(p->text + from, end - from))
			return true;
		from = end + (end == from);
	}
	return false;
}

/* Words that say what a number is, in 48 bytes before it. */
static bool is_said_card(const struct ab_scrub_place *p, size_t at)
{
	static const char *const words[] = {
		"card", "carte", "karte", "kart", "kaart", "kort", "carta", "cartao", "tarjet", "pan",
		"visa", "amex", "master", "debit", "credit", "maestro", "jcb", "diners", "cc", "карт",
		"بطاق", "کارت", "卡", "カード", "카드", "银联", "銀聯", "クレジット", "כרטיס", "κάρτ", "कार्ड", "บัตร",
		"cartão", "unionpay",
	};
	size_t from = at - p->lo > 48 ? at - 48 : p->lo;

	for (size_t k = 0; k < AB_ARRAY_SIZE(words); k++) {
		size_t n = strlen(words[k]);

		for (size_t i = from; i + n <= at; i++)
			if (ab_word_stands(p->text + i, words[k], n))
				return true;
	}
	return is_named_network(p, from, at);
}

/* Whether the first n groups are those of a card; a list of small numbers has to be said to be one.
 */
static bool is_card_shape(const struct ab_digits *d, size_t n, bool said)
{
	if (n == 1)
		return true;
	if (!ab_digits_even(d, n) || (!said && !strchr(" -./_", d->sign[0])))
		return false;
	if (n == 3 && d->len[0] == 4 && d->len[1] == 6)
		return true;
	for (size_t i = 1; i < n; i++)
		if (d->len[i] > d->len[0] || (i + 1 < n && d->len[i] != d->len[0]))
			return n == 2 && d->len[0] > 3;
	return d->len[0] > 2 || said;
}

/* Whether the numbers go on in the same way behind the first n: then they are a list of others. */
static bool is_list(const struct ab_digits *d, size_t n)
{
	if (d->n == n)
		return false;
	if (n == 1) /* 4111111111111111.0 is a number of JSON */
		return d->sign[0] == '.' && d->width[0] == 1 && d->len[1] > 2;
	return d->sign[n - 1] == d->sign[0] && d->width[n - 1] == d->width[0] &&
	       d->len[n] >= d->len[0];
}

static bool is_card(const struct ab_scrub_place *p, const struct ab_digits *d, size_t n,
		    size_t total)
{
	const char *digits = d->digits;
	bool same = true, said;

	if (total < 13 || total > 19 || !luhn(digits, total))
		return false;
	if (!is_issued(digits, total) && !is_issued_locally(digits, total))
		return false;
	for (size_t i = 0; i < total; i++)
		same &= digits[i] == digits[0];
	if (same)
		return false;
	said = is_said_card(p, p->at);
	if (!said && !is_issued(digits, total) && !(n == 4 && d->len[0] == 4))
		return false;
	return is_card_shape(d, n, said) &&
	       (said || (!is_list(d, n) && !(n > 1 && ab_digits_follow(p, p->at, d))));
}

/* "card-4111...": a word for a card right before it. */
static bool is_glued(const struct ab_scrub_place *p)
{
	static const char words[] = " visa mastercard mc amex card cc pan ccnum cardno cardnumber number kreditkarte karte ";
	size_t end = p->at, begin;
	char lower[16];

	if (end == p->lo || p->text[--end] != '-')
		return false;
	for (begin = end; begin > p->lo && end - begin < 14 && isalpha(p->text[begin - 1]); begin--)
		;
	for (size_t i = begin; i < end; i++)
		lower[i - begin] = (char)tolower(p->text[i]);
	return end > begin && ab_wordlist_has(words, lower, end - begin);
}

bool ab_scrub_match_card(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct ab_digits d;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	size_t n, total;

	if ((isalnum(before) || (before && strchr(".-/", before))) && !is_glued(p))
		return false;
	ab_digits_read(p, p->at, " -./_,|:\t\n", AB_DIGITS_MAX, &d);
	for (n = d.n, total = d.total; n; total -= d.len[--n]) {
		unsigned char next = d.ends[n - 1] < p->hi ? p->text[d.ends[n - 1]] : ' ';

		if (isalpha(next) || !is_card(p, &d, n, total))
			continue;
		*start = p->at;
		*end = d.ends[n - 1];
		return true;
	}
	return false;
}
