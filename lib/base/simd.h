/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which vector instructions a loop may use. A loop that has a faster form for some processors has a
 * plain one as well, which does the same anywhere, and which tests hold the others against.
 */
#ifndef AB_BASE_SIMD_H
#define AB_BASE_SIMD_H

#include "lib/base/cpu.h"

enum ab_simd {
	AB_SIMD_UNKNOWN, /* not asked yet */
	AB_SIMD_PLAIN,
	AB_SIMD_AVX2,	/* with BMI1, BMI2 and POPCNT: x86-64-v3 */
	AB_SIMD_AVX512, /* with BW, DQ and VL: x86-64-v4 */
};

#if defined(__x86_64__)
#include <immintrin.h>

#define AB_TARGET_AVX2	 __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt")))
#define AB_TARGET_AVX512                                                                           \
	__attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt,avx512f,avx512bw,avx512dq,avx512vl")))
#endif

/* The best that this processor has. */
static inline enum ab_simd ab_simd_best(void)
{
#if defined(__x86_64__)
	if (ab_cpu_has_avx512())
		return AB_SIMD_AVX512;
	return ab_cpu_has_avx2() ? AB_SIMD_AVX2 : AB_SIMD_PLAIN;
#else
	return AB_SIMD_PLAIN;
#endif
}

#endif
