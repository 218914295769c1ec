/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of numbers and strings. */
#include "lib/base/hold.h"
#include "lib/schema/content.h"
#include "lib/schema/eval.h"
#include "lib/schema/format.h"
#include "lib/schema/value.h"

static int compare(struct ab_eval *e, const struct ab_limit *limit, uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];
	const unsigned char *text = e->tape->text + n->at;
	struct ab_decimal d;
	bool unsure = false;
	int64_t small;
	int order;

	if (limit->is_small && n->flags & AB_JSON_INTEGER && ab_value_small(text, n->len, &small))
		return small < limit->small ? -1 : small > limit->small;
	ab_decimal_parse(&d, text, n->len);
	order = ab_decimal_compare(&d, &limit->decimal, &unsure);
	if (unsure)
		(void)ab_eval_stop(e, "exponents too large to compare");
	return order;
}

static bool is_multiple(struct ab_eval *e, const struct ab_limit *limit, uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];
	const unsigned char *text = e->tape->text + n->at;
	struct ab_decimal d;
	bool unsure = false, ok;
	int64_t small;

	if (limit->is_small && n->flags & AB_JSON_INTEGER && ab_value_small(text, n->len, &small))
		return small % limit->small == 0;
	ab_decimal_parse(&d, text, n->len);
	ok = ab_decimal_is_multiple(&d, &limit->decimal, &unsure);
	return unsure ? ab_eval_stop(e, "exponents too large to divide") : ok;
}

bool ab_eval_number(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		    uint32_t node)
{
	bool ok;

	switch (in->op) {
	case AB_OP_MINIMUM:
		ok = compare(e, in->u.limit, node) >= 0;
		break;
	case AB_OP_MAXIMUM:
		ok = compare(e, in->u.limit, node) <= 0;
		break;
	case AB_OP_EXCLUSIVE_MINIMUM:
		ok = compare(e, in->u.limit, node) > 0;
		break;
	case AB_OP_EXCLUSIVE_MAXIMUM:
		ok = compare(e, in->u.limit, node) < 0;
		break;
	default:
		ok = is_multiple(e, in->u.limit, node);
	}
	return ok || ab_report_instr(e, sub, in, node, 0);
}

static uint64_t count_characters(const char *text, size_t len)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t n = len;
	size_t i = 0;

	/* Eight bytes at once: those that go on with a character have bit 7 and not bit 6. */
	for (; len - i >= 8; i += 8) {
		uint64_t v = ab_hash_load(text + i);

		n -= (((v >> 7) & ~(v >> 6) & ones) * ones) >> 56;
	}
	for (; i < len; i++)
		n -= (text[i] & 0xc0) == 0x80;
	return n;
}

static bool check_length(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			 uint32_t node, const char *text, size_t len)
{
	bool min = in->keyword == AB_KW_MIN_LENGTH;
	uint64_t n;

	/* A character has one to four bytes. */
	if (min ? len / 4 >= in->u.count : len <= in->u.count)
		return true;
	n = count_characters(text, len);
	if (min ? n >= in->u.count : n <= in->u.count)
		return true;
	return ab_report_instr(e, sub, in, node, n);
}

static bool check_pattern(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			  uint32_t node, const char *text, size_t len)
{
	switch (ab_pattern_search(in->u.pattern, text, len)) {
	case AB_REGEX_YES:
		return true;
	case AB_REGEX_NO:
		return ab_report_instr(e, sub, in, node, 0);
	default:
		return ab_eval_stop(e, "a pattern ran into its limit");
	}
}

/* The JSON in a string, against contentSchema; it is no part of the document, so its own errors are
 * not told. */
static bool check_inside(struct ab_eval *e, const struct ab_content *content,
			 const unsigned char *text, size_t size)
{
	struct ab_json_tape tape = { 0 };
	struct ab_eval inside = *e;
	struct ab_err err = { 0 };
	bool ok = ab_json_read(&tape, text, size, NULL, &err) == 0;

	if (!ok && err.status != AB_EXIT_NO)
		ok = ab_eval_stop(e, err.msg);
	if (ok && content->schema) {
		inside.tape = &tape;
		inside.nodes = tape.nodes;
		inside.text = tape.text;
		inside.errors = NULL;
		inside.hashes = (struct ab_value_hashes){ 0 };
		e->s->round++; /* its nodes are not those of the document */
		ok = ab_eval(&inside, content->schema, 0, NULL);
		e->s->round++;
		e->stop = inside.stop;
		free(inside.hashes.known);
	}
	ab_json_tape_free(&tape);
	return ok;
}

static bool check_content(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			  uint32_t node, const char *text, size_t len)
{
	static const char pad[AB_HOLD_PAD];
	const struct ab_content *content = in->u.content;
	ab_auto(ab_buf_free) struct ab_buf decoded = { 0 };
	bool ok = true;

	if (content->encoding)
		ok = ab_content_decode(content->encoding, text, len, &decoded);
	else
		ab_buf_add(&decoded, text, len);
	ab_buf_add(&decoded, pad, sizeof(pad));
	if (decoded.failed)
		return ab_eval_stop(e, "out of memory");
	if (ok && content->json)
		ok = check_inside(e, content, (unsigned char *)decoded.data,
				  decoded.len - sizeof(pad));
	return ok || ab_report_instr(e, sub, in, node, 0);
}

static bool check_text(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		       uint32_t node, const char *text, size_t len)
{
	switch (in->op) {
	case AB_OP_LENGTH:
		return check_length(e, sub, in, node, text, len);
	case AB_OP_PATTERN:
		return check_pattern(e, sub, in, node, text, len);
	case AB_OP_FORMAT:
		return ab_format_check(in->u.format.number, in->u.format.draft, text, len) ||
		       ab_report_instr(e, sub, in, node, 0);
	default:
		return check_content(e, sub, in, node, text, len);
	}
}

static bool check_escaped(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			  uint32_t node)
{
	ab_auto(ab_buf_free) struct ab_buf buf = { 0 };
	const char *text;
	size_t len;

	return ab_eval_text(e, node, &buf, &text, &len) && check_text(e, sub, in, node, text, len);
}

bool ab_eval_string(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		    uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];

	if (n->flags & AB_JSON_ESCAPED)
		return check_escaped(e, sub, in, node);
	return check_text(e, sub, in, node, (const char *)e->tape->text + n->at, n->len);
}
