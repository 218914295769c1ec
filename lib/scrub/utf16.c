/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <string.h>

static uint32_t utf16_unit(const unsigned char *p, bool big)
{
	return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static void build_utf16(struct ab_view *v, const unsigned char *text, size_t len, bool big)
{
	size_t at = 0;

	v->kinds |= AB_VIEW_UTF16;
	while (at + 2 <= len) {
		uint32_t c = utf16_unit(text + at, big), low;
		size_t n = 2;

		if (c >> 10 == 0xd800 >> 10 && at + 4 <= len &&
		    (low = utf16_unit(text + at + 2, big)) >> 10 == 0xdc00 >> 10) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
			n = 4;
		}
		ab_view_put(v, c, at, n);
		at += n;
	}
}

void ab_utf16le_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_utf16(v, text, len, false);
}

void ab_utf16be_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_utf16(v, text, len, true);
}

/* A byte of what is no UTF-16: the zero beside a Latin letter, or the mark before the first. */
static size_t between_letters(const unsigned char *text, size_t len, size_t at)
{
	if (!text[at])
		return 1;
	return len - at > 3 && (memcmp(text + at, "\xff\xfe", 2) == 0 || memcmp(text + at, "\xfe\xff", 2) == 0) &&
			       (!text[at + 2] || !text[at + 3])
		       ? 2
		       : 0;
}

void ab_utf16_inside_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	v->kinds |= AB_VIEW_UTF16;
	while (at < len) {
		size_t n = between_letters(text, len, at);

		if (!n) {
			at++;
			continue;
		}
		ab_view_copy(v, text + from, from, at - from);
		at += n;
		from = at;
	}
	ab_view_copy(v, text + from, from, len - from);
}

/* Whether a decoded text that does not begin as UTF-16 has Latin letters of it further on: zeros at every
 * other place. */
static bool has_utf16_inside(const unsigned char *text, size_t size)
{
	size_t n = size < 512 ? size : 512, zeros = 0;

	if (n < 8 || !text[0] || !text[1] ||
	    (text[0] >= 0xfe && text[1] >= 0xfe)) /* what begins so is UTF-16 from there */
		return false;
	for (size_t i = 2; i < n && zeros < 4; i++) {
		if (!text[i])
			zeros = text[i - 1] && text[i - 2] && zeros ? 1 : zeros + 1;
	}
	return zeros >= 4;
}

ab_build_fn *ab_utf16_builder(const unsigned char *text, size_t size, bool decoded)
{
	size_t n = size < 512 ? size & ~(size_t)1 : 512, zeros[2] = { 0 };

	if (n < 8 || (text[0] < 0xfe && !memchr(text, '\0', n)))
		return NULL;
	if (decoded && has_utf16_inside(text, size))
		return ab_utf16_inside_build;
	for (size_t i = 0; i < n; i++)
		zeros[i % 2] += !text[i];
	if (memcmp(text, "\xff\xfe", 2) == 0 || (zeros[1] > n / 8 && zeros[0] < n / 40 + 1))
		return ab_utf16le_build;
	if (memcmp(text, "\xfe\xff", 2) == 0 || (zeros[0] > n / 8 && zeros[1] < n / 40 + 1))
		return ab_utf16be_build;
	return NULL;
}
