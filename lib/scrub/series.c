/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/series.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/utf8.h"

#define REACH ((size_t)4 << 10) /* bytes that a series is followed beyond where it was seen */
#define LEAST 8			/* numbers that make a text */
#define PROBE 24		/* first bytes that say whether it is one */

static bool is_text(const struct ab_buf *b)
{
	struct ab_text_probe probe = { 0 };

	while (probe.n < b->len && probe.n < PROBE)
		ab_text_probe_add(&probe, (unsigned char)b->data[probe.n]);
	return probe.n >= LEAST && probe.plain + 1 >= probe.n;
}

/* Whether there is a text among bytes that are none, which become ends of lines; UTF-16 stays as it is. */
static bool keep_texts(struct ab_buf *b)
{
	size_t run = 0, longest = 0, zero = 0;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];

		zero += c == 0;
		run = (c >= ' ' && c < 0x7f) || c == '\t' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	if (b->len >= LEAST && zero >= b->len / 3)
		return zero <= b->len / 2 + 1;
	for (size_t i = 0; longest >= LEAST && i < b->len; i++)
		if (((unsigned char)b->data[i] < ' ' && b->data[i] != '\t') || (unsigned char)b->data[i] >= 0x7f)
			b->data[i] = '\n';
	return longest >= LEAST;
}

static bool is_prefix(const unsigned char *p, size_t left)
{
	return left > 2 && (p[0] == '0' || p[0] == '\\') && (p[1] | 0x20) == 'x';
}

/* A number and its prefix at p: its length, 0 if there is none. */
static size_t number_at(const unsigned char *p, size_t left, bool hex, uint32_t *ret)
{
	size_t n = hex && is_prefix(p, left) ? 2 : 0, first = n, most = hex ? 2 : 7;

	for (*ret = 0; n < left && n - first < most; n++) {
		if (!(hex ? isxdigit(p[n]) : isdigit(p[n])))
			break;
		*ret = *ret * (hex ? 16 : 10) +
		       (uint32_t)(isdigit(p[n]) ? p[n] - '0' : (p[n] | 0x20) - 'a' + 10);
	}
	return n > first && !(n < left && (isalnum(p[n]) || p[n] == '_')) ? n : 0;
}

/* What parts two numbers: spaces with one sign among them at most. */
static size_t gap_at(const unsigned char *p, size_t left)
{
	size_t n = 0, signs = 0;

	while (n < left && n < 8 && (isspace(p[n]) || (p[n] && strchr(",:;-", p[n]) && !signs++)))
		n++;
	return n;
}

/* Where it ends. */
static size_t build(struct ab_view *v, const unsigned char *text, size_t at, size_t end, bool hex)
{
	size_t n, gap;
	uint32_t c;

	while (at < end && (n = number_at(text + at, end - at, hex, &c))) {
		unsigned char utf8[4] = { (unsigned char)c };
		size_t len = c < 0x100 ? 1 : ab_utf8_encode(c, utf8);

		ab_view_unit(v, utf8, len, at, n);
		gap = gap_at(text + at + n, end - at - n);
		at += n + gap;
		if (!gap || !len)
			break;
	}
	return at;
}

/* A first byte of a letter as hex begins with a letter itself, and is not what was seen. */
size_t ab_series_begin(const unsigned char *text, size_t at, size_t lo)
{
	size_t from = at;

	while (at >= lo + 3 && from - at < REACH && isxdigit(text[at - 3]) &&
	       isxdigit(text[at - 2]) && gap_at(text + at - 1, 1) &&
	       !(at > lo + 3 && isalnum(text[at - 4])))
		at -= 3;
	return at;
}

size_t ab_series_build(struct ab_view *v, const unsigned char *text, size_t at, size_t end, size_t lo,
		       size_t hi, bool hex)
{
	size_t stop = build(v, text, hex ? ab_series_begin(text, at, lo) : at, hi - end > REACH ? end + REACH : hi, hex);

	/* What ends a series is no number: its word is passed over. */
	while (stop < end && isalnum(text[stop]))
		stop++;
	while (stop < end && !isalnum(text[stop]) && !is_prefix(text + stop, end - stop))
		stop++;
	if (is_text(&v->buf) || keep_texts(&v->buf))
		v->kinds = AB_VIEW_HEX;
	else
		ab_view_clear(v);
	return stop > at ? stop : at + 1;
}
