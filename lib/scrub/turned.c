/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that somebody says are written backwards, in ROT13 or with digits for letters: reverse("..."), (reversed) ...,
 * read this backwards: ..., "..."[::-1], rot13(...), 1337: .... What is said to be so is turned where it stands.
 */
#include "lib/scrub/turned.h"

#include <ctype.h>
#include <string.h>

#include "lib/scrub/wordlist.h"

#define TURNED_MAX 512 /* bytes that one announcement is of */
#define TURNED_MIN 4
#define WORDS_MAX  28 /* bytes between the word that says it and the colon behind which it is */
#define HEAD_MAX   16 /* and between the bracket and the word in it */

enum way { BACKWARDS, ROT13, LEET };

enum form { NONE, STRING, BRACKET, REST };

/* What is announced: bytes [at, end) of the text, which take the place of [from, to). */
struct turned {
	enum form form;
	enum way way;
	size_t from, to, at, end;
};

static bool is_quote(unsigned char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_end(unsigned char c)
{
	return c == '\n' || c == '\0';
}

/* The word at `at` that may say it: its end, 0 if it is none. */
static size_t read_word(const unsigned char *text, size_t len, size_t at, enum way *way)
{
	static const char *const words[] = { "reversed", "reverse", "strrev", "backwards", "backward", "rot13", "rot-13", "rot_13",
					     "leetspeak", "leet", "l33t", "1337" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		*way = i > 7 ? LEET : i > 4 ? ROT13 : BACKWARDS;
		if (len - at >= n && ab_word_stands(text + at, words[i], n))
			return !(at && isalnum(text[at - 1])) && !(at + n < len && isalnum(text[at + n])) ? at + n : 0;
	}
	*way = BACKWARDS;
	return len - at >= 6 && memcmp(text + at, "[::-1]", 6) == 0 ? at + 6 :
	       len - at >= 5 && memcmp(text + at, "| rev", 5) == 0 && !(at + 5 < len && isalnum(text[at + 5])) ? at + 5 : 0;
}

/* A string that begins with the quote at `at`. Within it there may be such quotes: it ends where the call does, in ROT13,
 * which leaves calls in it as they are, with the last of them. */
static bool read_string(const unsigned char *text, size_t len, size_t at, struct turned *ret)
{
	size_t first = 0, call = 0;

	if (at >= len || !is_quote(text[at]))
		return false;
	for (size_t end = at + 1; end < len && end - at <= TURNED_MAX && !is_end(text[end]) && (!call || ret->way == ROT13); end++) {
		if (text[end] != text[at])
			continue;
		first = first ? first : end;
		call = end + 1 < len && text[end + 1] == ')' ? end : call;
	}
	if (!first)
		return false;
	first = call ? call : first;
	*ret = (struct turned){ STRING, ret->way, ret->from, first + 1, at + 1, first };
	return true;
}

/* A string that ends with the quote before `end`. */
static bool read_string_before(const unsigned char *text, size_t end, struct turned *ret)
{
	size_t at;

	if (end < 2 || !is_quote(text[end - 1]))
		return false;
	for (at = end - 1; at && end - at <= TURNED_MAX && text[at - 1] != text[end - 1] && !is_end(text[at - 1]);)
		at--;
	if (!at || text[at - 1] != text[end - 1])
		return false;
	*ret = (struct turned){ STRING, ret->way, at - 1, ret->to, at, end - 1 };
	return true;
}

/* Behind what parts a string from the step that turns it: .split(''), .decode("...", */
static bool read_method(const unsigned char *text, size_t word, struct turned *ret)
{
	size_t at = word;

	while (at && word - at < 2 && (is_quote(text[at - 1]) || text[at - 1] == '.'))
		at--;
	if (at < word && text[at] == '.') { /* "...".split("").reverse() */
		while (at && word - at < 24 && text[at] != '(' && !is_end(text[at]))
			at--;
		for (size_t n = at; n && at - n < 8 && text[at] == '('; n--)
			if (text[n - 1] == '.')
				return read_string_before(text, n - 1, ret);
		return false;
	}
	while (at && at < word && word - at < 4 && (text[at - 1] == ' ' || text[at - 1] == ','))
		at--;
	return at + 1 < word && memchr(text + at, ',', word - at) && read_string_before(text, at, ret);
}

/* Where the words begin that go before the one at `word`: read this, apply. */
static size_t lead_begin(const unsigned char *text, size_t word)
{
	static const char lead[] = " read this it the following text string value written in apply decode decoded with using spelled spelt ";
	size_t at = word;

	for (size_t words = 0; words < 4; words++) {
		size_t end = at, from;

		while (end && text[end - 1] == ' ')
			end--;
		for (from = end; from && isalpha(text[from - 1]) && end - from < 12;)
			from--;
		if (from == end || end == at || !ab_wordlist_has(lead, (const char *)text + from, end - from))
			break;
		at = from;
	}
	return at;
}

/* What is said to be so up to the line's end. */
static bool read_rest(const unsigned char *text, size_t len, size_t at, enum form form, struct turned *ret)
{
	size_t end;

	/* In the next line, if this one is at its end. */
	for (bool next = false; at < len && (text[at] == ' ' || text[at] == '\t' || (text[at] == '\n' && !next)); at++)
		next |= text[at] == '\n';
	for (end = at; end < len && end - at < TURNED_MAX && !is_end(text[end]);)
		end++;
	while (end > at && end < len && (text[end] & 0xc0) == 0x80)
		end--; /* no half of a character */
	if (form == BRACKET || end - at >= TURNED_MIN)
		*ret = (struct turned){ form, ret->way, ret->from, end, at, end };
	return ret->form != NONE;
}

/* Whether the word stands in brackets, alone or with others: (reversed), [ROT13 encoded]. */
static bool read_bracket(const unsigned char *text, size_t len, size_t word, size_t end, struct turned *ret)
{
	size_t open = word, close = end;

	while (open && word - open < HEAD_MAX && (isalpha(text[open - 1]) || text[open - 1] == ' '))
		open--;
	while (close < len && close - end < HEAD_MAX && (isalpha(text[close]) || text[close] == ' '))
		close++;
	if (!open || close >= len || !((text[open - 1] == '(' && text[close] == ')') || (text[open - 1] == '[' && text[close] == ']')))
		return false;
	ret->from = open - 1;
	return read_rest(text, len, close + 1, BRACKET, ret);
}

/* What stands at `at` and says that a text is turned, and which. */
static bool read_turned(const unsigned char *text, size_t len, size_t at, struct turned *ret)
{
	enum way way;
	bool call;
	size_t end = read_word(text, len, at, &way), colon = end;

	*ret = (struct turned){ NONE, way, at, end, 0, 0 };
	if (!end)
		return false;
	if (!isalnum(text[at])) { /* [::-1] */
		while (at && text[at - 1] == ' ')
			at--;
		return read_string_before(text, at, ret);
	}
	call = end < len && text[end] == '(';
	if (call && end + 1 < len && read_string(text, len, end + 1, ret)) {
		ret->to += ret->to < len && text[ret->to] == ')';
		return true;
	}
	if (read_method(text, at, ret) || read_bracket(text, len, at, end, ret))
		return true;
	while (!call && colon < len && colon - end < WORDS_MAX && (isalpha(text[colon]) || strchr(" \"'*_", text[colon])) && text[colon])
		colon++;
	ret->from = lead_begin(text, at);
	if (!call && colon + 1 < len && text[colon] == ':' && text[colon + 1] != ':' && text[colon + 1] != '/')
		return read_rest(text, len, colon + 1, REST, ret);
	return way == ROT13 && end < len && text[end] == ' ' && read_rest(text, len, end, REST, ret);
}

size_t ab_turned_announces(const unsigned char *text, size_t size, size_t at)
{
	struct turned turned;

	return read_turned(text, size, at, &turned) ? turned.to : 0;
}

/* The next place from `at` on where a text is said to be turned, or the end. */
static size_t next_turned(const unsigned char *text, size_t len, size_t at, struct turned *ret)
{
	for (; at < len; at++)
		if (strchr("rRsSbB[|lL1", text[at]) && text[at] && read_turned(text, len, at, ret))
			return at;
	return len;
}

static unsigned char rot13_of(unsigned char c)
{
	return isalpha(c) ? (unsigned char)((c & 0x20) | ((c & 0x1f) + 12) % 26 | 0x40) + 1 : c;
}

/* What a digit or sign stands for; 1 for two letters, of which `first` is meant. */
static unsigned char leet_of(unsigned char c, unsigned char first)
{
	static const char signs[] = "0345789@$!|", letters[] = "oeastbgasil";
	const char *sign = c ? strchr(signs, c) : NULL;

	return c == '1' ? first : sign ? (unsigned char)letters[sign - signs] : c;
}

/* Adds bytes [at, end) turned. Backwards they stand for all of it, else each for itself. */
static void put(struct ab_view *v, const unsigned char *text, size_t at, size_t end, enum way way, unsigned char first)
{
	unsigned char turned[TURNED_MAX];
	size_t n = 0;

	if (way != BACKWARDS) {
		for (size_t i = at; i < end; i++)
			turned[n++] = way == ROT13 ? rot13_of(text[i]) : leet_of(text[i], first);
		ab_view_copy(v, turned, at, n);
		return;
	}
	for (size_t back = end, one; back > at; back -= one) {
		for (one = 1; one < 4 && back - one > at && (text[back - one] & 0xc0) == 0x80;)
			one++;
		memcpy(turned + n, text + back - one, one);
		n += one;
	}
	ab_view_unit(v, turned, n, at, end - at);
}

/* Which part of what is announced is turned: all, the first word alone, or what stands before. */
enum part { ALL, WORD, BEFORE };

static bool choose(const unsigned char *text, size_t from, enum part part, struct turned *t)
{
	if (part == ALL || (part == WORD && t->way == LEET))
		return t->end - t->at >= TURNED_MIN;
	if (t->form == STRING)
		return false;
	if (part == WORD) {
		size_t end = t->at;

		while (end < t->end && !isspace(text[end]))
			end++;
		if (end == t->end || end - t->at < TURNED_MIN)
			return false;
		t->to = t->end = end;
		return true;
	}
	if (t->form != BRACKET)
		return false;
	t->to = t->at;
	for (t->end = t->from; t->end > from && text[t->end - 1] == ' ';)
		t->end--;
	for (t->at = t->end; t->at > from && t->end - t->at < TURNED_MAX && !is_end(text[t->at - 1]);)
		t->at--;
	while (t->at < t->end && (text[t->at] & 0xc0) == 0x80)
		t->at++;
	t->from = t->at;
	return t->end - t->at >= TURNED_MIN;
}

static void build(struct ab_view *v, const unsigned char *text, size_t len, enum part part)
{
	size_t at = 0, from = 0;
	struct turned t;

	while ((at = next_turned(text, len, at, &t)) < len) {
		at++;
		if (t.from < from || !choose(text, from, part, &t))
			continue;
		ab_view_copy(v, text + from, from, t.from - from);
		put(v, text, t.at, t.end, t.way, part == ALL ? 'i' : 'l');
		v->kinds |= AB_VIEW_TURNED;
		from = t.to;
		at = at > from ? at : from;
	}
	if (v->kinds)
		ab_view_copy(v, text + from, from, len - from);
}

void ab_turned_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build(v, text, len, ALL);
}

void ab_turned_word_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build(v, text, len, WORD);
}

void ab_turned_before_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	build(v, text, len, BEFORE);
}
