/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what one atom of a pattern in PCRE2's syntax, of bytes, may stand for. */
#ifndef AB_SCRUB_ATOM_H
#define AB_SCRUB_ATOM_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t ab_atom_set[8]; /* of bytes, a bit each */

/* Adds one byte of the text, as a class, an escape or a plain character; moves *p behind it. false:
 * it is something else. */
bool ab_atom_read(ab_atom_set s, const char **p, bool caseless);

/* A class from behind its bracket to behind the closing one; *no: all but these. */
bool ab_atom_class(ab_atom_set s, const char **p, bool *no);

static inline bool ab_atom_has(const ab_atom_set s, unsigned char c)
{
	return s[c / 32] >> c % 32 & 1;
}

#endif
