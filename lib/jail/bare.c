/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/bare.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/confine/landlock.h"
#include "lib/jail/environment.h"
#include "lib/jail/filter.h"
#include "lib/jail/privileges.h"
#include "lib/jail/setup.h"
#include "lib/jail/tree.h"

#define MIN_ABI	    3 /* truncate */
#define SIGNALS_ABI 6

/* What a program reads of itself. The rest of /proc/self tells of the host: mounts, connections. */
static const char *const own_files[] = { "/proc/self/fd",     "/proc/self/maps",
					 "/proc/self/stat",   "/proc/self/statm",
					 "/proc/self/status", "/proc/self/cmdline" };

/* Not zero: mapped and shared, it is memory that no limit of a process sees. */
static const char *const devices[] = { "/dev/null", "/dev/full", "/dev/random", "/dev/urandom" };

static int make_directory(struct ab_setup *s, struct ab_err *err)
{
	if (ab_scratch_make(&s->bare.dir, "ab-jail", err) < 0)
		return -1;
	if (s->uid != geteuid() && fchown(s->bare.dir.fd, s->uid, s->gid) < 0)
		return ab_err_sys(err, "%s", s->bare.dir.path);
	return 0;
}

/* Whether we, who are root, may become another user: tried by a process that can go on to nothing.
 */
static bool can_become(uid_t uid, gid_t gid)
{
	struct ab_err ignored;
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(ab_privileges_become(uid, gid, true, &ignored) < 0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* There is one view of the files, the host's: a path can only be shown at its own place. */
static int check_plan(const struct ab_plan *plan, struct ab_err *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct ab_entry *e = &plan->entries[i];

		if (e->flags & AB_BIND_BUNDLE)
			return ab_err_usage(err,
					    "tier 2 cannot show a bundle at /input: unpack it with "
					    "ab-bundle extract and show that at its own path");
		if (e->kind == AB_ENTRY_BIND && strcmp(e->source + 1, e->path) != 0)
			return ab_err_usage(err,
					    "%s: tier 2 cannot show it as /%s, only at its own "
					    "path",
					    e->source, e->path);
	}
	return 0;
}

int ab_bare_prepare(struct ab_setup *s, struct ab_err *err)
{
	int abi = ab_landlock_abi(), max = ab_weaken_abi(s->weak);
	const char *home = ab_environment_get(s->env, "HOME");

	abi = max < 0 ? 0 : max && max < abi ? max : abi;
	if (abi < MIN_ABI)
		return ab_err_trouble(err,
				      "tier 2 needs Landlock with ABI %d (Linux 6.2), this kernel "
				      "has %d",
				      MIN_ABI, abi);
	s->tier = s->test.tier = 2;
	s->bare.scoped = s->test.scoped = abi >= SIGNALS_ABI;
	if (s->strict.hole != AB_HOLE_NONE)
		return ab_err_usage(
			err, "tier 2 has no hole: no rule would keep the agent from the host's "
			     "other sockets");
	if (geteuid() == 0 && !can_become(s->uid, s->gid)) {
		s->uid = geteuid();
		s->gid = getegid();
		s->drop_groups = false;
		s->bare.same_user = true;
	}
	if (check_plan(&s->plan, err) < 0 || make_directory(s, err) < 0 ||
	    ab_strict_check_places(&s->strict, &s->plan, s->bare.dir.path, err) < 0)
		return -1;
	s->test.dir = s->start = s->bare.dir.path;
	/* RLIMIT_NPROC counts what the user has elsewhere, too. */
	s->limits.processes += ab_tree_of_user(s->uid);
	if (home && strcmp(home, "/tmp") == 0 &&
	    ab_environment_set(&s->env, "HOME", s->bare.dir.path, err) < 0)
		return -1;
	if (!ab_environment_get(s->env, "TMPDIR") &&
	    ab_environment_set(&s->env, "TMPDIR", s->bare.dir.path, err) < 0)
		return -1;
	s->test.env = s->env;
	return 0;
}

pid_t ab_bare_fork(int *ret_pidfd)
{
	pid_t pid = fork();

	/* What kills the supervisor may kill its whole process group: who ends the tree then is not in it. */
	if (pid == 0)
		(void)setsid();
	if (pid > 0)
		/* It waits for our word, so the number is still its own. */
		*ret_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return pid;
}

/*
 * The first process as well may only signal what comes from it: then kill(-1, SIGKILL) ends the whole
 * tree at one moment, whatever it forks. Believed if the supervisor, which we could signal before,
 * cannot be signalled any more; else the tree is searched for.
 */
static int enclose(struct ab_setup *s, struct ab_err *err)
{
	const pid_t supervisor = getppid();

	if (!s->bare.scoped || ab_is_weak(s->weak, "landlock") || kill(supervisor, 0) < 0)
		return 0;
	if (ab_landlock_enclose_signals(err) < 0)
		return -1;
	s->bare.enclosed = kill(supervisor, 0) < 0 && errno == EPERM;
	return 0;
}

/* Without the right to change it, the bounding set stays: no_new_privs makes it void. */
static int drop_rights(struct ab_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		return ab_err_sys(err, "capabilities");
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? ab_err_sys(err, "dumpable") : 0;
}

int ab_bare_enter(struct ab_setup *s, struct ab_err *err)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		continue;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(err, "no_new_privs");
	/* As the supervisor's user: as another one we could not signal it anyway. */
	if (enclose(s, err) < 0 || ab_privileges_become(s->uid, s->gid, s->drop_groups, err) < 0)
		return -1;
	/* Not the supervisor's death ends this process, but the end of its socket: it has the tree
	 * to end first. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return ab_err_sys(err, "subreaper");
	return drop_rights(err);
}

/* What is not there is not missed. */
static int allow(struct ab_landlock *l, const char *path, unsigned access, struct ab_err *err)
{
	ab_autoclose int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? 0 : ab_landlock_allow(l, fd, access, err);
}

static int allow_entry(struct ab_landlock *l, const struct ab_entry *e, struct ab_err *err)
{
	ab_autoclose int fd = -1;
	unsigned access = AB_LANDLOCK_READ;
	struct stat st;

	if (e->kind != AB_ENTRY_BIND)
		return 0;
	if (e->flags & AB_BIND_WRITE)
		access = AB_LANDLOCK_READ | AB_LANDLOCK_WRITE | AB_LANDLOCK_IPC;
	else if (e->flags & AB_BIND_EXEC)
		access = AB_LANDLOCK_READ | AB_LANDLOCK_EXEC;
	fd = open(e->source, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_sys(err, "%s", e->source);
	if (st.st_dev != e->dev || st.st_ino != e->ino)
		return ab_err_trouble(err, "%s: was replaced while the jail was built", e->source);
	return ab_landlock_allow(l, fd, access, err);
}

int ab_bare_landlock(struct ab_setup *s, int *ret_abi, struct ab_err *err)
{
	const unsigned own = AB_LANDLOCK_READ | AB_LANDLOCK_WRITE | AB_LANDLOCK_IPC;
	ab_auto(ab_landlock_close) struct ab_landlock l = AB_LANDLOCK_INIT;

	if (ab_landlock_open(&l, ab_weaken_abi(s->weak), true, err) < 0 ||
	    allow(&l, s->bare.dir.path, own, err) < 0)
		return -1;
	*ret_abi = l.abi;
	for (size_t i = 0; i < AB_ARRAY_SIZE(devices); i++)
		if (allow(&l, devices[i], AB_LANDLOCK_READ | AB_LANDLOCK_DEVICE, err) < 0)
			return -1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(own_files); i++)
		if (allow(&l, own_files[i], AB_LANDLOCK_READ, err) < 0)
			return -1;
	for (size_t i = 0; i < s->plan.n; i++)
		if (allow_entry(&l, &s->plan.entries[i], err) < 0)
			return -1;
	return ab_is_weak(s->weak, "landlock") ? 0 : ab_landlock_enforce(&l, err);
}

int ab_bare_filter(const struct ab_setup *s, struct ab_err *err)
{
	return ab_jail_filter_load(s->bare.scoped ? AB_FILTER_BARE : AB_FILTER_BARE_SIGNALS, err);
}
