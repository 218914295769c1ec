/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/prefix.h"

#include <ctype.h>
#include <string.h>

#include "lib/scrub/atom.h"

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
			ab_atom_set ignored = { 0 };

			p++;
			if (!ab_atom_class(ignored, &p, &no))
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
		ab_atom_set ignored = { 0 };

		if (*p == '|')
			return true;
		if (*p == '(') {
			p = skip_group(p);
		} else if (*p == '[') {
			p++;
			if (!ab_atom_class(ignored, &p, &no))
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
		ab_atom_set s = { 0 };
		size_t times;

		if (!step_groups(&p, &depth) || !ab_atom_read(s, &p, caseless))
			return;
		times = read_times(&p, &more);
		for (; times && ret->n < AB_PREFIX_MAX; times--)
			memcpy(ret->sets[ret->n++], s, sizeof(s));
	}
}
