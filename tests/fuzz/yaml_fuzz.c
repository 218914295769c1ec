/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to JSON: what comes out is one strict document, at most as deep as promised; what is refused
 * leaves nothing. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/json/tape.h"
#include "lib/json/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ab_json_limits limits = { .depth = AB_YAML_MAX_DEPTH };
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_auto(ab_buf_free) struct ab_buf json = { 0 };
	struct ab_err err = { 0 };
	char *pad;

	if (ab_yaml_to_json((const char *)data, size, &json, &err) < 0) {
		if (json.len || err.status != AB_EXIT_NO || !*err.msg)
			abort();
		return 0;
	}
	pad = ab_buf_reserve(&json, AB_HOLD_PAD);
	if (!pad)
		return 0;
	memset(pad, 0, AB_HOLD_PAD);
	if (ab_json_read(&tape, (const unsigned char *)json.data, json.len, &limits, &err) < 0) {
		(void)fprintf(stderr, "%s\n%s\n", err.msg, json.data);
		abort();
	}
	return 0;
}
