/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: names that are hosts with no scheme before them, by their top-level domain. */
#ifndef AB_SCRUB_DOMAIN_H
#define AB_SCRUB_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* How surely what stands before a name says that a host follows: "from x" may, "visit x" does, and
 * "the site x" whatever files end in. */
enum ab_domain_cue { AB_CUE_NONE, AB_CUE_WEAK, AB_CUE_STRONG, AB_CUE_SITE };

struct ab_scrub_place;

/* What the words before the name that begins at `start` say. */
enum ab_domain_cue ab_domain_cue_before(const struct ab_scrub_place *p, size_t start);

/* What follows a name is said of hosts alone: " has address ". */
bool ab_domain_is_answer(const struct ab_scrub_place *p, size_t end);

/* Whether [p, p + len) is a bare host name worth the name; a path or a port follows it. */
bool ab_domain_is_bare(const unsigned char *p, size_t len, bool path, enum ab_domain_cue cue);

/* tld.c. A word: a name below it is a host where nobody would write it as `object.member`. */
bool ab_tld_is_word(const char *tld);

/* No file name and no code ends so. */
bool ab_tld_is_sure(const char *tld);

/* Taken for one in a name without a scheme, with a path behind it or not. */
bool ab_tld_is_known(const char *tld, bool path);

/* Its names are what objects have for members, too: `stack.top`, `node.live`. */
bool ab_tld_is_member(const char *tld);

/* One that is delegated, or used beside the DNS, and is no brand's. */
bool ab_tld_is_real(const char *tld);

/* Files end so. */
bool ab_tld_is_file(const char *tld);

/* Members of objects and words of prose are called so. */
bool ab_tld_is_code(const char *tld);

/* Whether the name, which may be the end of one, ends in a domain that there is, behind a dot; before a path in
 * any, else in none that files have. */
bool ab_domain_has_tld(const unsigned char *p, size_t len, bool path);

#endif
