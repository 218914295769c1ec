/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/decimal.h"

#include <string.h>

#include "lib/schema/hash.h"

#define U64_DIGITS 19 /* decimal digits that always fit */

__extension__ typedef unsigned __int128 u128; /* the compiler's own name is not ISO C */

static inline bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static int64_t parse_exponent(const unsigned char *p, const unsigned char *end)
{
	bool negative = p < end && *p == '-';
	int64_t n = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++)
		if (n < AB_DECIMAL_FAR)
			n = n * 10 + (*p - '0');
	return negative ? -n : n;
}

/* Drops zeros at both ends; the exponent stays that of the last digit. */
static void strip(struct ab_decimal *d)
{
	while (d->nb && d->b[d->nb - 1] == '0') {
		d->nb--;
		d->exp++;
	}
	while (!d->nb && d->na && d->a[d->na - 1] == '0') {
		d->na--;
		d->exp++;
	}
	while (d->na && *d->a == '0') {
		d->a++;
		d->na--;
	}
	while (!d->na && d->nb && *d->b == '0') {
		d->b++;
		d->nb--;
	}
}

void ab_decimal_parse(struct ab_decimal *d, const unsigned char *text, size_t len)
{
	const unsigned char *p = text, *end = text + len;

	*d = (struct ab_decimal){ .negative = len && *text == '-' };
	p += d->negative;
	for (d->a = p; p < end && is_digit(*p); p++)
		d->na++;
	if (p < end && *p == '.')
		for (d->b = ++p; p < end && is_digit(*p); p++)
			d->nb++;
	d->exp = p < end ? parse_exponent(p + 1, end) : 0;
	d->far = d->exp >= AB_DECIMAL_FAR || d->exp <= -AB_DECIMAL_FAR;
	d->exp -= (int64_t)d->nb;
	strip(d);
	if (ab_decimal_is_zero(d))
		*d = (struct ab_decimal){ 0 };
}

static inline unsigned digit(const struct ab_decimal *d, size_t i)
{
	unsigned char c = i < d->na ? d->a[i] : i < d->na + d->nb ? d->b[i - d->na] : '0';

	return (unsigned)(c - '0');
}

static int compare_digits(const struct ab_decimal *x, const struct ab_decimal *y)
{
	size_t nx = x->na + x->nb, ny = y->na + y->nb, n = nx > ny ? nx : ny;

	for (size_t i = 0; i < n; i++) {
		unsigned a = digit(x, i), b = digit(y, i);

		if (a != b)
			return a < b ? -1 : 1;
	}
	return 0;
}

int ab_decimal_compare(const struct ab_decimal *x, const struct ab_decimal *y, bool *ret_unsure)
{
	int64_t ox, oy; /* the power of ten above the first digit */
	int order;

	if (ab_decimal_is_zero(x) || ab_decimal_is_zero(y)) {
		if (ab_decimal_is_zero(x))
			return ab_decimal_is_zero(y) ? 0 : y->negative ? 1 : -1;
		return x->negative ? -1 : 1;
	}
	if (x->negative != y->negative)
		return x->negative ? -1 : 1;
	if (x->far && y->far && (x->exp < 0) == (y->exp < 0))
		*ret_unsure = true;
	ox = x->exp + (int64_t)(x->na + x->nb);
	oy = y->exp + (int64_t)(y->na + y->nb);
	order = ox != oy ? (ox < oy ? -1 : 1) : compare_digits(x, y);
	return x->negative ? -order : order;
}

/* The digits as a number; at most U64_DIGITS. */
static uint64_t small(const struct ab_decimal *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->na + d->nb; i++)
		n = n * 10 + digit(d, i);
	return n;
}

/* x's digits and `zeros` zeros behind, modulo m. */
static uint64_t remainder_small(const struct ab_decimal *x, int64_t zeros, uint64_t m)
{
	size_t n = x->na + x->nb + (size_t)zeros;
	u128 rest = 0;

	for (size_t i = 0; i < n; i++)
		rest = (rest * 10 + digit(x, i)) % m;
	return (uint64_t)rest;
}

/* rest = rest * 10 + d, minus y's digits as often as they fit; n + 1 digits, highest first. */
static void step(unsigned char *rest, size_t n, const struct ab_decimal *y, unsigned d)
{
	memmove(rest, rest + 1, n);
	rest[n] = (unsigned char)d;
	for (;;) {
		int borrow = 0, order = rest[0] ? 1 : 0;

		for (size_t i = 0; !order && i < n; i++)
			order = (int)rest[i + 1] - (int)digit(y, i);
		if (order < 0)
			return;
		for (size_t i = n + 1; i-- > 0;) {
			int left = rest[i] - (i ? (int)digit(y, i - 1) : 0) - borrow;

			borrow = left < 0;
			rest[i] = (unsigned char)(left + 10 * borrow);
		}
	}
}

/* Long division, for divisors beyond 64 bits. */
static bool divides_large(const struct ab_decimal *x, int64_t zeros, const struct ab_decimal *y,
			  bool *ret_unsure)
{
	size_t n = y->na + y->nb, total = x->na + x->nb + (size_t)zeros;
	unsigned char *rest = calloc(n + 1, 1);
	bool zero = true;

	if (!rest) {
		*ret_unsure = true;
		return false;
	}
	for (size_t i = 0; i < total; i++)
		step(rest, n, y, digit(x, i));
	for (size_t i = 0; i <= n; i++)
		zero = zero && rest[i] == 0;
	free(rest);
	return zero;
}

bool ab_decimal_is_multiple(const struct ab_decimal *x, const struct ab_decimal *y,
			    bool *ret_unsure)
{
	size_t n = y->na + y->nb;
	int64_t zeros = x->exp - y->exp;

	if (ab_decimal_is_zero(x))
		return true;
	if (x->far && y->far)
		*ret_unsure = true;
	/* x's digits do not end in 0, so no power of ten divides them. */
	if (zeros < 0)
		return false;
	/* Zeros only add factors 2 and 5, of which y's n digits hold fewer than 4 n. */
	if (zeros > (int64_t)(4 * n))
		zeros = (int64_t)(4 * n);
	if (n <= U64_DIGITS)
		return remainder_small(x, zeros, small(y)) == 0;
	return divides_large(x, zeros, y, ret_unsure);
}

uint64_t ab_decimal_hash(const struct ab_decimal *d, uint64_t seed)
{
	uint64_t h = ab_hash_bytes(&d->exp, sizeof(d->exp), seed + d->negative);
	unsigned char part[64];
	size_t n = d->na + d->nb, filled = 0;

	for (size_t i = 0; i < n; i++) {
		part[filled++] = (unsigned char)digit(d, i);
		if (filled == sizeof(part) || i + 1 == n) {
			h = ab_hash_bytes(part, filled, h);
			filled = 0;
		}
	}
	return h;
}

bool ab_decimal_count(const struct ab_decimal *d, uint64_t *ret)
{
	size_t n = d->na + d->nb;
	uint64_t value;

	*ret = 0;
	if (n == 0)
		return true;
	if (d->negative || d->exp < 0)
		return false;
	*ret = UINT64_MAX;
	if (d->exp > U64_DIGITS || n + (size_t)d->exp > U64_DIGITS)
		return true;
	value = small(d);
	for (int64_t i = 0; i < d->exp; i++)
		value *= 10;
	*ret = value;
	return true;
}
