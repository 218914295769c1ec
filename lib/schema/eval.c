/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/eval.h"

#include <string.h>

#include "lib/schema/value.h"

bool ab_eval_stop(struct ab_eval *e, const char *why)
{
	if (!e->stop && !e->err->status)
		ab_err_trouble(e->err, "undecided: %s", why);
	e->stop = true;
	return false;
}

bool ab_eval_text(struct ab_eval *e, uint32_t node, struct ab_buf *buf, const char **ret,
		  size_t *ret_len)
{
	const struct ab_json_node *n = &e->nodes[node];

	*ret = (const char *)e->tape->text + n->at;
	*ret_len = n->len;
	if (!(n->flags & AB_JSON_ESCAPED))
		return true;
	ab_json_unescape(e->tape, node, buf);
	ab_buf_add(buf, "\0\0\0\0\0\0\0\0", 8); /* ab_hash_key() may look there */
	if (buf->failed)
		return ab_eval_stop(e, "out of memory");
	*ret = buf->data;
	*ret_len = buf->len - 8;
	return true;
}

bool ab_eval_quietly(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		     struct ab_marks *marks)
{
	struct ab_schema_errors *errors = e->errors;
	bool ok;

	e->errors = NULL;
	ok = ab_eval(e, sub, node, marks);
	e->errors = errors;
	return ok;
}

/* Follows a reference. */
static bool jump(struct ab_eval *e, const struct ab_sub *from, uint32_t key,
		 const struct ab_sub *to, uint32_t node, struct ab_marks *marks)
{
	struct ab_jump here = { .before = e->jump, .from = from, .key = key, .to = to };
	bool ok;

	e->jump = &here;
	ok = ab_eval(e, to, node, marks);
	e->jump = here.before;
	return ok;
}

/* The outermost resource of the dynamic scope that has the name: 2020-12 core section 8.2.3.2. */
static const struct ab_sub *dynamic_target(const struct ab_eval *e, const struct ab_instr *in)
{
	const struct ab_dynamic *dynamic = &e->s->dynamics[in->u.dynamic.name];

	for (size_t i = 0; i < e->s->n_scope; i++)
		for (size_t j = 0; j < dynamic->n; j++)
			if (dynamic->targets[j].resource == e->s->scope[i])
				return dynamic->targets[j].sub;
	return in->u.dynamic.sub;
}

static bool all_of(struct ab_eval *e, const struct ab_instr *in, uint32_t node,
		   struct ab_marks *marks)
{
	bool ok = true;

	for (size_t i = 0; i < in->u.subs.n; i++) {
		if (ab_eval(e, in->u.subs.items[i], node, marks))
			continue;
		if (!e->errors)
			return false;
		ok = false;
	}
	return ok;
}

/* A branch whose marks count only if it is valid. */
static bool branch(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		   struct ab_marks *marks)
{
	struct ab_marks own;
	bool ok;

	if (!marks)
		return ab_eval(e, sub, node, NULL);
	if (!ab_marks_open(e, &own, marks->n))
		return false;
	ok = ab_eval(e, sub, node, &own);
	if (ok)
		ab_marks_merge(marks, &own);
	ab_marks_close(&own);
	return ok;
}

#define SMALL 256u /* nodes of a value that may be evaluated once more at each level above */

/* Reports of branches are made for nothing where another one is valid. */
static bool is_clear(struct ab_eval *e, const struct ab_instr *in, uint32_t node,
		     const struct ab_marks *marks)
{
	return !marks && e->errors && e->nodes[node].next - node < SMALL &&
	       ab_eval_some(e, in, node);
}

static bool any_of(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   uint32_t node, struct ab_marks *marks)
{
	size_t mark = ab_report_mark(e);
	bool ok = false;
	int parent;

	if (is_clear(e, in, node, marks))
		return true;
	ab_report_instr(e, sub, in, node, 0);
	parent = ab_report_explain(e, mark);
	for (size_t i = 0; i < in->u.subs.n && !(ok && !marks); i++)
		ok = branch(e, in->u.subs.items[i], node, marks) || ok;
	e->parent = parent;
	if (ok)
		ab_report_rewind(e, mark);
	return ok;
}

static bool one_of(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   uint32_t node, struct ab_marks *marks)
{
	size_t mark = ab_report_mark(e);
	uint64_t n = 0;
	int parent;

	if (is_clear(e, in, node, marks))
		return true;
	ab_report_instr(e, sub, in, node, 0);
	parent = ab_report_explain(e, mark);
	for (size_t i = 0; i < in->u.subs.n && n < 2; i++)
		n += branch(e, in->u.subs.items[i], node, marks);
	e->parent = parent;
	if (n)
		ab_report_rewind(e, mark);
	return n == 1 || (n > 1 && ab_report_instr(e, sub, in, node, n));
}

static bool if_then_else(struct ab_eval *e, const struct ab_instr *in, uint32_t node,
			 struct ab_marks *marks)
{
	const struct ab_branches *b = &in->u.branches;
	struct ab_schema_errors *errors = e->errors;
	const struct ab_sub *next;

	e->errors = NULL;
	next = branch(e, b->condition, node, marks) ? b->then : b->otherwise;
	e->errors = errors;
	return !next || ab_eval(e, next, node, marks);
}

/* Whether the value is one of those of const or enum. */
static bool is_one_of_few(struct ab_eval *e, const struct ab_values *v, uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];
	int equal = 0;

	for (size_t i = 0; !equal && i < v->n; i++) {
		const struct ab_json_node *m = &v->tape->nodes[v->nodes[i]];

		if (m->type != n->type)
			continue;
		if (n->type == AB_JSON_STRING && !((n->flags | m->flags) & AB_JSON_ESCAPED))
			equal = n->len == m->len &&
				ab_hash_same((const char *)e->tape->text + n->at,
					     (const char *)v->tape->text + m->at, n->len);
		else
			equal = ab_value_equal(v->tape, v->nodes[i], e->tape, node, e->err);
	}
	return equal < 0 ? ab_eval_stop(e, "") : equal;
}

static bool is_value(struct ab_eval *e, const struct ab_values *v, uint32_t node)
{
	uint64_t hash;
	int equal = 0;

	if (!v->slots)
		return is_one_of_few(e, v, node);
	if (ab_value_hash(e->tape, node, e->s->seed, &e->hashes, &hash, e->err) < 0)
		return ab_eval_stop(e, "");
	for (size_t at = hash & v->mask; !equal && v->slots[at]; at = (at + 1) & v->mask)
		if (v->hashes[at] == hash)
			equal = ab_value_equal(v->tape, v->nodes[v->slots[at] - 1], e->tape, node,
					       e->err);
	return equal < 0 ? ab_eval_stop(e, "") : equal;
}

bool ab_eval_any(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		 uint32_t node, struct ab_marks *marks)
{
	switch (in->op) {
	case AB_OP_DYNAMIC:
		return jump(e, sub, in->key, dynamic_target(e, in), node, marks);
	case AB_OP_ALL_OF:
		return all_of(e, in, node, marks);
	case AB_OP_ANY_OF:
		return any_of(e, sub, in, node, marks);
	case AB_OP_ONE_OF:
		return one_of(e, sub, in, node, marks);
	case AB_OP_NOT:
		return !ab_eval_quietly(e, in->u.sub, node, NULL) ||
		       ab_report_instr(e, sub, in, node, 0);
	case AB_OP_IF:
		return if_then_else(e, in, node, marks);
	default:
		return is_value(e, in->u.values, node) || ab_report_instr(e, sub, in, node, 0);
	}
}

bool ab_eval_instr(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		   uint32_t node, struct ab_marks *marks)
{
	switch ((enum ab_op)in->op) {
	case AB_OP_VALUES:
		if (!in->u.values->slots && is_one_of_few(e, in->u.values, node))
			return true;
		return ab_eval_any(e, sub, in, node, marks);
	case AB_OP_REF:
		if (!e->errors)
			return ab_eval(e, in->u.sub, node, marks);
		return jump(e, sub, in->key, in->u.sub, node, marks);
	case AB_OP_OBJECT:
	case AB_OP_PROPERTY_NAMES:
	case AB_OP_DEPENDENT_REQUIRED:
	case AB_OP_DEPENDENT_SCHEMAS:
	case AB_OP_UNEVALUATED_PROPERTIES:
		return ab_eval_object(e, sub, in, node, marks);
	case AB_OP_COUNT:
	case AB_OP_ITEMS:
	case AB_OP_CONTAINS:
	case AB_OP_UNIQUE:
	case AB_OP_UNEVALUATED_ITEMS:
		return ab_eval_array(e, sub, in, node, marks);
	case AB_OP_LENGTH:
	case AB_OP_PATTERN:
	case AB_OP_FORMAT:
	case AB_OP_CONTENT:
		return ab_eval_string(e, sub, in, node);
	case AB_OP_MINIMUM:
	case AB_OP_MAXIMUM:
	case AB_OP_EXCLUSIVE_MINIMUM:
	case AB_OP_EXCLUSIVE_MAXIMUM:
	case AB_OP_MULTIPLE_OF:
		return ab_eval_number(e, sub, in, node);
	default:
		return ab_eval_any(e, sub, in, node, marks);
	}
}

static __attribute__((noinline)) bool is_integer(const struct ab_eval *e, const struct ab_sub *sub,
						 uint32_t node)
{
	const struct ab_json_node *n = &e->nodes[node];
	struct ab_decimal d;

	if (n->type != AB_JSON_NUMBER || !(sub->types & AB_TYPE_INTEGER))
		return false;
	if (n->flags & AB_JSON_INTEGER || sub->strict_integer)
		return n->flags & AB_JSON_INTEGER;
	ab_decimal_parse(&d, e->tape->text + n->at, n->len);
	return ab_decimal_is_integer(&d);
}

static inline bool is_type(const struct ab_eval *e, const struct ab_sub *sub, uint32_t node)
{
	return sub->types & AB_TYPE_BIT(e->nodes[node].type) || is_integer(e, sub, node);
}

/* All instructions, with marks of its own where unevaluated* wants to know them. */
static inline bool run_all(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
			   struct ab_marks *marks)
{
	bool ok = true;

	if (e->stop)
		return false;
	for (const struct ab_instr *const *list = sub->by_type[e->nodes[node].type]; *list;
	     list++) {
		if (ab_eval_instr(e, sub, *list, node, marks))
			continue;
		if (!e->errors || e->stop)
			return false;
		ok = false;
	}
	return ok;
}

static bool wants_marks(const struct ab_sub *sub, enum ab_json_type type)
{
	return (sub->unevaluated_items && type == AB_JSON_ARRAY) ||
	       (sub->unevaluated_properties && type == AB_JSON_OBJECT);
}

/* Enters the subschema's resource into the dynamic scope; whether it was not there yet. */
static bool enter_scope(struct ab_schema *s, uint32_t resource)
{
	if (!s->in_scope || s->in_scope[resource])
		return false;
	s->in_scope[resource] = true;
	s->scope[s->n_scope++] = resource;
	s->scope_number = ++s->last_scope;
	return true;
}

bool ab_eval_run(struct ab_eval *e, const struct ab_sub *sub, uint32_t node, struct ab_marks *marks)
{
	struct ab_marks own;
	uint32_t outer = e->s->scope_number;
	bool ok, entered = enter_scope(e->s, sub->resource);

	if (!e->steps--)
		ok = ab_eval_stop(e, "schema and document take too many steps");
	else if (!wants_marks(sub, (enum ab_json_type)e->nodes[node].type)) {
		ok = run_all(e, sub, node, marks);
	} else if (!ab_marks_open(e, &own, e->nodes[node].count)) {
		ok = false;
	} else {
		ok = run_all(e, sub, node, &own);
		if (ok)
			ab_marks_merge(marks, &own);
		ab_marks_close(&own);
	}
	if (entered)
		e->s->in_scope[e->s->scope[--e->s->n_scope]] = false;
	e->s->scope_number = outer;
	return ok;
}

static inline bool run_typed(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
			     struct ab_marks *marks)
{
	if (!*sub->by_type[e->nodes[node].type])
		return true;
	if ((char *)__builtin_frame_address(0) < e->s->stack_floor)
		return ab_eval_stop(e, "schema and document are nested too deep");
	if (sub->plain)
		return run_all(e, sub, node, marks);
	if (sub->shared)
		return ab_eval_once(e, sub, node, marks);
	return ab_eval_run(e, sub, node, marks);
}

static __attribute__((noinline)) void report_type(struct ab_eval *e, const struct ab_sub *sub,
						  uint32_t node)
{
	struct ab_failure f = { .sub = sub,
				.keyword = sub->boolean ? AB_KW_FALSE : AB_KW_TYPE,
				.key = sub->type_key,
				.node = node };

	(void)ab_report(e, &f);
}

bool ab_eval_fully(struct ab_eval *e, const struct ab_sub *sub, uint32_t node,
		   struct ab_marks *marks)
{
	if (is_type(e, sub, node))
		return run_typed(e, sub, node, marks);
	if (!e->errors)
		return false;
	report_type(e, sub, node);
	(void)run_typed(e, sub, node, marks);
	return false;
}

/* Schemas with parts that are shared in many dynamic scopes can ask for steps without end; documents
 * of any size that are judged part by part do not come near this. */
static uint64_t max_steps(const struct ab_schema *s, const struct ab_json_tape *tape)
{
	return s->settings.max_steps ? s->settings.max_steps
				     : 100000000u + 1000 * (uint64_t)tape->n;
}

enum ab_schema_verdict ab_schema_run(struct ab_schema *s, const struct ab_json_tape *tape,
				     struct ab_schema_errors *errors, struct ab_err *err)
{
	struct ab_eval e = { .s = s,
			     .tape = tape,
			     .nodes = tape->nodes,
			     .text = tape->text,
			     .parent = -1,
			     .start = s->root,
			     .steps = max_steps(s, tape),
			     .err = err };
	bool ok;

	err->status = 0;
	if (errors) {
		if (errors->memory || errors->items)
			ab_schema_errors_free(errors);
		if (!errors->max)
			errors->max = AB_SCHEMA_MAX_ERRORS;
	}
	s->round++;
	s->n_scope = 0;
	s->scope_number = s->last_scope = 0;
	ok = ab_eval(&e, s->root, 0, NULL);
	if (!ok && !e.stop && errors) {
		e.errors = errors;
		e.steps = max_steps(s, tape);
		s->round++;
		(void)ab_eval(&e, s->root, 0, NULL);
	}
	free(e.hashes.known);
	if (e.stop)
		return AB_SCHEMA_UNDECIDED;
	return ok ? AB_SCHEMA_VALID : AB_SCHEMA_INVALID;
}
