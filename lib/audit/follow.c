/* SPDX-License-Identifier: Apache-2.0 */
/* A later look at a log: it goes on from the earlier one, and what signs it now was named by what
 * signed it then. */
#include "lib/audit/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The key that is trusted so far, on the way through the records that are new. */
struct follow {
	const struct ab_log *log;
	struct ab_vkey key;
};

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* What stands at the path must be the directory that was looked at: another one has other rights,
 * and another history. */
static int check_directory(const struct ab_log *before, struct ab_err *err)
{
	struct stat was, is;

	if (fstat(before->dir, &was) < 0 || stat(before->path, &is) < 0)
		return ab_err_sys(err, "%s", before->path);
	if (was.st_dev != is.st_dev || was.st_ino != is.st_ino)
		return ab_err_no(err, "%s: another directory stands there now", before->path);
	return 0;
}

/* Whether nothing can have changed: the same write-ahead log of the same length. A copy without one
 * has to be read. */
static bool is_same(const struct ab_log *before)
{
	struct stat wal;

	if (before->wal < 0 || fstatat(before->own, "wal", &wal, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return wal.st_ino == before->wal_inode && wal.st_size == before->wal_end + before->torn;
}

static int check_beginning(const struct ab_log *before, const struct ab_log *now,
			   struct ab_err *err)
{
	unsigned char root[AB_SHA256_SIZE];

	if (now->committed < before->committed)
		return ab_err_no(err, "%s: rolled back: %llu records, %llu were there before",
				 now->path, (unsigned long long)now->committed,
				 (unsigned long long)before->committed);
	if (ab_log_root_at(now, before->committed, root, err) < 0)
		return -1;
	if (memcmp(root, before->root, sizeof(root)) != 0)
		return ab_err_no(err, "%s: forked: the first %llu records are not those of before",
				 now->path, (unsigned long long)before->committed);
	return 0;
}

static int follow_key(struct follow *f, uint64_t index, const json_t *record, struct ab_err *err)
{
	struct ab_checkpoint tree = { .size = index };
	const char *vkey = text(record, "next");
	struct ab_keyring both = { .keys = { f->key }, .n = 1 };
	struct ab_vkey next;

	memcpy(tree.origin, f->key.name, sizeof(tree.origin));
	if (ab_log_root_at(f->log, index, tree.root, err) < 0 ||
	    ab_vkey_parse(vkey, strlen(vkey), &next, err) < 0 ||
	    ab_keyring_add(&both, &next, err) < 0 ||
	    ab_rekey_check(text(record, "note"), &tree, &both, err) < 0)
		return ab_err_prefix(err, "%s: record %llu: ", f->log->path,
				     (unsigned long long)index);
	f->key = next;
	return 0;
}

static int look_for_key(void *arg, uint64_t index, const void *entry, size_t len,
			struct ab_err *err)
{
	json_auto_t *record = NULL;

	if (!memmem(entry, len, "\"rekeyed\"", strlen("\"rekeyed\"")))
		return 0;
	record = ab_json_load("record", entry, len, err);
	if (!record)
		return -1;
	return strcmp(text(record, "record"), "rekeyed") == 0 ? follow_key(arg, index, record, err)
							      : 0;
}

static int check_key(const struct ab_log *before, struct ab_log *now, struct ab_err *err)
{
	struct follow f = { .log = now, .key = before->trusted };
	struct ab_checkpoint c;

	if (ab_log_each(now, before->committed, now->committed, look_for_key, &f, err) < 0)
		return -1;
	now->trusted = f.key;
	if (ab_checkpoint_open(now->note.data, now->note.len, &f.key, &c, err) < 0)
		return ab_err_prefix(err, "%s: ", now->path);
	return 0;
}

int ab_log_look_again(const struct ab_log *before, struct ab_log **ret, struct ab_err *err)
{
	struct ab_log *now;

	*ret = NULL;
	if (check_directory(before, err) < 0)
		return -1;
	if (is_same(before))
		return 0;
	now = ab_log_read_locked(before->path, &before->trusted, err);
	if (!now)
		return -1;
	ab_log_unlock(now);
	if (check_beginning(before, now, err) < 0 || check_key(before, now, err) < 0) {
		ab_log_close(now);
		return -1;
	}
	*ret = now;
	return 0;
}

int ab_log_successor(struct ab_log *log, struct ab_vkey *ret, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	json_auto_t *record = NULL;
	const char *vkey;

	if (!log->committed)
		return 0;
	if (ab_log_entry(log, log->committed - 1, &entry, err) < 0)
		return -1;
	record = ab_json_load("record", entry.data, entry.len, err);
	if (!record)
		return -1;
	if (strcmp(text(record, "record"), "rotated") != 0)
		return 0;
	vkey = text(record, "next");
	return ab_vkey_parse(vkey, strlen(vkey), ret, err) < 0 ? -1 : 1;
}
