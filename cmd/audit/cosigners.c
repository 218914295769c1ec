/* SPDX-License-Identifier: Apache-2.0 */
/* --cosigner: witnesses whose signatures a checkpoint must bear. */
#include "cmd/audit/audit.h"

#include <stdlib.h>
#include <string.h>

int audit_cosigners_load(struct audit_cosigners *c, struct ab_err *err)
{
	if (!c->paths.n)
		return 0;
	c->keys = calloc(c->paths.n, sizeof(*c->keys));
	if (!c->keys)
		return ab_err_memory(err);
	for (size_t i = 0; i < c->paths.n; i++) {
		struct ab_vkey key;

		if (ab_vkey_load(c->paths.items[i], &key, err) < 0)
			return -1;
		/* A witness is often known by its plain key; a cosignature has an id of its own. */
		ab_vkey_cosigner(&key, &c->keys[i]);
	}
	return 0;
}

int audit_cosigners_check(const struct audit_cosigners *c, const char *note, size_t len,
			  struct ab_err *err)
{
	struct ab_note parsed;
	int status = 0;

	if (ab_note_parse(note, len, &parsed, err) < 0)
		return -1;
	for (size_t i = 0; i < c->paths.n && status == 0; i++)
		status = ab_note_verify(&parsed, &c->keys[i], NULL, err);
	ab_note_free(&parsed);
	return status;
}

/* Whether the text with this line alone is a note that a witness has signed. */
static int is_good(const struct audit_cosigners *c, const char *text, size_t text_len,
		   const char *line, size_t len, bool *ret, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf note = { 0 };
	struct ab_note parsed;
	struct ab_err bad = { 0 };

	*ret = false;
	ab_buf_add(&note, text, text_len);
	ab_buf_add(&note, line, len);
	if (ab_buf_ok(&note, err) < 0 || ab_note_parse(note.data, note.len, &parsed, err) < 0)
		return -1;
	for (size_t i = 0; i < c->paths.n && !*ret; i++)
		*ret = ab_note_verify(&parsed, &c->keys[i], NULL, &bad) == 0;
	ab_note_free(&parsed);
	return 0;
}

int audit_cosigners_pick(const struct audit_cosigners *c, const char *note,
			 const struct ab_buf *lines, struct ab_buf *out, struct ab_err *err)
{
	size_t text = (size_t)(strstr(note, "\n\n") + 2 - note), before = out->len, len;

	for (size_t at = 0; at < lines->len; at += len) {
		const char *line = lines->data + at, *end = memchr(line, '\n', lines->len - at);
		bool good;

		len = end ? (size_t)(end - line) + 1 : lines->len - at;
		if (is_good(c, note, text, line, len, &good, err) < 0)
			return -1;
		if (good)
			ab_buf_add(out, line, len);
	}
	if (out->len == before)
		return ab_err_no(err, "answered with no good signature by a witness of --cosigner");
	return ab_buf_ok(out, err);
}

void audit_cosigners_free(struct audit_cosigners *c)
{
	free(c->keys);
	ab_list_free(&c->paths);
}
