/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the matchers share that go by the words of a sentence. */
#ifndef AB_TEST_SENTENCE_H
#define AB_TEST_SENTENCE_H

#include "tests/unit/tap.h"

#include "lib/scrub/match.h"

/* Whether the matcher finds something around the anchor, and what of the text it is. */
static inline bool sentence_said(ab_scrub_match_fn *match, const char *text, const char *anchor, char *said, size_t size)
{
	const char *at = strstr(text, anchor);
	struct ab_scrub_place place = { .text = (const unsigned char *)text, .hi = strlen(text) };
	size_t start, end;

	if (!at)
		return false;
	place.at = (size_t)(at - text);
	place.end = place.at + strlen(anchor);
	if (!match(&place, &start, &end))
		return false;
	snprintf(said, size, "%.*s", (int)(end - start), text + start);
	return true;
}

struct sentence_case {
	const char *name, *text, *anchor, *said;
};

/* That each is found around its anchor, and all of what is said. */
static inline void sentence_cases(struct tap *t, ab_scrub_match_fn *match, const struct sentence_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char said[200] = "";
		bool found = sentence_said(match, cases[i].text, cases[i].anchor, said, sizeof(said));

		tap_ok(t, found && strcmp(said, cases[i].said) == 0, "found, and all of it: %s: %s", cases[i].name, said);
	}
}

struct sentence_word {
	const char *word;
	int is;
};

/* The binary search goes by the bytes; none is as long as `max`. */
static inline void sentence_words_in_order(struct tap *t, const struct sentence_word *words, size_t n, size_t max)
{
	bool ordered = true, fit = true;

	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(words[i - 1].word, words[i].word) >= 0) {
			printf("# %s stands before %s\n", words[i - 1].word, words[i].word);
			ordered = false;
		}
		fit = fit && strlen(words[i].word) < max && !strpbrk(words[i].word, " '-_ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	}
	tap_ok(t, ordered, "the words stand in the order of their bytes, each once");
	tap_ok(t, fit, "a word is of small letters, and fits");
}

#endif
