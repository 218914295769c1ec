/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of RFC 6962 section 2.1 in the tiles of C2SP tlog-tiles: 256 hashes wide, level 0
 * the leaves, level L + 1 the roots of whole tiles of level L. Private to lib/audit.
 */
#ifndef AB_AUDIT_TREE_H
#define AB_AUDIT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/crypto/sha256.h"

#define AB_TILE_WIDTH	256
#define AB_TILE_SIZE	(AB_TILE_WIDTH * AB_SHA256_SIZE)
#define AB_TILE_LEVELS	7    /* enough for 2^56 leaves */
#define AB_TILE_ENTRIES (-1) /* the "level" of entry bundles */
#define AB_TILE_PATH	96

/* The right edge of a tree: the hashes of the unfinished tile of each level, which is enough to go
 * on from and to compute the root. Starts as zeros. 64 KiB: allocate it. */
struct ab_tree {
	uint64_t size;
	unsigned char edge[AB_TILE_LEVELS][AB_TILE_WIDTH][AB_SHA256_SIZE];
};

/* Called with each tile that becomes whole. */
typedef int ab_tile_fn(void *arg, int level, uint64_t n, const unsigned char *hashes,
		       struct ab_err *err);

/* SHA-256(0x00, entry) and SHA-256(0x01, left, right). */
void ab_tree_leaf(const void *entry, size_t len, unsigned char out[AB_SHA256_SIZE]);
/* Of two entries at once, which is faster. */
void ab_tree_leaf_two(const void *entry, size_t len, unsigned char out[AB_SHA256_SIZE],
		      const void *other, size_t other_len, unsigned char other_out[AB_SHA256_SIZE]);
void ab_tree_node(const unsigned char *left, const unsigned char *right,
		  unsigned char out[AB_SHA256_SIZE]);

/* Root of n hashes side by side, n a power of two of at most 256. */
void ab_tree_perfect(const unsigned char *hashes, size_t n, unsigned char out[AB_SHA256_SIZE]);

/* Adds a leaf hash; `whole` (may be NULL) sees each finished tile, lowest level first. */
int ab_tree_add(struct ab_tree *t, const unsigned char leaf[AB_SHA256_SIZE], ab_tile_fn *whole,
		void *arg, struct ab_err *err);

void ab_tree_root(const struct ab_tree *t, unsigned char out[AB_SHA256_SIZE]);

/* How many hashes the unfinished tile of a level holds in a tree of `size`. */
static inline unsigned ab_tile_partial(uint64_t size, int level)
{
	return (unsigned)(size >> (8 * (level < 0 ? 0 : level))) & (AB_TILE_WIDTH - 1);
}

/* "tile/1/x001/067", with ".p/5" behind it for width 5 (256: a whole tile). */
void ab_tile_path(int level, uint64_t n, unsigned width, char out[AB_TILE_PATH]);

#endif
