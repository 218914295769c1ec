/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/need.h"

#include <endian.h>
#include <string.h>

#include "lib/scrub/factor.h"

#define BUCKETS 8
#define LOOKED	4 /* first bytes of a word that are looked at at once */
#define EACH	0x0101010101010101u

/* A word, folded if all are. */
struct word {
	uint64_t text, mask;
};

/* One of some words, or a run. */
struct demand {
	size_t run; /* of so many bytes of the class; 0: words */
	ab_atom_set class;
	bool caseless;
	size_t n;
	struct word *words;
	/* Of the words' first bytes: a bit for each bucket that has the nibble there. */
	unsigned char low[LOOKED][16], high[LOOKED][16];
};

/* What one of the pattern's alternatives asks for, all of it. */
struct choice {
	size_t n;
	struct demand demands[AB_FACTORS];
};

struct ab_need {
	size_t n; /* 0: anything may match */
	struct choice choices[];
};

bool ab_need_any(const struct ab_need *need)
{
	return need->n > 0;
}

void ab_need_free(struct ab_need *need)
{
	if (!need)
		return;
	for (size_t i = 0; i < need->n; i++)
		for (size_t k = 0; k < need->choices[i].n; k++)
			free(need->choices[i].demands[k].words);
	free(need);
}

static void add_nibbles(struct demand *d, unsigned at, unsigned char c, unsigned bucket)
{
	d->low[at][c & 15] |= (unsigned char)(1u << bucket);
	d->high[at][c >> 4] |= (unsigned char)(1u << bucket);
}

static void add_word(struct demand *d, const struct ab_factor *f, size_t i)
{
	unsigned bucket = (unsigned)(i * BUCKETS / f->n);
	uint64_t mask = f->len[i] < 8 ? ((uint64_t)1 << 8 * f->len[i]) - 1 : ~(uint64_t)0;

	d->words[i] = (struct word){ .mask = mask,
				     .text = (f->text[i] | (f->caseless ? 0x20 * EACH : 0)) &
					     mask };
	for (unsigned at = 0; at < LOOKED; at++) {
		unsigned char c = (unsigned char)(f->text[i] >> 8 * at);

		if (at >= f->len[i]) {
			for (unsigned any = 0; any < 256; any += 17)
				add_nibbles(d, at, (unsigned char)any, bucket);
			continue;
		}
		add_nibbles(d, at, c, bucket);
		if (f->caseless && c >= 'a' && c <= 'z')
			add_nibbles(d, at, c ^ 0x20, bucket);
	}
}

static int make_demand(struct demand *d, const struct ab_factor *f, struct ab_err *err)
{
	*d = (struct demand){ .run = f->run, .caseless = f->caseless, .n = f->n };
	memcpy(d->class, f->class, sizeof(d->class));
	if (f->run)
		return 0;
	d->words = calloc(f->n, sizeof(*d->words));
	if (!d->words)
		return ab_err_memory(err);
	for (size_t i = 0; i < f->n; i++)
		add_word(d, f, i);
	return 0;
}

static void need_done(struct ab_need **need)
{
	ab_need_free(*need);
}

static void factors_done(struct ab_factors **factors)
{
	free(*factors);
}

struct ab_need *ab_need_read(const char *pattern, bool caseless, struct ab_err *err)
{
	ab_auto(factors_done) struct ab_factors *all = ab_factors_read(pattern, caseless, err);
	ab_auto(need_done) struct ab_need *need = NULL;

	if (!all)
		return NULL;
	need = calloc(1, sizeof(*need) + all->n * sizeof(need->choices[0]));
	if (!need) {
		ab_err_memory(err);
		return NULL;
	}
	for (; need->n < all->n; need->n++) {
		const struct ab_conjunction *from = &all->items[need->n];
		struct choice *to = &need->choices[need->n];

		for (; to->n < from->n; to->n++)
			if (make_demand(&to->demands[to->n], &from->factors[to->n], err) < 0)
				return NULL;
	}
	return ab_steal(&need);
}

/* Whether a word stands at p, eight bytes of which are readable. */
static bool is_word(const struct demand *d, const unsigned char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	eight = le64toh(eight) | (d->caseless ? 0x20 * EACH : 0);
	for (size_t i = 0; i < d->n; i++)
		if (!((eight ^ d->words[i].text) & d->words[i].mask))
			return true;
	return false;
}

static bool has_word(const struct demand *d, const unsigned char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned buckets = 0xff;

		for (unsigned at = 0; at < LOOKED && buckets; at++)
			buckets &= (unsigned)d->low[at][text[i + at] & 15] &
				   d->high[at][text[i + at] >> 4];
		if (buckets && is_word(d, text + i))
			return true;
	}
	return false;
}

#if defined(__x86_64__)
AB_TARGET_AVX2 static inline __m256i table(const unsigned char *nibbles)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)nibbles));
}

/* The same, 32 bytes at once. */
AB_TARGET_AVX2 static bool has_word_avx2(const struct demand *d, const unsigned char *text,
					 size_t len)
{
	__m256i low[LOOKED], high[LOOKED], nibble = _mm256_set1_epi8(15);

	for (unsigned at = 0; at < LOOKED; at++) {
		low[at] = table(d->low[at]);
		high[at] = table(d->high[at]);
	}
	for (size_t i = 0; i < len; i += 32) {
		__m256i buckets = _mm256_set1_epi8(-1);
		uint32_t found;

		for (unsigned at = 0; at < LOOKED; at++) {
			__m256i v = _mm256_loadu_si256((const __m256i *)(text + i + at));
			__m256i l = _mm256_shuffle_epi8(low[at], _mm256_and_si256(v, nibble));
			__m256i h = _mm256_shuffle_epi8(
				high[at], _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));

			buckets = _mm256_and_si256(buckets, _mm256_and_si256(l, h));
		}
		found = ~(uint32_t)_mm256_movemask_epi8(
			_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
		if (len - i < 32)
			found &= ((uint32_t)1 << (len - i)) - 1;
		for (; found; found &= found - 1)
			if (is_word(d, text + i + __builtin_ctz(found)))
				return true;
	}
	return false;
}
#endif

/* Whether so many bytes of the class stand in a row: one byte in as many is looked at, mostly. */
static bool has_run(const struct demand *d, const unsigned char *text, size_t len)
{
	for (size_t from = 0; len - from >= d->run && from < len;) {
		size_t at = from + d->run;

		while (at > from && ab_atom_has(d->class, text[at - 1]))
			at--;
		if (at == from)
			return true;
		from = at;
	}
	return false;
}

static bool meets(const struct demand *d, const unsigned char *text, size_t len, enum ab_simd simd)
{
	if (d->run)
		return has_run(d, text, len);
#if defined(__x86_64__)
	if (simd != AB_SIMD_PLAIN)
		return has_word_avx2(d, text, len);
#else
	(void)simd;
#endif
	return has_word(d, text, len);
}

bool ab_need_allows(const struct ab_need *need, const unsigned char *text, size_t len,
		    enum ab_simd simd)
{
	for (size_t i = 0; i < need->n; i++) {
		const struct choice *c = &need->choices[i];
		size_t k = 0;

		while (k < c->n && meets(&c->demands[k], text, len, simd))
			k++;
		if (k == c->n)
			return true;
	}
	return need->n == 0;
}
