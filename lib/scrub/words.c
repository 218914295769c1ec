/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/norm.h"

#define WORDS_MIN 3  /* words that another sign than a space parts, and no space with it */
#define WORD_MAX  48 /* bytes of one */

/* Where the word at `at` ends, which `sign` parts from the next; 0: what stands there is none. */
static size_t word_end(const unsigned char *text, size_t len, size_t at, unsigned char sign)
{
	size_t end = at;

	while (end < len && end - at <= WORD_MAX && text[end] > ' ' && text[end] != sign)
		end++;
	return end == at || end - at > WORD_MAX ? 0 : end;
}

/* Where the next word begins behind one sign, or several that are white; 0: there is none. */
static size_t next_word(const unsigned char *text, size_t len, size_t at, unsigned char sign)
{
	size_t next = at;

	while (next < len && next - at < 8 &&
	       (text[next] == sign || (text[next] == '\r' && sign == '\n')) && (next == at || sign <= ' '))
		next++;
	/* One space between words is how texts are written. */
	return next == at || (sign == ' ' && next - at < 2) ? 0 : next;
}

/* Behind the last of the words from `at` that this sign parts; 0: they are too few. */
static size_t words_end(const unsigned char *text, size_t len, size_t at, unsigned char sign)
{
	size_t n = 1, end = at, next;

	while ((next = next_word(text, len, end, sign)) && (next = word_end(text, len, next, sign))) {
		end = next;
		n++;
	}
	return n >= WORDS_MIN ? end : 0;
}

static bool is_gap(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '_' || c == '+' || c == '|';
}

void ab_words_build(struct ab_view *v, const unsigned char *text, size_t len)
{
	size_t at = 0, from = 0, stop;

	if (!ab_norm_has_high(text, len))
		return;
	for (; at < len; at++) {
		unsigned char sign = text[at];

		if (sign == '\r' && len - at > 1 && text[at + 1] == '\n')
			sign = '\n';
		if (!is_gap(sign) || !at || text[at - 1] <= ' ' ||
		    !(stop = words_end(text, len, at, sign)))
			continue;
		v->kinds |= AB_VIEW_SPACED;
		while (at < stop) {
			size_t next = next_word(text, len, at, sign);

			ab_view_copy(v, text + from, from, at - from);
			ab_view_unit(v, " ", 1, at, next - at);
			from = next;
			at = word_end(text, len, next, sign);
		}
		at--; /* what ends the last may part others */
	}
	if (v->kinds)
		ab_view_copy(v, text + from, from, len - from);
}
