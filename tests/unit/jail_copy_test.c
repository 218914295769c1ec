/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a directory that others change at the same time: what is opened is what counts. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/jail/copy.h"
#include "tests/unit/tap.h"

#define OWNER 1500u
#define AGENT 65534u

/* Puts `other` in the place of `name`, once it has been looked at. */
static struct {
	const char *name, *other;
} swap;

/* The copy's own: right behind the look stands what another process would do there. */
int fstatat(int dir, const char *restrict name, struct stat *restrict st, int flags)
{
	int status = (int)syscall(SYS_newfstatat, dir, name, st, flags);

	if (swap.name && strcmp(name, swap.name) == 0) {
		swap.name = NULL;
		if (syscall(SYS_renameat2, dir, name, dir, swap.other, RENAME_EXCHANGE) < 0)
			abort();
	}
	return status;
}

static int make_dir(const char *path, mode_t mode)
{
	int fd = -1;

	if (mkdir(path, mode) == 0)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}

static void put(int dir, const char *name, uid_t uid, mode_t mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, name, strlen(name)) < 0 ||
	    (uid != getuid() && fchown(fd, uid, uid) < 0) || fchmod(fd, mode) < 0)
		abort();
	(void)close(fd);
}

static uid_t owner_of(int dir, const char *name)
{
	struct stat st;

	return syscall(SYS_newfstatat, dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? (uid_t)-1 : st.st_uid;
}

static int copy(int from, int to, const char *name, const char *other, struct ab_err *err)
{
	const struct ab_copy_owner owner = { OWNER, OWNER, AGENT, AGENT };

	*err = (struct ab_err){ 0 };
	swap.name = name;
	swap.other = other;
	return ab_copy_tree(from, to, &owner, err);
}

static void test_owner(struct tap *t)
{
	int from = make_dir("owned", 0755), to = make_dir("copied", 0755);
	struct ab_err err;

	put(from, "his", OWNER, 0644);
	put(from, "root", 0, 0600);
	tap_ok(t, copy(from, to, "his", "root", &err) == 0, "a directory is copied in which names change: %s", err.msg);
	tap_ok(t, owner_of(to, "his") == 0, "root's file is root's under whatever name");
	(void)close(from);
	(void)close(to);
}

static void test_directory(struct tap *t)
{
	int from = make_dir("owned-dirs", 0755), to = make_dir("copied-dirs", 0755);
	struct ab_err err;

	(void)close(make_dir("owned-dirs/his", 0755));
	if (chown("owned-dirs/his", OWNER, OWNER) < 0)
		abort();
	(void)close(make_dir("owned-dirs/root", 0700));
	tap_ok(t, copy(from, to, "his", "root", &err) == 0 && owner_of(to, "his") == 0,
	       "and so is root's directory: %s", err.msg);
	(void)close(from);
	(void)close(to);
}

static void test_kind(struct tap *t)
{
	int from = make_dir("kinds", 0755), to = make_dir("copied-kinds", 0755);
	struct ab_err err;

	put(from, "file", getuid(), 0644);
	if (mkfifo("kinds/pipe", 0644) < 0)
		abort();
	swap.name = "file";
	swap.other = "pipe";
	err = (struct ab_err){ 0 };
	tap_ok(t, ab_copy_tree(from, to, NULL, &err) < 0, "a file that becomes a FIFO meanwhile is no file");
	tap_is(t, err.msg, "file: was replaced while it was copied", "and the error says so");
	(void)close(from);
	(void)close(to);
}

int main(void)
{
	struct tap t = { 0 };
	char top[] = "/tmp/ab-copy-XXXXXX";

	if (!mkdtemp(top) || chdir(top) < 0)
		abort();
	test_kind(&t);
	if (geteuid() == 0) {
		test_owner(&t);
		test_directory(&t);
	} else {
		tap_skip(&t, "root's files stay root's", "not root");
	}
	if (fork() == 0) {
		execl("/bin/rm", "rm", "-rf", top, (char *)NULL);
		_exit(1);
	}
	(void)wait(NULL);
	return tap_done(&t);
}
