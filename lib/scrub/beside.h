/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what stands beside an encoded value in its line, without the call that would decode it. */
#ifndef AB_SCRUB_BESIDE_H
#define AB_SCRUB_BESIDE_H

#include "lib/scrub/view.h"

#define AB_BESIDE_MAX 512 /* bytes of a value, decoded, that is read in its line */

/* Bytes [from, to) stand before a value, [next, end) behind it. */
struct ab_beside {
	size_t from, to, next, end;
};

/* Of the value at [at, stop) in a part [lo, hi) of the text. false: it stands alone. */
bool ab_beside_read(struct ab_beside *ret, const unsigned char *text, size_t lo, size_t hi, size_t at, size_t stop);

#endif
