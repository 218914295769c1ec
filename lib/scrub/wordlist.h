/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: lists of words, " as this one ", each of them between spaces. */
#ifndef AB_SCRUB_WORDLIST_H
#define AB_SCRUB_WORDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Whether [word, word + len) is one of the words; none is longer than 21 bytes. */
bool ab_wordlist_has(const char *words, const char *word, size_t len);

/* Whether the n bytes of a word stand at p, in either case: most places are none by their first letter, before anything
 * could be called. */
static inline bool ab_word_stands(const unsigned char *p, const char *word, size_t n)
{
	return !(((unsigned char)word[0] ^ p[0]) & 0xdf) && strncasecmp((const char *)p, word, n) == 0;
}

#endif
