/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/package.h"

#include <string.h>

#include "lib/bundle/read.h"

struct taking {
	const char *path;
	struct ab_hold *hold;
	bool now, found; /* the file whose content comes is the one; it was there */
};

static int begin(void *context, const struct ab_node *node, struct ab_err *err)
{
	struct taking *t = context;

	t->now = strcmp(node->path, t->path) == 0;
	if (t->now && node->kind != AB_NODE_FILE)
		return ab_err_no(err, "%s: not a regular file", t->path);
	t->found |= t->now;
	return 0;
}

static int content(void *context, const void *data, size_t len, struct ab_err *err)
{
	struct taking *t = context;

	return t->now ? ab_hold_add(t->hold, data, len, err) : 0;
}

static int end(void *context, struct ab_err *err)
{
	(void)context;
	(void)err;
	return 0;
}

int ab_bundle_cat(int fd, const char *path, const struct ab_bundle_limits *limits,
		  struct ab_hold *hold, struct ab_bundle *ret, struct ab_err *err)
{
	struct taking t = { .path = path, .hold = hold };
	const struct ab_bundle_sink sink = { &t, begin, content, end };

	if (ab_bundle_read(fd, limits, &sink, ret, err) < 0)
		return -1;
	return t.found ? 0 : ab_err_no(err, "%s: no such file in it", path);
}
