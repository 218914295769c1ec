/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock (landlock(7)) by raw system calls: the best ABI that the kernel has, everything that
 * this ABI can handle is handled, and only what a rule names stays allowed.
 */
#ifndef AB_CONFINE_LANDLOCK_H
#define AB_CONFINE_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"

enum ab_landlock_access {
	AB_LANDLOCK_READ = 1,  /* read files, list directories */
	AB_LANDLOCK_WRITE = 2, /* create, write, truncate, rename, link, delete; no device nodes */
	AB_LANDLOCK_EXEC = 4,  /* execute (and read) files */
	AB_LANDLOCK_IPC = 8,   /* make sockets and FIFOs */
	AB_LANDLOCK_DEVICE = 16, /* write to and ioctl() on existing device nodes */
	AB_LANDLOCK_RMDIR = 32,	 /* only remove (empty) directories */
	AB_LANDLOCK_RENAME = 64, /* only rename and remove files, within one directory */
};

struct ab_landlock {
	int ruleset;	/* -1: the kernel has no Landlock */
	int abi;	/* 0: none */
	uint64_t files; /* the file system rights that the ruleset handles */
};

#define AB_LANDLOCK_INIT                                                                           \
	{                                                                                          \
		.ruleset = -1                                                                      \
	}

/* The kernel's Landlock ABI, 0 where there is none (not built in, or off at boot). */
int ab_landlock_abi(void);

/*
 * Makes a ruleset of at most `max_abi` (0: the newest known, -1: as if there were none). Where the
 * kernel has no Landlock, l->abi is 0 and the other calls do nothing. `scoped`: abstract Unix
 * sockets and signals stay within the domain, where ABI >= 6; leave it out if earlier children have
 * to be signalled.
 */
int ab_landlock_open(struct ab_landlock *l, int max_abi, bool scoped, struct ab_err *err);

/* Allows `access` (enum ab_landlock_access) beneath an open directory, or on an open file. */
int ab_landlock_allow(struct ab_landlock *l, int fd, unsigned access, struct ab_err *err);

/* Allows TCP connections to a port; nothing to do below ABI 4, which knows no network. */
int ab_landlock_allow_port(struct ab_landlock *l, unsigned port, struct ab_err *err);

/* Puts the calling thread under the ruleset; no_new_privs must be set. */
int ab_landlock_enforce(const struct ab_landlock *l, struct ab_err *err);

/* Nothing but what the calling thread starts from now on can be signalled by it or by that; no_new_privs
 * must be set, and it takes ABI 6. */
int ab_landlock_enclose_signals(struct ab_err *err);

void ab_landlock_close(struct ab_landlock *l);

#endif
