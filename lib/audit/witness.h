/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness answers over HTTP. Private to lib/audit. */
#ifndef AB_AUDIT_WITNESS_H
#define AB_AUDIT_WITNESS_H

#include "lib/audit/audit.h"

struct ab_answer {
	int status;
	const char *body; /* points into the answer */
	size_t len;
};

/* Reads an HTTP/1 answer that ended with its connection. AB_EXIT_NO: it is none, or was cut short.
 */
int ab_answer_parse(const char *text, size_t len, struct ab_answer *ret, struct ab_err *err);

#endif
