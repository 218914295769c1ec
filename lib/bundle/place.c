/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX	  ".ab-bundle."
#define MAX_DEPTH 300 /* more than a bundle's paths can have */

static void remove_tree(int dir, const char *name, int depth);

/* Takes fd over. */
static void remove_contents(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	if (!d) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			remove_tree(dirfd(d), e->d_name, depth);
	(void)closedir(d);
}

/* Best effort: there is nobody to tell, and the next sweep tries again. */
static void remove_tree(int dir, const char *name, int depth)
{
	int fd;

	if (unlinkat(dir, name, 0) == 0 || depth > MAX_DEPTH)
		return;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		remove_contents(fd, depth + 1);
	(void)unlinkat(dir, name, AT_REMOVEDIR);
}

/* Removes one left-over directory, if it is ours and nobody is at work in it. */
static void sweep_one(int parent, const char *name)
{
	ab_autoclose int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		remove_tree(parent, name, 0);
}

static void sweep(int parent)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		ab_auto_close(&fd);
		return;
	}
	while ((e = readdir(d)))
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0)
			sweep_one(parent, e->d_name);
	(void)closedir(d);
}

/* Opens the directory that `target` is to be made in. */
static int open_parent(struct ab_place *p, const char *target, struct ab_err *err)
{
	const char *slash = strrchr(target, '/');
	ab_autofree char *directory = NULL;

	p->base = slash ? slash + 1 : target;
	if (!*p->base || strcmp(p->base, ".") == 0 || strcmp(p->base, "..") == 0)
		return ab_err_usage(err, "%s: not the name of a new directory", target);
	directory = !slash	      ? strdup(".")
		    : slash == target ? strdup("/")
				      : strndup(target, (size_t)(slash - target));
	if (!directory)
		return ab_err_memory(err);
	p->parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->parent >= 0)
		return 0;
	ab_err_sys(err, "%s", directory);
	err->status = AB_EXIT_USAGE;
	return -1;
}

static int make(struct ab_place *p, struct ab_err *err)
{
	struct stat st;
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return ab_err_sys(err, "getrandom");
	(void)snprintf(p->name, sizeof(p->name), PREFIX "%016" PRIx64, random); /* fits: 11 + 16 */
	if (mkdirat(p->parent, p->name, 0700) < 0)
		return ab_err_sys(err, "making a directory beside the target");
	p->fd = openat(p->parent, p->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->fd < 0 || flock(p->fd, LOCK_EX | LOCK_NB) < 0 || fstat(p->fd, &st) < 0)
		return ab_err_sys(err, "%s", p->name);
	/* Another's sweep may have come between mkdir and flock. */
	return st.st_nlink ? 0 : ab_err_trouble(err, "%s: was removed", p->name);
}

int ab_place_open(struct ab_place *p, const char *target, struct ab_err *err)
{
	struct stat st;

	if (open_parent(p, target, err) < 0)
		return -1;
	if (fstatat(p->parent, p->base, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return ab_err_usage(err, "%s: exists", target);
	if (errno != ENOENT)
		return ab_err_sys(err, "%s", target);
	sweep(p->parent);
	return make(p, err);
}

int ab_place_keep(struct ab_place *p, struct ab_err *err)
{
	if (fchmod(p->fd, 0755) < 0)
		return ab_err_sys(err, "%s", p->name);
	if (renameat2(p->parent, p->name, p->parent, p->base, RENAME_NOREPLACE) < 0)
		return ab_err_sys(err, "%s", p->base);
	p->name[0] = '\0';
	return 0;
}

void ab_place_close(struct ab_place *p)
{
	if (p->parent >= 0 && p->name[0])
		remove_tree(p->parent, p->name, 0);
	ab_auto_close(&p->fd);
	ab_auto_close(&p->parent);
	*p = (struct ab_place)AB_PLACE_INIT;
}
