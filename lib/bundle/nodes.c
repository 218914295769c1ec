/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/nodes.h"

#include <string.h>

#include "lib/bundle/name.h"

#define MAX_LINKS 40 /* in a row, as the kernel has it */

void ab_bundle_free(struct ab_bundle *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->nodes[i].path);
		free(b->nodes[i].target);
	}
	free(b->nodes);
	ab_buf_free(&b->manifest);
	*b = (struct ab_bundle){ 0 };
}

struct ab_node *ab_nodes_add(struct ab_bundle *b, enum ab_node_kind kind, const char *path,
			     const char *target, struct ab_err *err)
{
	struct ab_node *node;

	if (b->n == b->capacity) {
		size_t capacity = b->capacity ? 2 * b->capacity : 64;
		struct ab_node *nodes = reallocarray(b->nodes, capacity, sizeof(*nodes));

		if (!nodes) {
			ab_err_memory(err);
			return NULL;
		}
		b->nodes = nodes;
		b->capacity = capacity;
	}
	node = &b->nodes[b->n];
	*node = (struct ab_node){ .kind = kind };
	node->path = strdup(path);
	node->target = target ? strdup(target) : NULL;
	b->n++;
	if (node->path && (node->target || !target))
		return node;
	ab_err_memory(err);
	return NULL;
}

int ab_nodes_move(struct ab_bundle *b, struct ab_bundle *from, struct ab_err *err)
{
	struct ab_node *nodes;

	if (from->n == 0)
		return 0;
	nodes = reallocarray(b->nodes, b->n + from->n, sizeof(*nodes));
	if (!nodes)
		return ab_err_memory(err);
	memcpy(nodes + b->n, from->nodes, from->n * sizeof(*nodes));
	b->nodes = nodes;
	b->capacity = b->n += from->n;
	free(from->nodes);
	from->nodes = NULL;
	from->n = from->capacity = 0;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct ab_node *)a)->path, ((const struct ab_node *)b)->path);
}

void ab_nodes_sort(struct ab_bundle *b)
{
	if (b->n)
		qsort(b->nodes, b->n, sizeof(*b->nodes), compare);
}

/* The first of the first n nodes that is not before these len bytes. */
static size_t lower_bound(const struct ab_bundle *b, size_t n, const char *path, size_t len)
{
	size_t from = 0;

	while (n > 0) {
		size_t half = n / 2;
		const char *at = b->nodes[from + half].path;

		/* A path of which ours is a prefix is not before it. */
		if (strncmp(at, path, len) < 0) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}

struct ab_node *ab_nodes_find(const struct ab_bundle *b, size_t n, const char *path, size_t len)
{
	size_t i = lower_bound(b, n, path, len);

	if (i < n && strncmp(b->nodes[i].path, path, len) == 0 && b->nodes[i].path[len] == '\0')
		return &b->nodes[i];
	return NULL;
}

static bool has_beneath(const struct ab_bundle *b, const char *directory)
{
	ab_auto(ab_buf_free) struct ab_buf prefix = { 0 };
	size_t i;

	ab_buf_adds(&prefix, directory);
	ab_buf_addc(&prefix, '/');
	if (prefix.failed)
		return false;
	i = lower_bound(b, b->n, prefix.data, prefix.len);
	return i < b->n && strncmp(b->nodes[i].path, prefix.data, prefix.len) == 0;
}

static int refuse(const struct ab_node *link, const char *why, struct ab_err *err)
{
	return ab_err_no(err, "%.300s: link to %.150s: %s", link->path, link->target, why);
}

/* Where a link leads: the path in the tree, into `ret`. */
static int lead(const struct ab_node *link, struct ab_buf *ret, struct ab_err *err)
{
	const char *slash = strrchr(link->path, '/'), *rest = link->target;
	size_t keep = slash ? (size_t)(slash - link->path) : 0;
	struct ab_err why = { 0 };

	if (*rest == '/')
		return refuse(link, "absolute", err);
	while (strncmp(rest, "../", 3) == 0) {
		if (keep == 0)
			return refuse(link, "leads out of the tree", err);
		while (keep > 0 && link->path[--keep] != '/')
			;
		rest += 3;
	}
	if (ab_name_check(rest, strlen(rest), &why) < 0)
		return refuse(link, "not a normalised path to something below", err);
	ab_buf_clear(ret);
	ab_buf_add(ret, link->path, keep);
	if (keep)
		ab_buf_addc(ret, '/');
	ab_buf_adds(ret, rest);
	return ab_buf_ok(ret, err);
}

/* Follows a link to its end; a file's hash becomes the link's. */
static int follow(const struct ab_bundle *b, struct ab_node *link, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf at = { 0 };
	const struct ab_node *end = link;

	for (int i = 0; end && end->kind == AB_NODE_LINK; i++) {
		if (i == MAX_LINKS)
			return refuse(link, "links in a circle", err);
		if (lead(end, &at, err) < 0)
			return -1;
		end = ab_nodes_find(b, b->n, at.data, at.len);
	}
	if (end && end->kind == AB_NODE_FILE) {
		memcpy(link->sha256, end->sha256, sizeof(link->sha256));
		link->hashed = true;
		return 0;
	}
	if (!end && !has_beneath(b, at.data))
		return refuse(link, "leads to nothing in the tree", err);
	if (strncmp(link->path, at.data, at.len) == 0 && link->path[at.len] == '/')
		return refuse(link, "leads to a directory that holds it", err);
	return 0;
}

int ab_nodes_links(struct ab_bundle *b, struct ab_err *err)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->nodes[i].kind == AB_NODE_LINK && follow(b, &b->nodes[i], err) < 0)
			return -1;
	return 0;
}

void ab_nodes_text(const struct ab_bundle *b, struct ab_buf *out)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct ab_node *node = &b->nodes[i];

		if (node->kind == AB_NODE_FILE && !node->executable)
			continue;
		ab_buf_adds(out, node->kind == AB_NODE_FILE	   ? "executable\t"
				 : node->kind == AB_NODE_DIRECTORY ? "directory\t"
								   : "link\t");
		ab_buf_adds(out, node->path);
		if (node->kind == AB_NODE_LINK) {
			ab_buf_addc(out, '\t');
			ab_buf_adds(out, node->target);
		}
		ab_buf_addc(out, '\n');
	}
}
