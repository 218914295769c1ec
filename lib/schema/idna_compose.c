/* SPDX-License-Identifier: Apache-2.0 */
/* Normalization form C of labels: Unicode annex 15, as far as PVALID code points need it. */
#include <string.h>

#include "lib/schema/idna.h"

#define MOST (4 * AB_IDNA_LABEL) /* a code point decomposes into 4 at most */

static const struct ab_idna_pair *find_composed(uint32_t c)
{
	size_t low = 0, high = ab_idna_pairs_n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ab_idna_pairs[middle].composed)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ab_idna_pairs_n && ab_idna_pairs[low].composed == c ? &ab_idna_pairs[low]
									 : NULL;
}

/* What two code points compose to, 0 if they do not. */
static uint32_t compose(uint32_t first, uint32_t second)
{
	if (second < 0x300) /* no mark */
		return 0;
	for (size_t i = 0; i < ab_idna_pairs_n; i++)
		if (ab_idna_pairs[i].second == second && ab_idna_pairs[i].first == first)
			return ab_idna_pairs[i].composed;
	return 0;
}

static unsigned class_of(uint32_t c)
{
	size_t low = 0, high = ab_idna_orders_n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ab_idna_orders[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == ab_idna_orders_n || c < ab_idna_orders[low].first)
		return 0;
	return ab_idna_orders[low].class;
}

/* Puts a code point behind those that are there already, marks in canonical order. */
static size_t put(uint32_t *out, size_t n, uint32_t c)
{
	unsigned class = class_of(c);
	size_t at = n;

	while (class && at && class_of(out[at - 1]) > class) {
		out[at] = out[at - 1];
		at--;
	}
	out[at] = c;
	return n + 1;
}

static size_t decompose(const uint32_t *label, size_t n, uint32_t *out)
{
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = label[i], behind[4];
		size_t more = 0;
		const struct ab_idna_pair *pair;

		while (more < 3 && (pair = find_composed(c))) {
			behind[more++] = pair->second;
			c = pair->first;
		}
		made = put(out, made, c);
		while (more)
			made = put(out, made, behind[--more]);
	}
	return made;
}

/* The canonical composition of what decompose() left, in place. */
static size_t compose_all(uint32_t *text, size_t n)
{
	size_t starter = SIZE_MAX, made = 0;
	unsigned before = 0; /* class of what was kept since the starter; 0: nothing */

	for (size_t i = 0; i < n; i++) {
		unsigned class = class_of(text[i]);
		bool blocked = starter != SIZE_MAX && made - starter > 1 &&
			       (before >= class || !class);
		uint32_t c = starter == SIZE_MAX || blocked ? 0 : compose(text[starter], text[i]);

		if (c) {
			text[starter] = c;
			continue;
		}
		if (!class)
			starter = made;
		before = class;
		text[made++] = text[i];
	}
	return made;
}

bool ab_idna_is_composed(const uint32_t *label, size_t n)
{
	uint32_t text[MOST];
	size_t made = n > AB_IDNA_LABEL ? 0 : compose_all(text, decompose(label, n, text));

	return made == n && memcmp(text, label, n * sizeof(*label)) == 0;
}
