/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/bundle/beneath.h"

#define MAX_COMPONENTS 64
#define MAX_DEPTH      64
#define MAX_MATCHES    1000000

struct glob {
	int root;
	char *parts[MAX_COMPONENTS];
	size_t n;
	struct ab_paths *found;
	struct ab_err *err;
};

int ab_paths_add(struct ab_paths *paths, const char *path, struct ab_err *err)
{
	/* Doubles whenever n is a power of two: no capacity to keep. */
	if ((paths->n & (paths->n - 1)) == 0) {
		size_t room = paths->n ? paths->n * 2 : 1;
		char **items = reallocarray(paths->items, room, sizeof(*items));

		if (!items)
			return ab_err_memory(err);
		paths->items = items;
	}
	paths->items[paths->n] = strdup(path);
	if (!paths->items[paths->n])
		return ab_err_memory(err);
	paths->n++;
	return 0;
}

void ab_paths_free(struct ab_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->items[i]);
	free(paths->items);
	*paths = (struct ab_paths){ 0 };
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void ab_paths_sort(struct ab_paths *paths)
{
	size_t kept = 0;

	if (paths->n)
		qsort(paths->items, paths->n, sizeof(*paths->items), compare);
	for (size_t i = 0; i < paths->n; i++) {
		if (kept && strcmp(paths->items[kept - 1], paths->items[i]) == 0)
			free(paths->items[i]);
		else
			paths->items[kept++] = paths->items[i];
	}
	paths->n = kept;
}

static bool is_wild(const char *part)
{
	return strpbrk(part, "*?[\\") != NULL;
}

/* prefix/name, or name alone. */
static char *join(const char *prefix, const char *name, struct ab_err *err)
{
	struct ab_buf b = { 0 };
	char *path;

	if (*prefix) {
		ab_buf_adds(&b, prefix);
		ab_buf_addc(&b, '/');
	}
	ab_buf_adds(&b, name);
	path = ab_buf_steal(&b);
	if (!path)
		ab_err_memory(err);
	return path;
}

static int walk(const struct glob *g, const char *prefix, size_t part, unsigned depth);

/* What `path` is without following it: an S_IF* value, 0 if it is not there, -1. */
static int kind_of(const struct glob *g, const char *path)
{
	struct stat st;

	if (fstatat(g->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return (int)(st.st_mode & S_IFMT);
	return errno == ENOENT || errno == ENOTDIR ? 0 : ab_err_sys(g->err, "%s", path);
}

/* The pattern names `path` in full: directories are passed over, what is no file is refused later.
 */
static int found(const struct glob *g, const char *path, int kind)
{
	if (kind == 0 || kind == S_IFDIR)
		return 0;
	if (kind == S_IFLNK && ab_beneath_is_directory(g->root, path))
		return 0;
	if (g->found->n >= MAX_MATCHES)
		return ab_err_no(g->err, "more than %d files match", MAX_MATCHES);
	return ab_paths_add(g->found, path, g->err);
}

/* One name of a directory against parts[part]. */
static int visit(const struct glob *g, const char *prefix, const char *name, size_t part,
		 unsigned depth)
{
	bool any = strcmp(g->parts[part], "**") == 0, last = part + 1 == g->n;
	ab_autofree char *path = NULL;
	int kind;

	if (fnmatch(any ? "*" : g->parts[part], name, FNM_PERIOD) != 0)
		return 0;
	path = join(prefix, name, g->err);
	if (!path)
		return -1;
	kind = kind_of(g, path);
	if (kind < 0)
		return -1;
	if (kind == S_IFDIR && (any || !last))
		return walk(g, path, any ? part : part + 1, depth + 1);
	return last ? found(g, path, kind) : 0;
}

static int visit_all(const struct glob *g, const char *prefix, size_t part, unsigned depth)
{
	int fd = ab_beneath_open(g->root, *prefix ? prefix : ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int status = 0;

	if (!dir) {
		ab_err_sys(g->err, "%s", *prefix ? prefix : ".");
		ab_auto_close(&fd);
		return -1;
	}
	while (status == 0) {
		struct dirent *e;

		errno = 0;
		e = readdir(dir);
		if (!e) {
			status = errno ? ab_err_sys(g->err, "%s", prefix) : 0;
			break;
		}
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			status = visit(g, prefix, e->d_name, part, depth);
	}
	(void)closedir(dir);
	return status;
}

/* Matches parts[part..] beneath the directory `prefix`. */
static int walk(const struct glob *g, const char *prefix, size_t part, unsigned depth)
{
	const char *text = g->parts[part];
	ab_autofree char *path = NULL;
	int kind;

	if (depth > MAX_DEPTH)
		return ab_err_no(g->err, "%s: more than %d directories deep", prefix, MAX_DEPTH);
	/* "**" also stands for no directory at all. */
	if (strcmp(text, "**") == 0 && part + 1 < g->n && walk(g, prefix, part + 1, depth) < 0)
		return -1;
	if (is_wild(text))
		return visit_all(g, prefix, part, depth);
	path = join(prefix, text, g->err);
	kind = path ? kind_of(g, path) : -1;
	if (kind < 0)
		return -1;
	if (part + 1 == g->n)
		return found(g, path, kind);
	if (kind != S_IFDIR && !(kind == S_IFLNK && ab_beneath_is_directory(g->root, path)))
		return 0;
	return walk(g, path, part + 1, depth + 1);
}

/* Splits the pattern; "." and empty components fall away. */
static int split(struct glob *g, char *pattern, const char *shown)
{
	char *save = NULL;

	if (pattern[0] == '/')
		return ab_err_usage(g->err,
				    "%s: absolute pattern; files are named relative to the root",
				    shown);
	for (char *p = strtok_r(pattern, "/", &save); p; p = strtok_r(NULL, "/", &save)) {
		if (strcmp(p, ".") == 0)
			continue;
		if (strcmp(p, "..") == 0)
			return ab_err_usage(g->err, "%s: \"..\" in the pattern", shown);
		if (g->n == MAX_COMPONENTS)
			return ab_err_usage(g->err, "%s: too many components", shown);
		/* Two in a row say no more than one, and would visit everything twice. */
		if (g->n && strcmp(p, "**") == 0 && strcmp(g->parts[g->n - 1], "**") == 0)
			continue;
		g->parts[g->n++] = p;
	}
	return g->n ? 0 : ab_err_usage(g->err, "empty pattern");
}

int ab_glob(int root, const char *pattern, struct ab_paths *paths, struct ab_err *err)
{
	ab_autofree char *copy = strdup(pattern);
	struct glob g = { .root = root, .found = paths, .err = err };
	size_t before = paths->n;

	if (!copy)
		return ab_err_memory(err);
	if (split(&g, copy, pattern) < 0 || walk(&g, "", 0, 0) < 0)
		return -1;
	return paths->n > before ? 0 : ab_err_usage(err, "%s: matches no file", pattern);
}
