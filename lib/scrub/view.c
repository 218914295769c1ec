/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/view.h"

#include <string.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/scrub/quoted.h"

static void add_run(struct ab_map *m, struct ab_map_run run)
{
	if (m->failed)
		return;
	if (m->n == m->capacity) {
		size_t capacity = m->capacity ? m->capacity * 2 : 64;
		struct ab_map_run *runs = realloc(m->runs, capacity * sizeof(*runs));

		if (!runs) {
			m->failed = true;
			return;
		}
		m->runs = runs;
		m->capacity = capacity;
	}
	m->runs[m->n++] = run;
}

/* ab_buf_add(), where there is nearly always room. */
static inline void append(struct ab_buf *b, const void *bytes, size_t len)
{
	if (b->failed || b->cap - b->len <= len) {
		ab_buf_add(b, bytes, len);
		return;
	}
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
}

void ab_view_copy(struct ab_view *v, const unsigned char *bytes, size_t in, size_t len)
{
	struct ab_map_run *last = v->map.n ? &v->map.runs[v->map.n - 1] : NULL;

	if (!len)
		return;
	if (last && !last->unit && !last->quoted && last->in + last->in_len == in)
		last->in_len += (uint32_t)len;
	else
		add_run(&v->map, (struct ab_map_run){ .out = (uint32_t)v->buf.len,
						      .in = (uint32_t)in,
						      .in_len = (uint32_t)len });
	append(&v->buf, bytes, len);
}

void ab_view_unit(struct ab_view *v, const void *bytes, size_t len, size_t in, size_t in_len)
{
	if (!len)
		return;
	add_run(&v->map, (struct ab_map_run){ .out = (uint32_t)v->buf.len,
					      .in = (uint32_t)in,
					      .in_len = (uint32_t)in_len,
					      .unit = true });
	append(&v->buf, bytes, len);
}

void ab_view_quoted(struct ab_view *v, size_t out, size_t in, size_t in_len)
{
	add_run(&v->map, (struct ab_map_run){ .out = (uint32_t)out,
					      .in = (uint32_t)in,
					      .in_len = (uint32_t)in_len,
					      .quoted = true });
}

void ab_view_put(struct ab_view *v, uint32_t c, size_t in, size_t in_len)
{
	unsigned char utf8[4];
	size_t n = ab_utf8_encode(c, utf8);

	if (!n)
		n = ab_utf8_encode(0xfffd, utf8);
	ab_view_unit(v, utf8, n, in, in_len);
}

int ab_view_finish(struct ab_view *v, struct ab_err *err)
{
	char *pad = ab_buf_reserve(&v->buf, AB_HOLD_PAD);

	if (!pad || v->map.failed)
		return ab_err_memory(err);
	memset(pad, 0, AB_HOLD_PAD);
	v->text = (const unsigned char *)v->buf.data;
	v->size = v->buf.len;
	return 0;
}

void ab_view_clear(struct ab_view *v)
{
	ab_buf_clear(&v->buf);
	v->map.n = 0;
	v->size = 0;
}

void ab_view_free(struct ab_view *v)
{
	ab_buf_free(&v->buf);
	free(v->map.runs);
	v->map = (struct ab_map){ 0 };
}

/* The run that view byte `at` belongs to. */
static const struct ab_map_run *run_at(const struct ab_map *m, size_t at)
{
	size_t lo = 0, hi = m->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->runs[mid].out <= at)
			lo = mid;
		else
			hi = mid;
	}
	return &m->runs[lo];
}

/* Where in the parent view byte `at` comes from: the first byte of that, or (behind) the one behind it. */
static size_t source_of(const struct ab_view *v, size_t at, bool behind)
{
	const struct ab_map_run *run = run_at(&v->map, at);
	size_t in = v->base + run->in;

	if (run->unit)
		return in + (behind ? run->in_len : 0);
	if (run->quoted)
		return in + ab_quoted_source(v->parent->text + in, run->in_len, at - run->out, behind);
	return in + at - run->out + behind;
}

/* The parent's bytes from the first to the last that a part of the view comes from: of a segment that was put
 * together of two, the first may stand behind the last. */
static void hull(const struct ab_view *v, size_t *start, size_t *end)
{
	const struct ab_map_run *first = run_at(&v->map, *start), *last = run_at(&v->map, *end - 1);
	size_t lo = SIZE_MAX, hi = 0;

	for (const struct ab_map_run *run = first; run <= last; run++) {
		size_t a = run == first ? source_of(v, *start, false) : v->base + run->in;
		size_t b = run == last ? source_of(v, *end - 1, true) : v->base + run->in + run->in_len;

		lo = a < lo ? a : lo;
		hi = b > hi ? b : hi;
	}
	*start = lo;
	*end = hi;
}

void ab_view_to_source(const struct ab_view *v, size_t *start, size_t *end)
{
	for (; v->parent; v = v->parent) {
		size_t a = source_of(v, *start, false), b = source_of(v, *end - 1, true);

		if (b <= a) {
			hull(v, start, end);
			continue;
		}
		*start = a;
		*end = b;
	}
}

/* The last of n ascending numbers that is not above `at` (the first is not): most are about evenly
 * spread over `size`, so that it is near to where it would be then. */
static size_t last_not_above(const uint32_t *begins, size_t n, size_t at, size_t size)
{
	size_t a = (size_t)((uint64_t)at * n / (size + 1)), b, step = 1;

	for (; begins[a] > at; step *= 2)
		a = a > step ? a - step : 0;
	for (b = a + 1, step = 1; b < n && begins[b] <= at; step *= 2) {
		a = b;
		b = n - b > step ? b + step : n;
	}
	while (b - a > 1) {
		size_t mid = a + (b - a) / 2;

		if (begins[mid] <= at)
			a = mid;
		else
			b = mid;
	}
	return a;
}

void ab_view_segment(const struct ab_view *v, size_t at, size_t *lo, size_t *hi)
{
	size_t a;

	*lo = 0;
	*hi = v->size;
	if (!v->n_segments)
		return;
	a = last_not_above(v->segments, v->n_segments, at, v->size);
	*lo = v->segments[a];
	/* A segment ends before the NUL that parts it from the next. */
	if (a + 1 < v->n_segments)
		*hi = v->segments[a + 1] - 1;
}

static const char *const kind_names[] = { "raw",    "fold", "percent", "entity", "escape", "utf16",
					  "base64", "hex",  "spaced",  "joined", "json",   "turned" };

const char *ab_view_kind_name(unsigned bit)
{
	return kind_names[bit];
}

uint32_t ab_view_kind_named(const char *name)
{
	if (strcmp(name, "norm") == 0)
		return AB_VIEW_FOLD | AB_VIEW_PERCENT | AB_VIEW_ENTITY | AB_VIEW_ESCAPE |
		       AB_VIEW_UTF16;
	for (unsigned i = 0; i < AB_ARRAY_SIZE(kind_names); i++)
		if (strcmp(name, kind_names[i]) == 0)
			return 1u << i;
	return 0;
}

/* Adds a step to a path of *n bytes. One that is too long for its field ends early: it is for reading. */
static void add_step(char *out, size_t size, size_t *n, char separator, const char *name)
{
	if (*n && *n + 1 < size)
		out[(*n)++] = separator;
	while (*name && *n + 1 < size)
		out[(*n)++] = *name++;
	out[*n] = '\0';
}

void ab_view_path(const struct ab_view *v, char *out, size_t size)
{
	char separator = '>';
	size_t n;

	out[0] = '\0';
	if (v->parent)
		ab_view_path(v->parent, out, size);
	n = strlen(out);
	if (v->kinds & AB_VIEW_JSON) { /* stands for the document: "json", not "raw>json" */
		n = v->parent && v->parent->parent ? n : 0;
		add_step(out, size, &n, separator, "json");
		return;
	}
	for (uint32_t left = v->kinds & AB_VIEW_ALL; left; left &= left - 1) {
		add_step(out, size, &n, separator, kind_names[__builtin_ctz(left)]);
		separator = '+';
	}
}
