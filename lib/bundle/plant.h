/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a tree beneath a fresh, empty directory as it is read from a bundle; private to the room.
 * Files are created with O_EXCL through descriptors that openat2(2) resolved beneath the directory
 * without following a link; links are made last, so none is there while anything is written.
 */
#ifndef AB_BUNDLE_PLANT_H
#define AB_BUNDLE_PLANT_H

#include "lib/bundle/read.h"

struct ab_plant {
	int root, directory, file; /* directory: that of the last file */
	struct ab_buf path;	   /* of `directory` */
};

#define AB_PLANT_INIT                                                                              \
	{                                                                                          \
		.root = -1, .directory = -1, .file = -1                                            \
	}

/* The sink of the tree; `root` is borrowed. The caller sets umask(0) before. */
struct ab_bundle_sink ab_plant_sink(struct ab_plant *p, int root);

/* Makes the links of the whole tree. */
int ab_plant_links(struct ab_plant *p, const struct ab_bundle *b, struct ab_err *err);

void ab_plant_close(struct ab_plant *p);

#endif
