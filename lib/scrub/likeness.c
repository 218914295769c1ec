/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much two sentences are like the orders that texts have been known to give to a model: a sum of
 * what their words, and pairs of words, weigh (a logistic regression; tests/corpus/likeness.py learnt
 * the weights). A word counts by its stem: six letters, of other scripts ten bytes; scripts without
 * spaces count by pairs of letters.
 */
#include <ctype.h>
#include <endian.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/scrub/match.h"
#include "lib/scrub/sentence.h"

#include "lib/scrub/likeness.inc"

#define REACH	 240 /* bytes of the sentences on either side of the anchor */
#define LEAST	 0   /* score of a finding */
#define KEY	 48  /* of a name before a value */
#define STEM	 6
#define STEM_RAW 10
#define FELT	 256 /* weights that are summed */

_Static_assert((SLOTS & (SLOTS - 1)) == 0 && SLOTS <= 1 << 16, "a hash table");

/* What has been read: the places of weights, and in which sentence: before the anchor's, it, behind. */
struct likeness {
	const unsigned char *text;
	size_t hi;
	uint32_t last; /* hash of the word before, with a space; 0: there is none */
	bool speaks;   /* the word speaks for an order: a sentence is told from the first of them on */
	unsigned sentence;
	bool spoke[3];
	size_t n, from[3], to[3];
	uint16_t slot[FELT];
	unsigned char in[FELT];
};

#define FNV_BASIS 2166136261u /* FNV-1a */
#define FNV_PRIME 16777619u

static void begin(struct likeness *l, const unsigned char *text)
{
	l->text = text;
	l->hi = 0;
	l->last = 0;
	l->speaks = false;
	l->sentence = 0;
	l->n = 0;
	for (int i = 0; i < 3; i++) {
		l->spoke[i] = false;
		l->from[i] = l->to[i] = 0;
	}
}

static void feel(struct likeness *l, uint32_t hash)
{
	for (size_t i = (hash ^ hash >> 15) & (SLOTS - 1); learnt[i].weight; i = (i + 1) & (SLOTS - 1))
		if (learnt[i].hash == hash && l->n < FELT) {
			l->slot[l->n] = (uint16_t)i;
			l->in[l->n++] = (unsigned char)l->sentence;
			l->speaks = l->speaks || learnt[i].weight > 0;
			return;
		}
}

static void add_stem(struct likeness *l, const unsigned char *stem, size_t n)
{
	uint32_t hash = FNV_BASIS, pair = l->last;

	for (size_t i = 0; i < n; i++) {
		hash = (hash ^ stem[i]) * FNV_PRIME;
		pair = (pair ^ stem[i]) * FNV_PRIME;
	}
	feel(l, hash);
	if (l->last)
		feel(l, pair);
	l->last = (hash ^ ' ') * FNV_PRIME;
}

/* Adds a word of ASCII whose first letters are its stem; false: it is another one. */
static bool add_plain(struct likeness *l, size_t at, size_t end)
{
	const uint64_t each = 0x0101010101010101u;
	size_t n = end - at < STEM ? end - at : STEM;
	uint64_t eight = 0, low, other;
	unsigned char stem[8];

	if (l->hi - at >= sizeof(eight))
		memcpy(&eight, l->text + at, sizeof(eight));
	else
		memcpy(&eight, l->text + at, l->hi - at);
	eight |= 0x20 * each;
	low = eight & 0x7f * each;
	other = ~((low + (0x80 - 'a') * each) ^ (low + (0x7f - 'z') * each)) | eight;
	if (le64toh(other) & 0x80 * each & (((uint64_t)1 << 8 * n) - 1))
		return false;
	memcpy(stem, &eight, sizeof(stem));
	add_stem(l, stem, n);
	return true;
}

static void add_word(struct likeness *l, size_t at, size_t end)
{
	size_t most = l->text[at] < 0x80 ? STEM : STEM_RAW, n = 0;
	unsigned char stem[STEM_RAW];
	bool number = true;

	for (; at < end && (n < most || number); at++) {
		unsigned char c = l->text[at];

		if (c == '\'' || (c == 0xe2 && end - at > 2 && l->text[at + 1] == 0x80)) {
			at += c == '\'' ? 0 : 2; /* the non-joiner */
			continue;
		}
		number = number && isdigit(c);
		if (n < most)
			stem[n++] = c | ((unsigned char)(c - 'A') < 26 ? 0x20 : 0);
	}
	for (size_t i = 0; i + 1 < n; i++)
		if (stem[i] >= 0xce && stem[i] <= 0xd1)
			ab_sentence_lower(stem + i++);
	if (number)
		add_stem(l, (const unsigned char *)"0", 1);
	else
		add_stem(l, stem, n);
}

/* A run of letters: of a script without spaces pair by pair. */
static void add_run(struct likeness *l, size_t at, size_t end)
{
	if (add_plain(l, at, end))
		return;
	if (!ab_sentence_unspaced(l->text + at)) {
		add_word(l, at, end);
		return;
	}
	for (; at + 6 <= end && ab_sentence_unspaced(l->text + at); at += 3)
		if (ab_sentence_unspaced(l->text + at + 3))
			add_stem(l, l->text + at, 6);
}

enum { SIGN, LETTER, STOP, WIDE };

/* What a byte is, or that it has to be looked at with those behind it. */
static unsigned char kind_of(unsigned char c)
{
	static const unsigned char kinds[256] = {
		['0' ... '9'] = LETTER, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER, ['\''] = WIDE,
		['.'] = STOP,		['!'] = STOP,		['?'] = STOP,		['\n'] = STOP,
		['='] = STOP,		[0x80 ... 0xff] = WIDE,
	};

	return kinds[c];
}

/* As ab_sentence_letter and ab_sentence_ends. */
static size_t letter(const unsigned char *text, size_t at, size_t hi)
{
	unsigned char kind = kind_of(text[at]);

	return kind == WIDE ? ab_sentence_letter(text, at, hi) : kind == LETTER;
}

static bool ends(const unsigned char *text, size_t at, size_t hi)
{
	return (kind_of(text[at]) == STOP || text[at] == 0xe3) && ab_sentence_ends(text, at, hi);
}

/* Whether what ends at `at` is the key of the value that begins there: "text=Once upon". */
static bool is_key(const struct ab_scrub_place *p, size_t at)
{
	size_t i = at;

	if (at == p->lo || p->text[at - 1] != '=')
		return false;
	while (i > p->lo && at - i < KEY && !isspace(p->text[i - 1]))
		i--;
	return i == p->lo;
}

/* Where the sentence begins that holds what is before `at`. */
static size_t begin_of(const struct ab_scrub_place *p, size_t at, size_t lo)
{
	for (; at > lo; at--) {
		unsigned char c = p->text[at - 1];

		if (kind_of(c) != STOP && c != 0xe3)
			continue;
		if (c == '=' ? is_key(p, at) : ab_sentence_ends(p->text, at - 1, p->hi))
			break;
	}
	return at;
}

/* Where the word ends that may begin at `at`. */
static size_t word_end(const unsigned char *text, size_t at, size_t hi)
{
	while (at < hi) {
		size_t n = 1;

		if (kind_of(text[at]) != LETTER && !(n = letter(text, at, hi)))
			break;
		at += n;
	}
	return at < hi ? at : hi;
}

/* Reads the sentence of the anchor and those on either side. */
static void read_around(struct likeness *l, const struct ab_scrub_place *p)
{
	size_t lo = p->at - p->lo > REACH ? p->at - REACH : p->lo, here = begin_of(p, p->at, lo), at = here;

	if (!is_key(p, at)) {
		while (at > lo && !letter(p->text, at - 1, p->hi))
			at--;
		at = begin_of(p, at, lo);
	}
	l->hi = p->hi - p->at > REACH ? p->at + REACH : p->hi;
	for (l->sentence = at < here ? 0 : 1; at < l->hi; ) {
		size_t end = word_end(l->text, at, l->hi);

		if (end > at) {
			if (at >= here && l->sentence == 0)
				l->sentence = 1;
			l->speaks = false;
			add_run(l, at, end);
			if (!l->to[l->sentence] || (l->speaks && !l->spoke[l->sentence]))
				l->from[l->sentence] = at;
			l->spoke[l->sentence] |= l->speaks;
			l->to[l->sentence] = end;
			at = end;
			continue;
		}
		if (at >= p->at && ends(l->text, at, p->hi) && l->to[l->sentence] && ++l->sentence == 3)
			break;
		at += l->text[at] >= 0xe0 ? 3 : l->text[at] >= 0xc0 ? 2 : 1;
	}
}

/* What sentence `first` and the one behind it weigh, each word once. */
static int weigh(const struct likeness *l, unsigned first)
{
	unsigned char seen[SLOTS / 8] = { 0 };
	int sum = BIAS;

	for (size_t i = 0; i < l->n; i++) {
		unsigned at = l->slot[i];

		if (l->in[i] - first > 1 || seen[at / 8] & 1u << at % 8)
			continue;
		seen[at / 8] |= (unsigned char)(1u << at % 8);
		sum += learnt[at].weight;
	}
	return sum;
}

int ab_scrub_likeness(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct likeness l AB_UNINITIALIZED; /* places of weights there are as many as are counted */
	int before, behind;
	unsigned first;

	begin(&l, p->text);
	read_around(&l, p);
	before = weigh(&l, 0);
	behind = weigh(&l, 1);
	first = before > behind ? 0 : 1;
	*start = l.to[first] ? l.from[first] : l.from[1];
	*end = l.to[first + 1] ? l.to[first + 1] : l.to[1];
	return before > behind ? before : behind;
}

bool ab_scrub_match_likeness(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	return ab_scrub_likeness(p, start, end) >= LEAST && *start <= p->at && *end >= p->end;
}
