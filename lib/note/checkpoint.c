/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: origin, size and root hash as a signed note. */
#include "lib/note/note.h"

#include <string.h>

#include "lib/crypto/text.h"

/* Takes the line at *p: its start, and its length without the newline. false: no whole line. */
static bool next_line(const char **p, const char *end, const char **ret, size_t *ret_len)
{
	const char *newline = *p < end ? memchr(*p, '\n', (size_t)(end - *p)) : NULL;

	if (!newline)
		return false;
	*ret = *p;
	*ret_len = (size_t)(newline - *p);
	*p = newline + 1;
	return true;
}

/* A decimal number without sign and leading zeros, below 2^63. */
static bool parse_size(const char *text, size_t len, uint64_t *ret)
{
	uint64_t n = 0;

	if (!len || len > 19 || (text[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	*ret = n;
	return n <= INT64_MAX;
}

int ab_checkpoint_parse(const char *text, size_t len, struct ab_checkpoint *ret, struct ab_err *err)
{
	const char *p = text, *end = text + len, *line;
	unsigned char root[AB_SHA256_SIZE + 1];
	struct ab_checkpoint c;
	size_t n;

	if (!next_line(&p, end, &line, &n) || !n || n >= sizeof(c.origin) || memchr(line, '\0', n))
		return ab_err_no(err, "checkpoint: bad origin line");
	memcpy(c.origin, line, n);
	c.origin[n] = '\0';
	if (!next_line(&p, end, &line, &n) || !parse_size(line, n, &c.size))
		return ab_err_no(err, "checkpoint: bad size line");
	if (!next_line(&p, end, &line, &n) || n != AB_BASE64_TEXT(AB_SHA256_SIZE) - 1 ||
	    ab_base64_decode(line, n, root) != AB_SHA256_SIZE)
		return ab_err_no(err, "checkpoint: bad root line");
	memcpy(c.root, root, sizeof(c.root));
	*ret = c;
	return 0;
}

int ab_checkpoint_sign(const struct ab_checkpoint *checkpoint, const struct ab_skey *const *keys,
		       size_t n, struct ab_buf *out, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	ab_buf_addf(&text, "%s\n%llu\n", checkpoint->origin, (unsigned long long)checkpoint->size);
	ab_base64_add(checkpoint->root, sizeof(checkpoint->root), &text);
	ab_buf_addc(&text, '\n');
	if (ab_buf_ok(&text, err) < 0)
		return -1;
	return ab_note_write(text.data, text.len, keys, n, out, err);
}

int ab_checkpoint_open(const char *message, size_t len, const struct ab_vkey *key,
		       struct ab_checkpoint *ret, struct ab_err *err)
{
	struct ab_note note;
	int status;

	if (ab_note_parse(message, len, &note, err) < 0)
		return ab_err_prefix(err, "checkpoint: ");
	status = ab_note_verify(&note, key, NULL, err);
	if (status < 0)
		ab_err_prefix(err, "checkpoint: ");
	else
		status = ab_checkpoint_parse(note.text, note.text_len, ret, err);
	ab_note_free(&note);
	if (status == 0 && strcmp(ret->origin, key->name) != 0)
		return ab_err_no(err, "checkpoint: of the log %s, expected %s", ret->origin,
				 key->name);
	return status;
}
