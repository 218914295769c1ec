/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/tree.h"

#include <stdio.h>
#include <string.h>

void ab_tree_leaf(const void *entry, size_t len, unsigned char out[AB_SHA256_SIZE])
{
	struct ab_sha256 s;

	ab_sha256_init(&s);
	ab_sha256_add(&s, "\0", 1);
	ab_sha256_add(&s, entry, len);
	ab_sha256_end(&s, out);
}

void ab_tree_leaf_two(const void *entry, size_t len, unsigned char out[AB_SHA256_SIZE],
		      const void *other, size_t other_len, unsigned char other_out[AB_SHA256_SIZE])
{
	struct ab_sha256 s, t;

	ab_sha256_init(&s);
	ab_sha256_init(&t);
	ab_sha256_add(&s, "\0", 1);
	ab_sha256_add(&t, "\0", 1);
	ab_sha256_add_two(&s, entry, len, &t, other, other_len);
	ab_sha256_end_two(&s, out, &t, other_out);
}

void ab_tree_node(const unsigned char *left, const unsigned char *right,
		  unsigned char out[AB_SHA256_SIZE])
{
	unsigned char both[1 + 2 * AB_SHA256_SIZE] = { 1 };

	memcpy(both + 1, left, AB_SHA256_SIZE);
	memcpy(both + 1 + AB_SHA256_SIZE, right, AB_SHA256_SIZE);
	ab_sha256(both, sizeof(both), out);
}

/* The row above 2 * n hashes. It may stand where they do. */
static void row_above(const unsigned char *hashes, size_t n, unsigned char (*out)[AB_SHA256_SIZE])
{
	size_t i = 0;

	for (; i + 2 <= n; i += 2) {
		struct ab_sha256 s, t;

		ab_sha256_init(&s);
		ab_sha256_init(&t);
		ab_sha256_add(&s, "\1", 1);
		ab_sha256_add(&t, "\1", 1);
		ab_sha256_add_two(&s, hashes + 2 * i * AB_SHA256_SIZE, 2 * AB_SHA256_SIZE, &t,
				  hashes + (2 * i + 2) * AB_SHA256_SIZE, 2 * AB_SHA256_SIZE);
		ab_sha256_end_two(&s, out[i], &t, out[i + 1]);
	}
	if (i < n)
		ab_tree_node(hashes + 2 * i * AB_SHA256_SIZE,
			     hashes + (2 * i + 1) * AB_SHA256_SIZE, out[i]);
}

void ab_tree_perfect(const unsigned char *hashes, size_t n, unsigned char out[AB_SHA256_SIZE])
{
	unsigned char row[AB_TILE_WIDTH / 2][AB_SHA256_SIZE];

	if (n == 1) {
		memcpy(out, hashes, AB_SHA256_SIZE);
		return;
	}
	row_above(hashes, n / 2, row);
	for (n /= 2; n > 1; n /= 2)
		row_above(row[0], n / 2, row);
	memcpy(out, row[0], AB_SHA256_SIZE);
}

int ab_tree_add(struct ab_tree *t, const unsigned char leaf[AB_SHA256_SIZE], ab_tile_fn *whole,
		void *arg, struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE];
	uint64_t n = t->size++;

	memcpy(hash, leaf, sizeof(hash));
	for (int level = 0; level < AB_TILE_LEVELS; level++, n >>= 8) {
		unsigned at = (unsigned)n & (AB_TILE_WIDTH - 1);

		memcpy(t->edge[level][at], hash, sizeof(hash));
		if (at != AB_TILE_WIDTH - 1)
			break;
		if (whole && whole(arg, level, n >> 8, t->edge[level][0], err) < 0)
			return -1;
		ab_tree_perfect(t->edge[level][0], AB_TILE_WIDTH, hash);
	}
	return 0;
}

void ab_tree_root(const struct ab_tree *t, unsigned char out[AB_SHA256_SIZE])
{
	bool any = false;

	/* From the smallest perfect subtree, on the right, to the largest. */
	for (int bit = 0; bit < 8 * AB_TILE_LEVELS; bit++) {
		int level = bit / 8;
		size_t width = (size_t)1 << (bit % 8), at;
		unsigned char hash[AB_SHA256_SIZE];

		if (!(t->size >> bit & 1))
			continue;
		at = ab_tile_partial(t->size, level) & ~(2 * width - 1);
		ab_tree_perfect(t->edge[level][at], width, hash);
		if (any)
			ab_tree_node(hash, out, out);
		else
			memcpy(out, hash, sizeof(hash));
		any = true;
	}
	if (!any)
		ab_sha256("", 0, out);
}

void ab_tile_path(int level, uint64_t n, unsigned width, char out[AB_TILE_PATH])
{
	char number[40] = "";
	char *p = number + sizeof(number) - 1;
	int len;

	/* Groups of three digits from the right, all but the last prefixed with x. */
	for (bool last = true; last || n > 0; last = false, n /= 1000) {
		char group[8];

		len = snprintf(group, sizeof(group), last ? "%03u" : "x%03u/",
			       (unsigned)(n % 1000));
		p -= len;
		memcpy(p, group, (size_t)len);
	}
	if (level == AB_TILE_ENTRIES)
		len = snprintf(out, AB_TILE_PATH, "tile/entries/%s", p);
	else
		len = snprintf(out, AB_TILE_PATH, "tile/%d/%s", level, p);
	/* The longest is far below AB_TILE_PATH: 7 groups of a 64-bit number. */
	if (width != AB_TILE_WIDTH)
		(void)snprintf(out + len, AB_TILE_PATH - (size_t)len, ".p/%u", width);
}
