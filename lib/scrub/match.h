/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the built-in matchers ("match") and validators ("checks") by name. */
#ifndef AB_SCRUB_MATCH_H
#define AB_SCRUB_MATCH_H

#include "lib/scrub/policy.h"

/* NULL: no such matcher or validator. */
ab_scrub_match_fn *ab_scrub_match_named(const char *name);
ab_scrub_check_fn *ab_scrub_check_named(const char *name);

/* The same by numbers, which are those of one build alone: from 1 on, 0 for NULL and for what is none. */
size_t ab_scrub_match_number(ab_scrub_match_fn *match);
size_t ab_scrub_check_number(ab_scrub_check_fn *check);
ab_scrub_match_fn *ab_scrub_match_numbered(size_t number);
ab_scrub_check_fn *ab_scrub_check_numbered(size_t number);

/* url.c, domain.c, defanged.c: an external URL around "://" or behind a scheme; "//host"; a bare or
 * defanged name. */
ab_scrub_match_fn ab_scrub_match_url;
ab_scrub_match_fn ab_scrub_match_url_relative;
ab_scrub_match_fn ab_scrub_match_domain;
ab_scrub_match_fn ab_scrub_match_defanged;
ab_scrub_check_fn ab_scrub_check_external;

/* card.c, person.c: numbers that name a person or an account. */
ab_scrub_match_fn ab_scrub_match_card;	/* Luhn and an issuer's prefix and length */
ab_scrub_match_fn ab_scrub_match_iban;	/* ISO 13616: country's length, mod 97 */
ab_scrub_match_fn ab_scrub_match_ssn;	/* areas, groups and serials that are issued */
ab_scrub_match_fn
	ab_scrub_match_ipv4; /* one that is routed: not private, loopback, documentation */
ab_scrub_match_fn ab_scrub_match_email;
ab_scrub_check_fn ab_scrub_check_luhn;
ab_scrub_check_fn ab_scrub_check_iban;
ab_scrub_check_fn ab_scrub_check_ipv6;
ab_scrub_check_fn ab_scrub_check_ip_public; /* begins with an address that is routed */

/* ident.c, national.c: numbers by which a state knows a person, behind a word that the rule has for
 * a literal; by their groups, dates and check digits. */
ab_scrub_match_fn ab_scrub_match_id_named;
ab_scrub_match_fn ab_scrub_match_person_id;
ab_scrub_match_fn ab_scrub_match_person_code;

/* birth.c: a date behind a word that says that somebody was born then. */
ab_scrub_match_fn ab_scrub_match_birth;

/* spoken.c: a number of seven digits and more, word by word, around one of its words. */
ab_scrub_match_fn ab_scrub_match_spoken;

/* phone.c: "+", 00 or North America by its shape, others by the word before; behind a word. */
ab_scrub_match_fn ab_scrub_match_phone;
ab_scrub_match_fn ab_scrub_match_phone_named;

/* order.c: words that together order a model to leave, show or lack its rules, in many languages. */
ab_scrub_match_fn ab_scrub_match_order;

/* likeness.c: sentences whose words are, together, much like those of such orders; the score, in
 * hundredths of the logarithm of the odds, and the sentences' span. */
ab_scrub_match_fn ab_scrub_match_likeness;
struct ab_likeness *ab_likeness_new(void); /* NULL: no memory; free() */
int ab_scrub_likeness(const struct ab_scrub_place *place, size_t *start, size_t *end);

/* outward.c: words that together order data to be carried to a place outside, in some languages. */
ab_scrub_match_fn ab_scrub_match_outward;

/* told.c, column.c: a password behind a word for one, or before it; a value below a heading. */
ab_scrub_match_fn ab_scrub_match_told;
ab_scrub_match_fn ab_scrub_match_value_word;
ab_scrub_match_fn ab_scrub_match_column;

/* wrapped.c: a token in pieces, behind its issuer's prefix. */
ab_scrub_match_fn ab_scrub_match_wrapped;

/* token.c: what makes a token a token. */
ab_scrub_check_fn ab_scrub_check_jwt;
ab_scrub_check_fn ab_scrub_check_crc32_base62;
ab_scrub_check_fn ab_scrub_check_mixed;
ab_scrub_check_fn ab_scrub_check_random;
ab_scrub_check_fn ab_scrub_check_not_word;
ab_scrub_check_fn ab_scrub_check_not_hash;
ab_scrub_check_fn ab_scrub_check_not_name;
ab_scrub_check_fn ab_scrub_check_data_label;

/* base58.c: its check sum is right. */
ab_scrub_check_fn ab_scrub_check_base58check;

/* media.c: not a picture, a font, a certificate or a public key, by the first bytes. */
ab_scrub_check_fn ab_scrub_check_not_media;
ab_scrub_check_fn ab_scrub_check_base64_text;

/* opaque.c: what says nothing to a reader, cut into groups or lines, or of all signs there are. */
ab_scrub_match_fn ab_scrub_match_groups;
ab_scrub_match_fn ab_scrub_match_lines;
ab_scrub_match_fn ab_scrub_match_dense;
ab_scrub_match_fn ab_scrub_match_binary; /* bytes that are no text, in UTF-16 neither */

/* pieces.c: the same in pieces of one length with the same thing between any two. */
ab_scrub_match_fn ab_scrub_match_pieces;

/* Shannon entropy in bits a byte. */
double ab_scrub_entropy(const unsigned char *value, size_t len);

#endif
