/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <string.h>

#define UTF16_MIN   10 /* bytes of a text of another script that has no mark */
#define UTF16_PROBE 48

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

/* Whether a byte is the upper one of letters: of an alphabet, of Chinese, of Korean, or of what stands between them. */
static bool is_upper_half(unsigned char c)
{
	return c < 0x10 || c == 0x1e || c == 0x20 || c == 0x30 || c == 0xff || (c >= 0x4e && c <= 0x9f) || (c >= 0xac && c < 0xd8);
}

/* What every other byte from a place on may be the upper half of. */
struct script {
	bool is;
	unsigned char page; /* of an alphabet */
	size_t letters, many; /* of these those that have many pages */
};

static struct script read_script(const unsigned char *text, size_t n, size_t from)
{
	struct script s = { .is = true };

	for (size_t i = from; i < n && s.is; i += 2) {
		unsigned char c = text[i], low = text[from ? i - 1 : i + 1];

		s.is = is_upper_half(c) && (c || low >= '\t');
		if (c < 3 || c == 0x20 || c == 0xff)
			continue;
		s.letters++;
		s.many += c > 0x20;
		s.is &= c > 0x20 || !s.page || c == s.page;
		s.page = c > 0x20 ? s.page : c;
	}
	return s;
}

static bool has_mark(const unsigned char *text)
{
	return memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0;
}

bool ab_utf16_may_begin(const unsigned char head[AB_UTF16_HEAD])
{
	return has_mark(head) || read_script(head, AB_UTF16_HEAD, 1).is || read_script(head, AB_UTF16_HEAD, 0).is;
}

enum ab_utf16_order ab_utf16_script(const unsigned char *text, size_t size)
{
	size_t n = size < UTF16_PROBE ? size & ~(size_t)1 : UTF16_PROBE, ascii = 0;
	struct script little, big, *is;

	if (n >= 4 && has_mark(text))
		return text[0] == 0xff ? AB_UTF16_LITTLE : AB_UTF16_BIG;
	/* Pairs of small letters would be Chinese. */
	while (ascii < n && text[ascii] >= '\t' && text[ascii] < 0x7f)
		ascii++;
	if (n < UTF16_MIN || ascii == n)
		return AB_UTF16_NONE;
	little = read_script(text, n, 1);
	big = read_script(text, n, 0);
	/* The lower halves of Latin letters are upper ones of Chinese. */
	is = little.is && (!little.many || !big.is || big.many) ? &little : &big;
	if (!is->is || is->letters * 8 < n)
		return AB_UTF16_NONE;
	return is == &big ? AB_UTF16_BIG : AB_UTF16_LITTLE;
}

ab_build_fn *ab_utf16_builder(const unsigned char *text, size_t size, uint32_t kinds)
{
	size_t n = size < 512 ? size & ~(size_t)1 : 512, zeros[2] = { 0 };
	enum ab_utf16_order order = kinds & (AB_VIEW_BASE64 | AB_VIEW_HEX) ? ab_utf16_script(text, size) : AB_UTF16_NONE;

	if (order != AB_UTF16_NONE)
		return order == AB_UTF16_BIG ? ab_utf16be_build : ab_utf16le_build;
	if (n < 8 || (text[0] < 0xfe && !memchr(text, '\0', n)))
		return NULL;
	if (kinds && has_utf16_inside(text, size))
		return ab_utf16_inside_build;
	for (size_t i = 0; i < n; i++)
		zeros[i % 2] += !text[i];
	if (memcmp(text, "\xff\xfe", 2) == 0 || (zeros[1] > n / 8 && zeros[0] < n / 40 + 1))
		return ab_utf16le_build;
	if (memcmp(text, "\xfe\xff", 2) == 0 || (zeros[0] > n / 8 && zeros[1] < n / 40 + 1))
		return ab_utf16be_build;
	return NULL;
}
