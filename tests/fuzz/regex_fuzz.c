/* SPDX-License-Identifier: Apache-2.0 */
/* lib/regex: "flags, pattern, NUL, text": any pattern is refused or searches without harm. */
#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *text;
	struct ab_err err = { 0 };
	struct ab_regex *re;
	unsigned flags;

	if (size < 2 || size > 4096)
		return 0;
	flags = data[0] & 1 ? AB_REGEX_ECMA : data[0] & 15 & ~1u;
	text = memchr(data + 1, 0, size - 1);
	if (!text)
		text = data + size;
	(void)ab_regex_ecma_check((const char *)data + 1, (size_t)(text - data) - 1, &err);
	re = ab_regex_compile((const char *)data + 1, (size_t)(text - data) - 1, flags, &err);
	if (re && text < data + size) {
		size_t len = size - (size_t)(text - data) - 1, span[8];

		if (flags & AB_REGEX_BYTES || ab_utf8_check(text + 1, len) == len)
			(void)ab_regex_search(re, (const char *)text + 1, len, 0, span, 4);
	}
	ab_regex_free(re);
	return 0;
}
