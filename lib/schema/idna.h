/* SPDX-License-Identifier: Apache-2.0 */
/* Host names with letters beyond ASCII: IDNA 2008 (RFC 5890 to 5893). Private to lib/schema. */
#ifndef AB_SCHEMA_IDNA_H
#define AB_SCHEMA_IDNA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AB_IDNA_LABEL 63 /* bytes of a label on the wire */

/* Whether a label is a U-label (RFC 5890 section 2.3.2.1): n code points, none of them a dot. */
bool ab_idna_is_label(const uint32_t *label, size_t n);

/* Whether the RFC 5893 Bidi rule is kept, and whether it has to be: by all labels of a name in which
 * one label has a character that is written from right to left (section 1.4). */
bool ab_idna_keeps_bidi_rule(const uint32_t *label, size_t n);
bool ab_idna_is_right_to_left(const uint32_t *label, size_t n);

/* Whether code points that are all PVALID stand in normalization form C (Unicode annex 15). */
bool ab_idna_is_composed(const uint32_t *label, size_t n);

/* The code points that Punycode (RFC 3492) encodes as the len bytes behind "xn--"; their number, 0
 * if that is none, or not the one way to write it, or if there is no room. */
size_t ab_idna_decode(const char *text, size_t len, uint32_t *out, size_t room);

/* How many bytes Punycode takes for a label; SIZE_MAX where that is beyond all labels. */
size_t ab_idna_encoded_length(const uint32_t *label, size_t n);

/* --- tables, ordered --- */

struct ab_idna_range {
	uint32_t first, last;
};
extern const struct ab_idna_range ab_idna_pvalid[];
extern const size_t ab_idna_pvalid_n;
extern const struct ab_idna_range ab_idna_marks[];
extern const size_t ab_idna_marks_n;
extern const struct ab_idna_range ab_idna_virama[];
extern const size_t ab_idna_virama_n;
extern const struct ab_idna_range ab_idna_join_ld[];
extern const size_t ab_idna_join_ld_n;
extern const struct ab_idna_range ab_idna_join_rd[];
extern const size_t ab_idna_join_rd_n;
extern const struct ab_idna_range ab_idna_join_t[];
extern const size_t ab_idna_join_t_n;
extern const struct ab_idna_range ab_idna_greek[];
extern const size_t ab_idna_greek_n;
extern const struct ab_idna_range ab_idna_hebrew[];
extern const size_t ab_idna_hebrew_n;
extern const struct ab_idna_range ab_idna_kana_han[];
extern const size_t ab_idna_kana_han_n;
extern const struct ab_idna_range ab_idna_bidi_r[];
extern const size_t ab_idna_bidi_r_n;
extern const struct ab_idna_range ab_idna_bidi_an[];
extern const size_t ab_idna_bidi_an_n;
extern const struct ab_idna_range ab_idna_bidi_en[];
extern const size_t ab_idna_bidi_en_n;
extern const struct ab_idna_range ab_idna_bidi_other[];
extern const size_t ab_idna_bidi_other_n;
extern const struct ab_idna_range ab_idna_bidi_nsm[];
extern const size_t ab_idna_bidi_nsm_n;

/* A code point and the two that it is composed of. */
struct ab_idna_pair {
	uint32_t composed, first, second;
};
extern const struct ab_idna_pair ab_idna_pairs[];
extern const size_t ab_idna_pairs_n;
/* Combining classes other than 0. */
struct ab_idna_order {
	uint32_t first, last, class;
};
extern const struct ab_idna_order ab_idna_orders[];
extern const size_t ab_idna_orders_n;

#endif
