/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A positive decimal number: digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int exponent;
};

static bool reads_as(struct decimal d, double value)
{
	char text[48];

	/* 20 digits, an e and an exponent of four characters fit. */
	(void)snprintf(text, sizeof(text), "%" PRIu64 "e%d", d.digits, d.exponent);
	return strtod(text, NULL) == value;
}

/* value rounded to so many significant digits. */
static struct decimal rounded(double value, int n_digits)
{
	struct decimal d = { 0 };
	char text[48];
	char *p = text;

	/* 17 digits, a point and an exponent of five characters fit. */
	(void)snprintf(text, sizeof(text), "%.*e", n_digits - 1, value);
	for (; *p != 'e'; p++) {
		if (*p >= '0' && *p <= '9')
			d.digits = d.digits * 10 + (uint64_t)(*p - '0');
	}
	for (char *e = p + 2; *e; e++)
		d.exponent = d.exponent * 10 + (*e - '0');
	d.exponent = (p[1] == '-' ? -d.exponent : d.exponent) - (n_digits - 1);
	return d;
}

/*
 * 17 digits always read back. With fewer, the nearest decimal need not: at a power of two the
 * doubles above stand twice as far apart as those below, so that the next decimal away from zero
 * can read back where the nearest, below, does not.
 */
static struct decimal shortest(double value)
{
	for (int n = 1; n < 17; n++) {
		struct decimal d = rounded(value, n);
		struct decimal above = { d.digits + 1, d.exponent };

		if (reads_as(d, value))
			return d;
		if (reads_as(above, value))
			return above;
	}
	return rounded(value, 17);
}

static void zeros(struct ab_buf *out, int n)
{
	while (n-- > 0)
		ab_buf_addc(out, '0');
}

void ab_json_write_double(double value, struct ab_buf *out)
{
	struct decimal d;
	char digits[24];
	int k, n; /* as in ECMA-262: k digits, the point behind n of them */

	if (value == 0) {
		ab_buf_addc(out, '0');
		return;
	}
	if (signbit(value))
		ab_buf_addc(out, '-');
	d = shortest(fabs(value));
	while (d.digits % 10 == 0) {
		d.digits /= 10;
		d.exponent++;
	}
	k = snprintf(digits, sizeof(digits), "%" PRIu64, d.digits);
	n = k + d.exponent;
	if (n > 21 || n <= -6) {
		ab_buf_addc(out, digits[0]);
		if (k > 1)
			ab_buf_addf(out, ".%s", digits + 1);
		ab_buf_addf(out, "e%+d", n - 1);
	} else if (n <= 0) {
		ab_buf_adds(out, "0.");
		zeros(out, -n);
		ab_buf_adds(out, digits);
	} else if (n < k) {
		ab_buf_addf(out, "%.*s.%s", n, digits, digits + n);
	} else {
		ab_buf_adds(out, digits);
		zeros(out, n - k);
	}
}
