/* SPDX-License-Identifier: Apache-2.0 */
/* Which code points have a Unicode property: asked of PCRE2, over a text of them all. */
#include "lib/regex/linear.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "lib/base/utf8.h"

#define ALL_SIZE (128u + 2 * 1920u + 3 * 61440u + 4 * 1048576u) /* UTF-8 of all scalar values */

static unsigned char *make_all(size_t *ret_size)
{
	unsigned char *all = malloc(ALL_SIZE);
	size_t size = 0;

	for (uint32_t c = 0; all && c <= AB_ECMA_LAST; c++)
		size += ab_utf8_encode(c, all + size); /* 0 for surrogates */
	*ret_size = size;
	return all;
}

static struct ab_ecma_range range_at(const unsigned char *all, size_t size, size_t from, size_t to)
{
	struct ab_ecma_range r = { 0 };
	size_t last = to - 1;

	while ((all[last] & 0xc0) == 0x80)
		last--;
	(void)ab_utf8_decode(all + from, size - from, &r.first);
	(void)ab_utf8_decode(all + last, size - last, &r.last);
	return r;
}

/* Every stretch of the text that matches. */
static int find_all(pcre2_code *code, pcre2_match_data *data, struct ab_ecma_range **ret,
		    size_t *ret_n)
{
	size_t size, at = 0, room = 0;
	unsigned char *all = make_all(&size);
	int status = all ? 0 : -1;

	while (status == 0 &&
	       pcre2_match(code, all, size, at, PCRE2_NO_UTF_CHECK, data, NULL) > 0) {
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(data);

		if (*ret_n == room) {
			struct ab_ecma_range *more;

			room = room ? 2 * room : 64;
			more = realloc(*ret, room * sizeof(*more));
			if (!more) {
				status = -1;
				break;
			}
			*ret = more;
		}
		(*ret)[(*ret_n)++] = range_at(all, size, span[0], span[1]);
		at = span[1];
	}
	free(all);
	return status;
}

bool ab_property_known(const char *properties, size_t len)
{
	ab_auto(ab_buf_free) struct ab_buf pattern = { 0 };
	pcre2_code *code;
	PCRE2_SIZE at;
	int status = 0;

	ab_buf_addc(&pattern, '[');
	ab_buf_add(&pattern, properties, len);
	ab_buf_addc(&pattern, ']');
	if (pattern.failed)
		return true;
	code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len, PCRE2_UTF, &status, &at, NULL);
	pcre2_code_free(code);
	return status != PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY;
}

int ab_property_ranges(const char *properties, size_t len, struct ab_ecma_range **ret,
		       size_t *ret_n)
{
	ab_auto(ab_buf_free) struct ab_buf pattern = { 0 };
	pcre2_match_data *data = NULL;
	pcre2_code *code = NULL;
	PCRE2_SIZE at;
	int status;

	*ret = NULL;
	*ret_n = 0;
	ab_buf_addc(&pattern, '[');
	ab_buf_add(&pattern, properties, len);
	ab_buf_adds(&pattern, "]++");
	if (!pattern.failed)
		code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len, PCRE2_UTF, &status, &at,
				     NULL);
	if (code)
		data = pcre2_match_data_create_from_pattern(code, NULL);
	if (code)
		(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, slower */
	status = data ? find_all(code, data, ret, ret_n) : -1;
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	if (status < 0) {
		free(*ret);
		*ret = NULL;
	}
	return status;
}
