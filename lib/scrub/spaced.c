/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/utf8.h"

#define SPACED_MIN    4 /* letters that are drawn together at least */
#define SPACED_DIGITS 8 /* or digits, a letter among them counts: dates and numbers of people have so many */

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

static inline bool is_letter(unsigned char c)
{
	static const uint32_t letters[8] = { 0,		 0x03ff0000,	 0x07fffffe,	 0x07fffffe,
					     ~(uint32_t)0, ~(uint32_t)0, ~(uint32_t)0, ~(uint32_t)0 };

	return letters[c / 32] >> c % 32 & 1;
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

/* Whether the letter before text[at] is the first one of a run with another separator, which is here. */
static bool begins_another(const unsigned char *text, size_t len, size_t at)
{
	return len - at > 2 && text[at] > ' ' && is_spacer(text[at]) && is_letter(text[at + 1]) &&
	       text[at + 2] == text[at];
}

/* Whether a word of one letter, which ends at text[at], stands between spaces in a run with another separator. */
static bool is_word_within(const unsigned char *text, size_t len, size_t at, unsigned char separator)
{
	size_t next = at;

	while (next < len && text[next] == ' ')
		next++;
	if (next == len)
		return true;
	if (next == at)
		return text[at] == '\n' || !is_letter(text[at]);
	next += char_len(text, len, next);
	return next < len && text[next] == separator;
}

/* Where the next single character of the run stands, behind one separator or a gap between words
 * (*ret_word); 0: the run ends. */
static size_t next_single(const unsigned char *text, size_t len, size_t at, unsigned char separator,
			  bool *ret_word)
{
	size_t next = at, spaces, end;
	bool parted = false;

	*ret_word = false;
	if (next < len && text[next] == separator) {
		parted = true;
		next++;
	}
	for (spaces = 0; next + spaces < len && spaces < 6 && text[next + spaces] == ' ';)
		spaces++;
	*ret_word = spaces > 0;
	next += spaces;
	if (spaces && separator != ' ' && next < len && text[next] == separator) {
		parted = true;
		next++; /* a space that was spaced out itself */
	}
	if (next == at || next >= len || text[next] == '\n')
		return 0;
	end = next + char_len(text, len, next);
	/* Followed by the separator or a gap, or the last one. */
	if (end >= len || text[end] == separator)
		return next;
	if (begins_another(text, len, end) || (!parted && separator != ' ' && !is_word_within(text, len, end, separator)))
		return 0;
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
	*ret_enough = letters >= SPACED_MIN || digits + letters >= SPACED_DIGITS;
	return end;
}

static bool is_sign(unsigned char c)
{
	return c > ' ' && c < 0x7f && !isalnum(c);
}

/* Signs that stand before the first letter, each with the separator behind it, or a gap where a word of them ends. */
static size_t run_start(const unsigned char *text, size_t from, size_t at, unsigned char separator)
{
	for (;;) {
		size_t sign = at;

		if (sign > from && (text[sign - 1] == separator || text[sign - 1] == ' '))
			sign--;
		while (sign > from && at - sign < 3 && text[sign - 1] == ' ')
			sign--;
		if (sign == at || sign == from || !is_sign(text[sign - 1]))
			return at;
		sign--;
		if (sign > from && text[sign - 1] != separator && text[sign - 1] > ' ' && !strchr("\"'`([{", text[sign - 1]))
			return at;
		at = sign;
	}
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

/* The next place from `at` on where letters begin, none of which stand before it; the others are not alone. */
static size_t next_start(const unsigned char *text, size_t len, size_t at)
{
	if (at && is_letter(text[at - 1]))
		while (at < len && is_letter(text[at]))
			at++;
	while (at < len && !is_letter(text[at]))
		at++;
	return at;
}

void ab_spaced_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while ((at = next_start(text, len, at)) < len) {
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
