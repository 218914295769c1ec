/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/lexicon.h"

#include <endian.h>
#include <string.h>

static const char *word_of(const struct ab_lexicon *l, size_t i)
{
	return l->words + i * l->stride;
}

/* As strncmp; most words differ in their first letters, before it could be called. */
static int compare(const char *entry, const unsigned char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)entry[i] != word[i])
			return (unsigned char)entry[i] - word[i];
	return 0;
}

static size_t slot_of(const struct ab_lexicon *l, const unsigned char *word, size_t len)
{
	uint64_t hash = len, eight;

	for (size_t i = 0; i < len; i += sizeof(eight)) {
		memcpy(&eight, word + i, sizeof(eight));
		eight = le64toh(eight);
		if (len - i < sizeof(eight))
			eight &= ((uint64_t)1 << 8 * (len - i)) - 1;
		hash = (hash ^ eight) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
	}
	return hash & (l->n_slots - 1);
}

/* Once, when the first word is looked up: the entries' numbers + 1. */
static void make(struct ab_lexicon *l)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t len = strlen(word_of(l, i)), at;
		unsigned char padded[64 + AB_LEXICON_PAD] = { 0 }; /* the last entry has nothing behind it */

		memcpy(padded, word_of(l, i), len);
		for (at = slot_of(l, padded, len); l->slots[at];)
			at = (at + 1) & (l->n_slots - 1);
		l->slots[at] = (uint16_t)(i + 1);
	}
	l->made = true;
}

size_t ab_lexicon_find(struct ab_lexicon *l, const unsigned char *word, size_t len)
{
	if (!l->made)
		make(l);
	for (size_t at = slot_of(l, word, len); l->slots[at]; at = (at + 1) & (l->n_slots - 1)) {
		const char *entry = word_of(l, l->slots[at] - 1u);

		if (compare(entry, word, len) == 0 && !entry[len])
			return l->slots[at] - 1u;
	}
	return AB_LEXICON_NONE;
}

/* The first entry that does not stand before the bytes. */
static size_t lower_bound(const struct ab_lexicon *l, const unsigned char *word, size_t len)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare(word_of(l, mid), word, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t ab_lexicon_longest(const struct ab_lexicon *l, const unsigned char *text, size_t len, size_t *ret_len)
{
	size_t found = AB_LEXICON_NONE;

	*ret_len = 0;
	for (size_t i = lower_bound(l, text, 3); i < l->n && compare(word_of(l, i), text, 3) == 0; i++) {
		size_t n = strlen(word_of(l, i));

		if (n <= len && n > *ret_len && memcmp(word_of(l, i), text, n) == 0) {
			*ret_len = n;
			found = i;
		}
	}
	return found;
}
