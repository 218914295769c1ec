/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash of a directory's whole content, in small pieces, so that whoever has to watch something
 * else as well never waits long: one line "TYPE MODE VALUE PATH\n" for each entry, sorted bytewise
 * in each directory, as digest.h says.
 */
#ifndef AB_JAIL_TREEHASH_H
#define AB_JAIL_TREEHASH_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include "lib/base/buf.h"
#include "lib/crypto/sha256.h"

#define AB_TREEHASH_DEPTH 65 /* what lies deeper is left out */

struct ab_treehash_level {
	int fd;
	struct dirent **list;
	int n, at;
	size_t path; /* the length of the path of what holds it */
};

struct ab_treehash {
	struct ab_treehash_level levels[AB_TREEHASH_DEPTH];
	int depth;	    /* levels that are open; 0: done */
	struct ab_buf path; /* of the innermost */
	struct ab_sha256 lines;
	uint64_t *content; /* bytes of content that may still be hashed: the caller's count */
	unsigned char *piece;
	size_t piece_size;

	int file; /* whose content is being hashed, or -1 */
	uint64_t left;
	struct ab_sha256 hash;
	struct stat st; /* of the entry whose turn it is */
	char target[PATH_MAX];
	bool failed; /* memory ran out */
};

/* Begins with an open directory, which becomes the hash's own. `piece` stays the caller's. */
void ab_treehash_begin(struct ab_treehash *t, int fd, uint64_t *content, unsigned char *piece,
		       size_t piece_size);

/* One more piece; false once there is none left and t->lines is the hash. */
bool ab_treehash_work(struct ab_treehash *t);

void ab_treehash_end(struct ab_treehash *t);

#endif
