/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers by which a state, an insurer or a bank knows a person, behind a word that names one: the
 * word is the rule's literal, and what may stand between the two and what such a number looks like
 * is told here, for all countries alike.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define REACH	   56 /* bytes between a word and its number, at most */
#define SHORT	   4  /* letters of a word that may also be one of another language */
#define LONGEST	   30 /* letters and digits of a number */
#define GROUPS	   10
#define LOOSE	   3 /* words between a long word and its number that say nothing here */

/* A number with letters among its digits, in groups with one sign between them. */
struct token {
	size_t start, end;
	size_t n, digits, letters, lower, changes;
	size_t len[GROUPS];
	char sign[GROUPS]; /* the one before each group */
};

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

/* Whether the literal is a word of its own, or a part of a name that is written as names of
 * variables are. Scripts without spaces have no such places. */
static bool begins_word(const struct ab_scrub_place *p)
{
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ', first = p->text[p->at];

	if (first >= 0xe0 || (first < 0x80 && !isalnum(first)))
		return true;
	if (first >= 0x80 && first != 0xc2)
		return before < 0x80;
	return !isalnum(before) || (islower(before) && isupper(first));
}

static bool is_filler(const unsigned char *word, size_t len)
{
	static const char fillers[] =
		" no nr num number numbers numero numéro número nummer numara numarasi numarası nro nums "
		"id code kod kode card karte kaart value val is was ist est es e è é era je jest on adalah "
		"the of for and my her his their your holder client customer user applicant patient "
		"de del della di da do du der des van von la le el til на номер номера num: serie seria "
		"серия рег key name type string data field číslo cislo č szam szám numer numeris numurs "
		"kaarti nombor nomor so số sổ رقم رقمه שלי שלו מספר של हैं है नंबर संख्या ";
	char lower[40];

	if (len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(word[i] < 0x80 ? tolower(word[i]) : word[i]);
	return !len || ab_wordlist_has(fillers, lower, len);
}

/* Words of scripts that put no space before a number, and signs that are letters to nobody. */
static bool is_glue(const unsigned char *word, size_t len)
{
	return len <= 24 && word[0] >= 0x80 && (word[0] >= 0xe2 || word[0] == 0xc2);
}

/* The words that follow are capitals of a number, such as "AB 12 34 56" or "GHA-1234". */
static bool is_head(const struct ab_scrub_place *p, size_t at, size_t len, size_t hi)
{
	size_t next = at + len;

	if (len > 4 || next + 1 >= hi || !strchr(" -./", p->text[next]) || !p->text[next])
		return false;
	for (size_t i = at; i < next; i++)
		if (!isupper(p->text[i]))
			return false;
	return isdigit(p->text[next + 1]);
}

/* Whether the group [at, end) goes on with a number that `sign` stands behind. */
static bool goes_on(const struct ab_scrub_place *p, size_t at, size_t end, const struct token *t)
{
	bool digit = false, upper = true;

	for (size_t i = at; i < end; i++) {
		digit |= isdigit(p->text[i]) != 0;
		upper &= isupper(p->text[i]) != 0;
	}
	if (end < p->hi && p->text[end] == '_')
		return false;
	return digit || (upper && end - at <= (p->text[at - 1] == ' ' ? 1u : 3u) && t->digits > 3);
}

static void take(const struct ab_scrub_place *p, size_t at, size_t end, struct token *t)
{
	for (size_t i = at; i < end; i++) {
		t->digits += isdigit(p->text[i]) != 0;
		t->letters += isalpha(p->text[i]) != 0;
		t->lower += islower(p->text[i]) != 0;
		t->changes += i > t->start && p->text[i] != p->text[i - 1];
	}
	t->sign[t->n] = t->n ? (char)p->text[at - 1] : '\0';
	t->len[t->n++] = end - at;
	t->end = end;
}

/* How many bytes the sign between two groups has, 0: the number ends here.
 * "45 08 № 123456" is one. */
static size_t sign_at(const struct ab_scrub_place *p, size_t at)
{
	static const char numero[] = " № ";
	size_t left = p->hi - at;

	if (left > sizeof(numero) && memcmp(p->text + at, numero, sizeof(numero) - 1) == 0)
		return sizeof(numero) - 1;
	if (left > 4 && memcmp(p->text + at, numero, 4) == 0)
		return 4;
	return left > 1 && p->text[at] && strchr(" ./-", p->text[at]) ? 1 : 0;
}

static void read_token(const struct ab_scrub_place *p, size_t at, struct token *t)
{
	*t = (struct token){ .start = at, .end = at };
	for (;;) {
		size_t end = at;

		while (end < p->hi && isalnum(p->text[end]))
			end++;
		if (end == at || t->digits + t->letters + end - at > LONGEST ||
		    (t->n && !goes_on(p, at, end, t)))
			return;
		take(p, at, end, t);
		at = end + sign_at(p, end);
		if (t->n == GROUPS || at == end)
			break;
	}
	/* A123456(7) */
	if (t->end + 2 < p->hi && p->text[t->end] == '(' && isalnum(p->text[t->end + 1]) &&
	    p->text[t->end + 2] == ')') {
		t->digits++;
		t->end += 3;
	}
}

static bool is_year(const unsigned char *text)
{
	return memcmp(text, "19", 2) == 0 || memcmp(text, "20", 2) == 0;
}

/* 2024-01-31, among the groups of something else. */
static bool has_date(const struct ab_scrub_place *p, const struct token *t)
{
	size_t at = t->start;

	for (size_t i = 0; i + 2 < t->n; at += t->len[i++] + 1)
		if (t->len[i] == 4 && t->len[i + 1] == 2 && t->len[i + 2] == 2 && is_year(p->text + at) &&
		    t->sign[i + 1] == t->sign[i + 2])
			return true;
	return false;
}

/* A date, a version, a decimal number, four numbers with dots. */
static bool is_other(const struct ab_scrub_place *p, const struct token *t)
{
	size_t dots = 0, blanks = 0, small = 0;

	if (t->letters)
		return false;
	for (size_t i = 1; i < t->n; i++) {
		dots += t->sign[i] == '.';
		blanks += t->sign[i] == ' ';
	}
	if (has_date(p, t) || (dots && blanks && t->digits < 9))
		return true;
	for (size_t i = 0; i < t->n; i++)
		small += t->len[i] <= 2;
	if (t->n == 1)
		return t->digits == 8 && is_year(p->text + t->start);
	if (t->n == 2 && t->len[0] == 4 && t->len[1] <= 4 && is_year(p->text + t->start))
		return true;
	if (t->n == 3 && t->digits <= 8 && small >= 2 &&
	    (t->len[2] == 4 || t->len[0] == 4 || small == 3))
		return true;
	if (dots + 1 < t->n || t->n == 1)
		return t->n >= 5 && t->len[0] == 4 && small + 1 >= t->n && is_year(p->text + t->start);
	if (t->n == 3 && t->len[0] == 4 && t->len[1] == 2 && t->len[2] == 5)
		return false;
	for (size_t i = 1; i < t->n; i++) /* 1.020.345.678 */
		if (t->len[i] != 3)
			return true;
	return t->n < 3 || t->n > 4 || (t->n == 4 && t->len[0] == 3);
}

static bool is_number(const struct ab_scrub_place *p, const struct token *t, bool loose)
{
	unsigned char next = t->end < p->hi ? p->text[t->end] : ' ';

	if (next == '_' || next == '%' || next == '@' || isalnum(next))
		return false;
	/* 0.52, 12345678.9, 3f2a91bc: of small letters few stand in a number. */
	if (next == '.' && t->end + 1 < p->hi && isalnum(p->text[t->end + 1]))
		return false;
	if (t->letters > 10 || t->lower > (t->n > 1 ? 1u : 3u) || (t->lower && t->letters > t->digits))
		return false;
	/* C4VFNK2G9: capitals among digits are what serial numbers have. */
	if (t->n == 1 && t->digits > 2 && !t->lower && t->letters > 1 && t->digits + t->letters > 7)
		return true;
	if (t->digits < 6 && (t->digits < 5 || t->digits + t->letters < 8 || t->lower))
		return false;
	if (!loose && t->digits < 7 && t->digits + t->letters < 8)
		return false;
	return t->changes > 1 && !is_other(p, t);
}

/* Whether a sign that gives a value stands right before it. */
static bool is_given(const struct ab_scrub_place *p, size_t at)
{
	while (at > p->lo && strchr(" \"'\n", p->text[at - 1]) && p->text[at - 1])
		at--;
	return at > p->lo && (p->text[at - 1] == ':' || p->text[at - 1] == '=' || p->text[at - 1] == 0x9a);
}

/* The number that stands behind the word, past what may stand between. */
static bool find_token(const struct ab_scrub_place *p, size_t at, bool loose, struct token *t)
{
	size_t hi = p->hi - at > REACH ? at + REACH : p->hi, words = 0, lines = 0;

	while (at < hi) {
		size_t end = at;
		bool digit = false;

		if (!is_word(p->text[at])) {
			if (strchr(";{}!?", p->text[at]) && p->text[at])
				return false;
			lines += p->text[at++] == '\n';
			if (lines > 1)
				return false;
			continue;
		}
		/* Digits end a word of another script, which puts no space before them. */
		while (end < p->hi && is_word(p->text[end]) && end - at < 40 &&
		       !(p->text[at] >= 0x80 && p->text[end] < 0x80 && isalnum(p->text[end])))
			digit |= isdigit(p->text[end++]) != 0;
		if (digit || is_head(p, at, end - at, hi)) {
			read_token(p, at, t);
			if (is_number(p, t, loose))
				return loose || !words || (words == 1 && t->digits > 8) || is_given(p, at);
			/* "series 12, number 345678": what is too short for a number says nothing. */
			if (t->digits + t->letters > 5 || ++words > LOOSE)
				return false;
			at = t->end;
			continue;
		}
		if (!is_filler(p->text + at, end - at) && !is_glue(p->text + at, end - at) &&
		    ++words > (loose ? LOOSE : LOOSE - 1))
			return false;
		at = end;
	}
	return false;
}

/* The anchor is the word; what it goes on with, as "nummer" or "Number", is passed over. */
bool ab_scrub_match_id_named(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->end, rest;
	bool loose = p->end - p->at > SHORT;
	struct token t;

	if (!begins_word(p))
		return false;
	for (rest = at; rest < p->hi && rest - at < 24 && isalpha(p->text[rest]) &&
			isalpha(p->text[at - 1]);)
		rest++;
	if (!is_filler(p->text + at, rest - at) && !loose)
		return false;
	if (!find_token(p, rest, loose, &t))
		return false;
	*start = t.start;
	*end = t.end;
	return true;
}
