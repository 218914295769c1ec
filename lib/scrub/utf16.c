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
