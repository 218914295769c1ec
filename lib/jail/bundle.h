/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle that is shown at /input: `ab-bundle extract`, a process of its own, verifies it and
 * unpacks it into a directory of this run's. This room reads nothing of it.
 */
#ifndef AB_JAIL_BUNDLE_H
#define AB_JAIL_BUNDLE_H

#include <stdbool.h>
#include "lib/crypto/sha256.h"
#include "lib/jail/scratch.h"

struct ab_jail_bundle {
	struct ab_scratch at;
	char tree[PATH_MAX];	       /* its tree within; "": there is no bundle */
	char identity[AB_SHA256_TEXT]; /* "" before it is unpacked */
};

/* How the unpacking ended. */
enum ab_jail_unpacked {
	AB_UNPACKED,
	AB_UNPACK_FAILED,  /* err has it */
	AB_UNPACK_SIGNAL,  /* a signal came, which is read from the descriptor */
	AB_UNPACK_NO_NEED, /* stdin has ended, with nothing in it */
};

/* Makes the directory, and an empty one in it where the tree will be. */
int ab_jail_bundle_open(struct ab_jail_bundle *b, struct ab_err *err);

/* What is asked of it, and what calls it off. */
struct ab_jail_unpack {
	const char *bundle;
	const char *key; /* file of the verifier key that must have signed it, or NULL */
	int signals;	 /* a signalfd; a message in it calls the unpacking off */
	int input;	 /* a pipe whose empty end does so; -1: none */
};

/* Unpacks it. What ab-bundle says against it is one line, "BUNDLE: ...". */
enum ab_jail_unpacked ab_jail_bundle_unpack(struct ab_jail_bundle *b,
					    const struct ab_jail_unpack *how, struct ab_err *err);

#endif
