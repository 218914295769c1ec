/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/mounts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/jail/gpu.h"
#include "lib/jail/program.h"
#include "lib/jail/workspace.h"

/* Splits "PATH[:DEST]"; *ret_path is the caller's, the return value points into `word`. */
static const char *split_mount(const char *word, char **ret_path, struct ab_err *err)
{
	const char *colon = strchr(word, ':'), *dest = colon ? colon + 1 : NULL;

	*ret_path = colon ? strndup(word, (size_t)(colon - word)) : strdup(word);
	if (!*ret_path)
		return ab_err_memory(err), NULL;
	if (!dest)
		return "";
	if (*dest != '/' || dest[1] == '\0' || dest[strlen(dest) - 1] == '/' ||
	    strstr(dest, "//") || strstr(dest, "/./") || strstr(dest, "/../") ||
	    (strlen(dest) > 2 && strcmp(dest + strlen(dest) - 3, "/..") == 0) ||
	    strcmp(dest + strlen(dest) - 2, "/.") == 0) {
		ab_err_usage(err, "%s: %s is not a plain absolute path", word, dest);
		return NULL;
	}
	return dest;
}

/* Makes a path absolute, not resolving anything. */
static int absolute(const char *path, char out[PATH_MAX], struct ab_err *err)
{
	char here[PATH_MAX] = "";
	int n;

	if (*path != '/' && !realpath(".", here))
		return ab_err_usage(err, "%s: the current directory is not known", path);
	n = snprintf(out, PATH_MAX, "%s%s%s", here, *here ? "/" : "", path);
	if (n < 0 || n >= PATH_MAX)
		return ab_err_usage(err, "%s: path too long", path);
	return 0;
}

static int add_mount(struct ab_plan *plan, const char *word, unsigned flags, struct ab_err *err)
{
	ab_autofree char *path = NULL;
	const char *dest = split_mount(word, &path, err);
	char full[PATH_MAX];

	if (!dest || absolute(path, full, err) < 0)
		return -1;
	return *dest ? ab_plan_add_at(plan, full, dest, flags, err)
		     : ab_plan_add(plan, full, flags, NULL, err);
}

/* Root's own rights do not count in the jail: what is shown must be readable without them. */
static int check_readable(const char *path, uid_t uid, struct ab_err *err)
{
	struct stat st;
	mode_t want;

	if (geteuid() != 0 || stat(path, &st) < 0)
		return 0;
	want = S_ISDIR(st.st_mode) ? 05 : 04;
	if (st.st_uid == uid || (st.st_mode & want) == want)
		return 0;
	return ab_err_usage(err,
			    "%s: not readable by user %u, as whom an agent that root starts runs",
			    path, (unsigned)uid);
}

static int add_mounts(struct ab_plan *plan, const struct ab_list *list, const char *option,
		      unsigned flags, uid_t uid, struct ab_err *err)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const char *word = list->items[i];
		ab_autofree char *path = strndup(word, strcspn(word, ":"));

		if (!path)
			return ab_err_memory(err);
		if (check_readable(path, uid, err) < 0 || add_mount(plan, word, flags, err) < 0) {
			err->status = AB_EXIT_USAGE;
			return ab_err_prefix(err, "%s: ", option);
		}
	}
	return 0;
}

/* One file or directory that is data, at the place that its option has. */
static int add_data(struct ab_plan *plan, const char *path, const char *option, const char *dest,
		    unsigned flags, uid_t uid, struct ab_err *err)
{
	char full[PATH_MAX];

	if (path && (check_readable(path, uid, err) < 0 || absolute(path, full, err) < 0 ||
		     ab_plan_add_at(plan, full, dest, AB_BIND_DATA | flags, err) < 0)) {
		err->status = AB_EXIT_USAGE;
		return ab_err_prefix(err, "%s: ", option);
	}
	return 0;
}

/* "DIR[:DEST]"; the overlay's options take DEST as it is. */
static int add_workspace(struct ab_plan *plan, const char *word, struct ab_err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-/";
	ab_autofree char *path = NULL;
	const char *dest = word ? split_mount(word, &path, err) : NULL;
	char full[PATH_MAX];
	struct stat st;

	if (!word)
		return 0;
	if (!dest || absolute(path, full, err) < 0)
		return -1;
	if (!*dest)
		dest = AB_JAIL_WORKSPACE;
	if (dest[strspn(dest, plain)] || strncmp(dest, "/tmp/", 5) == 0 ||
	    strcmp(dest, "/tmp") == 0)
		return ab_err_usage(err, "%s: is no place for a workspace", dest);
	if (stat(full, &st) == 0 && !S_ISDIR(st.st_mode))
		return ab_err_usage(err, "%s: not a directory", path);
	return ab_plan_add_at(plan, full, dest, AB_BIND_WRITE | AB_BIND_WORKSPACE, err);
}

static int check_models(const char *path, struct ab_err *err)
{
	struct stat st;

	if (!path || stat(path, &st) < 0 || S_ISDIR(st.st_mode))
		return 0; /* what is not there is told later */
	return ab_err_usage(err, "--models: %s: not a directory", path);
}

static int add_input(struct ab_plan *plan, const struct ab_jail_spec *spec, const char *tree,
		     uid_t uid, struct ab_err *err)
{
	if (tree)
		return add_data(plan, tree, "--input", AB_JAIL_INPUT,
				AB_BIND_INPUT | AB_BIND_BUNDLE, uid, err);
	return add_data(plan, spec->input, "--input", AB_JAIL_INPUT, AB_BIND_INPUT, uid, err);
}

int ab_mounts_add(struct ab_plan *plan, const struct ab_jail_spec *spec, const char *tree,
		  uid_t uid, struct ab_err *err)
{
	static const char *const own[] = { "/dev", "/proc", "/tmp" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(own); i++)
		if (ab_plan_add_dir(plan, own[i], err) < 0)
			return -1;
	if (check_models(spec->models, err) < 0 ||
	    add_mounts(plan, spec->ro, "--ro", AB_BIND_EXEC, uid, err) < 0 ||
	    add_mounts(plan, spec->rw, "--rw", AB_BIND_WRITE, uid, err) < 0)
		return -1;
	if (add_data(plan, spec->models, "--models", AB_JAIL_MODELS, 0, uid, err) < 0)
		return -1;
	if (add_input(plan, spec, tree, uid, err) < 0)
		return -1;
	if (add_workspace(plan, spec->workspace, err) < 0) {
		err->status = AB_EXIT_USAGE;
		return ab_err_prefix(err, "--workspace: ");
	}
	return 0;
}

static const struct ab_entry *find_tree(const struct ab_entry *entries, size_t n,
					const struct stat *st)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].flags & AB_BIND_TREE && !(entries[i].flags & AB_BIND_BUNDLE) &&
		    entries[i].dev == st->st_dev && entries[i].ino == st->st_ino)
			return &entries[i];
	return NULL;
}

/* The one of these that is the directory, or lies above it. */
static const struct ab_entry *find_above(int dir, const struct ab_entry *entries, size_t n)
{
	const struct ab_entry *found = NULL;
	struct stat st, above = { 0 };
	int fd = dup(dir);

	/* Upwards to where a directory is its own parent. */
	while (fd >= 0 && fstat(fd, &st) == 0) {
		int up;

		found = find_tree(entries, n, &st);
		if (found || (st.st_dev == above.st_dev && st.st_ino == above.st_ino))
			break;
		above = st;
		up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = up;
	}
	if (fd >= 0)
		(void)close(fd);
	return found;
}

bool ab_mounts_is_below(int dir, const struct ab_entry *entry)
{
	return find_above(dir, entry, 1) != NULL;
}

const struct ab_entry *ab_mounts_holder(const struct ab_plan *plan, int dir)
{
	return find_above(dir, plan->entries, plan->n);
}

int ab_mounts_hide(const struct ab_plan *plan, const struct ab_receipts *receipts,
		   struct ab_err *err)
{
	int dir = ab_receipts_dirfd(receipts);
	const struct ab_entry *e = dir < 0 ? NULL : ab_mounts_holder(plan, dir);

	return e ? ab_err_usage(err, "%s: holds the receipts of this run, which no agent is shown",
				e->source)
		 : 0;
}

struct ab_entry *ab_mounts_bundle(struct ab_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].flags & AB_BIND_BUNDLE)
			return &plan->entries[i];
	return NULL;
}

const struct ab_entry *ab_mounts_workspace(const struct ab_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].flags & AB_BIND_WORKSPACE)
			return &plan->entries[i];
	return NULL;
}

/* What the jail has of its own must not be hidden, nor the host's be shown in its place. */
static int check_places(const struct ab_plan *plan, struct ab_err *err)
{
	static const char *const own[] = { "dev", "proc", "sys" };

	for (size_t i = 0; i < plan->n; i++) {
		const struct ab_entry *e = &plan->entries[i];
		size_t len = strcspn(e->path, "/");

		for (size_t k = 0; k < AB_ARRAY_SIZE(own); k++)
			if (e->kind != AB_ENTRY_DIR && !(e->flags & AB_BIND_NODE) && len == strlen(own[k]) &&
			    strncmp(e->path, own[k], len) == 0)
				return ab_err_usage(err,
						    "/%s: nothing of the host's /%s is mounted in "
						    "the jail",
						    e->path, own[k]);
	}
	return 0;
}

static int add_programs(struct ab_plan *plan, const struct ab_jail_spec *spec, const char *path,
			uid_t uid, gid_t gid, struct ab_err *err)
{
	if (spec->root && spec->exec && spec->exec->n)
		return ab_err_usage(err, "--exec: with --root every program of the image can be "
					 "executed, and no other");
	for (size_t i = 0; spec->exec && i < spec->exec->n; i++)
		if (ab_program_add(plan, spec->exec->items[i], path, uid, gid, err) < 0) {
			err->status = AB_EXIT_USAGE;
			return ab_err_prefix(err, "--exec: ");
		}
	return 0;
}

static int add_image(struct ab_plan *plan, const char *dir, uid_t uid, struct ab_err *err)
{
	char real[PATH_MAX];

	if (!dir)
		return 0;
	if (!realpath(dir, real))
		return ab_err_sys(err, "--root: %s", dir);
	if (strcmp(real, "/") == 0)
		return ab_err_usage(err, "--root: %s: the host's root cannot be the jail's", dir);
	if (check_readable(real, uid, err) < 0 ||
	    ab_plan_add_image(plan, real, AB_BIND_EXEC, err) < 0) {
		err->status = AB_EXIT_USAGE;
		return ab_err_prefix(err, "--root: ");
	}
	return 0;
}

int ab_mounts_finish(struct ab_plan *plan, const struct ab_jail_spec *spec, const char *path,
		     uid_t uid, gid_t gid, struct ab_err *err)
{
	if (spec->gpu && spec->root)
		return ab_err_usage(err, "--gpu: with --root the driver's libraries have no place");
	if (add_programs(plan, spec, path, uid, gid, err) < 0 ||
	    (spec->gpu && ab_gpu_add(plan, err) < 0) ||
	    add_image(plan, spec->root, uid, err) < 0)
		return -1;
	return check_places(plan, err);
}
