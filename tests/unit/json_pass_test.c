/* SPDX-License-Identifier: Apache-2.0 */
/* A pass over a document that is larger than the tape: the same values, and the same refusals, as of a
 * tape that holds all of it. */
#include "tests/unit/tap.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/hold.h"
#include "lib/json/tape.h"

#define ENOUGH 2000000 /* bytes of a document */

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void add_object(struct ab_buf *out, uint64_t *seed, int depth);

static void add_value(struct ab_buf *out, uint64_t *seed, int depth)
{
	static const char *const scalars[] = { "0", "-1.5e3", "true", "null", "\"\"", "\"a\\n\\u00e9\"", "\"text of some length\"",
					       "12345678901234567890.5", "[]", "{}", "[ ]" };
	uint64_t kind = out->len < ENOUGH ? next(seed) % 8 : 7;

	if (kind == 0 && depth > 0) {
		add_object(out, seed, depth);
	} else if (kind == 1 && depth > 0) {
		ab_buf_addc(out, '[');
		for (uint64_t i = 0, n = next(seed) % 9 + 1; i < n; i++) {
			ab_buf_adds(out, i ? ", " : "");
			add_value(out, seed, depth - 1);
		}
		ab_buf_addc(out, ']');
	} else {
		ab_buf_adds(out, scalars[next(seed) % AB_ARRAY_SIZE(scalars)]);
	}
}

/* Of few members, of about as many as are compared one by one, or of thousands. */
static void add_object(struct ab_buf *out, uint64_t *seed, int depth)
{
	static const unsigned sizes[] = { 1, 2, 3, 5, 60, 64, 65, 66, 130, 9000 };
	unsigned n = sizes[next(seed) % (depth > 5 ? AB_ARRAY_SIZE(sizes) : 8)];

	ab_buf_addc(out, '{');
	for (unsigned i = 0; i < n && (!i || out->len < ENOUGH); i++) {
		ab_buf_addf(out, "%s\"%s%u\":", i ? "," : "", next(seed) % 5 ? "key" : "k\\u0065y-", i);
		add_value(out, seed, depth - 1);
	}
	ab_buf_addc(out, '}');
}

static void make_document(struct ab_buf *out, uint64_t seed, size_t size, char opener)
{
	ab_buf_clear(out);
	ab_buf_addc(out, opener);
	for (unsigned i = 0; out->len < size; i++) {
		ab_buf_adds(out, i ? ",\n" : "");
		if (opener == '{')
			ab_buf_addf(out, "\"%u\":", i);
		add_value(out, &seed, 8);
	}
	ab_buf_addc(out, opener == '{' ? '}' : ']');
}

/* The nodes of a pass beside those of a whole tape. */
struct compared {
	const struct ab_json_tape *whole;
	size_t n, at, wrong, calls, stop;
	uint32_t ends[AB_JSON_MAX_DEPTH + 1];  /* of the open containers, on the pass's tape */
	uint32_t opens[AB_JSON_MAX_DEPTH + 1]; /* and their nodes on the whole one */
	size_t depth;
};

/* The containers before the new nodes are those that are open. */
static void compare_open(struct compared *c, const struct ab_json_tape *tape, size_t first)
{
	size_t depth = 0;

	for (size_t i = 0; i < first; i++) {
		const struct ab_json_node *n = &tape->nodes[i];
		const struct ab_json_node *w = &c->whole->nodes[c->opens[depth]];

		if (n->type < AB_JSON_ARRAY)
			continue;
		if (depth == c->depth || n->type != w->type || n->at != w->at ||
		    (depth && (n - 1)->flags & AB_JSON_KEY && (n - 1)->at != (w - 1)->at)) {
			c->wrong++;
			return;
		}
		c->ends[depth++] = n->next;
	}
	c->wrong += depth != c->depth;
}

static int compare(void *arg, const struct ab_json_tape *tape, size_t first, struct ab_err *err)
{
	struct compared *c = arg;

	(void)err;
	c->calls++;
	compare_open(c, tape, first);
	for (size_t i = first; i < tape->n && !c->wrong; i++, c->at++) {
		const struct ab_json_node *n = &tape->nodes[i], *w = &c->whole->nodes[c->at];
		bool container = n->type >= AB_JSON_ARRAY, closed = n->next != AB_JSON_OPEN;

		while (c->depth && i >= c->ends[c->depth - 1]) {
			c->depth--;
			c->wrong += c->whole->nodes[c->opens[c->depth]].next != c->at;
		}
		if (c->at >= c->n || n->type != w->type || n->at != w->at || n->flags != w->flags)
			c->wrong++;
		else if ((!container || closed) && (n->len != w->len || (container && n->count != w->count)))
			c->wrong++;
		if (container) {
			c->ends[c->depth] = n->next;
			c->opens[c->depth++] = (uint32_t)c->at;
		}
	}
	while (c->depth && c->ends[c->depth - 1] != AB_JSON_OPEN)
		c->depth--;
	return c->stop && c->calls == c->stop;
}

/* Both readers over a document; the hold is one that spools. */
static void read_both(struct ab_hold *hold, const struct ab_buf *doc, struct compared *c, struct ab_err err[2])
{
	ab_auto(ab_json_tape_free) struct ab_json_tape whole = { 0 }, tape = { 0 };
	const struct ab_json_pass pass = { .take = compare, .arg = c, .hold = hold };
	const unsigned char *text;
	int status[2];

	c->whole = &whole;
	err[0].msg[0] = err[1].msg[0] = '\0';
	ab_hold_expect(hold, UINT64_MAX);
	if (ab_hold_add(hold, doc->data, doc->len, &err[0]) < 0 || !(text = ab_hold_map(hold, &err[0])))
		abort();
	status[0] = ab_json_read(&whole, text, doc->len, NULL, &err[0]);
	c->n = status[0] == 0 ? whole.n : SIZE_MAX; /* else it ends at the key that is wrong */
	status[1] = ab_json_pass(&tape, text, doc->len, NULL, &pass, &err[1]);
	if (status[0] == 0 && !c->stop)
		c->wrong += c->at != whole.n || c->depth;
	c->wrong += status[0] != status[1] || strcmp(err[0].msg, err[1].msg) != 0;
	if (c->wrong)
		printf("# %d %s\n# %d %s\n", status[0], err[0].msg, status[1], err[1].msg);
	if (ab_hold_clear(hold, &err[0]) < 0)
		abort();
}

static void test_same(struct tap *t, struct ab_hold *hold)
{
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct ab_err err[2];
	size_t wrong = 0, calls = 0;

	for (uint64_t seed = 0; seed < 24; seed++) {
		struct compared c = { 0 };

		make_document(&doc, seed, seed % 4 ? 1500000 : 3000, seed % 2 ? '{' : '[');
		read_both(hold, &doc, &c, err);
		wrong += c.wrong;
		calls += c.calls;
	}
	tap_ok(t, wrong == 0, "all nodes come once, in their order, in their containers");
	tap_ok(t, calls > 50, "and not all at once");
}

static void test_refused(struct tap *t, struct ab_hold *hold)
{
	static const char *const broken[] = { "", "\"", "}", "]", ",", "\\", "\n\x01", "nul", "{\"a\":1,\"a\":2}", "\xff" };
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct ab_err err[2];
	uint64_t seed = 7;
	size_t wrong = 0, refused = 0;

	for (unsigned i = 0; i < 60; i++) {
		struct compared c = { 0 };
		const char *with = broken[i % AB_ARRAY_SIZE(broken)];
		size_t at;

		make_document(&doc, i, 400000, i % 3 ? '{' : '[');
		at = next(&seed) % doc.len;
		if (*with)
			memcpy(doc.data + at, with, strlen(with) < doc.len - at ? strlen(with) : doc.len - at);
		else
			doc.len = at;
		read_both(hold, &doc, &c, err);
		wrong += c.wrong;
		refused += *err[0].msg != 0;
	}
	tap_ok(t, wrong == 0, "what is refused is refused with the same words");
	tap_ok(t, refused > 40, "and most of what is broken is");
}

static void add_members(struct ab_buf *doc, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		ab_buf_addf(doc, "%s\"k%u\":0", i ? "," : "", i);
}

static void test_repeated(struct tap *t, struct ab_hold *hold)
{
	static const struct {
		const char *name, *first, *second, *want;
	} rows[] = {
		{ "none", "", "", "" },
		{ "a key of the first members", ",\"k3\":1", "", "1:1088897: /o/k3: duplicate key" },
		{ "one spelled with an escape", "", ",\"\\u006b99999\":1", "1:2288897: /o/k99999: duplicate key" },
		{ "the first of many", ",\"k70000\":1", ",\"k5\":1,\"k6\":1,\"k7\":1,\"k8\":1,\"k9\":1,\"k9\":1,\"k10\":1", "1:1088897: /o/k70000: duplicate key" },
	};
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct ab_err err[2];

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		struct compared c = { 0 };

		ab_buf_clear(&doc);
		ab_buf_adds(&doc, "{\"o\":{");
		add_members(&doc, 0, 100000);
		ab_buf_adds(&doc, rows[i].first);
		add_members(&doc, 100000, 200000);
		ab_buf_adds(&doc, rows[i].second);
		ab_buf_adds(&doc, "},\"k1\":[]}");
		read_both(hold, &doc, &c, err);
		tap_ok(t, c.wrong == 0, "of 200000 keys repeated: %s", rows[i].name);
		tap_is(t, err[1].msg, rows[i].want, "that is where it says");
	}
}

/* Objects of thousands of members, one in another, each with keys before and behind the next one. */
static void test_nested(struct tap *t, struct ab_hold *hold)
{
	static const char *const last[] = { "\"z\":0", "\"k17\":0" };
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct ab_err err[2];

	for (unsigned i = 0; i < 2; i++) {
		struct compared c = { 0 };

		ab_buf_clear(&doc);
		for (unsigned k = 0; k < 6; k++) {
			ab_buf_addc(&doc, '{');
			add_members(&doc, 0, 20000);
			ab_buf_adds(&doc, ",\"deeper\":");
		}
		ab_buf_adds(&doc, "1");
		for (unsigned k = 0; k < 6; k++) {
			add_members(&doc, 20000, 45000);
			ab_buf_addf(&doc, ",%s}", k == 3 ? last[i] : "\"y\":0");
		}
		read_both(hold, &doc, &c, err);
		tap_ok(t, c.wrong == 0 && !*err[1].msg == !i, "large objects in large objects, %s",
		       i ? "one of which repeats a key" : "each with keys of its own");
	}
}

static void test_enough(struct tap *t, struct ab_hold *hold)
{
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct compared c = { .stop = 2 };
	struct ab_err err[2];

	make_document(&doc, 1, 1000000, '[');
	read_both(hold, &doc, &c, err);
	tap_ok(t, c.wrong == 0 && c.calls == 2, "what has enough is given no more");
}

/* Deep, and each level with as many keys as are kept for comparison. */
static void test_deep(struct tap *t, struct ab_hold *hold)
{
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct compared c = { 0 };
	struct ab_err err[2];

	for (unsigned k = 0; k < 1000; k++) {
		ab_buf_addc(&doc, '{');
		add_members(&doc, 0, 60);
		ab_buf_adds(&doc, ",\"deeper\":");
	}
	ab_buf_addc(&doc, '[');
	for (unsigned k = 0; k < 100000; k++)
		ab_buf_adds(&doc, "0,");
	ab_buf_adds(&doc, "0]");
	for (unsigned k = 0; k < 1000; k++)
		ab_buf_addf(&doc, ",\"%s\":0}", k == 500 ? "k59" : "z");
	read_both(hold, &doc, &c, err);
	tap_ok(t, c.wrong == 0, "a thousand levels with sixty keys each");
	tap_ok(t, strstr(err[1].msg, "duplicate key"), "of which one is repeated");
}

/* Documents that end where the text that was near ends, or a few bytes behind. */
static void test_ends(struct tap *t, struct ab_hold *hold)
{
	static const char body[] = "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",";
	ab_auto(ab_buf_free) struct ab_buf doc = { 0 };
	struct ab_err err[2];
	size_t wrong = 0, refused = 0;

	for (size_t size = (256 << 10) - 8; size < (256 << 10) + 40; size++) {
		struct compared c = { 0 };

		ab_buf_clear(&doc);
		ab_buf_addc(&doc, '[');
		while (doc.len + 100 < size)
			ab_buf_adds(&doc, body);
		while (doc.len + 4 < size)
			ab_buf_adds(&doc, "1,");
		ab_buf_adds(&doc, doc.len + 4 == size ? "111]" : "11]");
		read_both(hold, &doc, &c, err);
		wrong += c.wrong || doc.len != size;
		refused += *err[1].msg != 0;
	}
	tap_ok(t, wrong == 0 && refused == 0, "a document may end anywhere: %s", err[1].msg);
}

int main(void)
{
	ab_auto(ab_hold_close) struct ab_hold hold = AB_HOLD_INIT;
	struct tap t = { 0 };
	struct ab_err err;

	if (ab_hold_open(&hold, 0, &err) < 0)
		abort();
	test_same(&t, &hold);
	test_refused(&t, &hold);
	test_repeated(&t, &hold);
	test_nested(&t, &hold);
	test_enough(&t, &hold);
	test_deep(&t, &hold);
	test_ends(&t, &hold);
	return tap_done(&t);
}
