/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/scrub/fold.h"

#define ENTITY_MAX    10 /* bytes of &newline; and the others */
#define SPACED_MIN    4 /* letters that are drawn together at least */
#define SPACED_DIGITS 9 /* or digits: numbers of people have so many */

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
		      { "ast", '*' },	 { "midast", '*' },   { "lbrace", '{' }, { "rbrace", '}' },
		      { "lbrack", '[' }, { "rbrack", ']' },   { "vert", '|' },	 { "underbar", '_' },
		      { "hat", '^' } };

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
	if (text[at + 1] == 'x' && !c)
		return n + 1; /* the other half of UTF-16's Latin letters: \x49\x00 */
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

/*
 * Whether step() may take something at one of its three signs: most are none, and what stands before
 * one that is has to be copied first.
 */
static bool may_step(const unsigned char *text, size_t len, size_t at)
{
	unsigned char next = at + 1 < len ? text[at + 1] : 0;

	switch (text[at]) {
	case '%':
		return isxdigit(next) || (next | 0x20) == 'u';
	case '&':
		return next == '#' ||
		       (isalpha(next) && memchr(text + at, ';', len - at < ENTITY_MAX ? len - at : ENTITY_MAX));
	default:
		return next && strchr("nrt/\\\"'\nuUx01234567", next);
	}
}

typedef unsigned char vector __attribute__((vector_size(16))); /* SSE2, NEON, or a loop */

/* The next byte from `at` on that is one of five, or beyond ASCII if that is asked for; or the end.
 * Most texts have few. */
static inline __attribute__((always_inline)) size_t next_of(const unsigned char *text, size_t len,
							    size_t at, const char five[5],
							    bool high)
{
	for (; len - at >= sizeof(vector); at += sizeof(vector)) {
		vector v, found;
		uint64_t any[2];

		memcpy(&v, text + at, sizeof(v));
		found = (vector)(v == (unsigned char)five[0]) | (vector)(v == (unsigned char)five[1]) |
			(vector)(v == (unsigned char)five[2]) | (vector)(v == (unsigned char)five[3]) |
			(vector)(v == (unsigned char)five[4]);
		if (high)
			found |= v & 0x80;
		memcpy(any, &found, sizeof(any));
		if (any[0] | any[1])
			break;
	}
	for (; at < len; at++)
		if ((high && text[at] >= 0x80) || text[at] == (unsigned char)five[0] ||
		    text[at] == (unsigned char)five[1] || text[at] == (unsigned char)five[2] ||
		    text[at] == (unsigned char)five[3] || text[at] == (unsigned char)five[4])
			break;
	return at;
}

static size_t next_special(const unsigned char *text, size_t len, size_t at)
{
	return next_of(text, len, at, "%&\\\\\\", true);
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
		} else if (!may_step(text, len, at)) {
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
			taken = step(v, text, len, at);
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

#define WORDS_MIN 3  /* words that another sign than a space parts, and no space with it */
#define WORD_MAX  48 /* bytes of one */

/* Where the word at `at` ends, which `sign` parts from the next; 0: what stands there is none. */
static size_t word_end(const unsigned char *text, size_t len, size_t at, unsigned char sign)
{
	size_t end = at;

	while (end < len && end - at <= WORD_MAX && text[end] > ' ' && text[end] != sign)
		end++;
	return end == at || end - at > WORD_MAX ? 0 : end;
}

/* Where the next word begins behind one sign, or several that are white; 0: there is none. */
static size_t next_word(const unsigned char *text, size_t len, size_t at, unsigned char sign)
{
	size_t next = at;

	while (next < len && next - at < 8 &&
	       (text[next] == sign || (text[next] == '\r' && sign == '\n')) && (next == at || sign <= ' '))
		next++;
	/* One space between words is how texts are written. */
	return next == at || (sign == ' ' && next - at < 2) ? 0 : next;
}

/* Behind the last of the words from `at` that this sign parts; 0: they are too few. */
static size_t words_end(const unsigned char *text, size_t len, size_t at, unsigned char sign)
{
	size_t n = 1, end = at, next;

	while ((next = next_word(text, len, end, sign)) && (next = word_end(text, len, next, sign))) {
		end = next;
		n++;
	}
	return n >= WORDS_MIN ? end : 0;
}

static bool is_gap(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '_' || c == '+' || c == '|';
}

void ab_words_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0, stop;

	if (!ab_norm_has_high(text, len))
		return;
	for (; at < len; at++) {
		unsigned char sign = text[at];

		if (sign == '\r' && len - at > 1 && text[at + 1] == '\n')
			sign = '\n';
		if (!is_gap(sign) || !at || text[at - 1] <= ' ' ||
		    !(stop = words_end(text, len, at, sign)))
			continue;
		v->kinds |= AB_VIEW_SPACED;
		while (at < stop) {
			size_t next = next_word(text, len, at, sign);

			ab_view_copy(v, text + from, from, at - from);
			ab_view_unit(v, " ", 1, at, next - at);
			from = next;
			at = word_end(text, len, next, sign);
		}
		at--; /* what ends the last may part others */
	}
	if (v->kinds)
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

/*
 * A character that stands alone: a letter, a digit or a sign with the separator, or an end, on both
 * sides. Letters beyond ASCII count as a whole.
 */
static size_t char_len(const unsigned char *text, size_t len, size_t at)
{
	uint32_t c;
	size_t n = text[at] < 0x80 ? 1 : ab_utf8_decode(text + at, len - at, &c);

	return n ? n : 1;
}

static bool is_letter(unsigned char c)
{
	return isalnum(c) || c >= 0x80;
}

static bool is_single(const unsigned char *text, size_t len, size_t at)
{
	size_t end = at + char_len(text, len, at);

	return is_letter(text[at]) && (at == 0 || !is_letter(text[at - 1])) &&
	       (end >= len || !is_letter(text[end]));
}

/* What may stand between every two letters of a text that is spaced out. */
static bool is_spacer(unsigned char c)
{
	return c < 0x80 && !isalnum(c) && c != '\\';
}

/* Where the next single character of the run stands, behind one separator or a gap between words
 * (*ret_word); 0: the run ends. */
static size_t next_single(const unsigned char *text, size_t len, size_t at, unsigned char separator,
			  bool *ret_word)
{
	size_t next = at, spaces, end;

	*ret_word = false;
	if (next < len && text[next] == separator)
		next++;
	for (spaces = 0; next + spaces < len && spaces < 6 && text[next + spaces] == ' ';)
		spaces++;
	*ret_word = spaces > 0;
	next += spaces;
	if (spaces && separator != ' ' && next < len && text[next] == separator)
		next++; /* a space that was spaced out itself */
	if (next == at || next >= len || text[next] == '\n')
		return 0;
	end = next + char_len(text, len, next);
	/* Followed by the separator or a gap, or the last one. */
	if (end >= len || text[end] == separator)
		return next;
	if (is_letter(text[next]))
		return is_letter(text[end]) ? 0 : next;
	return strchr(" \n\"')]}", text[end]) ? next : 0;
}

/* Behind the last of the single characters from `at`; *ret_enough: there are letters or digits
 * enough to draw them together. */
static size_t run_end(const unsigned char *text, size_t len, size_t at, unsigned char separator,
		      bool *ret_enough)
{
	size_t end, next, letters = 0, digits = 0;
	bool word;

	for (;; at = next) {
		if (isdigit(text[at]))
			digits++;
		else
			letters += is_letter(text[at]);
		end = at + char_len(text, len, at);
		next = next_single(text, len, end, separator, &word);
		if (!next)
			break;
	}
	/* "1.2.3.4" and "e.g. a b" are what they are. */
	*ret_enough = letters >= SPACED_MIN || digits >= SPACED_DIGITS;
	return end;
}

/* Signs that stand before the first letter, each with the separator behind it. */
static size_t run_start(const unsigned char *text, size_t from, size_t at, unsigned char separator)
{
	while (at >= from + 2 && text[at - 1] == separator && text[at - 2] > ' ' &&
	       text[at - 2] < 0x7f && !isalnum(text[at - 2]) &&
	       (at < from + 3 || text[at - 3] == separator || text[at - 3] == ' '))
		at -= 2;
	return at;
}

/* Draws the run together. */
static void draw(struct ab_view *v, const unsigned char *text, size_t len, size_t at, size_t end,
		 unsigned char separator)
{
	size_t next = at;
	bool word = false;

	while (next < end) {
		size_t stop = next + char_len(text, len, next);

		ab_view_copy(v, text + next, next, stop - next);
		at = stop;
		next = next_single(text, len, at, separator, &word);
		if (!next)
			break;
		if (word)
			ab_view_unit(v, " ", 1, at, next - at);
	}
	v->kinds |= AB_VIEW_SPACED;
}

void ab_spaced_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while (at < len) {
		size_t end = at + char_len(text, len, at), start;
		bool enough;
		unsigned char separator = end < len ? text[end] : 0;

		if (!is_single(text, len, at) || end >= len || !is_spacer(separator)) {
			at = end;
			continue;
		}
		end = run_end(text, len, at, separator, &enough);
		if (!enough) { /* "a e.v.a.l": the next one may have another separator */
			at += char_len(text, len, at);
			continue;
		}
		start = run_start(text, from, at, separator);
		ab_view_copy(v, text + from, from, start - from);
		draw(v, text, len, start, end, separator);
		at = from = end;
	}
	ab_view_copy(v, text + from, from, len - from);
}

/* Between two quoted strings: what joins them in some language, in up to eight bytes of space. */
static size_t join_quotes(const unsigned char *p, size_t len)
{
	static const char *const signs[] = { "+", "..", ".", "&", "||", "<>", "~", "++" };
	size_t n = 1, spaces, found = 0;

	while (n < len && n < 9 && isspace(p[n]))
		n++;
	spaces = n - 1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(signs) && !found; i++)
		if (len - n > 2 && memcmp(p + n, signs[i], strlen(signs[i])) == 0)
			found = strlen(signs[i]);
	if (!found)
		return spaces == 1 && p[0] == '"' && n < len && p[n] == '"' ? n + 1 : 0;
	n += found;
	for (spaces = 0; n < len && spaces < 8 && (isspace(p[n]) || p[n] == '\\'); spaces++)
		n++;
	return n < len && p[n] == p[0] ? n + 1 : 0;
}

/* What stands at p and can be taken out from between letters: its length, 0 if it is nothing. */
static size_t join_at(const unsigned char *p, size_t len)
{
	static const char *const plain[] = { "**", "<br>" };
	const unsigned char *end = NULL;

	if (p[0] == '"' || p[0] == '\'')
		return join_quotes(p, len);
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
		/* "</doc<!-- -->ument>" is one tag with a comment in it, not another one. */
		if (end && memchr(p + 1, '<', (size_t)(end - p) - 1))
			return 0;
		return end ? (size_t)(end - p) + 1 : 0;
	}
	return 0;
}

void ab_joined_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while ((at = next_of(text, len, at, "\"'*/<", false)) < len) {
		size_t n = join_at(text + at, len - at);

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
