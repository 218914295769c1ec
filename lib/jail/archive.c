/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/archive.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/jail/beneath.h"
#include "lib/jail/layout.h"

#define PIECE 65536

struct ab_archive {
	int dir, fd;
	char name[256], temporary[300];
	bool committed;
	struct ab_sha256 hash;
	uint64_t size;
};

struct ab_archive *ab_archive_new(const char *file, struct ab_err *err)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	ab_autofree char *dir = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
	struct ab_archive *a = calloc(1, sizeof(*a));
	uint32_t random = 0;

	if (!a || !dir || getrandom(&random, sizeof(random), 0) < 0) {
		free(a);
		ab_err_memory(err);
		return NULL;
	}
	a->fd = -1;
	ab_sha256_init(&a->hash);
	a->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(a->name, sizeof(a->name), "%s", name);
	(void)snprintf(a->temporary, sizeof(a->temporary), ".%.200s.%08x", name, random);
	if (!*name || strlen(name) >= 200)
		ab_err_usage(err, "%s: not a name for a file", file);
	else if (a->dir < 0)
		ab_err_sys(err, "%s", dir);
	else
		a->fd = openat(a->dir, a->temporary,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (a->fd >= 0)
		return a;
	if (!err->status)
		ab_err_sys(err, "%s", file);
	ab_archive_free(a);
	return NULL;
}

int ab_archive_dir(const struct ab_archive *a)
{
	return a->dir;
}

static int put(struct ab_archive *a, const void *data, size_t len, struct ab_err *err)
{
	ab_sha256_add(&a->hash, data, len);
	a->size += len;
	return ab_io_write(a->fd, data, len, err);
}

static int put_entry(struct ab_archive *a, const struct ab_tar_entry *e, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf header = { 0 };

	if (ab_tar_encode(e, &header, err) < 0)
		return ab_err_prefix(err, "%s: ", e->path);
	return put(a, header.data, header.len, err);
}

static int put_zeros(struct ab_archive *a, size_t n, struct ab_err *err)
{
	static const char zeros[2 * AB_TAR_BLOCK];

	return put(a, zeros, n, err);
}

/* The content of a file in the upper layer, as long as it was when it was listed. */
static int put_content(struct ab_archive *a, int upper, const struct ab_change *c,
		       struct ab_err *err)
{
	ab_autoclose int fd = ab_beneath_open(upper, c->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	ab_autofree char *piece = malloc(PIECE);
	uint64_t left = c->now.bytes;

	if (!piece)
		return ab_err_memory(err);
	while (fd >= 0 && left > 0) {
		ssize_t n = read(fd, piece, left < PIECE ? (size_t)left : PIECE);

		if (n <= 0)
			break;
		if (put(a, piece, (size_t)n, err) < 0)
			return -1;
		left -= (uint64_t)n;
	}
	if (fd < 0 || left > 0)
		return ab_err_sys(err, "%s", c->path);
	return put_zeros(a, ab_tar_padding(c->now.bytes), err);
}

static int put_list(struct ab_archive *a, const struct ab_changes *changes, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *list = ab_changes_json(changes);
	struct ab_tar_entry e = { .kind = AB_TAR_FILE, .path = AB_ARCHIVE_LIST };

	if (!list)
		return ab_err_memory(err);
	if (ab_json_canonical(list, &text, err) < 0 || ab_buf_ok(&text, err) < 0)
		return -1;
	e.size = text.len;
	if (put_entry(a, &e, err) < 0 || put(a, text.data, text.len, err) < 0)
		return -1;
	return put_zeros(a, ab_tar_padding(text.len), err);
}

int ab_archive_write(struct ab_archive *a, const struct ab_changes *changes, int upper,
		     uint64_t *ret_size, unsigned char ret_hash[AB_SHA256_SIZE], struct ab_err *err)
{
	if (put_list(a, changes, err) < 0)
		return -1;
	for (size_t i = 0; i < changes->n; i++) {
		ab_auto(ab_buf_free) struct ab_buf path = { 0 };
		struct ab_tar_entry e;
		int there = ab_layout_entry(changes, i, &e, &path, err);

		if (there < 0 || (there && put_entry(a, &e, err) < 0))
			return -1;
		if (there && e.kind == AB_TAR_FILE && changes->items[i].now.mode &&
		    put_content(a, upper, &changes->items[i], err) < 0)
			return -1;
	}
	if (put_zeros(a, 2 * AB_TAR_BLOCK, err) < 0)
		return -1;
	if (fchmod(a->fd, 0644) < 0 || fsync(a->fd) < 0)
		return ab_err_sys(err, "%s", a->name);
	*ret_size = a->size;
	ab_sha256_end(&a->hash, ret_hash);
	return 0;
}

int ab_archive_commit(struct ab_archive *a, struct ab_err *err)
{
	if (renameat(a->dir, a->temporary, a->dir, a->name) < 0)
		return ab_err_sys(err, "%s", a->name);
	a->committed = true;
	return fsync(a->dir) < 0 ? ab_err_sys(err, "%s", a->name) : 0;
}

void ab_archive_free(struct ab_archive *a)
{
	if (!a)
		return;
	if (a->fd >= 0 && !a->committed)
		(void)unlinkat(a->dir, a->temporary, 0);
	if (a->fd >= 0)
		(void)close(a->fd);
	if (a->dir >= 0)
		(void)close(a->dir);
	free(a);
}
