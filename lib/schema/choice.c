/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anyOf and oneOf whose branches are told apart by a member's string ("type", "kind", ...): which
 * branches an object can match at all is looked up, the others need not be tried.
 */
#include <string.h>

#include "lib/schema/program.h"

#define FEW_BRANCHES 4
#define MOST_NAMES   8 /* candidates for the member's name */

/* The const or enum of strings alone that the branch requires of a member, NULL if it does not. */
static const struct ab_values *tag_of(const struct ab_sub *branch, const char *name, size_t len,
				      const struct ab_sub **ret_sub)
{
	const struct ab_property *p = NULL;

	for (size_t i = 0; i < branch->n && !p; i++)
		if (branch->instrs[i].op == AB_OP_OBJECT)
			p = ab_property_find(branch->instrs[i].u.object, name, len);
	if (!p || !p->required || !p->sub)
		return NULL;
	*ret_sub = p->sub->meant;
	for (size_t i = 0; i < (*ret_sub)->n; i++)
		if ((*ret_sub)->instrs[i].op == AB_OP_VALUES &&
		    (*ret_sub)->instrs[i].u.values->all_strings)
			return (*ret_sub)->instrs[i].u.values;
	return NULL;
}

/* How many branches have a tag of that name, and how many values those are. */
static size_t count_tags(const struct ab_subs *subs, const char *name, size_t len,
			 size_t *ret_values)
{
	const struct ab_sub *sub;
	size_t n = 0;

	*ret_values = 0;
	for (size_t i = 0; i < subs->n; i++) {
		const struct ab_values *v = tag_of(subs->items[i]->meant, name, len, &sub);

		n += v != NULL;
		*ret_values += v ? v->n : 0;
	}
	return n;
}

/* The name that most branches have a tag of, out of those of the first branch that has any. */
static const struct ab_property *find_name(const struct ab_subs *subs, size_t *ret_values)
{
	const struct ab_sub *sub, *first = subs->items[0]->meant;
	const struct ab_property *best = NULL;
	size_t most = subs->n / 2, tries = 0, n, values;

	for (size_t i = 0; i < first->n; i++) {
		const struct ab_object *o = first->instrs[i].u.object;

		if (first->instrs[i].op != AB_OP_OBJECT)
			continue;
		for (uint32_t at = 0; at <= o->mask && tries < MOST_NAMES; at++) {
			const struct ab_property *p = &o->table[at];

			if (!p->name || !tag_of(first, p->name, p->len, &sub))
				continue;
			tries++;
			n = count_tags(subs, p->name, p->len, &values);
			if (n <= most)
				continue;
			most = n;
			best = p;
			*ret_values = values;
		}
	}
	return best;
}

/* Appends a branch to a list, which doubles where it is full. */
static int append(struct ab_compiler *c, struct ab_subs *list, struct ab_sub *branch)
{
	if (list->n && list->items[list->n - 1] == branch)
		return 0;
	if (!(list->n & (list->n - 1))) {
		struct ab_sub **more = ab_arena_array(&c->s->arena, list->n ? 2 * list->n : 1,
						      sizeof(struct ab_sub *), c->err);

		if (!more)
			return -1;
		if (list->n)
			memcpy(more, list->items, list->n * sizeof(struct ab_sub *));
		list->items = more;
	}
	list->items[list->n++] = branch;
	return 0;
}

/* The list of a tag's value, made with the branches that had none before. */
static struct ab_subs *list_of(struct ab_compiler *c, struct ab_choice *choice,
			       const struct ab_document *d, uint32_t node)
{
	size_t len;
	const char *text = ab_document_text(c, d, node, &len);
	uint32_t before = choice->tags.n_names;
	struct ab_property *p = text ? ab_object_entry(&choice->tags, text, len) : NULL;
	struct ab_subs *list;

	if (!p)
		return NULL;
	if (choice->tags.n_names == before)
		return &choice->lists[p->follower];
	p->follower = before;
	list = &choice->lists[before];
	for (size_t i = 0; i < choice->others.n; i++)
		if (append(c, list, choice->others.items[i]) < 0)
			return NULL;
	return list;
}

static int add_tagged(struct ab_compiler *c, struct ab_choice *choice, struct ab_sub *branch,
		      const struct ab_sub *sub, const struct ab_values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct ab_subs *list =
			list_of(c, choice, c->s->documents[sub->document], v->nodes[i]);

		if (!list || append(c, list, branch) < 0)
			return -1;
	}
	return 0;
}

/* A branch without the tag is on every list. */
static int add_branch(struct ab_compiler *c, struct ab_choice *choice, struct ab_sub *branch)
{
	const struct ab_sub *sub;
	const struct ab_values *v = tag_of(branch->meant, choice->name, choice->len, &sub);

	if (!(branch->meant->types & AB_TYPE_BIT(AB_JSON_OBJECT)))
		return 0;
	if (v)
		return add_tagged(c, choice, branch, sub, v);
	for (uint32_t i = 0; i < choice->tags.n_names; i++)
		if (append(c, &choice->lists[i], branch) < 0)
			return -1;
	return append(c, &choice->others, branch);
}

int ab_compile_choice(struct ab_compiler *c, struct ab_subs *subs)
{
	const struct ab_property *p;
	struct ab_choice *choice;
	size_t values;

	if (subs->n < FEW_BRANCHES)
		return 0;
	p = find_name(subs, &values);
	if (!p)
		return 0;
	choice = ab_arena_take(&c->s->arena, sizeof(*choice), c->err);
	if (!choice || ab_object_table(c, &choice->tags, values) < 0)
		return -1;
	choice->name = p->name;
	choice->len = p->len;
	choice->lists = ab_arena_array(&c->s->arena, values, sizeof(*choice->lists), c->err);
	if (!choice->lists)
		return -1;
	for (size_t i = 0; i < subs->n; i++)
		if (add_branch(c, choice, subs->items[i]) < 0)
			return -1;
	subs->choice = choice;
	return 0;
}
