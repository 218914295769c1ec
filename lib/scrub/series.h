/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: text that is written as the numbers of its bytes, "72, 101" or "48:65". */
#ifndef AB_SCRUB_SERIES_H
#define AB_SCRUB_SERIES_H

#include "lib/scrub/view.h"

/* What says of bytes, one after another, whether they are text: start with { 0 }. */
struct ab_text_probe {
	size_t n, plain;
	unsigned more; /* bytes that a UTF-8 sequence still has */
};

/* Takes a byte: printable, a line's end, or the next one of a UTF-8 sequence is plain. */
static inline void ab_text_probe_add(struct ab_text_probe *p, unsigned char c)
{
	p->n++;
	if (p->more && (c & 0xc0) == 0x80) {
		p->more--;
		p->plain++;
		return;
	}
	p->more = c >= 0xc2 && c < 0xe0	  ? 1
		  : c >= 0xe0 && c < 0xf0 ? 2
		  : c >= 0xf0 && c < 0xf5 ? 3
					  : 0;
	p->plain += p->more || (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' || c == '\r';
}

/* Where hexadecimal numbers begin that stand before text[at] and belong to it, not before `lo`. */
size_t ab_series_begin(const unsigned char *text, size_t at, size_t lo);

/*
 * Builds the bytes that a series around text[at, end) stands for, read as hexadecimal or decimal
 * numbers, looking at [lo, hi) alone and OVERLAP bytes at most on each side; each maps to its
 * number. Nothing, if that is no text. Returns where another one may begin before `end`, beyond `at`.
 */
size_t ab_series_build(struct ab_view *v, const unsigned char *text, size_t at, size_t end, size_t lo,
		       size_t hi, bool hex);

#endif
