/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change in a git repository: its diff, and the changed files as they are after it. git's
 * plumbing is run on the object store alone: nothing of the working tree is read, so attributes or
 * filters that a change brings along cannot hide a part of it, and no hook, pager, external diff or
 * fetch can start.
 */
#ifndef AB_BUNDLE_GIT_H
#define AB_BUNDLE_GIT_H

#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/bundle/run.h"

struct ab_git_file {
	char *path;
	char object[65];    /* hexadecimal name of the blob */
	unsigned mode;	    /* 0100644, 0100755, 0120000 (link) or 0160000 (submodule) */
	uint64_t size;	    /* UINT64_MAX: no blob */
	struct ab_buf text; /* filled by ab_git_contents() */
};

struct ab_git_change {
	struct ab_buf diff; /* unified, a/ and b/ prefixes, renames found */
	struct ab_git_file *files;
	size_t n; /* in byte order of the paths; deleted files are not among them */
};

/* RANGE: "A..B", "A...B" or a commit. A range that git does not know is AB_EXIT_USAGE. */
int ab_git_change(const char *root, const char *range, const struct ab_run_limits *limits,
		  struct ab_git_change *ret, struct ab_err *err);

/* Reads the blobs of the files whose `wanted` is set into their `text`. */
int ab_git_contents(const char *root, struct ab_git_change *change, const unsigned char *wanted,
		    const struct ab_run_limits *limits, struct ab_err *err);

void ab_git_change_free(struct ab_git_change *change);

#endif
