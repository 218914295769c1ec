/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the linker has laid out to be read-only once it is relocated (PT_GNU_RELRO) is made so before
 * main(): glibc does it for a static program, musl 1.2.3 does not.
 */
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* From the linker: where the program begins, for which it is address 0. */
extern const char __executable_start[];

static void protect(uintptr_t from, uintptr_t to)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	from &= ~(page - 1);
	to &= ~(page - 1);
	if (to > from && mprotect((void *)from, to - from, PROT_READ) < 0)
		abort();
}

__attribute__((constructor)) static void protect_relocated(void)
{
	const ElfW(Phdr) *p = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	uintptr_t base = (uintptr_t)__executable_start;

	for (size_t n = p ? getauxval(AT_PHNUM) : 0; n; n--, p++)
		if (p->p_type == PT_GNU_RELRO)
			protect(base + p->p_vaddr, base + p->p_vaddr + p->p_memsz);
}
