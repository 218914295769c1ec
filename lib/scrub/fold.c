/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/fold.h"

#include "lib/base/auto.h"

static const struct ab_fold table[] = {
#include "lib/scrub/fold_table.inc"
};

const struct ab_fold *ab_fold(uint32_t c)
{
	size_t lo = 0, hi = AB_ARRAY_SIZE(table);

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
