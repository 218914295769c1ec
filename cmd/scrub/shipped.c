/* SPDX-License-Identifier: Apache-2.0 */
/* The image of the shipped policies, embedded at build time. */
#include "cmd/scrub/filter.h"

/* The assembler reads it, from the folder of what is made. */
__asm__(".section .rodata\n\t.balign 4096\nab_shipped_image:\n\t.incbin \"gen/scrub/policies.image\"\n"
	"\t.zero 64\n\t.previous\n"); /* zeros: no head of an image, where there is none */

extern const unsigned char ab_shipped_image[] __attribute__((visibility("hidden")));

const void *ab_scrub_shipped(void)
{
	return ab_shipped_image;
}
