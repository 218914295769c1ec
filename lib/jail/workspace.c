/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "lib/jail/copy.h"

static bool write_map(pid_t pid, const char *name, unsigned from, unsigned to)
{
	char path[64], line[64];
	ab_autoclose int fd = -1;
	int n = snprintf(line, sizeof(line), "%u %u 1", from, to);

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, line, (size_t)n) == n;
}

/* It has our descriptors: left behind, it would hold whoever reads our output. */
static int wait_for_end(void *parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0)
		while (getppid() == *(const pid_t *)parent)
			(void)pause();
	return 0;
}

/* A user namespace that says who is who in an ID-mapped mount; only its descriptor is needed. The
 * process that it is made with does nothing, so that it needs no copy of our memory. */
static int make_map(const struct stat *st, uid_t uid, gid_t gid, struct ab_err *err)
{
	_Alignas(16) char stack[8192];
	pid_t parent = getpid(), pid = clone(wait_for_end, stack + sizeof(stack),
					     CLONE_NEWUSER | CLONE_VM | SIGCHLD, &parent);
	char path[64];
	int fd = -1;

	if (pid < 0)
		return ab_err_sys(err, "user namespace");
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	if (write_map(pid, "uid_map", st->st_uid, uid) &&
	    write_map(pid, "gid_map", st->st_gid, gid))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		ab_err_sys(err, "user namespace");
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return fd;
}

/* In place of the mount: a file system that knows of no owner but those on its disk, or an old kernel. */
static int replace_by_copy(struct ab_root *root, int *mount, const struct stat *st, struct ab_err *err)
{
	const struct ab_copy_owner owner = { st->st_uid, st->st_gid, root->uid, root->gid };
	ab_autoclose int copy = ab_root_tmpfs(root->tmp_bytes, root->tmp_inodes, err), to = -1;

	if (copy < 0)
		return -1;
	to = openat(copy, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return ab_err_sys(err, "copy");
	if (ab_copy_tree(*mount, to, &owner, err) < 0 && err->sys == ENOSPC)
		return ab_err_trouble(err, "no room for a copy of it, which is needed where its file "
					   "system or the kernel cannot give it another owner in the "
					   "jail: more by --tmp, or start ab-jail as its owner");
	if (err->status)
		return ab_err_prefix(err, "cannot be copied: ");
	if (fchown(to, root->uid, root->gid) < 0 || fchmod(to, st->st_mode & 07777) < 0 ||
	    dup3(copy, *mount, O_CLOEXEC) < 0)
		return ab_err_sys(err, "copy");
	root->given = true;
	return 0;
}

static int give(struct ab_root *root, int *mount, struct ab_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	ab_autoclose int map = -1;
	struct stat st;

	if (fstat(*mount, &st) < 0)
		return ab_err_sys(err, "owner");
	if (geteuid() != 0 || (st.st_uid == root->uid && st.st_gid == root->gid))
		return 0;
	map = make_map(&st, root->uid, root->gid, err);
	if (map < 0)
		return -1;
	attr.userns_fd = (uint64_t)map;
	return mount_setattr(*mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0
		       ? replace_by_copy(root, mount, &st, err)
		       : 0;
}

int ab_workspace_give(struct ab_root *root, struct ab_entry *entry, struct ab_err *err)
{
	return give(root, &entry->mount, err) < 0
		       ? ab_err_prefix(err, "--workspace: %s: ", entry->source)
		       : 0;
}

int ab_workspace_hold(const char *source, struct ab_err *err)
{
	int fd = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 && errno == EINVAL)
		return ab_err_trouble(err,
				      "--workspace: %s: something is mounted in it, which only "
				      "root can leave out",
				      source);
	return fd < 0 ? ab_err_sys(err, "--workspace: %s: mount", source) : fd;
}

/* The upper layer's own mode is that of the merged directory. */
static int make_layers(const char *lower, const char *upper, const char *work, struct ab_err *err)
{
	struct stat st;

	if (stat(lower, &st) < 0 || mkdir(upper, 0700) < 0 || mkdir(work, 0700) < 0 ||
	    chmod(upper, st.st_mode & 0777) < 0)
		return ab_err_sys(err, "--workspace: layers");
	return 0;
}

/* Without them a removed directory could not be made again, nor be removed with what is in it:
 * opaque directories are marked so. */
static bool has_attributes(const char *upper)
{
	return setxattr(upper, "user.agentbox", "", 0, 0) == 0 &&
	       removexattr(upper, "user.agentbox") == 0;
}

static int mount_overlay(const char *lower, const char *upper, const char *work, struct ab_err *err)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	char options[PATH_MAX + 256];

	(void)snprintf(options, sizeof(options), "userxattr,lowerdir=%s,upperdir=%s,workdir=%s",
		       lower, upper, work);
	return mount("overlay", lower, "overlay", flags, options) < 0
		       ? ab_err_sys(err, "--workspace: overlay")
		       : 0;
}

/* The mount has the flags of the tmpfs that it is of. */
static int mount_copy(const char *lower, const char *upper, struct ab_err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	ab_autoclose int from = open(lower, flags), to = open(upper, flags);
	int status;

	if (from < 0 || to < 0)
		return ab_err_sys(err, "--workspace: layers");
	status = ab_copy_tree(from, to, NULL, err);
	if (status < 0 && err->sys == ENOSPC)
		return ab_err_trouble(err,
				      "--workspace: no room for a copy of it, which is needed "
				      "where the kernel's tmpfs has no user attributes for an "
				      "overlay (before Linux 6.6): more by --tmp");
	if (status < 0)
		return ab_err_prefix(err, "--workspace: cannot be copied: ");
	return mount(upper, lower, NULL, MS_BIND, NULL) < 0 ? ab_err_sys(err, "--workspace: mount")
							    : 0;
}

bool ab_workspace_is_copy(int upper, int merged)
{
	struct stat a, b;

	return fstat(upper, &a) == 0 && fstat(merged, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int ab_workspace_mount(struct ab_root *root, struct ab_entry *entry, const char *tmp,
		       struct ab_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
				   .propagation = MS_PRIVATE };
	char upper[64], work[64];
	int mount_fd = ab_steal_fd(&entry->mount), status;

	(void)snprintf(upper, sizeof(upper), "%s/upper", tmp);
	(void)snprintf(work, sizeof(work), "%s/work", tmp);
	if (move_mount(mount_fd, "", AT_FDCWD, entry->path, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		ab_err_sys(err, "--workspace: lower layer");
		(void)close(mount_fd);
		return -1;
	}
	(void)close(mount_fd);
	if (mount_setattr(AT_FDCWD, entry->path, AT_SYMLINK_NOFOLLOW, &attr, sizeof(attr)) < 0)
		return ab_err_sys(err, "--workspace: mount flags");
	if (make_layers(entry->path, upper, work, err) < 0)
		return -1;
	status = root->no_overlay || !has_attributes(upper)
			 ? mount_copy(entry->path, upper, err)
			 : mount_overlay(entry->path, upper, work, err);
	if (status < 0)
		return -1;
	root->upper = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	root->merged = open(entry->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root->upper < 0 || root->merged < 0 ? ab_err_sys(err, "--workspace") : 0;
}
