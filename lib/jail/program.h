/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the command line's COMMAND to what is executed in the jail: the file is found, a script's
 * "#!" line is read, env(1) in it is resolved here since the jail has none, and all that they need
 * goes into the plan.
 */
#ifndef AB_JAIL_PROGRAM_H
#define AB_JAIL_PROGRAM_H

#include "lib/jail/plan.h"

#define AB_JAIL_PATH "/usr/local/bin:/usr/bin:/bin"

struct ab_program {
	char *file;  /* what is executed: an absolute path that means the same in the jail */
	char **argv; /* NULL-terminated, to be freed with its strings */
	/* Files that the program is made of, for the digest: the command and its interpreters. */
	bool writes_code; /* the program or its loader: see struct ab_elf */
	int exit;	  /* after a failure: 126 (cannot be executed), 127 (not found), else 125 */
};

/*
 * Resolves argv[0] (searched in `path`, a PATH, if it has no slash) and fills the plan. `uid`,
 * `gid`: who will execute it; a file that these cannot read is refused by name. On failure
 * ret->exit says how to leave.
 */
int ab_program_find(struct ab_program *ret, struct ab_plan *plan, char *const argv[],
		    const char *path, uid_t uid, gid_t gid, struct ab_err *err);

/*
 * Adds a further program that the agent may execute, found and resolved in the same way. A script
 * that names env(1) gets that, too: the kernel itself will start it in the jail.
 */
int ab_program_add(struct ab_plan *plan, const char *name, const char *path, uid_t uid, gid_t gid,
		   struct ab_err *err);

/*
 * The same for a jail whose root is the image `dir`: argv[0] is an absolute path in it, or a name
 * that is searched there. Its interpreter and libraries are the image's own affair.
 */
int ab_program_find_in(struct ab_program *ret, const char *dir, char *const argv[],
		       const char *path, uid_t uid, gid_t gid, struct ab_err *err);

void ab_program_free(struct ab_program *program);

#endif
