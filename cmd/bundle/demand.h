/* SPDX-License-Identifier: Apache-2.0 */
/* What may be asked of a bundle besides being one: to be a certain one, and who signed it. */
#ifndef AB_CMD_BUNDLE_DEMAND_H
#define AB_CMD_BUNDLE_DEMAND_H

#include "cmd/bundle/verbs.h"
#include "lib/base/buf.h"
#include "lib/crypto/sha256.h"
#include "lib/note/note.h"

struct ab_bundle_demand {
	const char *identity, *key, *signature; /* the options */
	struct ab_vkey vkey;			/* loaded, if there is a key */
	struct ab_buf note;
};

/* Whether the bundle of this identity meets a loaded demand: AB_EXIT_NO if not. */
int ab_bundle_demand_check(const void *demand, const unsigned char identity[AB_SHA256_SIZE],
			   struct ab_err *err);

/* The verbs that make demands of a bundle: what their command lines say. */
struct ab_bundle_asked {
	const char *bundle, *operand; /* the operand behind it, NULL: the verb has none */
	struct ab_bundle_demand demand;
	struct ab_bundle_limits limits;
	uint64_t threads;
};
struct ab_bundle_verb {
	const char *name, *summary, *operands;
	size_t n_operands; /* 1 or 2 */
	/* Ends in ab_io_finish() or what does the same; returns the exit status. */
	int (*run)(struct ab_bundle_asked *a);
};

/* The main() of such a verb: its options, and then run(). */
int ab_bundle_asked_main(const struct ab_bundle_verb *verb, int argc, char *argv[]);

/* Reads what has to be known of the signer, before we confine ourselves, and opens the bundle. */
int ab_bundle_asked_open(struct ab_bundle_asked *a, struct ab_err *err);

#endif
