/* SPDX-License-Identifier: Apache-2.0 */
/* Beside the log: blobs, and the marks of runs that are open. */
#include "lib/audit/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/crypto/random.h"
#include "lib/crypto/text.h"

#define SALT 32

static int write_blob(const struct ab_log *log, const char *name, const struct ab_buf *file,
		      struct ab_err *err)
{
	ab_autoclose int dir = openat(log->dir, "blobs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return ab_err_sys(err, "%s/blobs", log->path);
	if (ab_path_replace(dir, name, file->data, file->len, 0600, err) < 0)
		return ab_err_prefix(err, "%s/blobs/", log->path);
	return 0;
}

json_t *ab_log_blob(struct ab_log *log, const void *content, size_t len, struct ab_err *err)
{
	unsigned char salt[SALT], digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];
	struct ab_buf file = { 0 };
	json_t *reference = NULL;

	if (ab_random(salt, sizeof(salt), err) < 0)
		return NULL;
	ab_buf_add(&file, salt, sizeof(salt));
	ab_buf_add(&file, content, len);
	if (ab_buf_ok(&file, err) == 0) {
		ab_sha256(file.data, file.len, digest);
		ab_sha256_text(digest, text);
		if (write_blob(log, text + strlen("sha256:"), &file, err) == 0) {
			reference = json_pack("{s:s, s:I}", "blob", text, "bytes", (json_int_t)len);
			if (!reference)
				ab_err_memory(err);
		}
	}
	ab_buf_free(&file);
	return reference;
}

int ab_log_blob_delete(struct ab_log *log, const char *hash, struct ab_err *err)
{
	const char *name = hash + strlen("sha256:");
	ab_autoclose int dir = openat(log->dir, "blobs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return ab_err_sys(err, "%s/blobs", log->path);
	if (strlen(hash) != AB_SHA256_TEXT - 1 || strspn(name, "0123456789abcdef") != 64)
		return ab_err_no(err, "blob: expected sha256:HEX");
	if ((unlinkat(dir, name, 0) < 0 && errno != ENOENT) || fsync(dir) < 0)
		return ab_err_sys(err, "%s/blobs/%s", log->path, name);
	return 0;
}

int ab_log_retire(struct ab_log *log, struct ab_err *err)
{
	return ab_path_replace(log->own, "retired", "", 0, 0600, err);
}

int ab_log_open_runs(struct ab_log *log, char ret_one[AB_UUID_TEXT], struct ab_err *err)
{
	int fd = openat(log->own, "runs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int n = 0;

	if (!list) {
		ab_err_sys(err, "%s/.ab/runs", log->path);
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	while ((d = readdir(list))) {
		if (d->d_name[0] == '.')
			continue;
		(void)snprintf(ret_one, AB_UUID_TEXT, "%.36s", d->d_name); /* a name of ours fits */
		n++;
	}
	(void)closedir(list);
	return n;
}

/* Marks are named by the run's id, which is a UUID: nothing that could be a path. */
static int run_path(const char *run, char out[64], struct ab_err *err)
{
	size_t len = strlen(run);

	if (len != AB_UUID_TEXT - 1 || strspn(run, "0123456789abcdef-") != len)
		return ab_err_usage(err, "%s: not a run's id", run);
	memcpy(out, "runs/", 5);
	memcpy(out + 5, run, len + 1);
	return 0;
}

int ab_log_run_begin(struct ab_log *log, const char *run, const char *receipts, struct ab_err *err)
{
	char path[64];
	ab_autoclose int fd = -1;

	if (run_path(run, path, err) < 0)
		return -1;
	fd = openat(log->own, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ab_err_sys(err, "%s/.ab/%s", log->path, path);
	if (ab_io_write(fd, receipts, strlen(receipts), err) == 0)
		return 0;
	(void)unlinkat(log->own, path, 0);
	return ab_err_prefix(err, "%s/.ab/%s: ", log->path, path);
}

int ab_log_run_receipts(struct ab_log *log, const char *run, struct ab_buf *ret, struct ab_err *err)
{
	char path[64];
	ab_autoclose int fd = -1;

	if (run_path(run, path, err) < 0)
		return -1;
	fd = openat(log->own, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : ab_err_sys(err, "%s/.ab/%s", log->path, path);
	if (ab_buf_read(ret, fd, PATH_MAX, err) < 0)
		return ab_err_prefix(err, "%s/.ab/%s: ", log->path, path);
	return 0;
}

struct search {
	struct ab_log *log;
	const char *run;
	struct ab_run_record *ret;
};

static int look(void *arg, uint64_t index, const void *entry, size_t len, struct ab_err *err)
{
	struct search *s = arg;
	json_auto_t *record = NULL;
	const char *kind;

	/* An event says the id in plain text, an execution in base64. */
	if (!memmem(entry, len, s->run, strlen(s->run)) && !memmem(entry, len, "\"payload\"", 9))
		return 0;
	record = ab_record_open(entry, len, ab_log_keys(s->log), err);
	if (!record)
		return ab_err_prefix(err, "record %llu: ", (unsigned long long)index);
	kind = ab_record_text(record, "run");
	if (!kind || strcmp(kind, s->run) != 0)
		return 0;
	kind = ab_record_kind(record);
	if (strcmp(kind, "execution") == 0) {
		s->ret->ended = true;
		return 1;
	}
	if (strcmp(kind, "started") == 0 && !s->ret->started) {
		s->ret->started = json_incref(record);
		s->ret->index = index;
	}
	return 0;
}

int ab_log_run_find(struct ab_log *log, const char *run, struct ab_run_record *ret,
		    struct ab_err *err)
{
	struct search s = { log, run, ret };

	*ret = (struct ab_run_record){ 0 };
	if (ab_log_each(log, 0, ab_log_size(log), look, &s, err) == 0)
		return 0;
	json_decref(ret->started);
	ret->started = NULL;
	return -1;
}

int ab_log_run_is_open(struct ab_log *log, const char *run, struct ab_err *err)
{
	char path[64];

	if (run_path(run, path, err) < 0)
		return -1;
	if (faccessat(log->own, path, F_OK, 0) == 0)
		return 0;
	if (errno != ENOENT)
		return ab_err_sys(err, "%s/.ab/%s", log->path, path);
	return ab_err_usage(err, "%s: run %s has ended, or was not begun here", log->path, run);
}

int ab_log_run_end(struct ab_log *log, const char *run, struct ab_err *err)
{
	char path[64];

	if (run_path(run, path, err) < 0)
		return -1;
	if (unlinkat(log->own, path, 0) < 0 && errno != ENOENT)
		return ab_err_sys(err, "%s/.ab/%s", log->path, path);
	return 0;
}
