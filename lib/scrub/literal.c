/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/literal.h"

#include <endian.h>
#include <string.h>

#include "lib/scrub/literal_weight.inc"

#include "lib/scrub/vector.h"

#define PIN	    4
#define WORDS	    (1u << AB_LITERAL_WORDS)
#define CHAINS	    (1u << AB_LITERAL_CHAINS)
#define FOLD	    0x20202020u /* makes one of letters of both cases, and of some signs */
#define HASH	    0x9e3779b1u
#define THREE	    0x00ffffffu /* the first three bytes of four */
#define WEIGHT_BITS 15
#define EACH	    0x0101010101010101u
#define NEAR	    64 /* bytes of text that are looked at at once */
#define STEP	    1024 /* and before what may begin there is looked at */
#define INLINE	    inline __attribute__((always_inline)) /* once for each kind of processor */

/*
 * A literal, an entry of the chain of its pin: eight bytes of it, the pin among them, so that nearly
 * all that the pin alone lets through ends here, without a look at the rest.
 */
struct literal {
	uint64_t want; /* zeros where the literal has none of them */
	uint64_t fold; /* what makes small letters of the text's where the literal has some */
	uint32_t next; /* of the chain: index + 1, 0 ends */
	uint32_t text;	     /* where it begins in the texts: folded unless exact */
	uint32_t tag;
	uint8_t len, pin;    /* pin: offset of the four bytes that are hashed */
	uint8_t before : 4;  /* how many of the eight stand before the pin */
	uint8_t unused : 4;  /* how many of them the literal has not, at their end */
	bool exact : 1, whole : 1; /* whole: the eight bytes are all of it */
};

/* A chain, and what may stand beside its pins: a bit for each class of bytes that does in some
 * literal. */
struct chain {
	uint32_t first; /* index + 1 */
	uint8_t before, behind;
};

/*
 * Three bytes of the text name a word of the filter. Its upper half has a bit for what a fourth
 * makes of them, as a pin of four bytes; its lower half one for the literals that have but three:
 * one load says whether either may stand there. The chains, one of each kind, are few enough to
 * stay in the cache, which heads for each bit of the filter would not.
 */
struct ab_literals {
	uint32_t filter[WORDS];
	struct chain fours[CHAINS], threes[CHAINS];
	struct literal *literals;
	size_t n, capacity;
	char *texts; /* one behind the other, eight bytes of room behind the last */
	size_t texts_len, texts_capacity;
	enum ab_simd simd;
	struct ab_vector *vector;
};

/* Each bit says what may begin at a byte. */
struct found {
	uint64_t four, three;
};

/* Without vectorscan l->vector stays NULL. */
#ifndef AB_VECTORSCAN
static void ab_vector_free(struct ab_vector *v)
{
	(void)v;
}
#endif

void ab_literals_limit(struct ab_literals *l, enum ab_simd simd)
{
	ab_vector_free(l->vector);
	l->vector = NULL;
	l->simd = simd < l->simd ? simd : l->simd;
}

void ab_literals_free(struct ab_literals *l)
{
	if (!l)
		return;
	ab_vector_free(l->vector);
	free(l->literals);
	free(l->texts);
	free(l);
}

size_t ab_literals_count(const struct ab_literals *l)
{
	return l->n;
}

struct ab_literals *ab_literals_new(void)
{
	struct ab_literals *l = calloc(1, sizeof(struct ab_literals));

	if (l)
		l->simd = ab_simd_best();
	return l;
}

/* The pin's bytes: three of them have no fourth. */
static inline uint32_t pin_of(uint32_t four, bool three)
{
	return (three ? four & THREE : four) | FOLD;
}

static inline uint32_t hash_of(uint32_t pin)
{
	return pin * HASH;
}

static inline uint32_t chain_of(uint32_t pin)
{
	return hash_of(pin) >> (32 - AB_LITERAL_CHAINS);
}

/* Where the first three bytes of four stand in the filter, and which bits from the left are theirs
 * there: of the four, of the three. */
static inline uint32_t word_of(uint32_t four)
{
	return hash_of(pin_of(four, true)) >> (32 - AB_LITERAL_WORDS);
}

static inline uint32_t bit_of(uint32_t four, bool three)
{
	uint32_t bits = hash_of(pin_of(four, true)) >> (28 - AB_LITERAL_WORDS);

	return three ? 16 | (bits & 15) : ((four | FOLD) >> 24 ^ bits) & 15;
}

static inline unsigned class_of(unsigned char c)
{
	return ((c | 0x20u) * 37u >> 4) & 7;
}

static inline uint32_t load4(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t load8(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* Eight bytes, A-Z of them in lower case. */
static inline uint64_t fold8(uint64_t v)
{
	uint64_t seven = v & 0x7f * EACH;
	uint64_t upper = (seven + (0x80 - 'A') * EACH) ^ (seven + (0x7f - 'Z') * EACH);

	return v | (upper & ~v & 0x80 * EACH) >> 2;
}

/* 0x20 for each of eight bytes that is a small letter. */
static inline uint64_t letters8(uint64_t v)
{
	uint64_t seven = v & 0x7f * EACH;
	uint64_t lower = (seven + (0x80 - 'a') * EACH) ^ (seven + (0x7f - 'z') * EACH);

	return (lower & ~v & 0x80 * EACH) >> 2;
}

/* The first n of eight bytes. */
static inline uint64_t first_bytes(size_t n)
{
	return n < 8 ? ((uint64_t)1 << 8 * n) - 1 : ~(uint64_t)0;
}

static inline unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/*
 * How often the filter lets four bytes through that are a pin, as log2: where they stand, and one
 * time in 16 where their first three do; in texts of the kind where they are most common.
 */
static inline char weight_of(const char *text)
{
	uint32_t four = load4(text);
	char own = four_weights[hash_of(pin_of(four, false)) >> (32 - WEIGHT_BITS)];
	char shared = (char)(three_weights[word_of(four)] - 4);

	return own > shared ? own : shared;
}

/* The rarest four bytes. */
static uint8_t choose_pin(const char *text, size_t len)
{
	uint8_t pin = 0;
	char best = 0;

	for (size_t i = 0; i + PIN <= len; i++) {
		char weight = weight_of(text + i);

		if (i && weight >= best)
			continue;
		best = weight;
		pin = (uint8_t)i;
	}
	return pin;
}

/* The classes that a byte beside the pin may have: any where the literal has none there. */
static uint8_t side_of(const struct literal *lit, const char *text, size_t at)
{
	return at < lit->len ? (uint8_t)(1u << class_of((unsigned char)text[at])) : 0xff;
}

/* Enters the newest literal under its pin. */
static void enter(struct ab_literals *l)
{
	struct literal *lit = &l->literals[l->n - 1];
	const char *text = l->texts + lit->text;
	bool three = lit->len < PIN;
	uint32_t four = load4(text + lit->pin), at = chain_of(pin_of(four, three));
	struct chain *chain = three ? &l->threes[at] : &l->fours[at];
	size_t had;

	lit->before = (lit->pin < PIN ? lit->pin : PIN) & 7;
	had = (size_t)(lit->len - lit->pin + lit->before);
	lit->unused = (had < 8 ? 8 - had : 0) & 7;
	lit->want = load8(text + lit->pin - lit->before) & first_bytes(had);
	lit->fold = lit->exact ? 0 : letters8(lit->want);
	lit->whole = lit->before == lit->pin && lit->len <= 8;
	lit->next = chain->first;
	chain->first = (uint32_t)l->n;
	chain->before |= lit->pin ? side_of(lit, text, lit->pin - 1u) : 0xff;
	chain->behind |= side_of(lit, text, lit->pin + (three ? 3u : 4u));
	l->filter[word_of(four)] |= 0x80000000u >> bit_of(four, three);
}

static int grow(struct ab_literals *l, size_t len, struct ab_err *err)
{
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 1024;
		struct literal *literals = realloc(l->literals, capacity * sizeof(*literals));

		if (!literals)
			return ab_err_memory(err);
		l->literals = literals;
		l->capacity = capacity;
	}
	if (l->texts_capacity - l->texts_len < len + 8) {
		size_t capacity = l->texts_capacity ? l->texts_capacity * 2 : 16384;
		char *texts = realloc(l->texts, capacity);

		if (!texts)
			return ab_err_memory(err);
		l->texts = texts;
		l->texts_capacity = capacity;
	}
	return 0;
}

int ab_literals_add(struct ab_literals *l, const char *text, size_t len, bool exact, uint32_t tag,
		    struct ab_err *err)
{
	char *own;

	if (len < AB_LITERAL_MIN || len > AB_LITERAL_MAX)
		return ab_err_usage(err, "a literal has %d to %d bytes", AB_LITERAL_MIN,
				    AB_LITERAL_MAX);
	if (grow(l, len, err) < 0)
		return -1;
	own = l->texts + l->texts_len;
	for (size_t i = 0; i < len; i++)
		own[i] = exact ? text[i] : (char)fold((unsigned char)text[i]);
	memset(own + len, 0, 8);
	l->literals[l->n++] = (struct literal){ .text = (uint32_t)l->texts_len,
						.len = (uint8_t)len,
						.pin = choose_pin(own, len),
						.exact = exact,
						.tag = tag };
	l->texts_len += len;
	enter(l);
	return 0;
}

static bool is_here(const struct ab_literals *l, const struct literal *lit, const unsigned char *p)
{
	const char *text = l->texts + lit->text;

	for (size_t i = 0; i < lit->len; i += 8) {
		uint64_t word = load8(p + i);

		word = lit->exact ? word : fold8(word);
		if ((word ^ load8(text + i)) & first_bytes(lit->len - i))
			return false;
	}
	return true;
}

/* Whether what stands beside the pin at p may do so; `before` is any byte where there is none. */
static inline bool fits(const struct chain *c, unsigned char before, unsigned char behind)
{
	return c->before >> class_of(before) & c->behind >> class_of(behind) & 1;
}

/* A place of a step where the filter lets a pin through, and the first literal of its chain. */
struct candidate {
	uint32_t offset, first;
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
static INLINE size_t note(const struct chain *chains, const unsigned char *p, bool first, bool three,
			  const uint16_t *places, size_t count, struct candidate *out, size_t n)
{
	for (size_t k = 0; k < count; k++) {
		unsigned i = places[k];
		const struct chain *chain = &chains[chain_of(pin_of(load4(p + i), three))];
		unsigned char before = first && i == 0 ? 0 : p[(int)i - 1];

		out[n] = (struct candidate){ i, chain->first };
		n += fits(chain, before, p[i + (three ? 3 : 4)]);
	}
	return n;
}

/* Adds the literals of a chain whose pin stands at `at`; false: no room for them. */
static inline bool collect(const struct ab_literals *l, uint32_t e, const unsigned char *text,
			   size_t size, size_t at, struct ab_literal_hit *hits, size_t *n,
			   size_t max)
{
	for (; e; e = l->literals[e - 1].next) {
		const struct literal *lit = &l->literals[e - 1];

		if (lit->before > at ||
		    ((load8(text + at - lit->before) | lit->fold) ^ lit->want) << 8 * lit->unused)
			continue;
		if (lit->pin > at || at - lit->pin + lit->len > size ||
		    (!lit->whole && !is_here(l, lit, text + at - lit->pin)))
			continue;
		if (*n == max)
			return false;
		hits[(*n)++] = (struct ab_literal_hit){ at - lit->pin, lit->len, lit->tag };
	}
	return true;
}

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
		_mm256_set1_epi32(FOLD));
	/* The fold's bit of the fourth byte stays, as it does in pin_of(). */
	__m256i threes = _mm256_and_si256(fours, _mm256_set1_epi32((int)(THREE | FOLD)));
	__m256i hash = _mm256_mullo_epi32(threes, _mm256_set1_epi32((int)HASH));
	__m256i words = _mm256_i32gather_epi32(
		(const int *)l->filter, _mm256_srli_epi32(hash, 32 - AB_LITERAL_WORDS), 4);
	__m256i bits = _mm256_srli_epi32(hash, 28 - AB_LITERAL_WORDS);
	__m256i low = _mm256_set1_epi32(15), high = _mm256_set1_epi32(16);
	__m256i a = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi32(fours, 24), bits), low);
	__m256i b = _mm256_or_si256(_mm256_and_si256(bits, low), high);

	*four = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_sllv_epi32(words, a)));
	*three = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_sllv_epi32(words, b)));
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
		_mm512_set1_epi32(FOLD));
	__m512i threes = _mm512_and_si512(fours, _mm512_set1_epi32((int)(THREE | FOLD)));
	__m512i hash = _mm512_mullo_epi32(threes, _mm512_set1_epi32((int)HASH));
	__m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(hash, 32 - AB_LITERAL_WORDS),
					       l->filter, 4);
	__m512i bits = _mm512_srli_epi32(hash, 28 - AB_LITERAL_WORDS);
	__m512i low = _mm512_set1_epi32(15), high = _mm512_set1_epi32(16);
	__m512i a = _mm512_and_si512(_mm512_xor_si512(_mm512_srli_epi32(fours, 24), bits), low);
	__m512i b = _mm512_or_si512(_mm512_and_si512(bits, low), high);

	*four = _mm512_movepi32_mask(_mm512_sllv_epi32(words, a));
	*three = _mm512_movepi32_mask(_mm512_sllv_epi32(words, b));
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
		uint32_t four = load4(p + i), word = l->filter[word_of(four)];

		found.four |= (uint64_t)(word << bit_of(four, false) >> 31) << i;
		found.three |= (uint64_t)(word << bit_of(four, true) >> 31) << i;
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
	count = note(l->fours, p, at == 0, false, out->fours, n_fours, out->items, 0);
	return note(l->threes, p, at == 0, true, out->threes, n_threes, out->items, count);
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
	for (size_t i = 0; i < l->n; i++) {
		const struct literal *lit = &l->literals[i];

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
				hits[i].tag = l->literals[hits[i].tag].tag;
			sort(hits, *ret_n);
			*at += step;
			return true;
		}
	return false;
}
#else
int ab_literals_ready(struct ab_literals *l, struct ab_err *err)
{
	(void)l;
	(void)err;
	return 0;
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
	struct list list;
	size_t i = *at, n = 0, step, most = STEP;
	list_fn *fill = list_for(l->simd);

	if (l->vector && scan_vector(l, text, size, end, at, hits, max, &n))
		return n;
	for (n = 0; i < end; i += step) {
		size_t count, before = n;

		step = end - i < most ? end - i : most;
		count = fill(l, text, size, i, step, &list);
		for (size_t k = 0; k < count; k++) {
			const struct candidate *c = &list.items[k];

			if (collect(l, c->first, text, size, i + c->offset, hits, &n, max))
				continue;
			if (before) { /* all of this step again, when there is room */
				*at = i;
				sort(hits, before);
				return before;
			}
			n = 0; /* there is room for what begins at one place */
			step = 0;
			most = most > NEAR ? NEAR : 1;
			break;
		}
	}
	*at = i;
	sort(hits, n);
	return n;
}
