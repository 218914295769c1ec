/* SPDX-License-Identifier: Apache-2.0 */
/* The tree's growing arrays, shorthands and Unicode properties. */
#include <string.h>

#include "lib/regex/ecma.h"

/* An array whose capacity is the power of two that its length calls for. */
static void *grow(void *array, uint32_t n, size_t size)
{
	if (n & (n - 1) || n == 1)
		return array;
	return realloc(array, (n ? 2 * (size_t)n : 2) * size);
}

uint32_t ab_ecma_node(struct ab_ecma *tree, enum ab_ecma_kind kind)
{
	uint32_t n = tree->n ? tree->n : 1; /* nodes[0] stays unused */
	struct ab_ecma_node *nodes = grow(tree->nodes, n == 1 ? 0 : n, sizeof(*nodes));

	if (!nodes)
		return 0;
	tree->nodes = nodes;
	nodes[n] = (struct ab_ecma_node){ .kind = (uint8_t)kind };
	tree->n = n + 1;
	return n;
}

int ab_ecma_set(struct ab_ecma *tree, bool negated)
{
	struct ab_ecma_set *sets = grow(tree->sets, tree->n_sets, sizeof(*sets));

	if (!sets)
		return -1;
	tree->sets = sets;
	sets[tree->n_sets++] = (struct ab_ecma_set){ .ranges = tree->n_ranges,
						     .properties = (uint32_t)tree->properties.len,
						     .negated = negated };
	return 0;
}

int ab_ecma_range(struct ab_ecma *tree, uint32_t first, uint32_t last)
{
	struct ab_ecma_range *ranges = grow(tree->ranges, tree->n_ranges, sizeof(*ranges));

	if (!ranges)
		return -1;
	tree->ranges = ranges;
	ranges[tree->n_ranges++] = (struct ab_ecma_range){ first, last };
	tree->sets[tree->n_sets - 1].n++;
	return 0;
}

/* ECMA-262 section 22.2.2.9: WhiteSpace and LineTerminator; digits and word characters are ASCII.
 */
static const struct ab_ecma_range spaces[] = {
	{ 0x9, 0xd },	    { 0x20, 0x20 },	{ 0xa0, 0xa0 },	    { 0x1680, 0x1680 },
	{ 0x2000, 0x200a }, { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f },
	{ 0x3000, 0x3000 }, { 0xfeff, 0xfeff },
};
static const struct ab_ecma_range digits[] = { { '0', '9' } };
static const struct ab_ecma_range words[] = {
	{ '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }
};

static int add_table(struct ab_ecma *tree, const struct ab_ecma_range *table, size_t n,
		     bool complement)
{
	uint32_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (!complement && ab_ecma_range(tree, table[i].first, table[i].last) < 0)
			return -1;
		if (complement && ab_ecma_range(tree, from, table[i].first - 1) < 0)
			return -1;
		from = table[i].last + 1;
	}
	return complement ? ab_ecma_range(tree, from, AB_ECMA_LAST) : 0;
}

int ab_ecma_shorthand(struct ab_ecma *tree, char letter)
{
	switch (letter) {
	case 'd':
	case 'D':
		return add_table(tree, digits, AB_ARRAY_SIZE(digits), letter == 'D');
	case 's':
	case 'S':
		return add_table(tree, spaces, AB_ARRAY_SIZE(spaces), letter == 'S');
	default:
		return add_table(tree, words, AB_ARRAY_SIZE(words), letter == 'W');
	}
}

/* General_Category values: ECMA-262 table 69, short name and the long names. */
static const char *const categories[][4] = {
	{ "Lu", "Uppercase_Letter" },
	{ "Ll", "Lowercase_Letter" },
	{ "Lt", "Titlecase_Letter" },
	{ "L&", "LC", "Cased_Letter" },
	{ "Lm", "Modifier_Letter" },
	{ "Lo", "Other_Letter" },
	{ "L", "Letter" },
	{ "Mn", "Nonspacing_Mark" },
	{ "Mc", "Spacing_Mark" },
	{ "Me", "Enclosing_Mark" },
	{ "M", "Mark", "Combining_Mark" },
	{ "Nd", "Decimal_Number", "digit" },
	{ "Nl", "Letter_Number" },
	{ "No", "Other_Number" },
	{ "N", "Number" },
	{ "Pc", "Connector_Punctuation" },
	{ "Pd", "Dash_Punctuation" },
	{ "Ps", "Open_Punctuation" },
	{ "Pe", "Close_Punctuation" },
	{ "Pi", "Initial_Punctuation" },
	{ "Pf", "Final_Punctuation" },
	{ "Po", "Other_Punctuation" },
	{ "P", "Punctuation", "punct" },
	{ "Sm", "Math_Symbol" },
	{ "Sc", "Currency_Symbol" },
	{ "Sk", "Modifier_Symbol" },
	{ "So", "Other_Symbol" },
	{ "S", "Symbol" },
	{ "Zs", "Space_Separator" },
	{ "Zl", "Line_Separator" },
	{ "Zp", "Paragraph_Separator" },
	{ "Z", "Separator" },
	{ "Cc", "Control", "cntrl" },
	{ "Cf", "Format" },
	{ "Cs", "Surrogate" },
	{ "Co", "Private_Use" },
	{ "Cn", "Unassigned" },
	{ "C", "Other" },
};

/* Binary properties of ECMA-262 table 68 that are not spelled with capitals and underscores only
 * as PCRE2 has them. */
static const char *const binaries[] = {
	"ASCII",
	"ASCII_Hex_Digit",
	"AHex",
	"Alphabetic",
	"Alpha",
	"Bidi_Control",
	"Bidi_C",
	"Bidi_Mirrored",
	"Bidi_M",
	"Case_Ignorable",
	"CI",
	"Cased",
	"Changes_When_Casefolded",
	"CWCF",
	"Changes_When_Casemapped",
	"CWCM",
	"Changes_When_Lowercased",
	"CWL",
	"Changes_When_Titlecased",
	"CWT",
	"Changes_When_Uppercased",
	"CWU",
	"Dash",
	"Default_Ignorable_Code_Point",
	"DI",
	"Deprecated",
	"Dep",
	"Diacritic",
	"Dia",
	"Emoji",
	"Emoji_Component",
	"EComp",
	"Emoji_Modifier",
	"EMod",
	"Emoji_Modifier_Base",
	"EBase",
	"Emoji_Presentation",
	"EPres",
	"Extended_Pictographic",
	"ExtPict",
	"Extender",
	"Ext",
	"Grapheme_Base",
	"Gr_Base",
	"Grapheme_Extend",
	"Gr_Ext",
	"Hex_Digit",
	"Hex",
	"IDS_Binary_Operator",
	"IDSB",
	"IDS_Trinary_Operator",
	"IDST",
	"ID_Continue",
	"IDC",
	"ID_Start",
	"IDS",
	"Ideographic",
	"Ideo",
	"Join_Control",
	"Join_C",
	"Logical_Order_Exception",
	"LOE",
	"Lowercase",
	"Lower",
	"Math",
	"Noncharacter_Code_Point",
	"NChar",
	"Pattern_Syntax",
	"Pat_Syn",
	"Pattern_White_Space",
	"Pat_WS",
	"Quotation_Mark",
	"QMark",
	"Radical",
	"Regional_Indicator",
	"RI",
	"Sentence_Terminal",
	"STerm",
	"Soft_Dotted",
	"SD",
	"Terminal_Punctuation",
	"Term",
	"Unified_Ideograph",
	"UIdeo",
	"Uppercase",
	"Upper",
	"Variation_Selector",
	"VS",
	"White_Space",
	"space",
	"XID_Continue",
	"XIDC",
	"XID_Start",
	"XIDS",
};

static bool is_same(const char *a, const char *name, size_t len)
{
	return a && strlen(a) == len && memcmp(a, name, len) == 0;
}

static const char *find_category(const char *name, size_t len)
{
	if (is_same("L&", name, len))
		return NULL; /* PCRE2's spelling of LC, not ECMA-262's */
	for (size_t i = 0; i < AB_ARRAY_SIZE(categories); i++)
		for (size_t j = 0; j < 4; j++)
			if (is_same(categories[i][j], name, len))
				return categories[i][0];
	return NULL;
}

static int add_property(struct ab_ecma *tree, const char *kind, const char *name, size_t len,
			bool negated)
{
	struct ab_ecma_set *set = &tree->sets[tree->n_sets - 1];

	ab_buf_addf(&tree->properties, "\\%c{%s", negated ? 'P' : 'p', kind);
	ab_buf_add(&tree->properties, name, len);
	ab_buf_addc(&tree->properties, '}');
	if (tree->properties.failed)
		return -1;
	set->properties_len = (uint32_t)tree->properties.len - set->properties;
	return 0;
}

/* Script names are PCRE2's to know; ECMA-262 spells them with a capital and exactly. */
static int add_script(struct ab_ecma *tree, const char *kind, const char *name, size_t len,
		      bool negated)
{
	if (!len || name[0] < 'A' || name[0] > 'Z')
		return -1;
	for (size_t i = 1; i < len; i++)
		if (!((name[i] | 0x20) >= 'a' && (name[i] | 0x20) <= 'z') && name[i] != '_')
			return -1;
	return add_property(tree, kind, name, len, negated);
}

int ab_ecma_property(struct ab_ecma *tree, const char *name, size_t len, bool negated)
{
	const char *equals = memchr(name, '=', len), *category;
	size_t key = equals ? (size_t)(equals - name) : len, rest = equals ? len - key - 1 : 0;

	if (is_same("Script", name, key) || is_same("sc", name, key))
		return equals ? add_script(tree, "sc:", equals + 1, rest, negated) : -1;
	if (is_same("Script_Extensions", name, key) || is_same("scx", name, key))
		return equals ? add_script(tree, "scx:", equals + 1, rest, negated) : -1;
	if (equals && !is_same("General_Category", name, key) && !is_same("gc", name, key))
		return -1;
	category = equals ? find_category(equals + 1, rest) : find_category(name, len);
	if (category)
		return add_property(tree, "", category, strlen(category), negated);
	if (equals)
		return -1;
	if (is_same("Any", name, len))
		return negated ? 0 : ab_ecma_range(tree, 0, AB_ECMA_LAST);
	if (is_same("Assigned", name, len))
		return add_property(tree, "", "Cn", 2, !negated);
	for (size_t i = 0; i < AB_ARRAY_SIZE(binaries); i++)
		if (is_same(binaries[i], name, len))
			return add_property(tree, "", name, len, negated);
	return -1;
}
