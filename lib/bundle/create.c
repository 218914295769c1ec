/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/package.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/bundle/contents.h"
#include "lib/bundle/manifest.h"
#include "lib/bundle/nodes.h"
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

static int put_file(struct creation *c, struct ab_node *node)
{
	struct ab_tar_entry entry = { .kind = AB_TAR_FILE,
				      .executable = node->executable,
				      .size = node->size };

	entry.path = prefixed(c, node->path);
	if (!entry.path || ab_tar_write_entry(c->out, &entry, c->err) < 0)
		return ab_err_prefix(c->err, "%s: ", node->path);
	if (ab_tar_write_later(c->out, node, node->size, c->err) < 0)
		return -1;
	return ab_tar_write_padding(c->out, node->size, c->err);
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

/* The tree, compressed, from where fd stands. */
static int put_payload(struct creation *c, int fd, unsigned threads)
{
	ab_auto(ab_buf_free) struct ab_buf tree = { 0 };
	ab_auto(contents_freep) struct contents *contents = contents_new(c->source->root, c->err);
	const struct ab_tar_reading reading = { contents_read, contents };
	ab_auto(ab_tar_writer_freep) struct ab_tar_writer *w =
		contents ? ab_tar_writer_new(fd, threads, &reading, c->err) : NULL;

	c->out = w;
	ab_nodes_text(c->bundle, &tree);
	return !w || ab_buf_ok(&tree, c->err) < 0 ? -1 : put_nodes(c, &tree);
}

static int add_header(struct ab_buf *head, const char *path, size_t size, struct ab_err *err)
{
	const struct ab_tar_entry entry = { .kind = AB_TAR_FILE, .size = size, .path = path };

	return ab_tar_encode(&entry, head, err);
}

static void add_content(struct ab_buf *head, const char *data, size_t len)
{
	static const char zeros[AB_TAR_BLOCK];

	ab_buf_add(head, data, len);
	ab_buf_add(head, zeros, ab_tar_padding(len));
}

/* bagit.txt and the manifest's header, behind which `size` bytes of a manifest belong. */
static int start_head(struct ab_buf *head, size_t size, struct ab_err *err)
{
	static const char bagit[] = AB_TREE_BAGIT;

	if (add_header(head, "bagit.txt", strlen(bagit), err) < 0)
		return -1;
	add_content(head, bagit, strlen(bagit));
	return add_header(head, "manifest-sha256.txt", size, err);
}

static int size_of_head(struct ab_bundle *b, size_t *ret, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf head = { 0 };
	size_t size;

	if (ab_nodes_links(b, err) < 0 || ab_manifest_size(b, &size, err) < 0 ||
	    start_head(&head, size, err) < 0 || ab_buf_ok(&head, err) < 0)
		return -1;
	*ret = head.len + size + ab_tar_padding(size);
	return 0;
}

static int make_head(struct ab_bundle *b, struct ab_buf *head, struct ab_err *err)
{
	if (ab_nodes_links(b, err) < 0 || ab_manifest_write(b, &b->manifest, err) < 0)
		return -1;
	ab_sha256(b->manifest.data ? b->manifest.data : "", b->manifest.len, b->identity);
	if (start_head(head, b->manifest.len, err) < 0)
		return -1;
	add_content(head, b->manifest.data, b->manifest.len);
	return ab_buf_ok(head, err);
}

/*
 * The manifest stands first and is known last, but for its size, which does not depend on the
 * hashes: so room is left for it, and each file is read only once.
 */
static int pack(struct creation *c, int fd, unsigned threads)
{
	ab_auto(ab_buf_free) struct ab_buf head = { 0 };
	off_t start = lseek(fd, 0, SEEK_CUR);
	size_t size;

	if (size_of_head(c->bundle, &size, c->err) < 0)
		return -1;
	if (start < 0 || lseek(fd, (off_t)ab_tar_stored_size(size), SEEK_CUR) < 0)
		return ab_err_sys(c->err, "seeking in the bundle");
	if (put_payload(c, fd, threads) < 0 || make_head(c->bundle, &head, c->err) < 0)
		return -1;
	assert(head.len == size);
	if (lseek(fd, start, SEEK_SET) < 0)
		return ab_err_sys(c->err, "seeking in the bundle");
	return ab_tar_store(fd, head.data, head.len, c->err);
}

int ab_bundle_create(const struct ab_bundle_source *source, int fd,
		     const struct ab_bundle_limits *limits, struct ab_bundle *ret,
		     struct ab_err *err)
{
	struct creation c = { .source = source, .bundle = ret, .err = err };
	/* Threads read as well: while one waits for a disk, another has the processor. */
	unsigned threads = limits->threads ? limits->threads : ab_tar_threads() + 1;
	int status = ab_nodes_walk(source, limits, threads, ret, err);

	if (status == 0)
		status = pack(&c, fd, threads);
	ab_buf_free(&c.name);
	return status;
}
