/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_digest: what the agent was made of. The SHA-256 of one line for each read-only mount of the
 * jail, sorted by its path there (bytewise), "TYPE VALUE PATH\n", where TYPE is
 *   file     VALUE is "sha256:" and the hex SHA-256 of the content: the command, its interpreters
 *            and loader, what the operator named
 *   tree     a directory that the operator named: the same over a line for each entry in it, sorted
 *            in each directory, "TYPE MODE VALUE PATH\n": f, d or l; the octal mode; for a file the
 *            hash of its content, or its size once AB_DIGEST_CONTENT bytes of content are hashed;
 *            0 else; for a link its target behind a further space
 *   library  what a loader or interpreter loads: a file's size in bytes; "-" for a directory, such
 *            as an interpreter's standard library, which belongs to the interpreter
 *   unread   "-", for what the operator's user cannot read
 * An image that is the root is one tree, "/". What this run works on (AB_BIND_INPUT) is no part of
 * the agent: its own hash is `input`.
 */
#ifndef AB_JAIL_DIGEST_H
#define AB_JAIL_DIGEST_H

#include <stdbool.h>
#include "lib/crypto/sha256.h"
#include "lib/jail/plan.h"
#include "lib/jail/treehash.h"

#define AB_DIGEST_CONTENT (16u << 20) /* bytes of content that are hashed of all trees together */

struct ab_digester {
	const struct ab_plan *plan;
	size_t *order; /* indices of the plan's mounts */
	size_t n, at;
	int *fds; /* of each, opened beforehand: -1 unread */
	unsigned char *piece;
	struct ab_sha256 all, file;
	struct ab_treehash *tree;
	uint64_t content; /* bytes of the trees' content that may still be hashed */
	bool in_tree, working, failed;
	char input[AB_SHA256_TEXT]; /* of what is mounted at /input: no part of the agent */
};

/* Opens what is to be hashed, before the process confines itself. */
int ab_digester_open(struct ab_digester *d, const struct ab_plan *plan, struct ab_err *err);

/* Hashes one more piece of about 100 microseconds; d->working is false once all is done. */
void ab_digester_work(struct ab_digester *d);

/* The digest; false if memory ran out. */
bool ab_digester_end(const struct ab_digester *d, char out[AB_SHA256_TEXT]);

void ab_digester_close(struct ab_digester *d);

#endif
