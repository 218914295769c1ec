/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any document through the strict policy with everything redacted: spans lie inside the document,
 * in order, and what comes out of a JSON document is JSON again.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/json/tape.h"
#include "lib/scrub/scrub.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int add(void *out, const void *data, size_t len, struct ab_err *err)
{
	ab_buf_add(out, data, len);
	return ab_buf_ok(out, err);
}

static void check(const struct ab_scrub_result *r, const unsigned char *text, size_t size)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	struct ab_json_tape tape = { 0 };
	struct ab_err err = { 0 };
	char *pad;

	for (size_t i = 0; i < r->n; i++) {
		if (r->findings[i].start > r->findings[i].end || r->findings[i].end > size ||
		    (i && r->findings[i].start < r->findings[i - 1].start))
			abort();
	}
	if (ab_scrub_emit(r, text, size, add, &out, &err) < 0)
		abort();
	if (!r->redactions && (out.len != size || (size && memcmp(out.data, text, size) != 0)))
		abort();
	pad = ab_buf_reserve(&out, AB_HOLD_PAD);
	memset(pad, 0, AB_HOLD_PAD);
	if (r->is_json && !r->blocked &&
	    ab_json_read(&tape, (unsigned char *)out.data, out.len, NULL, &err) < 0)
		abort();
	ab_json_tape_free(&tape);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct ab_scrub_policy *policy;
	struct ab_scrub_result r = { 0 };
	struct ab_err err = { 0 };
	unsigned char *text = calloc(1, size + AB_HOLD_PAD);

	if (!policy) {
		policy = ab_scrub_policy_load("./share/policies/strict.json", false, &err);
		if (!policy || ab_scrub_override(policy, "*=redact", &err) < 0)
			abort();
	}
	memcpy(text, data, size);
	if (ab_scrub_scan(policy, AB_SCRUB_AUTO, text, size, &r, &err) == 0)
		check(&r, text, size);
	ab_scrub_result_free(&r);
	free(text);
	return 0;
}
