/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/wordlist.h"

#include <string.h>

bool ab_wordlist_has(const char *words, const char *word, size_t len)
{
	char spaced[24];

	if (len + 3 > sizeof(spaced))
		return false;
	spaced[0] = ' ';
	memcpy(spaced + 1, word, len);
	spaced[len + 1] = ' ';
	spaced[len + 2] = '\0';
	return strstr(words, spaced) != NULL;
}
