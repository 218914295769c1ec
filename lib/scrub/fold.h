/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: what a character looks like in ASCII: full width and styled forms (Unicode
 * NFKC), confusables (UTS #39), letters without their accents, digits of all scripts, tag
 * characters; nothing for what no reader sees. The table is made by gen/fold_table.c.
 */
#ifndef AB_SCRUB_FOLD_H
#define AB_SCRUB_FOLD_H

#include <stddef.h>
#include <stdint.h>

/* One character of the table, ordered by code point. */
struct ab_fold {
	uint32_t code;
	char ascii[4]; /* up to three bytes, "" for what is not seen; NUL-padded */
};

/* The entry of a character from U+0080, NULL: it stands for itself. */
const struct ab_fold *ab_fold(uint32_t c);

#endif
