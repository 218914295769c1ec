/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/value.h"

#include <string.h>

/* Reads digits into *ret and returns the rest of the text, NULL if none or too large. */
static const char *digits(const char *text, uint64_t *ret)
{
	uint64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return NULL;
		n = n * 10 + digit;
	}
	*ret = n;
	return p == text ? NULL : p;
}

static int scale(const char *text, const char *kind, uint64_t n, uint64_t unit, uint64_t *ret,
		 struct ab_err *err)
{
	if (n > UINT64_MAX / unit)
		return ab_err_usage(err, "%s: too large a %s", text, kind);
	*ret = n * unit;
	return 0;
}

int ab_value_duration(const char *text, uint64_t *ret_ms, struct ab_err *err)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} units[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 }, { "h", 3600000 } };
	uint64_t n;
	const char *rest = digits(text, &n);

	for (size_t i = 0; rest && i < AB_ARRAY_SIZE(units); i++)
		if (strcmp(rest, units[i].suffix) == 0)
			return scale(text, "duration", n, units[i].ms, ret_ms, err);
	return ab_err_usage(err, "%s: not a duration (300, 300s, 5m, 2h, 250ms)", text);
}

int ab_value_size(const char *text, uint64_t *ret_bytes, struct ab_err *err)
{
	static const char units[] = "KMGT";
	uint64_t n;
	const char *rest = digits(text, &n), *unit;

	if (rest && *rest == '\0')
		return scale(text, "size", n, 1, ret_bytes, err);
	unit = rest && rest[1] == '\0' ? strchr(units, *rest) : NULL;
	if (!unit)
		return ab_err_usage(err, "%s: not a size (bytes, or with K, M, G, T)", text);
	return scale(text, "size", n, (uint64_t)1 << (10 * (unit - units + 1)), ret_bytes, err);
}

int ab_value_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct ab_err *err)
{
	uint64_t n;
	const char *rest = digits(text, &n);

	if (!rest || *rest || n < min || n > max)
		return ab_err_usage(err, "%s: not a number from %llu to %llu", text,
				    (unsigned long long)min, (unsigned long long)max);
	*ret = n;
	return 0;
}
