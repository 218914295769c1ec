/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/contents.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/bundle/beneath.h"

/* Files are read and then hashed a batch at a time: one that a processor's own cache still holds,
 * and enough of them that there are mostly two to hash side by side. */
#define BATCH_BYTES (512u << 10)
#define BATCH_FILES 128

/* A file of which some parts have been hashed, and others lie in the pieces behind. */
struct begun {
	const struct ab_node *node; /* NULL: a free place */
	uint64_t offset;	    /* so much is hashed */
	struct ab_sha256 hash;
	bool failed;
};

struct contents {
	int root;
	pthread_mutex_t lock;
	pthread_cond_t some_begun;
	/* Each thread waits for one at most, and one may wait for a thread. */
	struct begun begun[AB_TAR_MAX_THREADS + 1];
};

/* What a thread needs for one piece. */
struct reader {
	struct contents *all;
	int directory; /* that of the last file */
	const char *directory_path;
	size_t directory_len;
	struct ab_sha256_message batch[BATCH_FILES];
	size_t n, bytes; /* of the batch */
	struct ab_err *err;
};

struct contents *contents_new(int root, struct ab_err *err)
{
	struct contents *c = calloc(1, sizeof(*c));

	if (!c) {
		ab_err_memory(err);
		return NULL;
	}
	c->root = root;
	(void)pthread_mutex_init(&c->lock, NULL); /* never fails with default attributes */
	(void)pthread_cond_init(&c->some_begun, NULL);
	return c;
}

void contents_free(struct contents *c)
{
	if (!c)
		return;
	(void)pthread_mutex_destroy(&c->lock);
	(void)pthread_cond_destroy(&c->some_begun);
	free(c);
}

void contents_freep(struct contents **c)
{
	contents_free(*c);
}

/* The place of a file that is hashed up to an offset; of NULL: a free one. */
static struct begun *find(struct contents *c, const struct ab_node *node, uint64_t offset)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(c->begun); i++)
		if (c->begun[i].node == node && (!node || c->begun[i].offset == offset))
			return &c->begun[i];
	return NULL;
}

/* Hands a file on to the piece behind. */
static void hand_on(struct contents *c, const struct begun *b)
{
	struct begun *place;

	(void)pthread_mutex_lock(&c->lock);
	place = find(c, NULL, 0);
	assert(place);
	*place = *b;
	(void)pthread_cond_broadcast(&c->some_begun);
	(void)pthread_mutex_unlock(&c->lock);
}

/* Takes a file over from the piece before, which another thread may still be reading. */
static void take_over(struct contents *c, const struct ab_tar_part *part, struct begun *ret)
{
	struct begun *place;

	(void)pthread_mutex_lock(&c->lock);
	while (!(place = find(c, part->item, part->offset)))
		(void)pthread_cond_wait(&c->some_begun, &c->lock);
	*ret = *place;
	place->node = NULL;
	(void)pthread_mutex_unlock(&c->lock);
}

static int changed(struct reader *r, const struct ab_node *node)
{
	return ab_err_trouble(r->err, "%s: changed while it was read", node->path);
}

/* Opens a file. Most lie beside the one before, so its directory is kept open. */
static int open_file(struct reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	ab_autofree char *directory = NULL;

	if (r->directory < 0 || r->directory_len != len ||
	    memcmp(r->directory_path, path, len) != 0) {
		ab_auto_close(&r->directory);
		directory = len ? strndup(path, len) : strdup(".");
		r->directory_path = path;
		r->directory_len = len;
		r->directory = directory ? ab_beneath_open_strict(r->all->root, directory,
								  O_PATH | O_DIRECTORY, 0)
					 : -1;
		if (r->directory < 0)
			return -1;
	}
	return ab_beneath_open_strict(r->directory, slash ? slash + 1 : path, O_RDONLY | O_NONBLOCK,
				      0);
}

static int read_part(struct reader *r, const struct ab_tar_part *part)
{
	const struct ab_node *node = part->item;
	ab_autoclose int fd = open_file(r, node->path);
	struct stat st;
	size_t got = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_sys(r->err, "%s", node->path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != node->size)
		return changed(r, node);
	if (part->offset && lseek(fd, (off_t)part->offset, SEEK_SET) < 0)
		return ab_err_sys(r->err, "%s", node->path);
	while (got < part->len) {
		ssize_t n = ab_io_read(fd, part->to + got, part->len - got, r->err);

		if (n < 0)
			return ab_err_prefix(r->err, "%s: ", node->path);
		if (n == 0)
			return changed(r, node);
		got += (size_t)n;
	}
	return 0;
}

static void hash_batch(struct reader *r)
{
	ab_sha256_many(r->batch, r->n);
	r->n = r->bytes = 0;
}

static int read_whole(struct reader *r, const struct ab_tar_part *part)
{
	struct ab_node *node = part->item;

	if (read_part(r, part) < 0)
		return -1;
	r->batch[r->n++] = (struct ab_sha256_message){ part->to, part->len, node->sha256 };
	r->bytes += part->len;
	if (r->n == BATCH_FILES || r->bytes >= BATCH_BYTES)
		hash_batch(r);
	return 0;
}

/*
 * A part of a file that is larger is hashed when its turn has come. Whoever has the next one waits
 * for it, so it is told also of a failure.
 */
static int read_some(struct reader *r, const struct ab_tar_part *part, int status)
{
	const struct ab_node *node = part->item;
	struct begun b = { .node = node };

	if (status == 0)
		status = read_part(r, part);
	if (part->offset)
		take_over(r->all, part, &b);
	else
		ab_sha256_init(&b.hash);
	if (status == 0 && b.failed)
		status = changed(r, node);
	if (status == 0)
		ab_sha256_add(&b.hash, part->to, part->len);
	b.failed = status < 0;
	b.offset += part->len;
	if (b.offset < node->size)
		hand_on(r->all, &b);
	else if (status == 0)
		ab_sha256_end(&b.hash, ((struct ab_node *)part->item)->sha256);
	return status;
}

static bool is_whole(const struct ab_tar_part *part)
{
	return part->len == ((const struct ab_node *)part->item)->size;
}

/* What was begun in the piece before comes last: by then its turn has mostly come. */
static int read_parts(struct reader *r, const struct ab_tar_part *parts, size_t n)
{
	bool waits = parts[0].offset > 0;
	int status = 0;

	for (size_t i = waits; i < n; i++) {
		if (!is_whole(&parts[i]))
			status = read_some(r, &parts[i], status);
		else if (status == 0)
			status = read_whole(r, &parts[i]);
	}
	hash_batch(r);
	return waits ? read_some(r, &parts[0], status) : status;
}

int contents_read(void *contents, const struct ab_tar_part *parts, size_t n, struct ab_err *err)
{
	struct reader r = { .all = contents, .directory = -1, .err = err };
	int status = read_parts(&r, parts, n);

	ab_auto_close(&r.directory);
	return status;
}
