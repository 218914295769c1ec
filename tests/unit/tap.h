/* SPDX-License-Identifier: Apache-2.0 */
/* A unit test is a program that prints TAP: checks with a name each, and the plan last. */
#ifndef AB_TESTS_UNIT_TAP_H
#define AB_TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/err.h"

struct tap {
	int n, failed;
};

/* One check. The name is a sentence about behaviour. */
static inline bool ab_printf(3, 4) tap_ok(struct tap *t, bool ok, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("%sok %d - ", ok ? "" : "not ", ++t->n);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	if (!ok)
		t->failed++;
	return ok;
}

/* Text equality, with both sides shown on failure. */
static inline bool tap_is(struct tap *t, const char *got, const char *want, const char *name)
{
	bool ok = got && strcmp(got, want) == 0;

	if (!tap_ok(t, ok, "%s", name))
		printf("# got:  %s\n# want: %s\n", got ? got : "(null)", want);
	return ok;
}

static inline void tap_skip(struct tap *t, const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++t->n, name, why);
}

/* Prints the plan; main() returns it. */
static inline int tap_done(const struct tap *t)
{
	printf("1..%d\n", t->n);
	return t->failed != 0;
}

#endif
