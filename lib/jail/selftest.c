/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/auto.h"

#define MAX_FD_SCAN 32 /* all were closed; what was opened since would have a low number */

static const char *const names[AB_CHECK_COUNT] = {
	[AB_CHECK_ROOT_READONLY] = "root_readonly",
	[AB_CHECK_ROOT_FOREIGN] = "root_foreign",
	[AB_CHECK_CANARY] = "canary",
	[AB_CHECK_TMP_NOEXEC] = "tmp_noexec",
	[AB_CHECK_FIRST_PROCESS] = "first_process",
	[AB_CHECK_NETWORK] = "network",
	[AB_CHECK_CAPABILITIES] = "capabilities",
	[AB_CHECK_NO_NEW_PRIVS] = "no_new_privs",
	[AB_CHECK_DESCRIPTORS] = "descriptors",
	[AB_CHECK_ENVIRONMENT] = "environment",
	[AB_CHECK_LIMITS] = "limits",
	[AB_CHECK_LANDLOCK] = "landlock",
	[AB_CHECK_SECCOMP] = "seccomp",
	[AB_CHECK_SOCKET] = "socket",
	[AB_CHECK_NAMESPACE] = "namespace",
};

const char *ab_check_name(enum ab_check check)
{
	return names[check];
}

bool ab_selftest_is_passed(const struct ab_selftest *t)
{
	uint32_t all = (1u << AB_CHECK_COUNT) - 1;

	if (!t->has_landlock)
		all &= ~(1u << AB_CHECK_LANDLOCK);
	return (t->passed & all) == all;
}

static void note(struct ab_selftest *t, enum ab_check check, bool ok)
{
	t->ran |= 1u << check;
	if (ok)
		t->passed |= 1u << check;
}

static bool is_root_foreign(const struct ab_selftest *t)
{
	struct stat st;

	return stat("/", &st) == 0 && (st.st_dev != t->root_dev || st.st_ino != t->root_ino);
}

static bool is_tmp_noexec(const struct ab_selftest *t)
{
	const unsigned long want = ST_NOEXEC | ST_NOSUID | ST_NODEV;
	struct statvfs v, shm, start;

	return statvfs("/tmp", &v) == 0 && statvfs("/dev/shm", &shm) == 0 &&
	       statvfs(t->start, &start) == 0 &&
	       (v.f_flag & shm.f_flag & start.f_flag & want) == want;
}

/* Two lines of heading, then one an interface; a new network namespace has lo alone. */
static bool has_only_lo(const struct ab_selftest *t)
{
	char text[4096], *line;
	ssize_t n = t->network < 0 ? -1 : pread(t->network, text, sizeof(text) - 1, 0);
	int others = 0;

	if (n <= 0)
		return false;
	text[n] = '\0';
	line = strchr(text, '\n');
	line = line ? strchr(line + 1, '\n') : NULL;
	while (line && line[1]) {
		line++;
		others += strncmp(line + strspn(line, " "), "lo:", 3) != 0;
		line = strchr(line, '\n');
	}
	return others == 0;
}

static bool has_no_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { 0 } };
	uint32_t any = 0;
	int in_bounding_set = 0;

	if (syscall(SYS_capget, &head, d) < 0)
		return false;
	for (int i = 0; i < 2; i++)
		any |= d[i].effective | d[i].permitted | d[i].inheritable;
	/* The ambient set is a part of what is permitted and inheritable (capabilities(7)). */
	for (unsigned long cap = 0; in_bounding_set >= 0; cap++) {
		in_bounding_set = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		any |= in_bounding_set > 0;
	}
	return any == 0;
}

static bool has_no_descriptors(const struct ab_selftest *t)
{
	for (int fd = 0; fd < MAX_FD_SCAN; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (fd <= 2 ? flags < 0 : flags >= 0 && !(flags & FD_CLOEXEC))
			return false;
		if (fd > 2 && flags >= 0 && fd != t->control && fd != t->network)
			return false;
	}
	return true;
}

static bool has_clean_environment(const struct ab_selftest *t)
{
	for (char *const *e = t->env; *e; e++)
		if (strncmp(*e, "AB_", 3) == 0)
			return false;
	return true;
}

static bool has_limits(void)
{
	static const int finite[] = { RLIMIT_NPROC, RLIMIT_CORE, RLIMIT_DATA, RLIMIT_FSIZE,
				      RLIMIT_NOFILE };
	struct rlimit r;

	for (size_t i = 0; i < AB_ARRAY_SIZE(finite); i++)
		if (getrlimit(finite[i], &r) < 0 || r.rlim_max == RLIM_INFINITY)
			return false;
	return true;
}

void ab_selftest_layers(struct ab_selftest *t)
{
	note(t, AB_CHECK_ROOT_READONLY, mkdir("/.agentbox", 0700) < 0 && errno == EROFS);
	note(t, AB_CHECK_ROOT_FOREIGN, is_root_foreign(t));
	note(t, AB_CHECK_CANARY, access(t->canary, F_OK) < 0 && errno == ENOENT);
	note(t, AB_CHECK_TMP_NOEXEC, is_tmp_noexec(t));
	note(t, AB_CHECK_FIRST_PROCESS, getppid() == 1);
	note(t, AB_CHECK_NETWORK, has_only_lo(t));
	note(t, AB_CHECK_CAPABILITIES, has_no_capabilities());
	note(t, AB_CHECK_NO_NEW_PRIVS, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	note(t, AB_CHECK_DESCRIPTORS, has_no_descriptors(t));
	note(t, AB_CHECK_ENVIRONMENT, has_clean_environment(t));
	note(t, AB_CHECK_LIMITS, has_limits());
}

/*
 * A character device 0:0 (a whiteout) may be made by anyone who may write to /tmp, as far as the
 * kernel's other rules go; only Landlock says EACCES.
 */
static bool is_landlocked(void)
{
	if (mknod("/tmp/.agentbox", S_IFCHR | 0600, 0) == 0) {
		(void)unlink("/tmp/.agentbox");
		return false;
	}
	return errno == EACCES;
}

void ab_selftest_landlock(struct ab_selftest *t)
{
	if (t->has_landlock)
		note(t, AB_CHECK_LANDLOCK, is_landlocked());
}

static bool is_refused(int family, int kind)
{
	return socket(family, kind, 0) < 0 && errno == EPERM;
}

/* None but of the kind that the one hole needs. */
static bool has_no_socket(const struct ab_selftest *t)
{
	return (t->hole == AB_HOLE_TCP || is_refused(AF_INET, SOCK_STREAM)) &&
	       (t->hole == AB_HOLE_UNIX || is_refused(AF_UNIX, SOCK_STREAM)) &&
	       is_refused(AF_INET, SOCK_DGRAM) && is_refused(AF_INET6, SOCK_STREAM) &&
	       is_refused(AF_UNIX, SOCK_DGRAM) && is_refused(AF_NETLINK, SOCK_RAW);
}

void ab_selftest_seccomp(struct ab_selftest *t)
{
	note(t, AB_CHECK_SECCOMP, prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2);
	note(t, AB_CHECK_SOCKET, has_no_socket(t));
	note(t, AB_CHECK_NAMESPACE, unshare(CLONE_NEWUSER) < 0 && errno == EPERM);
}
