/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --digest: the agent is started only if it is the one that is expected, to the last byte of all
 * that it can read and cannot change. In place of agent_digest (digest.h), which is made beside the
 * run and leaves out what would take long, this one is whole, and made from what is really mounted:
 * the jail's first process opens it in the jail's root and hands the descriptors out.
 *
 * The SHA-256 of an entry for each mount and each symbolic link that the jail was given (not the
 * writable ones, sockets, /input, /dev, /proc and /tmp), sorted bytewise by its path there, which
 * begins with a slash:
 *   f sha256:HEX PATH NUL       a file, with the hash of its content
 *   x sha256:HEX PATH NUL       one that somebody may execute (any of the three bits)
 *   t sha256:HEX PATH NUL       a directory: the same over an entry for each file in it, in the
 *                               order of names in each directory, a directory before what is in
 *                               it, with paths relative to it; these are f, x, l, and
 *   d PATH NUL                  a directory in it
 *   l PATH NUL TARGET NUL       a symbolic link
 * What cannot be read, is anything else, or changes meanwhile has no digest, and is an error.
 */
#ifndef AB_JAIL_PIN_H
#define AB_JAIL_PIN_H

#include <stdbool.h>
#include "lib/crypto/sha256.h"
#include "lib/jail/plan.h"
#include "lib/jail/treehash.h"

struct ab_pin {
	bool wanted;
	const char *expected; /* "sha256:...", or NULL: it is only asked for */
	const struct ab_plan *plan;
	size_t *order; /* indices of the plan's entries */
	size_t n, at;
	int *fds; /* of each, or -1: a link */
	unsigned char *piece;
	struct ab_sha256 all, file;
	struct ab_treehash *tree;
	struct ab_treehash_file state; /* of the file whose turn it is */
	bool working, in_tree, done;
	uint64_t until_ns; /* it must be done by then */
	char digest[AB_SHA256_TEXT];
};

/* In the jail's first process: opens the mounts and hands them out, each in a message. */
int ab_pin_give(const struct ab_plan *plan, int channel, struct ab_err *err);

/* In the supervisor, once the jail is built: takes them, if they are wanted. */
int ab_pin_take(struct ab_pin *p, const struct ab_plan *plan, int channel, struct ab_err *err);

/* And lets the confined supervisor read what is in the directories. */
struct ab_landlock;
int ab_pin_allow(const struct ab_pin *p, struct ab_landlock *l, struct ab_err *err);

/* Begins, with so long to be done. */
void ab_pin_begin(struct ab_pin *p, uint64_t ms);

/* Hashes some more, for about a millisecond: p->working is false once all is done. -1: it has no
 * digest, or is not what was expected. */
int ab_pin_work(struct ab_pin *p, struct ab_err *err);

void ab_pin_close(struct ab_pin *p);

#endif
