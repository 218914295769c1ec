/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/jail/weaken.h"

#define MAX_LINKS 40 /* as the kernel's */

/* A walk along a host path: where it stands, and what is still to come. */
struct walk {
	char at[PATH_MAX]; /* absolute; "" is the root */
	char rest[PATH_MAX];
	struct stat st; /* of `at`, if it was looked at */
	bool looked;
	int links;
};

/* FNV-1a: a plan of a hundred entries is searched a thousand times. */
static uint32_t hash_of(const char *path)
{
	uint32_t h = 2166136261u;

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 16777619u;
	return h;
}

struct ab_entry *ab_plan_find(const struct ab_plan *plan, const char *path)
{
	uint32_t hash = hash_of(path);

	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].hash == hash && strcmp(plan->entries[i].path, path) == 0)
			return &plan->entries[i];
	return NULL;
}

struct ab_entry *ab_plan_mount_of(const struct ab_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct ab_entry *e = &plan->entries[i];
		size_t len = strlen(e->path);

		if (e->kind == AB_ENTRY_BIND && strncmp(e->path, path, len) == 0 &&
		    (path[len] == '\0' || (path[len] == '/' && e->flags & AB_BIND_TREE)))
			return &plan->entries[i];
	}
	return NULL;
}

/* Whether the host's own file or directory of this path is already in the plan. */
static bool is_covered(const struct ab_plan *plan, const char *path)
{
	const struct ab_entry *e = ab_plan_mount_of(plan, path);

	return e && strcmp(e->source + 1, e->path) == 0;
}

static int grow(struct ab_plan *plan, struct ab_err *err)
{
	bool first = !plan->entries, few = plan->entries == plan->few;
	size_t capacity = first ? AB_PLAN_FEW : plan->capacity * 2;
	struct ab_entry *entries = plan->few;

	if (!first)
		entries = realloc(few ? NULL : plan->entries, capacity * sizeof(*entries));
	if (!entries)
		return ab_err_memory(err);
	if (few)
		memcpy(entries, plan->few, sizeof(plan->few));
	plan->entries = entries;
	plan->capacity = capacity;
	return 0;
}

static struct ab_entry *add(struct ab_plan *plan, enum ab_entry_kind kind, const char *path,
			    const char *source, struct ab_err *err)
{
	struct ab_entry e = { .kind = kind, .hash = hash_of(path), .mount = -1 };

	if (plan->n == plan->capacity && grow(plan, err) < 0)
		return NULL;
	e.path = strdup(path);
	e.source = source ? strdup(source) : NULL;
	if (!e.path || (source && !e.source)) {
		free(e.path);
		free(e.source);
		ab_err_memory(err);
		return NULL;
	}
	plan->entries[plan->n] = e;
	return &plan->entries[plan->n++];
}

static int too_long(struct ab_err *err)
{
	errno = ENAMETOOLONG;
	return ab_err_sys(err, "path");
}

/* Whether nothing is left of a path that could change where it leads. */
static bool is_end(const char *rest)
{
	for (;;) {
		rest += strspn(rest, "/");
		if (*rest != '.' || (rest[1] != '/' && rest[1] != '\0'))
			return !*rest;
		rest++;
	}
}

/* Moves the first name of w->rest to the end of w->at. 0: there is none left. */
static int next_name(struct walk *w, struct ab_err *err)
{
	size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/");
	size_t at = strlen(w->at);

	if (len == 0)
		return 0;
	if (at + 1 + len >= sizeof(w->at))
		return too_long(err);
	w->at[at] = '/';
	memcpy(w->at + at + 1, w->rest + skip, len);
	w->at[at + 1 + len] = '\0';
	memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
	return 1;
}

static void cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* "." and ".." behind a directory: both are gone from w->at, true. */
static bool is_dots(struct walk *w)
{
	const char *name = strrchr(w->at, '/') + 1;

	if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return false;
	if (name[1])
		cut_name(w->at);
	cut_name(w->at);
	return true;
}

/* w->at is a symbolic link: makes it again in the jail and goes where it leads. */
static int follow(struct ab_plan *plan, struct walk *w, struct ab_err *err)
{
	AB_UNINITIALIZED char target[PATH_MAX];
	ssize_t len = readlink(w->at, target, sizeof(target) - 1);
	size_t rest = strlen(w->rest);

	if (len < 0)
		return ab_err_sys(err, "%s", w->at);
	target[len] = '\0';
	if (++w->links > MAX_LINKS) {
		errno = ELOOP;
		return ab_err_sys(err, "%s", w->at);
	}
	if (!is_covered(plan, w->at + 1) && !ab_plan_find(plan, w->at + 1) &&
	    !add(plan, AB_ENTRY_LINK, w->at + 1, target, err))
		return -1;
	if ((size_t)len + 1 + rest >= sizeof(w->rest))
		return too_long(err);
	memmove(w->rest + len + 1, w->rest, rest + 1);
	memcpy(w->rest, target, (size_t)len);
	w->rest[len] = '/';
	if (*target == '/')
		w->at[0] = '\0';
	else
		cut_name(w->at);
	return 0;
}

/* One step to the next name. 0: the path is at its end. */
static int step(struct ab_plan *plan, struct walk *w, struct ab_err *err)
{
	const struct ab_entry *known;
	int more = next_name(w, err);

	if (more <= 0)
		return more;
	w->looked = false;
	if (is_dots(w))
		return more;
	known = ab_plan_find(plan, w->at + 1);
	if (known && known->kind == AB_ENTRY_LINK)
		return follow(plan, w, err) < 0 ? -1 : 1;
	if (known && known->kind == AB_ENTRY_DIR && !is_end(w->rest))
		return 1;
	if (lstat(w->at, &w->st) < 0)
		return ab_err_sys(err, "%s", w->at);
	w->looked = true;
	if (S_ISLNK(w->st.st_mode))
		return follow(plan, w, err) < 0 ? -1 : 1;
	if (is_end(w->rest))
		return 1;
	if (!known && !is_covered(plan, w->at + 1) &&
	    !add(plan, AB_ENTRY_DIR, w->at + 1, NULL, err))
		return -1;
	return 1;
}

static void take_stat(struct ab_entry *e, const struct stat *st)
{
	e->dev = st->st_dev;
	e->ino = st->st_ino;
	e->size = (uint64_t)st->st_size;
}

static int add_bind(struct ab_plan *plan, const char *path, const char *source,
		    const struct stat *st, unsigned flags, struct ab_err *err)
{
	struct ab_entry *e = ab_plan_find(plan, path);

	if (e && e->kind == AB_ENTRY_DIR && S_ISDIR(st->st_mode)) {
		/* What stands in it already would be hidden by the mount. */
		return ab_err_usage(err, "%s: name it before what lies in it", source);
	}
	if (e)
		return ab_err_usage(err, "%s: /%s is taken", source, path);
	if (flags & AB_BIND_NODE && !S_ISCHR(st->st_mode) && !*ab_weaken_gpu())
		return ab_err_usage(err, "%s: not a character device", source);
	if (flags & AB_BIND_SOCKET ? !S_ISSOCK(st->st_mode)
				   : !(flags & AB_BIND_NODE) && !S_ISDIR(st->st_mode) && !S_ISREG(st->st_mode))
		return ab_err_usage(err, "%s: neither a file nor a directory", source);
	e = add(plan, AB_ENTRY_BIND, path, source, err);
	if (!e)
		return -1;
	e->flags = flags | (S_ISDIR(st->st_mode) ? AB_BIND_TREE : 0);
	take_stat(e, st);
	return 0;
}

int ab_plan_look(struct ab_entry *entry, struct ab_err *err)
{
	struct stat st;

	if (lstat(entry->source, &st) < 0)
		return ab_err_sys(err, "%s", entry->source);
	take_stat(entry, &st);
	return 0;
}

int ab_plan_add(struct ab_plan *plan, const char *path, unsigned flags, char *ret_real,
		struct ab_err *err)
{
	AB_UNINITIALIZED struct walk w;
	struct ab_entry *covering;
	size_t len = strlen(path);
	int more;

	if (len >= sizeof(w.rest))
		return too_long(err);
	memcpy(w.rest, path, len + 1);
	w.at[0] = '\0';
	w.looked = false;
	w.links = 0;
	do {
		more = step(plan, &w, err);
	} while (more > 0);
	if (more < 0)
		return -1;
	if (!w.at[0])
		return ab_err_usage(err, "%s: the host's root cannot be the jail's", path);
	if (ret_real)
		memcpy(ret_real, w.at, strlen(w.at) + 1);
	covering = ab_plan_mount_of(plan, w.at + 1);
	if (covering && is_covered(plan, w.at + 1)) {
		if (strcmp(covering->path, w.at + 1) == 0 &&
		    !(covering->flags & (AB_BIND_WRITE | AB_BIND_DATA)))
			covering->flags |= flags;
		if (flags & AB_BIND_WRITE && !(covering->flags & AB_BIND_WRITE))
			return ab_err_usage(err, "%s: lies in /%s, which is shown read-only", path,
					    covering->path);
		return 0;
	}
	if (covering)
		return ab_err_usage(err, "%s: hidden by what is mounted at /%s", path,
				    covering->path);
	/* A last name that was known as a directory was not. */
	if (!w.looked && lstat(w.at, &w.st) < 0)
		return ab_err_sys(err, "%s", w.at);
	return add_bind(plan, w.at + 1, w.at, &w.st, flags, err);
}

int ab_plan_add_dir(struct ab_plan *plan, const char *path, struct ab_err *err)
{
	AB_UNINITIALIZED char at[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(at))
		return too_long(err);
	for (size_t i = 1; i <= len; i++) {
		const struct ab_entry *e;

		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(at, path + 1, i - 1);
		at[i - 1] = '\0';
		e = ab_plan_find(plan, at);
		if (e && e->kind == AB_ENTRY_DIR)
			continue;
		if (e || ab_plan_mount_of(plan, at))
			return ab_err_usage(err, "/%s: is taken", at);
		if (!add(plan, AB_ENTRY_DIR, at, NULL, err))
			return -1;
	}
	return 0;
}

int ab_plan_add_at(struct ab_plan *plan, const char *path, const char *dest, unsigned flags,
		   struct ab_err *err)
{
	char real[PATH_MAX], parent[PATH_MAX];
	struct stat st;
	int n = snprintf(parent, sizeof(parent), "%s", dest);

	if (n < 0 || (size_t)n >= sizeof(parent))
		return too_long(err);
	if (!realpath(path, real) || lstat(real, &st) < 0)
		return ab_err_sys(err, "%s", path);
	cut_name(parent);
	if (parent[0] && ab_plan_add_dir(plan, parent, err) < 0)
		return -1;
	if (ab_plan_mount_of(plan, dest + 1))
		return ab_err_usage(err, "%s: is taken", dest);
	return add_bind(plan, dest + 1, real, &st, flags, err);
}

/* Whether the plan has a place of this name; what the operator put into a directory that the image
 * has as well would hide the rest of it. */
static int is_hidden(const struct ab_plan *plan, const char *name, struct ab_err *err)
{
	static const char *const own[] = { "dev", "proc", "sys", "tmp" };
	const struct ab_entry *e = ab_plan_find(plan, name);

	for (size_t i = 0; i < AB_ARRAY_SIZE(own); i++)
		if (strcmp(name, own[i]) == 0)
			return 1;
	if (e && e->kind == AB_ENTRY_DIR)
		return ab_err_usage(err, "/%s: the image has one, nothing can be shown in it",
				    name);
	return e != NULL;
}

static int add_image_name(struct ab_plan *plan, int dir, const char *source, const char *name,
			  unsigned flags, struct ab_err *err)
{
	char path[PATH_MAX], target[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", source, name);
	int hidden = is_hidden(plan, name, err);
	struct stat st;
	ssize_t len;

	if (hidden)
		return hidden < 0 ? -1 : 0;
	if (n < 0 || (size_t)n >= sizeof(path))
		return too_long(err);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ab_err_sys(err, "%s", path);
	if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
		return add_bind(plan, name, path, &st, flags | AB_BIND_PART, err);
	if (!S_ISLNK(st.st_mode))
		return 0;
	len = readlinkat(dir, name, target, sizeof(target) - 1);
	if (len < 0)
		return ab_err_sys(err, "%s", path);
	target[len] = '\0';
	return add(plan, AB_ENTRY_LINK, name, target, err) ? 0 : -1;
}

int ab_plan_add_image(struct ab_plan *plan, const char *source, unsigned flags, struct ab_err *err)
{
	ab_autoclose int fd = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct ab_entry *image;
	struct dirent **list;
	struct stat st;
	int n, status = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_sys(err, "%s", source);
	n = scandirat(fd, ".", &list, NULL, NULL);
	if (n < 0)
		return ab_err_sys(err, "%s", source);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if (status == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			status = add_image_name(plan, fd, source, name, flags, err);
		free(list[i]);
	}
	free(list);
	image = status < 0 ? NULL : add(plan, AB_ENTRY_IMAGE, "", source, err);
	if (!image)
		return -1;
	image->flags = flags | AB_BIND_TREE;
	image->dev = st.st_dev;
	image->ino = st.st_ino;
	return 0;
}

static int by_path(const void *a, const void *b, void *context)
{
	const struct ab_plan *plan = context;

	return strcmp(plan->entries[*(const size_t *)a].path,
		      plan->entries[*(const size_t *)b].path);
}

void ab_plan_sort(const struct ab_plan *plan, size_t *places, size_t n)
{
	qsort_r(places, n, sizeof(*places), by_path, (void *)(uintptr_t)plan);
}

void ab_plan_free(struct ab_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		free(plan->entries[i].path);
		free(plan->entries[i].source);
	}
	if (plan->entries != plan->few)
		free(plan->entries);
	*plan = (struct ab_plan){ 0 };
}
