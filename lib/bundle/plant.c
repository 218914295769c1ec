/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/plant.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/bundle/beneath.h"

static int enter(struct ab_plant *p, const char *path, size_t len)
{
	ab_buf_clear(&p->path);
	ab_buf_add(&p->path, path, len);
	ab_auto_close(&p->directory);
	if (p->path.failed) {
		errno = ENOMEM;
		p->directory = -1;
	} else {
		p->directory = ab_beneath_open_strict(p->root, len ? p->path.data : ".",
						      O_PATH | O_DIRECTORY, 0);
	}
	return p->directory < 0 ? -1 : 0;
}

/* Makes the directories of `path` that are not there and enters the last one. */
static int make_path(struct ab_plant *p, const char *path, size_t len)
{
	const char *at = path, *end = path + len;

	if (enter(p, path, 0) < 0)
		return -1;
	while (at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		size_t upto = (size_t)((slash ? slash : end) - path);
		char name[256] = "";

		memcpy(name, at, (size_t)(path + upto - at)); /* names have at most 255 bytes */
		if (mkdirat(p->directory, name, 0755) < 0 && errno != EEXIST)
			return -1;
		if (enter(p, path, upto) < 0)
			return -1;
		at = slash ? slash + 1 : end;
	}
	return 0;
}

/* Enters the directory of `path`; returns its last component, NULL on failure. */
static const char *go_to(struct ab_plant *p, const char *path, struct ab_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	bool here = p->directory >= 0 && p->path.len == len &&
		    (len == 0 || memcmp(p->path.data, path, len) == 0);

	/* Most files lie beside the one before; a directory that is there costs one call. */
	if (!here && enter(p, path, len) < 0 && make_path(p, path, len) < 0) {
		ab_err_sys(err, "%s", path);
		return NULL;
	}
	return slash ? slash + 1 : path;
}

static int begin(void *context, const struct ab_node *node, struct ab_err *err)
{
	struct ab_plant *p = context;
	const char *name;

	if (node->kind == AB_NODE_LINK)
		return 0;
	name = go_to(p, node->path, err);
	if (!name)
		return -1;
	if (node->kind == AB_NODE_DIRECTORY)
		return mkdirat(p->directory, name, 0755) < 0 ? ab_err_sys(err, "%s", node->path)
							     : 0;
	p->file = ab_beneath_open_strict(p->directory, name, O_WRONLY | O_CREAT | O_EXCL,
					 node->executable ? 0755 : 0644);
	return p->file < 0 ? ab_err_sys(err, "%s", node->path) : 0;
}

static int content(void *context, const void *data, size_t len, struct ab_err *err)
{
	struct ab_plant *p = context;

	return ab_io_write(p->file, data, len, err);
}

static int end(void *context, struct ab_err *err)
{
	struct ab_plant *p = context;

	/* Some file systems report a lost write only here. */
	return close(ab_steal_fd(&p->file)) < 0 ? ab_err_sys(err, "close") : 0;
}

struct ab_bundle_sink ab_plant_sink(struct ab_plant *p, int root)
{
	p->root = root;
	return (struct ab_bundle_sink){
		.context = p, .begin = begin, .content = content, .end = end
	};
}

int ab_plant_links(struct ab_plant *p, const struct ab_bundle *b, struct ab_err *err)
{
	for (size_t i = 0; i < b->n; i++) {
		const char *name;

		if (b->nodes[i].kind != AB_NODE_LINK)
			continue;
		name = go_to(p, b->nodes[i].path, err);
		if (!name)
			return -1;
		if (symlinkat(b->nodes[i].target, p->directory, name) < 0)
			return ab_err_sys(err, "%s", b->nodes[i].path);
	}
	return 0;
}

void ab_plant_close(struct ab_plant *p)
{
	ab_auto_close(&p->directory);
	ab_auto_close(&p->file);
	ab_buf_free(&p->path);
	*p = (struct ab_plant)AB_PLANT_INIT;
}
