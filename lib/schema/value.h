/* SPDX-License-Identifier: Apache-2.0 */
/* Equality of JSON values as JSON Schema has it (2020-12 core section 4.2.2). Private to
 * lib/schema. */
#ifndef AB_SCHEMA_VALUE_H
#define AB_SCHEMA_VALUE_H

#include <stdbool.h>
#include "lib/json/tape.h"

/* 1 equal, 0 not, -1 with err (memory, or numbers that cannot be told apart). */
int ab_value_equal(const struct ab_json_tape *x, uint32_t a, const struct ab_json_tape *y,
		   uint32_t b, struct ab_err *err);

/* Hashes of a tape's larger arrays and objects, by node, 0: not known. Without them keywords at
 * each level of a deep document would each hash all that is below. Start with { 0 }. */
struct ab_value_hashes {
	uint64_t *known;
};

/* Equal values have equal hashes. `hashes` may be NULL. */
int ab_value_hash(const struct ab_json_tape *tape, uint32_t node, uint64_t seed,
		  struct ab_value_hashes *hashes, uint64_t *ret, struct ab_err *err);

/* Two different elements of an array that are equal: 1 with *ret_a < *ret_b, 0 none, -1. */
int ab_value_duplicate(const struct ab_json_tape *tape, uint32_t array, uint64_t seed,
		       struct ab_value_hashes *hashes, uint32_t *ret_a, uint32_t *ret_b,
		       struct ab_err *err);

/* The value of an integer lexeme of at most 18 digits. */
static inline bool ab_value_small(const unsigned char *text, size_t len, int64_t *ret)
{
	bool negative = len && *text == '-';
	int64_t n = 0;

	if (len > 18)
		return false;
	for (size_t i = negative; i < len; i++)
		n = n * 10 + (text[i] - '0');
	*ret = negative ? -n : n;
	return true;
}

/*
 * How a number compares with an integer: < 0, 0 or > 0 in *ret. False: it is not known here (an
 * exponent, or more than 18 digits before the point).
 */
static inline bool ab_value_order(const unsigned char *text, size_t len, int64_t with, int *ret)
{
	bool negative = *text == '-', more = false;
	size_t i = negative;
	int64_t n = 0;

	for (; i < len && text[i] != '.'; i++) {
		if (i > 18 || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	for (i++; i < len; i++) {
		if (text[i] > '9')
			return false;
		more = more || text[i] != '0';
	}
	/* Without its sign it is n, or between n and n + 1. */
	with = negative ? -with : with;
	*ret = n < with ? -1 : n > with || more;
	*ret = negative ? -*ret : *ret;
	return true;
}

#endif
