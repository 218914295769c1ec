/* SPDX-License-Identifier: Apache-2.0 */
/* lib/regex: ECMA-262 with the u flag, PCRE2's own syntax, limits. */
#include "tests/unit/tap.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/regex/regex.h"

static void free_regex(struct ab_regex **re)
{
	ab_regex_free(*re);
}

static const char *verdict_name(enum ab_regex_verdict v)
{
	return v == AB_REGEX_YES ? "yes" : v == AB_REGEX_NO ? "no" : "undecided";
}

static const char *search(const char *pattern, unsigned flags, const char *text, size_t len)
{
	struct ab_err err = { 0 };
	ab_auto(free_regex) struct ab_regex *re =
		ab_regex_compile(pattern, strlen(pattern), flags, &err);

	return re ? verdict_name(ab_regex_search(re, text, len, 0, NULL, 0)) : "refused";
}

static void test_ecma(struct tap *t)
{
	static const struct {
		const char *pattern, *text, *want;
	} cases[] = {
		{ "", "", "yes" },
		{ "a+b", "xaab", "yes" },
		{ "^abc$", "abc\n", "no" },
		{ "^a.c$", "a\nc", "no" },
		{ "^a.c$",
		  "a\xe2\x80\xa8"
		  "c",
		  "no" },
		{ "^a.c$",
		  "a\xf0\x9f\x90\xb2"
		  "c",
		  "yes" },
		{ "^\\d$", "\xdf\x80", "no" },
		{ "^\\D$", "\xdf\x80", "yes" },
		{ "^\\w$", "\xc3\xa9", "no" },
		{ "^\\W$", "\xc3\xa9", "yes" },
		{ "^[\\W]$", "_", "no" },
		{ "^\\s$", "\xef\xbb\xbf", "yes" },
		{ "^\\s$", "\xe1\xa0\x8e", "no" },
		{ "^\\S$", "\xc2\xa0", "no" },
		{ "^[^\\S]$", "\x0b", "yes" },
		{ "^\\cC\\cc$", "\x03\x03", "yes" },
		{ "^\\u{1f432}*$", "\xf0\x9f\x90\xb2\xf0\x9f\x90\xb2", "yes" },
		{ "^\\ud83d\\udc32$", "\xf0\x9f\x90\xb2", "yes" },
		{ "^[\\ud83d\\udc32]$", "\xf0\x9f\x90\xb2", "yes" },
		{ "\\ud83d", "\xf0\x9f\x90\xb2", "no" },
		{ "[^\\ud83d]", "a", "yes" },
		{ "\\p{Letter}cole",
		  "\xc3\xa9"
		  "cole",
		  "yes" },
		{ "^\\p{digit}+$", "4\xdf\x80", "yes" },
		{ "^\\p{Script=Greek}$", "\xce\xb1", "yes" },
		{ "^\\P{gc=Lu}$", "a", "yes" },
		{ "^[\\p{Lu}\\d]+$", "A4", "yes" },
		{ "^[^\\P{L}]$", "a", "yes" },
		{ "^\\p{Any}$", "a", "yes" },
		{ "^(a)\\1$", "aa", "yes" },
		{ "^(?:(a)|b)\\1$", "b", "yes" },
		{ "^\\1(a)$", "a", "yes" },
		{ "^(?<x>a)\\k<x>$", "aa", "yes" },
		{ "^(?=a)a(?!b)", "ac", "yes" },
		{ "(?<=a)b", "ab", "yes" },
		{ "(?<!a)b", "ab", "no" },
		{ "[]", "a", "no" },
		{ "^[^]$", "\n", "yes" },
		{ "^[\\b]$", "\b", "yes" },
		{ "a\\b", "a\xc3\xa9", "yes" },
		{ "^\\x41\\u0042\\0?$", "AB", "yes" },
		{ "^a{2,3}$", "aaaa", "no" },
		{ "^a(){4000000000}b(?:(){4000000000}|){3}c$", "abc", "yes" },
		{ "^a(){4000000000}b$", "ab5", "no" },
		{ "^[a-]$", "-", "yes" },
		{ "^[[:x]$", "[", "yes" },
		{ "^#(?:x y)$", "#x y", "yes" },
		{ "^\\-\\&\\@\\_$", "-&@_", "yes" },
		{ "^{a}]$", "{a}]", "yes" },
		{ "^[\\w-.]+$", "a-.", "yes" },
		{ "\\a", "a", "refused" },
		{ "\\Z", "", "refused" },
		{ "\\Aa", "a", "refused" },
		{ "(?i)a", "A", "refused" },
		{ "(?P<x>a)", "a", "refused" },
		{ "(?#a)", "a", "refused" },
		{ "a**", "a", "refused" },
		{ "*", "a", "refused" },
		{ "^*", "a", "refused" },
		{ "(?=a)*", "a", "refused" },
		{ "(", "a", "refused" },
		{ ")", "a", "refused" },
		{ "[", "a", "refused" },
		{ "[b-a]", "a", "refused" },
		{ "a{3,2}", "a", "refused" },
		{ "\\p{Foo}", "a", "refused" },
		{ "\\p{lu}", "a", "refused" },
		{ "\\p{L&}", "a", "refused" },
		{ "\\1", "a", "refused" },
		{ "\\k<x>", "a", "refused" },
		{ "(?<x>a)(?<x>b)", "a", "refused" },
		{ "\\u{110000}", "a", "refused" },
		{ "\\u12", "a", "refused" },
		{ "\\01", "a", "refused" },
		{ "\\c1", "a", "refused" },
		{ "\\", "a", "refused" },
		{ "[a\\", "a", "refused" },
		{ "\xff", "a", "refused" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++)
		tap_is(t,
		       search(cases[i].pattern, AB_REGEX_ECMA, cases[i].text,
			      strlen(cases[i].text)),
		       cases[i].want, cases[i].pattern);
	tap_is(t, search("^a\\0b$", AB_REGEX_ECMA, "a\0b", 3), "yes", "NUL in the text");
}

/* The same case with a lookahead that changes nothing goes through PCRE2: both must agree. */
static void test_agreement(struct tap *t)
{
	static const char *const patterns[] = {
		"^a+b",		"a|bc",	     "(ab)*$",	   "\\bab\\b",	    "\\Bb",
		"[^a]$",	"^$",	     "^.{2,3}$",   "(a|ab)(c|bcd)", "[\\u00e9-\\u2028]",
		"[^\\d\\s]x?",	"(?:)*b",    "\\u{1f600}", "(^a|b$)",	    "a{0}b",
		"[a-c]{3,}\\W", "((a*)*)*$", ".\\b."
	};
	static const char *const texts[] = { "",
					     "a",
					     "b",
					     "ab",
					     "aab",
					     "abc",
					     "abcd",
					     "a b",
					     "\xc3\xa9",
					     "\xf0\x9f\x98\x80",
					     "x1 ",
					     "ab-ab",
					     "bb\n",
					     "aaab c",
					     "_b",
					     "\xe2\x80\xa8"
					     "b",
					     "\xed\x9f\xbf",
					     "\xee\x80\x80"
					     "a" };
	char other[64];

	for (size_t i = 0; i < AB_ARRAY_SIZE(patterns); i++) {
		size_t agree = 0;

		(void)snprintf(other, sizeof(other), "(?=)(?:%s)", patterns[i]);
		for (size_t j = 0; j < AB_ARRAY_SIZE(texts); j++)
			agree += strcmp(search(patterns[i], AB_REGEX_ECMA, texts[j],
					       strlen(texts[j])),
					search(other, AB_REGEX_ECMA, texts[j], strlen(texts[j]))) ==
				 0;
		tap_ok(t, agree == AB_ARRAY_SIZE(texts), "both engines agree on %s", patterns[i]);
	}
}

static void test_strict(struct tap *t)
{
	static const char *const bad[] = { "\\-", "{",	   "}",	  "]",	 "[\\w-.]", "a{",
					   "\\&", "[\\&]", "a{1", "\\_", "[a-\\d]", "^\\S\\Z" };
	static const char *const good[] = { "",	       "[\\-]",	  "\\/",      "(?<a>.)\\k<a>",
					    "a{1,}?",  "[\\w-]",  "(?<=a+)b", "([abc])+\\s+$",
					    "\\u{61}", "\\p{Lu}", "^(?:)$" };
	struct ab_err err = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++)
		tap_ok(t, ab_regex_ecma_check(bad[i], strlen(bad[i]), &err) < 0,
		       "not of u-mode: %s", bad[i]);
	for (size_t i = 0; i < AB_ARRAY_SIZE(good); i++)
		tap_ok(t, ab_regex_ecma_check(good[i], strlen(good[i]), &err) == 0, "of u-mode: %s",
		       good[i]);
	tap_ok(t, err.status == AB_EXIT_NO, "the check refuses");
}

static void test_own_syntax(struct tap *t)
{
	struct ab_err err = { 0 };
	ab_auto(free_regex) struct ab_regex *re = ab_regex_compile("(x)?(b+)(c)?", 12, 0, &err);
	ab_auto(free_regex) struct ab_regex *at =
		ab_regex_compile("(?<=a)b", 7, AB_REGEX_ANCHORED, &err);
	size_t span[8];

	tap_ok(t,
	       re && ab_regex_search(re, "abbc", 4, 0, span, 4) == AB_REGEX_YES && span[0] == 1 &&
		       span[1] == 4 && span[2] == SIZE_MAX && span[4] == 1 && span[5] == 3 &&
		       span[6] == 3,
	       "spans of groups, unset ones marked");
	tap_ok(t, re && ab_regex_search(re, "abb", 3, 2, span, 1) == AB_REGEX_YES && span[0] == 2,
	       "a search goes on from an offset");
	tap_ok(t, re && ab_regex_match_at(re, "abb", 3, 0, NULL, 0) == AB_REGEX_NO,
	       "match_at wants the match just there");
	tap_ok(t, re && ab_regex_search_to(re, "aab", 3, 0, 1, NULL, 0) == AB_REGEX_NO &&
			  ab_regex_search_to(re, "aab", 3, 0, 2, NULL, 0) == AB_REGEX_YES,
	       "search_to wants the match to start no later than there");
	tap_ok(t, at && ab_regex_match_at(at, "abb", 3, 1, NULL, 0) == AB_REGEX_YES,
	       "an anchored expression sees what stands before");
	tap_is(t, search("STRASSE", AB_REGEX_CASELESS, "strasse", 7), "yes", "caseless");
	tap_is(t, search("\\xff+$", AB_REGEX_BYTES, "a\xff\xff", 3), "yes", "bytes");
	tap_is(t, search("\\C", 0, "a", 1), "refused", "\\C is refused");
	tap_ok(t,
	       !ab_regex_compile("a(", 2, 0, &err) && err.status == AB_EXIT_USAGE &&
		       strncmp(err.msg, "bad pattern at 2: ", 18) == 0,
	       "a bad pattern names its place");
}

/* The same answers before machine code is made, after it, and where it is made at once. */
static void test_seldom(struct tap *t)
{
	struct ab_err err = { 0 };
	ab_auto(free_regex) struct ab_regex *now = ab_regex_compile("(a+)+(b|c)\\b", 12, 0, &err);
	ab_auto(free_regex) struct ab_regex *later =
		ab_regex_compile("(a+)+(b|c)\\b", 12, AB_REGEX_SELDOM, &err);
	char text[64];
	bool same = now && later;

	for (uint32_t i = 0; same && i < 3000; i++) {
		size_t a[6] = { 0 }, b[6] = { 0 };
		enum ab_regex_verdict verdict;

		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = "ab c"[(i * 2654435761u >> k % 28) & 3];
		verdict = ab_regex_search(now, text, sizeof(text), i % 64, a, 3);
		same = verdict == ab_regex_search(later, text, sizeof(text), i % 64, b, 3) &&
		       (verdict != AB_REGEX_YES || memcmp(a, b, sizeof(a)) == 0);
	}
	tap_ok(t, same, "an expression that is searched seldom, and then often, stays the same");
	ab_regex_free(later);
	later = ab_regex_compile("(a+)+(b|c)\\b", 12, AB_REGEX_SELDOM, &err);
	if (later) {
		size_t before = ab_regex_size(later), span[2] = { 0 };

		ab_regex_hurry(later);
		tap_ok(t, ab_regex_size(later) >= before && ab_regex_search(later, "xaab", 4, 0, span, 1) == AB_REGEX_YES &&
				  span[0] == 1 && span[1] == 4, "one that is hurried says the same");
		before = ab_regex_size(later);
		ab_regex_hurry(later);
		tap_ok(t, ab_regex_size(later) == before, "and is made but once");
	}
	memset(text, 'a', sizeof(text));
	tap_ok(t, search("(a+)+b", AB_REGEX_SELDOM, text, sizeof(text)) &&
			  strcmp(search("(?:(a+)+)+(?!a)\\1b", AB_REGEX_SELDOM, text, 40),
				 search("(?:(a+)+)+(?!a)\\1b", 0, text, 40)) == 0,
	       "it comes to no limit earlier");
}

static void test_limits(struct tap *t)
{
	size_t len = 1 << 20;
	ab_autofree char *many = malloc(len + 1);

	if (!many)
		return;
	memset(many, 'a', len);
	many[len] = '!';
	tap_is(t, search("^(a+)+$", AB_REGEX_ECMA, many + len - 43, 44), "no",
	       "what needs no backtracking is decided");
	tap_is(t, search("(?=a)^(a+)+$", AB_REGEX_ECMA, many + len - 43, 44), "undecided",
	       "catastrophic backtracking is undecided");
	tap_is(t, search("(a+)\\1!a?b|(a+)\\2!b", AB_REGEX_ECMA, many, len + 1), "undecided",
	       "so is a search whose every step compares a long text");
	tap_is(t, search("(a+)\\1!", AB_REGEX_ECMA, many + len - 1000, 1001), "yes",
	       "a short one is decided");
	tap_is(t, search("^(a|b)*$", AB_REGEX_ECMA, many, len), "yes",
	       "a long text that matches does match");
	tap_is(t, search("^(a|b)*$", AB_REGEX_ECMA, many, len + 1), "no",
	       "a long text that does not match does not");
	tap_is(t, search("a.*a.*a.*b", AB_REGEX_ECMA, many, len + 1), "no",
	       "a search from every place is linear");
	tap_is(t, search("^(\\p{Ll}+)+$", AB_REGEX_ECMA, many + len - 43, 44), "no",
	       "properties in linear time where PCRE2 gives up");
	tap_is(t, search("^[\\p{Lu}\\d]*[^\\P{L}]+.$", AB_REGEX_ECMA, many, len + 1), "yes",
	       "properties in linear time in a long text");
	tap_is(t, search("\\p{Lu}", AB_REGEX_ECMA, many, len + 1), "no",
	       "a property that a long text has nowhere");
	tap_is(t, search("(?=a)a*b", AB_REGEX_ECMA, many, len + 1), "undecided",
	       "what is quadratic with PCRE2 gives up in time");
	tap_is(t, search("(?=a)a!", AB_REGEX_ECMA, many, len + 1), "yes",
	       "a late match in a long text is found with PCRE2");
	tap_is(t, search("[ab]*a[ab]{14}c", AB_REGEX_ECMA, many, len + 1), "no",
	       "an automaton of many states is forgotten and made anew");
}

int main(void)
{
	struct tap t = { 0 };

	test_ecma(&t);
	test_agreement(&t);
	test_strict(&t);
	test_own_syntax(&t);
	test_seldom(&t);
	test_limits(&t);
	return tap_done(&t);
}
