/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/syntax.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/auto.h"

#define DEPTH 24
#define MANY  20000u /* nodes, and sets */

struct reader {
	struct ab_syntax *syntax;
	const char *p;
	bool caseless;
	bool strange; /* something is not understood, or there is no room for it */
	bool flagged; /* letters may match in the other case where the pattern forbids it */
	unsigned depth;
	uint16_t any;	   /* the set of all bytes */
	uint16_t sets[256]; /* of the one byte, 0: none yet */
	struct ab_atoms classes;
};

void ab_syntax_free(struct ab_syntax *s)
{
	free(s->nodes);
	free(s->sets);
	free(s->texts);
	*s = (struct ab_syntax){ 0 };
}

/* Where a set is known by its number, if it was not pushed out by another one. */
static uint16_t *known_at(struct ab_syntax *s, const ab_atom_set set)
{
	uint32_t hash = 0;

	for (int i = 0; i < 8; i++)
		hash = (hash ^ set[i]) * 0x9e3779b1u;
	return &s->known[hash >> 16 & (AB_SYNTAX_KNOWN - 1)];
}

uint16_t ab_syntax_set(struct ab_syntax *s, const ab_atom_set set)
{
	uint16_t *known = known_at(s, set);

	if (*known && memcmp(s->sets[*known], set, sizeof(ab_atom_set)) == 0)
		return *known;
	if (s->n_sets == s->sets_capacity) {
		size_t capacity = s->sets_capacity ? s->sets_capacity * 2 : 64;
		ab_atom_set *sets = capacity > MANY ? NULL : realloc(s->sets, capacity * sizeof(*sets));

		if (!sets)
			return 0;
		s->sets = sets;
		s->sets_capacity = capacity;
		s->n_sets += !s->n_sets; /* the first is none's */
	}
	memcpy(s->sets[s->n_sets], set, sizeof(*s->sets));
	return *known = (uint16_t)s->n_sets++;
}

static uint16_t new_set(struct reader *r, const ab_atom_set set)
{
	uint16_t number = ab_syntax_set(r->syntax, set);

	r->strange |= !number;
	return number;
}

/* A new node, the last child of its parent; 0: no memory. */
static uint16_t new_node(struct reader *r, uint16_t parent, enum ab_syntax_kind kind)
{
	struct ab_syntax *s = r->syntax;
	size_t at = s->n;

	if (s->n == s->capacity) {
		size_t capacity = s->capacity ? s->capacity * 2 : 128;
		struct ab_syntax_node *nodes =
			capacity > MANY ? NULL : realloc(s->nodes, capacity * sizeof(*nodes));

		if (!nodes) {
			r->strange = true;
			return 0;
		}
		s->nodes = nodes;
		s->capacity = capacity;
	}
	s->nodes[s->n++] = (struct ab_syntax_node){ .kind = (uint8_t)kind, .exact = true };
	if (at) {
		s->nodes[at].before = s->nodes[parent].last;
		s->nodes[parent].last = (uint16_t)at;
	}
	return (uint16_t)at;
}

/* What is below the node is not all that there is to it. */
static void widen(struct reader *r, uint16_t node)
{
	r->syntax->nodes[node].exact = false;
}

static void add_set(struct reader *r, uint16_t parent, uint16_t set, bool exact)
{
	uint16_t node = new_node(r, parent, AB_SYNTAX_SET);

	r->syntax->nodes[node].set = set;
	r->syntax->nodes[node].exact = exact;
}

/* Any bytes, from none to so many. */
static void add_anything(struct reader *r, uint16_t parent, uint16_t max)
{
	uint16_t node = new_node(r, parent, AB_SYNTAX_REPEAT);

	if (r->strange)
		return;
	r->syntax->nodes[node].max = max;
	widen(r, node);
	add_set(r, node, r->any, false);
}

static __attribute__((noinline)) void make_byte_set(struct reader *r, unsigned char c)
{
	ab_atom_set set = { 0 };

	set[c / 32] |= (uint32_t)1 << c % 32;
	if (r->caseless && isalpha(c)) {
		unsigned other = c ^ 0x20;

		set[other / 32] |= (uint32_t)1 << other % 32;
	}
	r->sets[c] = new_set(r, set);
}

/* The set of the one byte, in both cases where that is the same. */
static inline uint16_t byte_set(struct reader *r, unsigned char c)
{
	if (!r->sets[c])
		make_byte_set(r, c);
	return r->sets[c];
}

static void add_byte(struct reader *r, uint16_t parent, unsigned char c)
{
	add_set(r, parent, byte_set(r, c), true);
}

/* Characters that stand for themselves, once each. */
static void add_plain(struct reader *r, uint16_t parent)
{
	struct ab_syntax *s = r->syntax;
	size_t begin = s->n_texts, n = 0;
	uint16_t node;

	for (; n < AB_SYNTAX_ENDLESS && ab_atom_is_plain(r->p); r->p++, n++)
		s->texts[s->n_texts++] = byte_set(r, (unsigned char)*r->p);
	if (n == 1) {
		s->n_texts--;
		add_byte(r, parent, (unsigned char)r->p[-1]);
		return;
	}
	node = new_node(r, parent, AB_SYNTAX_TEXT);
	s->nodes[node].min = (uint16_t)n;
	s->nodes[node].set = begin & UINT16_MAX;
	s->nodes[node].max = (uint16_t)(begin >> 16);
}

/* A character, a class, or an escape that stands for one of some bytes. */
static void read_atom(struct reader *r, uint16_t parent)
{
	ab_atom_set set = { 0 };
	const char *from = r->p;
	uint16_t number;
	bool exact = *from != '.';

	if (isalnum((unsigned char)*r->p) || *r->p == ' ' || *r->p == '_') {
		add_byte(r, parent, (unsigned char)*r->p++);
		return;
	}
	if (*r->p == '{') { /* a quantifier where none can be is not understood */
		r->strange |= isdigit((unsigned char)r->p[1]);
		add_byte(r, parent, (unsigned char)*r->p++);
		return;
	}
	if (*from == '[') {
		const struct ab_atom_read *known = ab_atoms_find(&r->classes, from);

		if (known) {
			r->p += known->len;
			add_set(r, parent, known->number, true);
			return;
		}
	}
	if (!ab_atom_read(set, &r->p, r->caseless)) {
		r->strange = true;
		return;
	}
	number = new_set(r, set);
	if (*from == '[')
		ab_atoms_add(&r->classes, from, r->p, set, number);
	add_set(r, parent, number, exact);
}

/* What a backslash makes of a letter or digit that is no set of bytes; false: it is another one. */
static bool read_escape(struct reader *r, uint16_t parent)
{
	static const char from[] = "bBAzZG";
	static const enum ab_syntax_kind kinds[] = { AB_SYNTAX_EDGE,  AB_SYNTAX_NO_EDGE,
						     AB_SYNTAX_BEGIN, AB_SYNTAX_VERY_END,
						     AB_SYNTAX_END,   AB_SYNTAX_SEQUENCE };
	char c = r->p[1];
	const char *at = c ? strchr(from, c) : NULL;

	if (at) {
		uint16_t node = new_node(r, parent, kinds[at - from]);

		r->syntax->nodes[node].exact = c != 'G';
	} else if (c && strchr("hHvVN", c)) {
		add_set(r, parent, r->any, false);
	} else if (c == 'R') {
		add_anything(r, parent, 2);
	} else if (c >= '1' && c <= '9') { /* what a group has captured */
		add_anything(r, parent, AB_SYNTAX_ENDLESS);
		r->strange |= isdigit((unsigned char)r->p[2]);
	} else {
		return false;
	}
	r->p += 2;
	return true;
}

static void read_choice(struct reader *r, uint16_t parent);

/* The set of a group that is but one byte, or a choice of some; false: it is something else. */
static bool is_byte(const struct reader *r, uint16_t group, ab_atom_set set, bool *exact)
{
	const struct ab_syntax_node *nodes = r->syntax->nodes;

	*exact = true;
	for (uint16_t i = nodes[group].last; i; i = nodes[i].before) {
		const struct ab_syntax_node *one = &nodes[nodes[i].last];

		if (!nodes[i].last || one->before || one->kind != AB_SYNTAX_SET)
			return false;
		for (int k = 0; k < 8; k++)
			set[k] |= r->syntax->sets[one->set][k];
		*exact = *exact && one->exact;
	}
	return nodes[group].last;
}

/* Takes the node for nothing: it could only forbid more. */
static void forget(struct reader *r, uint16_t node)
{
	struct ab_syntax_node *n = &r->syntax->nodes[node];

	n->kind = AB_SYNTAX_SEQUENCE;
	n->last = 0;
	n->exact = false;
}

static bool all_exact(const struct reader *r, uint16_t node)
{
	const struct ab_syntax_node *nodes = r->syntax->nodes;

	if (!nodes[node].exact)
		return false;
	for (uint16_t i = nodes[node].last; i; i = nodes[i].before)
		if (!all_exact(r, i))
			return false;
	return true;
}

/* Settles an assertion once its group has been read. */
static void close_assertion(struct reader *r, uint16_t node)
{
	struct ab_syntax_node *n = &r->syntax->nodes[node];
	ab_atom_set set = { 0 };
	bool exact;

	if (n->kind == AB_SYNTAX_NOT_AHEAD && (r->flagged || !all_exact(r, node)))
		forget(r, node);
	if (n->kind != AB_SYNTAX_BEHIND && n->kind != AB_SYNTAX_NOT_BEHIND)
		return;
	if (!is_byte(r, n->last, set, &exact) || (n->kind == AB_SYNTAX_NOT_BEHIND && (r->flagged || !exact))) {
		forget(r, node);
		return;
	}
	n->last = 0;
	n->exact = exact;
	n->set = new_set(r, set);
}

/* Letters between "(?" and ")" or ":". Those that make it say more are taken, the others are not. */
static bool read_flags(struct reader *r)
{
	const char *p = r->p;
	bool on = true, caseless = r->caseless;

	for (; *p && strchr("-ims", *p); p++) {
		on = on && *p != '-';
		if (*p == 'm')
			return false;
		caseless = caseless || (on && *p == 'i');
	}
	if (*p != ')' && *p != ':')
		return false;
	if (caseless != r->caseless) {
		memset(r->sets, 0, sizeof(r->sets));
		memset(&r->classes, 0, sizeof(r->classes));
	}
	r->caseless = caseless;
	r->flagged = true;
	r->p = p;
	return true;
}

static const struct {
	const char *text;
	enum ab_syntax_kind kind;
} groups[] = { { "?:", AB_SYNTAX_CHOICE },	{ "?=", AB_SYNTAX_AHEAD },
	       { "?!", AB_SYNTAX_NOT_AHEAD },	{ "?<=", AB_SYNTAX_BEHIND },
	       { "?<!", AB_SYNTAX_NOT_BEHIND }, { "?>", AB_SYNTAX_CHOICE } };

/* From behind the bracket; false: flags alone, which take no byte. */
static bool read_group(struct reader *r, uint16_t parent)
{
	enum ab_syntax_kind kind = AB_SYNTAX_CHOICE;
	uint16_t node, inner;
	bool atomic = strncmp(r->p, "?>", 2) == 0;
	size_t i = 0;

	if (*r->p == '?') {
		while (i < AB_ARRAY_SIZE(groups) &&
		       strncmp(r->p, groups[i].text, strlen(groups[i].text)) != 0)
			i++;
		r->p += i < AB_ARRAY_SIZE(groups) ? strlen(groups[i].text) : 1;
		if (i < AB_ARRAY_SIZE(groups))
			kind = groups[i].kind;
		else if (!read_flags(r))
			r->strange = true;
		else if (*r->p++ == ')')
			return false;
	}
	r->strange |= *r->p == '*' || r->depth == DEPTH;
	node = r->strange ? 0 : new_node(r, parent, kind);
	if (!node)
		return true;
	if (atomic)
		widen(r, node);
	inner = kind == AB_SYNTAX_CHOICE ? node : new_node(r, node, AB_SYNTAX_CHOICE);
	r->depth++;
	read_choice(r, inner);
	r->depth--;
	r->strange |= *r->p != ')';
	r->p += *r->p == ')';
	if (inner != node && !r->strange)
		close_assertion(r, node);
	return true;
}

/* One piece without its quantifier; false: there is none at all, or nothing that may have one. */
static bool read_piece(struct reader *r, uint16_t parent)
{
	if (*r->p == '(') {
		r->p++;
		return read_group(r, parent);
	}
	if (*r->p == '^' || *r->p == '$') {
		(void)new_node(r, parent, *r->p++ == '^' ? AB_SYNTAX_BEGIN : AB_SYNTAX_END);
		return false;
	}
	if (*r->p != '\\' || !read_escape(r, parent))
		read_atom(r, parent);
	return true;
}

static bool read_number(const char **p, uint16_t *ret)
{
	unsigned n = 0;

	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p) && n < AB_SYNTAX_ENDLESS; ++*p)
		n = n * 10 + (unsigned)(**p - '0');
	*ret = (uint16_t)n;
	return n < AB_SYNTAX_ENDLESS;
}

/* How often; false where there is no quantifier. */
static bool read_times(struct reader *r, uint16_t *min, uint16_t *max)
{
	const char *p = r->p;

	*min = *p == '+';
	*max = *p == '?' ? 1 : AB_SYNTAX_ENDLESS;
	if (*p == '{') {
		p++;
		if (!read_number(&p, min)) {
			r->strange |= *p == ','; /* a text to some, and a number to others */
			return false;
		}
		*max = *min;
		if (*p == ',' && *++p == '}')
			*max = AB_SYNTAX_ENDLESS;
		else if (p[-1] == ',' && !read_number(&p, max))
			r->strange = true;
		r->strange |= *p != '}';
		if (r->strange)
			return false;
	} else if (!ab_atom_is_counted(p)) {
		return false;
	}
	r->p = p + 1;
	return true;
}

/* Puts the last child of the parent into a node that says how often it stands there. */
static void repeat(struct reader *r, uint16_t parent, uint16_t min, uint16_t max)
{
	struct ab_syntax_node *nodes = r->syntax->nodes;
	uint16_t child = nodes[parent].last, node;
	bool counted = nodes[child].kind <= AB_SYNTAX_REPEAT; /* an assertion is not */

	r->strange |= !counted || min > max;
	nodes[parent].last = nodes[child].before;
	node = new_node(r, parent, AB_SYNTAX_REPEAT);
	if (!node)
		return;
	nodes = r->syntax->nodes;
	nodes[child].before = 0;
	nodes[node].last = child;
	nodes[node].min = min;
	nodes[node].max = max;
	nodes[node].exact = *r->p != '+'; /* more often than that, and nothing is given back */
	r->p += *r->p == '+' || *r->p == '?';
}

static void read_sequence(struct reader *r, uint16_t parent)
{
	uint16_t node = new_node(r, parent, AB_SYNTAX_SEQUENCE), min, max;

	while (!r->strange && *r->p && *r->p != '|' && *r->p != ')') {
		bool one;

		if (ab_atom_is_plain(r->p)) {
			add_plain(r, node);
			continue;
		}
		one = read_piece(r, node);
		if (r->strange)
			return;
		if (one && read_times(r, &min, &max))
			repeat(r, node, min, max);
		else
			r->strange |= *r->p != '{' && ab_atom_is_counted(r->p);
	}
}

static void read_choice(struct reader *r, uint16_t parent)
{
	for (;;) {
		read_sequence(r, parent);
		if (r->strange || *r->p != '|')
			return;
		r->p++;
	}
}

bool ab_syntax_read(struct ab_syntax *s, const char *pattern, bool caseless)
{
	struct reader r = { .syntax = s, .p = pattern, .caseless = caseless };
	ab_atom_set any;

	*s = (struct ab_syntax){ 0 };
	if (strstr(pattern, "\\Q") || strncmp(pattern, "(*", 2) == 0)
		return false;
	memset(any, 0xff, sizeof(any));
	r.any = new_set(&r, any);
	s->texts = malloc((strlen(pattern) + 1) * sizeof(*s->texts)); /* no byte of it stands in two */
	r.strange |= !s->texts;
	if (!r.strange)
		(void)new_node(&r, 0, AB_SYNTAX_CHOICE);
	if (!r.strange)
		read_choice(&r, 0);
	return !r.strange && !*r.p;
}
