/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plain scalar of YAML means, where YAML 1.1 (its type repository: bool, float, int, merge,
 * null, timestamp, value) and the core schema of YAML 1.2 (section 10.3.2) agree on it. Private to
 * lib/json.
 */
#ifndef AB_JSON_YAML_SCALAR_H
#define AB_JSON_YAML_SCALAR_H

#include <stddef.h>

enum ab_yaml_scalar {
	AB_YAML_STRING,
	AB_YAML_NULL,	   /* nothing, ~, null, Null, NULL */
	AB_YAML_TRUE,	   /* true, True, TRUE */
	AB_YAML_FALSE,	   /* false, False, FALSE */
	AB_YAML_NUMBER,	   /* both read the number that JSON reads in the same characters */
	AB_YAML_AMBIGUOUS, /* 1.1 and 1.2 differ: no, 0777, 0o7, 1_000, 1:30, 1e3, 2001-01-01, = */
	AB_YAML_NOT_JSON, /* a number in both, but JSON would not write it so: +1, .5, 0x1f, .inf */
	AB_YAML_MERGE,	  /* << */
};

/*
 * The text is a scalar's without quotes, folded. Of the letter of YAML 1.1 one thing is left out:
 * its pattern for floats also takes dots alone and several dots (., 1.2.3, 10.0.0.1), which no
 * reader takes for a number; they are strings.
 */
enum ab_yaml_scalar ab_yaml_resolve(const char *text, size_t len);

#endif
