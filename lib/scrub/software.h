/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: host names that name software, not a place to go to. */
#ifndef AB_SCRUB_SOFTWARE_H
#define AB_SCRUB_SOFTWARE_H

#include "lib/scrub/policy.h"

/*
 * Whether the bare host name text[host, host_end), with a path behind it or not, only says what is
 * meant: a module with its version, a container image, a group of an API, a well-known firm.
 * Never asked of what has a scheme.
 */
bool ab_scrub_names_software(const struct ab_scrub_place *place, size_t host, size_t host_end,
			     bool path);

/*
 * Whether the URL text[start, end), whose host begins at `host`, is the name of a namespace or a
 * schema where such a name stands, of a house that makes them, and carries nothing.
 */
bool ab_scrub_names_schema(const struct ab_scrub_place *place, size_t start, size_t host,
			   size_t end);

#endif
