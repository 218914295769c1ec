/* SPDX-License-Identifier: Apache-2.0 */
/* The log as an object: opening, locking, committing. */
#include "lib/audit/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"

#define MUCH (1u << 20)  /* bytes of records to hold, while a processor still has them at hand */

static int damaged(const struct ab_log *log, struct ab_err *err, const char *what)
{
	/* A reader's question is whether the log is good; a writer is in trouble. */
	if (!log->key)
		return ab_err_no(err, "%s: %s", log->path, what);
	return ab_err_trouble(err, "%s: %s", log->path, what);
}

void ab_log_close(struct ab_log *log)
{
	if (!log)
		return;
	for (int i = 0; i < 4; i++) {
		int fd = (const int[]){ log->wal, log->lock, log->own, log->dir }[i];

		if (fd >= 0)
			(void)close(fd);
	}
	ab_buf_free(&log->tail);
	ab_buf_free(&log->leaves);
	ab_buf_free(&log->note);
	ab_buf_free(&log->frame);
	free(log->tree);
	free(log->base);
	free(log->path);
	free(log);
}

struct ab_log *ab_log_alloc(const char *dir, const struct ab_skey *key, struct ab_err *err)
{
	struct ab_log *log = calloc(1, sizeof(*log));

	if (!log) {
		ab_err_memory(err);
		return NULL;
	}
	log->dir = log->own = log->lock = log->wal = -1;
	log->key = key;
	log->path = strdup(dir);
	log->tree = calloc(1, sizeof(*log->tree));
	log->base = calloc(1, sizeof(*log->base));
	if (!log->path || !log->tree || !log->base) {
		ab_err_memory(err);
		ab_log_close(log);
		return NULL;
	}
	return log;
}

/* Which start of the machine this is; what was not synced before another start may be lost. */
void ab_log_read_boot(struct ab_log *log)
{
	char text[64] = "";
	ab_autoclose int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	unsigned char digest[AB_SHA256_SIZE];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	ab_sha256(text, (size_t)n, digest);
	memcpy(log->boot, digest, sizeof(log->boot));
}

static int open_directory(struct ab_log *log, struct ab_err *err)
{
	log->dir = open(log->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log->dir >= 0 && faccessat(log->dir, "vkey", F_OK, 0) == 0)
		return 0;
	if (errno != ENOENT && errno != ENOTDIR)
		return ab_err_sys(err, "%s", log->path);
	return ab_err_usage(err, errno == ENOTDIR ? "%s: not a directory, expected a log" :
						    "%s: no log",
			    log->path);
}

static bool same_key(const struct ab_vkey *a, const struct ab_skey *b)
{
	return b && strcmp(a->name, b->public_key.name) == 0 &&
	       memcmp(a->key, b->public_key.key, sizeof(a->key)) == 0;
}

int ab_log_file(const struct ab_log *log, const char *name, size_t max, struct ab_buf *out,
		struct ab_err *err)
{
	ab_autoclose int fd = ab_path_open_regular(log->dir, name, O_RDONLY, err);

	if (fd < 0)
		return ab_err_prefix(err, "%s/", log->path);
	if (ab_buf_read(out, fd, max, err) < 0)
		return ab_err_prefix(err, "%s/%s: ", log->path, name);
	return 0;
}

/* Opens a file of LOG/.ab. A writer needs it; a reader may be looking at a copy without one. */
static int open_own(struct ab_log *log, const char *name, int *ret, struct ab_err *err)
{
	*ret = ab_path_open_regular(log->own, name, log->key ? O_RDWR : O_RDONLY, err);
	return *ret < 0 ? ab_err_prefix(err, "%s/.ab/", log->path) : 0;
}

struct ab_log *ab_log_open(const char *dir, const struct ab_skey *key, struct ab_err *err)
{
	struct ab_log *log = ab_log_open_retired(dir, key, err);

	if (log && faccessat(log->own, "retired", F_OK, 0) == 0) {
		ab_err_usage(err, "%s: the log was rotated, another one follows it", dir);
		ab_log_close(log);
		return NULL;
	}
	return log;
}

struct ab_log *ab_log_open_retired(const char *dir, const struct ab_skey *key, struct ab_err *err)
{
	struct ab_log *log = ab_log_alloc(dir, key, err);

	if (!log)
		return NULL;
	ab_log_read_boot(log);
	if (open_directory(log, err) < 0 || ab_log_load_keys(log, err) < 0)
		goto fail;
	if (!same_key(&log->vkey, key) && !same_key(&log->vkey, key->next)) {
		ab_err_usage(err, "%s: the log's key is %s+%02x%02x%02x%02x, not this one", dir,
			     log->vkey.name, log->vkey.id[0], log->vkey.id[1], log->vkey.id[2],
			     log->vkey.id[3]);
		goto fail;
	}
	log->own = openat(log->dir, ".ab", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (log->own < 0) {
		if (errno == ENOENT)
			ab_err_usage(err, "%s: a copy of a log's public part, without .ab: nothing "
					  "can be added to it", dir);
		else
			ab_err_sys(err, "%s/.ab", dir);
		goto fail;
	}
	if (open_own(log, "lock", &log->lock, err) < 0)
		goto fail;
	return log;
fail:
	ab_log_close(log);
	return NULL;
}

struct ab_log *ab_log_new(const char *dir, const struct ab_vkey *vkey, struct ab_err *err)
{
	struct ab_log *log = ab_log_alloc(dir, NULL, err);

	if (log && open_directory(log, err) == 0) {
		if (ab_log_load_keys(log, err) == 0 &&
		    (!vkey || ab_keyring_find(&log->ring, vkey) >= 0))
			return log;
		if (!err->status)
			ab_err_no(err, "%s/vkey: not the key that was given", dir);
	}
	ab_log_close(log);
	return NULL;
}

static int take_lock(struct ab_log *log, int kind, struct ab_err *err)
{
	while (flock(log->lock, kind) < 0)
		if (errno != EINTR)
			return ab_err_sys(err, "%s/.ab/lock", log->path);
	return 0;
}

int ab_log_open_own(struct ab_log *log, struct ab_err *err)
{
	log->own = openat(log->dir, ".ab", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	/* A copy without it, or somebody else's log: what is public can be read. */
	if (log->own < 0 && (errno == ENOENT || errno == EACCES))
		return 0;
	if (log->own < 0)
		return ab_err_sys(err, "%s/.ab", log->path);
	if (open_own(log, "lock", &log->lock, err) < 0 || take_lock(log, LOCK_SH, err) < 0)
		return -1;
	log->locked = true;
	return open_own(log, "wal", &log->wal, err);
}

/* Opens the write-ahead log anew if it was replaced. *ret_grown: there is something to read. */
static int look_at_wal(struct ab_log *log, bool *ret_grown, struct ab_err *err)
{
	struct stat st;

	if (fstatat(log->own, "wal", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ab_err_sys(err, "%s/.ab/wal", log->path);
	*ret_grown = true;
	if (log->wal >= 0 && st.st_ino == log->wal_inode) {
		*ret_grown = st.st_size != log->wal_end;
		return 0;
	}
	if (log->wal >= 0)
		(void)close(log->wal);
	log->wal_end = 0;
	return open_own(log, "wal", &log->wal, err);
}

/* Compares the published checkpoint with what is committed: it may lag behind after a crash, it may
 * never be ahead, or of another tree. */
static int compare_checkpoint(struct ab_log *log, const struct ab_checkpoint *c, struct ab_err *err)
{
	unsigned char root[AB_SHA256_SIZE];

	if (c->size > log->committed)
		return damaged(log, err,
			       "the checkpoint names records that the write-ahead log has lost");
	/* Our own tiles may be ahead of it, where another writer died before it published. */
	if (c->size < log->wal_base)
		return damaged(log, err, "the checkpoint is older than the write-ahead log");
	if (ab_log_root_at(log, c->size, root, err) < 0)
		return -1;
	if (memcmp(root, c->root, sizeof(root)) != 0)
		return damaged(log, err, "checkpoint and write-ahead log are of different logs");
	log->published = c->size;
	return 0;
}

int ab_log_compare(struct ab_log *log, struct ab_err *err)
{
	struct ab_buf text = { 0 };
	struct ab_checkpoint c;
	int status = ab_log_file(log, "checkpoint", AB_NOTE_MAX, &text, err);

	if (status < 0) {
		if (!log->key && err->sys == ENOENT)
			err->status = AB_EXIT_NO;
		goto out;
	}
	log->published = log->committed;
	if (text.len == log->note.len && memcmp(text.data, log->note.data, text.len) == 0)
		goto out;
	if (!text.len) {
		/* A power cut can leave a renamed file empty. */
		log->stale = true;
		goto out;
	}
	status = ab_checkpoint_open(text.data, text.len, &log->vkey, &c, err);
	if (status < 0) {
		ab_err_prefix(err, "%s/", log->path);
		if (log->key)
			err->status = AB_EXIT_TROUBLE;
	} else {
		status = compare_checkpoint(log, &c, err);
	}
out:
	ab_buf_free(&text);
	return status;
}

static int cut_torn(struct ab_log *log, off_t torn, char **ret_recovered, struct ab_err *err)
{
	struct ab_buf text = { 0 };

	if (ftruncate(log->wal, log->wal_end) < 0)
		return ab_err_sys(err, "%s/.ab/wal", log->path);
	ab_buf_addf(
		&text,
		"%s: removed %lld bytes of a commit that a crash cut short (never acknowledged)",
		log->path, (long long)torn);
	if (ab_buf_ok(&text, err) < 0)
		return -1;
	if (ret_recovered)
		*ret_recovered = ab_buf_steal(&text);
	ab_buf_free(&text);
	return 0;
}

static int bring_up(struct ab_log *log, char **ret_recovered, struct ab_err *err)
{
	off_t torn = 0;
	bool grown = true;

	if (look_at_wal(log, &grown, err) < 0)
		return -1;
	if (!grown)
		return 0;
	log->stale = false;
	/* Another writer may have replaced the key. */
	if (ab_log_load_keys(log, err) < 0 || ab_wal_replay(log, &torn, err) < 0)
		return -1;
	if (ab_log_choose_signers(log, err) < 0 || ab_log_compare(log, err) < 0)
		return -1;
	if (torn && cut_torn(log, torn, ret_recovered, err) < 0)
		return -1;
	if (!log->stale && ab_publish_skip(log, log->published, err) < 0)
		return -1;
	/* Frames of a killed process may be in the page cache alone; tiles follow what is durable.
	 */
	if (log->stale || log->published != log->committed)
		return fdatasync(log->wal) < 0 ? ab_err_sys(err, "%s/.ab/wal", log->path) : 0;
	return 0;
}

int ab_log_lock(struct ab_log *log, char **ret_recovered, struct ab_err *err)
{
	if (ret_recovered)
		*ret_recovered = NULL;
	if (log->failed)
		return ab_err_trouble(err, "%s: an earlier commit failed", log->path);
	if (log->locked)
		return 0;
	if (take_lock(log, LOCK_EX, err) < 0)
		return -1;
	log->locked = true;
	if (bring_up(log, ret_recovered, err) < 0) {
		log->failed = true;
		ab_log_unlock(log);
		return -1;
	}
	return 0;
}

void ab_log_unlock(struct ab_log *log)
{
	if (log->locked)
		(void)flock(log->lock, LOCK_UN); /* closing releases it in any case */
	log->locked = false;
}

int ab_log_add(struct ab_log *log, const void *entry, size_t len, uint64_t *ret_index,
	       unsigned char leaf[AB_SHA256_SIZE], struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE];

	if (len > AB_LOG_MAX_ENTRY)
		return ab_err_no(err, "record of %zu bytes, at most %d are possible", len,
				 AB_LOG_MAX_ENTRY);
	if (!log->frame.len)
		ab_wal_frame_start(log);
	ab_bundle_add(&log->frame, entry, len);
	ab_tree_leaf(entry, len, hash);
	ab_buf_add(&log->leaves, hash, sizeof(hash));
	if (ab_buf_ok(&log->frame, err) < 0 || ab_buf_ok(&log->leaves, err) < 0)
		return -1;
	if (ret_index)
		*ret_index = log->tree->size;
	if (leaf)
		memcpy(leaf, hash, sizeof(hash));
	log->added++;
	return ab_tree_add(log->tree, hash, NULL, NULL, err);
}

int ab_log_sign_tree(struct ab_log *log, struct ab_err *err)
{
	struct ab_checkpoint c = { .size = log->tree->size };

	memcpy(c.origin, log->vkey.name, sizeof(c.origin));
	ab_tree_root(log->tree, c.root);
	ab_buf_clear(&log->note);
	return ab_checkpoint_sign(&c, log->signers, log->n_signers, &log->note, err);
}

/* Writes the frame behind the last one and syncs it. On failure it is taken back, as far as the
 * system lets us: nobody was told of it. */
static int write_frame(struct ab_log *log, struct ab_err *err)
{
	if (lseek(log->wal, log->wal_end, SEEK_SET) < 0)
		return ab_err_sys(err, "%s/.ab/wal", log->path);
	if (ab_io_write(log->wal, log->frame.data, log->frame.len, err) < 0 ||
	    (fdatasync(log->wal) < 0 && ab_err_sys(err, "fdatasync"))) {
		(void)!ftruncate(log->wal, log->wal_end);
		return ab_err_prefix(err, "%s/.ab/wal: ", log->path);
	}
	return 0;
}

int ab_log_commit(struct ab_log *log, struct ab_err *err)
{
	if (!log->added)
		return 0;
	log->failed = true;
	if (!log->locked)
		return ab_err_trouble(err, "%s: commit without the lock", log->path);
	if (ab_log_sign_tree(log, err) < 0 || ab_wal_frame_end(log, err) < 0 || write_frame(log, err) < 0)
		return -1;
	ab_wal_frame_taken(log);
	log->committed = log->tree->size;
	log->failed = false;
	return ab_buf_ok(&log->tail, err);
}

int ab_log_publish(struct ab_log *log, bool last, struct ab_err *err)
{
	if (log->stale || log->published != log->committed)
		if (ab_publish_whole(log, err) < 0 || ab_publish_edge(log, err) < 0)
			return -1;
	if (ab_log_follow_keys(log, err) < 0)
		return -1;
	if (log->base->size == log->wal_base || (!last && log->wal_end < AB_WAL_LONG))
		return 0;
	if (ab_publish_sync(log, log->wal_base, err) < 0)
		return -1;
	return ab_wal_restart(log, err);
}

int ab_log_publish_tiles(struct ab_log *log, struct ab_err *err)
{
	return log->tail.len < MUCH || log->stale ? 0 : ab_publish_whole(log, err);
}

int ab_log_fd(const struct ab_log *log)
{
	return log->dir;
}

const struct ab_vkey *ab_log_vkey(const struct ab_log *log)
{
	return &log->vkey;
}

const struct ab_keyring *ab_log_keys(const struct ab_log *log)
{
	return &log->ring;
}

uint64_t ab_log_size(const struct ab_log *log)
{
	return log->committed;
}

const char *ab_log_note(const struct ab_log *log)
{
	return log->note.data;
}
