/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/sentence.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/scrub/lexicon.h"

#define REACH	 100 /* bytes of the sentence on either side of the anchor */
#define AHEAD	 17  /* words behind it */
#define WORD_MAX 44
#define GAP	 12 /* bytes of no word between two, that count as one */

struct entry {
	char word[WORD_MAX];
	said_as is;
};

static const struct entry table[] = {
#include "lib/scrub/order_words.inc"
};

#define SLOTS 8192
_Static_assert(AB_ARRAY_SIZE(table) < SLOTS / 2, "room for the words");

static struct ab_lexicon *lexicon(void)
{
	static uint16_t slots[SLOTS];
	static struct ab_lexicon words = { table[0].word, sizeof(table[0]), AB_ARRAY_SIZE(table), slots, SLOTS, false };

	return &words;
}

/* A capital of the Cyrillic or Greek alphabet, two bytes, as a small letter. */
void ab_sentence_lower(unsigned char *c)
{
	unsigned code = (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);

	if (code >= 0x410 && code <= 0x42f)
		code += 0x20;
	else if (code >= 0x400 && code <= 0x40f)
		code += 0x50;
	else if (code >= 0x391 && code <= 0x3a9)
		code += 0x20;
	else if (code >= 0x388 && code <= 0x38a)
		code += 0x25;
	else if (code == 0x386)
		code = 0x3ac;
	c[0] = (unsigned char)(0xc0 | code >> 6);
	c[1] = (unsigned char)(0x80 | (code & 0x3f));
}

/* In small letters and without apostrophes. */
said_as ab_sentence_look_up(struct ab_sentence *s, size_t i)
{
	struct ab_said *w = &s->words[i];
	unsigned char small[WORD_MAX + AB_LEXICON_PAD], high = 0;
	size_t n = 0, found;

	for (size_t at = w->at; at < w->end && n < WORD_MAX; at++) {
		unsigned char c = s->text[at];

		small[n] = c | ((unsigned char)(c - 'A') < 26 ? 0x20 : 0);
		n += c != '\'';
		high |= c;
	}
	for (size_t at = 0; high & 0x80 && at + 1 < n; at++)
		if (small[at] >= 0xce && small[at] <= 0xd1)
			ab_sentence_lower(small + at++);
	found = n < WORD_MAX ? ab_lexicon_find(lexicon(), small, n) : AB_LEXICON_NONE;
	w->is = KNOWN | (found == AB_LEXICON_NONE ? 0 : table[found].is);
	return w->is;
}

/* The full stop of Devanagari and Bengali, or that of Urdu. */
static bool is_danda(const unsigned char *p, size_t left)
{
	return (left > 2 && p[0] == 0xe0 && p[1] == 0xa5 && (p[2] | 1) == 0xa5) || (left > 1 && p[0] == 0xdb && p[1] == 0x94);
}

/* Bytes of a character beyond ASCII that is a letter, 0: it is a sign. */
static size_t wide_letter(const unsigned char *p, size_t left)
{
	if (left > 2 && p[0] == 0xe2 && p[1] == 0x80) /* dashes and quotes; but the non-joiner */
		return p[2] == 0x8c ? 3 : 0;
	if (left > 1 && ((p[0] == 0xc2 && p[1] < 0xc0) || (p[0] == 0xd8 && (p[1] == 0x8c || p[1] == 0x9f))))
		return 0; /* guillemets and wide spaces; commas of Arabic */
	if (is_danda(p, left))
		return 0;
	if (left > 2 && ((p[0] == 0xe3 && p[1] == 0x80) || (p[0] == 0xef && p[1] == 0xbc)))
		return 0;
	return 1;
}

static bool is_latin(unsigned char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* Bytes of a letter or digit at `at`, 0: something else stands there. */
static inline size_t letter(const unsigned char *text, size_t at, size_t hi)
{
	unsigned char c = text[at];

	if (c >= 0x80)
		return wide_letter(text + at, hi - at);
	return is_latin(c) || (unsigned char)(c - '0') < 10 ||
	       (c == '\'' && at && hi - at > 1 && is_latin(text[at + 1]) && is_latin(text[at - 1]));
}

size_t ab_sentence_letter(const unsigned char *text, size_t at, size_t hi)
{
	return letter(text, at, hi);
}

/* Whether a script without spaces is written there: Thai, kana, ideographs, Hangul. */
bool ab_sentence_unspaced(const unsigned char *p)
{
	return (p[0] == 0xe0 && (p[1] == 0xb8 || p[1] == 0xb9)) || (p[0] >= 0xe3 && p[0] <= 0xed);
}

bool ab_sentence_ends(const unsigned char *text, size_t at, size_t hi)
{
	static const unsigned char stop[] = { 0xe3, 0x80, 0x82 };

	if (text[at] > '?' && text[at] != stop[0] && text[at] != 0xe0 && text[at] != 0xdb)
		return false;
	if (text[at] == stop[0] && hi - at >= sizeof(stop) && memcmp(text + at, stop, sizeof(stop)) == 0)
		return true;
	if (text[at] >= 0x80)
		return is_danda(text + at, hi - at);
	if (text[at] == '\n') {
		do
			at++;
		while (at < hi && (text[at] == ' ' || text[at] == '\t'));
		return at < hi && strchr("\n-*#|>+", text[at]);
	}
	if (text[at] != '.' && text[at] != '!' && text[at] != '?')
		return false;
	return at + 1 >= hi || isspace(text[at + 1]);
}

static void add_word(struct ab_sentence *s, const struct ab_scrub_place *p, size_t at, size_t end, said_as as)
{
	if (s->n == AB_SENTENCE_WORDS)
		return;
	if (at < p->end && end >= p->end)
		s->here = s->n;
	s->words[s->n++] = (struct ab_said){ at, end, as };
}

/* Cuts a run of letters of a script without spaces into the words that are known, and what is between. */
static void cut_run(struct ab_sentence *s, const struct ab_scrub_place *p, size_t at, size_t end)
{
	size_t from = at;

	while (at + 3 <= end) {
		size_t n = 0, found = AB_LEXICON_NONE;

		if (ab_sentence_unspaced(p->text + at))
			found = ab_lexicon_longest(lexicon(), p->text + at, end - at, &n);
		if (!n) {
			at += letter(p->text, at, end) == 1 && p->text[at] >= 0xe0 ? 3 : 1;
			continue;
		}
		if (at - from >= GAP)
			add_word(s, p, from, at, KNOWN);
		add_word(s, p, at, at + n, KNOWN | table[found].is);
		at += n;
		from = at;
	}
}

/* Reads the words of the sentence around the anchor; false: there are too few, or too many. */
bool ab_sentence_read(struct ab_sentence *s, const struct ab_scrub_place *p)
{
	size_t lo = p->at - p->lo > REACH ? p->at - REACH : p->lo;
	size_t hi = p->hi - p->at > REACH ? p->at + REACH : p->hi;
	size_t at = p->at;

	while (at > lo && !ab_sentence_ends(p->text, at - 1, p->hi))
		at--;
	s->text = p->text;
	s->n = 0;
	s->here = AB_SENTENCE_WORDS;
	while (at < hi && s->n < AB_SENTENCE_WORDS && (s->here > s->n || s->n - s->here < AHEAD)) {
		size_t end = at, n;

		while (end < hi && (n = letter(p->text, end, hi)))
			end += n;
		if (end > at) {
			if (end - at > 3 && ab_sentence_unspaced(p->text + at))
				cut_run(s, p, at, end);
			else
				add_word(s, p, at, end, 0);
			at = end;
		} else {
			if (at >= p->at && ab_sentence_ends(p->text, at, p->hi))
				break;
			at += p->text[at] >= 0xe0 ? 3 : p->text[at] >= 0xc0 ? 2 : 1;
		}
	}
	return s->here < s->n && s->n > 1;
}
