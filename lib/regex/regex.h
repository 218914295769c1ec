/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions on UTF-8 text, with limits: a search that runs into one is
 * AB_REGEX_UNDECIDED, never a verdict. Two syntaxes:
 *
 * AB_REGEX_ECMA is ECMA-262 with the u flag, as JSON Schema's `pattern` asks for: ASCII \d \w,
 * ECMA's \s, `$` only at the very end, `.` without line terminators, \u{...}, surrogate pairs,
 * \p{...}. Where u-mode only forbids what older ECMAScript reads in one way (\- or \& outside a
 * class, a lone ] or }, [\w-.]), that reading is taken, since schemas in use have it;
 * ab_regex_ecma_check() is u-mode to the letter.
 *
 * Without it the pattern is in PCRE2's own syntax (without \C).
 *
 * An ECMA-262 pattern without lookaround and backreferences is searched in linear time where no
 * spans are asked for (with \p{...} only where the text is long or PCRE2 gave up). PCRE2 stands
 * behind all the rest: JIT where the machine allows it, a match limit of AB_REGEX_STEPS a starting
 * place (fewer on a long text, with backreferences) and AB_REGEX_HEAP of memory, and
 * AB_REGEX_TIME_NS for a text of more than 4096 bytes. Not thread-safe: one search at a time per expression.
 */
#ifndef AB_REGEX_REGEX_H
#define AB_REGEX_REGEX_H

#include <stddef.h>
#include "lib/base/err.h"

#define AB_REGEX_STEPS	 2000000u
#define AB_REGEX_HEAP	 (64u << 20)
#define AB_REGEX_TIME_NS 2000000000u /* of one search in a long text */

struct ab_regex;

enum ab_regex_flags {
	AB_REGEX_ECMA = 1, /* the pattern is ECMA-262 with the u flag; else PCRE2's own syntax */
	AB_REGEX_CASELESS = 2, /* letters match in either case (Unicode's simple folding) */
	AB_REGEX_BYTES = 4, /* subject and pattern are bytes, not UTF-8; not with AB_REGEX_ECMA */
	AB_REGEX_ANCHORED = 8, /* matches only where the search starts: fast for match_at */
	AB_REGEX_SELDOM = 16, /* machine code is made when it has been searched for a while */
};

enum ab_regex_verdict { AB_REGEX_NO = 0, AB_REGEX_YES = 1, AB_REGEX_UNDECIDED = -1 };

/* NULL: AB_EXIT_USAGE, "bad pattern at N: why" (N: bytes into the pattern). */
struct ab_regex *ab_regex_compile(const char *pattern, size_t len, unsigned flags,
				  struct ab_err *err);

/* Whether the pattern is one of ECMA-262 with the u flag: 0, or -1 with AB_EXIT_NO. */
int ab_regex_ecma_check(const char *pattern, size_t len, struct ab_err *err);

/*
 * Searches the len bytes at text (valid UTF-8 unless AB_REGEX_BYTES: that is the caller's word,
 * nothing checks it again) from offset `from`. On YES span[0], span[1] are start and end of the
 * whole match and span[2*i], span[2*i+1] those of group i, as far as `spans` pairs have room
 * (unset: SIZE_MAX). span may be NULL with spans 0.
 */
enum ab_regex_verdict ab_regex_search(const struct ab_regex *re, const char *text, size_t len,
				      size_t from, size_t *span, size_t spans);

/*
 * The same for a match that starts from `from` to `last`, both included, a few places: on a longer
 * way there is no clock. It looks at what stands behind `last` all the same.
 */
enum ab_regex_verdict ab_regex_search_to(const struct ab_regex *re, const char *text, size_t len,
					 size_t from, size_t last, size_t *span, size_t spans);

/*
 * The same, but the match must start exactly at `from` (what stands before is seen by \b and
 * lookbehind). Without AB_REGEX_ANCHORED it runs in PCRE2's interpreter, which is slower.
 */
enum ab_regex_verdict ab_regex_match_at(const struct ab_regex *re, const char *text, size_t len,
					size_t from, size_t *span, size_t spans);

/* Of one with AB_REGEX_SELDOM, which is known to take long: makes its machine code now. */
void ab_regex_hurry(struct ab_regex *re);

/* How many groups the pattern captures; not of AB_REGEX_ECMA. */
unsigned ab_regex_groups(const struct ab_regex *re);

/* About how much memory it takes, machine code included. */
size_t ab_regex_size(const struct ab_regex *re);

void ab_regex_free(struct ab_regex *re);

#endif
