/* SPDX-License-Identifier: Apache-2.0 */
/* The making of a log: all of it, or nothing but what the next attempt removes. */
#include "lib/audit/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"

#define HALF ".making" /* in LOG while it is being made */

/* Removes what an init has made that did not come to its end, and so holds no record. */
static void remove_half(const struct ab_log *log)
{
	static const char *const files[] = { ".ab/lock", ".ab/wal", "checkpoint", HALF };
	static const char *const dirs[] = { ".ab/runs", ".ab", "blobs", "tile" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(files); i++)
		(void)unlinkat(log->dir, files[i], 0);
	for (size_t i = 0; i < AB_ARRAY_SIZE(dirs); i++)
		(void)unlinkat(log->dir, dirs[i], AT_REMOVEDIR);
}

static bool is_there(const struct ab_log *log, const char *name)
{
	return faccessat(log->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Makes the mark of a log that is being made: a kill in the middle leaves it behind. */
static int make_mark(const struct ab_log *log, struct ab_err *err)
{
	ab_autoclose int fd = openat(log->dir, HALF, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? ab_err_sys(err, "%s/%s", log->path, HALF) : 0;
}

static int make_directories(struct ab_log *log, struct ab_err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
	} dirs[] = { { ".ab", 0700 }, { ".ab/runs", 0700 }, { "blobs", 0700 }, { "tile", 0755 } };

	if (mkdir(log->path, 0755) < 0 && errno != EEXIST) {
		ab_err_sys(err, "%s", log->path);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	log->dir = open(log->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log->dir < 0) {
		ab_err_sys(err, "%s", log->path);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (!is_there(log, "vkey") && is_there(log, HALF))
		remove_half(log);
	if (is_there(log, "vkey") || is_there(log, "checkpoint") || is_there(log, ".ab"))
		return ab_err_usage(err, "%s: there is a log already", log->path);
	if (!ab_path_is_empty(log->path))
		return ab_err_usage(err, "%s: there are files in it; expected a new or an empty "
					 "directory", log->path);
	if (make_mark(log, err) < 0)
		return -1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(dirs); i++)
		if (mkdirat(log->dir, dirs[i].name, dirs[i].mode) < 0)
			return ab_err_sys(err, "%s/%s", log->path, dirs[i].name);
	log->own = openat(log->dir, ".ab", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return log->own < 0 ? ab_err_sys(err, "%s/.ab", log->path) : 0;
}

static int make_files(struct ab_log *log, struct ab_err *err)
{
	char vkey[AB_NOTE_VKEY + 1];
	size_t len;
	ab_autofree char *parent = NULL;

	log->vkey = log->key->public_key;
	log->signers[log->n_signers++] = log->key;
	ab_vkey_format(&log->vkey, vkey);
	len = strlen(vkey);
	vkey[len++] = '\n';
	log->lock = openat(log->own, "lock", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (log->lock < 0)
		return ab_err_sys(err, "%s/.ab/lock", log->path);
	if (ab_log_sign_tree(log, err) < 0 || ab_wal_restart(log, err) < 0)
		return -1;
	/* vkey comes last: it is what makes the directory a log. */
	if (ab_path_replace(log->dir, "checkpoint", log->note.data, log->note.len, 0644, err) < 0 ||
	    ab_path_replace(log->dir, "vkey", vkey, len, 0644, err) < 0)
		return ab_err_prefix(err, "%s/", log->path);
	ab_log_unlock(log);
	return 0;
}

/* fsync of the directory that holds the log. */
static int sync_parent(const struct ab_log *log, struct ab_err *err)
{
	ab_autoclose int fd = openat(log->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return ab_err_sys(err, "%s: its directory", log->path);
	return 0;
}

int ab_log_init(const char *dir, const struct ab_skey *key, struct ab_err *err)
{
	struct ab_log *log = ab_log_alloc(dir, key, err);
	int status = -1;

	if (!log)
		return -1;
	ab_log_read_boot(log);
	if (make_directories(log, err) == 0 && make_files(log, err) == 0)
		status = sync_parent(log, err);
	if (log->dir >= 0 && is_there(log, HALF)) {
		if (!is_there(log, "vkey"))
			remove_half(log);
		(void)unlinkat(log->dir, HALF, 0);
	}
	ab_log_close(log);
	return status;
}
