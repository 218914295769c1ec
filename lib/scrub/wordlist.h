/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: lists of words, " as this one ", each of them between spaces. */
#ifndef AB_SCRUB_WORDLIST_H
#define AB_SCRUB_WORDLIST_H

#include <stdbool.h>
#include <stddef.h>

/* Whether [word, word + len) is one of the words; none is longer than 21 bytes. */
bool ab_wordlist_has(const char *words, const char *word, size_t len);

#endif
