/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF closure: a program's loader and libraries, found as ld.so(8) finds them (RPATH, RUNPATH,
 * ld.so.cache, the default directories) without running it. LD_LIBRARY_PATH plays no part.
 */
#ifndef AB_JAIL_LIBRARIES_H
#define AB_JAIL_LIBRARIES_H

#include "lib/jail/elf.h"
#include "lib/jail/plan.h"

struct ab_libraries {
	struct ab_plan *plan;
	char **seen; /* names of libraries that were looked up */
	size_t n_seen, capacity;
	char *rpath;		    /* the program's own, expanded, for what its libraries need */
	const unsigned char *cache; /* /etc/ld.so.cache, mapped; NULL before it is needed */
	size_t cache_size;
	bool cache_used;  /* a library was found only there */
	bool loader_alone; /* the loader was read, and needs nothing: it is not read again */
	dev_t loader_dev;
	ino_t loader_ino;
	bool writes_code; /* a program, or its loader, does: see struct ab_elf */
};

/*
 * Adds what the program `real` (an absolute path without symbolic links, read into `elf`) needs:
 * its loader, which must be a program of this machine, and its libraries.
 */
int ab_libraries_add_program(struct ab_libraries *l, const char *real, const struct ab_elf *elf,
			     struct ab_err *err);

/*
 * Adds the libraries of the ELF file `real` and, one by one, theirs. A library that is nowhere is
 * an error, unless `lenient` (an extension module of an interpreter that nobody may import).
 */
int ab_libraries_add(struct ab_libraries *l, const char *real, const struct ab_elf *elf,
		     bool lenient, struct ab_err *err);

/* Adds a library by its name, e.g. one that is loaded at run time; that it is nowhere is no error.
 */
int ab_libraries_add_name(struct ab_libraries *l, const char *name, struct ab_err *err);

/* Adds what the closure itself needs (ld.so.cache). Call it last. */
int ab_libraries_end(struct ab_libraries *l, struct ab_err *err);

void ab_libraries_free(struct ab_libraries *l);

#endif
