/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/escape.h"

#include <ctype.h>
#include <string.h>

#include "lib/scrub/hex.h"
#include "lib/scrub/wordlist.h"

#define ENTITY_MAX 10 /* bytes of &newline; and the others */

/* Reads up to max digits of a base; how many there were. */
static size_t read_digits(const unsigned char *p, size_t len, unsigned base, size_t max,
			  uint32_t *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n < len && n < max) {
		int d = ab_hex_value(p[n]);

		if (d < 0 || (unsigned)d >= base)
			break;
		*ret = *ret * base + (uint32_t)d;
		n++;
	}
	return n;
}

/* Each ab_escape_step returns how many bytes of the parent it took, 0: it is nothing that it decodes. */

static size_t step_percent(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	uint32_t c;
	unsigned char byte;

	if (at + 6 <= len && (text[at + 1] | 0x20) == 'u' &&
	    read_digits(text + at + 2, 4, 16, 4, &c) == 4) {
		v->kinds |= AB_VIEW_PERCENT;
		ab_view_put(v, c, at, 6);
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
		      { "ast", '*' },	 { "midast", '*' },   { "lbrace", '{' }, { "rbrace", '}' },
		      { "lbrack", '[' }, { "rbrack", ']' },   { "vert", '|' },	 { "underbar", '_' },
		      { "hat", '^' } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i].name);

		if (len > n && p[n] == ';' && ab_word_stands(p, names[i].name, n)) {
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
	ab_view_put(v, c, at, n + 1);
	return n + 1;
}

/* \uXXXX (a pair of surrogates is one), \u{X}, \UXXXXXXXX, \xXX, \OOO, \XXXXXX. */
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
	default: /* \00006f of CSS, else octal */
		if (left > 5 && p[0] == '0' && read_digits(p, left, 16, 6, ret) == 6 && *ret >= ' ')
			return 6;
		digits = read_digits(p, left, 8, 3, ret);
		return digits >= 2 ? digits : 0;
	}
}

/* One of n r t / \\ " ' */
static inline bool is_simple(unsigned char c)
{
	static const uint32_t simple[8] = { 0, 0x00008084, 0x10000000, 0x00144000 };

	return simple[c / 32] >> c % 32 & 1;
}

static size_t step_escape(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
{
	static const char from[] = "nrt/\\\"'", to[] = "\n\r\t/\\\"'";
	const char *simple;
	uint32_t c;
	size_t n;

	if (at + 1 >= len)
		return 0;
	simple = is_simple(text[at + 1]) ? strchr(from, text[at + 1]) : NULL;
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
	if (text[at + 1] == 'x' && !c)
		return n + 1; /* the other half of UTF-16's Latin letters: \x49\x00 */
	/* \xd0\xb8 is a letter's two bytes, not two letters. */
	if ((text[at + 1] | 0x20) != 'u' && c >= 0x80 && c < 0x100) {
		unsigned char byte = (unsigned char)c;

		ab_view_unit(v, &byte, 1, at, n + 1);
	} else {
		ab_view_put(v, c, at, n + 1);
	}
	return n + 1;
}

size_t ab_escape_step(struct ab_view *v, const unsigned char *text, size_t len, size_t at)
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

bool ab_escape_may_begin(const unsigned char *text, size_t len, size_t at)
{
	unsigned char next = at + 1 < len ? text[at + 1] : 0;

	switch (text[at]) {
	case '%':
		return isxdigit(next) || (next | 0x20) == 'u';
	case '&':
		return next == '#' ||
		       (isalpha(next) && memchr(text + at, ';', len - at < ENTITY_MAX ? len - at : ENTITY_MAX));
	default:
		return is_simple(next) || next == '\n' || (next | 0x20) == 'u' || next == 'x' || (next >= '0' && next <= '7');
	}
}
