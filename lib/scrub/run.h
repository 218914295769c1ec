/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: runs of character classes, and the places that call for a view, found 64
 * bytes a step with vector loops where the processor has them.
 */
#ifndef AB_SCRUB_RUN_H
#define AB_SCRUB_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/simd.h"

enum ab_scrub_run {
	AB_RUN_NUMBER = 1 << 0,	 /* a word of digits and single separators, nine digits or more */
	AB_RUN_BASE64 = 1 << 1,	 /* AB_RUN_BASE64_MIN or more of A-Z a-z 0-9 + / - _ */
	AB_RUN_AT = 1 << 2,	 /* an "@" */
	AB_RUN_NORM = 1 << 3,	 /* a byte or an escape that a normalised view reads otherwise */
	AB_RUN_SPACED = 1 << 4,	 /* four characters, each alone */
	AB_RUN_ADDRESS = 1 << 7, /* four numbers of up to three digits with dots between */
	AB_RUN_LIST = 1 << 8,	 /* three numbers with commas or spaces between */
	AB_RUN_CODE = 1 << 6,	 /* digits right behind two letters that start a word */
	AB_RUN_JOINED = 1 << 5,	 /* a comment or an emphasis between letters */
	AB_RUN_GROUPS = 1 << 9,	 /* words of one length, four letters or more, with one blank between */
	AB_RUN_TURNED = 1 << 11, /* a word that says that a text is turned */
	AB_RUN_BINARY = 1 << 12, /* 64 bytes that are no text in any encoding */
	AB_RUN_DENSE = 1 << 10,	 /* 32 bytes of letters, digits and many other signs, none of them blank */
};

/* Whether 64 bytes are no text: some of its controls and bytes beyond ASCII. */
bool ab_run_is_binary(const unsigned char p[64]);

/* Runs that anchor rules; the others call for views. */
#define AB_RUN_ANCHORS                                                                             \
	(AB_RUN_NUMBER | AB_RUN_ADDRESS | AB_RUN_LIST | AB_RUN_CODE | AB_RUN_BASE64 | AB_RUN_AT |         \
	 AB_RUN_GROUPS | AB_RUN_DENSE | AB_RUN_BINARY)

#define AB_RUN_BASE64_MIN  10
#define AB_RUN_BASE64_LONG 16 /* shorter ones have to look like text that is encoded */
#define AB_RUN_LONGEST	  ((size_t)1 << 20) /* a longer run is several hits, which overlap */
#define AB_RUN_OVERLAP	  ((size_t)8 << 10)
#define AB_RUN_PAD	  64 /* bytes that must be readable behind the text */
#define AB_RUN_HITS	  256

struct ab_run_hit {
	size_t at, end;
	uint32_t run; /* one bit of enum ab_scrub_run */
};

/* What a run's end, number of hits and place are kept in between calls; start with { 0 }. */
struct ab_runs {
	size_t at;		/* how far the text is done, a multiple of 64 */
	uint64_t digit, letter, blank; /* masks of the block before */
	uint64_t base64;
	size_t binary; /* up to where the last hit of that kind speaks for what follows it */
	size_t resume; /* where a run that is longer than one hit goes on, 0: none does */
	enum ab_simd simd; /* how it is done */
};

/*
 * Finds runs in text[r->at, end) of `size` bytes; fills at most AB_RUN_HITS hits, returns how many.
 * All is done when r->at reaches `end` (or passes it by less than 64).
 */
size_t ab_runs_scan(struct ab_runs *r, const unsigned char *text, size_t size, size_t end,
		    struct ab_run_hit *hits);

/* The bit of "number", "address", "list", "code", "base64", "at", "groups", "dense" or "binary"; 0: there is none. */
uint32_t ab_scrub_run_named(const char *name);

#endif
