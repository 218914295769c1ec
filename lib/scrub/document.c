/* SPDX-License-Identifier: Apache-2.0 */
/* A document as views: text as it stands; JSON as its strings and numbers, decoded, one behind the
 * other. */
#include <stdio.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/scrub/claim.h"
#include "lib/scrub/decode.h"
#include "lib/scrub/locate.h"
#include "lib/scrub/match.h"
#include "lib/scrub/named.h"
#include "lib/scrub/quoted.h"
#include "lib/scrub/scan.h"
#include "lib/scrub/values.h"

#define BATCH ((size_t)256 << 10) /* decoded bytes that are scanned at once */
#define PIECE ((size_t)64 << 10)  /* of a string that has a small map */
#define AGAIN ((size_t)4 << 10)   /* of it that are read again to find a place */
#define NEAR  ((size_t)256 << 10) /* bytes of a document that are in memory at once */
#define NESTED	   4 /* bytes that a document in a string has more than */
#define NESTED_MAX ((size_t)128 << 10) /* and at most: its tape is in memory */
#define LARGE ((size_t)1 << 20)	  /* a longer string is decoded into the spool */

/* Strings of a JSON document as one text, parted by NULs that no match crosses. */
struct join {
	struct ab_view view;
	uint32_t *segments;
	size_t n, capacity;
};

/* What takes them off the tape. */
struct strings {
	struct ab_scan *s;
	struct join join;
	struct ab_named named;
	bool has_spool; /* where long strings go */
	int status;	/* -1: the scan has failed */
};

static void strings_free(struct strings *t)
{
	ab_view_free(&t->join.view);
	free(t->join.segments);
	ab_named_free(&t->named);
}

static int begin_segment(struct join *j, struct ab_err *err)
{
	struct ab_buf *buf = &j->view.buf;

	if (j->n && buf->cap > buf->len + 1)
		buf->data[buf->len++] = '\0';
	else if (j->n)
		ab_buf_addc(buf, '\0');
	if (j->n == j->capacity) {
		size_t capacity = j->capacity ? j->capacity * 2 : 256;
		uint32_t *segments = realloc(j->segments, capacity * sizeof(*segments));

		if (!segments)
			return ab_err_memory(err);
		j->segments = segments;
		j->capacity = capacity;
	}
	j->segments[j->n++] = (uint32_t)buf->len;
	return 0;
}

/* Adds a part of a string, or a number, whose map is small: where places in it are asked for, what is around them is
 * read again, which for each of many is not to be much. */
static size_t add_long(struct ab_view *v, const struct ab_json_tape *tape, size_t at, size_t end, size_t before)
{
	size_t stop = end - at < PIECE ? end : at + PIECE;

	while (at < stop) {
		size_t out = v->buf.len, to = ab_quoted_decode(tape->text, at, stop, AGAIN, &v->buf);

		ab_view_quoted(v, before + out, at, to - at);
		at = to;
	}
	return at;
}

static __attribute__((noinline)) void add_quoted(struct ab_view *v, const struct ab_json_tape *tape,
						 const struct ab_json_node *node)
{
	size_t at = node->at, end = at + node->len;

	while (at < end && node->len >= PIECE)
		at = add_long(v, tape, at, end, 0);
	while (at < end) {
		const unsigned char *escape = memchr(tape->text + at, '\\', end - at);
		size_t stop = escape ? (size_t)(escape - tape->text) : end, n;
		unsigned char utf8[4];

		ab_view_copy(v, tape->text + at, at, stop - at);
		at = stop;
		if (at < end) {
			size_t len = ab_quoted_escape(tape->text + at, utf8, &n);

			ab_view_unit(v, utf8, n, at, len);
			at += len;
		}
	}
}

static inline void add_value(struct ab_view *v, const struct ab_json_tape *tape,
			     const struct ab_json_node *node)
{
	if (node->type == AB_JSON_STRING && node->flags & AB_JSON_ESCAPED)
		add_quoted(v, tape, node);
	else
		ab_view_copy(v, tape->text + node->at, node->at, node->len);
}

static bool is_scalar(const struct ab_json_node *node)
{
	return node->type == AB_JSON_STRING || node->type == AB_JSON_NUMBER;
}

/* A key or scalar, and the scalar that stands in one segment with its key, so that a rule sees
 * `password=...`; or NULL. */
struct pair {
	const struct ab_json_node *node, *value;
};

static inline struct pair pair_at(const struct ab_json_tape *tape, size_t i)
{
	const struct ab_json_node *node = &tape->nodes[i];
	bool is_member = node->flags & AB_JSON_KEY && node->type == AB_JSON_STRING && i + 1 < tape->n;

	return (struct pair){ node, is_member && is_scalar(node + 1) ? node + 1 : NULL };
}

static void add_pair(struct join *j, const struct ab_json_tape *tape, struct pair p)
{
	size_t end = p.node->at + p.node->len;

	add_value(&j->view, tape, p.node);
	if (!p.value)
		return;
	ab_view_unit(&j->view, "=\n", 2, end, p.value->at - end);
	add_value(&j->view, tape, p.value);
}

/* Scans the view, and empties it. */
static int scan_segments(struct ab_scan *s, struct join *j)
{
	j->view.segments = j->segments;
	j->view.n_segments = j->n;
	if (ab_scan_view(s, &j->view) < 0)
		return -1;
	ab_view_clear(&j->view);
	j->n = 0;
	return 0;
}

static int scan_batch(struct ab_scan *s, struct join *j)
{
	return ab_view_finish(&j->view, s->err) < 0 ? -1 : scan_segments(s, j);
}

/* Moves what is in the view's buffer to the spool. */
static int put_aside(struct ab_view *v, struct ab_hold *aside, struct ab_err *err)
{
	if (ab_buf_ok(&v->buf, err) < 0 || ab_hold_add(aside, v->buf.data, v->buf.len, err) < 0)
		return -1;
	ab_buf_clear(&v->buf);
	return 0;
}

static int put_value_aside(struct ab_view *v, const struct ab_json_tape *tape,
			   const struct ab_json_node *node, const struct ab_hold *hold, struct ab_hold *aside,
			   struct ab_err *err)
{
	size_t at = node->at, end = at + node->len, near = 0;

	while (at < end) {
		if (at >= near) {
			ab_hold_near(hold, at, NEAR);
			near = at + NEAR;
		}
		at = add_long(v, tape, at, end, (size_t)aside->size);
		if (put_aside(v, aside, err) < 0)
			return -1;
		ab_hold_forget(hold, at > 2 * NEAR ? at - 2 * NEAR : 0, at);
	}
	return 0;
}

/* What is in the view, and the value that is too long for memory and its key: in the spool they are a
 * text like any other. */
static __attribute__((noinline)) int scan_large(struct strings *t, const struct ab_json_tape *tape,
						struct pair p)
{
	ab_auto(ab_hold_close) struct ab_hold aside = AB_HOLD_INIT;
	struct ab_hold *hold = t->s->result->hold;
	struct ab_view *v = &t->join.view;
	struct ab_err *err = t->s->err;
	size_t end = p.node->at + p.node->len;
	int status;

	(void)ab_hold_aside(hold, &aside); /* there is a spool */
	if (put_aside(v, &aside, err) < 0 || put_value_aside(v, tape, p.node, hold, &aside, err) < 0)
		return -1;
	if (p.value) {
		ab_view_unit(v, "=\n", 2, end, p.value->at - end);
		if (v->map.failed)
			return ab_err_memory(err);
		v->map.runs[v->map.n - 1].out = (uint32_t)aside.size;
		if (put_aside(v, &aside, err) < 0 || put_value_aside(v, tape, p.value, hold, &aside, err) < 0)
			return -1;
	}
	if (v->map.failed)
		return ab_err_memory(err);
	v->size = (size_t)aside.size;
	v->text = ab_hold_map(&aside, err);
	v->hold = &aside;
	status = v->text ? scan_segments(t->s, &t->join) : -1;
	v->hold = NULL;
	return status;
}

/* Adds a value and its key to the view, which is scanned once there is enough in it. */
static int scan_pair(struct strings *t, const struct ab_json_tape *tape, struct pair p)
{
	struct join *j = &t->join;

	if (begin_segment(j, t->s->err) < 0)
		return -1;
	if (p.node->len + (p.value ? p.value->len : (size_t)0) >= LARGE && t->has_spool)
		return scan_large(t, tape, p);
	add_pair(j, tape, p);
	return j->view.buf.len >= BATCH ? scan_batch(t->s, j) : 0;
}

/* A name and its value in two members, in a segment as if the one were the other's key. */
static int add_named(struct join *j, const struct ab_json_tape *tape, const struct ab_json_node pair[2],
		     struct ab_err *err)
{
	const struct ab_json_node *name = &pair[0];

	if (begin_segment(j, err) < 0)
		return -1;
	add_value(&j->view, tape, name);
	ab_view_unit(&j->view, "=\n", 2, name->at + name->len, 1); /* the quote */
	add_value(&j->view, tape, &pair[1]);
	return 0;
}

/* A key or scalar and, if it is a key that has one, its scalar. */
static int take_pair(struct strings *t, const struct ab_json_tape *tape, size_t i, struct pair p)
{
	size_t n;

	if (scan_pair(t, tape, p) < 0)
		return -1;
	n = p.value ? ab_named_member(&t->named, tape, i) : 0;
	for (size_t k = 0; k < n; k++)
		if (add_named(&t->join, tape, t->named.pairs[k], t->s->err) < 0)
			return -1;
	return 0;
}

/* Takes values off the tape. What goes wrong here is told once the document has shown to be one. */
static int take_strings(void *arg, const struct ab_json_tape *tape, size_t first, struct ab_err *err)
{
	struct strings *t = arg;
	size_t i = first;

	(void)err;
	if (!t->s->stopped && t->status == 0)
		ab_named_resume(&t->named, tape, first);
	while (i < tape->n && !t->s->stopped && t->status == 0) {
		if (is_scalar(&tape->nodes[i])) {
			const struct pair p = pair_at(tape, i);

			t->status = take_pair(t, tape, i, p);
			i += p.value != NULL;
		} else if (tape->nodes[i].type >= AB_JSON_ARRAY) {
			t->status = ab_named_open(&t->named, tape, i, t->s->err);
		}
		i++;
	}
	return 0;
}

/* The strings and numbers of a JSON document. *ret_is_json: whether it is one; not_json says why not. */
static int scan_json(struct ab_scan *s, struct ab_values *values, const struct ab_view *root,
		     bool *ret_is_json, struct ab_err *not_json)
{
	ab_auto(strings_free) struct strings t = {
		.s = s,
		.has_spool = s->result->hold && s->result->hold->spool >= 0,
		.join.view = { .parent = root, .kinds = AB_VIEW_JSON | AB_VIEW_RAW }
	};

	*ret_is_json = ab_values_each(values, take_strings, &t, not_json) == 0;
	if (!*ret_is_json || t.status < 0)
		return *ret_is_json ? -1 : 0;
	return t.join.n && !s->stopped ? scan_batch(s, &t.join) : 0;
}

/* Where a document begins in a segment, which may have its key before it; `hi`: nowhere. */
static size_t nested_begin(const struct ab_view *v, size_t lo, size_t hi)
{
	const unsigned char *value;
	size_t at = lo;

	if (hi - lo <= NESTED || !strchr("}]\" \n", v->text[hi - 1]))
		return hi;
	value = v->kinds & AB_VIEW_JSON ? memmem(v->text + lo, hi - lo, "=\n", 2) : NULL;
	if (value)
		at = (size_t)(value - v->text) + 2;
	while (at < hi && (v->text[at] == ' ' || v->text[at] == '\n'))
		at++;
	return hi - at > NESTED && hi - at <= NESTED_MAX && strchr("{[\"", v->text[at]) ? at : hi;
}

/* Takes the strings of a document of JSON in [at, hi) of a view, if there is one. */
static int take_nested(struct strings *t, struct ab_json_tape *tape, size_t at, size_t hi)
{
	const unsigned char *text = t->join.view.parent->text;
	struct ab_err not_json = { 0 };

	if (ab_json_read(tape, text + at, hi - at, NULL, &not_json) < 0)
		return 0;
	if (hi - at > t->s->views_left)
		return ab_scan_limit(t->s, "limit.views", 0);
	t->s->views_left -= hi - at;
	for (size_t i = 0; i < tape->n; i++)
		tape->nodes[i].at += (uint32_t)at;
	tape->text = text;
	t->named.n = 0;
	(void)take_strings(t, tape, 0, t->s->err);
	return t->status;
}

int ab_document_nested(struct ab_scan *s, const struct ab_view *v)
{
	ab_auto(strings_free) struct strings t = {
		.s = s, .join.view = { .parent = v, .kinds = AB_VIEW_JSON | AB_VIEW_RAW, .depth = v->depth + 1 }
	};
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	size_t n = v->n_segments;

	if (v->depth >= s->policy->max_depth || !v->parent || v->hold || v->beside != AB_VIEW_ALONE ||
	    !(v->kinds & (AB_VIEW_JSON | AB_VIEW_BASE64 | AB_VIEW_HEX)))
		return 0;
	for (size_t i = 0; (i < n || !i) && !s->stopped; i++) {
		size_t lo = n ? v->segments[i] : 0, hi = i + 1 < n ? v->segments[i + 1] - 1 : v->size;
		size_t at = nested_begin(v, lo, hi);

		if (at < hi && take_nested(&t, &tape, at, hi) < 0)
			return -1;
	}
	return t.join.n && !s->stopped ? scan_batch(s, &t.join) : 0;
}

/* Bytes that the views of a document may have. */
static uint64_t views_of(size_t size)
{
	return 16 * (uint64_t)size + (1u << 20);
}

static int scan_open(struct ab_scan *s, struct ab_scrub_policy *policy, size_t size)
{
	s->max_hits = ab_literals_count(policy->literals) + 256;
	s->hits = malloc(s->max_hits * sizeof(*s->hits));
	s->run_hits = malloc(AB_RUN_HITS * sizeof(*s->run_hits));
	s->room = malloc(sizeof(*s->room));
	s->likeness = ab_likeness_new();
	s->triggers = calloc(AB_SCAN_DEPTHS, sizeof(*s->triggers));
	s->below = calloc(AB_SCAN_DEPTHS, sizeof(*s->below));
	s->seen = calloc(AB_SCAN_SEEN, sizeof(*s->seen));
	s->skip = calloc(policy->n, sizeof(*s->skip));
	s->simd = ab_simd_best();
	s->views_left = views_of(size);
	if (!s->hits || !s->run_hits || !s->room || !s->likeness || !s->triggers || !s->below || !s->seen || !s->skip)
		return ab_err_memory(s->err);
	return 0;
}

static void scan_close(struct ab_scan *s)
{
	free(s->hits);
	free(s->run_hits);
	free(s->room);
	free(s->likeness);
	for (size_t i = 0; i < AB_SCAN_DEPTHS; i++) {
		if (s->triggers)
			ab_triggers_free(&s->triggers[i]);
		if (s->below)
			ab_view_free(&s->below[i]);
	}
	free(s->triggers);
	free(s->below);
	free(s->seen);
	free(s->skip);
}

/* Forgets what was found in a document that is not what it began as. */
static void scan_anew(struct ab_scan *s)
{
	s->result->n = 0;
	s->stopped = false;
	s->views_left = views_of(s->source_size);
	memset(s->seen, 0, AB_SCAN_SEEN * sizeof(*s->seen));
}

/* Scans a document as what it is. */
static int scan_document(struct ab_scan *s, enum ab_scrub_mode mode, struct ab_values *values,
			 const struct ab_view *root)
{
	struct ab_err not_json = { 0 };
	bool *is_json = &s->result->is_json;

	if (mode == AB_SCRUB_TEXT)
		return ab_scan_view(s, root);
	if (scan_json(s, values, root, is_json, &not_json) < 0)
		return -1;
	if (*is_json)
		return 0;
	if (mode == AB_SCRUB_JSON || not_json.status == AB_EXIT_TROUBLE) {
		*s->err = not_json;
		return -1;
	}
	scan_anew(s);
	return ab_scan_view(s, root);
}

int ab_scrub_scan(struct ab_scrub_policy *policy, enum ab_scrub_mode mode,
		  const unsigned char *text, size_t size, struct ab_scrub_result *ret,
		  struct ab_err *err)
{
	ab_auto(scan_close) struct ab_scan s = {
		.policy = policy, .source = text, .source_size = size, .result = ret, .err = err
	};
	ab_auto(ab_values_free) struct ab_values values = { .text = text, .size = size, .hold = ret->hold };
	struct ab_view root = { .text = text, .size = size, .hold = ret->hold, .kinds = AB_VIEW_RAW };

	if (scan_open(&s, policy, size) < 0 || scan_document(&s, mode, &values, &root) < 0)
		return -1;
	if (ret->claims && ab_claims_add(&s, ret->claims, &root) < 0)
		return -1;
	if (ret->hold) /* the findings are sorted, which takes memory of its own */
		ab_hold_forget(ret->hold, 0, size);
	return ab_locate(ret, ret->is_json ? &values : NULL, text, err);
}
