/* SPDX-License-Identifier: Apache-2.0 */
/* An event's names are bytes of the agent's: the line is one line of JSON all the same. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "lib/jail/event.h"
#include "lib/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	size_t half = size ? data[0] % (size + 1) : 0;
	struct ab_event e = { .kind = AB_EVENT_RENAME,
			      .call = SYS_renameat2,
			      .pid = 1,
			      .path = bytes,
			      .path_len = half,
			      .to = bytes + half,
			      .to_len = size - half };
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	struct ab_err err = { 0 };
	json_t *read;

	(void)ab_event_is_sensitive(&e);
	/* A name has no NUL, and our reader of small values refuses one. */
	if (memchr(bytes, '\0', size))
		return 0;
	ab_event_write(&e, "2026-01-02T03:04:05.678Z", &line);
	assert(!line.failed && line.data[line.len - 1] == '\n');
	for (size_t i = 0; i + 1 < line.len; i++)
		assert((unsigned char)line.data[i] >= 0x20 && line.data[i] != 0x7f);
	read = ab_json_load("line", line.data, line.len, &err);
	assert(read && json_object_size(read) == 7);
	json_decref(read);
	return 0;
}
