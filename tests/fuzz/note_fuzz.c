/* SPDX-License-Identifier: Apache-2.0 */
/* Notes, keys and checkpoints from strangers: no crash, and what is accepted is written the same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/note/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char again[AB_NOTE_VKEY];
	struct ab_checkpoint c;
	struct ab_err err = { 0 };
	struct ab_note note;
	struct ab_vkey key;

	if (ab_vkey_parse(text, size, &key, &err) == 0) {
		ab_vkey_format(&key, again);
		assert(strlen(again) == size && memcmp(again, text, size) == 0);
	}
	(void)ab_checkpoint_parse(text, size, &c, &err);
	if (ab_note_parse(text, size, &note, &err) < 0)
		return 0;
	assert(note.text_len < size && note.n > 0);
	memset(&key, 0, sizeof(key));
	key.algorithm = AB_NOTE_COSIGNATURE;
	for (size_t i = 0; i < note.n; i++) {
		if (note.signatures[i].name_len >= sizeof(key.name))
			continue;
		memset(key.name, 0, sizeof(key.name));
		memcpy(key.name, note.signatures[i].name, note.signatures[i].name_len);
		memcpy(key.id, note.signatures[i].id, sizeof(key.id));
		assert(ab_note_verify(&note, &key, NULL, &err) < 0);
	}
	ab_note_free(&note);
	return 0;
}
