/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes: parsing, signing, verifying. */
#include "lib/note/note.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/crypto/text.h"

#define DASH	   "\xe2\x80\x94 " /* em dash and space: how a signature line starts */
#define DASH_LEN   4
#define MAX_SIGNED (AB_NOTE_ID + 8 + AB_ED25519_SIGNATURE) /* of the algorithms known here */
#define MAX_BASE64 8192 /* of a signature; others may be longer */

static int check_characters(const char *message, size_t len, struct ab_err *err)
{
	if (len > AB_NOTE_MAX)
		return ab_err_no(err, "note larger than %d bytes", AB_NOTE_MAX);
	if (ab_utf8_check((const unsigned char *)message, len) != len)
		return ab_err_no(err, "note is not UTF-8");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)message[i] < ' ' && message[i] != '\n')
			return ab_err_no(err, "note holds a control character");
	return 0;
}

/* The last blank line: where the text ends. NULL if there is none. */
static const char *find_split(const char *message, size_t len)
{
	for (size_t i = len; i >= 2; i--)
		if (message[i - 1] == '\n' && message[i - 2] == '\n')
			return message + i - 1;
	return NULL;
}

static int parse_line(const char *line, size_t len, struct ab_note_signature *ret,
		      struct ab_err *err)
{
	unsigned char bytes[MAX_BASE64 / 4 * 3];
	const char *name = line + DASH_LEN, *space;
	size_t text;
	ssize_t n;

	if (len < DASH_LEN || memcmp(line, DASH, DASH_LEN) != 0)
		return ab_err_no(err, "note has a malformed signature line");
	space = memchr(name, ' ', len - DASH_LEN);
	if (!space || space == name || memchr(name, '+', (size_t)(space - name)))
		return ab_err_no(err, "note has a malformed signature line");
	text = len - (size_t)(space + 1 - line);
	n = text > MAX_BASE64 ? -1 : ab_base64_decode(space + 1, text, bytes);
	if (n <= AB_NOTE_ID)
		return ab_err_no(err, "note has a malformed signature line");
	ret->name = name;
	ret->name_len = (size_t)(space - name);
	ret->len = (size_t)n - AB_NOTE_ID;
	memcpy(ret->id, bytes, AB_NOTE_ID);
	memcpy(ret->bytes, bytes + AB_NOTE_ID,
	       ret->len < sizeof(ret->bytes) ? ret->len : sizeof(ret->bytes));
	return 0;
}

static int parse_lines(const char *p, const char *end, struct ab_note *note, struct ab_err *err)
{
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct ab_note_signature *more;

		if (!newline)
			return ab_err_no(err, "note does not end with a newline");
		if (note->n == AB_NOTE_SIGNATURES)
			return ab_err_no(err, "note has more than %d signatures",
					 AB_NOTE_SIGNATURES);
		more = realloc(note->signatures, (note->n + 1) * sizeof(*more));
		if (!more)
			return ab_err_memory(err);
		note->signatures = more;
		if (parse_line(p, (size_t)(newline - p), &more[note->n], err) < 0)
			return -1;
		note->n++;
		p = newline + 1;
	}
	return note->n ? 0 : ab_err_no(err, "note has no signature");
}

int ab_note_parse(const char *message, size_t len, struct ab_note *ret, struct ab_err *err)
{
	struct ab_note note = { .text = message };
	const char *split;

	if (check_characters(message, len, err) < 0)
		return -1;
	split = find_split(message, len);
	if (!split)
		return ab_err_no(err, "not a signed note: no blank line before the signatures");
	note.text_len = (size_t)(split - message);
	if (parse_lines(split + 1, message + len, &note, err) < 0) {
		ab_note_free(&note);
		return -1;
	}
	*ret = note;
	return 0;
}

void ab_note_free(struct ab_note *note)
{
	free(note->signatures);
	*note = (struct ab_note){ 0 };
}

/* What a cosignature signs: "cosignature/v1\ntime T\n" and the note's text. */
static int cosigned_message(uint64_t time, const char *text, size_t len, struct ab_buf *out,
			    struct ab_err *err)
{
	ab_buf_addf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	ab_buf_add(out, text, len);
	return ab_buf_ok(out, err);
}

static bool check_cosignature(const struct ab_note *note, const struct ab_note_signature *s,
			      const struct ab_vkey *key, uint64_t *ret_time)
{
	struct ab_buf message = { 0 };
	struct ab_err err;
	uint64_t time = 0;
	bool ok;

	if (s->len != 8 + AB_ED25519_SIGNATURE)
		return false;
	for (int i = 0; i < 8; i++)
		time = time << 8 | s->bytes[i];
	ok = cosigned_message(time, note->text, note->text_len, &message, &err) == 0 &&
	     ab_ed25519_verify(key->key, message.data, message.len, s->bytes + 8);
	ab_buf_free(&message);
	if (ok && ret_time)
		*ret_time = time;
	return ok;
}

static bool check_signature(const struct ab_note *note, const struct ab_note_signature *s,
			    const struct ab_vkey *key, uint64_t *ret_time)
{
	if (key->algorithm == AB_NOTE_COSIGNATURE)
		return check_cosignature(note, s, key, ret_time);
	return s->len == AB_ED25519_SIGNATURE &&
	       ab_ed25519_verify(key->key, note->text, note->text_len, s->bytes);
}

static bool is_by(const struct ab_note_signature *s, const struct ab_vkey *key)
{
	return s->name_len == strlen(key->name) && memcmp(s->name, key->name, s->name_len) == 0 &&
	       memcmp(s->id, key->id, sizeof(s->id)) == 0;
}

bool ab_note_names(const struct ab_note *note, const struct ab_vkey *key)
{
	for (size_t i = 0; i < note->n; i++)
		if (is_by(&note->signatures[i], key))
			return true;
	return false;
}

int ab_note_verify(const struct ab_note *note, const struct ab_vkey *key, uint64_t *ret_time,
		   struct ab_err *err)
{
	for (size_t i = 0; i < note->n; i++) {
		const struct ab_note_signature *s = &note->signatures[i];

		if (!is_by(s, key))
			continue;
		if (check_signature(note, s, key, ret_time))
			return 0;
		return ab_err_no(err, "bad signature by %s", key->name);
	}
	return ab_err_no(err, "no signature by this key of %s", key->name);
}

/* Appends "— name base64(id, bytes)\n". */
static int add_line(const struct ab_vkey *key, const unsigned char *bytes, size_t len,
		    struct ab_buf *out, struct ab_err *err)
{
	unsigned char all[MAX_SIGNED];

	memcpy(all, key->id, AB_NOTE_ID);
	memcpy(all + AB_NOTE_ID, bytes, len);
	ab_buf_adds(out, DASH);
	ab_buf_adds(out, key->name);
	ab_buf_addc(out, ' ');
	ab_base64_add(all, AB_NOTE_ID + len, out);
	ab_buf_addc(out, '\n');
	return ab_buf_ok(out, err);
}

int ab_note_sign(const struct ab_skey *key, const char *text, size_t len, struct ab_buf *out,
		 struct ab_err *err)
{
	unsigned char signature[AB_ED25519_SIGNATURE];

	if (ab_ed25519_sign(key->secret, text, len, signature, err) < 0)
		return -1;
	return add_line(&key->public_key, signature, sizeof(signature), out, err);
}

int ab_note_write(const char *text, size_t len, const struct ab_skey *const *keys, size_t n,
		  struct ab_buf *out, struct ab_err *err)
{
	ab_buf_add(out, text, len);
	ab_buf_addc(out, '\n');
	for (size_t i = 0; i < n; i++)
		if (ab_note_sign(keys[i], text, len, out, err) < 0)
			return -1;
	return ab_buf_ok(out, err);
}

int ab_note_cosign(const struct ab_skey *key, uint64_t time, const char *text, size_t len,
		   struct ab_buf *out, struct ab_err *err)
{
	unsigned char bytes[8 + AB_ED25519_SIGNATURE];
	struct ab_buf message = { 0 };
	struct ab_vkey cosigner;
	int status;

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(time >> (56 - 8 * i));
	status = cosigned_message(time, text, len, &message, err);
	if (status == 0)
		status = ab_ed25519_sign(key->secret, message.data, message.len, bytes + 8, err);
	ab_buf_free(&message);
	if (status < 0)
		return -1;
	ab_vkey_cosigner(&key->public_key, &cosigner);
	return add_line(&cosigner, bytes, sizeof(bytes), out, err);
}
