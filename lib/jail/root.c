/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "lib/base/join.h"
#include "lib/jail/workspace.h"

#define OWN_INODES 32 /* of the root, beside those of the plan */
#define PAGE	   4096

/* Beneath the root as well, without the slash. Not zero: mapped and shared, it is memory that no limit of a process sees. */
static const char *const devices[] = { "/dev/null", "/dev/full", "/dev/random", "/dev/urandom" };
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

static int detach(const char *path)
{
	return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

static int hold_entry(struct ab_root *root, struct ab_entry *e, struct ab_err *err)
{
	struct stat st;

	if (e->flags & AB_BIND_WORKSPACE) {
		e->mount = ab_workspace_hold(e->source, err);
		if (e->mount < 0)
			return -1;
	} else {
		e->mount = detach(e->source);
	}
	if (e->mount < 0 || fstat(e->mount, &st) < 0)
		return ab_err_sys(err, "%s: mount", e->source);
	if (st.st_dev != e->dev || st.st_ino != e->ino)
		return ab_err_trouble(err, "%s: was replaced while the jail was built", e->source);
	return e->flags & AB_BIND_WORKSPACE ? ab_workspace_give(root, e, err) : 0;
}

static int hold_all(struct ab_root *root, struct ab_plan *plan, struct ab_err *err)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++) {
		root->devices[i] = detach(devices[i]);
		if (root->devices[i] < 0)
			return ab_err_sys(err, "%s: mount", devices[i]);
	}
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].kind == AB_ENTRY_BIND &&
		    hold_entry(root, &plan->entries[i], err) < 0)
			return -1;
	root->held = true;
	return 0;
}

int ab_root_hold(struct ab_root *root, struct ab_plan *plan, int lowest, struct ab_err *err)
{
	int low = dup(STDIN_FILENO), status;

	if (low >= lowest) {
		(void)close(low);
		return hold_all(root, plan, err);
	}
	if (low < 0)
		return ab_err_sys(err, "descriptors");
	/* That number is taken until all others are. */
	status = ab_root_hold(root, plan, lowest, err);
	(void)close(low);
	return status;
}

/* Descriptors that are opened one after the other are mostly numbered so, and closed in one call. */
struct run {
	int first, last;
};

static void end_run(const struct run *r)
{
	if (r->first >= 0)
		(void)close_range((unsigned)r->first, (unsigned)r->last, 0);
}

static void add_to_run(struct run *r, int fd)
{
	if (fd < 0)
		return;
	if (r->first < 0 || fd != r->last + 1) {
		end_run(r);
		r->first = fd;
	}
	r->last = fd;
}

void ab_root_close(const struct ab_root *root, const struct ab_plan *plan)
{
	struct run r = { -1, -1 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(root->devices); i++)
		add_to_run(&r, root->devices[i]);
	for (size_t i = 0; i < plan->n; i++)
		add_to_run(&r, plan->entries[i].mount);
	end_run(&r);
}

void ab_root_forget(struct ab_root *root, struct ab_plan *plan)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(root->devices); i++)
		root->devices[i] = -1;
	for (size_t i = 0; i < plan->n; i++)
		plan->entries[i].mount = -1;
	root->held = false;
}

int ab_root_tmpfs(uint64_t bytes, uint64_t inodes, struct ab_err *err)
{
	ab_autoclose int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	struct ab_decimal size, number;
	int mount;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", ab_decimal(&size, bytes), 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", ab_decimal(&number, inodes), 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return ab_err_sys(err, "tmpfs");
	mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? ab_err_sys(err, "tmpfs") : mount;
}

/*
 * An empty tmpfs, mounted over the old root, where we go. It is the root and all that can be written
 * in it: a second one for /tmp would be a file system more to make and to take down. Above our root
 * is our root again, but then what is mounted there.
 */
static int mount_tmpfs(const struct ab_root *root, const struct ab_plan *plan, struct ab_err *err)
{
	uint64_t inodes = root->tmp_inodes + plan->n + OWN_INODES;
	struct ab_decimal size, number;
	struct statfs here;
	AB_UNINITIALIZED char options[PAGE]; /* mount() takes so much, and faults where the stack ends */

	(void)ab_join(options, sizeof(options), "mode=0755,size=", ab_decimal(&size, root->tmp_bytes),
		      ",nr_inodes=", ab_decimal(&number, inodes), NULL);
	if (mount("tmpfs", "/", "tmpfs", 0, options) < 0 || chdir("/..") < 0 || statfs(".", &here) < 0)
		return ab_err_sys(err, "root: tmpfs");
	/* What is made from here on must not be made in the host's root. */
	if (here.f_type != TMPFS_MAGIC || here.f_files != inodes || here.f_ffree + 1 < inodes)
		return ab_err_trouble(err, "root: the empty tmpfs is not where it was mounted");
	return 0;
}

static int change_attributes(const char *path, bool recursive, uint64_t set, uint64_t clear,
			     struct ab_err *err)
{
	/* Private: what the host mounts there later does not come in. */
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = MS_PRIVATE };

	if (mount_setattr(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | (recursive ? AT_RECURSIVE : 0),
			  &attr, sizeof(attr)) < 0)
		return ab_err_sys(err, "/%s: mount flags", path);
	return 0;
}

static int set_attributes(const char *path, bool recursive, uint64_t set, struct ab_err *err)
{
	return change_attributes(path, recursive, set, 0, err);
}

/* The descriptors are closed all at once. */
static int attach(int mount, const char *path, struct ab_err *err)
{
	if (move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return ab_err_sys(err, "/%s: mount", path);
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
		return e->flags & (AB_BIND_WRITE | AB_BIND_NODE) ? 0 : attach(e->mount, e->path, err);
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
	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++)
		if (mknod(devices[i] + 1, S_IFREG | 0444, 0) < 0)
			return ab_err_sys(err, "%s", devices[i]);
	for (size_t i = 0; i < AB_ARRAY_SIZE(links); i++)
		if (symlink(links[i].target, links[i].path) < 0)
			return ab_err_sys(err, "/%s", links[i].path);
	return mkdir("dev/shm", 0755) < 0 ? ab_err_sys(err, "/dev/shm") : 0;
}

static int attach_dev(struct ab_root *root, struct ab_err *err)
{
	const uint64_t set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++)
		if (attach(root->devices[i], devices[i] + 1, err) < 0 ||
		    set_attributes(devices[i] + 1, false, set, err) < 0)
			return -1;
	return 0;
}

static int bind(const char *from, const char *to, struct ab_err *err)
{
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return ab_err_sys(err, "/%s: mount", to);
	return 0;
}

static int bind_writable(const char *from, const char *to, struct ab_err *err)
{
	const uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

	return bind(from, to, err) < 0 ? -1
				       : change_attributes(to, false, set, MOUNT_ATTR_RDONLY, err);
}

/* One limit for /tmp, /dev/shm and what changes in a workspace: two directories of what can be written
 * are mounted there, and the others are not to be seen. */
static int make_tmp(struct ab_err *err)
{
	mode_t mask = umask(0);
	int status = mkdir("tmp/tmp", 01777) < 0 || mkdir("tmp/shm", 01777) < 0;

	(void)umask(mask);
	return status ? ab_err_sys(err, "/tmp") : 0;
}

static int mount_tmp(struct ab_root *root, struct ab_plan *plan, struct ab_err *err)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].flags & AB_BIND_WORKSPACE &&
		    (bind_writable("tmp", "tmp", err) < 0 ||
		     ab_workspace_mount(root, &plan->entries[i], "tmp", err) < 0))
			return -1;
	return bind_writable("tmp/shm", "dev/shm", err) < 0 ? -1
							    : bind_writable("tmp/tmp", "tmp", err);
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
			if (attach(e->mount, e->path, err) < 0 ||
			    set_attributes(e->path, false,
					   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						   MOUNT_ATTR_NOEXEC,
					   err) < 0)
				return -1;
		} else if (e->flags & AB_BIND_WRITE) {
			if (attach(e->mount, e->path, err) < 0 ||
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

	(void)umask(022);
	if (mount_tmpfs(root, plan, err) < 0 || make_tree(plan, false, err) < 0 || make_dev(err) < 0 || make_tmp(err) < 0)
		return -1;
	if (set_attributes(".", true, still, err) < 0 || attach_dev(root, err) < 0 ||
	    mount_proc(root, err) < 0 || mount_tmp(root, plan, err) < 0)
		return -1;
	if (make_tree(plan, true, err) < 0 || attach_late(plan, err) < 0)
		return -1;
	ab_root_close(root, plan);
	return enter(err);
}
