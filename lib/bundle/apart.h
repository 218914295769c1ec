/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work on hostile bytes apart from ourselves, in a confined child that can read and write beneath
 * one fresh directory and nothing else; private to the room. All or nothing: the directory gets its
 * name when the child is done, and is removed when it fails, crashes, or a signal ends us.
 */
#ifndef AB_BUNDLE_APART_H
#define AB_BUNDLE_APART_H

#include "lib/base/err.h"
#include "lib/crypto/sha256.h"

/* Runs in the child, in `dir`, with umask 0. Fills in the identity of the bundle. */
typedef int (*ab_apart_job)(void *context, int dir, unsigned char identity[AB_SHA256_SIZE],
			    struct ab_err *err);

/* What ab_bundle_extract() says of its target, its signals and what is left behind holds here. */
int ab_apart(const char *target, ab_apart_job job, void *context,
	     unsigned char ret_identity[AB_SHA256_SIZE], struct ab_err *err);

#endif
