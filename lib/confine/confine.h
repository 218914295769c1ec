/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confinement of our own tools: once its files are open, a tool gives up everything that it does
 * not need any more, so that a bug in a parser is not a way out. no_new_privs, Landlock (only the
 * paths given here), and a seccomp filter that was generated at build time for the profile (the
 * tables beside this file). Forbidden calls fail with EPERM. It cannot be undone and is inherited.
 *
 * Fails closed: where the kernel cannot do it, the error says what is missing. Only Landlock may be
 * absent from the kernel (ENOSYS, EOPNOTSUPP): the seccomp filter then holds alone, and
 * AB_PROFILE_FILTER opens no file even where paths were given. Sanitizer builds skip the filter
 * only.
 */
#ifndef AB_CONFINE_CONFINE_H
#define AB_CONFINE_CONFINE_H

#include <stddef.h>
#include "lib/base/err.h"

enum ab_profile {
	/* Held descriptors and memory only, no capabilities; with paths, files beneath them may be
	 * opened (receipts). PCRE2's JIT may map memory executable. */
	AB_PROFILE_FILTER,
	/* Files beneath the given directories; no exec, no socket, no signal, no executable
	 * mapping, so nothing is loaded at run time either: ab-audit, ab-bundle. */
	AB_PROFILE_STORE,
	/* ab-run: starts, watches and stops tools of ours beneath the paths with AB_CONFINE_EXEC.
	 * What it starts inherits it, and Landlock forbids mounts: start ab-jail first. */
	AB_PROFILE_SPAWN,
};

enum ab_confine_access {
	AB_CONFINE_READ = 1,  /* read files and list directories beneath */
	AB_CONFINE_WRITE = 2, /* create, write, rename, delete beneath */
	AB_CONFINE_EXEC = 4,
	AB_CONFINE_RMDIR = 8, /* only remove (empty) directories beneath */
};

struct ab_confine_path {
	int fd;		 /* an open directory or file */
	unsigned access; /* enum ab_confine_access */
};

int ab_confine(enum ab_profile profile, const struct ab_confine_path *paths, size_t n,
	       struct ab_err *err);

#endif
