/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a log has had, one after the other. */
#include "lib/note/note.h"

#include <string.h>

#include "lib/base/path.h"

static bool same_key(const struct ab_vkey *a, const struct ab_vkey *b)
{
	return strcmp(a->name, b->name) == 0 && a->algorithm == b->algorithm &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

ssize_t ab_keyring_find(const struct ab_keyring *ring, const struct ab_vkey *key)
{
	for (size_t i = 0; i < ring->n; i++)
		if (same_key(&ring->keys[i], key))
			return (ssize_t)i;
	return -1;
}

int ab_keyring_add(struct ab_keyring *ring, const struct ab_vkey *key, struct ab_err *err)
{
	if (ring->n == AB_KEYRING)
		return ab_err_no(err, "more than %d keys", AB_KEYRING);
	if (ring->n && strcmp(ring->keys[0].name, key->name) != 0)
		return ab_err_no(err, "a key of another name, %s", key->name);
	if (ab_keyring_find(ring, key) >= 0)
		return ab_err_no(err, "the same key of %s again", key->name);
	ring->keys[ring->n++] = *key;
	return 0;
}

int ab_keyring_parse(const char *text, size_t len, struct ab_keyring *ret, struct ab_err *err)
{
	const char *p = text, *end = text + len;

	ret->n = 0;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct ab_vkey key;

		if (!newline)
			break;
		if (ab_vkey_parse(p, (size_t)(newline - p), &key, err) < 0 ||
		    ab_keyring_add(ret, &key, err) < 0)
			return -1;
		p = newline + 1;
	}
	if (p != end || !ret->n)
		return ab_err_no(err, "not verifier keys, one a line");
	return 0;
}

int ab_keyring_load(const char *path, struct ab_keyring *ret, struct ab_err *err)
{
	struct ab_buf text = { 0 };
	int status = ab_path_read(path, AB_KEYRING_TEXT, &text, err);

	if (status == 0 && ab_keyring_parse(text.data ? text.data : "", text.len, ret, err) < 0)
		status = ab_err_prefix(err, "%s: ", path);
	/* Not a document that is refused: what was named is wrong. */
	if (status < 0 && err->status == AB_EXIT_NO)
		err->status = AB_EXIT_USAGE;
	ab_buf_free(&text);
	return status;
}

void ab_keyring_format(const struct ab_keyring *ring, struct ab_buf *out)
{
	char text[AB_NOTE_VKEY];

	for (size_t i = 0; i < ring->n; i++) {
		ab_vkey_format(&ring->keys[i], text);
		ab_buf_adds(out, text);
		ab_buf_addc(out, '\n');
	}
}

int ab_checkpoint_open_any(const char *message, size_t len, const struct ab_keyring *ring,
			   struct ab_checkpoint *ret, struct ab_err *err)
{
	for (size_t i = ring->n; i > 1; i--)
		if (ab_checkpoint_open(message, len, &ring->keys[i - 1], ret, err) == 0)
			return 0;
	return ab_checkpoint_open(message, len, &ring->keys[0], ret, err);
}
