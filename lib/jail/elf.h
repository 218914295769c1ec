/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ELF file needs to run, read from its program headers and dynamic section (System V gABI
 * chapter 5). The file is data: it is never executed to find out, as ldd(1) would, and every offset
 * in it is checked.
 */
#ifndef AB_JAIL_ELF_H
#define AB_JAIL_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/err.h"

#define AB_ELF_MAX_NEEDED 256

struct ab_elf {
	bool is_elf;	/* false: not ELF at all, nothing else is set */
	bool is_native; /* of this machine's class, byte order and architecture, to be executed or
			   loaded */
	char *interp;	/* PT_INTERP, NULL if static or a library */
	char **needed;	/* DT_NEEDED, in order */
	size_t n_needed;
	bool writes_code;      /* it asks for memory, or a stack, that is writable and executable */
	char *rpath, *runpath; /* DT_RPATH, DT_RUNPATH, unexpanded; NULL if absent */
};

/* Reads the open file. A file that is not ELF is no error; a broken ELF file is AB_EXIT_NO. */
int ab_elf_read(int fd, struct ab_elf *ret, struct ab_err *err);

void ab_elf_free(struct ab_elf *elf);

#endif
