/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Circles of subschemas that apply to one and the same value, so that evaluation would never end:
 * 2020-12 core section 9.4.1 leaves them undefined, here they are refused.
 */
#include "lib/schema/program.h"

enum { NEW, OPEN, DONE };

/* A subschema on the way, and the next of its edges. */
struct cursor {
	struct ab_sub *sub;
	size_t instr, branch;
};

/* The branch-th subschema of an instruction that sees the same value, NULL behind the last. An
 * absent one is *ret_skip. */
static struct ab_sub *edge(const struct ab_instr *in, size_t branch, bool *ret_skip)
{
	const struct ab_branches *b = &in->u.branches;

	*ret_skip = false;
	switch (in->op) {
	case AB_OP_REF:
	case AB_OP_NOT:
		return branch ? NULL : in->u.sub;
	case AB_OP_ALL_OF:
	case AB_OP_ANY_OF:
	case AB_OP_ONE_OF:
		return branch < in->u.subs.n ? in->u.subs.items[branch] : NULL;
	case AB_OP_IF:
		*ret_skip = (branch == 1 && !b->then) || (branch == 2 && !b->otherwise);
		return branch > 2    ? NULL
		       : branch == 0 ? b->condition
		       : branch == 1 ? b->then
				     : b->otherwise;
	case AB_OP_DEPENDENT_SCHEMAS:
		return branch < in->u.dependents->n ? in->u.dependents->items[branch].sub : NULL;
	default:
		return NULL;
	}
}

/* The next subschema of the cursor, NULL when it has had all. */
static struct ab_sub *next_edge(struct cursor *at)
{
	while (at->instr < at->sub->n) {
		bool skip;
		struct ab_sub *sub = edge(&at->sub->instrs[at->instr], at->branch, &skip);

		at->branch++;
		if (sub)
			return sub;
		if (skip)
			continue;
		at->instr++;
		at->branch = 0;
	}
	return NULL;
}

/* Depth first from one subschema; `stack` has room for all of them. */
static int search(struct ab_compiler *c, struct cursor *stack, struct ab_sub *start)
{
	size_t depth = 0;

	start->visit = OPEN;
	stack[depth++] = (struct cursor){ .sub = start };
	while (depth) {
		struct ab_sub *next = next_edge(&stack[depth - 1]);

		if (!next) {
			stack[--depth].sub->visit = DONE;
			continue;
		}
		next->shared = next->reached;
		next->reached = true;
		if (next->visit == OPEN) {
			return ab_document_fail(c, c->s->documents[next->document], next->node,
						"refers to itself for the same value, without end");
		} else if (next->visit == NEW) {
			next->visit = OPEN;
			stack[depth++] = (struct cursor){ .sub = next };
		}
	}
	return 0;
}

int ab_compile_circles(struct ab_compiler *c)
{
	struct cursor *stack = calloc(c->s->n_pending + 1, sizeof(*stack));
	int status = 0;

	if (!stack)
		return ab_err_memory(c->err);
	for (size_t i = 0; status == 0 && i < c->s->n_pending; i++)
		if (c->s->pending[i]->visit == NEW)
			status = search(c, stack, c->s->pending[i]);
	free(stack);
	return status;
}
