/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/nodes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/base/thread.h"
#include "lib/bundle/beneath.h"
#include "lib/bundle/name.h"

/* Directories that wait make it worth another thread. */
#define MANY 16

/* What the threads share. */
struct walk {
	const struct ab_bundle_source *source;
	uint64_t files, most; /* nodes so far, and how many there may be */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char **waiting; /* paths of directories */
	size_t n, capacity;
	unsigned busy;	   /* threads that may still find directories */
	struct ab_err err; /* the first; its status is 0 while there is none */
	struct walker *walkers;
	unsigned running, wanted; /* of them; the first is no new thread */
};

/* A thread's own. */
struct walker {
	struct walk *all;
	struct ab_bundle tree;
	struct ab_buf path; /* of what is looked at */
	struct ab_err err;
	pthread_t thread;
};

static void *walk(void *walker);

static bool is_excluded(const struct walker *w, const char *name)
{
	const struct ab_bundle_source *source = w->all->source;

	for (size_t i = 0; i < source->n_exclude; i++)
		if (fnmatch(source->exclude[i], w->path.data, 0) == 0 ||
		    fnmatch(source->exclude[i], name, 0) == 0)
			return true;
	return false;
}

static int too_many(const struct walk *all, struct ab_err *err)
{
	return ab_err_no(err, "more than %" PRIu64 " files", all->most);
}

static int add(struct walker *w, enum ab_node_kind kind, const char *target, const struct stat *st)
{
	struct ab_node *node;

	if (__atomic_add_fetch(&w->all->files, 1, __ATOMIC_RELAXED) > w->all->most)
		return too_many(w->all, &w->err);
	node = ab_nodes_add(&w->tree, kind, w->path.data, target, &w->err);
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

static int add_link(struct walker *w, int dir, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return ab_err_sys(&w->err, "%s", w->path.data);
	target[n] = '\0';
	normalise(target);
	return add(w, AB_NODE_LINK, target, st);
}

/* Threads are for large trees: they come when there is work for them. */
static void start_threads(struct walk *all)
{
	struct walker *w;

	for (; all->running < all->wanted; all->running++) {
		w = &all->walkers[all->running];
		w->all = all;
		if (!ab_thread_start(&w->thread, walk, w))
			break;
	}
	all->wanted = all->running;
}

/* Has a directory walked later, by whichever thread comes to it. */
static int add_waiting(struct walk *all, const char *path, struct ab_err *err)
{
	char *copy = strdup(path);
	int status = 0;

	(void)pthread_mutex_lock(&all->lock);
	/* Each will be at least one node of the bundle, itself if it is empty. */
	if (all->n > all->most) {
		status = too_many(all, err);
		goto out;
	}
	if (copy && all->n == all->capacity) {
		size_t capacity = all->capacity ? 2 * all->capacity : 64;
		char **waiting = reallocarray(all->waiting, capacity, sizeof(*waiting));

		if (waiting) {
			all->waiting = waiting;
			all->capacity = capacity;
		}
	}
	if (copy && all->n < all->capacity) {
		all->waiting[all->n++] = ab_steal(&copy);
		(void)pthread_cond_signal(&all->changed);
		if (all->n == MANY)
			start_threads(all);
	} else {
		status = ab_err_memory(err);
	}
out:
	(void)pthread_mutex_unlock(&all->lock);
	free(copy);
	return status;
}

static int visit(struct walker *w, int dir, const char *name)
{
	struct stat st;

	if (ab_name_check(w->path.data, w->path.len, &w->err) < 0)
		return -1;
	if (strcmp(w->path.data, AB_TREE_FILE) == 0)
		return ab_err_no(&w->err, "%s: a name that bundles keep for themselves",
				 AB_TREE_FILE);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ab_err_sys(&w->err, "%s", w->path.data);
	if (S_ISREG(st.st_mode))
		return add(w, AB_NODE_FILE, NULL, &st);
	if (S_ISLNK(st.st_mode))
		return add_link(w, dir, name, &st);
	if (S_ISDIR(st.st_mode))
		return add_waiting(w->all, w->path.data, &w->err);
	return ab_err_no(&w->err, "%s: neither file, directory nor link", w->path.data);
}

/* Puts "/name" or, at the top, "name" behind the path. */
static int enter(struct walker *w, const char *name)
{
	if (w->path.len)
		ab_buf_addc(&w->path, '/');
	ab_buf_adds(&w->path, name);
	return ab_buf_ok(&w->path, &w->err);
}

static void leave(struct walker *w, size_t len)
{
	w->path.len = len;
	if (w->path.data)
		w->path.data[len] = '\0';
}

static int walk_names(struct walker *w, DIR *d)
{
	size_t len = w->path.len, kept = 0;
	struct dirent *e;

	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (enter(w, e->d_name) < 0)
			return -1;
		if (!is_excluded(w, e->d_name)) {
			kept++;
			if (visit(w, dirfd(d), e->d_name) < 0)
				return -1;
		}
		leave(w, len);
	}
	if (errno)
		return ab_err_sys(&w->err, "%s", len ? w->path.data : ".");
	/* A directory of which nothing is left would otherwise be forgotten. */
	return kept || !len ? 0 : add(w, AB_NODE_DIRECTORY, NULL, NULL);
}

static int walk_directory(struct walker *w, const char *path)
{
	const char *name = *path ? path : ".";
	ab_autoclose int fd =
		ab_beneath_open_strict(w->all->source->root, name, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int status;

	if (!d)
		return ab_err_sys(&w->err, "%s", name);
	(void)ab_steal_fd(&fd);
	ab_buf_clear(&w->path);
	ab_buf_adds(&w->path, path);
	status = ab_buf_ok(&w->path, &w->err) < 0 ? -1 : walk_names(w, d);
	(void)closedir(d);
	return status;
}

/* Takes a directory, or waits for one while others may find some; NULL when all is done. */
static char *take_waiting(struct walk *all)
{
	while (all->n == 0 && all->busy && !all->err.status)
		(void)pthread_cond_wait(&all->changed, &all->lock);
	if (all->n == 0 || all->err.status)
		return NULL;
	all->busy++;
	return all->waiting[--all->n];
}

static void *walk(void *walker)
{
	struct walker *w = walker;
	struct walk *all = w->all;
	char *path;

	(void)pthread_mutex_lock(&all->lock);
	while ((path = take_waiting(all))) {
		int status;

		(void)pthread_mutex_unlock(&all->lock);
		status = walk_directory(w, path);
		free(path);
		(void)pthread_mutex_lock(&all->lock);
		all->busy--;
		if (status < 0 && !all->err.status)
			all->err = w->err;
	}
	(void)pthread_cond_broadcast(&all->changed);
	(void)pthread_mutex_unlock(&all->lock);
	return NULL;
}

/* Waits for the threads, and puts together what all have found. */
static int gather(struct walk *all, struct ab_bundle *ret, struct ab_err *err)
{
	int status = 0;

	for (unsigned i = 0; i < all->running; i++) {
		struct walker *w = &all->walkers[i];

		if (i > 0)
			(void)pthread_join(w->thread, NULL);
		if (status == 0)
			status = ab_nodes_move(ret, &w->tree, err);
		ab_bundle_free(&w->tree);
		ab_buf_free(&w->path);
	}
	while (all->n)
		free(all->waiting[--all->n]);
	free(all->waiting);
	free(all->walkers);
	if (!all->err.status)
		return status;
	*err = all->err;
	return -1;
}

int ab_nodes_walk(const struct ab_bundle_source *source, const struct ab_bundle_limits *limits,
		  unsigned threads, struct ab_bundle *ret, struct ab_err *err)
{
	struct walk all = { .source = source,
			    .most = limits->files,
			    .walkers = calloc(threads, sizeof(*all.walkers)),
			    .running = 1,
			    .wanted = threads };

	if (!all.walkers)
		return ab_err_memory(err);
	(void)pthread_mutex_init(&all.lock, NULL); /* never fails with default attributes */
	(void)pthread_cond_init(&all.changed, NULL);
	all.walkers[0].all = &all;
	if (add_waiting(&all, "", &all.err) == 0)
		(void)walk(&all.walkers[0]);
	if (gather(&all, ret, err) < 0)
		return -1;
	(void)pthread_mutex_destroy(&all.lock);
	(void)pthread_cond_destroy(&all.changed);
	ab_nodes_sort(ret);
	return 0;
}
