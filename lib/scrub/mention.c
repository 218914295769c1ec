/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/mention.h"

#include <ctype.h>
#include <string.h>

#include "lib/scrub/wordlist.h"

#define REACH  120 /* bytes of the line on either side that are read */
#define BEFORE 24  /* bytes between the opening quote and what was found */
#define NARRATED 32 /* bytes behind a quote in which it says who spoke, and how */
#define BEHIND 24  /* and from there to the closing quote: more is a task, not a phrase */

/* The length of a quote at p, and a number for its kind; what opens and what closes are one. */
static size_t quote_at(const unsigned char *p, size_t len, int *kind)
{
	static const struct {
		const char *text;
		int kind;
	} quotes[] = { { "\"", 1 },
		       { "'", 2 },
		       { "`", 3 },
		       { "\xe2\x80\x9c", 4 },
		       { "\xe2\x80\x9d", 4 },
		       { "\xe2\x80\x98", 5 },
		       { "\xe2\x80\x99", 5 },
		       { "\xc2\xab", 6 },
		       { "\xc2\xbb", 6 } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(quotes); i++) {
		size_t n = strlen(quotes[i].text);

		if (len >= n && memcmp(p, quotes[i].text, n) == 0) {
			*kind = quotes[i].kind;
			return n;
		}
	}
	return 0;
}

/* An apostrophe stands between letters; a quote does not. */
static bool is_quote(const struct ab_scrub_place *p, size_t at, size_t n, bool opens)
{
	if (opens)
		return at == p->lo || !isalnum(p->text[at - 1]);
	return at + n >= p->hi || !isalnum(p->text[at + n]);
}

static bool opening(const struct ab_scrub_place *p, size_t start, size_t *ret, int *kind)
{
	for (size_t at = start; at > p->lo && start - at < BEFORE; at--) {
		size_t n = quote_at(p->text + at - 1, p->hi - at + 1, kind);

		if (p->text[at - 1] == '\n')
			return false;
		if (n && is_quote(p, at - 1, n, true)) {
			*ret = at - 1;
			return true;
		}
	}
	return false;
}

static bool closing(const struct ab_scrub_place *p, size_t end, int kind, size_t *ret)
{
	for (size_t at = end; at < p->hi && at - end < BEHIND && p->text[at] != '\n'; at++) {
		int other;
		size_t n = quote_at(p->text + at, p->hi - at, &other);

		if (n && other == kind && is_quote(p, at, n, false)) {
			*ret = at + n;
			return true;
		}
	}
	return false;
}

/* Whether one of the words begins in text[from, to), as a word. */
static bool has_word(const unsigned char *text, size_t from, size_t to, const char *const *words)
{
	for (; *words; words++) {
		size_t n = strlen(*words);

		for (size_t i = from; i + n <= to; i++)
			if (ab_word_stands(text + i, *words, n) && (i == from || !isalnum(text[i - 1])))
				return true;
	}
	return false;
}

/*
 * Whether a story goes on behind the quote, as `," the old master laughed` does, and nothing in text[from, to) is of
 * models or what they could do.
 */
static bool is_narrated(const struct ab_scrub_place *p, size_t close, size_t from, size_t to)
{
	static const char *const how[] = { "laughed", "whispered", "murmured",	"muttered",  "sighed",
					   "grinned", "smiled",	   "chuckled",	"growled",   "hissed",
					   "cried",   "thundered", "said the ", "said his ", "said her ", NULL };
	static const char *const theirs[] = { "prompt",	 "system",  "instruct", "guideline", "user",   "assistant",
					      "previous", "above",  "safe",	"filter",    "restrict", "ai",
					      "model",	 "secret",  "polic",	"programm",  "obey",   "comply",
					      "execute", "send",    "print",	"reveal",    "delete", "output",
					      "instead", "http",    "tool",	"run ",	     "bot",    NULL };
	size_t end = close, last = close - 1;

	while (end < to && end - close < NARRATED && !strchr(".:;\"", p->text[end]))
		end++;
	while (last > from && p->text[last - 1] >= 0x80) /* the quote may be of more bytes */
		last--;
	return last > from && memchr(",!?", p->text[last - 1], 3) && has_word(p->text, close, end, how) &&
	       !has_word(p->text, from, to, theirs);
}

bool ab_scrub_is_mention(const struct ab_scrub_place *p, size_t start, size_t end)
{
	static const char *const speaks[] = { "phrase",	     "attack",	     "injection",
					      "jailbreak",   "such as",	     "e.g.",
					      "pattern",     "detect",	     "filter",
					      "blocked",     "blocks",	     "payload ",
					      "inputs like", "prompts like", "strings like",
					      "known as",    "malicious",    "adversarial",
					      "red team",    "test suite",   "payloads",    NULL };
	static const char *const commands[] = { "obey",	      "comply",	  "you must",	 "do so",
						"do it",      "do this",  "do that",	 "do as",
						"follow",     "please",	  "now ",	 "now,",
						"instead",    "proceed",  "immediately", "execute",
						"you should", "you will", "your ",	 "then ",
						"carry out",  "act on",	  "apply ",	 NULL };
	size_t from, to, open, close;
	int kind;

	if (!opening(p, start, &open, &kind) || !closing(p, end, kind, &close))
		return false;
	for (from = open; from > p->lo && open - from < REACH && p->text[from - 1] != '\n';)
		from--;
	for (to = close; to < p->hi && to - close < REACH && p->text[to] != '\n';)
		to++;
	if (is_narrated(p, close, from, to))
		return true;
	return (has_word(p->text, from, open, speaks) || has_word(p->text, close, to, speaks)) &&
	       !has_word(p->text, from, open, commands) && !has_word(p->text, close, to, commands);
}
