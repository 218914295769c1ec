/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of a log's keys: each but the first was named by the one before, in a record. */
#include "lib/audit/verify.h"

#include <string.h>

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static int key_of(struct check *c, const json_t *record, const char *name, struct ab_vkey *ret)
{
	const char *value = text(record, name);

	if (ab_vkey_parse(value, strlen(value), ret, c->err) < 0)
		return ab_err_prefix(c->err, "/%s: ", name);
	return 0;
}

void ab_check_keys_start(struct check *c)
{
	c->keys.n = c->active.n = 0;
	c->keys.keys[c->keys.n++] = c->log->ring.keys[0];
	c->active.keys[c->active.n++] = c->log->ring.keys[0];
	c->active.all = true;
}

/* Whether the note bears good signatures of all these keys. */
static int open_note(const char *message, size_t len, const struct ab_keyring *signers,
		     struct ab_note *ret, struct ab_err *err)
{
	if (ab_note_parse(message, len, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < signers->n; i++)
		if (ab_note_verify(ret, &signers->keys[i], NULL, err) < 0) {
			ab_note_free(ret);
			return -1;
		}
	return 0;
}

/* The same of all the keys that are in use. */
static int check_signatures(struct check *c, const char *message, size_t len, struct ab_note *ret)
{
	return open_note(message, len, &c->active, ret, c->err);
}

int ab_rekey_check(const char *note, const struct ab_checkpoint *tree,
		   const struct ab_keyring *signers, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf want = { 0 };
	struct ab_note parsed;
	int status = 0;

	if (ab_rekey_text(tree, &signers->keys[signers->n - 1], &want, err) < 0)
		return -1;
	if (open_note(note, strlen(note), signers, &parsed, err) < 0)
		return ab_err_prefix(err, "/note: ");
	if (parsed.text_len != want.len || memcmp(parsed.text, want.data, want.len) != 0)
		status = ab_err_no(err, "/note: does not name this log and key");
	ab_note_free(&parsed);
	return status;
}

/* The tree of the records before this one. */
static struct ab_checkpoint tree_before(const struct check *c)
{
	struct ab_checkpoint tree = { .size = c->tree->size };

	memcpy(tree.origin, c->log->vkey.name, sizeof(tree.origin));
	ab_tree_root(c->tree, tree.root);
	return tree;
}

int ab_check_rekeyed(struct check *c, const json_t *record)
{
	const struct ab_checkpoint tree = tree_before(c);
	struct ab_vkey previous, next;

	if (c->active.n != 1)
		return ab_err_no(c->err, "the key was being replaced already");
	if (key_of(c, record, "previous", &previous) < 0 || key_of(c, record, "next", &next) < 0)
		return -1;
	if (ab_keyring_find(&c->active, &previous) < 0)
		return ab_err_no(c->err, "/previous: not the log's key");
	if (ab_keyring_add(&c->keys, &next, c->err) < 0)
		return ab_err_prefix(c->err, "/next: ");
	c->active.keys[c->active.n++] = next;
	return ab_rekey_check(text(record, "note"), &tree, &c->active, c->err);
}

int ab_check_key_ended(struct check *c, const json_t *record)
{
	const struct ab_checkpoint tree = tree_before(c);
	const char *message = text(record, "checkpoint");
	struct ab_checkpoint last;
	struct ab_vkey key, next;
	struct ab_note note;
	int status;

	if (key_of(c, record, "key", &key) < 0 || key_of(c, record, "next", &next) < 0)
		return -1;
	if (c->active.n != 2 || ab_keyring_find(&c->active, &key) != 0 ||
	    ab_keyring_find(&c->active, &next) != 1)
		return ab_err_no(c->err, "ends a key that was not being replaced");
	if (check_signatures(c, message, strlen(message), &note) < 0)
		return ab_err_prefix(c->err, "/checkpoint: ");
	status = ab_checkpoint_parse(note.text, note.text_len, &last, c->err);
	ab_note_free(&note);
	if (status < 0)
		return -1;
	if (strcmp(last.origin, tree.origin) != 0 || last.size != tree.size ||
	    memcmp(last.root, tree.root, sizeof(tree.root)) != 0)
		return ab_err_no(c->err, "/checkpoint: not of the records before");
	c->active.keys[0] = next;
	c->active.n = 1;
	return 0;
}

/* LOG/vkey follows the record that names a key; a crash may come between. */
int ab_check_keys(struct check *c)
{
	const struct ab_keyring *is = &c->log->ring;
	size_t behind = c->active.n == 2 && is->n + 1 == c->keys.n;
	struct ab_note note;

	if (is->n + behind != c->keys.n)
		return ab_err_no(c->err, "%s/vkey: not the keys that the records name",
				 c->log->path);
	for (size_t i = 0; i < is->n; i++)
		if (ab_keyring_find(&c->keys, &is->keys[i]) != (ssize_t)i)
			return ab_err_no(c->err, "%s/vkey: not the keys that the records name",
					 c->log->path);
	if (check_signatures(c, c->log->note.data, c->log->note.len, &note) < 0)
		return ab_err_prefix(c->err, "%s: checkpoint: ", c->log->path);
	ab_note_free(&note);
	c->ret->keys = c->keys.n;
	c->ret->rekeying = c->active.n == 2;
	return 0;
}
