/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: building normalised views, bytes of the parent to bytes of the view. */
#ifndef AB_SCRUB_NORM_H
#define AB_SCRUB_NORM_H

#include "lib/scrub/view.h"

/* Builds a view of a text of its parent. */
typedef void ab_build_fn(struct ab_view *v, const unsigned char *text, size_t len);

/* One step of all linear decoders: Unicode folded, %XX, entities and backslash escapes decoded. Where
 * there are none the view is left without a kind. */
void ab_norm_build(struct ab_view *v, const unsigned char *text, size_t len);

/* The same of one kind alone: where there are several, another one may be a part of what is hidden. */
void ab_fold_build(struct ab_view *v, const unsigned char *text, size_t len);
void ab_percent_build(struct ab_view *v, const unsigned char *text, size_t len);
void ab_entity_build(struct ab_view *v, const unsigned char *text, size_t len);
void ab_escape_build(struct ab_view *v, const unsigned char *text, size_t len);

/* Whether there is a character beyond ASCII; most escapes stand where there is none. */
bool ab_norm_has_high(const unsigned char *text, size_t len);

/*
 * The same for a text with letters beyond ASCII, which stay the letters that they are, but small:
 * what no reader sees is taken out from between them, and tag characters from between any. What is ASCII in another
 * shape becomes that, and letters of Greek and Cyrillic in a word of Latin ones.
 */
void ab_clean_build(struct ab_view *v, const unsigned char *text, size_t len);

/* What each run of tag characters spells, in a line of its own: nothing goes on before or behind it. */
void ab_tags_build(struct ab_view *v, const unsigned char *text, size_t len);

/*
 * words.c: words of a text with letters beyond ASCII that line ends, tabs, "_", "+", "|" or wide gaps
 * part, with a space in place of each. (Patterns in English take any sign between words for a space.)
 */
void ab_words_build(struct ab_view *v, const unsigned char *text, size_t len);

/* utf16.c: UTF-16 of either byte order to UTF-8; what is no character becomes U+FFFD. */
void ab_utf16le_build(struct ab_view *v, const unsigned char *text, size_t len);
void ab_utf16be_build(struct ab_view *v, const unsigned char *text, size_t len);

/* The same of Latin letters in the middle of other text, wherever they begin. */
void ab_utf16_inside_build(struct ab_view *v, const unsigned char *text, size_t len);

/* Whether bytes are UTF-16 with a mark, or of another script than Latin: every other one says which. */
enum ab_utf16_order { AB_UTF16_NONE, AB_UTF16_LITTLE, AB_UTF16_BIG };
enum ab_utf16_order ab_utf16_script(const unsigned char *text, size_t size);
/* Whether that may be said of what begins with these bytes: of most noise it may not. */
#define AB_UTF16_HEAD 6
bool ab_utf16_may_begin(const unsigned char head[AB_UTF16_HEAD]);

/* Whether a text is UTF-16 by its mark, by the zeros of its Latin letters or, if it was in base64 or hexadecimal, by its
 * script: which of these reads it, NULL: it is none. kinds: how it was decoded, 0: not at all. */
ab_build_fn *ab_utf16_builder(const unsigned char *text, size_t size, uint32_t kinds);

/* spaced.c: "i g n o r e", "e.v.a.l", "r m   - r f": single characters with one separator drawn together. */
void ab_spaced_build(struct ab_view *v, const unsigned char *text, size_t len);

/* codes.c: letters that are written as code points, in quoted-printable or as strings of a letter or two each. */
void ab_codes_build(struct ab_view *v, const unsigned char *text, size_t len);

/* shell.c: blanks and words of commands that a shell alone sees as that. */
void ab_shell_build(struct ab_view *v, const unsigned char *text, size_t len);

/* listed.c: strings that are joined from a list. */
void ab_listed_build(struct ab_view *v, const unsigned char *text, size_t len);

/* joined.c: comments, tags, emphasis and string joins that stand between letters taken out. */
void ab_joined_build(struct ab_view *v, const unsigned char *text, size_t len);

#endif
