/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/pin.h"

#include <string.h>

#include "lib/scrub/vector.h"

#define NEAR   64   /* bytes of text that are looked at at once */
#define AHEAD  4    /* candidates whose chains are brought near */
#define STEP   1024 /* and before what may begin there is looked at */
#define INLINE inline __attribute__((always_inline)) /* once for each kind of processor */

/* Each bit says what may begin at a byte. */
struct found {
	uint64_t four, three;
};

/* Eight bytes, A-Z of them in lower case. */
static inline uint64_t fold8(uint64_t v)
{
	uint64_t seven = v & 0x7f * AB_PIN_EACH;
	uint64_t upper = (seven + (0x80 - 'A') * AB_PIN_EACH) ^ (seven + (0x7f - 'Z') * AB_PIN_EACH);

	return v | (upper & ~v & 0x80 * AB_PIN_EACH) >> 2;
}

static bool is_here(const struct ab_literals *l, const struct ab_literal *lit, const unsigned char *p)
{
	const char *text = l->texts + lit->text;

	for (size_t i = 0; i < lit->len; i += 8) {
		uint64_t word = ab_pin_load8(p + i);

		word = lit->exact ? word : fold8(word);
		if ((word ^ ab_pin_load8(text + i)) & ab_pin_first_bytes(lit->len - i))
			return false;
	}
	return true;
}

/* Whether the pin is one of the chain's, and what stands beside it may do so; `before` is any byte where there is
 * none. */
static inline bool fits(const struct ab_literal_gate *g, uint32_t pin, unsigned char before, unsigned char behind)
{
	return g->pins >> ab_pin_own(pin) & g->before >> ab_pin_class(before) & g->behind >> ab_pin_class(behind) & 1;
}

/* A place of a step where the filter lets a pin through, and its chain. */
struct candidate {
	uint32_t offset : 31, three : 1, chain;
};

/* The places of the bits, from *n on; `base` is that of the first bit. Four are written whatever there is:
 * most have no more, and no branch has to guess how many. */
static INLINE void list_places(uint64_t mask, size_t base, uint16_t *places, size_t *n)
{
	size_t count = (size_t)__builtin_popcountll(mask);
	uint16_t *out = places + *n;

	*n += count;
	for (size_t k = 0; k < 4 || k < count; k++) {
		out[k] = (uint16_t)(base + (size_t)(unsigned)__builtin_ctzll(mask | (uint64_t)1 << 63));
		mask &= mask - 1;
	}
}

/* Notes those places whose neighbours fit: most do not, and no branch has to guess which. */
static INLINE size_t note(const struct ab_literals *l, const unsigned char *p, bool first, bool three,
			  const uint16_t *places, size_t count, struct candidate *out, size_t n)
{
	for (size_t k = 0; k < count; k++) {
		unsigned i = places[k];
		uint32_t pin = ab_pin_of(ab_pin_load4(p + i), three), chain = ab_pin_chain(pin, three);
		unsigned char before = p[(int)i - !(first && i == 0)];

		out[n] = (struct candidate){ i, three, chain };
		n += fits(&l->gates[chain], pin, before, p[i + (three ? 3 : 4)]);
	}
	return n;
}

/* What stands beside the pin at `at`: zeros before the text. */
static inline uint64_t beside(const unsigned char *text, size_t at, bool three)
{
	uint32_t before = at < AB_PIN_BEFORE ? (uint32_t)((uint64_t)ab_pin_load4(text) << 8 * (AB_PIN_BEFORE - at))
					     : ab_pin_load4(text + at - AB_PIN_BEFORE);
	uint32_t pin = ab_pin_of(ab_pin_load4(text + at), three);

	return ab_pin_beside(before, pin, ab_pin_load4(text + at + (three ? 3 : 4)));
}

/* Whether something may come of the literal there, as far as it is told. */
static INLINE bool is_followed(const struct ab_literals *l, size_t entry, const unsigned char *text, size_t at, size_t end)
{
	unsigned tried = l->tried ? l->tried[entry] : 0;

	return tried <= AB_LITERAL_TRIED || tried == AB_LITERAL_PLAIN ||
	       ab_follow_fits(&l->follows[tried - AB_LITERAL_TRIED - 1], text, at, end);
}

/* Adds the literal if it stands there; false: no room for it. */
static INLINE bool add_hit(const struct ab_literals *l, size_t entry, const unsigned char *text, size_t size, size_t at,
			   struct ab_literal_hit *hits, size_t *n, size_t max)
{
	const struct ab_literal *lit = &l->literals[entry];

	if (lit->pin > at || at - lit->pin + lit->len > size ||
	    ((ab_pin_load8(text + (ptrdiff_t)at + lit->eight) | lit->fold) ^ lit->want) << 8 * lit->unused ||
	    !(lit->whole || is_here(l, lit, text + at - lit->pin)))
		return true;
	at -= lit->pin;
	if (!is_followed(l, entry, text, at, at + lit->len))
		return true;
	if (*n == max)
		return false;
	hits[(*n)++] = (struct ab_literal_hit){ at, lit->len, lit->tag, (uint32_t)entry };
	return true;
}

/* Adds the literals of a candidate's chain that stand there; false: no room for them. */
static inline bool collect(const struct ab_literals *l, const struct candidate *c, const unsigned char *text,
			   size_t size, size_t at, struct ab_literal_hit *hits, size_t *n, size_t max)
{
	uint64_t near = beside(text, at, c->three);

	for (size_t e = l->firsts[c->chain] - 1;; e++) {
		ab_literal_mark mark = l->marks[e];

		if (ab_pin_fits(mark, near) && !add_hit(l, e, text, size, at, hits, n, max))
			return false;
		if (!(mark & AB_PIN_MORE))
			return true;
	}
}

#if defined(__x86_64__)
/* The same: AB_PIN_MARKS are looked at at once, since some chains have dozens of them. */
AB_TARGET_AVX2 static inline bool collect_avx2(const struct ab_literals *l, const struct candidate *c,
					       const unsigned char *text, size_t size, size_t at,
					       struct ab_literal_hit *hits, size_t *n, size_t max)
{
	__m256i near = _mm256_set1_epi64x((long long)beside(text, at, c->three)), zero = _mm256_setzero_si256();
	__m256i more = _mm256_set1_epi64x(AB_PIN_MORE), all = _mm256_cmpeq_epi8(zero, zero);

	for (size_t e = l->firsts[c->chain] - 1;; e += AB_PIN_MARKS) {
		__m256i marks = _mm256_loadu_si256((const __m256i *)&l->marks[e]);
		__m256i same = _mm256_cmpeq_epi8(_mm256_or_si256(marks, more), near);
		__m256i none = _mm256_cmpeq_epi8(_mm256_andnot_si256(more, marks), zero);
		__m256i fits = _mm256_cmpeq_epi64(_mm256_or_si256(same, none), all);
		unsigned fit = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(fits));
		unsigned last = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_slli_epi64(marks, 63 - AB_PIN_MORE_BIT))) ^ 15;

		for (fit &= last ^ (last - 1); fit; fit &= fit - 1)
			if (!add_hit(l, e + (unsigned)__builtin_ctz(fit), text, size, at, hits, n, max))
				return false;
		if (last)
			return true;
	}
}
#endif

#if defined(__x86_64__)
/* What may begin at each of eight bytes; 16 bytes are readable. */
AB_TARGET_AVX2 static inline void look8(const struct ab_literals *l, const unsigned char *p,
					unsigned *four, unsigned *three)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)p);
	__m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6,
					  7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
	__m256i fours = _mm256_or_si256(
		_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), spread),
		_mm256_set1_epi32(AB_PIN_FOLD));
	/* The fold's bit of the fourth byte stays, as it does in ab_pin_of(). */
	__m256i threes = _mm256_and_si256(fours, _mm256_set1_epi32((int)(AB_PIN_THREE | AB_PIN_FOLD)));
	__m256i hash = _mm256_mullo_epi32(threes, _mm256_set1_epi32((int)AB_PIN_HASH));
	__m256i words = _mm256_i32gather_epi32(
		(const int *)l->filter, _mm256_srli_epi32(hash, 32 - AB_LITERAL_WORDS), 4);
	__m256i bits = _mm256_srli_epi32(hash, 27 - AB_LITERAL_WORDS), last = _mm256_set1_epi32(AB_PIN_FOURS - 1);
	__m256i a = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi32(fours, 24), bits), _mm256_set1_epi32(31));
	__m256i b = _mm256_or_si256(bits, _mm256_set1_epi32(AB_PIN_FOURS));

	a = _mm256_sllv_epi32(words, _mm256_min_epu32(a, last));
	b = _mm256_sllv_epi32(words, _mm256_and_si256(b, _mm256_set1_epi32(31)));
	*four = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(a));
	*three = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(b));
}

AB_TARGET_AVX2 static struct found look_avx2(const struct ab_literals *l, const unsigned char *p)
{
	struct found found = { 0, 0 };

	for (unsigned i = 0; i < NEAR; i += 8) {
		unsigned four, three;

		look8(l, p + i, &four, &three);
		found.four |= (uint64_t)four << i;
		found.three |= (uint64_t)three << i;
	}
	return found;
}

/* The same of 16 at once; 32 bytes are readable. */
AB_TARGET_AVX512 static inline void look16(const struct ab_literals *l, const unsigned char *p,
					   unsigned *four, unsigned *three)
{
	__m512i bytes = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)p));
	__m512i lanes = _mm512_setr_epi32(0, 1, 0, 0, 1, 2, 0, 0, 2, 3, 0, 0, 3, 4, 0, 0);
	__m512i spread = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6));
	__m512i fours = _mm512_or_si512(
		_mm512_shuffle_epi8(_mm512_permutexvar_epi32(lanes, bytes), spread),
		_mm512_set1_epi32(AB_PIN_FOLD));
	__m512i threes = _mm512_and_si512(fours, _mm512_set1_epi32((int)(AB_PIN_THREE | AB_PIN_FOLD)));
	__m512i hash = _mm512_mullo_epi32(threes, _mm512_set1_epi32((int)AB_PIN_HASH));
	__m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(hash, 32 - AB_LITERAL_WORDS),
					       l->filter, 4);
	__m512i bits = _mm512_srli_epi32(hash, 27 - AB_LITERAL_WORDS), last = _mm512_set1_epi32(AB_PIN_FOURS - 1);
	__m512i a = _mm512_and_si512(_mm512_xor_si512(_mm512_srli_epi32(fours, 24), bits), _mm512_set1_epi32(31));
	__m512i b = _mm512_or_si512(bits, _mm512_set1_epi32(AB_PIN_FOURS));

	a = _mm512_sllv_epi32(words, _mm512_min_epu32(a, last));
	b = _mm512_sllv_epi32(words, _mm512_and_si512(b, _mm512_set1_epi32(31)));
	*four = _mm512_movepi32_mask(a);
	*three = _mm512_movepi32_mask(b);
}

AB_TARGET_AVX512 static struct found look_avx512(const struct ab_literals *l,
						 const unsigned char *p)
{
	struct found found = { 0, 0 };

	for (unsigned i = 0; i < NEAR; i += 16) {
		unsigned four, three;

		look16(l, p + i, &four, &three);
		found.four |= (uint64_t)four << i;
		found.three |= (uint64_t)three << i;
	}
	return found;
}
#endif

static struct found look_plain(const struct ab_literals *l, const unsigned char *p, size_t n)
{
	struct found found = { 0, 0 };

	for (size_t i = 0; i < n; i++) {
		uint32_t four = ab_pin_load4(p + i), word = l->filter[ab_pin_word(four)];

		found.four |= (uint64_t)(word << ab_pin_bit(four, false) >> 31) << i;
		found.three |= (uint64_t)(word << ab_pin_bit(four, true) >> 31) << i;
	}
	return found;
}

typedef struct found look_fn(const struct ab_literals *l, const unsigned char *p);

/* Room for what a step may give, with some more that is written and not counted. */
struct list {
	uint16_t fours[STEP + 4], threes[STEP + 4];
	struct candidate items[2 * STEP + 1];
};

/* What may begin in n bytes from text + at on; how many there are. `look` reads 16 bytes more than NEAR. */
static INLINE size_t list_candidates(const struct ab_literals *l, const unsigned char *text, size_t size,
				     size_t at, size_t n, look_fn *look, struct list *out)
{
	size_t n_fours = 0, n_threes = 0, count;
	const unsigned char *p = text + at;

	for (size_t i = 0; i < n; i += NEAR) {
		bool whole = look && n - i >= NEAR && size - at - i >= NEAR + 16;
		struct found found = whole ? look(l, p + i) : look_plain(l, p + i, n - i < NEAR ? n - i : NEAR);

		list_places(found.four, i, out->fours, &n_fours);
		list_places(found.three, i, out->threes, &n_threes);
	}
	count = note(l, p, at == 0, false, out->fours, n_fours, out->items, 0);
	return note(l, p, at == 0, true, out->threes, n_threes, out->items, count);
}

typedef size_t list_fn(const struct ab_literals *l, const unsigned char *text, size_t size, size_t at,
		       size_t n, struct list *out);

static size_t list_plain(const struct ab_literals *l, const unsigned char *text, size_t size, size_t at,
			 size_t n, struct list *out)
{
	return list_candidates(l, text, size, at, n, NULL, out);
}

#if defined(__x86_64__)
AB_TARGET_AVX2 static size_t list_avx2(const struct ab_literals *l, const unsigned char *text, size_t size,
				       size_t at, size_t n, struct list *out)
{
	return list_candidates(l, text, size, at, n, look_avx2, out);
}

AB_TARGET_AVX512 static size_t list_avx512(const struct ab_literals *l, const unsigned char *text,
					   size_t size, size_t at, size_t n, struct list *out)
{
	return list_candidates(l, text, size, at, n, look_avx512, out);
}
#endif

static list_fn *list_for(enum ab_simd simd)
{
#if defined(__x86_64__)
	if (simd != AB_SIMD_PLAIN)
		return simd == AB_SIMD_AVX512 ? list_avx512 : list_avx2;
#else
	(void)simd;
#endif
	return list_plain;
}

typedef bool collect_fn(const struct ab_literals *l, const struct candidate *c, const unsigned char *text, size_t size,
			size_t at, struct ab_literal_hit *hits, size_t *n, size_t max);

/* The literals of all candidates of a step that begins at `at`; false: no room for them. */
static INLINE bool collect_all(const struct ab_literals *l, const struct list *list, size_t count, const unsigned char *text,
			       size_t size, size_t at, struct ab_literal_hit *hits, size_t *ret_n, size_t max,
			       collect_fn *one)
{
	size_t n = *ret_n;
	bool room = true;

	for (size_t k = 0; k < count && room; k++) {
		if (k + AHEAD < count)
			__builtin_prefetch(&l->marks[l->firsts[list->items[k + AHEAD].chain] - 1]);
		room = one(l, &list->items[k], text, size, at + list->items[k].offset, hits, &n, max);
	}
	*ret_n = n;
	return room;
}

typedef bool collect_all_fn(const struct ab_literals *l, const struct list *list, size_t count,
			    const unsigned char *text, size_t size, size_t at, struct ab_literal_hit *hits,
			    size_t *ret_n, size_t max);

static bool collect_all_plain(const struct ab_literals *l, const struct list *list, size_t count,
			      const unsigned char *text, size_t size, size_t at, struct ab_literal_hit *hits,
			      size_t *ret_n, size_t max)
{
	return collect_all(l, list, count, text, size, at, hits, ret_n, max, collect);
}

#if defined(__x86_64__)
AB_TARGET_AVX2 static bool collect_all_avx2(const struct ab_literals *l, const struct list *list, size_t count,
					    const unsigned char *text, size_t size, size_t at,
					    struct ab_literal_hit *hits, size_t *ret_n, size_t max)
{
	return collect_all(l, list, count, text, size, at, hits, ret_n, max, collect_avx2);
}
#endif

static collect_all_fn *collect_for(enum ab_simd simd)
{
#if defined(__x86_64__)
	if (simd != AB_SIMD_PLAIN)
		return collect_all_avx2;
#else
	(void)simd;
#endif
	return collect_all_plain;
}

static inline bool is_before(const struct ab_literal_hit *a, const struct ab_literal_hit *b)
{
	return a->at != b->at ? a->at < b->at : a->len < b->len;
}

/* They come by their pins: each is near to its place. */
static void sort(struct ab_literal_hit *hits, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct ab_literal_hit hit = hits[i];
		size_t k = i;

		for (; k && is_before(&hit, &hits[k - 1]); k--)
			hits[k] = hits[k - 1];
		hits[k] = hit;
	}
}

#ifdef AB_VECTORSCAN
int ab_literals_ready(struct ab_literals *l, struct ab_err *err)
{
	ab_autofree struct ab_vector_literal *all = calloc(l->n + 1, sizeof(*all));

	if (!all)
		return ab_err_memory(err);
	if (ab_literals_settle(l, err) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		const struct ab_literal *lit = &l->literals[i];

		all[i] = (struct ab_vector_literal){ l->texts + lit->text, lit->len, lit->pin, lit->exact };
	}
	return ab_vector_new(all, l->n, &l->vector, err);
}

/*
 * False: it does not know. Where not all hits have room it takes half of the text, and half again:
 * those of one place always have.
 */
static bool scan_vector(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t end, size_t *at, struct ab_literal_hit *hits, size_t max,
			size_t *ret_n)
{
	for (size_t step = end - *at; step; step /= 2)
		if (ab_vector_scan(l->vector, text, size, *at, *at + step, hits, max, ret_n)) {
			for (size_t i = 0; i < *ret_n; i++)
				hits[i].tag = l->literals[hits[i].entry].tag;
			sort(hits, *ret_n);
			*at += step;
			return true;
		}
	return false;
}
#else
int ab_literals_ready(struct ab_literals *l, struct ab_err *err)
{
	return ab_literals_settle(l, err);
}

static bool scan_vector(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t end, size_t *at, struct ab_literal_hit *hits, size_t max,
			size_t *ret_n)
{
	(void)l, (void)text, (void)size, (void)end, (void)at, (void)hits, (void)max, (void)ret_n;
	return false;
}
#endif

size_t ab_literals_scan(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t end, size_t *at, struct ab_literal_hit *hits, size_t max)
{
	struct list list AB_UNINITIALIZED; /* too much to be cleared for each short text */
	size_t i = *at, n = 0, step, most = STEP;
	list_fn *fill = list_for(l->simd);
	collect_all_fn *all = collect_for(l->simd);

	if (l->vector && scan_vector(l, text, size, end, at, hits, max, &n))
		return n;
	for (n = 0; i < end; i += step) {
		size_t count, before = n;

		step = end - i < most ? end - i : most;
		count = fill(l, text, size, i, step, &list);
		if (all(l, &list, count, text, size, i, hits, &n, max))
			continue;
		if (before) { /* all of this step again, when there is room */
			*at = i;
			sort(hits, before);
			return before;
		}
		n = 0; /* there is room for what begins at one place */
		step = 0;
		most = most > NEAR ? NEAR : 1;
	}
	*at = i;
	sort(hits, n);
	return n;
}
