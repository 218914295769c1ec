/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contents of a tree's files, read and hashed in the threads that compress them; private to the
 * room. What the manifest says is what was packed, even if somebody writes to a file meanwhile,
 * for it is the packed bytes that are hashed.
 */
#ifndef AB_BUNDLE_CONTENTS_H
#define AB_BUNDLE_CONTENTS_H

#include "lib/bundle/package.h"
#include "lib/tar/tar.h"

struct contents;

/* Of files beneath the directory `root`, which stays the caller's. */
struct contents *contents_new(int root, struct ab_err *err);

/* As an ab_tar_reading; the items are the ab_nodes of files, which get their hashes. */
int contents_read(void *contents, const struct ab_tar_part *parts, size_t n, struct ab_err *err);

void contents_free(struct contents *c);
void contents_freep(struct contents **c);

#endif
