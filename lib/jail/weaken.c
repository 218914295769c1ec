/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/weaken.h"

#ifdef AB_TEST_WEAKEN

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/jail/setup.h"

const char *ab_weaken_asked(void)
{
	const char *asked = getenv("AB_WEAKEN");

	/* The environment is wiped on the way; the process is short. */
	return asked ? strdup(asked) : NULL;
}

const char *ab_weaken_gpu(void)
{
	const char *root = getenv("AB_GPU_ROOT");

	return root ? root : "";
}

int ab_weaken_abi(const char *weak)
{
	int abi;

	if (!weak || sscanf(weak, "abi=%d", &abi) != 1)
		return 0;
	return abi ? abi : -1;
}

static void set(int at, const char *path, unsigned flags, uint64_t on, uint64_t off)
{
	struct mount_attr attr = { .attr_set = on, .attr_clr = off };

	if (mount_setattr(at, path, flags, &attr, sizeof(attr)) < 0)
		perror("weaken");
}

int ab_weaken_hold(const char *weak)
{
	int fd;

	if (!ab_is_weak(weak, "old_root"))
		return -1;
	fd = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	set(fd, "", AT_EMPTY_PATH | AT_RECURSIVE,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0);
	return fd;
}

static void weaken_mount(const struct ab_setup *s)
{
	char path[PATH_MAX + 1] = "/";

	for (size_t i = 0; i < s->plan.n; i++)
		if (s->plan.entries[i].kind == AB_ENTRY_BIND &&
		    !(s->plan.entries[i].flags & AB_BIND_WRITE)) {
			memcpy(path + 1, s->plan.entries[i].path,
			       strlen(s->plan.entries[i].path) + 1);
			set(AT_FDCWD, path, 0, 0, MOUNT_ATTR_RDONLY);
			return;
		}
}

void ab_weaken_root(struct ab_setup *s, int held)
{
	const char *weak = s->weak;

	/* Over the root, where a path that starts at / does not meet it, and one with /.. does. */
	if (held >= 0 &&
	    (move_mount(held, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 || close(held) < 0))
		perror("weaken");
	if (ab_is_weak(weak, "root_readonly"))
		set(AT_FDCWD, "/", 0, 0, MOUNT_ATTR_RDONLY);
	if (ab_is_weak(weak, "mounts"))
		weaken_mount(s);
	if (ab_is_weak(weak, "tmp_noexec"))
		set(AT_FDCWD, "/tmp", 0, 0, MOUNT_ATTR_NOEXEC);
	if (ab_is_weak(weak, "tmp_sized") &&
	    mount(NULL, "/tmp", NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=1g") < 0)
		perror("weaken");
}

#endif
