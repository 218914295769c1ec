/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: texts that are said to be written backwards or in ROT13. */
#ifndef AB_SCRUB_TURNED_H
#define AB_SCRUB_TURNED_H

#include "lib/scrub/view.h"

/* Where the text ends that is said to be so by what stands at `at`, a word for it; 0: none is. */
size_t ab_turned_announces(const unsigned char *text, size_t size, size_t at);

/* Views in which it is turned: all of it to its line's end; the first word alone; in brackets behind it, what stands
 * before. */
void ab_turned_build(struct ab_view *v, const unsigned char *text, size_t len);
void ab_turned_word_build(struct ab_view *v, const unsigned char *text, size_t len);
void ab_turned_before_build(struct ab_view *v, const unsigned char *text, size_t len);

#endif
