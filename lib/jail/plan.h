/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of the jail's root, made outside before the jail exists: which directories and symbolic
 * links to make on an empty tmpfs, and what to mount on it. A host path keeps its place, and each
 * symbolic link on the way to it is made again, so that a path means in the jail what it meant
 * outside.
 */
#ifndef AB_JAIL_PLAN_H
#define AB_JAIL_PLAN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"

#define AB_PLAN_FEW 40 /* the entries of a small program with its libraries, without a heap */

enum ab_entry_kind {
	AB_ENTRY_DIR,	/* an empty directory */
	AB_ENTRY_LINK,	/* a symbolic link to `source` */
	AB_ENTRY_BIND,	/* the host's `source` is mounted here */
	AB_ENTRY_IMAGE, /* `source` is the image that top-level mounts come from; nothing is made */
};

enum ab_bind_flags {
	AB_BIND_EXEC = 1,	 /* Landlock lets it be executed */
	AB_BIND_WRITE = 2,	 /* writable, and then never executable */
	AB_BIND_TREE = 4,	 /* a directory (set by the plan itself) */
	AB_BIND_DATA = 8,	 /* the operator's, read-only and never executable */
	AB_BIND_INPUT = 16,	 /* what this run works on: no part of the agent's digest */
	AB_BIND_PART = 32,	 /* stands in the image, whose digest it is a part of */
	AB_BIND_SOCKET = 64,	 /* a Unix socket, and nothing else */
	AB_BIND_WORKSPACE = 128, /* with AB_BIND_WRITE: the lower layer of an overlay */
	AB_BIND_NODE = 512,	 /* a device node, of those that stand in /dev */
	AB_BIND_BUNDLE = 256,	 /* with AB_BIND_INPUT: unpacked by us, known by its identity */
};

struct ab_entry {
	enum ab_entry_kind kind;
	unsigned flags; /* enum ab_bind_flags */
	uint32_t hash;	/* of path */
	char *path;	/* in the jail, without its leading slash */
	char *source;	/* absolute host path, or the link's target */
	dev_t dev;	/* what `source` was when the plan was made */
	ino_t ino;
	uint64_t size;
	int mount; /* while the root is built: the detached mount, else -1 */
};

/* Not to be copied: its entries may be its own `few`. */
struct ab_plan {
	struct ab_entry *entries; /* parents before what is in them */
	size_t n, capacity;
	struct ab_entry few[AB_PLAN_FEW];
};

/*
 * Mounts an absolute host path at its own place. What a tree of the plan holds already is not
 * mounted again; then flags do not change. `ret_real` (PATH_MAX bytes, or NULL) becomes the path
 * without symbolic links. A path that is not there is an error with err->sys set.
 */
int ab_plan_add(struct ab_plan *plan, const char *path, unsigned flags, char *ret_real,
		struct ab_err *err);

/* Mounts an absolute host path somewhere else: `dest` is absolute, without "." and "..". */
int ab_plan_add_at(struct ab_plan *plan, const char *path, const char *dest, unsigned flags,
		   struct ab_err *err);

/*
 * Takes the directory `source` (absolute, without symbolic links) as the jail's root: mounts what
 * is in it at its top, file by file and directory by directory, and makes its symbolic links again,
 * so that they mean in the jail what they mean in the image. Call it last: what the plan has
 * already (the jail's own /dev, what the operator named) hides what the image has of that name.
 */
int ab_plan_add_image(struct ab_plan *plan, const char *source, unsigned flags, struct ab_err *err);

/* Takes what stands at an entry's source now in place of what stood there. */
int ab_plan_look(struct ab_entry *entry, struct ab_err *err);

/* Makes an empty directory, and those above it. */
int ab_plan_add_dir(struct ab_plan *plan, const char *path, struct ab_err *err);

/* The entry at this very path ("usr/bin"), or NULL. */
struct ab_entry *ab_plan_find(const struct ab_plan *plan, const char *path);

/* The mount that `path` ("usr/bin/x") lies in or is, or NULL. */
struct ab_entry *ab_plan_mount_of(const struct ab_plan *plan, const char *path);

/* Sorts n places of entries by the entries' paths. */
void ab_plan_sort(const struct ab_plan *plan, size_t *places, size_t n);

void ab_plan_free(struct ab_plan *plan);

#endif
