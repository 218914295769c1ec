/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as what they say: decimal arithmetic on JSON's lexemes (RFC 8259 section 6), exact at any
 * length, nothing converted to binary.
 */
#ifndef AB_SCHEMA_DECIMAL_H
#define AB_SCHEMA_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exponents are cut at this. Only two numbers that are both beyond it can be told apart no more;
 * ab_decimal_compare() then says so. */
#define AB_DECIMAL_FAR ((int64_t)1 << 60)

/*
 * A view of a lexeme, which must outlive it: the significant digits a[0..na) b[0..nb), neither
 * beginning nor ending in 0, times 10 to the power of exp. Zero has no digits.
 */
struct ab_decimal {
	const unsigned char *a, *b;
	size_t na, nb;
	int64_t exp;
	bool negative;
	bool far; /* the exponent was cut */
};

/* Parses a lexeme that the strict reader accepted. */
void ab_decimal_parse(struct ab_decimal *d, const unsigned char *text, size_t len);

static inline bool ab_decimal_is_zero(const struct ab_decimal *d)
{
	return d->na + d->nb == 0;
}

/* Whether it has no fractional part: 1.0 and 1e3 have none. */
static inline bool ab_decimal_is_integer(const struct ab_decimal *d)
{
	return d->exp >= 0;
}

/* < 0, 0, > 0. *ret_unsure is set (never cleared) where both exponents are beyond
 * AB_DECIMAL_FAR. */
int ab_decimal_compare(const struct ab_decimal *x, const struct ab_decimal *y, bool *ret_unsure);

/* Whether x / y is an integer; y must be above 0. *ret_unsure as above. */
bool ab_decimal_is_multiple(const struct ab_decimal *x, const struct ab_decimal *y,
			    bool *ret_unsure);

/* Equal numbers have equal hashes, however they are written. */
uint64_t ab_decimal_hash(const struct ab_decimal *d, uint64_t seed);

/* The value as a non-negative integer, cut at UINT64_MAX; false if it is none. */
bool ab_decimal_count(const struct ab_decimal *d, uint64_t *ret);

#endif
