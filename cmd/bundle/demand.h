/* SPDX-License-Identifier: Apache-2.0 */
/* What may be asked of a bundle besides being one: to be a certain one, and who signed it. */
#ifndef AB_CMD_BUNDLE_DEMAND_H
#define AB_CMD_BUNDLE_DEMAND_H

#include "lib/base/buf.h"
#include "lib/crypto/sha256.h"
#include "lib/note/note.h"

struct ab_bundle_demand {
	const char *identity, *key, *signature; /* the options */
	struct ab_vkey vkey;			/* loaded, if there is a key */
	struct ab_buf note;
};

#define AB_BUNDLE_DEMAND_OPTIONS(demand)                                                           \
	{ AB_OPT_STRING,     0, "identity", "HASH", "refuse any other bundle than sha256:HEX",     \
	  &(demand).identity },                                                                    \
		{ AB_OPT_STRING, 0, "key", "FILE", "ask for a signature by this verifier key",     \
		  &(demand).key },                                                                 \
	{                                                                                          \
		AB_OPT_STRING, 0, "signature", "FILE", "the signatures (default BUNDLE.sig)",      \
			&(demand).signature                                                        \
	}

/* Reads what has to be known of the signer, before we confine ourselves. */
int ab_bundle_demand_load(struct ab_bundle_demand *d, const char *bundle, struct ab_err *err);

/* Whether the bundle of this identity meets a loaded demand: AB_EXIT_NO if not. */
int ab_bundle_demand_check(const void *demand, const unsigned char identity[AB_SHA256_SIZE],
			   struct ab_err *err);

void ab_bundle_demand_done(struct ab_bundle_demand *d);

#endif
