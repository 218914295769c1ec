/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The literals of literal.h, found by vectorscan instead of by our own tables, in a build that was
 * asked for it (make VECTORSCAN=yes). It finds the same; it takes milliseconds more to start.
 */
#ifndef AB_SCRUB_VECTOR_H
#define AB_SCRUB_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/scrub/literal.h"

/* A literal: its pin is the place by which a piece of text owns it. */
struct ab_vector_literal {
	const char *text;
	uint8_t len, pin;
	bool exact;
};

struct ab_vector;

#ifdef AB_VECTORSCAN
/* NULL without an error: not on this processor. The texts are copied. */
int ab_vector_new(const struct ab_vector_literal *literals, size_t n, struct ab_vector **ret,
		  struct ab_err *err);

/*
 * All literals whose pin is in [from, to), in no order; a hit's tag is the literal's number. False: there
 * was no room for all, or it failed; then none counts.
 */
bool ab_vector_scan(const struct ab_vector *v, const unsigned char *text, size_t size, size_t from,
		    size_t to, struct ab_literal_hit *hits, size_t max, size_t *ret_n);

void ab_vector_free(struct ab_vector *v);
#endif

#endif
