/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/package.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/bundle/beneath.h"
#include "lib/bundle/manifest.h"
#include "lib/bundle/tree.h"
#include "lib/tar/tar.h"

struct creation {
	const struct ab_bundle_source *source;
	struct ab_bundle *bundle;
	struct ab_tar_writer *out;
	struct ab_buf name;
	struct ab_err *err;
};

static const char *prefixed(struct creation *c, const char *path)
{
	ab_buf_clear(&c->name);
	ab_buf_adds(&c->name, AB_TREE_PREFIX);
	ab_buf_adds(&c->name, path);
	return ab_buf_ok(&c->name, c->err) < 0 ? NULL : c->name.data;
}

static int changed(const struct creation *c, const struct ab_node *node)
{
	return ab_err_trouble(c->err, "%s: changed while it was read", node->path);
}

/*
 * Content goes from the file into the piece that is compressed, and is hashed there: what the
 * manifest says is what was packed, even if somebody writes to the file meanwhile.
 */
static int copy_content(struct creation *c, int fd, struct ab_node *node)
{
	struct ab_sha256 hash;
	uint64_t left = node->size;

	ab_sha256_init(&hash);
	while (left) {
		size_t room;
		unsigned char *to = ab_tar_write_room(c->out, &room, c->err);
		ssize_t n;

		if (!to)
			return -1;
		n = ab_io_read(fd, to, room < left ? room : (size_t)left, c->err);
		if (n < 0)
			return ab_err_prefix(c->err, "%s: ", node->path);
		if (n == 0)
			return changed(c, node);
		ab_sha256_add(&hash, to, (size_t)n);
		ab_tar_write_filled(c->out, (size_t)n);
		left -= (uint64_t)n;
	}
	ab_sha256_end(&hash, node->sha256);
	node->hashed = true;
	return ab_tar_write_padding(c->out, node->size, c->err);
}

static int put_file(struct creation *c, struct ab_node *node)
{
	struct ab_tar_entry entry = { .kind = AB_TAR_FILE,
				      .executable = node->executable,
				      .size = node->size };
	ab_autoclose int fd =
		ab_beneath_open_strict(c->source->root, node->path, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_sys(c->err, "%s", node->path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != node->size)
		return changed(c, node);
	entry.path = prefixed(c, node->path);
	if (!entry.path || ab_tar_write_entry(c->out, &entry, c->err) < 0)
		return ab_err_prefix(c->err, "%s: ", node->path);
	return copy_content(c, fd, node);
}

static int put_other(struct creation *c, const struct ab_node *node)
{
	struct ab_tar_entry entry = { .kind = node->kind == AB_NODE_LINK ? AB_TAR_LINK
									 : AB_TAR_DIRECTORY,
				      .target = node->target };

	entry.path = prefixed(c, node->path);
	if (!entry.path || ab_tar_write_entry(c->out, &entry, c->err) < 0)
		return ab_err_prefix(c->err, "%s: ", node->path);
	return 0;
}

/* A small file of ours. */
static int put_text(struct creation *c, const char *path, const struct ab_buf *text)
{
	struct ab_tar_entry entry = { .kind = AB_TAR_FILE, .size = text->len, .path = path };

	if (ab_tar_write_entry(c->out, &entry, c->err) < 0 ||
	    ab_tar_write(c->out, text->data, text->len, c->err) < 0)
		return -1;
	return ab_tar_write_padding(c->out, text->len, c->err);
}

static int put_nodes(struct creation *c, const struct ab_buf *tree)
{
	struct ab_bundle *b = c->bundle;
	bool written = tree->len == 0;

	for (size_t i = 0; i <= b->n; i++) {
		if (!written && (i == b->n || strcmp(b->nodes[i].path, AB_TREE_FILE) > 0)) {
			if (put_text(c, AB_TREE_PREFIX AB_TREE_FILE, tree) < 0)
				return -1;
			written = true;
		}
		if (i == b->n)
			break;
		b->bytes += b->nodes[i].size;
		if ((b->nodes[i].kind == AB_NODE_FILE ? put_file(c, &b->nodes[i])
						      : put_other(c, &b->nodes[i])) < 0)
			return -1;
	}
	return ab_tar_finish(c->out, c->err);
}

/* The contents, compressed, into the spool. */
static int put_payload(struct creation *c)
{
	ab_auto(ab_buf_free) struct ab_buf tree = { 0 };

	ab_tree_text(c->bundle, &tree);
	return ab_buf_ok(&tree, c->err) < 0 ? -1 : put_nodes(c, &tree);
}

static int put_head(struct creation *c)
{
	ab_auto(ab_buf_free) struct ab_buf bagit = { 0 };
	struct ab_bundle *b = c->bundle;

	ab_buf_adds(&bagit, AB_TREE_BAGIT);
	if (ab_buf_ok(&bagit, c->err) < 0 || ab_tree_links(b, c->err) < 0 ||
	    ab_manifest_write(b, &b->manifest, c->err) < 0)
		return -1;
	ab_sha256(b->manifest.data ? b->manifest.data : "", b->manifest.len, b->identity);
	if (put_text(c, "bagit.txt", &bagit) < 0 ||
	    put_text(c, "manifest-sha256.txt", &b->manifest) < 0)
		return -1;
	return ab_tar_flush(c->out, c->err);
}

static int append_spool(int spool, int fd, struct ab_err *err)
{
	off_t at = 0;

	for (;;) {
		ssize_t n = sendfile(fd, spool, &at, 1u << 30);

		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return ab_err_sys(err, "writing the bundle");
	}
}

static int step(struct creation *c, int fd, unsigned threads, int (*put)(struct creation *))
{
	ab_auto(ab_tar_writer_freep) struct ab_tar_writer *w =
		ab_tar_writer_new(fd, threads, c->err);

	c->out = w;
	return w ? put(c) : -1;
}

int ab_bundle_create(const struct ab_bundle_source *source, int fd,
		     const struct ab_bundle_limits *limits, struct ab_bundle *ret,
		     struct ab_err *err)
{
	struct creation c = { .source = source, .bundle = ret, .err = err };
	unsigned threads = limits->threads ? limits->threads : ab_tar_threads();
	int status = ab_tree_walk(source, limits, ret, err);

	/* Links are checked first, so that a bad one does not cost the packing; their hashes come
	 * with the head. */
	if (status == 0)
		status = ab_tree_links(ret, err);
	if (status == 0)
		status = step(&c, source->spool, threads, put_payload);
	if (status == 0)
		status = step(&c, fd, threads, put_head);
	if (status == 0)
		status = append_spool(source->spool, fd, err);
	ab_buf_free(&c.name);
	return status;
}
