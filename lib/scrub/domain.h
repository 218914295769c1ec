/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: names that are hosts with no scheme before them, by their top-level domain. */
#ifndef AB_SCRUB_DOMAIN_H
#define AB_SCRUB_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether [p, p + len) is a bare host name worth the name; a path follows it, a word before it says so. */
bool ab_domain_is_bare(const unsigned char *p, size_t len, bool path, bool cue);

/* tld.c. A word: a name below it is a host where nobody would write it as `object.member`. */
bool ab_tld_is_word(const char *tld);

/* No file name and no code ends so. */
bool ab_tld_is_sure(const char *tld);

/* Taken for one in a name without a scheme, with a path behind it or not. */
bool ab_tld_is_known(const char *tld, bool path);

/* Its names are what objects have for members, too: `stack.top`, `node.live`. */
bool ab_tld_is_member(const char *tld);

#endif
