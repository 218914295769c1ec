/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/part.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES 48
#define DEPTH	24

/* How often: false where there is no quantifier. */
static bool read_quantifier(struct ab_part_reader *r, size_t *min, size_t *max)
{
	const char *p = r->p;

	*min = *p == '+';
	*max = *p == '?' ? 1 : AB_PART_UNLIMITED;
	if (*p == '{') {
		char *end;

		if (!isdigit((unsigned char)p[1])) {
			r->failed |= p[1] == ','; /* a text to some, and a number to others */
			return false;
		}
		*min = *max = strtoul(p + 1, &end, 10);
		if (*end == ',')
			*max = isdigit((unsigned char)end[1]) ? strtoul(end + 1, &end, 10)
							       : (end++, AB_PART_UNLIMITED);
		if (*end != '}') {
			r->failed = true;
			return false;
		}
		p = end;
	} else if (!ab_atom_is_counted(p)) {
		return false;
	}
	p++;
	if (*p == '+' || *p == '?')
		p++;
	r->p = p;
	return true;
}

static void read_choice(struct ab_part_reader *r, struct ab_part *ret);

/* Takes what a choice, the first one or another one, has together with what those before it have, which is factor
 * number `all`; false: nothing is known. */
static bool take_choice(struct ab_part_reader *r, const struct ab_part *part, bool first, size_t all)
{
	struct ab_factor *factors = r->factors;

	if (!part->n)
		return false;
	if (!first)
		return ab_factor_unite(&factors[all], &factors[part->factors[0]]);
	if (part->factors[0] != all)
		factors[all] = factors[part->factors[0]];
	return true;
}

/* Choices up to the end of the group, or at the top of the pattern. */
static void read_choices(struct ab_part_reader *r, struct ab_part *ret, struct ab_part *top)
{
	bool known = true, exact = true;
	size_t before = r->n;
	struct ab_part_words all;

	all.n = 0;
	for (size_t i = 0; !r->failed; i++) {
		struct ab_part part;

		read_choice(r, &part);
		exact = exact && part.exact && ab_part_add_words(&all, &part.run);
		ab_part_flush(r, &part);
		if (top && i == CHOICES)
			r->failed = true;
		if (r->failed)
			break;
		if (top) {
			top[r->n_top++] = part;
		} else { /* of its factors there is need no more */
			known = known && take_choice(r, &part, i == 0, before);
			r->n = before + known;
		}
		if (*r->p != '|')
			break;
		r->p++;
	}
	ab_part_clear(ret, exact);
	if (exact)
		ab_part_copy_words(&ret->run, &all);
	else if (!top && known && !r->failed)
		ab_part_keep(r, ret, before);
	if (!ret->n && !top)
		r->n = before;
}

/* A group or an assertion from behind its bracket. */
static void read_group(struct ab_part_reader *r, struct ab_part *ret)
{
	bool looks = false, no = false;
	struct ab_part part;

	if (*r->p == '*' || r->depth == DEPTH) {
		r->failed = true;
		return;
	}
	if (*r->p == '?') {
		static const char *const kinds[] = { "?:", "?=", "?!", "?<=", "?<!" };
		size_t i = 0;

		while (i < AB_ARRAY_SIZE(kinds) && strncmp(r->p, kinds[i], strlen(kinds[i])) != 0)
			i++;
		if (i == AB_ARRAY_SIZE(kinds)) {
			r->failed = true;
			return;
		}
		r->p += strlen(kinds[i]);
		looks = i > 0;
		no = i == 2 || i == 4;
	}
	r->depth++;
	read_choices(r, &part, NULL);
	r->depth--;
	if (*r->p != ')') {
		r->failed = true;
		return;
	}
	r->p++;
	if (!looks) {
		*ret = part;
		return;
	}
	/* It takes no byte: what stands around it is one text. */
	ab_part_flush(r, &part);
	ab_part_clear(ret, true);
	for (size_t i = 0; !no && i < part.n; i++)
		ab_part_keep(r, ret, part.factors[i]);
	r->failed |= ab_atom_is_counted(r->p);
}

static void read_class(struct ab_part_reader *r, struct ab_part *ret)
{
	const struct ab_atom_read *known = ab_atoms_find(&r->classes, r->p);
	const char *from = r->p;
	ab_atom_set set = { 0 };

	if (known) {
		r->p += known->len;
		ab_part_spell(r, ret, known->set);
	} else if (ab_atom_read(set, &r->p, r->caseless)) {
		ab_atoms_add(&r->classes, from, r->p, set, 0);
		ab_part_spell(r, ret, set);
	} else {
		r->failed = true;
	}
}

/* One piece: an atom, a group, an assertion; false at the end of a choice. */
static bool read_piece(struct ab_part_reader *r, struct ab_part *ret)
{
	ab_atom_set set = { 0 };
	char c = *r->p, next = c ? r->p[1] : '\0';

	ab_part_clear(ret, false);
	if (!c || c == '|' || c == ')')
		return false;
	if (c == '(') {
		r->p++;
		read_group(r, ret);
	} else if (c == '^' || c == '$') {
		r->p++;
		ret->exact = true;
	} else if (c == '\\' && next && strchr("bBAzZG", next)) {
		r->p += 2;
		ret->exact = true;
	} else if (c == '\\' && next && strchr("hHvVR123456789", next)) {
		r->p += 2; /* some bytes, or none */
		r->failed |= isdigit((unsigned char)next) && isdigit((unsigned char)*r->p);
	} else if (c == '{') {
		r->p++;
		set['{' / 32] = (uint32_t)1 << '{' % 32;
		ab_part_spell(r, ret, set);
	} else if (c == '[') {
		read_class(r, ret);
	} else if (ab_atom_read(set, &r->p, r->caseless)) {
		ab_part_spell(r, ret, set);
	} else {
		r->failed = true;
	}
	return !r->failed;
}

static void read_choice(struct ab_part_reader *r, struct ab_part *ret)
{
	struct ab_part part;

	ab_part_clear(ret, true);
	for (;;) {
		size_t min, max;

		if (!r->failed && ab_atom_is_plain(r->p)) {
			ab_part_append_byte(r, ret, (unsigned char)*r->p++);
			continue;
		}
		if (!read_piece(r, &part))
			return;

		if (read_quantifier(r, &min, &max))
			ab_part_repeat(r, &part, min, max);
		ab_part_append(r, ret, &part);
	}
}

/* What the choices at the top have, if all have something. */
static struct ab_factors *result_of(const struct ab_part_reader *r)
{
	struct ab_factors *all;
	bool known = !r->failed && (!*r->p || *r->p == ')');

	for (size_t i = 0; i < r->n_top; i++)
		known = known && r->top[i].n;
	all = calloc(1, sizeof(*all) + (known ? r->n_top : 0) * sizeof(all->items[0]));
	for (size_t i = 0; all && known && i < r->n_top; i++) {
		const struct ab_part *part = &r->top[i];
		struct ab_conjunction *to = &all->items[all->n++];

		for (; to->n < part->n; to->n++)
			to->factors[to->n] = r->factors[part->factors[to->n]];
	}
	return all;
}

/* Behind the opening of a group that is all of the pattern but for what takes no byte before it: the choices
 * in it are those of the pattern. NULL: there is none. */
static const char *whole_group(const char *p)
{
	unsigned depth = 0;

	while (strncmp(p, "\\b", 2) == 0)
		p += 2;
	if (strncmp(p, "(?:", 3) != 0)
		return NULL;
	for (const char *at = p; *at; at++) {
		bool no;
		ab_atom_set ignored = { 0 };

		if (*at == '\\' && at[1]) {
			at++;
		} else if (*at == '[') {
			at++;
			if (!ab_atom_class(ignored, &at, &no))
				return NULL;
			at--;
		} else if (*at == '(') {
			depth++;
		} else if (*at == ')' && --depth == 0) {
			at++;
			while (strncmp(at, "\\b", 2) == 0)
				at += 2;
			return *at ? NULL : p + 3;
		}
	}
	return NULL;
}

struct ab_factors *ab_factors_read(const char *pattern, bool caseless, struct ab_err *err)
{
	ab_autofree struct ab_part *top = malloc(CHOICES * sizeof(*top));
	struct ab_part_reader r = { .p = pattern, .caseless = caseless, .top = top };
	struct ab_factors *all = NULL;
	const char *group;
	struct ab_part part;

	group = whole_group(pattern);
	if (group)
		r.p = group;
	r.failed = strstr(pattern, "\\Q");
	if (top && !r.failed)
		read_choices(&r, &part, top);
	if (top && !r.no_memory)
		all = result_of(&r);
	free(r.factors);
	if (!all)
		ab_err_memory(err);
	return all;
}
