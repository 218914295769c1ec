/* SPDX-License-Identifier: Apache-2.0 */
/* Private to run.c: classes of bytes, as a bit for each of 64 at once; and what is read off such
 * bits. */
#ifndef AB_SCRUB_MASK_H
#define AB_SCRUB_MASK_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/simd.h"

#define AB_MASK_BLOCK  64
#define AB_MASK_INLINE inline __attribute__((always_inline)) /* once for each kind of processor */

/* One bit a byte of a block. */
struct ab_masks {
	uint64_t digit, letter, base64, at, mark, backslash, high;
	uint64_t star;	    /* mark: % and & */
	uint64_t separator; /* what numbers have between their digits: see is_separator(), "," */
	uint64_t x;	    /* of 0x41 */
	uint64_t blank;	    /* up to a space */
};

typedef void ab_masks_fn(const unsigned char *p, struct ab_masks *m);

/* Bits of a byte's class: the set of a byte is lo[low nibble] & hi[high nibble]. */
enum {
	AB_CLASS_DIGIT = 1,
	AB_CLASS_LETTER_A = 2,
	AB_CLASS_LETTER_P = 4,
	AB_CLASS_SIGN = 8,
	AB_CLASS_UNDERSCORE = 16,
	AB_CLASS_AT = 32,
	AB_CLASS_MARK = 64,
	AB_CLASS_BACKSLASH = 128
};
#define AB_CLASS_LETTER (AB_CLASS_LETTER_A | AB_CLASS_LETTER_P)
#define AB_CLASS_BASE64 (AB_CLASS_DIGIT | AB_CLASS_LETTER | AB_CLASS_SIGN | AB_CLASS_UNDERSCORE)

static const unsigned char ab_class_lo[16] = {
	AB_CLASS_DIGIT | AB_CLASS_LETTER_P | AB_CLASS_AT,	 /* 0: 0 P p @ */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 1 */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 2 */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 3 */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 4 */
	AB_CLASS_DIGIT | AB_CLASS_LETTER | AB_CLASS_MARK,	 /* 5: % */
	AB_CLASS_DIGIT | AB_CLASS_LETTER | AB_CLASS_MARK,	 /* 6: & */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 7 */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 8 */
	AB_CLASS_DIGIT | AB_CLASS_LETTER,			 /* 9 */
	AB_CLASS_LETTER,					 /* a: J Z */
	AB_CLASS_LETTER_A | AB_CLASS_SIGN,			 /* b: + */
	AB_CLASS_LETTER_A | AB_CLASS_BACKSLASH,			 /* c: \ */
	AB_CLASS_LETTER_A | AB_CLASS_SIGN,			 /* d: - */
	AB_CLASS_LETTER_A,					 /* e */
	AB_CLASS_LETTER_A | AB_CLASS_SIGN | AB_CLASS_UNDERSCORE, /* f: / _ */
};
static const unsigned char ab_class_hi[16] = {
	[2] = AB_CLASS_SIGN | AB_CLASS_MARK,
	[3] = AB_CLASS_DIGIT,
	[4] = AB_CLASS_LETTER_A | AB_CLASS_AT,
	[5] = AB_CLASS_LETTER_P | AB_CLASS_UNDERSCORE | AB_CLASS_BACKSLASH,
	[6] = AB_CLASS_LETTER_A,
	[7] = AB_CLASS_LETTER_P,
};

/* Separators are 0x2 and a low nibble of these: SPACE ( ) , - . / */
static const unsigned char ab_class_separator[16] = {
	[0] = 0xff, [8] = 0xff, [9] = 0xff, [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff
};

static inline void ab_masks_plain(const unsigned char *p, struct ab_masks *m)
{
	*m = (struct ab_masks){ 0 };
	for (unsigned i = 0; i < AB_MASK_BLOCK; i++) {
		unsigned c = ab_class_lo[p[i] & 15] & ab_class_hi[p[i] >> 4];

		m->digit |= (uint64_t) !!(c & AB_CLASS_DIGIT) << i;
		m->letter |= (uint64_t) !!(c & AB_CLASS_LETTER) << i;
		m->base64 |= (uint64_t) !!(c & AB_CLASS_BASE64) << i;
		m->at |= (uint64_t) !!(c & AB_CLASS_AT) << i;
		m->mark |= (uint64_t) !!(c & AB_CLASS_MARK) << i;
		m->backslash |= (uint64_t) !!(c & AB_CLASS_BACKSLASH) << i;
		m->high |= (uint64_t)(p[i] >> 7) << i;
		m->separator |= (uint64_t)(p[i] >> 4 == 2 && ab_class_separator[p[i] & 15]) << i;
		m->star |= (uint64_t)(p[i] == '*') << i;
		m->x |= (uint64_t)(p[i] == 'x') << i;
		m->blank |= (uint64_t)(p[i] <= ' ') << i;
	}
}

#if defined(__x86_64__)
AB_TARGET_AVX2 static inline uint64_t ab_mask_both(__m256i a, __m256i b)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32 |
	       (uint32_t)_mm256_movemask_epi8(a);
}

AB_TARGET_AVX2 static inline uint64_t ab_mask_any(__m256i a, __m256i b, char bits)
{
	__m256i mask = _mm256_set1_epi8(bits), zero = _mm256_setzero_si256();

	return ~ab_mask_both(_mm256_cmpeq_epi8(_mm256_and_si256(a, mask), zero),
			     _mm256_cmpeq_epi8(_mm256_and_si256(b, mask), zero));
}

AB_TARGET_AVX2 static inline __m256i ab_mask_classes(__m256i v)
{
	__m256i lo = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)ab_class_lo));
	__m256i hi = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)ab_class_hi));
	__m256i nibble = _mm256_set1_epi8(15);

	return _mm256_and_si256(
		_mm256_shuffle_epi8(lo, _mm256_and_si256(v, nibble)),
		_mm256_shuffle_epi8(hi, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble)));
}

AB_TARGET_AVX2 static inline __m256i ab_mask_separators(__m256i v)
{
	__m256i lo =
		_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)ab_class_separator));
	__m256i two = _mm256_set1_epi8(0x20), high = _mm256_set1_epi8((char)0xf0);

	/* A byte from 0x80 gives no low nibble; it is not 0x2 either. */
	return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(v, high), two),
				_mm256_shuffle_epi8(lo, v));
}

AB_TARGET_AVX2 static inline void ab_masks_avx2(const unsigned char *p, struct ab_masks *m)
{
	__m256i a = _mm256_loadu_si256((const __m256i *)p);
	__m256i b = _mm256_loadu_si256((const __m256i *)(p + 32));
	__m256i ca = ab_mask_classes(a), cb = ab_mask_classes(b), x = _mm256_set1_epi8('x');
	__m256i space = _mm256_set1_epi8(' '), star = _mm256_set1_epi8('*');

	m->high = ab_mask_both(a, b);
	m->separator = ab_mask_both(ab_mask_separators(a), ab_mask_separators(b));
	m->star = ab_mask_both(_mm256_cmpeq_epi8(a, star), _mm256_cmpeq_epi8(b, star));
	m->x = ab_mask_both(_mm256_cmpeq_epi8(a, x), _mm256_cmpeq_epi8(b, x));
	m->blank = ab_mask_both(_mm256_cmpeq_epi8(_mm256_min_epu8(a, space), a),
				_mm256_cmpeq_epi8(_mm256_min_epu8(b, space), b));
	m->digit = ab_mask_any(ca, cb, AB_CLASS_DIGIT);
	m->letter = ab_mask_any(ca, cb, AB_CLASS_LETTER);
	m->base64 = ab_mask_any(ca, cb, AB_CLASS_BASE64);
	m->at = ab_mask_any(ca, cb, AB_CLASS_AT);
	m->mark = ab_mask_any(ca, cb, AB_CLASS_MARK);
	m->backslash = ab_mask_both(ca, cb); /* the class's upper bit */
}

AB_TARGET_AVX512 static inline __m512i ab_mask_lookup(const unsigned char *table, __m512i nibbles)
{
	return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)),
				   nibbles);
}

AB_TARGET_AVX512 static inline void ab_masks_avx512(const unsigned char *p, struct ab_masks *m)
{
	__m512i v = _mm512_loadu_si512(p), nibble = _mm512_set1_epi8(15);
	__m512i c = _mm512_and_si512(
		ab_mask_lookup(ab_class_lo, _mm512_and_si512(v, nibble)),
		ab_mask_lookup(ab_class_hi, _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble)));
	__mmask64 two = _mm512_cmpeq_epi8_mask(_mm512_and_si512(v, _mm512_set1_epi8((char)0xf0)),
					       _mm512_set1_epi8(0x20));

	m->high = _mm512_movepi8_mask(v);
	m->separator = two & _mm512_movepi8_mask(ab_mask_lookup(ab_class_separator, v));
	m->star = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('*'));
	m->x = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('x'));
	m->blank = _mm512_cmple_epu8_mask(v, _mm512_set1_epi8(' '));
	m->digit = _mm512_test_epi8_mask(c, _mm512_set1_epi8(AB_CLASS_DIGIT));
	m->letter = _mm512_test_epi8_mask(c, _mm512_set1_epi8(AB_CLASS_LETTER));
	m->base64 = _mm512_test_epi8_mask(c, _mm512_set1_epi8(AB_CLASS_BASE64));
	m->at = _mm512_test_epi8_mask(c, _mm512_set1_epi8(AB_CLASS_AT));
	m->mark = _mm512_test_epi8_mask(c, _mm512_set1_epi8(AB_CLASS_MARK));
	m->backslash = _mm512_movepi8_mask(c); /* the class's upper bit */
}
#endif

static inline bool ab_mask_is_base64(unsigned char c)
{
	return ab_class_lo[c & 15] & ab_class_hi[c >> 4] & AB_CLASS_BASE64;
}

/* The bits of a block from bit n < 64 on, and behind them those of the next. */
static AB_MASK_INLINE uint64_t ab_mask_from_bit(uint64_t now, uint64_t next, unsigned n)
{
	return now >> n | next << 1 << (63 - n);
}

/* How many ab_mask_ones stand in a row from the lowest bit, 64 at most. */
static AB_MASK_INLINE unsigned ab_mask_ones(uint64_t x)
{
	return ~x ? (unsigned)__builtin_ctzll(~x) : 64;
}

/* A mask of a block and the one behind it. */
struct ab_wide_mask {
	uint64_t now, next;
};

/* Bits that have another one n < 64 behind them. The last n of the next block have none. */
static AB_MASK_INLINE struct ab_wide_mask ab_mask_with_behind(struct ab_wide_mask x, unsigned n)
{
	return (struct ab_wide_mask){ x.now & ab_mask_from_bit(x.now, x.next, n),
				      x.next & x.next >> n };
}

/* Bits that have none right behind them. */
static AB_MASK_INLINE struct ab_wide_mask ab_mask_ends(struct ab_wide_mask x)
{
	return (struct ab_wide_mask){ x.now & ~ab_mask_from_bit(x.now, x.next, 1),
				      x.next & ~(x.next >> 1) };
}

#endif
