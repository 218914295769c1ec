/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/pointer.h"

void ab_pointer_add(struct ab_buf *out, const char *token, size_t len)
{
	ab_buf_addc(out, '/');
	for (size_t i = 0; i < len; i++) {
		if (token[i] == '~' || token[i] == '/')
			ab_buf_adds(out, token[i] == '~' ? "~0" : "~1");
		else
			ab_buf_addc(out, token[i]);
	}
}

bool ab_pointer_decode(const char *token, size_t len, struct ab_buf *out)
{
	for (size_t i = 0; i < len; i++) {
		char c = token[i];

		if (c == '~') {
			if (++i == len || (token[i] != '0' && token[i] != '1'))
				return false;
			c = token[i] == '0' ? '~' : '/';
		}
		ab_buf_addc(out, c);
	}
	return !out->failed;
}

bool ab_pointer_index(const char *token, size_t len, size_t *ret)
{
	size_t n = 0;

	if (len == 0 || len > 10 || (len > 1 && token[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (token[i] < '0' || token[i] > '9')
			return false;
		n = n * 10 + (size_t)(token[i] - '0');
	}
	*ret = n;
	return true;
}
