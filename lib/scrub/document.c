/* SPDX-License-Identifier: Apache-2.0 */
/* A document as views: text as it stands; JSON as its strings and numbers, decoded, one behind the
 * other. */
#include <stdio.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/json/tape.h"
#include "lib/scrub/claim.h"
#include "lib/scrub/decode.h"
#include "lib/scrub/locate.h"
#include "lib/scrub/scan.h"

#define BATCH ((size_t)256 << 10) /* decoded bytes that are scanned at once */

/* Strings of a JSON document as one text, parted by NULs that no match crosses. */
struct join {
	struct ab_view view;
	uint32_t *segments;
	size_t n, capacity;
};

static void join_free(struct join *j)
{
	ab_view_free(&j->view);
	free(j->segments);
}

static int begin_segment(struct join *j, struct ab_err *err)
{
	if (j->n)
		ab_buf_addc(&j->view.buf, '\0');
	if (j->n == j->capacity) {
		size_t capacity = j->capacity ? j->capacity * 2 : 256;
		uint32_t *segments = realloc(j->segments, capacity * sizeof(*segments));

		if (!segments)
			return ab_err_memory(err);
		j->segments = segments;
		j->capacity = capacity;
	}
	j->segments[j->n++] = (uint32_t)j->view.buf.len;
	return 0;
}

static uint32_t hex4(const unsigned char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return v;
}

/* Adds the escape at text + at (the reader has checked it), returns its length. */
static size_t add_escape(struct ab_view *v, const unsigned char *text, size_t at)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned char utf8[4];
	uint32_t c;
	size_t len = 6, n;

	if (text[at + 1] != 'u') {
		ab_view_unit(v, &to[strchr(from, text[at + 1]) - from], 1, at, 2);
		return 2;
	}
	c = hex4(text + at + 2);
	if (c >= 0xd800 && c < 0xdc00) {
		c = 0x10000 + ((c - 0xd800) << 10) + (hex4(text + at + 8) - 0xdc00);
		len = 12;
	}
	n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	if (n == 1) {
		utf8[0] = (unsigned char)c;
	} else {
		for (size_t i = n; i-- > 1; c >>= 6)
			utf8[i] = 0x80 | (c & 0x3f);
		utf8[0] = (unsigned char)((0xf00u >> n & 0xff) | c);
	}
	ab_view_unit(v, utf8, n, at, len);
	return len;
}

static void add_value(struct ab_view *v, const struct ab_json_tape *tape,
		      const struct ab_json_node *node)
{
	size_t at = node->at, end = at + node->len;

	if (!(node->type == AB_JSON_STRING && node->flags & AB_JSON_ESCAPED)) {
		ab_view_copy(v, tape->text + at, at, node->len);
		return;
	}
	while (at < end) {
		const unsigned char *escape = memchr(tape->text + at, '\\', end - at);
		size_t stop = escape ? (size_t)(escape - tape->text) : end;

		ab_view_copy(v, tape->text + at, at, stop - at);
		at = stop;
		if (at < end)
			at += add_escape(v, tape->text, at);
	}
}

static bool is_scalar(const struct ab_json_node *node)
{
	return node->type == AB_JSON_STRING || node->type == AB_JSON_NUMBER;
}

/* A member's key and its scalar stand in one segment, so that a rule sees `password=...`. */
static size_t add_node(struct join *j, const struct ab_json_tape *tape, size_t i)
{
	const struct ab_json_node *node = &tape->nodes[i], *value = node + 1;
	size_t end = node->at + node->len;

	add_value(&j->view, tape, node);
	if (!(node->flags & AB_JSON_KEY) || i + 1 >= tape->n || !is_scalar(value))
		return i + 1;
	ab_view_unit(&j->view, "=\n", 2, end, value->at - end);
	add_value(&j->view, tape, value);
	return i + 2;
}

static int scan_batch(struct ab_scan *s, struct join *j)
{
	if (ab_view_finish(&j->view, s->err) < 0)
		return -1;
	j->view.segments = j->segments;
	j->view.n_segments = j->n;
	if (ab_scan_view(s, &j->view) < 0)
		return -1;
	ab_view_clear(&j->view);
	j->n = 0;
	return 0;
}

static int scan_json(struct ab_scan *s, const struct ab_json_tape *tape, const struct ab_view *root)
{
	ab_auto(join_free) struct join j = { .view = { .parent = root,
						       .kinds = AB_VIEW_JSON | AB_VIEW_RAW } };
	size_t i = 0;

	while (i < tape->n && !s->stopped) {
		if (!is_scalar(&tape->nodes[i])) {
			i++;
			continue;
		}
		if (begin_segment(&j, s->err) < 0)
			return -1;
		i = add_node(&j, tape, i);
		if (j.view.buf.len >= BATCH && scan_batch(s, &j) < 0)
			return -1;
	}
	return j.n && !s->stopped ? scan_batch(s, &j) : 0;
}

static int scan_open(struct ab_scan *s, struct ab_scrub_policy *policy, size_t size)
{
	s->max_hits = ab_literals_count(policy->literals) + 256;
	s->hits = malloc(s->max_hits * sizeof(*s->hits));
	s->run_hits = malloc(AB_RUN_HITS * sizeof(*s->run_hits));
	s->room = malloc(sizeof(*s->room));
	s->triggers = calloc(AB_SCAN_DEPTHS, sizeof(*s->triggers));
	s->below = calloc(AB_SCAN_DEPTHS, sizeof(*s->below));
	s->seen = calloc(AB_SCAN_SEEN, sizeof(*s->seen));
	s->skip = calloc(policy->n, sizeof(*s->skip));
	s->simd = ab_simd_best();
	s->views_left = 16 * (uint64_t)size + (1u << 20);
	if (!s->hits || !s->run_hits || !s->room || !s->triggers || !s->below || !s->seen || !s->skip)
		return ab_err_memory(s->err);
	return 0;
}

static void scan_close(struct ab_scan *s)
{
	free(s->hits);
	free(s->run_hits);
	free(s->room);
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

static void tape_free(struct ab_json_tape *tape)
{
	ab_json_tape_free(tape);
}

int ab_scrub_scan(struct ab_scrub_policy *policy, enum ab_scrub_mode mode,
		  const unsigned char *text, size_t size, struct ab_scrub_result *ret,
		  struct ab_err *err)
{
	ab_auto(scan_close) struct ab_scan s = {
		.policy = policy, .source = text, .source_size = size, .result = ret, .err = err
	};
	ab_auto(tape_free) struct ab_json_tape tape = { 0 };
	struct ab_view root = { .text = text, .size = size, .kinds = AB_VIEW_RAW };
	struct ab_err not_json = { 0 };

	if (mode != AB_SCRUB_TEXT)
		ret->is_json = ab_json_read(&tape, text, size, NULL, &not_json) == 0;
	if (!ret->is_json && (mode == AB_SCRUB_JSON || not_json.status == AB_EXIT_TROUBLE)) {
		*err = not_json;
		return -1;
	}
	if (scan_open(&s, policy, size) < 0)
		return -1;
	if (ret->is_json ? scan_json(&s, &tape, &root) : ab_scan_view(&s, &root))
		return -1;
	if (ret->claims && ab_claims_add(&s, ret->claims, &root) < 0)
		return -1;
	if (ret->hold) /* the findings are sorted, which takes memory of its own */
		ab_hold_forget(ret->hold, 0, size);
	return ab_locate(ret, ret->is_json ? &tape : NULL, text, size, err);
}
