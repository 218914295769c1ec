/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash of a directory's whole content, in small pieces, so that whoever has to watch something
 * else as well never waits long: one line "TYPE MODE VALUE PATH\n" for each entry, sorted bytewise
 * in each directory, as digest.h says; or whole, as pin.h does.
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

/* A file that is hashed to its end: it must stay as it is until then. */
struct ab_treehash_file {
	int fd; /* the caller's */
	bool begun;
	struct stat st; /* as it was at first */
	uint64_t left;
	struct ab_sha256 hash;
};

int ab_treehash_file_begin(struct ab_treehash_file *f, int fd, struct ab_err *err);

/* One more piece: 1; 0 once f->hash is that of all of it; -1 if it changed. */
int ab_treehash_file_work(struct ab_treehash_file *f, unsigned char *piece, size_t piece_size,
			  struct ab_err *err);

struct ab_treehash {
	struct ab_treehash_level levels[AB_TREEHASH_DEPTH];
	int depth;	    /* levels that are open; 0: done */
	struct ab_buf path; /* of the innermost */
	struct ab_sha256 lines;
	uint64_t *content; /* bytes of content that may still be hashed: the caller's count; NULL:
			      the hash is whole, or none */
	struct ab_err wrong; /* why there is none: "PATH: ..." */
	unsigned char *piece;
	size_t piece_size;

	struct ab_treehash_file state; /* of `file`, of a whole hash */
	int file; /* whose content is being hashed, or -1 */
	uint64_t left;
	struct ab_sha256 hash;
	struct stat st; /* of the entry whose turn it is */
	char target[PATH_MAX];
	bool failed; /* memory ran out */
};

/* Begins with an open directory, which becomes the hash's own. `piece` stays the caller's. Where
 * `content` is NULL, t->wrong says after each piece whether there can still be a hash. */
void ab_treehash_begin(struct ab_treehash *t, int fd, uint64_t *content, unsigned char *piece,
		       size_t piece_size);

/* One more piece; false once there is none left and t->lines is the hash. */
bool ab_treehash_work(struct ab_treehash *t);

void ab_treehash_end(struct ab_treehash *t);

#endif
