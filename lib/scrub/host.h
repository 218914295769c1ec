/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: a host where it stands in a text, and whether the policy allows it. */
#ifndef AB_SCRUB_HOST_H
#define AB_SCRUB_HOST_H

#include <ctype.h>

#include "lib/scrub/policy.h"

#define AB_HOST_MAX 256 /* a host's bytes and a zero */

static inline bool ab_host_is_word_byte(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static inline bool ab_host_is_byte(unsigned char c)
{
	return isalnum(c) || c == '-' || c == '.' || c == '_';
}

/* A canonical IPv4 address, four decimal numbers without leading zeros. */
bool ab_host_is_ipv4(const char *host);

/* Whether the host [p, p + len) is one that the policy allows. */
bool ab_host_allowed(const struct ab_scrub_policy *policy, const unsigned char *p, size_t len);

/* An authority, [user@]host[:port], up to its end: is it allowed? */
bool ab_host_authority_allowed(const struct ab_scrub_policy *policy, const unsigned char *p, size_t len);

/* Where the URL that begins at `at` ends, closing punctuation of prose left out. */
size_t ab_host_url_end(const struct ab_scrub_place *place, size_t at);

/* Whether the host is the one of that name, or below it. */
bool ab_host_is_below(const char *host, const char *name);

#endif
