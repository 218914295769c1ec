/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that say nothing to a reader, in the shapes in which they are cut up: groups of one length, lines of one
 * length, and a run of all the signs there are, as the encodings in base 85 make it.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/base64.h"
#include "lib/scrub/hex.h"
#include "lib/scrub/match.h"
#include "lib/scrub/norm.h"
#include "lib/scrub/run.h"

#define GROUPS_MIN  8	 /* groups in a row */
#define GROUPS_TEXT 80	 /* characters of them together */
#define GROUP_MIN   4	 /* characters of one */
#define GROUPS_HEX  32	 /* groups in a row of hexadecimal, which tables have fewer of in one line */
#define LINE_MIN    3	 /* lines in a row */
#define LINE_HEAD   20	 /* bytes of a line that may stand before what is cut up: a number, a sign, a quote */
#define LINE_TAIL   8	 /* and behind it */
#define DENSE_MIN   56	 /* bytes of a run of all signs */
#define DENSE_REACH 96	 /* bytes on each side that tell */
#define DENSE_SIGNS 9	 /* different signs in it that are no letters and digits */
#define REACH	    4096 /* bytes that are looked at */
#define TOKEN_MAX   512	 /* bytes of a token that is a line */

/* What characters there are in a text that was cut up. */
struct mix {
	size_t n, upper, lower, digit, hex;
	size_t changes; /* from one of these to another */
	size_t count[128];
};

static int kind_of(unsigned char c)
{
	return isdigit(c) ? 1 : isupper(c) ? 2 : islower(c) ? 3 : 0;
}

static void mix_add(struct mix *m, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		m->upper += isupper(p[i]) != 0;
		m->lower += islower(p[i]) != 0;
		m->digit += isdigit(p[i]) != 0;
		m->hex += isxdigit(p[i]) != 0;
		m->changes += i && kind_of(p[i]) != kind_of(p[i - 1]);
		m->count[p[i] & 127]++;
	}
	m->n += len;
}

/* Whether none of them stands out, as the commonest letters do in each language. */
static bool is_even(const struct mix *m)
{
	for (unsigned c = 0; c < 128; c++)
		if (m->count[c] * 8 > m->n)
			return false;
	return true;
}

/* Base64 has both cases and digits as chance has it; base32 and base36 have one case and many digits.
 * Hexadecimal is what sums and addresses are written in. */
static bool is_random(const struct mix *m)
{
	if (m->hex == m->n || !is_even(m))
		return false;
	if (m->upper && m->lower)
		return m->upper * 8 >= m->n && m->lower * 8 >= m->n && m->digit * 20 >= m->n &&
		       m->changes * 5 >= m->n * 2; /* in names there are fewer */
	return m->digit * 16 >= m->n && m->digit * 2 < m->n;
}

/* Hexadecimal as chance has it, of which a table or a dump has many zeros. */
static bool is_random_hex(const struct mix *m)
{
	return m->hex == m->n && is_even(m) && m->digit * 2 >= m->n && m->digit * 4 <= m->n * 3 &&
	       !(m->upper && m->lower);
}

/* The group's bytes, two hexadecimal digits each, that are a letter or a blank of a text; false: they are no text's. */
static bool add_text(const unsigned char *p, size_t len, size_t *letters)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		int high = ab_hex_value(p[i]), low = ab_hex_value(p[i + 1]), c = high * 16 + low;

		if (high < 0 || low < 0 || (c < ' ' ? c != '\n' && c != '\r' && c != '\t' : c > '~'))
			return false;
		*letters += isalpha(c) || c == ' ';
	}
	return len % 2 == 0;
}

/* Where it ends, or TOKEN_MAX bytes on: no line and no group is so long. */
static size_t token_end(const struct ab_scrub_place *p, size_t at)
{
	size_t stop = p->hi - at > TOKEN_MAX ? at + TOKEN_MAX : p->hi;

	while (at < stop && ab_base64_value(p->text[at]) >= 0)
		at++;
	return at;
}

static size_t skip_padding(const struct ab_scrub_place *p, size_t at)
{
	for (int i = 0; i < 6 && at < p->hi && p->text[at] == '='; i++)
		at++;
	return at;
}

/* One blank, or the end of a line and what it is indented by. */
static size_t gap_end(const struct ab_scrub_place *p, size_t at)
{
	size_t end = at;

	if (end < p->hi && p->text[end] == '\r')
		end++;
	if (end < p->hi && p->text[end] == '\n')
		for (end++; end < p->hi && end - at < 16 && strchr(" \t>", p->text[end]) && p->text[end];)
			end++;
	else if (end == at && end < p->hi && (p->text[end] == ' ' || p->text[end] == '\t'))
		end++;
	else
		end = at;
	return end;
}

/* Groups of one length with one blank between: 1d3w6DX8 I8JWw0Ko zKaMNIiW ... */
bool ab_scrub_match_groups(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->at, stop = token_end(p, at), len = stop - at, groups = 0, lines = 0, letters = 0;
	struct mix mix = { 0 };
	bool text = true;

	if (len < GROUP_MIN)
		return false;
	/* One before it, which had no blank of its own. */
	if (at > p->lo + len && at - p->lo > len && ab_base64_value(p->text[at - 2]) >= 0) {
		size_t first = at - 1 - len;

		if (token_end(p, first) == at - 1 && (first == p->lo || ab_base64_value(p->text[first - 1]) < 0))
			at = first;
	}
	*start = at;
	while (at < p->hi && at - *start < REACH) {
		stop = token_end(p, at);
		if (stop - at > len || stop == at || (stop - at < len && groups < GROUPS_MIN))
			break;
		mix_add(&mix, p->text + at, stop - at);
		text = text && add_text(p->text + at, stop - at, &letters);
		groups++;
		*end = skip_padding(p, stop);
		at = gap_end(p, *end);
		if (groups == 2 * GROUPS_MIN && !is_random(&mix) && !is_random_hex(&mix) && !text)
			return false; /* a text of such words asks often */
		lines += at - *end > 1 || (at > *end && p->text[*end] == '\n');
		if (at == *end || mix.n < groups * len)
			break;
	}
	if (groups >= GROUPS_HEX && is_random_hex(&mix))
		return lines * 8 <= groups;
	if (groups >= 2 * GROUPS_MIN && mix.n >= GROUPS_TEXT && text && letters * 4 >= mix.n && mix.digit < mix.n)
		return true;
	return groups >= GROUPS_MIN && mix.n >= GROUPS_TEXT && is_random(&mix);
}

/* A line that is one long token with little around it. */
struct line {
	size_t begin, end; /* of the line */
	size_t at, stop;   /* of the token, its padding left out */
};

/* Reads the line that begins at `begin`; false: it is none of these. */
static bool read_line(const struct ab_scrub_place *p, size_t begin, size_t len, struct line *ret)
{
	size_t most = LINE_HEAD + TOKEN_MAX + LINE_TAIL, hi = p->hi - begin > most ? begin + most : p->hi;
	const unsigned char *newline = memchr(p->text + begin, '\n', hi - begin);
	size_t end = newline ? (size_t)(newline - p->text) : hi, at = begin, stop = begin;

	while (at < end && at - begin <= LINE_HEAD) {
		stop = token_end(p, at);
		if (stop > end)
			stop = end;
		if (stop - at >= len)
			break;
		at = stop > at ? stop : at + 1;
	}
	if (stop - at < len || at - begin > LINE_HEAD || end - stop > LINE_TAIL)
		return false;
	for (size_t i = stop; i < end; i++)
		if (isalnum(p->text[i]) && !(p->text[i] == 'n' && p->text[i - 1] == '\\'))
			return false;
	*ret = (struct line){ begin, end, at, stop };
	return true;
}

static size_t line_begin(const struct ab_scrub_place *p, size_t at, size_t most)
{
	size_t lo = at - p->lo > most ? at - most : p->lo;
	const unsigned char *newline = memrchr(p->text + lo, '\n', at - lo);

	return newline ? (size_t)(newline - p->text) + 1 : lo;
}

/* Whether the line before `begin` is one of the same block, or the head of a block that says what it is. */
static bool goes_on(const struct ab_scrub_place *p, size_t begin, size_t len)
{
	struct line before;
	size_t from;

	if (begin < p->lo + 2)
		return false;
	from = line_begin(p, begin - 1, 256);
	if (begin - from < 3) /* an empty line behind a head */
		from = line_begin(p, from > p->lo ? from - 1 : from, 256);
	return memmem(p->text + from, begin - from, "-----", 5) ||
	       (read_line(p, from, len, &before) && before.stop - before.at == len);
}

/* A key or a sum whose name stands before it: sha256-, sha512=, h1: */
static bool is_named_sum(const struct ab_scrub_place *p, const struct line *l)
{
	return memmem(p->text + l->begin, l->at + 4 - l->begin, "sha", 3) ||
	       memmem(p->text + l->begin, l->at + 4 - l->begin, "h1:", 3) ||
	       memmem(p->text + l->begin, l->at - l->begin, "ssh-", 4);
}

/* Words have no digit and no sign, sums have hexadecimal digits alone; data of a line's length next to always
 * has what both have not. */
static bool may_be_data(const unsigned char *p, size_t len)
{
	bool sign = false, other = false;

	for (size_t i = 0; i < len && !(sign && other); i++) {
		sign |= isdigit(p[i]) || p[i] == '+' || p[i] == '/';
		other |= !isxdigit(p[i]);
	}
	return sign && other;
}

/*
 * Three lines or more that are one long token each, of one length but the last one, each with a number, a sign
 * or quotes around it. The first of them is asked for all.
 */
bool ab_scrub_match_lines(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t begin = line_begin(p, p->at, 64), len, lines = 0;
	struct line line = { 0 }, second;
	struct mix mix;

	if (p->at - begin > LINE_HEAD)
		return false;
	len = token_end(p, p->at) - p->at;
	if (len >= TOKEN_MAX || p->hi - p->at - len < len || !may_be_data(p->text + p->at, len) ||
	    !read_line(p, begin, len, &line) || line.at != p->at || line.end + 1 >= p->hi ||
	    !read_line(p, line.end + 1, len, &second) || second.stop - second.at != len ||
	    goes_on(p, begin, len) || is_named_sum(p, &line))
		return false;
	*start = line.at;
	mix = (struct mix){ 0 };
	while (begin < p->hi && begin < *start + REACH && read_line(p, begin, lines < 2 ? len : 8, &line) &&
	       line.stop - line.at <= len) {
		mix_add(&mix, p->text + line.at, line.stop - line.at);
		lines++;
		*end = skip_padding(p, line.stop);
		begin = line.end + 1;
		if (line.stop - line.at < len)
			break;
	}
	return lines >= LINE_MIN && is_random(&mix);
}

/* What no encoding in base 85 has but that of Adobe, which has brackets, ends a run: " ' , and \ */
static bool is_dense_byte(unsigned char c)
{
	static const unsigned char dense[256] = { ['!'] = 1,		['#' ... '&'] = 1, ['(' ... '+'] = 1,
						  ['-' ... '['] = 1, [']' ... '~'] = 1 };

	return dense[c];
}

/* Signs of Z85 (ZeroMQ RFC 32) that RFC 1924 has not, and the other way round. */
static bool is_one_alphabet(const struct mix *m)
{
	static const char z85[] = ".:/[]", rfc1924[] = ";_`|~";
	size_t first = 0, second = 0;

	for (const char *c = z85; *c; c++)
		first += m->count[(unsigned char)*c];
	for (const char *c = rfc1924; *c; c++)
		second += m->count[(unsigned char)*c];
	return !first || !second;
}

/* A run in which all letters, digits and signs are as frequent as chance has it: base 85. */
bool ab_scrub_match_dense(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t a = p->at + 16, b = a, signs = 0, letters = 0;
	struct mix mix = { 0 };

	while (a > p->lo && p->at + 16 - a < DENSE_REACH && is_dense_byte(p->text[a - 1]))
		a--;
	while (b < p->hi && b - a < 2 * DENSE_REACH && is_dense_byte(p->text[b]))
		b++;
	while (b > a && b - a > 1 && p->text[a] == '>') /* of a quotation */
		a++;
	if (b - a < DENSE_MIN)
		return false;
	mix_add(&mix, p->text + a, b - a);
	for (unsigned c = '!'; c < 0x7f; c++) {
		signs += mix.count[c] && !isalnum((int)c);
		letters += mix.count[c] && isalpha((int)c);
	}
	if (signs < DENSE_SIGNS || letters < 22 || mix.upper * 7 < mix.n || mix.lower * 7 < mix.n ||
	    mix.digit * 20 < mix.n || !is_even(&mix) || !is_one_alphabet(&mix))
		return false;
	while (b < p->hi && is_dense_byte(p->text[b])) /* what is found is all of it */
		b++;
	*start = a;
	*end = b;
	return true;
}

#define BINARY_BLOCK 64
#define BINARY_GAP   4 /* blocks that say nothing by themselves */

bool ab_scrub_match_binary(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t size = p->hi - p->at, last = p->at;

	if (ab_utf16_builder(p->text + p->at, size, 0) || ab_utf16_script(p->text + p->at, size) != AB_UTF16_NONE)
		return false;
	for (size_t at = p->at; p->hi - at >= BINARY_BLOCK && at - last <= BINARY_GAP * BINARY_BLOCK; at += BINARY_BLOCK)
		if (ab_run_is_binary(p->text + at))
			last = at + BINARY_BLOCK;
	*start = p->at;
	/* What is left of it is no whole block. */
	*end = p->hi - last < BINARY_BLOCK ? p->hi : last;
	return true;
}
