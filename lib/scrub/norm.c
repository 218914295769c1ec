/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/scrub/fold.h"

#define SPACED_MIN 4 /* letters that are drawn together at least */

static int hex_value(unsigned char c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* Reads up to max digits of a base; how many there were. */
static size_t read_digits(const unsigned char *p, size_t len, unsigned base, size_t max,
			  uint32_t *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n < len && n < max) {
		int d = hex_value(p[n]);

		if (d < 0 || (unsigned)d >= base)
			break;
		*ret = *ret * base + (uint32_t)d;
		n++;
	}
	return n;
}

/* Puts a character for in_len bytes; what is none becomes U+FFFD, so that no escape hides another.
 */
static void put(struct ab_view *v, uint32_t c, size_t in, size_t in_len)
{
	unsigned char utf8[4];
	size_t n = ab_utf8_encode(c, utf8);

	if (!n)
		n = ab_utf8_encode(0xfffd, utf8);
	ab_view_unit(v, utf8, n, in, in_len);
}

/* Each step returns how many bytes of the parent it took, 0: it is nothing that it decodes. */

static size_t step_percent(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	uint32_t c;
	unsigned char byte;

	if (at + 6 <= len && (text[at + 1] | 0x20) == 'u' &&
	    read_digits(text + at + 2, 4, 16, 4, &c) == 4) {
		v->kinds |= AB_VIEW_PERCENT;
		put(v, c, at, 6);
		return 6;
	}
	if (at + 3 > len || read_digits(text + at + 1, 2, 16, 2, &c) != 2)
		return 0;
	v->kinds |= AB_VIEW_PERCENT;
	byte = (unsigned char)c;
	ab_view_unit(v, &byte, 1, at, 3);
	return 3;
}

/* HTML's names for what is not a letter, and for the space that is none. */
static uint32_t entity_named(const unsigned char *p, size_t len, size_t *ret_len)
{
	static const struct {
		const char *name;
		uint32_t code;
	} names[] = { { "lt", '<' },	 { "gt", '>' },	      { "amp", '&' },	 { "quot", '"' },
		      { "apos", '\'' },	 { "nbsp", ' ' },     { "colon", ':' },	 { "sol", '/' },
		      { "period", '.' }, { "commat", '@' },   { "lpar", '(' },	 { "rpar", ')' },
		      { "tab", '\t' },	 { "newline", '\n' }, { "num", '#' },	 { "excl", '!' },
		      { "equals", '=' }, { "lowbar", '_' },   { "hyphen", '-' }, { "dash", '-' },
		      { "comma", ',' },	 { "semi", ';' },     { "bsol", '\\' },	 { "quest", '?' },
		      { "lsqb", '[' },	 { "rsqb", ']' },     { "lcub", '{' },	 { "rcub", '}' },
		      { "dollar", '$' }, { "percnt", '%' },   { "grave", '`' },	 { "verbar", '|' },
		      { "shy", 0xad },	 { "zwnj", 0x200c },  { "zwj", 0x200d }, { "plus", '+' },
		      { "ast", '*' } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i].name);

		if (len > n && p[n] == ';' && strncasecmp((const char *)p, names[i].name, n) == 0) {
			*ret_len = n + 1;
			return names[i].code;
		}
	}
	return 0;
}

static size_t step_entity(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	const unsigned char *p = text + at + 1;
	size_t left = len - at - 1, n = 0, digits;
	uint32_t c = 0;

	if (left && p[0] == '#') {
		bool hex = left > 1 && (p[1] | 0x20) == 'x';

		digits = read_digits(p + 1 + hex, left - 1 - hex, hex ? 16 : 10, 7, &c);
		n = digits ? 1 + hex + digits : 0;
		if (n && n < left && p[n] == ';')
			n++;
	} else {
		c = entity_named(p, left, &n);
	}
	if (!n)
		return 0;
	v->kinds |= AB_VIEW_ENTITY;
	put(v, c, at, n + 1);
	return n + 1;
}

/* \uXXXX (a pair of surrogates is one), \u{X}, \UXXXXXXXX, \xXX, \OOO. */
static size_t read_numeric_escape(const unsigned char *p, size_t left, uint32_t *ret)
{
	size_t digits;
	uint32_t low;

	switch (p[0]) {
	case 'u':
		if (left > 2 && p[1] == '{') {
			digits = read_digits(p + 2, left - 2, 16, 6, ret);
			return digits && digits + 2 < left && p[digits + 2] == '}' ? digits + 3 : 0;
		}
		if (read_digits(p + 1, left - 1, 16, 4, ret) != 4)
			return 0;
		if (*ret >> 10 == 0xd800 >> 10 && left >= 11 && p[5] == '\\' && p[6] == 'u' &&
		    read_digits(p + 7, 4, 16, 4, &low) == 4 && low >> 10 == 0xdc00 >> 10) {
			*ret = 0x10000 + ((*ret & 0x3ff) << 10) + (low & 0x3ff);
			return 11;
		}
		return 5;
	case 'U':
		return read_digits(p + 1, left - 1, 16, 8, ret) == 8 ? 9 : 0;
	case 'x':
		return read_digits(p + 1, left - 1, 16, 2, ret) == 2 ? 3 : 0;
	default:
		digits = read_digits(p, left, 8, 3, ret);
		return digits >= 2 ? digits : 0;
	}
}

static size_t step_escape(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	static const char from[] = "nrt/\\\"'", to[] = "\n\r\t/\\\"'";
	const char *simple;
	uint32_t c;
	size_t n;

	if (at + 1 >= len)
		return 0;
	simple = text[at + 1] ? strchr(from, text[at + 1]) : NULL;
	if (simple) {
		v->kinds |= AB_VIEW_ESCAPE;
		ab_view_unit(v, &to[simple - from], 1, at, 2);
		return 2;
	}
	if (text[at + 1] == '\n') { /* a line continued */
		v->kinds |= AB_VIEW_ESCAPE;
		return 2;
	}
	n = read_numeric_escape(text + at + 1, len - at - 1, &c);
	if (!n)
		return 0;
	v->kinds |= AB_VIEW_ESCAPE;
	/* \xd0\xb8 is a letter's two bytes, not two letters. */
	if ((text[at + 1] | 0x20) != 'u' && c >= 0x80 && c < 0x100) {
		unsigned char byte = (unsigned char)c;

		ab_view_unit(v, &byte, 1, at, n + 1);
	} else {
		put(v, c, at, n + 1);
	}
	return n + 1;
}

static size_t step(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	switch (text[at]) {
	case '%':
		return step_percent(v, text, len, at);
	case '&':
		return step_entity(v, text, len, at);
	default:
		return step_escape(v, text, len, at);
	}
}

static bool is_special(unsigned char c)
{
	return c >= 0x80 || c == '%' || c == '&' || c == '\\';
}

/* The next special byte from `at` on, or the end; most texts have few. */
static size_t next_special(const unsigned char *text, size_t len, size_t at)
{
	while (at < len && !is_special(text[at]))
		at++;
	return at;
}

void ab_norm_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0, taken;

	(void)ab_buf_reserve(&v->buf, len + len / 2 + AB_HOLD_PAD); /* most become shorter */
	while ((at = next_special(text, len, at)) < len) {
		const struct ab_fold *fold = NULL;
		uint32_t c;

		if (text[at] >= 0x80) {
			taken = ab_utf8_decode(text + at, len - at, &c);
			fold = taken ? ab_fold(c) : NULL;
			if (!fold) {
				at += taken ? taken : 1;
				continue;
			}
		}
		/* What stands for itself has to be in the map before what follows it. */
		ab_view_copy(v, text + from, from, at - from);
		from = at;
		if (fold) {
			v->kinds |= AB_VIEW_FOLD;
			ab_view_unit(v, fold->ascii, strlen(fold->ascii), at, taken);
		} else {
			taken = step(v, text, len, at);
		}
		at += taken ? taken : 1;
		if (taken)
			from = at;
	}
	ab_view_copy(v, text + from, from, len - from);
}

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
		put(v, c, at, n);
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

static bool is_single(const unsigned char *text, size_t len, size_t at)
{
	return isalnum(text[at]) && (at == 0 || !isalnum(text[at - 1])) &&
	       (at + 1 >= len || !isalnum(text[at + 1]));
}

/* The gap behind a single letter up to the next one: its length, 0 if no single letter follows. */
static size_t gap_behind(const unsigned char *text, size_t len, size_t at)
{
	size_t n = 0;

	while (at + 1 + n < len && n < 6 && !isalnum(text[at + 1 + n]) && text[at + 1 + n] != '\n')
		n++;
	return at + 1 + n < len && n && n < 6 && is_single(text, len, at + 1 + n) ? n : 0;
}

/* Behind the last of the single letters from `at`; *letters counts those of the alphabet. */
static size_t run_end(const unsigned char *text, size_t len, size_t at, size_t *letters)
{
	size_t gap;

	*letters = 0;
	for (gap = 0; is_single(text, len, at); at += 1 + gap) {
		*letters += isalpha(text[at]) != 0;
		gap = gap_behind(text, len, at);
		if (!gap)
			break;
	}
	return at + 1;
}

/* The gap behind a letter of a run: nothing of it stays if it is like the first, which stands
 * between letters; of another what is no space stays, or one space, which parts words. */
static void draw_gap(struct ab_view *v, const unsigned char *text, size_t at, size_t len,
		     const unsigned char *usual, size_t usual_len)
{
	size_t from = 0;

	if (len == usual_len && memcmp(text + at, usual, len) == 0)
		return;
	while (len && text[at + len - 1] == ' ')
		len--;
	while (from < len && text[at + from] == ' ')
		from++;
	if (from < len)
		ab_view_copy(v, text + at + from, at + from, len - from);
	else
		ab_view_unit(v, " ", 1, at, 1);
}

/* Draws the run together. */
static void draw(struct ab_view *v, const unsigned char *text, size_t len, size_t at, size_t end)
{
	const unsigned char *usual = text + at + 1;
	size_t usual_len = gap_behind(text, len, at);

	ab_view_copy(v, text + at, at, 1);
	while (at + 1 < end) {
		size_t gap = gap_behind(text, len, at);

		draw_gap(v, text, at + 1, gap, usual, usual_len);
		at += 1 + gap;
		ab_view_copy(v, text + at, at, 1);
	}
	v->kinds |= AB_VIEW_SPACED;
}

void ab_spaced_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while (at < len) {
		size_t letters, end;

		if (!is_single(text, len, at)) {
			at++;
			continue;
		}
		end = run_end(text, len, at, &letters);
		/* "1.2.3.4" and "e.g. a b" are what they are. */
		if (letters >= SPACED_MIN) {
			ab_view_copy(v, text + from, from, at - from);
			draw(v, text, len, at, end);
			from = end;
		}
		at = end;
	}
	ab_view_copy(v, text + from, from, len - from);
}

/* What stands at p and can be taken out from between letters: its length, 0 if it is nothing. */
static size_t join_at(const unsigned char *p, size_t len)
{
	static const char *const plain[] = { "\"+\"", "'+'",	 "\" + \"", "' + '", "\".\"",
					     "' . '", "\" . \"", "\" \"",   "**",    "<br>" };
	const unsigned char *end = NULL;

	for (size_t i = 0; i < AB_ARRAY_SIZE(plain); i++)
		if (p[0] == plain[i][0] && len > strlen(plain[i]) &&
		    memcmp(p, plain[i], strlen(plain[i])) == 0)
			return strlen(plain[i]);
	if (len > 4 && memcmp(p, "/*", 2) == 0) {
		end = memmem(p + 2, len - 2 < 256 ? len - 2 : 256, "*/", 2);
		return end ? (size_t)(end - p) + 2 : 0;
	}
	if (len > 7 && memcmp(p, "<!--", 4) == 0) {
		end = memmem(p + 4, len - 4 < 256 ? len - 4 : 256, "-->", 3);
		return end ? (size_t)(end - p) + 3 : 0;
	}
	if (len > 2 && p[0] == '<' && (isalpha(p[1]) || (p[1] == '/' && isalpha(p[2])))) {
		end = memchr(p, '>', len < 96 ? len : 96);
		return end ? (size_t)(end - p) + 1 : 0;
	}
	return 0;
}

static inline bool is_join_start(unsigned char c)
{
	return c == '"' || c == '\'' || c == '*' || c == '/' || c == '<';
}

void ab_joined_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while (at < len) {
		size_t n = is_join_start(text[at]) ? join_at(text + at, len - at) : 0;

		if (!n) {
			at++;
			continue;
		}
		ab_view_copy(v, text + from, from, at - from);
		v->kinds |= AB_VIEW_JOINED;
		at += n;
		from = at;
	}
	ab_view_copy(v, text + from, from, len - from);
}
