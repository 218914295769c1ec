/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs and lists of keys from strangers: no crash, and what is accepted is written the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/audit/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct ab_buf *again, const char *text, size_t size)
{
	assert(!again->failed && again->len == size && memcmp(again->data, text, size) == 0);
}

static void record(const char *text, size_t size)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 }, again = { 0 };
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };
	struct ab_err err = { 0 };
	ab_autofree char *note = NULL;

	if (ab_proof_read_record(text, size, &proof, &entry, &err) < 0)
		return;
	note = strndup(proof.note, proof.note_len);
	/* A note that holds a NUL is none; an empty `extra` need not be there. */
	if (!note || strlen(note) != proof.note_len || !entry.len)
		return;
	if (ab_proof_write_record(&proof, &entry, note, &again, &err) == 0)
		same(&again, text, size);
}

static void growth(const char *text, size_t size)
{
	ab_auto(ab_buf_free) struct ab_buf again = { 0 };
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };
	struct ab_err err = { 0 };
	ab_autofree char *note = NULL;

	if (ab_proof_read_growth(text, size, &proof, &err) < 0)
		return;
	note = strndup(proof.note, proof.note_len);
	if (note && strlen(note) == proof.note_len &&
	    ab_proof_write_growth(&proof, note, &again, &err) == 0)
		same(&again, text, size);
}

static void keys(const char *text, size_t size)
{
	ab_auto(ab_buf_free) struct ab_buf again = { 0 };
	struct ab_keyring ring;
	struct ab_err err = { 0 };

	if (ab_keyring_parse(text, size, &ring, &err) < 0)
		return;
	ab_keyring_format(&ring, &again);
	same(&again, text, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	record(text, size);
	growth(text, size);
	keys(text, size);
	free(text);
	return 0;
}
