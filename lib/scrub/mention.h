/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: a phrase that is spoken about, not spoken. */
#ifndef AB_SCRUB_MENTION_H
#define AB_SCRUB_MENTION_H

#include "lib/scrub/policy.h"

/*
 * Whether text[start, end) is a short quotation, all between two quotes of its own, in a line that
 * says that it speaks about such phrases ("the phrase '…' is a well-known attack") and tells
 * nobody to do anything; or what somebody says in a story (`," the old master laughed`), of no models.
 * For rules that say "mention": true.
 */
bool ab_scrub_is_mention(const struct ab_scrub_place *place, size_t start, size_t end);

#endif
