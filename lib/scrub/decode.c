/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/decode.h"

#include <string.h>

#include "lib/scrub/beside.h"
#include "lib/scrub/encoded.h"
#include "lib/scrub/norm.h"
#include "lib/scrub/scan.h"
#include "lib/scrub/series.h"
#include "lib/scrub/turned.h"

#define CONTEXT	   ((size_t)1024) /* bytes around a trigger that a view has at least, lines ending it */
#define WORD_LINES 24		  /* lines of one word each that a range is widened by */
#define WORD_LINE  48		  /* bytes of one */
#define LINE	   ((size_t)65536) /* bytes that a line of a series has at most to be looked at alone */

int ab_decode_scan(struct ab_scan *s, struct ab_view *v)
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

struct ab_view *ab_decode_begin(struct ab_scan *s, const struct ab_view *parent)
{
	struct ab_view *v = &s->below[parent->depth];

	ab_view_clear(v);
	v->parent = parent;
	v->base = 0;
	v->kinds = v->apart = 0;
	v->is_apart = parent->is_apart;
	v->depth = parent->depth + 1;
	v->beside = parent->beside == AB_VIEW_ALONE ? AB_VIEW_ALONE : AB_VIEW_WITHIN;
	return v;
}

int ab_decode_scan_beside(struct ab_scan *s, struct ab_view *v, size_t value, size_t value_end)
{
	v->beside = AB_VIEW_BESIDE;
	v->value = value;
	v->value_end = value_end;
	/* The rest is no more than a view shows already, and as much as two lines of a screen. */
	s->views_left += v->buf.len - (value_end - value);
	return ab_decode_scan(s, v);
}

bool ab_decode_is_done(const struct ab_view *v, size_t at, size_t end)
{
	return v->beside == AB_VIEW_BESIDE && (end <= v->value || at >= v->value_end);
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

/* A text of which several kinds of escapes have been undone at once: each that hides letters alone, since what is hidden
 * may have others itself. */
static int scan_apart(struct ab_scan *s, const struct ab_view *parent, size_t at, size_t n, uint32_t kinds)
{
	static const struct {
		uint32_t kind;
		ab_build_fn *build;
	} each[] = { { AB_VIEW_FOLD, ab_fold_build },
		     { AB_VIEW_PERCENT, ab_percent_build },
		     { AB_VIEW_ENTITY, ab_entity_build },
		     { AB_VIEW_ESCAPE, ab_escape_build } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(each) && !s->stopped; i++) {
		struct ab_view *v = ab_decode_begin(s, parent);

		if (!(kinds & each[i].kind))
			continue;
		v->base = at;
		v->is_apart = true;
		each[i].build(v, parent->text + at, n);
		if (ab_decode_scan(s, v) < 0)
			return -1;
	}
	return 0;
}

/* Builds views of [at, end), which lies in one segment, piece by piece. */
static int scan_pieces(struct ab_scan *s, const struct ab_view *parent, size_t at, size_t end,
		       ab_build_fn *build)
{
	while (at < end && !s->stopped) {
		struct ab_view *v = ab_decode_begin(s, parent);
		size_t n = end - at > AB_DECODE_PIECE ? AB_DECODE_PIECE : end - at;
		uint32_t kinds, apart;

		v->base = at;
		build(v, parent->text + at, n);
		kinds = v->kinds;
		apart = v->apart;
		if (ab_decode_scan(s, v) < 0 ||
		    (build == ab_norm_build && apart && !parent->is_apart && scan_apart(s, parent, at, n, apart) < 0))
			return -1;
		if (at + n == end)
			break;
		at += n - AB_DECODE_OVERLAP;
		/* Not in the middle of a character; UTF-16's have two bytes as AB_DECODE_PIECE and AB_DECODE_OVERLAP.
		 */
		while (kinds != AB_VIEW_UTF16 && (parent->text[at] & 0xc0) == 0x80)
			at++;
	}
	return 0;
}

int ab_decode_utf16(struct ab_scan *s, const struct ab_view *v)
{
	/* A view of lines begins with the end of the one before. */
	size_t from = v->parent && v->size && v->text[0] == '\n';
	ab_build_fn *build = ab_utf16_builder(v->text + from, v->size - from, v->parent ? v->kinds : 0);

	if (!build || v->depth >= s->policy->max_depth || v->kinds & AB_VIEW_JSON)
		return 0;
	return scan_pieces(s, v, from, v->size, build);
}

/* Whether a view of this kind is made of texts beyond ASCII alone. */
static bool needs_high(ab_build_fn *build)
{
	return build == ab_clean_build || build == ab_words_build || build == ab_tags_build;
}

/* Builds views of the ranges, cut where segments end. */
static int scan_ranges(struct ab_scan *s, const struct ab_view *parent, const struct ab_ranges *r,
		       ab_build_fn *build)
{
	for (size_t i = 0; i < r->n && !s->stopped; i++) {
		size_t at = r->items[i].at, stop = r->items[i].end;

		/* Each byte beyond ASCII is in a range: most have none, and some builders need one. */
		if (needs_high(build) && !ab_norm_has_high(parent->text + at, stop - at))
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

/* The same between what stands beside it. */
static int series_beside(struct ab_scan *s, struct ab_view *v, size_t lo, size_t hi)
{
	const struct ab_view *parent = v->parent;
	unsigned char bytes[AB_BESIDE_MAX];
	struct ab_map_run runs[AB_BESIDE_MAX];
	struct ab_beside beside;
	size_t end, n = v->size, numbers = v->map.n, value;
	uint32_t kinds = v->kinds;

	if (!kinds || !n || n > sizeof(bytes) || s->stopped || parent->beside == AB_VIEW_WITHIN)
		return 0;
	memcpy(bytes, v->text, n);
	memcpy(runs, v->map.runs, numbers * sizeof(*runs)); /* none of which is empty */
	end = runs[numbers - 1].in + runs[numbers - 1].in_len;
	if (!ab_beside_read(&beside, parent->text, lo, hi, runs[0].in, end))
		return 0;
	v = ab_decode_begin(s, parent);
	v->kinds = kinds;
	ab_view_copy(v, parent->text + beside.from, beside.from, beside.to - beside.from);
	value = v->buf.len;
	for (size_t i = 0; i < numbers; i++)
		ab_view_unit(v, bytes + runs[i].out, (i + 1 < numbers ? runs[i + 1].out : n) - runs[i].out, runs[i].in, runs[i].in_len);
	ab_view_copy(v, parent->text + beside.next, beside.next, beside.end - beside.next);
	return ab_decode_scan_beside(s, v, value, value + n);
}

/* 65 66 67 is a text in either base. `done`: up to where each was decoded. */
static int scan_numbers(struct ab_scan *s, const struct ab_view *parent, size_t at, size_t end, size_t lo,
			size_t hi, size_t done[2])
{
	for (int hex = 0; hex < 2; hex++) {
		size_t from = at > done[hex] ? at : done[hex], low = lo;

		for (; from < end && !s->stopped; low = from) {
			struct ab_view *v = ab_decode_begin(s, parent);

			from = ab_series_build(v, parent->text, from, end, low, hi, hex);
			if (ab_decode_scan(s, v) < 0 || series_beside(s, v, lo, hi) < 0)
				return -1;
		}
		done[hex] = from > done[hex] ? from : done[hex];
	}
	return 0;
}

/* A series in [lo, hi), and each of its lines, since what stands before may be no part of it, and no text. */
static int scan_one_series(struct ab_scan *s, const struct ab_view *parent, size_t at, size_t end, size_t lo,
			   size_t hi, struct ab_decoded *done)
{
	const unsigned char *text = parent->text, *newline;
	size_t from = ab_series_begin(text, at, lo), stop;

	if (scan_numbers(s, parent, at, end, lo, hi, done->series) < 0)
		return -1;
	if (!memchr(text + from, '\n', end - from))
		return 0;
	newline = memrchr(text + from, '\n', at - from);
	from = newline ? (size_t)(newline - text) + 1 : lo;
	for (; at < end && !s->stopped; from = at = stop + 1) {
		newline = memchr(text + at, '\n', hi - at < LINE ? hi - at : LINE);
		stop = newline ? (size_t)(newline - text) : hi;
		if (scan_numbers(s, parent, at, end < stop ? end : stop, from, stop, done->lines) < 0)
			return -1;
	}
	return 0;
}

/* Series of numbers that spell a text, each decoded where it was seen in this block, in each segment. */
static int scan_series(struct ab_scan *s, const struct ab_view *parent, const struct ab_ranges *r,
		       struct ab_decoded *done)
{
	for (size_t i = 0; i < r->n && !s->stopped; i++) {
		size_t at = r->items[i].at, stop = r->items[i].end, lo, hi;

		for (; at < stop && !s->stopped; at = hi + 1) {
			ab_view_segment(parent, at, &lo, &hi);
			if (at < hi && !ab_decode_is_done(parent, at, stop < hi ? stop : hi) &&
			    scan_one_series(s, parent, at, stop < hi ? stop : hi, lo, hi, done) < 0)
				return -1;
		}
	}
	return 0;
}

/* Whether there is a character beyond ASCII: each calls for a view, so that it stands between the first
 * and the last of the ranges. */
static bool has_high(const struct ab_view *v, const struct ab_ranges *norm)
{
	return norm->n && ab_norm_has_high(v->text + norm->items[0].at,
					   norm->items[norm->n - 1].end - norm->items[0].at);
}

static bool has_byte(const struct ab_view *v, const struct ab_ranges *norm, unsigned char byte)
{
	return memchr(v->text + norm->items[0].at, byte, norm->items[norm->n - 1].end - norm->items[0].at) != NULL;
}

/* What is said to be turned, once: in all ways that it may be meant. */
static int scan_turned(struct ab_scan *s, const struct ab_view *v, const struct ab_ranges *r)
{
	if (!r->n || v->kinds & AB_VIEW_TURNED)
		return 0;
	if (scan_ranges(s, v, r, ab_turned_build) < 0 || scan_ranges(s, v, r, ab_turned_word_build) < 0)
		return -1;
	return scan_ranges(s, v, r, ab_turned_before_build);
}

int ab_decode_views(struct ab_scan *s, const struct ab_view *v, const struct ab_triggers *t,
		    struct ab_decoded *done)
{
	bool high;

	if (v->depth >= s->policy->max_depth)
		return 0;
	if (v->is_apart) /* the rest is seen where all kinds are undone */
		return scan_ranges(s, v, &t->norm, ab_norm_build);
	if (!t->tokens.n && ab_encoded_scan_whole(s, v) < 0)
		return -1;
	if (ab_encoded_scan(s, v, &t->tokens, &done->tokens) < 0 || scan_series(s, v, &t->series, done) < 0 ||
	    scan_ranges(s, v, &t->norm, ab_norm_build) < 0)
		return -1;
	if (scan_turned(s, v, &t->turned) < 0)
		return -1;
	high = has_high(v, &t->norm);
	if (high && (scan_ranges(s, v, &t->norm, ab_clean_build) < 0 ||
		     (has_byte(v, &t->norm, 0xf3) && scan_ranges(s, v, &t->norm, ab_tags_build) < 0)))
		return -1;
	/* Drawing together is done once: what it makes is looked at as it stands. */
	if (v->kinds & (AB_VIEW_SPACED | AB_VIEW_JOINED))
		return 0;
	if ((high && scan_ranges(s, v, &t->norm, ab_words_build) < 0) ||
	    scan_ranges(s, v, &t->spaced, ab_spaced_build) < 0)
		return -1;
	if (scan_ranges(s, v, &t->joined, ab_codes_build) < 0 || scan_ranges(s, v, &t->joined, ab_shell_build) < 0 ||
	    scan_ranges(s, v, &t->joined, ab_listed_build) < 0)
		return -1;
	return scan_ranges(s, v, &t->joined, ab_joined_build);
}
