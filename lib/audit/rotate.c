/* SPDX-License-Identifier: Apache-2.0 */
/* Two logs, one after the other: each names the other, signed. */
#include "lib/audit/record.h"

#include <string.h>

/* The first or last record of the log in `dir`; *ret_note is its checkpoint, the caller's,
 * *ret_keys (may be NULL) are its keys. */
static json_t *record_at(const char *dir, const struct ab_vkey *vkey, bool last, char **ret_note,
			 struct ab_keyring *ret_keys, struct ab_err *err)
{
	struct ab_log *log = ab_log_read(dir, vkey, err);
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	json_t *record = NULL;

	if (!log)
		return NULL;
	if (!log->committed)
		ab_err_no(err, "%s: is empty", dir);
	else if (ab_log_entry(log, last ? log->committed - 1 : 0, &entry, err) == 0)
		record = ab_record_open(entry.data, entry.len, &log->ring, err);
	if (ret_keys)
		*ret_keys = log->ring;
	if (record && !(*ret_note = strdup(log->note.data))) {
		ab_err_memory(err);
		json_decref(record);
		record = NULL;
	}
	ab_log_close(log);
	return record;
}

static const char *text(const json_t *record, const char *key)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value ? value : "";
}

static int check_first(const json_t *first, const char *dir, struct ab_vkey *ret_previous,
		       struct ab_err *err)
{
	const char *vkey = text(first, "previous");

	if (strcmp(text(first, "record"), "continued") != 0)
		return ab_err_no(err, "%s: does not follow another log", dir);
	if (ab_vkey_parse(vkey, strlen(vkey), ret_previous, err) < 0)
		return ab_err_prefix(err, "%s: record 0: /previous: ", dir);
	return 0;
}

/* The checkpoint that was carried over must be of the tree that is there, whoever else signed it.
 */
static int same_tree(const char *carried, const char *is, const struct ab_vkey *key,
		     struct ab_err *err)
{
	struct ab_checkpoint a, b;

	if (ab_checkpoint_open(carried, strlen(carried), key, &a, err) < 0 ||
	    ab_checkpoint_open(is, strlen(is), key, &b, err) < 0)
		return -1;
	if (a.size != b.size || memcmp(a.root, b.root, sizeof(a.root)) != 0)
		return ab_err_no(err, "is not the log that was carried over");
	return 0;
}

int ab_log_check_rotation(const char *previous, const char *dir, struct ab_err *err)
{
	ab_autofree char *note = NULL, *previous_note = NULL;
	struct ab_keyring keys;
	json_auto_t *first = record_at(dir, NULL, false, &note, &keys, err), *last = NULL;
	struct ab_vkey previous_key, next_key;
	const char *next;

	if (!first || check_first(first, dir, &previous_key, err) < 0)
		return -1;
	last = record_at(previous, &previous_key, true, &previous_note, NULL, err);
	if (!last || same_tree(text(first, "checkpoint"), previous_note, &previous_key, err) < 0)
		return ab_err_prefix(err, "%s: ", previous);
	next = text(last, "next");
	if (strcmp(text(last, "record"), "rotated") != 0 ||
	    ab_vkey_parse(next, strlen(next), &next_key, err) < 0)
		return ab_err_no(err, "%s: does not name a log that follows", previous);
	/* Its first key, whatever others may have followed. */
	if (ab_keyring_find(&keys, &next_key) != 0)
		return ab_err_no(err, "%s: names another log, %s", previous, next_key.name);
	return 0;
}
