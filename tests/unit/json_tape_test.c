/* SPDX-License-Identifier: Apache-2.0 */
/* The tape: its shape, pointers and members, decoded strings, limits, and hostile sizes. */
#include "tests/unit/tap.h"

#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/hold.h"
#include "lib/json/scan.h"
#include "lib/json/tape.h"

/* Puts the zeros behind a text that ab_json_read() wants. */
static const unsigned char *padded(struct ab_buf *text)
{
	char *end = ab_buf_reserve(text, AB_HOLD_PAD);

	if (!end)
		abort();
	memset(end, 0, AB_HOLD_PAD);
	return (const unsigned char *)text->data;
}

static int read_text(struct ab_json_tape *tape, struct ab_buf *text, const char *json,
		     struct ab_err *err)
{
	ab_buf_clear(text);
	ab_buf_adds(text, json);
	return ab_json_read(tape, padded(text), text->len, NULL, err);
}

static void test_shape(struct tap *t)
{
	static const struct {
		enum ab_json_type type;
		unsigned flags, count;
		uint32_t at, len, next;
	} want[] = {
		{ AB_JSON_OBJECT, 0, 4, 0, 45, 12 },
		{ AB_JSON_STRING, AB_JSON_KEY, 0, 2, 1, 2 },
		{ AB_JSON_ARRAY, 0, 3, 5, 12, 6 },
		{ AB_JSON_NUMBER, AB_JSON_INTEGER, 0, 6, 2, 4 },
		{ AB_JSON_NUMBER, 0, 0, 9, 3, 5 },
		{ AB_JSON_NUMBER, 0, 0, 13, 3, 6 },
		{ AB_JSON_STRING, AB_JSON_KEY | AB_JSON_ESCAPED, 0, 19, 2, 7 },
		{ AB_JSON_STRING, AB_JSON_ESCAPED, 0, 24, 3, 8 },
		{ AB_JSON_STRING, AB_JSON_KEY, 0, 30, 0, 9 },
		{ AB_JSON_OBJECT, 0, 0, 32, 3, 10 },
		{ AB_JSON_STRING, AB_JSON_KEY, 0, 37, 1, 11 },
		{ AB_JSON_TRUE, 0, 0, 40, 4, 12 },
	};
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err = { 0 };
	bool same = true;

	read_text(&tape, &text, "{\"a\":[-1,2.5,3e1],\"\\n\":\"\\\"x\",\"\":{ },\"t\":true}", &err);
	tap_ok(t, tape.n == AB_ARRAY_SIZE(want), "a node a value and a node a key");
	for (size_t i = 0; i < tape.n && i < AB_ARRAY_SIZE(want); i++) {
		const struct ab_json_node *n = &tape.nodes[i];
		bool container = n->type == AB_JSON_ARRAY || n->type == AB_JSON_OBJECT;

		if (n->type != want[i].type || n->flags != want[i].flags || n->at != want[i].at ||
		    n->len != want[i].len || n->next != want[i].next ||
		    (container && n->count != want[i].count)) {
			printf("# node %zu: %u %u %u %u %u %u\n", i, n->type, n->flags, n->count,
			       n->at, n->len, n->next);
			same = false;
		}
	}
	tap_ok(t, same, "type, flags, place, length and next of each node");
	tap_ok(t,
	       tape.nodes[0].count == 4 && tape.nodes[0].next == tape.n &&
		       tape.nodes[0].len == text.len,
	       "the document's node spans it all");
}

static void test_pointers(struct tap *t)
{
	static const char json[] =
		"{\"a/b\":{\"c~d\":[10,[20,{\"\":30}],\"x\"]},\"\\u0061\":1,\"\":2,"
		"\"\xc3\xa9\\u0000\":3,\"0\":4}";
	static const struct {
		const char *pointer, *value; /* NULL: no such value */
	} rows[] = { { "/a~1b/c~0d/0", "10" },
		     { "/a~1b/c~0d/1/0", "20" },
		     { "/a~1b/c~0d/1/1/", "30" },
		     { "/a~1b/c~0d/2", "x" },
		     { "/a~1b/c~0d", "[10,[20,{\"\":30}],\"x\"]" },
		     { "", json },
		     { "/a", "1" },
		     { "/", "2" },
		     { "/0", "4" },
		     { "a", NULL },
		     { "/b", NULL },
		     { "/a/0", NULL },
		     { "/a/", NULL },
		     { "/a~1b/c~0d/3", NULL },
		     { "/a~1b/c~0d/00", NULL },
		     { "/a~1b/c~0d/01", NULL },
		     { "/a~1b/c~0d/-", NULL },
		     { "/a~1b/c~0d/+1", NULL },
		     { "/a~1b/c~0d/", NULL },
		     { "/a~1b/c~0d/99999999999999999999", NULL },
		     { "/a~1b/c~0d/18446744073709551616", NULL },
		     { "/a~2b", NULL },
		     { "/a~", NULL },
		     { "/a/b", NULL },
		     { "/a~1b~1c", NULL } };
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err = { 0 };
	size_t wrong = 0;

	read_text(&tape, &text, json, &err);
	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		ptrdiff_t n = ab_json_find(&tape, rows[i].pointer);
		const struct ab_json_node *node = n < 0 ? NULL : &tape.nodes[n];
		bool same =
			!node == !rows[i].value &&
			(!node || (node->len == strlen(rows[i].value) &&
				   memcmp(text.data + node->at, rows[i].value, node->len) == 0));

		tap_ok(t, same, "pointer '%s'", rows[i].pointer);
	}
	for (size_t i = 0; i < tape.n; i++) {
		ab_auto(ab_buf_free) struct ab_buf pointer = { 0 };
		bool key = tape.nodes[i].flags & AB_JSON_KEY;

		ab_json_pointer(&tape, i, &pointer);
		/* A pointer is text, so a NUL in it ends it for ab_json_find(). */
		if (memchr(pointer.data, '\0', pointer.len))
			continue;
		wrong += ab_json_find(&tape, pointer.data) != (ptrdiff_t)i + key;
	}
	tap_ok(t, wrong == 0, "each node's pointer finds the node, a key's the member's value");
}

static void test_members(struct tap *t)
{
	static const struct {
		const char *key;
		size_t len;
		const char *value;
	} rows[] = { { "a", 1, "1" },
		     { "b\0c", 3, "2" },
		     { "", 0, "3" },
		     { "\xf0\x9f\x98\x80", 4, "4" },
		     { "b", 1, NULL },
		     { "b\0", 2, NULL },
		     { "b\0cd", 4, NULL },
		     { "x", 1, NULL },
		     { "\\u0061", 6, NULL },
		     { "long key of many bytes", 22, "5" },
		     { "long key of many byte", 21, NULL } };
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	struct ab_err err = { 0 };

	read_text(&tape, &text,
		  "{\"\\u0061\":1,\"b\\u0000c\":2,\"\":3,\"\\ud83d\\ude00\":4,"
		  "\"long \\u006bey of many bytes\":5}",
		  &err);
	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		ptrdiff_t n = ab_json_member(&tape, 0, rows[i].key, rows[i].len);

		tap_ok(t,
		       rows[i].value ? n > 0 && text.data[tape.nodes[n].at] == *rows[i].value
				     : n == -1,
		       "member %zu", i);
	}
	tap_ok(t, ab_json_member(&tape, 2, "a", 1) == -1, "a number has no member");
	read_text(&tape, &text,
		  "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20ac\\uD83D\\uDE00z\"", &err);
	ab_json_unescape(&tape, 0, &out);
	tap_ok(t,
	       out.len == 20 &&
		       memcmp(out.data, "a\"\\/\b\f\n\r\t\0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z",
			      out.len) == 0,
	       "every escape is decoded");
	tap_ok(t,
	       ab_json_is(&tape, 0, out.data, out.len) &&
		       !ab_json_is(&tape, 0, out.data, out.len - 1) &&
		       !ab_json_is(&tape, 0, out.data, out.len + 1),
	       "a string is its decoded bytes and no others");
}

static void test_position(struct tap *t)
{
	static const char text[] = "a\n\xc3\xa9x\r\n\n\xf0\x9f\x98\x80y";
	static const size_t want[][3] = { { 0, 1, 1 }, { 1, 1, 2 }, { 2, 2, 1 }, { 4, 2, 2 },
					  { 5, 2, 3 }, { 7, 3, 1 }, { 8, 4, 1 }, { 12, 4, 2 } };
	bool right = true;

	for (size_t i = 0; i < AB_ARRAY_SIZE(want); i++) {
		size_t line, column;

		ab_json_position((const unsigned char *)text, want[i][0], &line, &column);
		right = right && line == want[i][1] && column == want[i][2];
	}
	tap_ok(t, right, "lines end in a newline, columns count characters");
}

static void repeat(struct ab_buf *text, const char *piece, size_t n)
{
	while (n--)
		ab_buf_adds(text, piece);
}

/* Reads text with limits; the error's text, "" if it is taken. */
static const char *verdict(struct ab_buf *text, size_t depth, size_t size, struct ab_err *err)
{
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	const struct ab_json_limits limits = { .size = size, .depth = depth };

	err->msg[0] = '\0';
	(void)ab_json_read(&tape, padded(text), text->len, &limits, err);
	return err->msg;
}

static void test_depth(struct tap *t)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err;
	const char *said;

	ab_buf_adds(&text, "[[{\"a\":[1]}]]");
	tap_is(t, verdict(&text, 4, 0, &err), "", "four levels fit in four");
	tap_is(t, verdict(&text, 3, 0, &err), "1:8: /0/0/a: too many levels: more than 3",
	       "and not in three");
	tap_is(t, verdict(&text, 1, 0, &err), "1:2: /0: too many levels: more than 1",
	       "nor in one");
	ab_buf_clear(&text);
	repeat(&text, "[", 1024);
	repeat(&text, "]", 1024);
	tap_is(t, verdict(&text, 0, 0, &err), "", "1024 levels by default");
	ab_buf_clear(&text);
	repeat(&text, "[", 1025);
	said = verdict(&text, 0, 0, &err);
	tap_ok(t,
	       strncmp(said, "1:1025: /0/0/0", 14) == 0 &&
		       strstr(said, "/0...: too many levels: more than 1024"),
	       "1025 are refused, with a pointer that is cut");
	ab_buf_clear(&text);
	repeat(&text, "[", 100000);
	repeat(&text, "]", 100000);
	tap_is(t, verdict(&text, 100000, 0, &err), "", "10^5 levels where they are allowed");
	tap_ok(t, strncmp(verdict(&text, 99999, 0, &err), "1:100000: /0/0", 14) == 0,
	       "and refused where they are not");
	ab_buf_clear(&text);
	repeat(&text, "{\"a\":", 100000);
	tap_ok(t, strncmp(verdict(&text, 100000, 0, &err), "1:500001: /a/a", 14) == 0,
	       "10^5 objects that never end");
	ab_buf_clear(&text);
	ab_buf_adds(&text, "[1]");
	tap_is(t, verdict(&text, 0, 3, &err), "", "three bytes fit in three");
	tap_is(t, verdict(&text, 0, 2, &err), "larger than 2 bytes", "and not in two");
}

static void test_reuse(struct tap *t)
{
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err = { 0 };
	bool right = true;

	for (int i = 0; i < 3; i++) {
		right = right && read_text(&tape, &text, "{\"a\":1,\"a\":2}", &err) == -1;
		right = right && read_text(&tape, &text, "[[[[[[1", &err) == -1;
		right = right && read_text(&tape, &text, "{\"a\":1,\"b\":{\"a\":2}}", &err) == 0 &&
			tape.n == 7 && tape.nodes[0].count == 2;
		right = right && read_text(&tape, &text, "{}", &err) == 0 && tape.n == 1;
	}
	tap_ok(t, right, "a tape is used again after any verdict");
	/* A line among others is read in place. */
	ab_buf_clear(&text);
	ab_buf_adds(&text, "{\"a\":1 \n ]\n[2]");
	padded(&text);
	tap_ok(t, ab_json_read(&tape, (const unsigned char *)text.data, 7, NULL, &err) == -1,
	       "a line does not go on behind its newline");
	tap_is(t, err.msg, "1:8: unexpected end, expected ',' or '}'", "and says so");
	tap_ok(t, ab_json_read(&tape, (const unsigned char *)text.data + 11, 3, NULL, &err) == 0,
	       "another line of the same memory");
}

/* An object of n members; `twice` is written again at the end. */
static void make_object(struct ab_buf *text, size_t n, const char *format, ptrdiff_t twice)
{
	ab_buf_clear(text);
	ab_buf_adds(text, "{");
	for (size_t i = 0; i < n; i++) {
		ab_buf_addf(text, "%s\"%s%zu\":%zu", i ? ",\n" : "", format, i, i);
		if (i == 3)
			ab_buf_adds(text, ",\"x\":{\"key0\":[]}");
	}
	if (twice >= 0)
		ab_buf_addf(text, ",\"%s\\u003%td\":0", format, twice);
	ab_buf_adds(text, "}");
}

static void test_many_keys(struct tap *t)
{
	static const size_t sizes[] = {
		1, 2, 9, 31, 32, 33, 62, 63, 64, 65, 66, 100, 1000, 100000
	};
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err;

	for (size_t i = 0; i < AB_ARRAY_SIZE(sizes); i++) {
		make_object(&text, sizes[i], "key", -1);
		tap_is(t, verdict(&text, 0, 0, &err), "", "an object of many members");
		make_object(&text, sizes[i], "key", 0);
		tap_ok(t, strstr(verdict(&text, 0, 0, &err), ": /key0: duplicate key"),
		       "its first key again, escaped, after %zu", sizes[i]);
	}
}

/* Each key starts as those before it do, so that only its length tells it from them: of lengths
 * that the quick hash likes to put together. */
static void test_prefixes(struct tap *t)
{
	static const char *const starts[] = { "x", "\\u0078" };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err;

	for (size_t i = 0; i < 4; i++) {
		ab_buf_clear(&text);
		ab_buf_adds(&text, "{");
		for (size_t n = 1; n <= 60; n++) {
			ab_buf_addf(&text, "\"%s", starts[i / 2]);
			repeat(&text, "x", 233 * (i % 2 ? n : 61 - n));
			ab_buf_addf(&text, "\":%zu%s", n, n < 60 ? "," : "}");
		}
		tap_is(t, verdict(&text, 0, 0, &err), "", "keys that start alike");
	}
}

/* Processor time; another program on the machine makes it more, never less: the best of a few counts. */
static void take_time(struct ab_buf *text, double *best, struct ab_err *err)
{
	clock_t start = clock();
	double spent;

	verdict(text, 0, 0, err);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	if (spent < *best)
		*best = spent;
}

/* Keys alike in all that the quick hash looks at: head, tail and length. */
static void make_flood(struct ab_buf *text, size_t n)
{
	ab_buf_clear(text);
	ab_buf_adds(text, "{");
	for (size_t i = 0; i < n; i++)
		ab_buf_addf(text, "%s\"same%08zuend\":0", i ? "," : "", i);
	ab_buf_adds(text, "}");
}

static void test_flood(struct tap *t)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 }, more = { 0 };
	struct ab_err err;
	double once = 1e9, twice = 1e9;
	bool linear = false;

	make_flood(&text, 200000);
	make_flood(&more, 400000);
	for (int i = 0; i < 5 && !linear; i++) {
		take_time(&text, &once, &err);
		take_time(&more, &twice, &err);
		linear = twice < 3.5 * once + 0.05;
	}
	tap_is(t, err.msg, "", "400,000 keys that look alike");
	tap_ok(t, linear, "twice as many take about twice the time");
	ab_buf_clear(&text);
	ab_buf_adds(&text, "[");
	for (size_t i = 0; i < 3000; i++) {
		ab_buf_adds(&text, i ? ",{" : "{");
		for (size_t j = 0; j < 64; j++)
			ab_buf_addf(&text, "%s\"same%02zuend\":0", j ? "," : "", j);
		ab_buf_adds(&text, "}");
	}
	ab_buf_adds(&text, "]");
	once = 1e9;
	for (int i = 0; i < 5 && once >= 1; i++)
		take_time(&text, &once, &err);
	tap_ok(t, !*err.msg && once < 1, "objects of 64 keys that look alike");
}

static void test_long(struct tap *t)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	size_t size = 100u << 20;
	struct ab_err err;
	char *at = ab_buf_reserve(&text, size);

	if (!at) {
		tap_skip(t, "a string of 100 MiB", "no memory");
		return;
	}
	memset(at, 'x', size);
	at[0] = at[size - 1] = '"';
	text.len = size;
	tap_is(t, verdict(&text, 0, 0, &err), "", "a string of 100 MiB");
	at[size - 2] = '\x1f';
	tap_is(t, verdict(&text, 0, 0, &err),
	       "1:104857599: expected no control character in a string", "with one bad byte");
	memset(at, '7', size);
	tap_is(t, verdict(&text, 0, 0, &err), "", "a number of 100 MiB");
	at[1] = '.';
	at[size - 1] = '.';
	tap_is(t, verdict(&text, 0, 0, &err), "1:104857600: expected the end of the document",
	       "and with a point too many");
	memset(at, ' ', size);
	tap_is(t, verdict(&text, 0, 0, &err), "1:104857601: unexpected end, expected a value",
	       "100 MiB of blanks");
}

/* Both ways to look at 16 bytes say the same of every byte in every place. */
static void test_scan(struct tap *t)
{
	unsigned char bytes[16];
	size_t wrong = 0;

	for (unsigned fill = 0; fill < 3; fill++) {
		for (unsigned at = 0; at < 16; at++) {
			for (unsigned c = 0; c < 256; c++) {
				memset(bytes, "x5 "[fill], sizeof(bytes));
				bytes[at] = (unsigned char)c;
				wrong += ab_scan_string(bytes) != ab_scan_string_words(bytes);
				wrong += ab_scan_digits(bytes) != ab_scan_digits_words(bytes);
				wrong += ab_scan_space(bytes) != ab_scan_space_words(bytes);
				wrong += (ab_scan_string_words(bytes) >> at & 1) !=
					 (c < 0x20 || c == '"' || c == '\\' || c >= 0x80);
				wrong += (ab_scan_digits_words(bytes) >> at & 1) !=
					 (c < '0' || c > '9');
				wrong += (ab_scan_space_words(bytes) >> at & 1) !=
					 (c != ' ' && c != '\t' && c != '\n' && c != '\r');
			}
		}
	}
	tap_ok(t, wrong == 0, "vectors and words agree on every byte");
}

int main(void)
{
	struct tap t = { 0 };

	test_shape(&t);
	test_pointers(&t);
	test_members(&t);
	test_position(&t);
	test_depth(&t);
	test_reuse(&t);
	test_many_keys(&t);
	test_prefixes(&t);
	test_flood(&t);
	test_long(&t);
	test_scan(&t);
	return tap_done(&t);
}
