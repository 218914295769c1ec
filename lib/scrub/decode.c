/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/decode.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/scrub/norm.h"
#include "lib/scrub/scan.h"
#include "lib/scrub/series.h"

#define NEAR 512 /* triggers nearer than this share a view */
#define CONTEXT                                                                                    \
	((size_t)1024) /* bytes around a trigger that a view has at least, lines ending it */
#define SERIES_NEAR 16 /* numbers of one series stand nearer to each other */
#define PIECE	    ((size_t)64 << 10) /* source bytes of one view */
#define OVERLAP                                                                                    \
	((size_t)4 << 10) /* what neighbouring views share, so that no edge hides a match          \
			   */
#define WRAP_MIN 16	  /* characters of a line of a wrapped token */
#define HEX_MIN	 12	  /* digits of a hex run that is decoded */
#define WORD_LINES 24	  /* lines of one word each that a range is widened by */
#define WORD_LINE  48	  /* bytes of one */
#define EACH	 0x0101010101010101u
#define PROBE	 24	  /* first decoded bytes that say whether the rest is text */
#define SHORT	 6	  /* bytes that are a text if all of them are plain */
#define WHOLE	 256	  /* bytes of a decoded text that may be all one token, however short */

static int add_range(struct ab_ranges *r, size_t at, size_t end, size_t near, struct ab_err *err)
{
	struct ab_run_hit *last = r->n ? &r->items[r->n - 1] : NULL;

	if (last && at <= last->end + near) {
		if (end > last->end)
			last->end = end;
		return 0;
	}
	if (r->n == r->capacity) {
		size_t capacity = r->capacity ? r->capacity * 2 : 64;
		struct ab_run_hit *items = realloc(r->items, capacity * sizeof(*items));

		if (!items)
			return ab_err_memory(err);
		r->items = items;
		r->capacity = capacity;
	}
	r->items[r->n++] = (struct ab_run_hit){ .at = at, .end = end };
	return 0;
}

int ab_triggers_add(struct ab_triggers *t, const struct ab_run_hit *hit, struct ab_err *err)
{
	switch (hit->run) {
	case AB_RUN_NORM:
		return add_range(&t->norm, hit->at, hit->end, NEAR, err);
	case AB_RUN_SPACED:
		return add_range(&t->spaced, hit->at, hit->end, NEAR, err);
	case AB_RUN_BASE64:
		return add_range(&t->tokens, hit->at, hit->end, 0, err);
	case AB_RUN_JOINED:
		return add_range(&t->joined, hit->at, hit->end, NEAR, err);
	case AB_RUN_LIST: /* a hit a number */
		return add_range(&t->series, hit->at, hit->end, SERIES_NEAR, err);
	default:
		return 0;
	}
}

void ab_triggers_clear(struct ab_triggers *t)
{
	t->norm.n = t->tokens.n = t->spaced.n = t->joined.n = t->series.n = 0;
}

void ab_triggers_free(struct ab_triggers *t)
{
	free(t->norm.items);
	free(t->tokens.items);
	free(t->spaced.items);
	free(t->joined.items);
	free(t->series.items);
}

/* Ends the building of a view and scans it, if it has become another text than its parent's. */
static int scan_view(struct ab_scan *s, struct ab_view *v)
{
	if (!v->kinds || !v->buf.len)
		return 0;
	if (v->buf.len > s->views_left) {
		size_t start = 0, end = 1;

		if (ab_view_finish(v, s->err) < 0)
			return -1;
		ab_view_to_source(v, &start, &end);
		return ab_scan_limit(s, "limit.views", start);
	}
	s->views_left -= v->buf.len;
	if (ab_view_finish(v, s->err) < 0)
		return -1;
	return ab_scan_view(s, v);
}

/* Widens a range to its line, CONTEXT bytes at most on each side, inside [lo, hi). */
static void widen(const struct ab_view *v, size_t *at, size_t *end, size_t lo, size_t hi)
{
	size_t from = *at - lo > CONTEXT ? *at - CONTEXT : lo;
	size_t to = hi - *end > CONTEXT ? *end + CONTEXT : hi;
	const unsigned char *newline;

	newline = memrchr(v->text + from, '\n', *at - from);
	*at = newline ? (size_t)(newline - v->text) : from;
	newline = memchr(v->text + *end, '\n', to - *end);
	*end = newline ? (size_t)(newline - v->text) + 1 : to;
	/* No view begins in the middle of a character. */
	while (*at > lo && (v->text[*at] & 0xc0) == 0x80 && from - *at < 4)
		--*at;
}

/* A new view of the parent, in place of the last one. */
static struct ab_view *begin_view(struct ab_scan *s, const struct ab_view *parent)
{
	struct ab_view *v = &s->below[parent->depth];

	ab_view_clear(v);
	v->parent = parent;
	v->base = 0;
	v->kinds = 0;
	v->depth = parent->depth + 1;
	return v;
}

/* Whether text[at, end) is one word and may be a line of its own. */
static bool is_word_line(const unsigned char *text, size_t at, size_t end)
{
	size_t i = at;

	while (i < end && text[i] > ' ')
		i++;
	return i > at && (i == end || (i + 1 == end && text[i] == '\r'));
}

/* Widens a range by the lines of one word each around it: a sentence may be written so. */
static void widen_words(const struct ab_view *v, size_t *at, size_t *end, size_t lo, size_t hi)
{
	const unsigned char *newline;

	for (unsigned lines = 0; lines < WORD_LINES && *at > lo && v->text[*at] == '\n'; lines++) {
		size_t near = *at - lo > WORD_LINE ? *at - WORD_LINE : lo, line;

		newline = memrchr(v->text + near, '\n', *at - near);
		if (!newline && near > lo)
			break;
		line = newline ? (size_t)(newline - v->text) : lo;
		if (!is_word_line(v->text, line + (newline != NULL), *at))
			break;
		*at = line;
	}
	for (unsigned lines = 0; lines < WORD_LINES && *end < hi && v->text[*end - 1] == '\n'; lines++) {
		size_t near = hi - *end > WORD_LINE ? *end + WORD_LINE : hi, line;

		newline = memchr(v->text + *end, '\n', near - *end);
		if (!newline && near < hi)
			break;
		line = newline ? (size_t)(newline - v->text) : hi;
		if (!is_word_line(v->text, *end, line))
			break;
		*end = line + (newline != NULL);
	}
}

typedef void build_fn(struct ab_view *v, const unsigned char *text, size_t len);

/* Builds views of [at, end), which lies in one segment, piece by piece. */
static int scan_pieces(struct ab_scan *s, const struct ab_view *parent, size_t at, size_t end,
		       build_fn *build)
{
	while (at < end && !s->stopped) {
		struct ab_view *v = begin_view(s, parent);
		size_t n = end - at > PIECE ? PIECE : end - at;

		v->base = at;
		build(v, parent->text + at, n);
		if (scan_view(s, v) < 0)
			return -1;
		if (at + n == end)
			break;
		at += n - OVERLAP;
		/* Not in the middle of a character; UTF-16's have two bytes as PIECE and OVERLAP.
		 */
		while (v->kinds != AB_VIEW_UTF16 && (parent->text[at] & 0xc0) == 0x80)
			at++;
	}
	return 0;
}

/* Whether a decoded text that does not begin as UTF-16 has Latin letters of it further on: zeros at every
 * other place. */
static bool has_utf16_inside(const unsigned char *text, size_t size)
{
	size_t n = size < 512 ? size : 512, zeros = 0;

	if (n < 8 || !text[0] || !text[1] ||
	    (text[0] >= 0xfe && text[1] >= 0xfe)) /* what begins so is UTF-16 from there */
		return false;
	for (size_t i = 2; i < n && zeros < 4; i++) {
		if (!text[i])
			zeros = text[i - 1] && text[i - 2] && zeros ? 1 : zeros + 1;
	}
	return zeros >= 4;
}

/* Whether a text is UTF-16 by its mark, or by the zeros of its Latin letters. */
static build_fn *utf16_builder(const unsigned char *text, size_t size, bool decoded)
{
	size_t n = size < 512 ? size & ~(size_t)1 : 512, zeros[2] = { 0 };

	if (n < 8 || (text[0] < 0xfe && !memchr(text, '\0', n)))
		return NULL;
	if (decoded && has_utf16_inside(text, size))
		return ab_utf16_inside_build;
	for (size_t i = 0; i < n; i++)
		zeros[i % 2] += !text[i];
	if (memcmp(text, "\xff\xfe", 2) == 0 || (zeros[1] > n / 8 && zeros[0] < n / 40 + 1))
		return ab_utf16le_build;
	if (memcmp(text, "\xfe\xff", 2) == 0 || (zeros[0] > n / 8 && zeros[1] < n / 40 + 1))
		return ab_utf16be_build;
	return NULL;
}

int ab_decode_utf16(struct ab_scan *s, const struct ab_view *v)
{
	/* A view of lines begins with the end of the one before. */
	size_t from = v->parent && v->size && v->text[0] == '\n';
	build_fn *build = utf16_builder(v->text + from, v->size - from, v->parent != NULL);

	if (!build || v->depth >= s->policy->max_depth || v->kinds & AB_VIEW_JSON)
		return 0;
	return scan_pieces(s, v, from, v->size, build);
}

/* Builds views of the ranges, cut where segments end. */
static int scan_ranges(struct ab_scan *s, const struct ab_view *parent, const struct ab_ranges *r,
		       build_fn *build)
{
	for (size_t i = 0; i < r->n && !s->stopped; i++) {
		size_t at = r->items[i].at, stop = r->items[i].end;

		/* Each byte beyond ASCII is in a range: most have none, and these builders need one. */
		if (build != ab_norm_build && build != ab_spaced_build && build != ab_joined_build &&
		    !ab_norm_has_high(parent->text + at, stop - at))
			continue;
		while (at < stop && !s->stopped) {
			size_t lo, hi, end;

			ab_view_segment(parent, at, &lo, &hi);
			if (at >= hi) {
				at = hi + 1;
				continue;
			}
			end = stop < hi ? stop : hi;
			widen(parent, &at, &end, lo, hi);
			if (build == ab_words_build)
				widen_words(parent, &at, &end, lo, hi);
			if (scan_pieces(s, parent, at, end, build) < 0)
				return -1;
			at = end > stop ? stop : hi + 1;
		}
	}
	return 0;
}

static int hex_value(unsigned char c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* Values of both alphabets of RFC 4648, 64 for what is in neither. */
static const unsigned char base64_values[256] = { 64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 64, 64,
						  64, 62, 64,
						  62, 64, 63,
						  52, 53, 54,
						  55, 56, 57,
						  58, 59, 60,
						  61, 64, 64,
						  64, 64, 64,
						  64, 64, 0,
						  1,  2,  3,
						  4,  5,  6,
						  7,  8,  9,
						  10, 11, 12,
						  13, 14, 15,
						  16, 17, 18,
						  19, 20, 21,
						  22, 23, 24,
						  25, 64, 64,
						  64, 64, 63,
						  64, 26, 27,
						  28, 29, 30,
						  31, 32, 33,
						  34, 35, 36,
						  37, 38, 39,
						  40, 41, 42,
						  43, 44, 45,
						  46, 47, 48,
						  49, 50, 51,
						  64, 64, 64,
						  64, 64, [128 ... 255] = 64 };

static int base64_value(unsigned char c)
{
	return base64_values[c] == 64 ? -1 : base64_values[c];
}

/* A decoder of a token, byte by byte: bits that are there and those that are still to come. */
struct token {
	const unsigned char *text;
	size_t at, end;
	unsigned width; /* bits a character: 6 or 4 */
	uint32_t bits;
	unsigned have;
};

/* The next decoded byte, -1 at the end. */
static inline int token_next(struct token *t)
{
	while (t->have < 8) {
		int value;

		if (t->at >= t->end)
			return -1;
		value = t->width == 6 ? base64_value(t->text[t->at]) : hex_value(t->text[t->at]);
		t->at++;
		if (value < 0)
			continue; /* padding, a line's end */
		t->bits = t->bits << t->width | (uint32_t)value;
		t->have += t->width;
	}
	t->have -= 8;
	return t->bits >> t->have & 0xff;
}

/* Whether the decoded bytes begin as text does; UTF-16 counts. Nearly all tokens are words, and
 * decode to noise: two bytes of it are enough. */
static bool is_text(struct token t)
{
	struct ab_text_probe probe = { 0 };
	size_t zero = 0;
	struct token mark = t;
	int c = token_next(&mark), d = token_next(&mark);

	if ((c == 0xff && d == 0xfe) || (c == 0xfe && d == 0xff))
		t = mark; /* of UTF-16 */
	while (probe.n < PROBE && probe.n < probe.plain + zero + 2 && (c = token_next(&t)) >= 0) {
		ab_text_probe_add(&probe, (unsigned char)c);
		zero += c == 0;
	}
	if (zero)
		return probe.n >= 8 && zero + 1 >= probe.n / 2 && probe.plain + 1 >= probe.n / 2;
	return probe.n >= SHORT && probe.plain + (probe.n >= 8) >= probe.n;
}

/* What a decoded byte may be: see ab_text_probe_add(), of which this is the short form. */
enum { PLAIN, ZERO, REST, LEAD2, LEAD3, LEAD4, NOISE };

static const unsigned char byte_kinds[256] = {
	[0] = ZERO,	       [1 ... 8] = NOISE,     [9 ... 10] = PLAIN,     [11 ... 12] = NOISE,
	[13] = PLAIN,	       [14 ... 31] = NOISE,   [32 ... 126] = PLAIN,   [127] = NOISE,
	[128 ... 191] = REST,  [192 ... 193] = NOISE, [194 ... 223] = LEAD2,  [224 ... 239] = LEAD3,
	[240 ... 244] = LEAD4, [245 ... 255] = NOISE,
};

/*
 * Whether eight characters of base64 decode to two bytes that are no text, as nearly all words do: the
 * same that is_text() would say, told without a branch that has to guess. `rest`: how many bytes
 * of a character are still to come, in the upper bits whether the byte is none.
 */
static inline bool is_noise(const unsigned char *p)
{
	enum { NONE = 16 };
	static const unsigned char rest[4][8] = { { 0, 0, NONE, 1, 2, 3, NONE },
						  { 0, 0, 0, 1, 2, 3, NONE },
						  { 0, 0, 1, 1, 2, 3, NONE },
						  { 0, 0, 2, 1, 2, 3, NONE } };
	uint64_t bits = 0;
	unsigned none = 0, more = 0, other = 0;

	for (unsigned i = 0; i < 8; i++) {
		other |= base64_values[p[i]];
		bits = bits << 6 | base64_values[p[i]];
	}
	for (unsigned i = 0; i < 6; i++) {
		more = rest[more & 3][byte_kinds[bits >> (40 - 8 * i) & 0xff]];
		none += more;
	}
	return other < 64 && none >= 2 * NONE;
}

/* Decodes a token into views of at most PIECE bytes that overlap; each stands for all of it. */
static int scan_token(struct ab_scan *s, const struct ab_view *parent, struct token t,
		      uint32_t kind)
{
	struct ab_view *v = begin_view(s, parent);
	size_t whole = t.end - t.at, n = 0;
	ab_autofree unsigned char *bytes = malloc(PIECE);
	int c;

	if (!bytes)
		return ab_err_memory(s->err);
	v->base = t.at;
	v->kinds = kind;
	do {
		while (n < PIECE && (c = token_next(&t)) >= 0)
			bytes[n++] = (unsigned char)c;
		ab_view_clear(v);
		ab_view_unit(v, bytes, n, 0, whole);
		if (scan_view(s, v) < 0)
			return -1;
		if (n < PIECE)
			break;
		memmove(bytes, bytes + n - OVERLAP, OVERLAP);
		n = OVERLAP;
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
	size_t line = end - at;

	while (line >= WRAP_MIN && end < hi && v->text[end - 1] != '=') {
		size_t next = end, stop;

		while (next < hi && next - end < 16 && isspace(v->text[next]))
			next++;
		for (stop = next;
		     stop < hi && stop - next <= line && base64_value(v->text[stop]) >= 0;)
			stop++;
		while (stop < hi && v->text[stop] == '=')
			stop++;
		if (next == end || stop - next < 4 || stop - next > line)
			break;
		if (!memchr(v->text + end, '\n', next - end) &&
		    !is_line(v->text + next, stop - next, line))
			break;
		end = stop;
		if (stop - next < line)
			break;
	}
	return end;
}

/* Hexadecimal digits, and ends of lines between them. */
static bool is_hex_run(const unsigned char *p, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (hex_value(p[i]) >= 0)
			digits++;
		else if (!isspace(p[i]))
			return false;
	}
	return digits >= HEX_MIN && digits % 2 == 0;
}

/* Text in base64 has capitals, and small letters or digits, nearly at once; words have not. */
static bool is_mixed_case(const unsigned char *p, size_t len)
{
	uint64_t other = 0, upper = 0;

	for (size_t i = 0; i < len && i < PROBE; i += 8) {
		uint64_t word, mask = len - i < 8 ? ((uint64_t)1 << 8 * (len - i)) - 1 : ~(uint64_t)0;

		memcpy(&word, p + i, sizeof(word)); /* of ASCII; there is a pad */
		word = le64toh(word) & mask & EACH * 0x7f;
		other |= word + (0x80 - 'a') * EACH;
		other |= (word + (0x80 - '0') * EACH) & ~(word + (0x7f - '9') * EACH);
		upper |= (word + (0x80 - 'A') * EACH) & ~(word + (0x7f - 'Z') * EACH);
	}
	return other & 0x80 * EACH && upper & 0x80 * EACH;
}

/* Tries hex, then base64 at each of the four places where a group can begin. */
static int scan_run(struct ab_scan *s, const struct ab_view *v, size_t at, size_t end)
{
	struct token t = { .text = v->text, .end = end, .width = 4 };

	if (v->text[at] == '0' && (v->text[at + 1] | 0x20) == 'x')
		at += 2;
	t.at = at;
	if (is_hex_run(v->text + at, end - at)) {
		if (is_text(t))
			return scan_token(s, v, t, AB_VIEW_HEX);
	}
	if (!is_mixed_case(v->text + at, end - at))
		return 0;
	t.width = 6;
	for (size_t shift = 0; shift < 4 && at + shift + 8 < end; shift++) {
		t.at = at + shift;
		if (!is_noise(v->text + t.at) && is_text(t))
			return scan_token(s, v, t, AB_VIEW_BASE64);
	}
	return 0;
}

static int scan_tokens(struct ab_scan *s, const struct ab_view *v, const struct ab_ranges *r,
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
		if (scan_run(s, v, at, end) < 0)
			return -1;
		/* What stands behind the first line may be a word of prose and no line of it. */
		if (end > line && is_hex_run(v->text + line - (line - at) / 2, (line - at) / 2 & ~(size_t)1) &&
		    scan_run(s, v, at, line) < 0)
			return -1;
	}
	return 0;
}

/* Series of numbers that spell a text, each decoded where it was seen in this block: 65 66 67 is
 * one in either base. */
static int scan_series(struct ab_scan *s, const struct ab_view *parent, const struct ab_ranges *r)
{
	for (size_t i = 0; i < 2 * r->n && !s->stopped; i++) {
		const struct ab_run_hit *seen = &r->items[i / 2];
		struct ab_view *v = begin_view(s, parent);
		size_t lo, hi;

		ab_view_segment(parent, seen->at, &lo, &hi);
		if (seen->at < hi)
			ab_series_build(v, parent->text, seen->at, seen->end < hi ? seen->end : hi,
					lo, hi, i % 2);
		if (scan_view(s, v) < 0)
			return -1;
	}
	return 0;
}

/* What was decoded may be a short token and nothing else, which is no run worth a look elsewhere. */
static int scan_whole(struct ab_scan *s, const struct ab_view *v)
{
	size_t end = v->size;

	if (!v->parent || v->kinds & AB_VIEW_JSON || !end || end > WHOLE)
		return 0;
	while (end && (v->text[end - 1] == '=' || isspace(v->text[end - 1])))
		end--;
	for (size_t i = 0; i < end; i++)
		if (base64_value(v->text[i]) < 0)
			return 0;
	return scan_run(s, v, 0, end);
}

/* Whether there is a character beyond ASCII: each calls for a view, so that it stands between the first
 * and the last of the ranges. */
static bool has_high(const struct ab_view *v, const struct ab_ranges *norm)
{
	return norm->n && ab_norm_has_high(v->text + norm->items[0].at,
					   norm->items[norm->n - 1].end - norm->items[0].at);
}

int ab_decode_views(struct ab_scan *s, const struct ab_view *v, const struct ab_triggers *t,
		    size_t *done)
{
	bool high;

	if (v->depth >= s->policy->max_depth)
		return 0;
	if (!t->tokens.n && scan_whole(s, v) < 0)
		return -1;
	if (scan_tokens(s, v, &t->tokens, done) < 0 || scan_series(s, v, &t->series) < 0 ||
	    scan_ranges(s, v, &t->norm, ab_norm_build) < 0)
		return -1;
	high = has_high(v, &t->norm);
	if (high && scan_ranges(s, v, &t->norm, ab_clean_build) < 0)
		return -1;
	/* Drawing together is done once: what it makes is looked at as it stands. */
	if (v->kinds & (AB_VIEW_SPACED | AB_VIEW_JOINED))
		return 0;
	if ((high && scan_ranges(s, v, &t->norm, ab_words_build) < 0) ||
	    scan_ranges(s, v, &t->spaced, ab_spaced_build) < 0)
		return -1;
	return scan_ranges(s, v, &t->joined, ab_joined_build);
}
