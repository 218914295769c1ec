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
#define AB_HOLD_WORK   (16u << 20) /* bytes of the spool that ab_hold_work() may give */
#define AB_HUGE_PAGE   ((size_t)2 << 20)
#define AB_HOLD_PAD    64 /* zero bytes that are readable behind a mapped document */

struct ab_hold {
	unsigned char *memory; /* the first bytes, or all of them */
	size_t in_memory, capacity;
	unsigned char *room; /* what `memory` of more than a little lies in, else NULL */
	size_t room_size;
	uint64_t size; /* of the whole document */
	uint64_t max;  /* a larger document is refused */
	size_t memory_max; /* a larger one does not stay in memory */
	bool moved;    /* from memory to the spool, where there is room for memory_max */
	bool large;    /* expected not to stay in memory */
	bool small;    /* expected to take little of it */
	int spool;     /* the unlinked file */
	struct ab_hold *of; /* whose spool it is, NULL: its own */
	struct ab_hold *under; /* the one aside of that before this one was made, or NULL */
	struct ab_hold *aside; /* the newest one in the spool behind its own bytes, or NULL */
	uint64_t base; /* where in the spool the document begins */
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
 * The same without a spool: a document of at most max bytes stays in memory. A file without a name is
 * quickly written, but where many processes make and lose one, ext4 looks for a free inode for as long
 * as half a small program's start.
 */
void ab_hold_open_memory(struct ab_hold *h, size_t max);

/*
 * An empty hold that needs no file of its own: its bytes go into h's spool, all of them, behind those of h and of
 * the others like it. Neither h nor any of those may get more while the new one is there, which is to be closed before
 * them, and stays where it is. false: h has no spool.
 */
bool ab_hold_aside(struct ab_hold *h, struct ab_hold *ret);

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
 * Moves a document that is mapped from memory, and is large enough for it to be worth while, to the spool: it stands
 * where it stood, to be read alone, and ab_hold_near() and ab_hold_forget() are for it as well. Nothing is done
 * where that cannot be, as where there is no spool. -1: AB_EXIT_TROUBLE, and the bytes may be gone.
 */
int ab_hold_spool(struct ab_hold *h, struct ab_err *err);

/*
 * Memory of `size` bytes, at most AB_HOLD_WORK, that stands in the spool: what is written there can be given back page
 * by page with madvise(MADV_DONTNEED), and is there when it is looked at again. One at a time; the caller unmaps it.
 * NULL: AB_EXIT_TROUBLE; h must have a spool.
 */
void *ab_hold_work(struct ab_hold *h, size_t size, struct ab_err *err);

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

/* Forgets the bytes from `size` on of one that was made by ab_hold_aside(). */
void ab_hold_cut(struct ab_hold *h, uint64_t size);

/* Forgets the bytes, keeps the spool. */
int ab_hold_clear(struct ab_hold *h, struct ab_err *err);

void ab_hold_close(struct ab_hold *h);

#endif
