/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub/shape.c: "flags, pattern, NUL, text": whatever the pattern matches its shape and its needs
 * allow, in all loops. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/regex/regex.h"
#include "lib/scrub/need.h"
#include "lib/scrub/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of a text, with what may be read behind it. */
static unsigned char *padded(const uint8_t *text, size_t len)
{
	unsigned char *copy = malloc(len + AB_NEED_PAD);

	if (copy) {
		memcpy(copy, text, len);
		memset(copy + len, 'a', AB_NEED_PAD);
	}
	return copy;
}

static void check(const char *pattern, bool caseless, const unsigned char *text, size_t len, size_t from)
{
	unsigned flags = AB_REGEX_BYTES | (caseless ? AB_REGEX_CASELESS : 0), effort = 0;
	struct ab_err err = { 0 };
	struct ab_shape *shape = ab_shape_read(pattern, caseless, &err);
	struct ab_need *need = ab_need_read(pattern, caseless, &err);
	struct ab_regex *re = ab_regex_compile(pattern, strlen(pattern), flags, &err);
	struct ab_shape_text t = { text, len, AB_SIMD_PLAIN };
	struct ab_shape_room room;
	size_t span[2], at = from;

	if (shape && need && re && ab_regex_search(re, (const char *)text, len, from, span, 1) == AB_REGEX_YES) {
		for (; t.simd < ab_simd_best(); t.simd++, at = from)
			if (ab_shape_allows(shape, &t, &at, len, &room, &effort) == AB_SHAPE_NO || at > span[0])
				abort();
		if (ab_shape_sharpen(shape, &err) < 0 ||
		    ab_shape_allows(shape, &t, &at, len, &room, &effort) == AB_SHAPE_NO || at > span[0])
			abort();
		if (!ab_need_allows(need, text, len, ab_simd_best()))
			abort();
	}
	ab_shape_free(shape);
	ab_need_free(need);
	ab_regex_free(re);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end;
	unsigned char *text;
	size_t len;

	if (size < 3 || size > 4096)
		return 0;
	end = memchr(data + 1, 0, size - 1);
	if (!end)
		return 0;
	len = size - (size_t)(end + 1 - data);
	text = padded(end + 1, len);
	if (text)
		check((const char *)data + 1, data[0] & 1, text, len, len ? (data[0] >> 1) % (len + 1) : 0);
	free(text);
	return 0;
}
