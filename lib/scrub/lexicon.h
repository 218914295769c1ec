/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: a table of words, in the order of their bytes, each with what its owner says of it. */
#ifndef AB_SCRUB_LEXICON_H
#define AB_SCRUB_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AB_LEXICON_NONE SIZE_MAX
#define AB_LEXICON_PAD	8 /* bytes that are readable behind a word that is looked up */

struct ab_lexicon {
	const char *words; /* the first entry's, which it begins with; NUL-terminated */
	size_t stride, n;  /* bytes of an entry, entries */
	uint16_t *slots;   /* zero at first: room for the entries by their hash */
	size_t n_slots;	   /* a power of two, more than twice as many as entries */
	bool made;
};

/* The number of the entry that is the word, or AB_LEXICON_NONE. */
size_t ab_lexicon_find(struct ab_lexicon *l, const unsigned char *word, size_t len);

/* The number of the longest entry that the text begins with, of a script without spaces, where a character is
 * three bytes; AB_LEXICON_NONE. *ret_len: its bytes, or 0. */
size_t ab_lexicon_longest(const struct ab_lexicon *l, const unsigned char *text, size_t len, size_t *ret_len);

#endif
