/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of a bundle and what has to hold among them; private to the room. */
#ifndef AB_BUNDLE_NODES_H
#define AB_BUNDLE_NODES_H

#include "lib/bundle/package.h"

#define AB_TREE_FILE   ".agentbox-tree" /* reserved at the top of a tree */
#define AB_TREE_BAGIT  "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#define AB_TREE_PREFIX "data/"

/* Adds a node; copies the strings. NULL: out of memory. */
struct ab_node *ab_nodes_add(struct ab_bundle *b, enum ab_node_kind kind, const char *path,
			     const char *target, struct ab_err *err);

/* Moves all the nodes of another tree behind the ones that are there. */
int ab_nodes_move(struct ab_bundle *b, struct ab_bundle *from, struct ab_err *err);

/* Sorts by path. */
void ab_nodes_sort(struct ab_bundle *b);

/* The node of exactly this path (len bytes) among the first n, NULL if there is none. */
struct ab_node *ab_nodes_find(const struct ab_bundle *b, size_t n, const char *path, size_t len);

/*
 * Checks what the links of a sorted tree lead to, and gives those that lead to a file its hash.
 */
int ab_nodes_links(struct ab_bundle *b, struct ab_err *err);

/* Appends the text of data/.agentbox-tree; nothing if none is needed. */
void ab_nodes_text(const struct ab_bundle *b, struct ab_buf *out);

/* Finds the nodes beneath a directory, except those that the patterns exclude, in up to `threads`
 * threads. Sorted. */
int ab_nodes_walk(const struct ab_bundle_source *source, const struct ab_bundle_limits *limits,
		  unsigned threads, struct ab_bundle *ret, struct ab_err *err);

#endif
