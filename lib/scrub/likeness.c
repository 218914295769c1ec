/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much two sentences are like the orders that texts have been known to give to a model: a sum of
 * what their words, and pairs of words, weigh (a logistic regression; tests/corpus/likeness.py learnt
 * the weights). A word counts by its stem: six letters, of other scripts ten bytes; scripts without
 * spaces count by pairs of letters.
 */
#include <ctype.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/base/simd.h"
#include "lib/scrub/match.h"
#include "lib/scrub/sentence.h"

#include "lib/scrub/likeness.inc"

#define REACH	 240 /* bytes of the sentences on either side of the anchor */
#define LEAST	 0   /* score of a finding */
#define KEY	 48  /* of a name before a value */
#define STEM	 6
#define STEM_RAW 10
#define WORDS	 640 /* more than REACH on either side may hold, and as many again as are read at once */
#define BLOCK	 64
#define UNKNOWN	 UINT16_MAX

_Static_assert((SLOTS & (SLOTS - 1)) == 0 && SLOTS <= 1 << 15, "a hash table");

/* A word, or a letter of a script without spaces with the one behind it. */
struct word {
	size_t at, end;
	/* Where a sentence ends behind it and before the next word, first and last; where the value of a key begins
	 * there. 0: nowhere. */
	size_t stop, last_stop, value;
	uint16_t slot, pair; /* what it weighs, and what it and the word before; or UNKNOWN */
	bool unspaced;
};

/* What has been read of a segment, from one anchor to the next: each word once. */
struct ab_likeness {
	uint64_t view;
	const unsigned char *text;
	size_t lo, hi;	 /* the segment */
	size_t at, upto; /* the last anchor; how far it has been read, whole words */
	uint32_t last;	 /* hash of the word before upto, with a space; 0: there is none */
	size_t n, here;	 /* words; the one that was last looked for */
	size_t wide;	 /* up to where there is not much that is read a block at once */
	struct word words[WORDS];
};

#define FNV_BASIS 2166136261u /* FNV-1a */
#define FNV_PRIME 16777619u

static __attribute__((noinline)) uint16_t find_told(uint32_t hash)
{
	for (size_t i = (hash ^ hash >> 15) & (SLOTS - 1); learnt[i].weight; i = (i + 1) & (SLOTS - 1))
		if (learnt[i].hash == hash)
			return (uint16_t)i;
	return UNKNOWN;
}

static inline uint16_t find(uint32_t hash)
{
	return told[hash >> 22] >> (hash >> 16 & 63) & 1 ? find_told(hash) : UNKNOWN;
}

static void add_stem(struct ab_likeness *l, struct word *w, const unsigned char *stem, size_t n)
{
	uint32_t hash = FNV_BASIS, pair = l->last;

	for (size_t i = 0; i < n; i++) {
		hash = (hash ^ stem[i]) * FNV_PRIME;
		pair = (pair ^ stem[i]) * FNV_PRIME;
	}
	w->slot = find(hash);
	w->pair = l->last ? find(pair) : UNKNOWN;
	l->last = (hash ^ ' ') * FNV_PRIME;
}

/* The same of the letters of ASCII in the lowest bytes, n < 8. */
static inline void add_letters(struct ab_likeness *l, struct word *w, uint64_t letters, size_t n)
{
	uint32_t hash = FNV_BASIS, pair = l->last;

	for (; n; n--, letters >>= 8) {
		hash = (hash ^ (unsigned char)letters) * FNV_PRIME;
		pair = (pair ^ (unsigned char)letters) * FNV_PRIME;
	}
	w->slot = find(hash);
	w->pair = l->last ? find(pair) : UNKNOWN;
	l->last = (hash ^ ' ') * FNV_PRIME;
}

/* Adds a word of ASCII whose first letters are its stem; false: it is another one. */
static bool add_plain(struct ab_likeness *l, struct word *w)
{
	const uint64_t each = 0x0101010101010101u;
	size_t n = w->end - w->at < STEM ? w->end - w->at : STEM;
	uint64_t eight = 0, low, other;

	if (l->hi - w->at >= sizeof(eight))
		memcpy(&eight, l->text + w->at, sizeof(eight));
	else
		memcpy(&eight, l->text + w->at, l->hi - w->at);
	eight |= 0x20 * each;
	low = eight & 0x7f * each;
	other = ~((low + (0x80 - 'a') * each) ^ (low + (0x7f - 'z') * each)) | eight;
	if (le64toh(other) & 0x80 * each & (((uint64_t)1 << 8 * n) - 1))
		return false;
	add_letters(l, w, le64toh(eight), n);
	return true;
}

static void add_other(struct ab_likeness *l, struct word *w)
{
	size_t most = l->text[w->at] < 0x80 ? STEM : STEM_RAW, n = 0;
	unsigned char stem[STEM_RAW];
	bool number = true;

	for (size_t at = w->at; at < w->end && (n < most || number); at++) {
		unsigned char c = l->text[at];

		if (c == '\'' || (c == 0xe2 && w->end - at > 2 && l->text[at + 1] == 0x80)) {
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
		add_stem(l, w, (const unsigned char *)"0", 1);
	else
		add_stem(l, w, stem, n);
}

enum { SIGN, LETTER, STOP, WIDE };

/* What a byte is, or that it has to be looked at with those behind it. */
static inline unsigned char kind_of(unsigned char c)
{
	static const unsigned char kinds[256] = {
		['0' ... '9'] = LETTER, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER, ['\''] = WIDE,
		['.'] = STOP,		['!'] = STOP,		['?'] = STOP,		['\n'] = STOP,
		['='] = STOP,		[0x80 ... 0xff] = WIDE,
	};

	return kinds[c];
}

/* Whether a sentence may end with the byte, or with the character that begins with it. */
static inline bool may_stop(unsigned char c)
{
	return kind_of(c) == STOP || c == 0xe3 || c == 0xe0 || c == 0xdb;
}

/* As ab_sentence_letter and ab_sentence_unspaced. */
static inline size_t letter(const unsigned char *text, size_t at, size_t hi)
{
	unsigned char kind = kind_of(text[at]);

	return kind == WIDE ? ab_sentence_letter(text, at, hi) : kind == LETTER;
}

static inline bool is_unspaced(const unsigned char *text, size_t at, size_t hi)
{
	return text[at] >= 0xe0 && hi - at >= 3 && ab_sentence_unspaced(text + at) && letter(text, at, hi);
}

/* Whether what ends at `at` is the key of the value that begins there: "text=Once upon". */
static bool is_value(const struct ab_likeness *l, size_t at)
{
	size_t i = at;

	while (i > l->lo && at - i < KEY && !isspace(l->text[i - 1]))
		i--;
	return i == l->lo;
}

/* How many of eight bytes are letters or digits of ASCII, from the first on. */
static size_t plain_letters(const unsigned char *p)
{
	const uint64_t each = 0x0101010101010101u;
	uint64_t eight, small, digit, low;

	memcpy(&eight, p, sizeof(eight));
	eight = le64toh(eight);
	low = eight & 0x7f * each;
	small = low | 0x20 * each;
	digit = (low + (0x80 - '0') * each) ^ (low + (0x7f - '9') * each);
	small = (small + (0x80 - 'a') * each) ^ (small + (0x7f - 'z') * each);
	low = ~((digit | small) & ~eight) & 0x80 * each;
	return low ? (size_t)__builtin_ctzll(low) / 8 : sizeof(eight);
}

/* Where the word ends that begins at `at`. */
static size_t word_end(const unsigned char *text, size_t at, size_t hi)
{
	while (hi - at >= 8) {
		size_t n = plain_letters(text + at);

		at += n;
		if (n < 8) {
			if (kind_of(text[at]) == SIGN || kind_of(text[at]) == STOP)
				return at;
			break;
		}
	}
	while (at < hi) {
		size_t n = 1;

		if (kind_of(text[at]) != LETTER && (is_unspaced(text, at, hi) || !(n = letter(text, at, hi))))
			break;
		at += n;
	}
	return at < hi ? at : hi;
}

/* Reads the word at upto; false: none begins there. */
static bool read_word(struct ab_likeness *l)
{
	struct word *w = &l->words[l->n];

	*w = (struct word){ .at = l->upto, .slot = UNKNOWN, .pair = UNKNOWN };
	w->unspaced = is_unspaced(l->text, w->at, l->hi);
	w->end = w->unspaced ? w->at + 3 : word_end(l->text, w->at, l->hi);
	if (w->end == w->at)
		return false;
	if (!w->unspaced) {
		if (!add_plain(l, w))
			add_other(l, w);
	} else if (w->end < l->hi && is_unspaced(l->text, w->end, l->hi)) {
		add_stem(l, w, l->text + w->at, 6);
	}
	l->upto = w->end;
	l->n++;
	return true;
}

/* Notes that a sentence may end with the byte at `at`. */
static void note_stop(struct ab_likeness *l, size_t at)
{
	struct word *w = l->n ? &l->words[l->n - 1] : NULL;

	if (!w)
		return;
	if (l->text[at] == '=') {
		w->value = is_value(l, at + 1) ? at + 1 : w->value;
	} else if (ab_sentence_ends(l->text, at, l->hi)) {
		w->stop = w->stop ? w->stop : at;
		w->last_stop = at;
	}
}

/* Reads what is no word at upto. */
static void read_sign(struct ab_likeness *l)
{
	size_t at = l->upto;
	unsigned char c = l->text[at];

	l->upto += c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	l->upto = l->upto < l->hi ? l->upto : l->hi;
	if (may_stop(c))
		note_stop(l, at);
}

/* Of a block, a bit for each byte: letters and digits; where sentences may end; what is to be looked at more closely. */
struct block {
	uint64_t word, stop, other;
};

#if defined(__x86_64__)
static inline uint64_t bits(__m128i same, unsigned at)
{
	return (uint64_t)(uint16_t)_mm_movemask_epi8(same) << at;
}

static inline __m128i within(__m128i v, char from, char many)
{
	__m128i off = _mm_sub_epi8(v, _mm_set1_epi8(from));

	return _mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8((char)(many - 1))), off);
}

static struct block look(const unsigned char *p)
{
	struct block b = { 0, 0, 0 };

	for (unsigned at = 0; at < BLOCK; at += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + at)), small = _mm_or_si128(v, _mm_set1_epi8(0x20));
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));

		stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('!')));
		stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('?')));
		stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
		b.word |= bits(_mm_or_si128(within(small, 'a', 26), within(v, '0', 10)), at);
		b.stop |= bits(stop, at);
		b.other |= bits(_mm_or_si128(v, _mm_cmpeq_epi8(v, _mm_set1_epi8('\''))), at);
	}
	return b;
}
#else
static struct block look(const unsigned char *p)
{
	struct block b = { 0, 0, 0 };

	for (unsigned at = 0; at < BLOCK; at++) {
		unsigned char kind = kind_of(p[at]);

		b.word |= (uint64_t)(kind == LETTER) << at;
		b.stop |= (uint64_t)(kind == STOP) << at;
		b.other |= (uint64_t)(kind == WIDE) << at;
	}
	return b;
}
#endif

static void note_stops(struct ab_likeness *l, size_t at, uint64_t stop)
{
	for (; stop; stop &= stop - 1)
		note_stop(l, at + (size_t)__builtin_ctzll(stop));
}

/* Reads the next words and signs of ASCII, those that end within a block; false: there are none. */
static bool read_block(struct ab_likeness *l)
{
	size_t base = l->upto, len = BLOCK, pos = 0;
	struct block b;

	if (base < l->wide || l->hi - base < BLOCK || WORDS - l->n < BLOCK / 2)
		return false;
	b = look(l->text + base);
	if (b.other) {
		len = (size_t)__builtin_ctzll(b.other);
		b.stop &= ((uint64_t)1 << len) - 1;
	}
	while (pos < len) {
		uint64_t rest = b.word >> pos, stops = b.stop >> pos << pos;
		size_t start = rest ? pos + (size_t)__builtin_ctzll(rest) : len, end = len;
		struct word *w = &l->words[l->n];

		start = start < len ? start : len;
		note_stops(l, base, start < BLOCK ? stops & (((uint64_t)1 << start) - 1) : stops);
		pos = start;
		rest = start < len ? ~(b.word >> start) : 0;
		if (rest)
			end = start + (size_t)__builtin_ctzll(rest);
		if (end >= len) /* it may go on */
			break;
		*w = (struct word){ .at = base + start, .end = base + end, .slot = UNKNOWN, .pair = UNKNOWN };
		if (!add_plain(l, w))
			add_other(l, w);
		l->n++;
		pos = end;
	}
	if (pos < BLOCK / 4)
		l->wide = base + BLOCK;
	l->upto = base + pos;
	return pos;
}

struct ab_likeness *ab_likeness_new(void)
{
	return calloc(1, sizeof(struct ab_likeness));
}

/* Forgets the words that end before `lo`. */
static void forget(struct ab_likeness *l, size_t lo)
{
	size_t k = 0;

	while (k < l->n && l->words[k].end < lo)
		k++;
	l->n -= k;
	l->here = l->here > k ? l->here - k : 0;
	memmove(l->words, l->words + k, l->n * sizeof(*l->words));
}

/* Where words can be told from `at` on: not within one, which is the same wherever reading began. */
static size_t boundary(const struct ab_likeness *l, size_t at)
{
	size_t before = at;

	if (at == l->lo)
		return at;
	while (at < l->hi && l->text[at] >= 0x80 && l->text[at] < 0xc0)
		at++;
	do
		before--;
	while (before > l->lo && at - before < 4 && l->text[before] >= 0x80 && l->text[before] < 0xc0);
	if (is_unspaced(l->text, before, l->hi) || !letter(l->text, before, l->hi))
		return at;
	return word_end(l->text, at, l->hi);
}

/* Where the sentence begins that holds what is before `at`. */
static size_t begin_of(const struct ab_likeness *l, size_t at, size_t lo)
{
	for (; at > lo; at--) {
		unsigned char c = l->text[at - 1];

		if (!may_stop(c))
			continue;
		if (c == '=' ? is_value(l, at) : ab_sentence_ends(l->text, at - 1, l->hi))
			return c >= 0xe0 ? at + 2 : c >= 0x80 ? at + 1 : at;
	}
	return at;
}

/* Bytes of the sign that ends at `at`, 0: a letter does. */
static size_t sign_before(const struct ab_likeness *l, size_t at, size_t lo)
{
	for (size_t n = 2; n <= 3 && n <= at - lo; n++)
		if (l->text[at - n] >= 0xc0)
			return letter(l->text, at - n, l->hi) ? 0 : n;
	return !letter(l->text, at - 1, l->hi);
}

/* Begins to read at the sentence before the anchor's. */
static void begin(struct ab_likeness *l, const struct ab_scrub_place *p, size_t lo)
{
	size_t at = begin_of(l, p->at, lo), n;

	if (at == l->lo || l->text[at - 1] != '=' || !is_value(l, at)) {
		while (at > lo && (n = sign_before(l, at, lo)))
			at -= n;
		at = begin_of(l, at, lo);
	}
	l->n = l->here = l->wide = 0;
	l->last = 0;
	l->upto = boundary(l, at);
}

static __attribute__((noinline)) void read_to(struct ab_likeness *l, size_t k, size_t hi)
{
	while (k >= l->n && l->upto < hi)
		if (!read_block(l) && (kind_of(l->text[l->upto]) == SIGN || !read_word(l)))
			read_sign(l);
}

/* Has word k read if it stands before `hi`; false: it does not. */
static inline bool has_word(struct ab_likeness *l, size_t k, size_t hi)
{
	if (k >= l->n)
		read_to(l, k, hi);
	return k < l->n && l->words[k].at < hi;
}

/* A sentence of words [from, to) and what of it a finding shows: from the first word that speaks for an order on. */
struct part {
	size_t from, to, at, end;
};

static int weight(uint16_t slot)
{
	return slot == UNKNOWN ? 0 : learnt[slot].weight;
}

static void settle(const struct ab_likeness *l, struct part *p, size_t first, size_t lo, size_t hi)
{
	size_t k = p->from;

	p->at = p->end = 0;
	if (p->from == p->to)
		return;
	while (k < p->to && weight(l->words[k].slot) <= 0 && (k == first || weight(l->words[k].pair) <= 0))
		k++;
	k = k < p->to ? k : p->from;
	while (k > p->from && l->words[k].unspaced && l->words[k - 1].unspaced && l->words[k - 1].end == l->words[k].at)
		k--;
	p->at = l->words[k].at > lo ? l->words[k].at : lo;
	p->end = l->words[p->to - 1].end < hi ? l->words[p->to - 1].end : hi;
}

/* Where the sentence begins that holds the word before `k`, or a word behind it that goes on at `at`; not before lo. */
static size_t sentence_from(const struct ab_likeness *l, size_t k, size_t lo, size_t at, bool *value)
{
	*value = false;
	for (; k && l->words[k - 1].at >= lo; k--) {
		const struct word *w = &l->words[k - 1];
		bool stop = w->stop && w->stop < at, is = w->value && w->value <= at;

		if (stop || is) {
			*value = is && (!stop || w->value > w->stop);
			break;
		}
	}
	return k;
}

/* The first word that ends behind `at`. */
static size_t word_at(struct ab_likeness *l, size_t at, size_t hi)
{
	size_t k = l->here < l->n ? l->here : l->n;

	while (k && l->words[k - 1].end > at)
		k--;
	while (has_word(l, k, hi) && l->words[k].end <= at)
		k++;
	return k;
}

/* Where the sentence ends that goes on with word k and ends behind `at`, with all signs behind its last word. */
static size_t sentence_to(struct ab_likeness *l, size_t k, size_t hi, size_t at)
{
	while (has_word(l, k, hi)) {
		(void)has_word(l, k + 1, hi);
		if (l->words[k++].last_stop > at)
			break;
	}
	return k;
}

/* The sentences before the anchor's, that, and behind it, as far as they stand within [lo, hi). */
static void divide(struct ab_likeness *l, const struct ab_scrub_place *p, size_t lo, size_t hi, struct part parts[3])
{
	size_t k = l->here = word_at(l, p->at, hi);
	bool value, other;

	while (k < l->n && l->words[k].at < lo)
		k++;
	k = sentence_from(l, k, lo, p->at, &value);
	parts[0].to = parts[1].from = k;
	parts[0].from = value || !k || l->words[k - 1].at < lo ? k : sentence_from(l, k - 1, lo, p->at, &other);
	parts[1].to = parts[2].from = sentence_to(l, k, hi, p->at ? p->at - 1 : 0);
	parts[2].to = sentence_to(l, parts[2].from, hi, 0);
	for (int i = 0; i < 3; i++)
		settle(l, &parts[i], parts[0].from, lo, hi);
}

/* What has been weighed, each once: a bit for each slot, and the slots of the sentence that was added last. */
struct scale {
	unsigned char seen[SLOTS / 8];
	uint16_t added[2 * WORDS];
	size_t n;
};

static inline int add_weight(uint16_t slot, struct scale *s)
{
	if (slot == UNKNOWN || s->seen[slot / 8] & 1u << slot % 8)
		return 0;
	s->seen[slot / 8] |= (unsigned char)(1u << slot % 8);
	s->added[s->n++] = slot;
	return learnt[slot].weight;
}

/* What words [from, to) weigh beside what is on the scale; the first of all has none before it. */
static int weigh(const struct ab_likeness *l, size_t first, size_t from, size_t to, struct scale *s)
{
	int sum = 0;

	s->n = 0;
	for (size_t k = from; k < to; k++)
		sum += add_weight(l->words[k].slot, s) + (k == first ? 0 : add_weight(l->words[k].pair, s));
	return sum;
}

/* Takes off the scale what was added last. */
static void take_off(struct scale *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->seen[s->added[i] / 8] &= (unsigned char)~(1u << s->added[i] % 8);
}

int ab_scrub_likeness(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t lo = p->at - p->lo > REACH ? p->at - REACH : p->lo, hi = p->hi - p->at > REACH ? p->at + REACH : p->hi;
	struct ab_likeness own AB_UNINITIALIZED, *l = p->likeness ? p->likeness : &own; /* nothing is looked at before it is read */
	struct part parts[3];
	struct scale scale AB_UNINITIALIZED;
	int before, behind, first;

	if (l == &own || l->view != p->view || l->text != p->text || l->lo != p->lo || l->hi != p->hi) {
		l->view = p->view;
		l->text = p->text;
		l->lo = p->lo;
		l->hi = p->hi;
		l->at = SIZE_MAX; /* nothing is read yet */
	}
	if (p->at < l->at || lo > l->upto)
		begin(l, p, lo);
	else if (l->n > WORDS / 2)
		forget(l, lo);
	l->at = p->at;
	divide(l, p, lo, hi, parts);
	memset(scale.seen, 0, sizeof(scale.seen));
	before = behind = BIAS + weigh(l, parts[0].from, parts[1].from, parts[1].to, &scale);
	before += weigh(l, parts[0].from, parts[0].from, parts[0].to, &scale);
	take_off(&scale);
	behind += weigh(l, parts[0].from, parts[2].from, parts[2].to, &scale);
	first = before > behind ? 0 : 1;
	*start = parts[first].end ? parts[first].at : parts[1].at;
	*end = parts[first + 1].end ? parts[first + 1].end : parts[1].end;
	return before > behind ? before : behind;
}

/* Whether the anchor stands in a word that is all of a string: "role": "assistant". */
static bool is_string(const struct ab_scrub_place *p)
{
	size_t at = p->at, end = p->end;

	while (at > p->lo && kind_of(p->text[at - 1]) == LETTER)
		at--;
	while (end < p->hi && kind_of(p->text[end]) == LETTER)
		end++;
	return at > p->lo && end < p->hi && p->text[at - 1] == '"' && p->text[end] == '"';
}

bool ab_scrub_match_likeness(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	return !is_string(p) && ab_scrub_likeness(p, start, end) >= LEAST && *start <= p->at && *end >= p->end;
}
