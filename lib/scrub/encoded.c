/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/encoded.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/scrub/base64.h"
#include "lib/scrub/beside.h"
#include "lib/scrub/decode.h"
#include "lib/scrub/hex.h"
#include "lib/scrub/noise.h"
#include "lib/scrub/norm.h"
#include "lib/scrub/series.h"

#define WRAP_MIN 16 /* characters of a line of a wrapped token */
#define NAME_MAX 64 /* bytes of a name before one */
#define HEX_MIN	 12 /* digits of a hex run that is decoded */
#define EACH	 0x0101010101010101u
#define PROBE	 24  /* first decoded bytes that say whether the rest is text */
#define LATER	 12  /* bytes that are text among others that are none */
#define AROUND	 4096 /* characters of a token that are decoded then */
#define SHORT	 6   /* bytes that are a text if all of them are plain */
#define FAR	 ((size_t)256 << 10) /* bytes of a token behind which those before are given back */
#define SIGNS	 3   /* that base64 has and hexadecimal has not, before a run of that */
#define DULL_MAX 160 /* bytes of a token that are looked at first */
#define WHOLE	 256 /* bytes of a decoded text that may be all one token, however short */

/* A decoder of a token, byte by byte: bits that are there and those that are still to come. */
struct token {
	const unsigned char *text;
	size_t at, end;
	unsigned width; /* bits a character: 6 or 4 */
	uint32_t bits;
	unsigned have;
	bool lines; /* each line is a token of its own, and a line of what is decoded */
};

/* The next decoded byte, -1 at the end. */
static inline int token_next(struct token *t)
{
	while (t->have < 8) {
		int value;

		if (t->at >= t->end)
			return -1;
		value = t->width == 6 ? ab_base64_value(t->text[t->at]) : ab_hex_value(t->text[t->at]);
		t->at++;
		if (value < 0 && t->lines && t->text[t->at - 1] == '\n') {
			t->have = 0;
			return '\n';
		}
		if (value < 0)
			continue; /* padding, a line's end */
		t->bits = t->bits << t->width | (uint32_t)value;
		t->have += t->width;
	}
	t->have -= 8;
	return t->bits >> t->have & 0xff;
}

/* Whether the decoded bytes begin as UTF-16 with a mark, or of another script than Latin. */
static bool is_utf16(struct token t)
{
	unsigned char bytes[PROBE];
	size_t n = 0;
	int c;

	while (n < AB_UTF16_HEAD && (c = token_next(&t)) >= 0)
		bytes[n++] = (unsigned char)c;
	if (n == AB_UTF16_HEAD && !ab_utf16_may_begin(bytes))
		return false;
	while (n < PROBE && (c = token_next(&t)) >= 0)
		bytes[n++] = (unsigned char)c;
	return ab_utf16_script(bytes, n) != AB_UTF16_NONE;
}

/* Whether the decoded bytes begin as text does; UTF-16 counts. Nearly all tokens are words, and
 * decode to noise: two bytes of it are enough. */
static bool is_text(struct token t)
{
	struct ab_text_probe probe = { 0 };
	size_t zero = 0;
	int c;

	if (is_utf16(t))
		return true;
	while (probe.n < PROBE && probe.n < probe.plain + zero + 2 && (c = token_next(&t)) >= 0) {
		ab_text_probe_add(&probe, (unsigned char)c);
		zero += c == 0;
	}
	if (zero)
		return probe.n >= 8 && zero + 1 >= probe.n / 2 && probe.plain + 1 >= probe.n / 2;
	return probe.n >= SHORT && probe.plain + (probe.n >= 8) >= probe.n;
}

/* Whether all that a token says is text: what a word decodes to is not. */
static bool is_all_text(const unsigned char *bytes, size_t n)
{
	struct ab_text_probe probe = { 0 };

	while (probe.n < n && probe.plain == probe.n)
		ab_text_probe_add(&probe, bytes[probe.n]);
	return probe.plain == n;
}

/* What a token says between what stands beside it: a name before it may say what it is. */
static int scan_beside(struct ab_scan *s, const struct ab_view *parent, size_t at, size_t end, const unsigned char *bytes,
		       size_t n, uint32_t kind)
{
	struct ab_view *v = ab_decode_begin(s, parent);
	struct ab_beside beside;
	size_t lo, hi, value;

	if (!n || n > AB_BESIDE_MAX || s->stopped || parent->beside == AB_VIEW_WITHIN || !is_all_text(bytes, n))
		return 0;
	ab_view_segment(parent, at, &lo, &hi);
	if (!ab_beside_read(&beside, parent->text, lo, hi, at, end))
		return 0;
	v->kinds = kind;
	ab_view_copy(v, parent->text + beside.from, beside.from, beside.to - beside.from);
	value = v->buf.len;
	ab_view_unit(v, bytes, n, at, end - at);
	ab_view_copy(v, parent->text + beside.next, beside.next, beside.end - beside.next);
	return ab_decode_scan_beside(s, v, value, value + n);
}

/* Decodes a token into views of at most AB_DECODE_PIECE bytes that overlap; each stands for all of it. */
static int scan_token(struct ab_scan *s, const struct ab_view *parent, struct token t,
		      uint32_t kind)
{
	struct ab_view *v = ab_decode_begin(s, parent);
	size_t whole = t.end - t.at, n = 0, at = t.at;
	ab_autofree unsigned char *bytes = malloc(AB_DECODE_PIECE);
	int c;

	if (!bytes)
		return ab_err_memory(s->err);
	v->base = t.at;
	v->kinds = kind;
	do {
		while (n < AB_DECODE_PIECE && (c = token_next(&t)) >= 0)
			bytes[n++] = (unsigned char)c;
		if (parent->hold && t.at - v->base > FAR)
			ab_hold_forget(parent->hold, v->base, t.at);
		ab_view_clear(v);
		ab_view_unit(v, bytes, n, 0, whole);
		if (ab_decode_scan(s, v) < 0)
			return -1;
		if (n < AB_DECODE_PIECE)
			return scan_beside(s, parent, at, t.end, bytes, n, kind);
		memmove(bytes, bytes + n - AB_DECODE_OVERLAP, AB_DECODE_OVERLAP);
		n = AB_DECODE_OVERLAP;
	} while (!s->stopped);
	return 0;
}

/* Whether what stands behind a space is a line of the same token, and no word. */
static bool is_line(const unsigned char *p, size_t len, size_t line)
{
	if (len == line)
		return true;
	for (size_t i = 0; i < len; i++)
		if (isdigit(p[i]) || p[i] == '=')
			return true;
	return false;
}

/* Where a token that is broken into lines of one length ends. */
static size_t wrapped_end(const struct ab_view *v, size_t at, size_t end, size_t hi)
{
	size_t line = end - at, kept = at;

	while (line >= WRAP_MIN && end < hi && v->text[end - 1] != '=') {
		size_t next = end, stop;

		while (next < hi && next - end < 16 && isspace(v->text[next]))
			next++;
		for (stop = next;
		     stop < hi && stop - next <= line && ab_base64_value(v->text[stop]) >= 0;)
			stop++;
		while (stop < hi && v->text[stop] == '=')
			stop++;
		if (next == end || stop - next < 4 || stop - next > line)
			break;
		if (!memchr(v->text + end, '\n', next - end) &&
		    !is_line(v->text + next, stop - next, line))
			break;
		end = stop;
		if (v->hold && end - kept > FAR) {
			ab_hold_forget(v->hold, kept > FAR ? kept - FAR : 0, end);
			kept = end;
		}
		if (stop - next < line)
			break;
	}
	return end;
}

/* Hexadecimal digits, and ends of lines between them. */
static bool is_hex_run(const struct ab_view *v, size_t at, size_t len)
{
	const unsigned char *p = v->text + at;
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (ab_hex_value(p[i]) >= 0)
			digits++;
		else if (!isspace(p[i]))
			return false;
		if (v->hold && i % FAR == FAR - 1)
			ab_hold_forget(v->hold, at + i / FAR * FAR, at + i);
	}
	return digits >= HEX_MIN && digits % 2 == 0;
}

/* A bit for each of eight bytes that is a capital, of what base64 and its padding are written in, and spaces. */
static inline uint64_t capitals8(uint64_t v)
{
	return v >> 6 & ~(v >> 5) & ~(v >> 4 & v >> 3 & v >> 2) & EACH; /* "_" is 0x5f */
}

/* The same of small letters and digits. */
static inline uint64_t others8(uint64_t v)
{
	return ((v >> 6 & v >> 5) | (v >> 4 & ~(v >> 6) & ~(v >> 3 & v >> 2))) & EACH; /* "=" is 0x3d */
}

/* Base64 of letters of full width, which has no capitals for long. */
static bool is_wide(const unsigned char *p)
{
	return p[0] == '7' && p[1] == '7' && (p[2] == 'y' || p[2] == '2');
}

/* Text in base64 has capitals, and small letters or digits, nearly at once; words have not. */
static bool is_mixed_case(const unsigned char *p, size_t len)
{
	uint64_t other = 0, upper = 0;

	for (size_t i = 0; i < len && i < PROBE; i += 8) {
		uint64_t word;

		memcpy(&word, p + i, sizeof(word)); /* of ASCII; there is a pad */
		word = le64toh(word) & (len - i < 8 ? ((uint64_t)1 << 8 * (len - i)) - 1 : ~(uint64_t)0);
		other |= others8(word);
		upper |= capitals8(word);
	}
	return other && (upper || is_wide(p));
}

/* Whether neither a token nor what it has behind its first line is base64, since there is no capital, or hexadecimal:
 * most are paths and names, and a word behind them. */
static bool is_dull(const unsigned char *p, size_t line, size_t len)
{
	uint64_t upper = 0, word;
	size_t i;

	if (len < 8 || len > DULL_MAX || len - line >= HEX_MIN || memchr(p, '=', line) || is_wide(p))
		return false;
	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, p + i, sizeof(word)); /* the same in either order */
		upper |= capitals8(word);
	}
	memcpy(&word, p + len - 8, sizeof(word));
	if (upper | capitals8(word))
		return false;
	for (i = SIGNS; i < line && ab_hex_value(p[i]) >= 0;)
		i++;
	return i < line;
}

/* Whether so many bytes are text of ASCII, which happens once in some 100,000 times to those that are none. */
static bool is_plain(struct token t)
{
	for (int i = 0, c; i < LATER; i++) {
		c = token_next(&t);
		if (c < '\t' || c >= 0x7f || (c < ' ' && c > '\r'))
			return false;
	}
	return true;
}

/* Looks for texts among bytes that are none, and scans what is around each. */
static int scan_within(struct ab_scan *s, const struct ab_view *v, struct token t, uint32_t kind)
{
	const size_t step = LATER * 8 / t.width, end = t.end;

	while (end - t.at >= 2 * step && !s->stopped) {
		struct token next = t;

		next.at += step;
		if (is_plain(next)) {
			t.end = end - t.at > AROUND ? t.at + AROUND : end;
			if (scan_token(s, v, t, kind) < 0)
				return -1;
			next.at = t.end - step;
		}
		t = next;
		t.end = end;
	}
	return 0;
}

/* Tries hex, then base64 at each of the four places where a group can begin; `within`: then behind bytes that are no
 * text. */
static int scan_run(struct ab_scan *s, const struct ab_view *v, size_t at, size_t end, bool within)
{
	struct token t = { .text = v->text, .end = end, .width = 4 };
	struct ab_noise eight;

	if (v->text[at] == '0' && (v->text[at + 1] | 0x20) == 'x')
		at += 2;
	/* https://6576: signs that base64 has and hexadecimal has not. */
	for (t.at = at; t.at < end && t.at - at < SIGNS && !isalnum(v->text[t.at]);)
		t.at++;
	if (is_hex_run(v, t.at, end - t.at)) {
		if (is_text(t))
			return scan_token(s, v, t, AB_VIEW_HEX);
		if (within && scan_within(s, v, t, AB_VIEW_HEX) < 0)
			return -1;
	}
	if (!is_mixed_case(v->text + at, end - at))
		return 0;
	t.width = 6;
	eight = ab_noise_begin(v->text + at, 7);
	for (size_t shift = 0; shift < 4 && at + shift + 8 < end; shift++) {
		t.at = at + shift;
		ab_noise_add(&eight, v->text[t.at + 7]);
		if (!ab_noise_is(&eight) && is_text(t))
			return scan_token(s, v, t, AB_VIEW_BASE64);
	}
	t.at = at;
	return within ? scan_within(s, v, t, AB_VIEW_BASE64) : 0;
}

/* 6 or 4, if what is decoded of the line begins as text does, else 0. */
static unsigned width_of(const struct ab_view *v, size_t at, size_t end)
{
	struct token t = { .text = v->text, .at = at, .end = end, .width = 4 };
	struct ab_noise eight;

	if (is_hex_run(v, at, end - at) && is_text(t))
		return 4;
	t.width = 6;
	if (end - at <= 8 || !is_mixed_case(v->text + at, end - at))
		return 0;
	eight = ab_noise_begin(v->text + at, 8);
	return !ab_noise_is(&eight) && is_text(t) ? 6 : 0;
}

/* The lines of a token one by one: those before may be no part of it, and no text. Neighbours that are
 * texts share a view. */
static int scan_lines(struct ab_scan *s, const struct ab_view *v, size_t at, size_t end)
{
	struct token t = { .text = v->text, .lines = true };

	for (size_t stop = at; at < end && !s->stopped; at = stop) {
		unsigned width;

		while (at < end && isspace(v->text[at]))
			at++;
		for (stop = at; stop < end && !isspace(v->text[stop]);)
			stop++;
		width = width_of(v, at, stop);
		if (t.width && width != t.width && scan_token(s, v, t, t.width == 4 ? AB_VIEW_HEX : AB_VIEW_BASE64) < 0)
			return -1;
		if (!width && stop - at > 8 && scan_run(s, v, at, stop, true) < 0)
			return -1;
		if (width != t.width)
			t.at = at;
		t.width = width;
		t.end = stop;
	}
	return t.width ? scan_token(s, v, t, t.width == 4 ? AB_VIEW_HEX : AB_VIEW_BASE64) : 0;
}

/* Behind a name and "=", which are letters of base64 and its padding, a token of its own begins. */
static int scan_named(struct ab_scan *s, const struct ab_view *v, size_t at, size_t end)
{
	const unsigned char *sign = memchr(v->text + at, '=', end - at);
	size_t from = sign ? (size_t)(sign - v->text) + 1 : end;

	if (end - from < WRAP_MIN / 2 || from - at > NAME_MAX || v->text[from] == '=' || ab_base64_value(v->text[from]) < 0)
		return 0;
	return scan_run(s, v, from, end, false);
}

int ab_encoded_scan(struct ab_scan *s, const struct ab_view *v, const struct ab_ranges *r,
		       size_t *done)
{
	for (size_t i = 0; i < r->n && !s->stopped; i++) {
		size_t at = r->items[i].at, lo, hi, line, end;

		if (r->items[i].end <= *done)
			continue;
		ab_view_segment(v, at, &lo, &hi);
		line = r->items[i].end < hi ? r->items[i].end : hi;
		end = wrapped_end(v, at, line, hi);
		*done = end;
		if (is_dull(v->text + at, line - at, end - at) || ab_decode_is_done(v, at, end))
			continue;
		if (scan_run(s, v, at, end, end == line) < 0 || scan_named(s, v, at, end) < 0)
			return -1;
		if (end > line && scan_lines(s, v, at, end) < 0)
			return -1;
	}
	return 0;
}

int ab_encoded_scan_whole(struct ab_scan *s, const struct ab_view *v)
{
	size_t end = v->size;

	if (!v->parent || v->kinds & AB_VIEW_JSON || !end || end > WHOLE)
		return 0;
	while (end && (v->text[end - 1] == '=' || isspace(v->text[end - 1])))
		end--;
	for (size_t i = 0; i < end; i++)
		if (ab_base64_value(v->text[i]) < 0)
			return 0;
	return scan_run(s, v, 0, end, true);
}
