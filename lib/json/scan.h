/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sixteen bytes at a time: which of them end a run. Each function reads the 16 bytes at p and
 * returns a mask whose bit i says that p[i] is not in the class; the bits above are zero. SSE2 is
 * part of x86-64, so nothing is probed at run time; elsewhere two words are looked at (SWAR). Both
 * are always compiled where they can be, so that a test compares them.
 *
 * Private to lib/json.
 */
#ifndef AB_JSON_SCAN_H
#define AB_JSON_SCAN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define AB_SCAN_WIDTH 16

/* The place of the first bit that is set; there must be one. */
static inline size_t ab_scan_first(unsigned mask)
{
	return (unsigned)__builtin_ctz(mask);
}

static inline uint64_t ab_scan_load(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

#define AB_SCAN_EACH(c) ((uint64_t)(c)*0x0101010101010101u)

/* Bit 7 of each byte that is below n, for bytes and n up to 0x80. */
static inline uint64_t ab_scan_below(uint64_t ascii, unsigned n)
{
	return ~(ascii + AB_SCAN_EACH(0x80 - n)) & AB_SCAN_EACH(0x80);
}

/* Bit 7 of each byte, gathered into eight bits. */
static inline unsigned ab_scan_gather(uint64_t high)
{
	return (unsigned)((high >> 7) * 0x0102040810204080u >> 56);
}

/* Bit 7 of each byte that is a quote, a backslash, a control or not ASCII. */
static inline uint64_t ab_scan_stops(uint64_t word)
{
	uint64_t ascii = word & AB_SCAN_EACH(0x7f);

	return (word & AB_SCAN_EACH(0x80)) | ab_scan_below(ascii, 0x20) |
	       ab_scan_below(ascii ^ AB_SCAN_EACH('"'), 1) |
	       ab_scan_below(ascii ^ AB_SCAN_EACH('\\'), 1);
}

static inline uint64_t ab_scan_others(uint64_t word)
{
	uint64_t ascii = (word & AB_SCAN_EACH(0x7f)) ^ AB_SCAN_EACH('0');

	return (word | ~ab_scan_below(ascii, 10)) & AB_SCAN_EACH(0x80);
}

static inline uint64_t ab_scan_inks(uint64_t word)
{
	uint64_t ascii = word & AB_SCAN_EACH(0x7f);
	uint64_t space = ab_scan_below(ascii ^ AB_SCAN_EACH(' '), 1) |
			 ab_scan_below(ascii ^ AB_SCAN_EACH('\n'), 1) |
			 ab_scan_below(ascii ^ AB_SCAN_EACH('\r'), 1) |
			 ab_scan_below(ascii ^ AB_SCAN_EACH('\t'), 1);

	return (word | ~space) & AB_SCAN_EACH(0x80);
}

static inline unsigned ab_scan_string_words(const unsigned char *p)
{
	return ab_scan_gather(ab_scan_stops(ab_scan_load(p))) |
	       ab_scan_gather(ab_scan_stops(ab_scan_load(p + 8))) << 8;
}

static inline unsigned ab_scan_digits_words(const unsigned char *p)
{
	return ab_scan_gather(ab_scan_others(ab_scan_load(p))) |
	       ab_scan_gather(ab_scan_others(ab_scan_load(p + 8))) << 8;
}

static inline unsigned ab_scan_space_words(const unsigned char *p)
{
	return ab_scan_gather(ab_scan_inks(ab_scan_load(p))) |
	       ab_scan_gather(ab_scan_inks(ab_scan_load(p + 8))) << 8;
}

#ifdef __SSE2__
/*
 * The mask is made of the bytes' top bits, so that sums do where comparisons would need more.
 *
 * With bit 1 flipped a quote is 0x20, and no other byte that may stand in a string is below 0x21:
 * what is not to stop at is 0x21 to 0x7f. Less 0x21 that is 0 to 0x5e, all else more.
 */
static inline unsigned ab_scan_string(const unsigned char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)p);
	__m128i flipped = _mm_xor_si128(x, _mm_set1_epi8(2));
	__m128i moved = _mm_add_epi8(flipped, _mm_set1_epi8(-0x21));
	__m128i stops = _mm_adds_epu8(moved, _mm_set1_epi8(0x80 - 0x5f));
	__m128i backslash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(stops, backslash));
}

/* Not a decimal digit. */
static inline unsigned ab_scan_digits(const unsigned char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)p);
	__m128i value = _mm_add_epi8(x, _mm_set1_epi8(-'0'));

	return (unsigned)_mm_movemask_epi8(_mm_adds_epu8(value, _mm_set1_epi8(0x80 - 10)));
}

/* Not one of JSON's four white-space characters. */
static inline unsigned ab_scan_space(const unsigned char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)p);
	__m128i space = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(' ')),
						  _mm_cmpeq_epi8(x, _mm_set1_epi8('\n'))),
				     _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\r')),
						  _mm_cmpeq_epi8(x, _mm_set1_epi8('\t'))));

	return (unsigned)_mm_movemask_epi8(space) ^ 0xffff;
}
#else
#define ab_scan_string ab_scan_string_words
#define ab_scan_digits ab_scan_digits_words
#define ab_scan_space  ab_scan_space_words
#endif

#endif
