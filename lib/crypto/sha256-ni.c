/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's SHA extensions do two rounds an instruction on a state that is held as the two vectors
 * (a,b,e,f) and (c,d,g,h); the message schedule is made four words at a time.
 */
#include "lib/crypto/sha256-engines.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "lib/base/cpu.h"

#define PATIENCE 64 /* blocks, before a processor is asked that nobody has asked yet */

static int known; /* 0: not asked yet, 1: no, 2: yes; a race only asks twice */

bool ab_sha256_ni_is_there(void)
{
	int is = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (!is) {
		is = ab_cpu_has_sha() ? 2 : 1;
		__atomic_store_n(&known, is, __ATOMIC_RELAXED);
	}
	return is == 2;
}

bool ab_sha256_ni_is_worth(size_t n)
{
	static size_t before; /* blocks that were hashed without asking */

	if (!__atomic_load_n(&known, __ATOMIC_RELAXED) && !AB_CPU_IS_KNOWN &&
	    __atomic_add_fetch(&before, n, __ATOMIC_RELAXED) < PATIENCE)
		return false;
	return ab_sha256_ni_is_there();
}

/* A state on its way, as the vectors that the instructions want. */
struct lane {
	__m128i abef, cdgh, w[4];
};

#define NI __attribute__((target("sha,sse4.1")))
#define INLINE static inline __attribute__((always_inline)) NI

INLINE void lane_load(struct lane *l, const uint32_t h[8])
{
	__m128i dcba = _mm_loadu_si128((const __m128i *)h);
	__m128i hgfe = _mm_loadu_si128((const __m128i *)(h + 4));
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);

	l->abef = _mm_alignr_epi8(cdab, efgh, 8);
	l->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

INLINE void lane_store(const struct lane *l, uint32_t h[8])
{
	__m128i cdab = _mm_shuffle_epi32(l->abef, 0x1b), efgh = _mm_shuffle_epi32(l->cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)h, _mm_blend_epi16(cdab, efgh, 0xf0));
	_mm_storeu_si128((__m128i *)(h + 4), _mm_alignr_epi8(efgh, cdab, 8));
}

INLINE void lane_read(struct lane *l, const unsigned char *data)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	for (int i = 0; i < 4; i++)
		l->w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + i), swap);
}

/* Four rounds, and four words of the schedule for later ones. */
INLINE void lane_round(struct lane *l, int i)
{
	__m128i now = l->w[i & 3];
	__m128i sum = _mm_add_epi32(now, _mm_load_si128((const __m128i *)ab_sha256_k + i));

	l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, sum);
	l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, _mm_shuffle_epi32(sum, 0x0e));
	if (i < 12) {
		__m128i last = l->w[(i + 3) & 3];
		__m128i mid = _mm_alignr_epi8(last, l->w[(i + 2) & 3], 4);
		__m128i next = _mm_sha256msg1_epu32(now, l->w[(i + 1) & 3]);

		l->w[i & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(next, mid), last);
	}
}

NI void ab_sha256_ni_blocks(uint32_t h[8], const unsigned char *data, size_t n)
{
	struct lane l;

	lane_load(&l, h);
	for (; n; n--, data += 64) {
		const __m128i abef = l.abef, cdgh = l.cdgh;

		lane_read(&l, data);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++)
			lane_round(&l, i);
		l.abef = _mm_add_epi32(l.abef, abef);
		l.cdgh = _mm_add_epi32(l.cdgh, cdgh);
	}
	lane_store(&l, h);
}

/* A round waits for the one before it: a second lane fills the time. */
NI void ab_sha256_ni_blocks_two(uint32_t h[8], const unsigned char *data, uint32_t other_h[8],
				const unsigned char *other, size_t n)
{
	struct lane l, m;

	lane_load(&l, h);
	lane_load(&m, other_h);
	for (; n; n--, data += 64, other += 64) {
		const __m128i abef = l.abef, cdgh = l.cdgh, abef_m = m.abef, cdgh_m = m.cdgh;

		lane_read(&l, data);
		lane_read(&m, other);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			lane_round(&l, i);
			lane_round(&m, i);
		}
		l.abef = _mm_add_epi32(l.abef, abef);
		l.cdgh = _mm_add_epi32(l.cdgh, cdgh);
		m.abef = _mm_add_epi32(m.abef, abef_m);
		m.cdgh = _mm_add_epi32(m.cdgh, cdgh_m);
	}
	lane_store(&l, h);
	lane_store(&m, other_h);
}

#else

bool ab_sha256_ni_is_there(void)
{
	return false;
}

bool ab_sha256_ni_is_worth(size_t n)
{
	(void)n;
	return false;
}

void ab_sha256_ni_blocks(uint32_t h[8], const unsigned char *data, size_t n)
{
	(void)h;
	(void)data;
	(void)n;
}

void ab_sha256_ni_blocks_two(uint32_t h[8], const unsigned char *data, uint32_t other_h[8],
			     const unsigned char *other, size_t n)
{
	(void)h;
	(void)data;
	(void)other_h;
	(void)other;
	(void)n;
}

#endif
