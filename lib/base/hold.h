/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Held bytes: a document that no one may see before all of it has passed. It stays in memory up to
 * AB_HOLD_MEMORY and spools to an unlinked 0600 file beyond that. The file is opened by
 * ab_hold_open(), before the process confines itself, since it cannot be opened afterwards.
 */
#ifndef AB_BASE_HOLD_H
#define AB_BASE_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"

#define AB_HOLD_MEMORY (8u << 20)
#define AB_HUGE_PAGE   ((size_t)2 << 20)
#define AB_HOLD_PAD    64 /* zero bytes that are readable behind a mapped document */

struct ab_hold {
	unsigned char *memory; /* the first bytes, or all of them */
	size_t in_memory, capacity;
	unsigned char *room; /* what `memory` of more than a little lies in, else NULL */
	size_t room_size;
	uint64_t size; /* of the whole document */
	uint64_t max;  /* a larger document is refused */
	bool large;    /* expected not to stay in memory */
	int spool;     /* the unlinked file */
	int why;       /* errno of its opening where there is none */
	unsigned char *map;
	size_t map_size;
};

#define AB_HOLD_INIT                                                                               \
	{                                                                                          \
		.spool = -1                                                                        \
	} /* what ab_hold_close() may be given before ab_hold_open() */

/*
 * Opens the spool in $TMPDIR or /tmp. max is the document's limit in bytes (0: 1 TiB). After a
 * failure the hold can be used all the same: what fits into memory needs no spool, and
 * ab_hold_add() of more is AB_EXIT_TROUBLE.
 */
int ab_hold_open(struct ab_hold *h, uint64_t max, struct ab_err *err);

/*
 * The same with a spool that is memory, too, for a document of at most max bytes: a file without a
 * name is quickly written, but where many processes make and lose one, ext4 looks for a free inode
 * for as long as half a small program's start.
 */
int ab_hold_open_memory(struct ab_hold *h, uint64_t max, struct ab_err *err);

/* Says how large an empty hold's document is likely to become: one that cannot stay in memory goes to
 * the spool at once. Nothing else depends on it. */
void ab_hold_expect(struct ab_hold *h, uint64_t size);

/* Adds bytes. A document over its limit is AB_EXIT_NO, a spool that cannot grow AB_EXIT_TROUBLE. */
int ab_hold_add(struct ab_hold *h, const void *data, size_t len, struct ab_err *err);

/*
 * Adds most of what is left of a regular file whose document is expected to be large, without a copy
 * of ours between; the rest is to be read. The file's offset moves on.
 */
void ab_hold_take(struct ab_hold *h, int fd);

/*
 * The whole document as one piece of memory, h->size bytes and AB_HOLD_PAD zeros behind them. Valid
 * until the next ab_hold_add() or ab_hold_close(). NULL on failure.
 */
const unsigned char *ab_hold_map(struct ab_hold *h, struct ab_err *err);

/*
 * Gives the pages of a mapped document's bytes [from, to) back to the kernel; they are read again
 * from the spool if they are looked at again. Keeps the memory of a pass over a large document
 * small.
 */
void ab_hold_forget(const struct ab_hold *h, size_t from, size_t to);

/*
 * Says that size bytes from `at` on of a mapped document are about to be read, all of them: their pages
 * are put in at once, which takes a tenth of the time that it takes to fault them in. Where that cannot
 * be done, nothing is.
 */
void ab_hold_near(const struct ab_hold *h, size_t at, size_t size);

/*
 * Copies up to len bytes from `at` on, as many as there are; how many, or -1. For a large document
 * this is quicker than to look at its map once.
 */
ssize_t ab_hold_read(const struct ab_hold *h, uint64_t at, void *data, size_t len,
		     struct ab_err *err);

/* Writes the whole document to fd; gives up as ab_io_write_unless() does (stop: -1: never). */
int ab_hold_send(struct ab_hold *h, int fd, int stop, struct ab_err *err);

/* Forgets the bytes, keeps the spool. */
int ab_hold_clear(struct ab_hold *h, struct ab_err *err);

void ab_hold_close(struct ab_hold *h);

#endif
