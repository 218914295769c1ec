/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a log: what the fast way takes for an event must be one to the slow way too, and name no
 * blob; what is recorded the fast way must be canonical. */
#include <stdlib.h>
#include <string.h>

#include "lib/audit/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_slow(const void *entry, size_t len, const struct ab_keyring *keys)
{
	struct ab_err err = { 0 };
	json_auto_t *record = ab_record_open(entry, len, keys, &err), *blobs = NULL;

	if (!record)
		abort();
	blobs = ab_record_blobs(record);
	if (json_array_size(blobs) || strcmp(ab_record_kind(record), "event") != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ab_record_scratch scratch; /* kept from call to call, as a writer does */
	struct ab_keyring keys = { .n = 1 };
	struct ab_buf entry = { 0 };
	struct ab_err err = { 0 };

	if (ab_record_is_plain_event(&scratch.tape, &scratch.text, data, size))
		check_slow(data, size, &keys);
	else
		json_decref(ab_record_open(data, size, &keys, &err));
	if (ab_record_plain_event(&scratch, "t", data, size, &entry))
		check_slow(entry.data, entry.len, &keys);
	ab_buf_free(&entry);
	return 0;
}
