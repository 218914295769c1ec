/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's three streams, as the supervisor carries them. */
#ifndef AB_JAIL_RELAY_H
#define AB_JAIL_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include "lib/base/hold.h"
#include "lib/crypto/sha256.h"

#define AB_CHUNK       65536
#define AB_STDERR_KEPT (1u << 20) /* bytes of the agent's stderr that go to a file */

/* stdin: read to its end and hashed, whether or not the agent reads it. */
struct ab_feed {
	int from, to;	      /* -1: at its end; the agent has closed it */
	unsigned char *chunk; /* AB_CHUNK bytes */
	size_t len, at;	      /* what of the chunk is still to be written */
	struct ab_sha256 hash;
	uint64_t bytes;
};

/* stdout: held; more than the hold takes is a limit that was hit. */
struct ab_capture {
	int from; /* -1: at its end */
	struct ab_hold *hold;
	bool over;
};

/* stderr: hashed, and its first bytes written to a file if there is one. */
struct ab_drop {
	int from, file; /* -1: at its end; no file */
	struct ab_sha256 hash;
	uint64_t bytes;
};

/* What poll(2) shall wait for; -1 as fd: nothing. */
struct pollfd ab_feed_source(const struct ab_feed *f);
struct pollfd ab_feed_sink(const struct ab_feed *f);

/* Reads one chunk if it is empty. A read error counts as the end and is told. */
int ab_feed_read(struct ab_feed *f, struct ab_err *err);

/* Writes what the agent takes without waiting; it may close its input early. */
void ab_feed_write(struct ab_feed *f);

/* Closes the agent's input: nothing more is written, the source is still read. */
void ab_feed_close(struct ab_feed *f);

/* Reads some into `chunk` (AB_CHUNK bytes); over the limit it is read and forgotten. */
int ab_capture_read(struct ab_capture *c, unsigned char *chunk, struct ab_err *err);
void ab_drop_read(struct ab_drop *d, unsigned char *chunk);

#endif
