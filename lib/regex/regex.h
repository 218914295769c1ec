/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions on UTF-8 text (PCRE2 behind it), with limits: a pattern that runs into the
 * match limit is AB_REGEX_UNDECIDED, never a verdict.
 */
#ifndef AB_REGEX_REGEX_H
#define AB_REGEX_REGEX_H

#include <stddef.h>
#include "lib/base/err.h"

struct ab_regex;

enum ab_regex_flags {
	AB_REGEX_ECMA = 1, /* the pattern is ECMA-262 with the u flag; else PCRE2's own syntax */
	AB_REGEX_CASELESS = 2, /* */
	AB_REGEX_BYTES = 4, /* subject and pattern are bytes, not UTF-8 (not with AB_REGEX_ECMA) */
};

enum ab_regex_verdict { AB_REGEX_NO = 0, AB_REGEX_YES = 1, AB_REGEX_UNDECIDED = -1 };

/* NULL: AB_EXIT_USAGE, "bad pattern at N: why". */
struct ab_regex *ab_regex_compile(const char *pattern, size_t len, unsigned flags,
				  struct ab_err *err);

/*
 * Searches the len bytes at text (valid UTF-8 unless AB_REGEX_BYTES) from offset `from`. On YES
 * span[0], span[1] are start and end of the whole match and span[2*i], span[2*i+1] those of group
 * i, as far as `spans` pairs have room (unset: SIZE_MAX). span may be NULL with spans 0.
 */
enum ab_regex_verdict ab_regex_search(const struct ab_regex *re, const char *text, size_t len,
				      size_t from, size_t *span, size_t spans);

/* The same, but the match must start exactly at `from`. */
enum ab_regex_verdict ab_regex_match_at(const struct ab_regex *re, const char *text, size_t len,
					size_t from, size_t *span, size_t spans);

void ab_regex_free(struct ab_regex *re);

#endif
