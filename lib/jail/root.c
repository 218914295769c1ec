/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/jail/workspace.h"

/* Not zero: mapped and shared, it is memory that no limit of a process sees. */
static const char *const devices[] = { "null", "full", "random", "urandom" };
_Static_assert(AB_ARRAY_SIZE(devices) <= AB_ARRAY_SIZE(((struct ab_root *)NULL)->devices),
	       "room for the devices");

static const struct {
	const char *path, *target;
} links[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
};

/* A descriptor that is at least `lowest`, in place of fd. */
static int raise_fd(int fd, int lowest)
{
	int moved;

	if (fd < 0 || fd >= lowest)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
	(void)close(fd);
	return moved;
}

static int detach(const char *path, int lowest)
{
	return raise_fd(
		open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
		lowest);
}

static int hold_entry(const struct ab_root *root, struct ab_entry *e, int lowest,
		      struct ab_err *err)
{
	struct stat st;

	if (e->flags & AB_BIND_WORKSPACE) {
		int fd = ab_workspace_hold(e->source, root->uid, root->gid, err);

		if (fd < 0)
			return -1;
		e->mount = raise_fd(fd, lowest);
	} else {
		e->mount = detach(e->source, lowest);
	}
	if (e->mount < 0 || fstat(e->mount, &st) < 0)
		return ab_err_sys(err, "%s: mount", e->source);
	if (st.st_dev != e->dev || st.st_ino != e->ino)
		return ab_err_trouble(err, "%s: was replaced while the jail was built", e->source);
	return 0;
}

int ab_root_hold(struct ab_root *root, struct ab_plan *plan, int lowest, struct ab_err *err)
{
	char path[32];

	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", devices[i]); /* all are short */
		root->devices[i] = detach(path, lowest);
		if (root->devices[i] < 0)
			return ab_err_sys(err, "%s: mount", path);
	}
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].kind == AB_ENTRY_BIND &&
		    hold_entry(root, &plan->entries[i], lowest, err) < 0)
			return -1;
	root->held = true;
	return 0;
}

void ab_root_let_go(struct ab_root *root, struct ab_plan *plan)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(root->devices); i++)
		if (root->devices[i] >= 0)
			(void)close(ab_steal_fd(&root->devices[i]));
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].mount >= 0)
			(void)close(ab_steal_fd(&plan->entries[i].mount));
	root->held = false;
}

/* An empty tmpfs, mounted over the old root; its descriptor. */
static int mount_tmpfs(struct ab_err *err)
{
	ab_autoclose int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int root;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", "1m", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return ab_err_sys(err, "root: tmpfs");
	root = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (root < 0)
		return ab_err_sys(err, "root: tmpfs");
	if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 || fchdir(root) < 0) {
		ab_err_sys(err, "root: mount");
		(void)close(root);
		return -1;
	}
	return root;
}

static int set_attributes(const char *path, bool recursive, uint64_t set, struct ab_err *err)
{
	/* Private: what the host mounts there later does not come in. */
	struct mount_attr attr = { .attr_set = set, .propagation = MS_PRIVATE };

	if (mount_setattr(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | (recursive ? AT_RECURSIVE : 0),
			  &attr, sizeof(attr)) < 0)
		return ab_err_sys(err, "/%s: mount flags", path);
	return 0;
}

static int attach(int *mount, const char *path, struct ab_err *err)
{
	int fd = ab_steal_fd(mount);

	if (move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return ab_err_sys(err, "/%s: mount", path);
	(void)close(fd);
	return 0;
}

/* The point to mount on is a directory or an empty file, as the source is. */
static int make_point(const struct ab_entry *e, struct ab_err *err)
{
	int status =
		e->flags & AB_BIND_TREE ? mkdir(e->path, 0755) : mknod(e->path, S_IFREG | 0444, 0);

	return status < 0 ? ab_err_sys(err, "/%s", e->path) : 0;
}

static int make_entry(struct ab_entry *e, struct ab_err *err)
{
	switch (e->kind) {
	case AB_ENTRY_DIR:
		return mkdir(e->path, 0755) < 0 && errno != EEXIST ? ab_err_sys(err, "/%s", e->path)
								   : 0;
	case AB_ENTRY_LINK:
		return symlink(e->source, e->path) < 0 ? ab_err_sys(err, "/%s", e->path) : 0;
	case AB_ENTRY_BIND:
		if (make_point(e, err) < 0)
			return -1;
		/* Writable ones, and devices, come after everything has been made read-only and
		 * without devices. */
		return e->flags & (AB_BIND_WRITE | AB_BIND_NODE) ? 0 : attach(&e->mount, e->path, err);
	case AB_ENTRY_IMAGE:
		return 0;
	}
	return 0;
}

static bool is_in_tmp(const struct ab_entry *e)
{
	return strncmp(e->path, "tmp/", 4) == 0;
}

static int make_tree(struct ab_plan *plan, bool in_tmp, struct ab_err *err)
{
	for (size_t i = 0; i < plan->n; i++)
		if (is_in_tmp(&plan->entries[i]) == in_tmp &&
		    make_entry(&plan->entries[i], err) < 0)
			return -1;
	return 0;
}

static int make_dev(struct ab_err *err)
{
	char path[32];

	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++) {
		(void)snprintf(path, sizeof(path), "dev/%s", devices[i]);
		if (mknod(path, S_IFREG | 0444, 0) < 0)
			return ab_err_sys(err, "/%s", path);
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(links); i++)
		if (symlink(links[i].target, links[i].path) < 0)
			return ab_err_sys(err, "/%s", links[i].path);
	return mkdir("dev/shm", 0755) < 0 ? ab_err_sys(err, "/dev/shm") : 0;
}

static int attach_dev(struct ab_root *root, struct ab_err *err)
{
	char path[32];

	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++) {
		(void)snprintf(path, sizeof(path), "dev/%s", devices[i]);
		if (attach(&root->devices[i], path, err) < 0 ||
		    set_attributes(path, false,
				   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				   err) < 0)
			return -1;
	}
	return 0;
}

static int bind(const char *from, const char *to, struct ab_err *err)
{
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return ab_err_sys(err, "/%s: mount", to);
	return 0;
}

static int mount_workspace(struct ab_root *root, struct ab_plan *plan, struct ab_err *err)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].flags & AB_BIND_WORKSPACE)
			return ab_workspace_mount(root, &plan->entries[i], "tmp", err);
	return 0;
}

/* One tmpfs and one limit for /tmp, /dev/shm and what changes in a workspace: two directories of it
 * are mounted there, and the others are not to be seen. */
static int mount_tmp(struct ab_root *root, struct ab_plan *plan, struct ab_err *err)
{
	char options[128];
	mode_t mask;
	int status;

	(void)snprintf(options, sizeof(options), "size=%llu,nr_inodes=%llu,mode=0755",
		       (unsigned long long)root->tmp_bytes, (unsigned long long)root->tmp_inodes);
	if (mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		return ab_err_sys(err, "/tmp: mount");
	mask = umask(0);
	status = mkdir("tmp/tmp", 01777) < 0 || mkdir("tmp/shm", 01777) < 0;
	(void)umask(mask);
	if (status)
		return ab_err_sys(err, "/tmp");
	if (mount_workspace(root, plan, err) < 0)
		return -1;
	if (bind("tmp/shm", "dev/shm", err) < 0)
		return -1;
	return bind("tmp/tmp", "tmp", err);
}

/*
 * Only processes that the agent could trace are seen (not the first one), and nothing of the
 * kernel. Where a container hides parts of its own /proc, the kernel refuses a fresh one: the
 * agent then has none, which takes nothing from its isolation.
 */
static int mount_proc(struct ab_root *root, struct ab_err *err)
{
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
		  "hidepid=ptraceable,subset=pid") == 0)
		root->has_proc = true;
	else if (errno != EPERM)
		return ab_err_sys(err, "/proc: mount");
	return 0;
}

static int attach_late(struct ab_plan *plan, struct ab_err *err)
{
	const uint64_t still = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

	for (size_t i = 0; i < plan->n; i++) {
		struct ab_entry *e = &plan->entries[i];

		if (e->kind != AB_ENTRY_BIND || e->flags & AB_BIND_WORKSPACE)
			continue;
		if (e->flags & AB_BIND_NODE) {
			if (attach(&e->mount, e->path, err) < 0 ||
			    set_attributes(e->path, false,
					   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						   MOUNT_ATTR_NOEXEC,
					   err) < 0)
				return -1;
		} else if (e->flags & AB_BIND_WRITE) {
			if (attach(&e->mount, e->path, err) < 0 ||
			    set_attributes(e->path, true, still | MOUNT_ATTR_NOEXEC, err) < 0)
				return -1;
		} else if (is_in_tmp(e) || e->flags & AB_BIND_DATA) {
			const uint64_t data = e->flags & AB_BIND_DATA ? MOUNT_ATTR_NOEXEC : 0;

			if (set_attributes(e->path, true, still | MOUNT_ATTR_RDONLY | data, err) <
			    0)
				return -1;
		}
	}
	return 0;
}

/* The new root takes the place of the old one, which then lies under it and is let go. */
static int enter(struct ab_err *err)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return ab_err_sys(err, "root: pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return ab_err_sys(err, "root: umount of the host's");
	return chdir("/") < 0 ? ab_err_sys(err, "/") : 0;
}

int ab_root_build(struct ab_root *root, struct ab_plan *plan, struct ab_err *err)
{
	const uint64_t still = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	ab_autoclose int fd = mount_tmpfs(err);

	(void)umask(022);
	if (fd < 0 || make_tree(plan, false, err) < 0 || make_dev(err) < 0 ||
	    set_attributes(".", true, still, err) < 0 || attach_dev(root, err) < 0 ||
	    mount_proc(root, err) < 0 || mount_tmp(root, plan, err) < 0)
		return -1;
	if (make_tree(plan, true, err) < 0 || attach_late(plan, err) < 0)
		return -1;
	return enter(err);
}
