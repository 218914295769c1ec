/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#include <ctype.h>
#include <string.h>

#include "lib/scrub/seek.h"

/* Between two quoted strings: what joins them in some language, in up to eight bytes of space. */
static size_t join_quotes(const unsigned char *p, size_t len)
{
	static const char *const signs[] = { "+", "..", ".", "&", "||", "<>", "~", "++" };
	size_t n = 1, spaces, found = 0;

	while (n < len && n < 9 && isspace(p[n]))
		n++;
	spaces = n - 1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(signs) && !found; i++)
		if (len - n > 2 && memcmp(p + n, signs[i], strlen(signs[i])) == 0)
			found = strlen(signs[i]);
	if (!found)
		return spaces == 1 && p[0] == '"' && n < len && p[n] == '"' ? n + 1 : 0;
	n += found;
	for (spaces = 0; n < len && spaces < 8 && (isspace(p[n]) || p[n] == '\\'); spaces++)
		n++;
	return n < len && p[n] == p[0] ? n + 1 : 0;
}

/* What stands at p and can be taken out from between letters: its length, 0 if it is nothing. */
static size_t join_at(const unsigned char *p, size_t len)
{
	static const char *const plain[] = { "**", "<br>" };
	const unsigned char *end = NULL;

	if (p[0] == '"' || p[0] == '\'')
		return join_quotes(p, len);
	for (size_t i = 0; i < AB_ARRAY_SIZE(plain); i++)
		if (p[0] == plain[i][0] && len > strlen(plain[i]) &&
		    memcmp(p, plain[i], strlen(plain[i])) == 0)
			return strlen(plain[i]);
	if (len > 4 && memcmp(p, "/*", 2) == 0) {
		end = memmem(p + 2, len - 2 < 256 ? len - 2 : 256, "*/", 2);
		return end ? (size_t)(end - p) + 2 : 0;
	}
	if (len > 7 && memcmp(p, "<!--", 4) == 0) {
		end = memmem(p + 4, len - 4 < 256 ? len - 4 : 256, "-->", 3);
		return end ? (size_t)(end - p) + 3 : 0;
	}
	if (len > 2 && p[0] == '<' && (isalpha(p[1]) || (p[1] == '/' && isalpha(p[2])))) {
		end = memchr(p, '>', len < 96 ? len : 96);
		/* "</doc<!-- -->ument>" is one tag with a comment in it, not another one. */
		if (end && memchr(p + 1, '<', (size_t)(end - p) - 1))
			return 0;
		return end ? (size_t)(end - p) + 1 : 0;
	}
	return 0;
}

void ab_joined_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0;

	while ((at = ab_seek_sign(text, len, at, "\"'*/<", false)) < len) {
		size_t n = join_at(text + at, len - at);

		if (!n) {
			at++;
			continue;
		}
		ab_view_copy(v, text + from, from, at - from);
		v->kinds |= AB_VIEW_JOINED;
		at += n;
		from = at;
	}
	ab_view_copy(v, text + from, from, len - from);
}
