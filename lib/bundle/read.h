/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a bundle and handing on what is in it; private to the room. */
#ifndef AB_BUNDLE_READ_H
#define AB_BUNDLE_READ_H

#include "lib/bundle/package.h"

/*
 * Where the tree goes as it is read, before it is known that all of it is right. begin() is given
 * each node; of a file content() follows with its bytes, and end().
 */
struct ab_bundle_sink {
	void *context;
	int (*begin)(void *context, const struct ab_node *node, struct ab_err *err);
	int (*content)(void *context, const void *data, size_t len, struct ab_err *err);
	int (*end)(void *context, struct ab_err *err);
};

/* ab_bundle_verify(); `sink` may be NULL. */
int ab_bundle_read(int fd, const struct ab_bundle_limits *limits, const struct ab_bundle_sink *sink,
		   struct ab_bundle *ret, struct ab_err *err);

#endif
