/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subschemas that several ways lead to are evaluated once a value, or 25 levels of two references
 * each would be 2^25 evaluations. The answer is good for one dynamic scope: where subschemas of
 * another resource are entered is known by a number that no other stretch of the run has.
 */
#include "lib/schema/eval.h"

#include <string.h>

#define MANY_MARKS 4096u /* of a value with more members or items few memos are kept */

static struct ab_memo *memo_at(const struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
			       const struct ab_marks *marks)
{
	uint64_t mix = ((uint64_t)(uintptr_t)sub >> 4) * 0x9e3779b97f4a7c15u + node;
	uint32_t mask = marks && marks->n > MANY_MARKS ? 63 : e->s->memo_mask;

	return &e->s->memos[(mix * 0x9e3779b97f4a7c15u) >> 52 & mask];
}

static bool is_known(const struct ab_eval *e, const struct ab_memo *memo, const struct ab_sub *sub,
		     uint32_t node, const struct ab_marks *marks)
{
	bool full = e->errors && e->errors->n >= e->errors->max;

	return memo->round == e->s->round && memo->sub == sub && memo->node == node &&
	       memo->scope == e->s->scope_number && (memo->marked || !marks) &&
	       (memo->valid || !e->errors || full);
}

static bool recall(const struct ab_eval *e, const struct ab_memo *memo, struct ab_marks *marks)
{
	if (!memo->valid && e->errors)
		e->errors->more++;
	for (uint32_t i = 0; marks && i < (marks->n + 63) / 64; i++)
		marks->bits[i] |= memo->bits[i];
	return memo->valid;
}

/* Keeps the marks; false: no memory. */
static bool keep_marks(struct ab_eval *e, struct ab_memo *memo, const struct ab_marks *marks)
{
	uint32_t words = (marks->n + 63) / 64;
	uint64_t *bits = memo->bits;

	if (words > memo->room) {
		bits = realloc(memo->bits, words * sizeof(*bits));
		if (!bits)
			return ab_eval_stop(e, "out of memory");
		memo->bits = bits;
		memo->room = words;
	}
	if (words)
		memcpy(bits, marks->bits, words * sizeof(*bits));
	return true;
}

static bool keep(struct ab_eval *e, struct ab_memo *memo, const struct ab_sub *sub, uint32_t node,
		 const struct ab_marks *marks, bool valid)
{
	memo->sub = NULL;
	if (e->stop || (marks && !keep_marks(e, memo, marks)))
		return false;
	memo->sub = sub;
	memo->node = node;
	memo->round = e->s->round;
	memo->scope = e->s->scope_number;
	memo->valid = valid;
	memo->marked = marks != NULL;
	return valid;
}

bool ab_eval_once(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		  struct ab_marks *marks)
{
	struct ab_memo *memo = memo_at(e, sub, node, marks);
	struct ab_marks own;
	bool ok;

	if (is_known(e, memo, sub, node, marks))
		return recall(e, memo, marks);
	if (!marks)
		return keep(e, memo, sub, node, NULL, ab_eval_run(e, sub, node, NULL));
	if (!ab_marks_open(e, &own, marks->n))
		return false;
	ok = keep(e, memo, sub, node, &own, ab_eval_run(e, sub, node, &own));
	ab_marks_merge(marks, &own);
	ab_marks_close(&own);
	return ok;
}

void ab_memos_free(struct ab_memo *memos, uint32_t mask)
{
	for (uint32_t i = 0; memos && i <= mask; i++)
		free(memos[i].bits);
}
