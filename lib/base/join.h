/* SPDX-License-Identifier: Apache-2.0 */
/* Short texts put together without printf(3): where a process makes a dozen of them and no other, its
 * code is the longest that is run, once, from memory. */
#ifndef AB_BASE_JOIN_H
#define AB_BASE_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the texts up to NULL one behind the other. False if there is no room for all of them and a
 * NUL: then `out` holds as many bytes of them as there are room for. */
bool ab_join(char *out, size_t size, ...) __attribute__((sentinel));

struct ab_decimal {
	char room[21]; /* of 2^64 - 1 */
};

/* The number in decimal, which stands in `d`. */
const char *ab_decimal(struct ab_decimal *d, uint64_t n);

#endif
