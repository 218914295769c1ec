/* SPDX-License-Identifier: Apache-2.0 */
/* lib/schema: "draft, schema, NUL, instance": any schema is refused or gives a verdict, and the run
 * that reports errors agrees with the one that does not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct ab_schema *s, const uint8_t *text, size_t size)
{
	struct ab_schema_errors errors = { .max = 50 };
	struct ab_json_tape tape = { 0 };
	struct ab_err err = { 0 };
	uint8_t *copy = calloc(1, size + AB_HOLD_PAD);

	memcpy(copy, text, size);
	if (ab_json_read(&tape, copy, size, NULL, &err) == 0) {
		enum ab_schema_verdict quick = ab_schema_run(s, &tape, NULL, &err);
		enum ab_schema_verdict full = ab_schema_run(s, &tape, &errors, &err);

		if (quick != full || (full == AB_SCHEMA_INVALID) != (errors.n + errors.more > 0))
			abort();
	}
	ab_schema_errors_free(&errors);
	ab_json_tape_free(&tape);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ab_schema_settings settings = { .assert_format = true, .assert_content = true };
	struct ab_err err = { 0 };
	struct ab_schema *s;
	const uint8_t *end;

	if (size < 2 || size > 16384)
		return 0;
	settings.draft = (enum ab_draft)(data[0] % 5);
	end = memchr(data + 1, 0, size - 1);
	if (!end)
		end = data + size;
	s = ab_schema_compile("fuzz", data + 1, (size_t)(end - data) - 1, &settings, &err);
	if (s && end < data + size)
		run(s, end + 1, size - (size_t)(end - data) - 1);
	ab_schema_free(s);
	return 0;
}
