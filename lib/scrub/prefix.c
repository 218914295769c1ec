/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/prefix.h"

#include <ctype.h>
#include <string.h>

typedef uint32_t set[8];

static void add(set s, unsigned char c)
{
	s[c / 32] |= (uint32_t)1 << c % 32;
}

static void add_range(set s, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to && c < 256; c++)
		add(s, (unsigned char)c);
}

/* \d \w \s and their opposites. */
static bool add_named(set s, char name)
{
	set named = { 0 };
	bool no = isupper((unsigned char)name);

	switch (tolower((unsigned char)name)) {
	case 'w':
		add_range(named, 'a', 'z');
		add_range(named, 'A', 'Z');
		add(named, '_');
		__attribute__((fallthrough));
	case 'd':
		add_range(named, '0', '9');
		break;
	case 's':
		add_range(named, '\t', '\r');
		add(named, ' ');
		break;
	default:
		return false;
	}
	for (int i = 0; i < 8; i++)
		s[i] |= no ? ~named[i] : named[i];
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
static int class_byte(set s, const char **p)
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

/* A class from behind its bracket to behind the closing one. */
static bool read_class(set s, const char **p, bool *no)
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

static void fold(set s)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		unsigned upper = c ^ 0x20;

		if ((s[c / 32] >> c % 32 | s[upper / 32] >> upper % 32) & 1) {
			add(s, (unsigned char)c);
			add(s, (unsigned char)upper);
		}
	}
}

/* One byte of the text, as a class, an escape or a plain character. */
static bool read_atom(set s, const char **p, bool caseless)
{
	bool no = false;
	int c;

	if (**p == '[') {
		++*p;
		if (!read_class(s, p, &no))
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

/* How often the atom must stand there: *more, if it may do so more often. */
static size_t read_times(const char **p, bool *more)
{
	size_t n = 0;

	*more = true;
	if (**p == '*' || **p == '?')
		return 0;
	if (**p == '+')
		return 1;
	*more = false;
	if (**p != '{')
		return 1;
	for (++*p; isdigit((unsigned char)**p) && n < 1000; ++*p)
		n = n * 10 + (size_t)(**p - '0');
	*more = **p != '}' || !isdigit((unsigned char)(*p)[-1]);
	if (*more)
		return (*p)[-1] == '{' ? 0 : n; /* "{,3}" is a text to some, and a number to others */
	++*p;
	if (**p == '+' || **p == '?')
		++*p;
	return n;
}

/* Behind the group at p, NULL if it does not end. */
static const char *skip_group(const char *p)
{
	unsigned depth = 0;

	for (; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '[') {
			bool no;
			set ignored = { 0 };

			p++;
			if (!read_class(ignored, &p, &no))
				return NULL;
			p--;
		} else if (*p == '(') {
			depth++;
		} else if (*p == ')' && --depth == 0) {
			return p + 1;
		}
	}
	return NULL;
}

/* Whether what stands up to `end` is one of several, each of which begins in its own way. */
static bool has_choice(const char *p, const char *end)
{
	while (p && p < end) {
		bool no;
		set ignored = { 0 };

		if (*p == '|')
			return true;
		if (*p == '(') {
			p = skip_group(p);
		} else if (*p == '[') {
			p++;
			if (!read_class(ignored, &p, &no))
				return true;
		} else {
			p += *p == '\\' && p[1] ? 2 : 1;
		}
	}
	return !p; /* not understood */
}

/* What looks at a place and takes no byte of it: it can only forbid more. */
static const char *skip_assertions(const char *p)
{
	for (;;) {
		if (strncmp(p, "\\b", 2) == 0 || strncmp(p, "\\B", 2) == 0)
			p += 2;
		else if (strncmp(p, "(?<!", 4) == 0 || strncmp(p, "(?<=", 4) == 0 ||
			 strncmp(p, "(?!", 3) == 0 || strncmp(p, "(?=", 3) == 0)
			p = skip_group(p);
		else
			return p;
		if (!p || (*p && strchr("*+?{", *p)))
			return NULL;
	}
}

/* Steps into groups and out of them, as long as all that is in them stands there once at least. */
static bool step_groups(const char **p, unsigned *depth)
{
	for (;;) {
		const char *end;

		if (**p == ')' && *depth) {
			++*p;
			--*depth;
			if (**p && strchr("*+?{", **p)) /* again from its beginning, or not at all */
				return false;
			continue;
		}
		if (**p != '(')
			return true;
		end = skip_group(*p);
		*p += strncmp(*p, "(?:", 3) == 0 ? 3 : 1;
		if (!end || strchr("?*", **p) || (*end && strchr("*?{", *end)) ||
		    has_choice(*p, end - 1))
			return false;
		++*depth;
	}
}

void ab_prefix_read(struct ab_prefix *ret, const char *pattern, bool caseless)
{
	const char *p = skip_assertions(pattern);
	unsigned depth = 0;

	memset(ret, 0, sizeof(*ret));
	if (!p || strstr(pattern, "\\Q") || has_choice(pattern, pattern + strlen(pattern)))
		return;
	for (bool more = false; !more && ret->n < AB_PREFIX_MAX;) {
		set s = { 0 };
		size_t times;

		if (!step_groups(&p, &depth) || !read_atom(s, &p, caseless))
			return;
		times = read_times(&p, &more);
		for (; times && ret->n < AB_PREFIX_MAX; times--)
			memcpy(ret->sets[ret->n++], s, sizeof(s));
	}
}
