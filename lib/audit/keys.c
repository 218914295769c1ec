/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log's keys, one after the other. LOG/vkey holds all of them, oldest first. A record names the
 * next one, signed by both; from there on both sign, until another record ends the first one's use.
 *
 *	rekeyed	   {"next", "note", "previous"}: the note says "agentbox.rekey.v1", origin, size and
 *		   root of the tree before the record, and the next key; both keys have signed it
 *	key-ended  {"checkpoint", "key", "next"}: the last checkpoint that the ended key signed, of
 *		   the tree before the record
 *
 * LOG/vkey follows the record and the published checkpoint: so its last key has always signed them.
 */
#include "lib/audit/record.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/crypto/text.h"

int ab_log_load_keys(struct ab_log *log, struct ab_err *err)
{
	struct ab_buf text = { 0 };
	int status = ab_log_file(log, "vkey", AB_KEYRING_TEXT, &text, err);

	if (status == 0 &&
	    ab_keyring_parse(text.data ? text.data : "", text.len, &log->ring, err) < 0)
		status = ab_err_prefix(err, "%s/vkey: ", log->path);
	if (status == 0)
		log->vkey = log->ring.keys[log->ring.n - 1];
	ab_buf_free(&text);
	return status;
}

/* A key of the log that this process does not have would be missing on the next checkpoint. */
static int check_strangers(const struct ab_log *log, const struct ab_note *note, struct ab_err *err)
{
	for (size_t i = 0; i < note->n; i++) {
		const struct ab_note_signature *s = &note->signatures[i];
		bool known = s->name_len != strlen(log->vkey.name) ||
			     memcmp(s->name, log->vkey.name, s->name_len) != 0;

		for (size_t k = 0; k < log->n_signers; k++)
			known |= memcmp(s->id, log->signers[k]->public_key.id, AB_NOTE_ID) == 0;
		if (!known)
			return ab_err_usage(
				err,
				"%s: its key is being replaced, and %s+%02x%02x%02x%02x "
				"is not in the key file",
				log->path, log->vkey.name, s->id[0], s->id[1], s->id[2], s->id[3]);
	}
	return 0;
}

int ab_log_choose_signers(struct ab_log *log, struct ab_err *err)
{
	struct ab_note note;
	int status;

	if (ab_note_parse(log->note.data, log->note.len, &note, err) < 0)
		return -1;
	log->n_signers = 0;
	for (const struct ab_skey *k = log->key; k; k = k->next)
		if (ab_note_names(&note, &k->public_key))
			log->signers[log->n_signers++] = k;
	status = check_strangers(log, &note, err);
	ab_note_free(&note);
	return status;
}

int ab_log_follow_keys(struct ab_log *log, struct ab_err *err)
{
	struct ab_buf text = { 0 };
	int status;

	if (log->n_signers < 2 || ab_keyring_find(&log->ring, &log->signers[1]->public_key) >= 0)
		return 0;
	if (ab_keyring_add(&log->ring, &log->signers[1]->public_key, err) < 0)
		return -1;
	ab_keyring_format(&log->ring, &text);
	status = ab_buf_ok(&text, err);
	if (status == 0)
		status = ab_publish_sync(log, log->wal_base, err);
	if (status == 0 && ab_path_replace(log->dir, "vkey", text.data, text.len, 0644, err) < 0)
		status = ab_err_prefix(err, "%s/", log->path);
	ab_buf_free(&text);
	log->vkey = log->ring.keys[log->ring.n - 1];
	return status;
}

int ab_rekey_text(const struct ab_checkpoint *tree, const struct ab_vkey *next, struct ab_buf *out,
		  struct ab_err *err)
{
	char vkey[AB_NOTE_VKEY];

	ab_vkey_format(next, vkey);
	ab_buf_addf(out, "agentbox.rekey.v1\n%s\n%llu\n", tree->origin,
		    (unsigned long long)tree->size);
	ab_base64_add(tree->root, sizeof(tree->root), out);
	ab_buf_addf(out, "\n%s\n", vkey);
	return ab_buf_ok(out, err);
}

static int finish(json_t *record, struct ab_buf *out, struct ab_err *err)
{
	json_auto_t *owned = record;

	if (!owned)
		return ab_err_memory(err);
	ab_buf_clear(out);
	return ab_json_canonical(owned, out, err);
}

static int rekeyed(const struct ab_log *log, struct ab_buf *out, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 }, note = { 0 };
	char now[AB_TIME_STAMP], previous[AB_NOTE_VKEY], next[AB_NOTE_VKEY];
	struct ab_checkpoint tree = { .size = log->tree->size };

	memcpy(tree.origin, log->vkey.name, sizeof(tree.origin));
	ab_tree_root(log->tree, tree.root);
	if (ab_rekey_text(&tree, &log->signers[1]->public_key, &text, err) < 0 ||
	    ab_note_write(text.data, text.len, log->signers, 2, &note, err) < 0)
		return -1;
	ab_vkey_format(&log->signers[0]->public_key, previous);
	ab_vkey_format(&log->signers[1]->public_key, next);
	ab_time_now(now);
	return finish(json_pack("{s:s, s:s, s:s, s:s, s:s}", "record", "rekeyed", "next", next,
				"note", note.data, "previous", previous, "timestamp", now),
		      out, err);
}

static int key_ended(const struct ab_log *log, struct ab_buf *out, struct ab_err *err)
{
	char now[AB_TIME_STAMP], key[AB_NOTE_VKEY], next[AB_NOTE_VKEY];

	ab_vkey_format(&log->signers[0]->public_key, key);
	ab_vkey_format(&log->signers[1]->public_key, next);
	ab_time_now(now);
	return finish(json_pack("{s:s, s:s, s:s, s:s, s:s}", "record", "key-ended", "checkpoint",
				log->note.data, "key", key, "next", next, "timestamp", now),
		      out, err);
}

static int add_alone(struct ab_log *log, const struct ab_buf *entry, struct ab_err *err)
{
	if (ab_log_add(log, entry->data, entry->len, NULL, NULL, err) < 0 ||
	    ab_log_commit(log, err) < 0)
		return -1;
	return ab_log_publish(log, true, err);
}

bool ab_log_is_rekeyed(const struct ab_log *log)
{
	return log->n_signers == 2;
}

int ab_log_rekey(struct ab_log *log, const struct ab_skey *next, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	struct ab_keyring ring = log->ring;

	if (ab_log_is_rekeyed(log))
		return ab_err_usage(err, "%s: its key is being replaced already (--finish)",
				    log->path);
	if (ab_keyring_add(&ring, &next->public_key, err) < 0) {
		err->status = AB_EXIT_USAGE;
		return ab_err_prefix(err, "--next-key: ");
	}
	log->signers[log->n_signers++] = next;
	return rekeyed(log, &entry, err) < 0 ? -1 : add_alone(log, &entry, err);
}

int ab_log_end_key(struct ab_log *log, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };

	if (!ab_log_is_rekeyed(log))
		return ab_err_usage(err, "%s: its key is not being replaced", log->path);
	if (key_ended(log, &entry, err) < 0)
		return -1;
	log->signers[0] = log->signers[1];
	log->n_signers = 1;
	return add_alone(log, &entry, err);
}
