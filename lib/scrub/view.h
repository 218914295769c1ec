/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: a view is a text that stands for a part of the document, with a map back.
 * The document itself is the first view; others are decoded or normalised from a view, their
 * parent.
 */
#ifndef AB_SCRUB_VIEW_H
#define AB_SCRUB_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"

/* How a view was made; a rule names the kinds that it looks at. "norm" is any of the first six. */
enum ab_scrub_view_kind {
	AB_VIEW_RAW = 1 << 0,  /* the document, or a JSON document's strings and numbers */
	AB_VIEW_FOLD = 1 << 1, /* Unicode to the ASCII it looks like; invisible characters gone */
	AB_VIEW_PERCENT = 1 << 2, /* %XX */
	AB_VIEW_ENTITY = 1 << 3,  /* &#NN; &name; */
	AB_VIEW_ESCAPE = 1 << 4,  /* \uXXXX \xXX \/ */
	AB_VIEW_UTF16 = 1 << 5,
	AB_VIEW_BASE64 = 1 << 6,
	AB_VIEW_HEX = 1 << 7,
	AB_VIEW_SPACED = 1 << 8, /* single letters drawn together */
	AB_VIEW_JOINED = 1 << 9, /* comments, tags and string joins between letters taken out */
	AB_VIEW_JSON = 1 << 10,
	AB_VIEW_TURNED = 1 << 11, /* what is said to be backwards, ROT13 or leet, turned */
};
#define AB_VIEW_ALL ((1u << 12) - 1)

/*
 * A run of a map: view bytes [out, out of the next run) come from parent bytes [in, in + in_len).
 * A unit maps as a whole (any of its bytes is all of it); else byte for byte, in_len bytes, or
 * escape for character.
 */
struct ab_map_run {
	uint32_t out, in, in_len;
	bool unit;
	bool quoted; /* of a JSON string with escapes: it is read again to find a place in it */
};

struct ab_map {
	struct ab_map_run *runs;
	size_t n, capacity;
	bool failed; /* out of memory */
};

struct ab_view {
	const unsigned char *text; /* AB_HOLD_PAD readable bytes follow */
	size_t size;
	const struct ab_hold *hold; /* what the text is mapped from, or NULL */
	const struct ab_view *parent; /* NULL: the document */
	size_t base;		      /* what the map's `in` counts from, in the parent */
	struct ab_map map;	      /* unused without a parent */
	struct ab_buf buf;	      /* what text points into, if it is the view's own */
	const uint32_t *segments; /* begins of parts that no match may cross, ascending; or NULL */
	size_t n_segments;
	uint32_t kinds; /* of this step, enum ab_scrub_view_kind */
	uint32_t apart; /* those of them that hide letters near to another one */
	bool is_apart;	/* it, or what it was made of, shows one kind of escapes undone alone, which is done once */
	unsigned depth; /* decoding steps from the document */
	enum {
		AB_VIEW_ALONE,
		AB_VIEW_BESIDE, /* a value [value, value_end) between what stands beside it, which is decoded elsewhere */
		AB_VIEW_WITHIN	/* made of such a view */
	} beside;
	size_t value, value_end;
};

/* Adds len bytes that stand for parent bytes [in, in + len), byte for byte. */
void ab_view_copy(struct ab_view *v, const unsigned char *bytes, size_t in, size_t len);
/* Notes that the next bytes of the view, from `out` on, stand for the part of a JSON string at [in, in + in_len). */
void ab_view_quoted(struct ab_view *v, size_t out, size_t in, size_t in_len);
/* Adds len bytes that stand for parent bytes [in, in + in_len) as a whole. */
void ab_view_unit(struct ab_view *v, const void *bytes, size_t len, size_t in, size_t in_len);
/* Adds a character that stands for in_len bytes; what is none becomes U+FFFD, so that no escape hides
 * another. */
void ab_view_put(struct ab_view *v, uint32_t c, size_t in, size_t in_len);
/* Ends the building: text, size and the pad. -1: out of memory. */
int ab_view_finish(struct ab_view *v, struct ab_err *err);
/* Empties it for the next piece, keeping memory. */
void ab_view_clear(struct ab_view *v);
void ab_view_free(struct ab_view *v);

/* Turns [*start, *end) of the view (not empty) into bytes of the document. */
void ab_view_to_source(const struct ab_view *v, size_t *start, size_t *end);

/* The part [*lo, *hi) of the view that holds `at` and that no match may leave. */
void ab_view_segment(const struct ab_view *v, size_t at, size_t *lo, size_t *hi);

/* Writes "raw", "json", "json>percent+fold>base64" into out. */
void ab_view_path(const struct ab_view *v, char *out, size_t size);

const char *ab_view_kind_name(unsigned bit);
/* The kind of that name ("norm" is several), 0 if there is none. */
uint32_t ab_view_kind_named(const char *name);

#endif
