/* SPDX-License-Identifier: Apache-2.0 */
/* The image of the shipped policies, embedded at build time. */
#include "cmd/scrub/filter.h"

#include <fcntl.h>
#include <link.h>

/* The assembler reads it, from the folder of what is made. */
__asm__(".section .rodata\n\t.balign 4096\nab_shipped_image:\n\t.incbin \"gen/scrub/policies.image\"\n"
	"\t.zero 64\n\t.previous\n"); /* zeros: no head of an image, where there is none */

extern const unsigned char ab_shipped_image[] __attribute__((visibility("hidden")));

const void *ab_scrub_shipped(void)
{
	return ab_shipped_image;
}

/* The head of this program, as it lies in memory. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

int ab_scrub_shipped_file(off_t *at)
{
	uintptr_t head = (uintptr_t)&__ehdr_start, image = (uintptr_t)ab_shipped_image;
	const ElfW(Phdr) *parts = (const void *)(head + __ehdr_start.e_phoff);

	/* It is linked to lie from 0 on, as all that may lie anywhere is. */
	for (size_t i = 0; i < __ehdr_start.e_phnum; i++) {
		size_t behind = image - head - parts[i].p_vaddr;

		if (parts[i].p_type == PT_LOAD && behind < parts[i].p_filesz) {
			*at = (off_t)(parts[i].p_offset + behind);
			return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		}
	}
	return -1;
}
