/* SPDX-License-Identifier: Apache-2.0 */
/* Files: our own by place, the user's by name, and replacement that a crash cannot halve. */
#ifndef AB_BASE_PATH_H
#define AB_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * "<prefix>/share/agentbox/NAME" of the running binary's own installation (found by /proc/self/exe,
 * never by PATH), e.g. ab_path_share("policies/output.json"). The caller frees it; NULL on failure.
 */
char *ab_path_share(const char *name, struct ab_err *err);

/* The path of another tool of ours, beside the running binary. The caller frees it. */
char *ab_path_sibling(const char *tool, struct ab_err *err);

/* A NAME has no slash and names something of ours; anything with a slash, or what exists as given
 * and is no directory, is a FILE. */
bool ab_path_is_file(const char *text);

/* Whether a regular file is an archive: by its name (.tar, .tar.zst, .abb) or its first bytes,
 * zstandard's, or ustar's at their place. -1: it cannot be read. */
int ab_path_is_archive(const char *path, struct ab_err *err);

/* Opens a file for reading; one that cannot be, or is a directory, is AB_EXIT_USAGE and named. */
int ab_path_open(const char *path, struct ab_err *err);

/* Opens NAME in a directory that somebody else may have filled: no link is followed, a FIFO or device
 * is not waited for, and what is no regular file is AB_EXIT_NO. Else as openat(2), err->sys too. */
int ab_path_open_regular(int dirfd, const char *name, int flags, struct ab_err *err);

/* Reads a whole file of at most max bytes ("-" is not special). Errors name the path; a file that
 * cannot be opened or is too large is AB_EXIT_USAGE, a failing read AB_EXIT_TROUBLE. */
int ab_path_read(const char *path, size_t max, struct ab_buf *ret, struct ab_err *err);

/* Whether a new file may take the place of dirfd/name: there is nothing, or a regular file. A
 * device, a FIFO, a directory or a symbolic link is AB_EXIT_USAGE, "NAME: not a regular file". */
int ab_path_check_replaceable(int dirfd, const char *name, struct ab_err *err);

/* Replaces dirfd/name by the given bytes: temporary file, fsync, rename, fsync of the directory.
 * What ab_path_check_replaceable() refuses stays as it is. */
int ab_path_replace(int dirfd, const char *name, const void *data, size_t len, unsigned mode,
		    struct ab_err *err);

/* Whether it is a directory with nothing in it but the lost+found of a new file system. */
bool ab_path_is_empty(const char *path);

/* Makes the directories that a path leads through and that are not there, with mode 0700. Errors
 * name the directory. */
int ab_path_parents(const char *path, struct ab_err *err);

/* "$XDG_STATE_HOME/agentbox/NAME", or below ~/.local/state. NULL with a usage error if neither
 * variable is set to an absolute path. The caller frees it. */
char *ab_path_state(const char *name, struct ab_err *err);

#endif
