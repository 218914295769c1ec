/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/scrub/escape.h"
#include "lib/scrub/fold.h"
#include "lib/scrub/seek.h"

static size_t next_special(const unsigned char *text, size_t len, size_t at)
{
	return ab_seek_sign(text, len, at, "%&\\\\\\", true);
}

/* What one character stands for: NULL, itself. */
typedef const char *read_fn(uint32_t c, char out[5]);

/* Tag characters, U+E0000 to U+E007F, in UTF-8. */
static bool is_tag(const unsigned char *p)
{
	return p[0] == 0xf3 && p[1] == 0xa0 && (p[2] & 0xfe) == 0x80;
}

/* Where tag characters begin right behind a word, what they spell is another one. */
static void put_folded(struct ab_view *v, const unsigned char *text, size_t at, const char *letters,
		       size_t taken)
{
	size_t n = strlen(letters);
	char apart[5] = " ";

	if (n && n < sizeof(apart) && at && isalnum(text[at - 1]) && is_tag(text + at)) {
		memcpy(apart + 1, letters, n);
		letters = apart;
		n++;
	}
	ab_view_unit(v, letters, n, at, taken);
}

/* The character before `at`. */
static size_t char_before(const unsigned char *text, size_t from, size_t at)
{
	size_t n = 1;

	while (n < 4 && at - n > from && (text[at - n] & 0xc0) == 0x80)
		n++;
	return n;
}

#define TURNED_MAX 512

/*
 * What stands behind U+202E is shown from its end to its beginning, up to U+202C or the line's end;
 * its bytes stand for all of it. Returns how many bytes of the parent it took.
 */
static size_t put_turned(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	unsigned char turned[TURNED_MAX];
	size_t from = at + 3, end = from, n = 0;

	while (end < len && end - from < TURNED_MAX && text[end] != '\n' &&
	       !(len - end > 2 && memcmp(text + end, "\xe2\x80\xac", 3) == 0))
		end++;
	for (size_t back = end; back > from;) {
		size_t one = char_before(text, from, back);

		back -= one;
		memcpy(turned + n, text + back, one);
		n += one;
	}
	ab_view_unit(v, turned, n, at, end - at);
	return end - at;
}

static void build_linear(struct ab_view *v, const unsigned char *text, size_t len, read_fn *read)
{
	size_t at = 0, from = 0, taken;

	(void)ab_buf_reserve(&v->buf, len + len / 2 + AB_HOLD_PAD); /* most become shorter */
	while ((at = next_special(text, len, at)) < len) {
		const char *other = NULL;
		char out[5];
		uint32_t c = 0;

		if (text[at] >= 0x80) {
			taken = ab_utf8_decode(text + at, len - at, &c);
			other = taken ? read(c, out) : NULL;
			if (!other) {
				at += taken ? taken : 1;
				continue;
			}
		} else if (!ab_escape_may_begin(text, len, at)) {
			at++;
			continue;
		}
		/* What stands for itself has to be in the map before what follows it. */
		ab_view_copy(v, text + from, from, at - from);
		from = at;
		if (other && c == 0x202e) {
			v->kinds |= AB_VIEW_FOLD;
			taken = put_turned(v, text, len, at);
		} else if (other) {
			v->kinds |= AB_VIEW_FOLD;
			put_folded(v, text, at, other, taken);
		} else {
			taken = ab_escape_step(v, text, len, at);
		}
		at += taken ? taken : 1;
		if (taken)
			from = at;
	}
	if (v->kinds) /* else it is the parent's text, and nobody looks at it */
		ab_view_copy(v, text + from, from, len - from);
}

static const char *read_folded(uint32_t c, char out[5])
{
	const struct ab_fold *fold = ab_fold(c);

	(void)out;
	return fold ? fold->ascii : NULL;
}

void ab_norm_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_linear(v, text, len, read_folded);
}

/* The small letter of a Greek, Cyrillic or Armenian capital, else the character. */
static uint32_t small_letter(uint32_t c)
{
	if ((c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x388 && c <= 0x38a)
		return c + 0x25;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	if (c >= 0x531 && c <= 0x556)
		return c + 0x30;
	if (c >= 0x460 && c < 0x530)
		return c | 1;
	return c == 0x386 ? 0x3ac : c == 0x38c ? 0x3cc : c == 0x38e || c == 0x38f ? c + 0x3f : c;
}

/* Vowels and other signs of the scripts of South and South-East Asia are what their words are made
 * of: what is not seen of other scripts is noise. */
static bool is_vowel_sign(uint32_t c)
{
	return (c >= 0x900 && c < 0x10a0) || (c >= 0x1700 && c < 0x17b4) ||
	       (c >= 0x17b6 && c < 0x1800);
}

/* Whether it is a decimal digit of another script, and no letter that looks like one. */
static bool is_decimal(uint32_t c)
{
	static const uint16_t zeros[] = { 0x660, 0x6f0, 0x966,	0x9e6,	0xa66,	0xae6,	0xb66,	0xbe6, 0xc66,
					  0xce6, 0xd66, 0xe50,	0xed0,	0x1040, 0x17e0, 0xff10 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(zeros); i++)
		if (c >= zeros[i] && c < zeros[i] + 10u)
			return true;
	return false;
}

static const char *read_clean(uint32_t c, char out[5])
{
	const struct ab_fold *fold = ab_fold(c);
	uint32_t small = small_letter(c);

	if (small != c) {
		out[ab_utf8_encode(small, (unsigned char *)out)] = '\0';
		return out;
	}
	if (c >= 0xe0000 && c < 0xe0080)
		return "";
	/* Words keep their letters beside a number that rules can read. */
	if (fold && isdigit((unsigned char)fold->ascii[0]) && is_decimal(c))
		return fold->ascii;
	if (c == 0x640) /* what Arabic letters are drawn out with */
		return "";
	if (!fold || (fold->ascii[0] ? strcmp(fold->ascii, " ") != 0 : is_vowel_sign(c)))
		return NULL;
	return fold->ascii;
}

bool ab_norm_has_high(const unsigned char *text, size_t len)
{
	uint64_t eight, high = 0;
	size_t i = 0;

	for (; len - i >= sizeof(eight) && !high; i += sizeof(eight)) {
		memcpy(&eight, text + i, sizeof(eight));
		high = eight & 0x8080808080808080u;
	}
	for (; i < len && !high; i++)
		high = text[i] & 0x80;
	return high != 0;
}

void ab_clean_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	if (ab_norm_has_high(text, len))
		build_linear(v, text, len, read_clean);
}
