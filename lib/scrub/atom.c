/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/atom.h"

#include <ctype.h>
#include <string.h>

static void add(ab_atom_set s, unsigned char c)
{
	s[c / 32] |= (uint32_t)1 << c % 32;
}

static void add_range(ab_atom_set s, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to && c < 256; c++)
		add(s, (unsigned char)c);
}

/* \d \w \s and their opposites. */
static bool add_named(ab_atom_set s, char name)
{
	static const ab_atom_set named[] = { { 0, 0x03ff0000 },
					     { 0, 0x03ff0000, 0x87fffffe, 0x07fffffe },
					     { 0x00003e00, 1 } };
	static const char names[] = "dws";
	const char *at = strchr(names, tolower((unsigned char)name));
	uint32_t no = isupper((unsigned char)name) ? ~(uint32_t)0 : 0;

	if (!at)
		return false;
	for (int i = 0; i < 8; i++)
		s[i] |= named[at - names][i] ^ no;
	return true;
}

/* The one byte that the escape behind a backslash at *p stands for, -1: another kind. */
static int escaped(const char **p)
{
	static const char from[] = "nrtf", to[] = "\n\r\t\f";
	const char *c = *p, *at = NULL;
	int value = 0;

	if (*c == 'x' && isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2])) {
		for (int i = 1; i < 3; i++)
			value = value * 16 + (isdigit((unsigned char)c[i])
						      ? c[i] - '0'
						      : (c[i] | 0x20) - 'a' + 10);
		*p += 3;
		return value;
	}
	if (!*c || (isalnum((unsigned char)*c) && !(at = strchr(from, *c))))
		return -1;
	*p += 1;
	return at ? to[at - from] : (unsigned char)*c;
}

/* One byte of a class at *p, or a named set, which is added at once (-2); -1: not understood. */
static int class_byte(ab_atom_set s, const char **p)
{
	if (**p != '\\')
		return **p == '[' && strchr(":.=", (*p)[1]) ? -1 : (unsigned char)*(*p)++;
	++*p;
	if (**p && add_named(s, **p)) {
		++*p;
		return -2;
	}
	return escaped(p);
}

bool ab_atom_class(ab_atom_set s, const char **p, bool *no)
{
	bool first = true;

	*no = **p == '^';
	*p += *no;
	for (; **p && (**p != ']' || first); first = false) {
		int from = class_byte(s, p), to;

		if (from == -1)
			return false;
		if (from == -2)
			continue;
		to = from;
		if ((*p)[0] == '-' && (*p)[1] && (*p)[1] != ']') {
			++*p;
			to = class_byte(s, p);
			if (to < from)
				return false;
		}
		add_range(s, (unsigned)from, (unsigned)to);
	}
	if (!**p)
		return false;
	++*p;
	return true;
}

/* Letters stand in the same bits of two words, capitals in the first. */
static void fold(ab_atom_set s)
{
	uint32_t letters = (s['A' / 32] | s['a' / 32]) & 0x07fffffe;

	s['A' / 32] |= letters;
	s['a' / 32] |= letters;
}

bool ab_atom_read(ab_atom_set s, const char **p, bool caseless)
{
	bool no = false;
	int c;

	if (**p == '[') {
		++*p;
		if (!ab_atom_class(s, p, &no))
			return false;
	} else if (**p == '\\') {
		++*p;
		if (**p && add_named(s, **p)) {
			++*p;
		} else {
			c = escaped(p);
			if (c < 0)
				return false;
			add(s, (unsigned char)c);
		}
	} else if (**p == '.') { /* what it takes for a line's end is PCRE2's own affair */
		++*p;
		add_range(s, 0, 255);
	} else if (!**p || strchr("()|^$*+?{", **p)) {
		return false;
	} else {
		add(s, (unsigned char)*(*p)++);
	}
	if (caseless)
		fold(s);
	for (int i = 0; no && i < 8; i++)
		s[i] = ~s[i];
	return true;
}
