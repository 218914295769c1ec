/* SPDX-License-Identifier: Apache-2.0 */
/* Punycode: RFC 3492. */
#include <string.h>

#include "lib/schema/idna.h"

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 0x80 };

static uint32_t adapt(uint32_t delta, uint32_t n, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	for (delta += delta / n; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias + T_MIN)
		return T_MIN;
	return k >= bias + T_MAX ? T_MAX : k - bias;
}

static int digit(char c)
{
	char lower = (char)(c | 0x20);

	if (c >= '0' && c <= '9')
		return c - '0' + 26;
	return lower >= 'a' && lower <= 'z' ? lower - 'a' : -1;
}

/* One generalized variable-length integer (section 3.3) is added to *i; the bytes read, 0: bad. */
static size_t read_delta(const char *text, size_t len, uint32_t bias, uint32_t *i)
{
	uint32_t weight = 1, k = BASE;

	for (size_t at = 0; at < len; at++, k += BASE) {
		int d = digit(text[at]);
		uint32_t t = threshold(k, bias);

		if (d < 0 || (uint32_t)d > (UINT32_MAX - *i) / weight)
			return 0;
		*i += (uint32_t)d * weight;
		if ((uint32_t)d < t)
			return at + 1;
		if (weight > UINT32_MAX / (BASE - t))
			return 0;
		weight *= BASE - t;
	}
	return 0;
}

/* The basic code points before the last hyphen. Their number. */
static size_t copy_basic(const char *text, size_t len, uint32_t *out, size_t room)
{
	size_t basic = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] == '-')
			basic = i;
	if (basic > room)
		return SIZE_MAX;
	for (size_t i = 0; i < basic; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (uint32_t)(text[i] | 0x20)
							  : (uint32_t)text[i];
	return basic;
}

size_t ab_idna_decode(const char *text, size_t len, uint32_t *out, size_t room)
{
	size_t n = copy_basic(text, len, out, room), at;
	uint32_t c = FIRST, i = 0, bias = BIAS;

	if (n == SIZE_MAX || !len || (!n && text[0] == '-'))
		return 0;
	at = n ? n + 1 : 0;
	while (at < len) {
		uint32_t before = i;
		size_t used = read_delta(text + at, len - at, bias, &i);

		if (!used || n >= room)
			return 0;
		at += used;
		bias = adapt(i - before, (uint32_t)n + 1, before == 0);
		if (i / (n + 1) > 0x10ffff - c)
			return 0;
		c += i / (uint32_t)(n + 1);
		i %= (uint32_t)(n + 1);
		memmove(out + i + 1, out + i, (n - i) * sizeof(*out));
		out[i++] = c;
		n++;
	}
	return n;
}

static uint32_t next_larger(const uint32_t *label, size_t n, uint32_t c)
{
	uint32_t next = UINT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (label[i] >= c && label[i] < next)
			next = label[i];
	return next;
}

static size_t delta_length(uint32_t delta, uint32_t bias)
{
	size_t len = 1;

	for (uint32_t k = BASE;; k += BASE, len++) {
		uint32_t t = threshold(k, bias);

		if (delta < t)
			return len;
		delta = (delta - t) / (BASE - t);
	}
}

size_t ab_idna_encoded_length(const uint32_t *label, size_t n)
{
	uint32_t c = FIRST, delta = 0, bias = BIAS;
	size_t done = 0, len, basic;

	if (n > AB_IDNA_LABEL)
		return SIZE_MAX;
	for (size_t i = 0; i < n; i++)
		done += label[i] < FIRST;
	basic = done;
	len = done + (done > 0);
	while (done < n) {
		uint32_t next = next_larger(label, n, c);

		delta += (next - c) * (uint32_t)(done + 1); /* at most 63 * 0x110000 each */
		c = next;
		for (size_t i = 0; i < n; i++) {
			delta += label[i] < c;
			if (label[i] != c)
				continue;
			len += delta_length(delta, bias);
			bias = adapt(delta, (uint32_t)done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		c++;
	}
	return len;
}
