/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form of RFC 8785, from jansson values. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/json/json.h"
#include "lib/json/number.h"

static void escape(unsigned char c, struct ab_buf *out)
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";

	for (size_t i = 0; i < sizeof(shorts) - 1; i += 2) {
		if ((unsigned char)shorts[i] == c) {
			ab_buf_addc(out, '\\');
			ab_buf_addc(out, shorts[i + 1]);
			return;
		}
	}
	ab_buf_addf(out, "\\u%04x", c);
}

/* Whether eight bytes stand for themselves: one below 0x20, or that is a quote or a backslash,
 * borrows into its high bit. One above 0x7f never does; there are wrong alarms. */
static inline bool is_plain_word(const unsigned char *p, uint64_t *all)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t v, quote, slash;

	memcpy(&v, p, sizeof(v));
	*all |= v;
	quote = v ^ ones * '"';
	slash = v ^ ones * '\\';
	return !(((v - ones * 0x20) & ~v & high) | ((quote - ones) & ~quote & high) |
		 ((slash - ones) & ~slash & high));
}

/* How many of the bytes stand for themselves in a JSON string; *ret_all: all that were looked at,
 * or-ed. */
static size_t plain_prefix(const unsigned char *p, size_t len, unsigned char *ret_all)
{
	uint64_t all = 0;
	size_t i = 0;

	while (i + 8 <= len && is_plain_word(p + i, &all))
		i += 8;
	if (len >= 8 && i + 8 > len && is_plain_word(p + len - 8, &all))
		i = len;
	for (; i < len && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\'; i++)
		all |= p[i];
	all |= all >> 32;
	all |= all >> 16;
	*ret_all = (unsigned char)(all | all >> 8);
	return i;
}

/* A string that is written as it is, with its quotes, and what stands before and behind it (one
 * character, or ""). */
static void add_plain(const char *before, const char *text, size_t len, const char *behind,
		      struct ab_buf *out)
{
	char *at = ab_buf_reserve(out, len + 4);

	if (!at)
		return;
	if (*before)
		*at++ = *before;
	*at++ = '"';
	memcpy(at, text, len);
	at += len;
	*at++ = '"';
	if (*behind)
		*at++ = *behind;
	*at = '\0';
	out->len = (size_t)(at - out->data);
}

void ab_json_quote(const char *text, size_t len, struct ab_buf *out)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	unsigned char all;
	size_t n = plain_prefix(p, len, &all);

	if (n == len) { /* by far the most of them */
		add_plain("", text, len, "", out);
		return;
	}
	ab_buf_addc(out, '"');
	for (;; n = plain_prefix(p, (size_t)(end - p), &all)) {
		ab_buf_add(out, p, n);
		p += n;
		if (p == end)
			break;
		escape(*p++, out);
	}
	ab_buf_addc(out, '"');
}

static void escape_unicode(uint32_t c, struct ab_buf *out)
{
	if (c < 0x10000)
		ab_buf_addf(out, "\\u%04x", c);
	else
		ab_buf_addf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
			    0xdc00 + ((c - 0x10000) & 0x3ff));
}

void ab_json_quote_bytes(const char *bytes, size_t len, struct ab_buf *out)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t plain = 0, n;
	uint32_t c = 0;

	ab_buf_addc(out, '"');
	for (size_t i = 0; i < len; i += n) {
		n = ab_utf8_decode(p + i, len - i, &c);
		if (n && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f &&
		    (c < 0x80 || !ab_utf8_is_deceptive(c)))
			continue;
		ab_buf_add(out, bytes + plain, i - plain);
		if (n == 1 && c < 0x7f)
			escape((unsigned char)c, out);
		else
			escape_unicode(n ? c : 0xfffd, out);
		n = n ? n : 1;
		plain = i + n;
	}
	ab_buf_add(out, bytes + plain, len - plain);
	ab_buf_addc(out, '"');
}

struct member {
	const char *key;
	size_t len;
	json_t *value;
};

/*
 * UTF-16 code units, compared in UTF-8: the order of bytes is that of code points, and differs only
 * in that surrogates (lead bytes from 0xf0 in UTF-8) stand before U+E000 to U+FFFF (0xee, 0xef).
 */
static int by_utf16(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	size_t len = a->len < b->len ? a->len : b->len;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)a->key[i], d = (unsigned char)b->key[i];

		if (c == d)
			continue;
		if (c >= 0xee && d >= 0xee && (c >= 0xf0) != (d >= 0xf0))
			return c >= 0xf0 ? -1 : 1;
		return c < d ? -1 : 1;
	}
	return (a->len > b->len) - (a->len < b->len);
}

/* A container on the way: its elements or sorted members, and how many have been written. */
struct level {
	json_t *value;
	size_t first; /* of its members in the writer's list */
	size_t n, done;
	bool is_object;
};

struct writer {
	struct ab_buf *out;
	struct level *levels;
	size_t depth, capacity;
	struct member *members; /* of all objects on the way */
	size_t n_members, room;
};

/* Decimal digits, of at most 17 characters. */
static void write_exact(json_int_t i, struct ab_buf *out)
{
	uint64_t n = i < 0 ? (uint64_t)-i : (uint64_t)i;
	char text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	if (i < 0)
		text[--at] = '-';
	ab_buf_add(out, text + at, sizeof(text) - at);
}

static int write_integer(json_int_t i, struct ab_buf *out, struct ab_err *err)
{
	const json_int_t exact = (json_int_t)1 << 53;
	double real = (double)i;

	if (i >= -exact && i <= exact) {
		write_exact(i, out);
		return 0;
	}
	/* (double)INT64_MAX is 2^63, which json_int_t cannot hold. */
	if (real >= 0x1p63 || (json_int_t)real != i)
		return ab_err_no(err,
				 "%" JSON_INTEGER_FORMAT " has no canonical form: not a double", i);
	ab_json_write_double(real, out);
	return 0;
}

static int write_string(const char *before, const char *text, size_t len, const char *behind,
			struct ab_buf *out, struct ab_err *err)
{
	unsigned char all;

	if (plain_prefix((const unsigned char *)text, len, &all) == len && all < 0x80) {
		add_plain(before, text, len, behind, out);
		return 0;
	}
	if (ab_utf8_check((const unsigned char *)text, len) != len)
		return ab_err_no(err, "a string is not UTF-8: no canonical form");
	ab_buf_adds(out, before);
	ab_json_quote(text, len, out);
	ab_buf_adds(out, behind);
	return 0;
}

static int write_scalar(const json_t *value, struct ab_buf *out, struct ab_err *err)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return write_string("", json_string_value(value), json_string_length(value), "",
				    out, err);
	case JSON_INTEGER:
		return write_integer(json_integer_value(value), out, err);
	case JSON_REAL:
		if (!isfinite(json_real_value(value)))
			return ab_err_no(err, "not a finite number: no canonical form");
		ab_json_write_double(json_real_value(value), out);
		return 0;
	case JSON_TRUE:
		ab_buf_adds(out, "true");
		return 0;
	case JSON_FALSE:
		ab_buf_adds(out, "false");
		return 0;
	default:
		ab_buf_adds(out, "null");
		return 0;
	}
}

/* Objects are small, and often in order as they are: no call a comparison, no memory. */
static void sort_members(struct member *members, size_t n)
{
	if (n > 32) {
		qsort(members, n, sizeof(*members), by_utf16);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct member m = members[i];
		size_t to = i;

		for (; to && by_utf16(&members[to - 1], &m) > 0; to--)
			members[to] = members[to - 1];
		members[to] = m;
	}
}

static int add_members(struct writer *w, json_t *object, struct ab_err *err)
{
	size_t first = w->n_members, want = first + json_object_size(object);
	const char *key;
	size_t len;
	json_t *value;

	if (want > w->room) {
		struct member *members = realloc(w->members, (want + 32) * 2 * sizeof(*members));

		if (!members)
			return ab_err_memory(err);
		w->members = members;
		w->room = (want + 32) * 2;
	}
	json_object_keylen_foreach(object, key, len, value)
	{
		w->members[w->n_members++] = (struct member){ key, len, value };
	}
	sort_members(w->members + first, w->n_members - first);
	return 0;
}

static int push(struct writer *w, json_t *value, struct ab_err *err)
{
	struct level level = { .value = value,
			       .first = w->n_members,
			       .is_object = json_is_object(value) };

	if (w->depth == w->capacity) {
		size_t want = w->capacity ? w->capacity * 2 : 16;
		struct level *levels = realloc(w->levels, want * sizeof(*levels));

		if (!levels)
			return ab_err_memory(err);
		w->levels = levels;
		w->capacity = want;
	}
	level.n = level.is_object ? json_object_size(value) : json_array_size(value);
	if (level.is_object && add_members(w, value, err) < 0)
		return -1;
	w->levels[w->depth++] = level;
	ab_buf_addc(w->out, level.is_object ? '{' : '[');
	return 0;
}

static int write_value(struct writer *w, json_t *value, struct ab_err *err)
{
	if (json_is_object(value) || json_is_array(value))
		return push(w, value, err);
	return write_scalar(value, w->out, err);
}

/* The next element of the innermost container, or its end. */
static int step(struct writer *w, struct ab_err *err)
{
	struct level *level = &w->levels[w->depth - 1];
	size_t i = level->done++;
	struct member m;

	if (i == level->n) {
		ab_buf_addc(w->out, level->is_object ? '}' : ']');
		w->n_members = level->first;
		w->depth--;
		return 0;
	}
	if (!level->is_object) {
		if (i)
			ab_buf_addc(w->out, ',');
		return write_value(w, json_array_get(level->value, i), err);
	}
	m = w->members[level->first + i];
	if (write_string(i ? "," : "", m.key, m.len, ":", w->out, err) < 0)
		return -1;
	return write_value(w, m.value, err);
}

int ab_json_canonical(const json_t *value, struct ab_buf *out, struct ab_err *err)
{
	struct writer w = { .out = out };
	/* jansson's getters for containers take no const. */
	int status = write_value(&w, (json_t *)(uintptr_t)value, err);

	while (status == 0 && w.depth)
		status = step(&w, err);
	free(w.levels);
	free(w.members);
	return status < 0 ? -1 : ab_buf_ok(out, err);
}
