/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of arrays, and the counts that objects have too. */
#include "lib/schema/eval.h"
#include "lib/schema/value.h"

static bool check_count(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			uint32_t node)
{
	uint64_t n = e->nodes[node].count;
	bool min = in->keyword == AB_KW_MIN_ITEMS || in->keyword == AB_KW_MIN_PROPERTIES;

	if (min ? n >= in->u.count : n <= in->u.count)
		return true;
	return ab_report_instr(e, sub, in, node, n);
}

static bool check_items(struct ab_eval *e, const struct ab_items *items, uint32_t node,
			struct ab_marks *marks)
{
	uint32_t end = e->nodes[node].next, i = 0;
	bool ok = true;

	for (uint32_t item = node + 1; item < end; item = e->nodes[item].next, i++) {
		const struct ab_sub *sub = i < items->n_prefix ? items->prefix[i] : items->rest;

		if (!sub)
			break;
		if (!ab_eval(e, sub, item, NULL)) {
			if (!e->errors || e->stop)
				return false;
			ok = false;
		}
		ab_marks_set(marks, i);
	}
	return ok;
}

static bool check_contains(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			   uint32_t node, struct ab_marks *marks)
{
	const struct ab_contains *contains = in->u.contains;
	uint32_t end = e->nodes[node].next, i = 0;
	uint64_t n = 0;
	struct ab_failure f = { .sub = sub, .in = in, .node = node };

	if (!contains->marks)
		marks = NULL;
	for (uint32_t item = node + 1; item < end; item = e->nodes[item].next, i++) {
		if (!marks && n >= contains->min && contains->max == UINT64_MAX)
			return true;
		if (!ab_eval_quietly(e, contains->sub, item, NULL))
			continue;
		n++;
		ab_marks_set(marks, i);
	}
	f.count = n;
	f.keyword = AB_KW_CONTAINS;
	f.key = in->key;
	if (n < contains->min && contains->min_key) {
		f.keyword = AB_KW_MIN_CONTAINS;
		f.key = contains->min_key;
	} else if (n > contains->max) {
		f.keyword = AB_KW_MAX_CONTAINS;
		f.key = contains->max_key;
	}
	return (n >= contains->min && n <= contains->max) || ab_report(e, &f);
}

static bool check_unique(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			 uint32_t node)
{
	uint32_t a, b;
	int found;

	if (e->nodes[node].count < 2)
		return true;
	found = ab_value_duplicate(e->tape, node, e->s->seed, &e->hashes, &a, &b, e->err);
	if (found < 0)
		return ab_eval_stop(e, "");
	return !found || ab_report_instr(e, sub, in, b, a);
}

static bool check_unevaluated(struct ab_eval *e, const struct ab_instr *in, uint32_t node,
			      struct ab_marks *marks)
{
	uint32_t end = e->nodes[node].next, i = 0;
	bool ok = true;

	for (uint32_t item = node + 1; item < end; item = e->nodes[item].next, i++) {
		if (ab_marks_has(marks, i) || ab_eval(e, in->u.sub, item, NULL))
			continue;
		if (!e->errors || e->stop)
			return false;
		ok = false;
	}
	ab_marks_all(marks);
	return ok;
}

bool ab_eval_array(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   uint32_t node, struct ab_marks *marks)
{
	switch (in->op) {
	case AB_OP_COUNT:
		return check_count(e, sub, in, node);
	case AB_OP_ITEMS:
		return check_items(e, in->u.items, node, marks);
	case AB_OP_CONTAINS:
		return check_contains(e, sub, in, node, marks);
	case AB_OP_UNIQUE:
		return check_unique(e, sub, in, node);
	default:
		return check_unevaluated(e, in, node, marks);
	}
}
