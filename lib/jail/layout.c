/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/layout.h"

#include <string.h>
#include <sys/stat.h>

const struct ab_change *ab_changes_find(const struct ab_changes *changes, const char *path,
					size_t len)
{
	size_t from = 0, to = changes->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const char *there = changes->items[middle].path;
		int order = strncmp(there, path, len);

		if (order == 0 && there[len] == '\0')
			return &changes->items[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

/* Whether the directory that it stood in is gone as well, and with it all that was in it. */
static bool is_below_deleted(const struct ab_changes *changes, const char *path)
{
	const char *slash = strrchr(path, '/');
	const struct ab_change *above =
		slash ? ab_changes_find(changes, path, (size_t)(slash - path)) : NULL;

	return above && S_ISDIR(above->old.mode) && !S_ISDIR(above->now.mode);
}

static int whiteout(const struct ab_change *c, struct ab_tar_entry *ret, struct ab_buf *path,
		    struct ab_err *err)
{
	const char *slash = strrchr(c->path, '/'), *name = slash ? slash + 1 : c->path;

	ab_buf_add(path, c->path, (size_t)(name - c->path));
	ab_buf_adds(path, ".wh.");
	ab_buf_adds(path, name);
	*ret = (struct ab_tar_entry){ .kind = AB_TAR_FILE, .path = path->data };
	return ab_buf_ok(path, err) < 0 ? -1 : 1;
}

int ab_layout_entry(const struct ab_changes *changes, size_t i, struct ab_tar_entry *ret,
		    struct ab_buf *path, struct ab_err *err)
{
	const struct ab_change *c = &changes->items[i];
	mode_t mode = c->now.mode;

	if (strcmp(c->path, ".") == 0)
		return 0;
	if (!mode)
		return is_below_deleted(changes, c->path) ? 0 : whiteout(c, ret, path, err);
	*ret = (struct ab_tar_entry){ .path = c->path };
	if (S_ISREG(mode)) {
		ret->kind = AB_TAR_FILE;
		ret->executable = mode & 0100;
		ret->size = c->now.bytes;
		return 1;
	}
	ret->kind = S_ISDIR(mode) ? AB_TAR_DIRECTORY : AB_TAR_LINK;
	ret->target = c->now.target;
	return S_ISDIR(mode) || S_ISLNK(mode);
}
