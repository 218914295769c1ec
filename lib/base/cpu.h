/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processor has. The C library has asked at the start of the process, and tells; asking
 * the processor again is an exit to the hypervisor where there is one, of 1 to 10 microseconds each.
 */
#ifndef AB_BASE_CPU_H
#define AB_BASE_CPU_H

#include <features.h>
#include <stdbool.h>

/* Whether the C library has asked. musl has not: a processor is asked there only by who has much to do. */
#ifdef __GLIBC__
#define AB_CPU_IS_KNOWN 1
#else
#define AB_CPU_IS_KNOWN 0
#endif

#if defined(__x86_64__)

/* The header shifts a bit into the sign, which a sanitizer says at every start. */
#if defined(__GLIBC__) && __has_include(<sys/platform/x86.h>) && !defined(AB_SANITIZED) /* glibc 2.33 */
#include <sys/platform/x86.h>

/* AVX2, BMI1, BMI2, LZCNT and POPCNT: nearly all of x86-64-v3. */
static inline bool ab_cpu_has_avx2(void)
{
	return CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(BMI1) && CPU_FEATURE_ACTIVE(BMI2) &&
	       CPU_FEATURE_ACTIVE(LZCNT) && CPU_FEATURE_ACTIVE(POPCNT);
}

/* Those, and AVX-512 F, BW, DQ and VL. */
static inline bool ab_cpu_has_avx512(void)
{
	return ab_cpu_has_avx2() && CPU_FEATURE_ACTIVE(AVX512F) && CPU_FEATURE_ACTIVE(AVX512BW) &&
	       CPU_FEATURE_ACTIVE(AVX512DQ) && CPU_FEATURE_ACTIVE(AVX512VL);
}

static inline bool ab_cpu_has_ssse3(void)
{
	return CPU_FEATURE_ACTIVE(SSSE3);
}

/* The SHA extensions, and what is used with them. */
static inline bool ab_cpu_has_sha(void)
{
	return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSE4_1);
}
#else
#include <cpuid.h>

#ifdef __GLIBC__
/* Some compilers have no word for it. */
static inline bool ab_cpu_has_lzcnt(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1u << 5;
}

static inline bool ab_cpu_has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && ab_cpu_has_lzcnt();
}

static inline bool ab_cpu_has_avx512(void)
{
	return ab_cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl");
}

static inline bool ab_cpu_has_ssse3(void)
{
	return __builtin_cpu_supports("ssse3");
}
#else
/* The compiler's own question is asked before main(), twenty times over, whether there is anything
 * to do or not. What is linked with musl reads small documents only. */
static inline bool ab_cpu_has_avx2(void)
{
	return false;
}

static inline bool ab_cpu_has_avx512(void)
{
	return false;
}

static inline bool ab_cpu_has_ssse3(void)
{
	return false;
}
#endif

static inline bool ab_cpu_has_sha(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & (1u << 29) &&
	       __get_cpuid(1, &a, &b, &c, &d) && c & (1u << 19);
}
#endif

#endif

#endif
