/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/manifest.h"

#include <string.h>

#include "lib/bundle/name.h"
#include "lib/bundle/nodes.h"

#define HEX (2 * AB_SHA256_SIZE)

void ab_manifest_add(struct ab_buf *out, const char *path,
		     const unsigned char sha256[AB_SHA256_SIZE])
{
	char text[AB_SHA256_TEXT];

	ab_sha256_text(sha256, text);
	ab_buf_adds(out, text + strlen("sha256:"));
	ab_buf_adds(out, "  " AB_TREE_PREFIX);
	ab_buf_adds(out, path);
	ab_buf_addc(out, '\n');
}

static size_t line_size(const char *path)
{
	return HEX + strlen("  " AB_TREE_PREFIX) + strlen(path) + 1;
}

int ab_manifest_size(const struct ab_bundle *b, size_t *ret, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	ab_nodes_text(b, &text);
	if (ab_buf_ok(&text, err) < 0)
		return -1;
	*ret = text.len ? line_size(AB_TREE_FILE) : 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->nodes[i].hashed)
			*ret += line_size(b->nodes[i].path);
	return 0;
}

int ab_manifest_write(const struct ab_bundle *b, struct ab_buf *out, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	unsigned char sha256[AB_SHA256_SIZE];
	bool written = false;

	ab_nodes_text(b, &text);
	if (ab_buf_ok(&text, err) < 0)
		return -1;
	if (text.len)
		ab_sha256(text.data, text.len, sha256);
	for (size_t i = 0; i < b->n; i++) {
		const struct ab_node *node = &b->nodes[i];

		if (text.len && !written && strcmp(node->path, AB_TREE_FILE) > 0) {
			ab_manifest_add(out, AB_TREE_FILE, sha256);
			written = true;
		}
		if (node->hashed)
			ab_manifest_add(out, node->path, node->sha256);
	}
	if (text.len && !written)
		ab_manifest_add(out, AB_TREE_FILE, sha256);
	return ab_buf_ok(out, err);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(const char *text, unsigned char out[AB_SHA256_SIZE])
{
	for (size_t i = 0; i < AB_SHA256_SIZE; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

int ab_manifest_next(const char **at, const char *end, struct ab_manifest_line *ret,
		     struct ab_err *err)
{
	static const char middle[] = "  " AB_TREE_PREFIX;
	const size_t head = HEX + sizeof(middle) - 1;
	const char *line = *at;
	const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (line == end)
		return 0;
	if (!newline || (size_t)(newline - line) <= head || !parse_hex(line, ret->sha256) ||
	    memcmp(line + HEX, middle, sizeof(middle) - 1) != 0)
		return ab_err_no(err, "not a line of a manifest");
	ret->path = line + head;
	ret->path_len = (size_t)(newline - ret->path);
	*at = newline + 1;
	return ab_name_check(ret->path, ret->path_len, err) < 0 ? -1 : 1;
}

static int compare_paths(const struct ab_manifest_line *a, const struct ab_manifest_line *b)
{
	size_t len = a->path_len < b->path_len ? a->path_len : b->path_len;
	int order = memcmp(a->path, b->path, len);

	return order ? order : (a->path_len > b->path_len) - (a->path_len < b->path_len);
}

static int differ(const struct ab_manifest_line *l, const char *what, struct ab_err *err)
{
	return ab_err_no(err, AB_TREE_PREFIX "%.*s: %s",
			 (int)(l->path_len > 300 ? 300 : l->path_len), l->path, what);
}

int ab_manifest_explain(const struct ab_buf *manifest, const struct ab_buf *expected,
			struct ab_err *err)
{
	const char *at = manifest->data, *end = at + manifest->len;
	const char *want = expected->data, *want_end = want + expected->len;

	for (size_t n = 1;; n++) {
		struct ab_manifest_line is = { 0 }, should = { 0 };
		int more = ab_manifest_next(&at, end, &is, err), order;

		if (more < 0)
			return ab_err_prefix(err, "manifest-sha256.txt: line %zu: ", n);
		if (ab_manifest_next(&want, want_end, &should, err) != 1)
			return more ? differ(&is, "in the manifest and not in the archive", err)
				    : ab_err_no(err, "manifest-sha256.txt: not in canonical form");
		order = more ? compare_paths(&is, &should) : 1;
		if (order > 0)
			return differ(&should, "not in the manifest", err);
		if (order < 0)
			return differ(&is, "in the manifest and not in the archive", err);
		if (memcmp(is.sha256, should.sha256, AB_SHA256_SIZE) != 0)
			return differ(&is, "not what the manifest says", err);
	}
}
