/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of work that threads do side by side and that are taken back in the order they were put
 * in; private to the room. One thread owns the ring and calls everything here. The threads are
 * started when a second piece is waiting; where none can be started, ring_get() does the work.
 */
#ifndef AB_TAR_RING_H
#define AB_TAR_RING_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

struct ring_slot {
	unsigned char *in, *out; /* in_size and out_size bytes */
	size_t in_len, out_len;	 /* in_len: the owner's; out_len: the worker's */
	struct ab_buf more;	 /* what else the owner says of the piece */
	const char *why;	 /* set by the worker if the piece failed */
	struct ab_err err;	 /* and this, if it can say more than that */
	int done;
};

struct ring_work {
	size_t in_size, out_size;
	void *shared;
	void *(*start)(void *shared); /* a thread's own context, NULL without memory */
	void (*run)(void *context, struct ring_slot *slot);
	void (*end)(void *context);
};

struct ring;

struct ring *ring_new(unsigned threads, const struct ring_work *work, struct ab_err *err);

/* The slot to fill next; *ret is NULL without an error while all of them are under way. */
int ring_slot(struct ring *r, struct ring_slot **ret, struct ab_err *err);
void ring_put(struct ring *r);

/* Waits for the oldest piece; NULL if none is under way. Until ring_release() it is the owner's. */
struct ring_slot *ring_get(struct ring *r);
void ring_release(struct ring *r);

void ring_free(struct ring *r);

#endif
