/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/digits.h"

#include <ctype.h>
#include <string.h>

#define GAP 3

/* As strchr() of a few signs, which are most often none. */
static inline bool is_among(const char *signs, unsigned char c)
{
	while (*signs && (unsigned char)*signs != c)
		signs++;
	return *signs;
}

static size_t gap_at(const struct ab_scrub_place *p, size_t at, const char *signs,
		     unsigned char *sign)
{
	size_t n = 0;

	*sign = ' ';
	for (; at + n < p->hi && n <= GAP && is_among(signs, p->text[at + n]); n++)
		if (*sign == ' ')
			*sign = p->text[at + n];
	return n <= GAP && at + n < p->hi && isdigit(p->text[at + n]) ? n : 0;
}

void ab_digits_read(const struct ab_scrub_place *p, size_t at, const char *signs, size_t most,
		    struct ab_digits *ret)
{
	*ret = (struct ab_digits){ 0 };
	while (ret->n < AB_DIGITS_GROUPS) {
		size_t len = 0;

		while (at + len < p->hi && len <= most && isdigit(p->text[at + len]))
			len++;
		if (!len || len + ret->total > most)
			return;
		memcpy(ret->digits + ret->total, p->text + at, len);
		ret->total += len;
		ret->len[ret->n] = len;
		at += len;
		ret->ends[ret->n] = at;
		ret->width[ret->n] = gap_at(p, at, signs, &ret->sign[ret->n]);
		at += ret->width[ret->n++];
		if (!ret->width[ret->n - 1])
			return;
	}
}

bool ab_digits_even(const struct ab_digits *d, size_t n)
{
	for (size_t i = 1; i + 1 < n; i++)
		if (d->sign[i] != d->sign[0] || d->width[i] != d->width[0])
			return false;
	return true;
}

bool ab_digits_follow(const struct ab_scrub_place *p, size_t at, const struct ab_digits *d)
{
	size_t width = d->width[0];

	return d->n > 1 && at > p->lo + width && isdigit(p->text[at - width - 1]) &&
	       memcmp(p->text + at - width, p->text + d->ends[0], width) == 0;
}
