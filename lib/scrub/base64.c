/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/base64.h"

#include <stdint.h>

/* clang-format off */
const unsigned char ab_base64_values[256] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
	64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	[128 ... 255] = 64,
};
/* clang-format on */

size_t ab_base64_head(const unsigned char *text, size_t len, unsigned char *out, size_t max, size_t *ret_taken)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0, i;
	int value;

	for (i = 0; i < len && n < max && (value = ab_base64_value(text[i])) >= 0; i++) {
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (unsigned char)(bits >> have);
		}
	}
	*ret_taken = i;
	return n;
}
