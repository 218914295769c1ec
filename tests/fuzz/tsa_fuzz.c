/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps and answers of witnesses from strangers: no crash, nothing read beyond their end. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/audit/tsa.h"
#include "lib/audit/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ab_answer answer;
	struct ab_stamp stamp;
	struct ab_err err = { 0 };

	if (ab_tsa_read(data, size, &stamp, &err) == 0)
		assert(strlen(stamp.time) >= 15);
	if (!text)
		return 0;
	/* What came over a socket ends with a NUL, as a buffer does. */
	memcpy(text, data, size);
	text[size] = '\0';
	if (ab_answer_parse(text, size, &answer, &err) == 0)
		assert(answer.body + answer.len == text + size);
	free(text);
	return 0;
}
