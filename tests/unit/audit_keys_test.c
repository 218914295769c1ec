/* SPDX-License-Identifier: Apache-2.0 */
/* lib/audit: records that replace a log's key, which only both keys together can make. */
#include "tests/unit/tap.h"

#include "lib/audit/log.h"
#include "lib/crypto/text.h"

enum forgery { NONE, OTHER_ROOT, OTHER_KEY, WITHOUT_OLD, WITHOUT_NEW, TWICE, END_ALONE, FORGERIES };

static const char *const names[] = {
	"a replacement by both keys verifies",
	"one that was signed over another tree does not",
	"one that was signed for another key does not",
	"one that the old key has not signed does not",
	"one that the new key has not signed does not",
	"one while another is going on does not",
	"the end of a key that nothing replaces does not verify",
};

static int note_of(const struct ab_log *log, enum forgery how, const struct ab_skey *const *keys,
		   struct ab_buf *note, struct ab_err *err)
{
	struct ab_checkpoint tree = { .size = log->tree->size };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	memcpy(tree.origin, log->vkey.name, sizeof(tree.origin));
	ab_tree_root(log->tree, tree.root);
	tree.root[0] ^= how == OTHER_ROOT;
	if (ab_rekey_text(&tree, &keys[how == OTHER_KEY ? 0 : 1]->public_key, &text, err) < 0)
		return -1;
	return ab_note_write(text.data, text.len, how == WITHOUT_OLD ? keys + 1 : keys,
			     how == WITHOUT_OLD || how == WITHOUT_NEW ? 1 : 2, note, err);
}

static int add_record(struct ab_log *log, enum forgery how, const struct ab_skey *const *keys,
		      struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf note = { 0 }, entry = { 0 };
	char old[AB_NOTE_VKEY], new[AB_NOTE_VKEY];
	json_auto_t *record = NULL;

	ab_vkey_format(&keys[0]->public_key, old);
	ab_vkey_format(&keys[1]->public_key, new);
	if (note_of(log, how, keys, &note, err) < 0)
		return -1;
	record = how == END_ALONE ? json_pack("{s:s, s:s, s:s, s:s, s:s}", "record", "key-ended",
					      "checkpoint", log->note.data, "key", old, "next", new,
					      "timestamp", "2026-01-01T00:00:00.000Z")
				  : json_pack("{s:s, s:s, s:s, s:s, s:s}", "record", "rekeyed",
					      "next", new, "note", note.data, "previous", old,
					      "timestamp", "2026-01-01T00:00:00.000Z");
	if (ab_json_canonical(record, &entry, err) < 0 ||
	    ab_log_add(log, entry.data, entry.len, NULL, NULL, err) < 0)
		return -1;
	log->signers[0] = keys[0];
	log->signers[1] = keys[1];
	log->n_signers = 2;
	return ab_log_commit(log, err);
}

static int forge(const char *dir, enum forgery how, const struct ab_skey *const *keys,
		 struct ab_err *err)
{
	struct ab_log *log;
	int status = -1;

	if (ab_log_init(dir, keys[0], err) < 0 || !(log = ab_log_open(dir, keys[0], err)))
		return -1;
	if (ab_log_lock(log, NULL, err) == 0 && add_record(log, how, keys, err) == 0 &&
	    (how != TWICE || add_record(log, how, keys, err) == 0))
		status = ab_log_publish(log, true, err);
	ab_log_close(log);
	return status;
}

int main(void)
{
	struct tap t = { 0 };
	struct ab_skey old = { 0 }, new = { 0 };
	const struct ab_skey *keys[] = { &old, &new };
	const struct ab_verify how = { 0 };
	char top[] = "/tmp/audit_keys_test.XXXXXX", dir[64];
	struct ab_err err = { 0 };

	if (!mkdtemp(top) || ab_skey_generate("example.org/ab", &old, &err) < 0 ||
	    ab_skey_generate("example.org/ab", &new, &err) < 0)
		return ab_err_report("audit_keys_test", &err);
	for (enum forgery f = NONE; f < FORGERIES; f++) {
		struct ab_verified found;

		(void)snprintf(dir, sizeof(dir), "%s/%d", top, (int)f);
		err = (struct ab_err){ 0 };
		tap_ok(&t, forge(dir, f, keys, &err) == 0, "a log: %s", err.msg);
		err = (struct ab_err){ 0 };
		if (f == NONE)
			tap_ok(&t, ab_log_verify(dir, &how, &found, &err) == 0, "%s: %s", names[f],
			       err.msg);
		else
			tap_ok(&t,
			       ab_log_verify(dir, &how, &found, &err) < 0 &&
				       err.status == AB_EXIT_NO,
			       "%s: %s", names[f], err.msg);
	}
	(void)snprintf(dir, sizeof(dir), "rm -rf %s", top);
	tap_ok(&t, system(dir) == 0, "what was made is removed");
	ab_skey_free(&old);
	ab_skey_free(&new);
	return tap_done(&t);
}
