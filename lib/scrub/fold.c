/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/fold.h"

#include "lib/base/auto.h"

static const struct ab_fold table[] = {
#include "lib/scrub/fold_table.inc"
};

/* Of each 64 code points those that are in the table, a bit each, and how many stand before. */
static const struct block {
	uint64_t bits;
	uint32_t before;
} blocks[] = {
#include "lib/scrub/fold_index.inc"
};

/* Without the instruction, which not every processor has, the compiler would call a function. */
static unsigned popcount(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	return ((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56;
}

/* Behind the index there are few: ideographs for compatibility, tags. */
static const struct ab_fold *search(uint32_t c)
{
	size_t lo = blocks[AB_ARRAY_SIZE(blocks) - 1].before, hi = AB_ARRAY_SIZE(table);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (table[mid].code == c)
			return &table[mid];
		if (table[mid].code < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct ab_fold *ab_fold(uint32_t c)
{
	const struct block *block;
	uint64_t bit = (uint64_t)1 << c % 64;

	if (c / 64 >= AB_ARRAY_SIZE(blocks))
		return search(c);
	block = &blocks[c / 64];
	if (!(block->bits & bit))
		return NULL;
	return &table[block->before + popcount(block->bits & (bit - 1))];
}
