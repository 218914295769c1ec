/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/read.h"

#include <inttypes.h>
#include <string.h>

#include "lib/bundle/manifest.h"
#include "lib/bundle/name.h"
#include "lib/bundle/nodes.h"
#include "lib/tar/tar.h"

#define MANIFEST "manifest-sha256.txt"

struct reading {
	struct ab_tar_reader *in;
	const struct ab_bundle_sink *sink;
	struct ab_bundle *bundle;
	uint64_t max_files;
	bool has_tree_file;
	unsigned char tree_sha256[AB_SHA256_SIZE];
	size_t directory; /* length of the directory of the last path that was checked */
	struct ab_err *err;
};

/* The whole content of the current entry. */
static int read_text(struct reading *r, struct ab_buf *text)
{
	const unsigned char *data;
	size_t n;

	do {
		if (ab_tar_content(r->in, &data, &n, r->err) < 0)
			return -1;
		ab_buf_add(text, data, n);
	} while (n);
	return ab_buf_ok(text, r->err);
}

/* The next entry must be this plain file. */
static int read_head(struct reading *r, const char *path, struct ab_buf *text)
{
	struct ab_tar_entry entry;
	int more = ab_tar_next(r->in, &entry, r->err);

	if (more < 0)
		return -1;
	if (!more || strcmp(entry.path, path) != 0 || entry.kind != AB_TAR_FILE || entry.executable)
		return ab_err_no(r->err, "not a bundle: no %s where it belongs", path);
	return read_text(r, text);
}

static int too_many(const struct reading *r)
{
	return ab_err_no(r->err, "more than %" PRIu64 " files", r->max_files);
}

static int read_heads(struct reading *r)
{
	ab_auto(ab_buf_free) struct ab_buf bagit = { 0 };
	struct ab_bundle *b = r->bundle;
	uint64_t lines = 0;

	if (read_head(r, "bagit.txt", &bagit) < 0)
		return -1;
	if (bagit.len != strlen(AB_TREE_BAGIT) || memcmp(bagit.data, AB_TREE_BAGIT, bagit.len) != 0)
		return ab_err_no(r->err, "bagit.txt: not that of a bundle");
	if (read_head(r, MANIFEST, &b->manifest) < 0)
		return -1;
	ab_sha256(b->manifest.data ? b->manifest.data : "", b->manifest.len, b->identity);
	for (size_t i = 0; i < b->manifest.len; i++)
		lines += b->manifest.data[i] == '\n';
	/* What the manifest promises is too much before a byte of it is looked at. */
	return lines > r->max_files + 1 ? too_many(r) : 0;
}

/* No directory on the way to `path` may be a node: neither file nor link nor empty. */
static int check_parents(struct reading *r, const char *path)
{
	const struct ab_bundle *b = r->bundle;
	const char *last = b->n ? b->nodes[b->n - 1].path : NULL, *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	/* The directory of the node before has been looked at. */
	if (last && len && len == r->directory && strncmp(last, path, len + 1) == 0)
		return 0;
	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/'))
		if (ab_nodes_find(b, b->n, path, (size_t)(at - path)))
			return ab_err_no(
				r->err, AB_TREE_PREFIX "%s: beneath something that is no directory",
				path);
	r->directory = len;
	return 0;
}

static int check_order(const struct reading *r, const char *path)
{
	const struct ab_bundle *b = r->bundle;
	int order = b->n ? strcmp(b->nodes[b->n - 1].path, path) : -1;

	if (r->has_tree_file && order < 0)
		order = strcmp(AB_TREE_FILE, path);
	if (order == 0)
		return ab_err_no(r->err, AB_TREE_PREFIX "%s: there twice", path);
	return order < 0 ? 0 : ab_err_no(r->err, AB_TREE_PREFIX "%s: out of order", path);
}

static int read_content(struct reading *r, struct ab_node *node)
{
	struct ab_sha256 hash;
	const unsigned char *data;
	size_t n;

	ab_sha256_init(&hash);
	for (;;) {
		if (ab_tar_content(r->in, &data, &n, r->err) < 0)
			return -1;
		if (n == 0)
			break;
		ab_sha256_add(&hash, data, n);
		if (r->sink && r->sink->content(r->sink->context, data, n, r->err) < 0)
			return -1;
	}
	ab_sha256_end(&hash, node->sha256);
	node->hashed = true;
	r->bundle->bytes += node->size;
	return r->sink ? r->sink->end(r->sink->context, r->err) : 0;
}

/* data/.agentbox-tree is no node: its hash is kept, its text is made again at the end. */
static int read_tree_file(struct reading *r, const struct ab_tar_entry *entry)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (check_order(r, AB_TREE_FILE) < 0)
		return -1;
	if (entry->kind != AB_TAR_FILE || entry->executable || r->has_tree_file)
		return ab_err_no(r->err, AB_TREE_PREFIX AB_TREE_FILE ": not that of a bundle");
	if (read_text(r, &text) < 0)
		return -1;
	ab_sha256(text.data ? text.data : "", text.len, r->tree_sha256);
	r->has_tree_file = true;
	return 0;
}

static int add_node(struct reading *r, const struct ab_tar_entry *entry, const char *path)
{
	static const enum ab_node_kind kinds[] = { [AB_TAR_FILE] = AB_NODE_FILE,
						   [AB_TAR_DIRECTORY] = AB_NODE_DIRECTORY,
						   [AB_TAR_LINK] = AB_NODE_LINK };
	struct ab_node *node;

	if (strncmp(path, AB_TREE_FILE "/", strlen(AB_TREE_FILE "/")) == 0)
		return ab_err_no(r->err, AB_TREE_PREFIX "%.300s: beneath a reserved name", path);
	if (ab_name_check(path, strlen(path), r->err) < 0 || check_order(r, path) < 0 ||
	    check_parents(r, path) < 0)
		return -1;
	if (r->bundle->n >= r->max_files)
		return too_many(r);
	node = ab_nodes_add(r->bundle, kinds[entry->kind], path, entry->target, r->err);
	if (!node)
		return -1;
	node->executable = entry->executable;
	node->size = entry->size;
	if (r->sink && r->sink->begin(r->sink->context, node, r->err) < 0)
		return -1;
	return node->kind == AB_NODE_FILE ? read_content(r, node) : 0;
}

static int read_nodes(struct reading *r)
{
	struct ab_tar_entry entry;
	int more;

	while ((more = ab_tar_next(r->in, &entry, r->err)) == 1) {
		const char *path = entry.path + strlen(AB_TREE_PREFIX);

		if (strncmp(entry.path, AB_TREE_PREFIX, strlen(AB_TREE_PREFIX)) != 0)
			return ab_err_no(r->err, "%.300s: not beneath " AB_TREE_PREFIX, entry.path);
		if ((strcmp(path, AB_TREE_FILE) == 0 ? read_tree_file(r, &entry)
						     : add_node(r, &entry, path)) < 0)
			return -1;
	}
	return more;
}

/* What the archive holds must be what its manifest and its tree file say, to the byte. */
static int check_whole(struct reading *r)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 }, expected = { 0 };
	unsigned char sha256[AB_SHA256_SIZE];
	struct ab_bundle *b = r->bundle;

	if (ab_nodes_links(b, r->err) < 0)
		return -1;
	ab_nodes_text(b, &text);
	if (ab_buf_ok(&text, r->err) < 0 || ab_manifest_write(b, &expected, r->err) < 0)
		return -1;
	if (text.len)
		ab_sha256(text.data, text.len, sha256);
	if ((text.len > 0) != r->has_tree_file ||
	    (text.len && memcmp(sha256, r->tree_sha256, sizeof(sha256)) != 0))
		return ab_err_no(r->err, AB_TREE_PREFIX AB_TREE_FILE
				 ": modes, links or empty directories differ from it");
	if (b->manifest.len != expected.len ||
	    (expected.len && memcmp(b->manifest.data, expected.data, expected.len) != 0))
		return ab_manifest_explain(&b->manifest, &expected, r->err);
	return 0;
}

int ab_bundle_read(int fd, const struct ab_bundle_limits *limits, const struct ab_bundle_sink *sink,
		   struct ab_bundle *ret, struct ab_err *err)
{
	/* bagit.txt, the manifest and the tree file come on top of the nodes. */
	const struct ab_tar_limits tar = { .bytes = limits->bytes,
					   .entries = limits->files + 3,
					   .ratio = limits->ratio };
	ab_auto(ab_tar_reader_freep) struct ab_tar_reader *in = ab_tar_reader_new(
		fd, limits->threads ? limits->threads : ab_tar_threads(), &tar, err);
	struct reading r = {
		.in = in, .sink = sink, .bundle = ret, .max_files = limits->files, .err = err
	};

	if (!in || read_heads(&r) < 0 || read_nodes(&r) < 0)
		return -1;
	return check_whole(&r);
}

int ab_bundle_verify(int fd, const struct ab_bundle_limits *limits, struct ab_bundle *ret,
		     struct ab_err *err)
{
	return ab_bundle_read(fd, limits, NULL, ret, err);
}
