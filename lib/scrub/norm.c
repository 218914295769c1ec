/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/scrub/escape.h"
#include "lib/scrub/fold.h"
#include "lib/scrub/seek.h"

#define ALL_KINDS (AB_VIEW_FOLD | AB_VIEW_PERCENT | AB_VIEW_ENTITY | AB_VIEW_ESCAPE)

static size_t next_special(const unsigned char *text, size_t len, size_t at)
{
	return ab_seek_sign(text, len, at, "%&\\\\\\", true);
}

/* A character of a text, [at, at + taken). */
struct letter {
	const unsigned char *text;
	size_t len, at, taken;
	uint32_t c;
};

/* What it stands for: NULL, itself. */
typedef const char *read_fn(const struct letter *l, char out[5]);

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

/* Whether it is ASCII in another shape: wide, in a circle, of mathematics. */
static bool is_shape(uint32_t c)
{
	return (c >= 0xff01 && c <= 0xff5e) || (c >= 0x1d400 && c < 0x1d800) || (c >= 0x2460 && c < 0x2500) ||
	       (c >= 0x2102 && c < 0x2140) || (c >= 0x1f100 && c < 0x1f190);
}

#define MIXED 24 /* bytes of a word that are looked at on either side */

/* Whether a Latin letter begins with the byte. */
static bool is_latin(unsigned char c)
{
	return isalpha(c) || (c >= 0xc3 && c < 0xca);
}

/* Whether the letter at `at` is the last digit of an escape: \u043d, \xbd, %bd. */
static bool ends_escape(const unsigned char *text, size_t at)
{
	return (at >= 5 && text[at - 5] == '\\') || (at >= 3 && text[at - 3] == '\\') || (at >= 2 && text[at - 2] == '%');
}

/* Whether a letter of Greek or Cyrillic stands in a word that has Latin ones, too. */
static bool is_mixed(const struct letter *l)
{
	size_t at = l->at, end = l->at + l->taken;

	if (l->c < 0x370 || l->c >= 0x590)
		return false;
	for (; at && l->at - at < MIXED && (l->text[at - 1] >= 0x80 || isalpha(l->text[at - 1])); at--)
		if (is_latin(l->text[at - 1])) {
			if (!ends_escape(l->text, at - 1))
				return true;
			break;
		}
	for (at = end; at < l->len && at - end < MIXED && (l->text[at] >= 0x80 || isalpha(l->text[at])); at++)
		if (is_latin(l->text[at]))
			return true;
	return false;
}

/* Whether a letter or digit is not what it looks like, or something that is not seen follows one. */
static bool is_disguise(const struct letter *l, const char *other)
{
	return other[0] ? is_shape(l->c) || is_mixed(l) : l->at && isalnum(l->text[l->at - 1]);
}

static uint32_t kind_of(unsigned char sign)
{
	return sign == '%' ? AB_VIEW_PERCENT : sign == '&' ? AB_VIEW_ENTITY : AB_VIEW_ESCAPE;
}

#define KINDS	 4 /* of ALL_KINDS, by how they follow each other */
#define NEAR	 256 /* bytes between two escapes, one of which may be a part of what the other hides */
#define NEAR_MIN 2   /* letters or digits that are hidden near to others */

/* Where each kind of escape stood last, where it hid a letter or digit, each plus one, and how many of these near to
 * each other. */
struct nearby {
	size_t any[KINDS], letter[KINDS];
	unsigned letters[KINDS];
	uint32_t apart; /* the kinds of which these stand near to another one */
};

/* In one line. */
static bool is_near(const unsigned char *text, size_t last, size_t at)
{
	return last && at + 1 - last < NEAR && !memchr(text + last, '\n', at - last);
}

static void note_escape(struct nearby *n, uint32_t kind, bool letter, const unsigned char *text, size_t at)
{
	unsigned k = (unsigned)__builtin_ctz(kind / AB_VIEW_FOLD);

	if (letter) {
		n->letters[k] = is_near(text, n->letter[k], at) ? n->letters[k] + 1 : 1;
		n->letter[k] = at + 1;
	}
	n->any[k] = at + 1;
	for (unsigned other = 0; other < KINDS; other++) {
		if (other == k)
			continue;
		if (letter && n->letters[k] >= NEAR_MIN && is_near(text, n->any[other], at))
			n->apart |= kind;
		if (n->letters[other] >= NEAR_MIN && is_near(text, n->letter[other], at))
			n->apart |= AB_VIEW_FOLD << other;
	}
}

/* Adds what a character beyond ASCII stands for; returns how many bytes of the parent it took. */
static size_t put_other(struct ab_view *v, const struct letter *l, const char *other, struct nearby *near)
{
	v->kinds |= AB_VIEW_FOLD;
	if (l->c == 0x202e)
		return put_turned(v, l->text, l->len, l->at);
	ab_view_unit(v, other, strlen(other), l->at, l->taken);
	note_escape(near, AB_VIEW_FOLD, is_disguise(l, other), l->text, l->at);
	return l->taken;
}

/* The same of an escape; 0: it is none. */
static size_t put_escape(struct ab_view *v, const unsigned char *text, size_t len, size_t at, struct nearby *near)
{
	size_t before = v->buf.len, taken = ab_escape_step(v, text, len, at);

	if (taken)
		note_escape(near, kind_of(text[at]),
			    v->buf.len == before + 1 && isalnum((unsigned char)v->buf.data[before]), text, at);
	return taken;
}

/* Undoes what is of these kinds. */
static void build_linear(struct ab_view *v, const unsigned char *text, size_t len, read_fn *read, uint32_t kinds)
{
	size_t at = 0, from = 0, taken = 0;
	struct nearby near = { 0 };

	(void)ab_buf_reserve(&v->buf, len + len / 2 + AB_HOLD_PAD); /* most become shorter */
	while ((at = next_special(text, len, at)) < len) {
		struct letter l = { text, len, at, 0, 0 };
		const char *other = NULL;
		char out[5];

		if (text[at] >= 0x80) {
			l.taken = ab_utf8_decode(text + at, len - at, &l.c);
			other = l.taken && kinds & AB_VIEW_FOLD ? read(&l, out) : NULL;
			if (!other) {
				at += l.taken ? l.taken : 1;
				continue;
			}
		} else if (!(kinds & kind_of(text[at])) || !ab_escape_may_begin(text, len, at)) {
			at++;
			continue;
		}
		/* What stands for itself has to be in the map before what follows it. */
		ab_view_copy(v, text + from, from, at - from);
		from = at;
		taken = other ? put_other(v, &l, other, &near) : put_escape(v, text, len, at, &near);
		at += taken ? taken : 1;
		if (taken)
			from = at;
	}
	v->apart = near.apart;
	if (v->kinds) /* else it is the parent's text, and nobody looks at it */
		ab_view_copy(v, text + from, from, len - from);
}

static const char *read_folded(const struct letter *l, char out[5])
{
	const struct ab_fold *fold = ab_fold(l->c);

	(void)out;
	return fold ? fold->ascii : NULL;
}

void ab_norm_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_linear(v, text, len, read_folded, ALL_KINDS);
}

void ab_fold_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_linear(v, text, len, read_folded, AB_VIEW_FOLD);
}

void ab_percent_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_linear(v, text, len, read_folded, AB_VIEW_PERCENT);
}

void ab_entity_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_linear(v, text, len, read_folded, AB_VIEW_ENTITY);
}

void ab_escape_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build_linear(v, text, len, read_folded, AB_VIEW_ESCAPE);
}

/* Whether a Latin letter beyond ASCII stands in a word of capitals. */
static bool is_among_capitals(const struct letter *l)
{
	size_t end = l->at + l->taken;

	return (l->at && isalpha(l->text[l->at - 1])) || (end < l->len && isupper(l->text[end]));
}

/* The small letter of a Latin capital beyond ASCII, else the character. */
static uint32_t small_latin(uint32_t c)
{
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7))
		return c + 0x20;
	if ((c >= 0x139 && c < 0x149) || (c >= 0x179 && c < 0x17f))
		return c + (c & 1);
	if ((c >= 0x100 && c < 0x138 && c != 0x130 && c != 0x131) || (c >= 0x14a && c < 0x178) || (c >= 0x1ea0 && c < 0x1f00))
		return c | 1;
	return c == 0x1a0 || c == 0x1af || c == 0x218 || c == 0x21a ? c + 1 : c;
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
					  0xce6, 0xd66, 0xe50,	0xed0,	0x1040, 0x17e0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(zeros); i++)
		if (c >= zeros[i] && c < zeros[i] + 10u)
			return true;
	return false;
}

static const char *read_clean(const struct letter *l, char out[5])
{
	const struct ab_fold *fold = ab_fold(l->c);
	uint32_t c = l->c, small;

	if (c >= 0xe0000 && c < 0xe0080)
		return "";
	/* Words keep their letters beside a number or a name that rules can read. */
	if (fold && fold->ascii[0] && (is_shape(c) || is_mixed(l) || (isdigit((unsigned char)fold->ascii[0]) && is_decimal(c))))
		return fold->ascii;
	small = c < 0x370 || c >= 0x1e00 ? is_among_capitals(l) ? small_latin(c) : c : small_letter(c);
	if (small != c) {
		out[ab_utf8_encode(small, (unsigned char *)out)] = '\0';
		return out;
	}
	if (c == 0x640) /* what Arabic letters are drawn out with */
		return "";
	if (!fold || (fold->ascii[0] ? strcmp(fold->ascii, " ") != 0 : is_vowel_sign(c)))
		return NULL;
	return fold->ascii;
}

bool ab_norm_has_high(const unsigned char *text, size_t len)
{
	uint64_t eight, four[4], high = 0;
	size_t i = 0;

	for (; len - i >= sizeof(four) && !high; i += sizeof(four)) {
		memcpy(four, text + i, sizeof(four));
		high = (four[0] | four[1] | four[2] | four[3]) & 0x8080808080808080u;
	}
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
		build_linear(v, text, len, read_clean, ALL_KINDS);
}

/* Tag characters, U+E0000 to U+E007F, in UTF-8. */
static bool is_tag(const unsigned char *p, size_t len)
{
	return len > 3 && p[0] == 0xf3 && p[1] == 0xa0 && (p[2] & 0xfe) == 0x80;
}

void ab_tags_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	const unsigned char *tag;

	for (size_t at = 0; (tag = memmem(text + at, len - at, "\xf3\xa0", 2));) {
		at = (size_t)(tag - text);
		if (!is_tag(tag, len - at)) {
			at += 2;
			continue;
		}
		if (v->kinds)
			ab_view_unit(v, "\n", 1, at, 4);
		for (; is_tag(text + at, len - at); at += 4) {
			unsigned char c = (unsigned char)((text[at + 2] & 1) << 6 | (text[at + 3] & 0x3f));

			if (c >= ' ' && c < 0x7f)
				ab_view_unit(v, &c, 1, at, 4);
		}
		v->kinds |= AB_VIEW_FOLD;
	}
}
