/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/nodes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/bundle/name.h"

struct walk {
	const struct ab_bundle_source *source;
	const struct ab_bundle_limits *limits;
	struct ab_bundle *tree;
	struct ab_buf path; /* of what is looked at */
	struct ab_err *err;
};

static bool is_excluded(const struct walk *w, const char *name)
{
	for (size_t i = 0; i < w->source->n_exclude; i++)
		if (fnmatch(w->source->exclude[i], w->path.data, 0) == 0 ||
		    fnmatch(w->source->exclude[i], name, 0) == 0)
			return true;
	return false;
}

static int add(struct walk *w, enum ab_node_kind kind, const char *target, const struct stat *st)
{
	struct ab_node *node;

	if (w->tree->n >= w->limits->files)
		return ab_err_no(w->err, "more than %" PRIu64 " files", w->limits->files);
	node = ab_nodes_add(w->tree, kind, w->path.data, target, w->err);
	if (!node)
		return -1;
	if (kind == AB_NODE_FILE) {
		node->hashed = true;
		node->size = (uint64_t)st->st_size;
		node->executable = st->st_mode & S_IXUSR;
	}
	return 0;
}

/* Drops what says nothing from a link's target, in place: "." and empty components. */
static void normalise(char *target)
{
	char *to = target, *save = NULL;

	if (*target == '/')
		return;
	for (char *p = strtok_r(target, "/", &save); p; p = strtok_r(NULL, "/", &save)) {
		size_t len = strlen(p);

		if (strcmp(p, ".") == 0)
			continue;
		if (to != target)
			*to++ = '/';
		memmove(to, p, len);
		to += len;
	}
	*to = '\0';
}

static int add_link(struct walk *w, int dir, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return ab_err_sys(w->err, "%s", w->path.data);
	target[n] = '\0';
	normalise(target);
	return add(w, AB_NODE_LINK, target, st);
}

static int walk_directory(struct walk *w, int fd, bool top);

static int visit(struct walk *w, int dir, const char *name)
{
	struct stat st;
	int fd;

	if (is_excluded(w, name))
		return 0;
	if (ab_name_check(w->path.data, w->path.len, w->err) < 0)
		return -1;
	if (strcmp(w->path.data, AB_TREE_FILE) == 0)
		return ab_err_no(w->err, "%s: a name that bundles keep for themselves",
				 AB_TREE_FILE);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ab_err_sys(w->err, "%s", w->path.data);
	if (S_ISREG(st.st_mode))
		return add(w, AB_NODE_FILE, NULL, &st);
	if (S_ISLNK(st.st_mode))
		return add_link(w, dir, name, &st);
	if (!S_ISDIR(st.st_mode))
		return ab_err_no(w->err, "%s: neither file, directory nor link", w->path.data);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return ab_err_sys(w->err, "%s", w->path.data);
	return walk_directory(w, fd, false);
}

/* Puts "/name" or, at the top, "name" behind the path. */
static int enter(struct walk *w, const char *name)
{
	if (w->path.len)
		ab_buf_addc(&w->path, '/');
	ab_buf_adds(&w->path, name);
	return ab_buf_ok(&w->path, w->err);
}

static void leave(struct walk *w, size_t len)
{
	w->path.len = len;
	if (w->path.data)
		w->path.data[len] = '\0';
}

static int walk_names(struct walk *w, DIR *d)
{
	size_t len = w->path.len;
	struct dirent *e;

	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (enter(w, e->d_name) < 0 || visit(w, dirfd(d), e->d_name) < 0)
			return -1;
		leave(w, len);
	}
	return errno ? ab_err_sys(w->err, "%s", len ? w->path.data : ".") : 0;
}

/* Takes fd over. */
static int walk_directory(struct walk *w, int fd, bool top)
{
	DIR *d = fdopendir(fd);
	size_t before = w->tree->n;
	int status;

	if (!d) {
		ab_auto_close(&fd);
		return ab_err_sys(w->err, "%s", top ? "." : w->path.data);
	}
	status = walk_names(w, d);
	(void)closedir(d);
	/* A directory of which nothing is left would otherwise be forgotten. */
	if (status == 0 && !top && w->tree->n == before)
		status = add(w, AB_NODE_DIRECTORY, NULL, NULL);
	return status;
}

int ab_nodes_walk(const struct ab_bundle_source *source, const struct ab_bundle_limits *limits,
		  struct ab_bundle *ret, struct ab_err *err)
{
	struct walk w = { .source = source, .limits = limits, .tree = ret, .err = err };
	int fd = openat(source->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return ab_err_sys(err, ".");
	status = walk_directory(&w, fd, true);
	ab_buf_free(&w.path);
	if (status == 0)
		ab_nodes_sort(ret);
	return status;
}
