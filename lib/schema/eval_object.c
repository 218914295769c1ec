/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of objects. */
#include <string.h>

#include "lib/schema/eval.h"

/* patternProperties: every pattern that the name matches. */
static bool check_patterns(struct ab_eval *e, const struct ab_object *o, const char *name,
			   size_t len, uint32_t value, bool *ret_known)
{
	bool ok = true;

	for (size_t i = 0; i < o->n_patterns && !e->stop; i++) {
		enum ab_regex_verdict match = ab_pattern_search(o->patterns[i].pattern, name, len);

		if (match == AB_REGEX_UNDECIDED)
			return ab_eval_stop(e, "a pattern ran into its limit");
		if (match == AB_REGEX_NO)
			continue;
		*ret_known = true;
		if (!ab_eval(e, o->patterns[i].sub, value, NULL)) {
			ok = false;
			if (!e->errors)
				break;
		}
	}
	return ok;
}

/* One member. *required is counted down for each that is required and there. */
static inline bool check_named(struct ab_eval *e, const struct ab_object *o, const char *name,
			       size_t len, uint32_t key, uint32_t *required, bool *ret_known)
{
	const struct ab_property *p = ab_property_find(o, name, len);
	bool ok = true;

	*ret_known = false;
	if (p) {
		*required -= p->required;
		*ret_known = p->sub != NULL;
		ok = !p->sub || ab_eval(e, p->sub, key + 1, NULL);
	}
	if (o->n_patterns && (ok || e->errors))
		ok = check_patterns(e, o, name, len, key + 1, ret_known) && ok;
	if (*ret_known || !o->additional)
		return ok;
	*ret_known = true;
	return ab_eval(e, o->additional, key + 1, NULL) && ok;
}

static bool check_escaped(struct ab_eval *e, const struct ab_object *o, uint32_t key,
			  uint32_t *required, bool *ret_known)
{
	ab_auto(ab_buf_free) struct ab_buf buf = { 0 };
	const char *name;
	size_t len;

	*ret_known = false;
	return ab_eval_text(e, key, &buf, &name, &len) &&
	       check_named(e, o, name, len, key, required, ret_known);
}

static inline bool check_member(struct ab_eval *e, const struct ab_object *o, uint32_t key,
				uint32_t *required, bool *ret_known)
{
	const struct ab_json_node *n = &e->nodes[key];

	if (n->flags & AB_JSON_ESCAPED)
		return check_escaped(e, o, key, required, ret_known);
	return check_named(e, o, (const char *)e->tape->text + n->at, n->len, key, required,
			   ret_known);
}

int ab_eval_member(struct ab_eval *e, const struct ab_object *o, uint32_t key)
{
	uint32_t required = 1;
	bool known;

	return check_member(e, o, key, &required, &known) ? !required : -1;
}

#define FEW_QUESTIONS 16

/* The members of an object by name, for more than a few questions: else as many as there are
 * members, each of which goes over all of them. */
struct members {
	struct ab_eval *e;
	uint32_t object, questions;
	struct ab_map map;
	struct ab_arena texts; /* of names with escapes */
};

static void members_done(struct members *m)
{
	ab_map_free(&m->map);
	ab_arena_free(&m->texts);
}

static bool fill_members(struct members *m)
{
	const struct ab_json_node *nodes = m->e->nodes;
	uint32_t end = nodes[m->object].next;

	for (uint32_t key = m->object + 1; key < end; key = nodes[key + 1].next) {
		ab_auto(ab_buf_free) struct ab_buf buf = { 0 };
		const char *name;
		size_t len;

		if (!ab_eval_text(m->e, key, &buf, &name, &len))
			return false;
		if (name == buf.data)
			name = ab_arena_copy(&m->texts, name, len, m->e->err);
		if (!name || ab_map_set(&m->map, name, len, key, m->e->err) < 0)
			return ab_eval_stop(m->e, "out of memory");
	}
	return true;
}

static bool has_member(struct members *m, const char *name, size_t len)
{
	if (m->e->nodes[m->object].count <= FEW_QUESTIONS || ++m->questions <= FEW_QUESTIONS)
		return ab_json_member(m->e->tape, m->object, name, len) >= 0;
	if (!m->map.n && !fill_members(m))
		return false;
	return ab_map_get(&m->map, name, len) != AB_MAP_NONE;
}

/* Reports what is missing, in the order of the schema. */
static bool report_missing(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			   uint32_t node)
{
	const struct ab_object *o = in->u.object;
	const struct ab_document *d = e->s->documents[sub->document];
	const struct ab_json_node *nodes = d->tape.nodes;
	struct ab_failure f = { .sub = sub,
				.in = in,
				.keyword = AB_KW_REQUIRED,
				.key = o->required_key,
				.node = node };
	ab_auto(members_done) struct members m = { .e = e, .object = node };

	if (!e->errors)
		return false;
	for (uint32_t i = f.key + 2; i < nodes[f.key + 1].next; i = nodes[i].next) {
		ab_auto(ab_buf_free) struct ab_buf name = { 0 };

		ab_json_unescape(&d->tape, i, &name);
		ab_buf_addc(&name, '\0');
		if (name.failed)
			return ab_eval_stop(e, "out of memory");
		f.name = name.data;
		f.len = name.len - 1;
		if (!has_member(&m, f.name, f.len))
			(void)ab_report(e, &f);
	}
	return false;
}

static bool check_object(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
			 uint32_t node, struct ab_marks *marks)
{
	const struct ab_object *o = in->u.object;
	uint32_t end = e->nodes[node].next, required = o->n_required, i = 0;
	bool ok = true;

	if (e->nodes[node].count < required && !e->errors)
		return false;
	for (uint32_t key = node + 1; key < end; key = e->nodes[key + 1].next, i++) {
		bool known;

		if (!check_member(e, o, key, &required, &known)) {
			if (!e->errors || e->stop)
				return false;
			ok = false;
		}
		if (known)
			ab_marks_set(marks, i);
	}
	return required ? report_missing(e, sub, in, node) : ok;
}

static bool check_names(struct ab_eval *e, const struct ab_instr *in, uint32_t node)
{
	uint32_t end = e->nodes[node].next;
	bool ok = true;

	for (uint32_t key = node + 1; key < end; key = e->nodes[key + 1].next) {
		if (ab_eval(e, in->u.sub, key, NULL))
			continue;
		if (!e->errors || e->stop)
			return false;
		ok = false;
	}
	return ok;
}

static bool check_dependent_required(struct ab_eval *e, const struct ab_sub *sub,
				     const struct ab_instr *in, uint32_t node)
{
	const struct ab_dependents *deps = in->u.dependents;
	ab_auto(members_done) struct members m = { .e = e, .object = node };
	bool ok = true;

	for (size_t i = 0; i < deps->n; i++) {
		const struct ab_dependent *d = &deps->items[i];

		if (!has_member(&m, d->name, d->len))
			continue;
		for (size_t j = 0; j < d->n; j++) {
			struct ab_failure f = { .sub = sub,
						.in = in,
						.keyword = (enum ab_keyword)in->keyword,
						.key = in->key,
						.node = node,
						.name = d->names[j],
						.len = d->lens[j],
						.beside = d->name };

			if (has_member(&m, f.name, f.len))
				continue;
			ok = ab_report(e, &f);
			if (!e->errors)
				return false;
		}
	}
	return ok && !e->stop;
}

static bool check_dependent_schemas(struct ab_eval *e, const struct ab_instr *in, uint32_t node,
				    struct ab_marks *marks)
{
	const struct ab_dependents *deps = in->u.dependents;
	ab_auto(members_done) struct members m = { .e = e, .object = node };
	bool ok = true;

	for (size_t i = 0; i < deps->n; i++) {
		const struct ab_dependent *d = &deps->items[i];

		if (!has_member(&m, d->name, d->len) || ab_eval(e, d->sub, node, marks))
			continue;
		if (!e->errors || e->stop)
			return false;
		ok = false;
	}
	return ok && !e->stop;
}

static bool check_unevaluated(struct ab_eval *e, const struct ab_instr *in, uint32_t node,
			      struct ab_marks *marks)
{
	uint32_t end = e->nodes[node].next, i = 0;
	bool ok = true;

	for (uint32_t key = node + 1; key < end; key = e->nodes[key + 1].next, i++) {
		if (ab_marks_has(marks, i) || ab_eval(e, in->u.sub, key + 1, NULL))
			continue;
		if (!e->errors || e->stop)
			return false;
		ok = false;
	}
	ab_marks_all(marks);
	return ok;
}

bool ab_eval_object(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		    uint32_t node, struct ab_marks *marks)
{
	switch (in->op) {
	case AB_OP_OBJECT:
		return check_object(e, sub, in, node, marks);
	case AB_OP_PROPERTY_NAMES:
		return check_names(e, in, node);
	case AB_OP_DEPENDENT_REQUIRED:
		return check_dependent_required(e, sub, in, node);
	case AB_OP_DEPENDENT_SCHEMAS:
		return check_dependent_schemas(e, in, node, marks);
	default:
		return check_unevaluated(e, in, node, marks);
	}
}
