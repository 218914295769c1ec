/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/pages.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE	   4096
#define STACK_MAKE (20 * PAGE) /* what the supervisor needs below where it calls us */
#define STACK_COPY (8 * PAGE)  /* what init does, and above it what it changes of its caller's */
#define STACK_KEEP (6 * PAGE)

/* From the linker: where the program begins. */
extern const char __executable_start[];

/* What of the program stays as it is, and what it writes to. */
struct spans {
	const char *still, *written, *end;
};

static struct spans find_spans(void)
{
	const ElfW(Phdr) *p = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	ElfW(Addr) first = 0, written = 0, still = 0, end = 0;

	for (size_t n = p ? getauxval(AT_PHNUM) : 0; n; n--, p++) {
		if (p->p_type == PT_GNU_RELRO)
			still = p->p_vaddr + p->p_memsz;
		if (p->p_type != PT_LOAD)
			continue;
		if (!end)
			first = p->p_vaddr;
		if (p->p_flags & PF_W)
			written = p->p_vaddr;
		end = p->p_vaddr + p->p_memsz;
	}
	if (written < still)
		written = still;
	return (struct spans){ __executable_start, __executable_start + (written - first),
			       __executable_start + (end - first) };
}

static void map(const void *from, const void *to, int how)
{
	uintptr_t first = (uintptr_t)from & ~(uintptr_t)(PAGE - 1);
	uintptr_t last = ((uintptr_t)to + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	(void)madvise((void *)first, last - first, how);
}

void ab_pages_map(void)
{
	const char *here = __builtin_frame_address(0);
	const struct spans program = find_spans();

	map(program.still, program.written, MADV_POPULATE_READ);
	map(here - STACK_MAKE, here, MADV_POPULATE_WRITE);
}

void ab_pages_map_copy(void)
{
	const char *here = __builtin_frame_address(0);
	const struct spans program = find_spans();

	map(program.still, program.written, MADV_POPULATE_READ);
	map(here - STACK_COPY, here + STACK_KEEP, MADV_POPULATE_WRITE);
	map(program.written, program.end, MADV_POPULATE_WRITE);
}
