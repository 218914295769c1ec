/* SPDX-License-Identifier: Apache-2.0 */
/* A number that is spelled word by word, as people say telephones and cards: "four one five, five five ...". */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define LEAST 7	 /* words of a number */
#define MOST  24

/* Digits in the languages that most people say them in; of French the tens, too, since it has pairs. */
static int value_of(const unsigned char *word, size_t len)
{
	static const char *const names[] = {
		" zero oh null cero zéro nul noll sıfır sifir nolla ноль нуль nula o ",
		" one eins uno um un een jeden ett bir yksi один jedna ",
		" two zwei zwo dos dois deux due twee dwa två tva iki kaksi два dva ",
		" three drei tres três trois tre drie trzy üç uc kolme три tři ",
		" four vier cuatro quatro quatre quattro cztery fyra fire dört dort neljä четыре čtyři ",
		" five fünf fuenf cinco cinq cinque vijf pięć fem beş bes viisi пять pět ",
		" six sechs seis sei zes sześć sex seks altı alti kuusi шесть šest meia ",
		" seven sieben siete sete sept sette zeven siedem sju syv yedi seitsemän семь sedm ",
		" eight acht ocho oito huit otto osiem åtta otte sekiz kahdeksan восемь osm ",
		" nine neun nueve nove neuf negen dziewięć nio ni dokuz yhdeksän девять devět ",
	};
	static const char others[] =
		" double triple treble doble hundred thousand plus dix onze douze treize quatorze quinze "
		"seize vingt trente quarante cinquante soixante et плюс mas más ";
	char lower[24];

	if (!len || len >= sizeof(lower) - 2)
		return -1;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(word[i] < 0x80 ? tolower(word[i]) : word[i]);
	for (size_t v = 0; v < AB_ARRAY_SIZE(names); v++)
		if (ab_wordlist_has(names[v], lower, len))
			return (int)v;
	return ab_wordlist_has(others, lower, len) ? 10 : -1;
}

static bool is_letter(unsigned char c)
{
	return isalpha(c) || c >= 0x80;
}

static bool is_sign(unsigned char c)
{
	return c && strchr(" ,.;/\n-", c);
}

/* The digit word that ends before `at`, past up to three signs; false: there is none. */
static bool step_back(const struct ab_scrub_place *p, size_t *at)
{
	size_t end = *at, begin;

	while (end > p->lo && *at - end < 3 && is_sign(p->text[end - 1]))
		end--;
	for (begin = end; begin > p->lo && end - begin < 24 && is_letter(p->text[begin - 1]);)
		begin--;
	if (end == *at || value_of(p->text + begin, end - begin) < 0)
		return false;
	*at = begin;
	return true;
}

/* The words from `at` on; *end: where the last one ends. */
static size_t count(const struct ab_scrub_place *p, size_t at, size_t *end)
{
	size_t n = 0, ups = 0, downs = 0;
	int last = -2;

	while (n < MOST) {
		size_t stop = at, signs = 0;
		int value;

		while (stop < p->hi && stop - at < 24 && is_letter(p->text[stop]))
			stop++;
		value = value_of(p->text + at, stop - at);
		if (value < 0)
			break;
		ups += n && value == last + 1;
		downs += n && value == last - 1;
		last = value;
		n++;
		*end = stop;
		for (at = stop; at < p->hi && signs < 3 && is_sign(p->text[at]); signs++)
			at++;
		if (at == stop)
			break;
	}
	/* Who counts says no number. */
	return ups + 2 > n || downs + 2 > n ? 0 : n;
}

/* The anchor is one of the words that a text has few of. */
bool ab_scrub_match_spoken(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->at, words = 0;

	/* A longer one has words enough behind the first of those. */
	if ((at > p->lo && is_letter(p->text[at - 1])) || (p->end < p->hi && is_letter(p->text[p->end])))
		return false;
	while (words++ < LEAST && step_back(p, &at))
		;
	*start = at;
	return count(p, at, end) >= LEAST;
}
