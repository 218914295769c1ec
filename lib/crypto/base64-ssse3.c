/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/base64-ssse3.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>

#include "lib/base/cpu.h"

/*
 * Each four bytes get three of the input, the middle one twice: both halves of 16 bits then hold two
 * digits' values, which two multiplications shift to where they belong.
 */
__attribute__((target("ssse3"))) static __m128i values(__m128i in)
{
	const __m128i spread = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	__m128i v = _mm_shuffle_epi8(in, spread);
	__m128i odd = _mm_and_si128(v, _mm_set1_epi32(0x0fc0fc00));
	__m128i even = _mm_and_si128(v, _mm_set1_epi32(0x003f03f0));

	return _mm_or_si128(_mm_mulhi_epu16(odd, _mm_set1_epi32(0x04000040)),
			    _mm_mullo_epi16(even, _mm_set1_epi32(0x01000010)));
}

/* What a value is off its digit by depends on its range: 1 to 10 are the decimal digits, then '+'
 * and '/'; what is below is 0 for small letters, and put to 13 for capitals. */
__attribute__((target("ssse3"))) static __m128i digits(__m128i v)
{
	const __m128i off = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
					  '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
					  '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
	__m128i range = _mm_subs_epu8(v, _mm_set1_epi8(51));
	__m128i capital = _mm_cmplt_epi8(v, _mm_set1_epi8(26));

	range = _mm_or_si128(range, _mm_and_si128(capital, _mm_set1_epi8(13)));
	return _mm_add_epi8(v, _mm_shuffle_epi8(off, range));
}

__attribute__((target("ssse3"))) static size_t encode(const unsigned char *data, size_t len,
						      char *out)
{
	size_t i = 0;

	/* Sixteen bytes are read, twelve are taken. */
	for (; len - i >= 16; i += 12, out += 16) {
		__m128i in = _mm_loadu_si128((const __m128i *)(data + i));

		_mm_storeu_si128((__m128i *)out, digits(values(in)));
	}
	return i;
}

size_t ab_base64_encode_ssse3(const unsigned char *data, size_t len, char *out)
{
	return ab_cpu_has_ssse3() ? encode(data, len, out) : 0;
}

#else

size_t ab_base64_encode_ssse3(const unsigned char *data, size_t len, char *out)
{
	(void)data;
	(void)len;
	(void)out;
	return 0;
}

#endif
