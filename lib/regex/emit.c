/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree as a PCRE2 pattern. Every character is written as \x{...}, so that nothing depends on
 * PCRE2's own syntax. Recursion is bounded by AB_ECMA_DEPTH.
 */
#include "lib/regex/ecma.h"

#define NOTHING	  "(?!)"
#define ANYTHING  "[\\x{0}-\\x{10ffff}]"
#define SURROGATE 0xd800u
#define BEHIND_IT 0xe000u

static bool is_surrogate(uint32_t c)
{
	return c >= SURROGATE && c < BEHIND_IT;
}

static void emit_char(uint32_t c, struct ab_buf *out)
{
	bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		     c == ' ' || c == '_';

	if (plain)
		ab_buf_addc(out, (char)c);
	else if (is_surrogate(c))
		ab_buf_adds(out, NOTHING); /* UTF-8 text has none */
	else
		ab_buf_addf(out, "\\x{%x}", c);
}

/* A range without the surrogates at its ends, which PCRE2 refuses. Whether anything is left. */
static bool trim(struct ab_ecma_range *r)
{
	if (is_surrogate(r->first))
		r->first = BEHIND_IT;
	if (is_surrogate(r->last))
		r->last = SURROGATE - 1;
	return r->first <= r->last;
}

static void emit_set(const struct ab_ecma *tree, const struct ab_ecma_set *set, struct ab_buf *out)
{
	size_t start = out->len, bare;

	ab_buf_adds(out, set->negated ? "[^" : "[");
	bare = out->len;
	for (uint32_t i = 0; i < set->n; i++) {
		struct ab_ecma_range r = tree->ranges[set->ranges + i];

		if (trim(&r))
			ab_buf_addf(out, "\\x{%x}-\\x{%x}", r.first, r.last);
	}
	if (set->properties_len)
		ab_buf_add(out, tree->properties.data + set->properties, set->properties_len);
	if (out->len > bare) {
		ab_buf_addc(out, ']');
		return;
	}
	if (!out->failed)
		out->len = start;
	ab_buf_adds(out, set->negated ? ANYTHING : NOTHING);
}

static void emit_quantifier(const struct ab_ecma_node *node, struct ab_buf *out)
{
	if (node->max == AB_ECMA_FOREVER && node->min < 2)
		ab_buf_addc(out, node->min ? '+' : '*');
	else if (node->max == AB_ECMA_FOREVER)
		ab_buf_addf(out, "{%u,}", node->min);
	else
		ab_buf_addf(out, "{%u,%u}", node->min, node->max);
	if (node->lazy)
		ab_buf_addc(out, '?');
}

static void emit(const struct ab_ecma *tree, uint32_t at, struct ab_buf *out);

static void emit_children(const struct ab_ecma *tree, const struct ab_ecma_node *node,
			  const char *between, struct ab_buf *out)
{
	for (uint32_t child = node->child; child; child = tree->nodes[child].next) {
		if (child != node->child)
			ab_buf_adds(out, between);
		emit(tree, child, out);
	}
}

static void emit_group(const struct ab_ecma *tree, const struct ab_ecma_node *node,
		       const char *open, struct ab_buf *out)
{
	ab_buf_adds(out, open);
	emit_children(tree, node, "", out);
	ab_buf_addc(out, ')');
}

static void emit(const struct ab_ecma *tree, uint32_t at, struct ab_buf *out)
{
	const struct ab_ecma_node *node = &tree->nodes[at];

	switch ((enum ab_ecma_kind)node->kind) {
	case AB_ECMA_EMPTY:
		break;
	case AB_ECMA_CHAR:
		emit_char(node->value, out);
		break;
	case AB_ECMA_SET:
		emit_set(tree, &tree->sets[node->value], out);
		break;
	case AB_ECMA_CAT:
		emit_children(tree, node, "", out);
		break;
	case AB_ECMA_ALT:
		emit_children(tree, node, "|", out);
		break;
	case AB_ECMA_REPEAT:
		emit_children(tree, node, "", out);
		emit_quantifier(node, out);
		break;
	case AB_ECMA_GROUP:
		emit_group(tree, node, node->value ? "(" : "(?:", out);
		break;
	case AB_ECMA_START:
		ab_buf_adds(out, "\\A");
		break;
	case AB_ECMA_END:
		ab_buf_adds(out, "\\z");
		break;
	case AB_ECMA_BOUNDARY:
		ab_buf_adds(out, node->negated ? "\\B" : "\\b");
		break;
	case AB_ECMA_AHEAD:
		emit_group(tree, node, node->negated ? "(?!" : "(?=", out);
		break;
	case AB_ECMA_BEHIND:
		emit_group(tree, node, node->negated ? "(?<!" : "(?<=", out);
		break;
	case AB_ECMA_BACKREF:
		ab_buf_addf(out, "\\g{%u}", node->value);
		break;
	}
}

void ab_ecma_emit(const struct ab_ecma *tree, struct ab_buf *out)
{
	emit(tree, tree->root, out);
}
