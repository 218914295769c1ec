/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What glibc declares of Linux and musl 1.2.3 does not: included before every source where musl is
 * the C library (Makefile, MUSL), so that the sources need not know. Functions are plain ones, not
 * inline: a later musl may have and declare them too.
 */
#ifndef AB_MUSL_LINUX_H
#define AB_MUSL_LINUX_H

#include <dirent.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/mount.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE	 (1 << 1)
#endif

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int close_range(unsigned first, unsigned last, int flags);
int open_tree(int dir, const char *path, unsigned flags);
int move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int mount_setattr(int dir, const char *path, unsigned flags, struct mount_attr *attr, size_t size);
int fsopen(const char *type, unsigned flags);
int fsconfig(int fs, unsigned command, const char *key, const void *value, int aux);
int fsmount(int fs, unsigned flags, unsigned attr_flags);

/* scandir(3) of a path below a directory. */
int scandirat(int dir, const char *path, struct dirent ***ret, int (*keep)(const struct dirent *),
	      int (*order)(const struct dirent **, const struct dirent **));

#endif
