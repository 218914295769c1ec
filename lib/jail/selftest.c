/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/jail/mountinfo.h"

#define MAX_FD_SCAN  32 /* all were closed; what was opened since would have a low number */
#define LONGEST_LINE 4096
#define CAP_SETS     5 /* that /proc/PID/status tells of: inheritable, permitted, effective, bounding, ambient */

static const struct {
	const char *name, *meaning;
} checks[AB_CHECK_COUNT] = {
	[AB_CHECK_ROOT_READONLY] = { "root_readonly", "nothing can be made in /" },
	[AB_CHECK_ROOT_FOREIGN] = { "root_foreign", "the host's root is not here" },
	[AB_CHECK_CANARY] = { "canary", "a path that the host has is not here" },
	[AB_CHECK_MOUNTS] = { "mounts", "no mount can be written but those that may be" },
	[AB_CHECK_TMP_NOEXEC] = { "tmp_noexec", "nothing in /tmp can be executed" },
	[AB_CHECK_TMP_SIZED] = { "tmp_sized", "/tmp has the room that it was given" },
	[AB_CHECK_OTHER_PROCESSES] = { "other_processes", "no other process can be reached" },
	[AB_CHECK_SEPARATE] = { "separate", "no namespace is the host's" },
	[AB_CHECK_NETWORK] = { "network", "no network interface but lo" },
	[AB_CHECK_ROUTES] = { "routes", "no route out" },
	[AB_CHECK_CAPABILITIES] = { "capabilities", "no capability" },
	[AB_CHECK_NO_NEW_PRIVS] = { "no_new_privs", "no program gives new rights" },
	[AB_CHECK_DESCRIPTORS] = { "descriptors", "no descriptor but three pipes" },
	[AB_CHECK_ENVIRONMENT] = { "environment", "nothing of the caller's environment" },
	[AB_CHECK_LIMITS] = { "limits", "processes, memory and files are limited" },
	[AB_CHECK_NESTED] = { "nested", "the kernel makes no further user namespace" },
	[AB_CHECK_LANDLOCK] = { "landlock", "no device can be made where a file can" },
	[AB_CHECK_SECCOMP] = { "seccomp", "system calls are filtered" },
	[AB_CHECK_SOCKET] = { "socket", "no socket can be made" },
	[AB_CHECK_NAMESPACE] = { "namespace", "no namespace can be made" },
	[AB_CHECK_FILES_READ] = { "files_read", "no file can be read but those that were named" },
	[AB_CHECK_FILES_WRITE] = { "files_write", "nothing can be made but in its directory" },
	[AB_CHECK_SIGNALS] = { "signals", "no other process can be signalled" },
	[AB_CHECK_ATTRIBUTES] = { "attributes", "no mode, owner or time of a file can be changed" },
};

/* Kinds of namespaces, by their names beneath /proc/self; pid and net have other checks. */
static const char *const spaces[AB_SELFTEST_SPACES] = { "ns/user", "ns/mnt", "ns/ipc", "ns/uts",
							"ns/cgroup" };

const char *ab_check_name(enum ab_check check)
{
	return checks[check].name;
}

const char *ab_check_meaning(enum ab_check check)
{
	return checks[check].meaning;
}

static const uint32_t of_bare =
	1u << AB_CHECK_CAPABILITIES | 1u << AB_CHECK_NO_NEW_PRIVS | 1u << AB_CHECK_DESCRIPTORS |
	1u << AB_CHECK_ENVIRONMENT | 1u << AB_CHECK_LIMITS | 1u << AB_CHECK_SECCOMP |
	1u << AB_CHECK_SOCKET | 1u << AB_CHECK_NAMESPACE | 1u << AB_CHECK_FILES_READ |
	1u << AB_CHECK_FILES_WRITE | 1u << AB_CHECK_SIGNALS | 1u << AB_CHECK_ATTRIBUTES;

uint32_t ab_selftest_of_tier(int tier)
{
	return tier == 2 ? of_bare : (1u << AB_CHECK_FILES_READ) - 1;
}

uint32_t ab_selftest_due(const struct ab_selftest *t)
{
	uint32_t all = ab_selftest_of_tier(t->tier);

	if (!t->has_landlock)
		all &= ~(1u << AB_CHECK_LANDLOCK);
	if (!t->no_nested)
		all &= ~(1u << AB_CHECK_NESTED);
	return all;
}

bool ab_selftest_is_passed(const struct ab_selftest *t)
{
	uint32_t due = ab_selftest_due(t);

	return (t->passed & due) == due;
}

/* The number of one of our namespaces, 0 if it cannot be told. */
static ino_t space_of(int self, const char *name)
{
	char text[64];
	ssize_t n = readlinkat(self, name, text, sizeof(text) - 1); /* "NAME:[NUMBER]" (namespaces(7)) */
	const char *number;

	text[n < 0 ? 0 : n] = '\0';
	number = strchr(text, '[');
	return number ? strtoull(number + 1, NULL, 10) : 0;
}

int ab_selftest_look(struct ab_selftest *t, struct ab_err *err)
{
	struct stat st;

	if (stat("/", &st) < 0)
		return ab_err_sys(err, "/");
	t->root_dev = st.st_dev;
	t->root_ino = st.st_ino;
	t->proc = -1;
	return 0;
}

int ab_selftest_spaces(ino_t ret[AB_SELFTEST_SPACES], struct ab_err *err)
{
	ab_autoclose int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		return ab_err_sys(err, "/proc/self");
	for (size_t i = 0; i < AB_SELFTEST_SPACES; i++) {
		ret[i] = space_of(self, spaces[i]);
		if (!ret[i])
			return ab_err_sys(err, "/proc/self/%s", spaces[i]);
	}
	return 0;
}

static void note(struct ab_selftest *t, enum ab_check check, bool ok)
{
	t->ran |= 1u << check;
	if (ok)
		t->passed |= 1u << check;
}

static bool is_foreign(const struct ab_selftest *t, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_dev != t->root_dev || st.st_ino != t->root_ino);
}

static bool is_tmp_noexec(const struct ab_selftest *t, const struct statvfs *tmp)
{
	const unsigned long want = ST_NOEXEC | ST_NOSUID | ST_NODEV;
	struct statvfs shm, start = *tmp;

	if (statvfs("/dev/shm", &shm) < 0 ||
	    (strcmp(t->start, "/tmp") != 0 && statvfs(t->start, &start) < 0))
		return false;
	return (tmp->f_flag & shm.f_flag & start.f_flag & want) == want;
}

/* A tmpfs without a limit has no blocks at all; one with a limit has whole pages. */
static bool is_tmp_sized(const struct ab_selftest *t, const struct statvfs *tmp)
{
	return tmp->f_files > 0 && tmp->f_blocks > 0 &&
	       (tmp->f_blocks - 1) * tmp->f_frsize < t->tmp_bytes;
}

/* Asks about each line of a file beneath /proc/self; false as well if there is no file to ask about. */
static bool is_each_line(struct ab_selftest *t, int self, const char *path, int skip,
			 bool (*is_fine)(struct ab_selftest *t, char *line))
{
	ab_autoclose int fd = openat(self, path, O_RDONLY | O_CLOEXEC);
	AB_UNINITIALIZED char text[2 * LONGEST_LINE];
	char *line, *end;
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		for (line = text; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			if (skip-- <= 0 && !is_fine(t, line))
				return false;
		}
		len -= (size_t)(line - text);
		memmove(text, line, len);
		if (len > LONGEST_LINE)
			return false;
	}
	return fd >= 0 && n == 0 && len == 0;
}

static bool is_lo_interface(struct ab_selftest *t, char *line)
{
	(void)t;
	return strncmp(line + strspn(line, " "), "lo:", 3) == 0;
}

/* IPv4: the interface stands first. */
static bool is_lo_route(struct ab_selftest *t, char *line)
{
	(void)t;
	return strncmp(line, "lo\t", 3) == 0;
}

/* IPv6: the interface stands last. */
static bool is_lo_route6(struct ab_selftest *t, char *line)
{
	size_t len = strlen(line);

	(void)t;
	return len > 3 && strcmp(line + len - 3, " lo") == 0;
}

static bool has_only_lo_routes(struct ab_selftest *t, int self)
{
	if (!is_each_line(t, self, "net/route", 1, is_lo_route))
		return false;
	errno = 0;
	/* A kernel without IPv6 has no such file. */
	return is_each_line(t, self, "net/ipv6_route", 0, is_lo_route6) || errno == ENOENT;
}

static bool has_option(const char *options, const char *name)
{
	const char *p = strstr(options, name);

	return p && p > options && p[-1] == ',' &&
	       (p[strlen(name)] == ',' || p[strlen(name)] == '\0');
}

/* Whether what is mounted there may be written: the jail's own, and what the plan says. */
static bool may_be_written(const struct ab_selftest *t, const char *point, const char *options)
{
	const struct ab_entry *e;

	if (strcmp(point, "/tmp") == 0 || strcmp(point, "/dev/shm") == 0)
		return true;
	if (strcmp(point, t->start) == 0)
		return has_option(options, "noexec");
	e = ab_plan_mount_of(t->plan, point + 1);
	return e && e->flags & AB_BIND_WRITE && has_option(options, "noexec");
}

/* The root has a check of its own. */
static bool is_mount_fine(struct ab_selftest *t, char *line)
{
	char *point, *options;

	if (!ab_mountinfo_split(line, &point, &options))
		return false;
	if (!has_option(options, "nosuid"))
		return false;
	if (strcmp(point, "/") == 0 || strncmp(options, "ro,", 3) == 0)
		return true;
	return may_be_written(t, point, options);
}

/* Signal 0 reaches whoever could be signalled: with process 1 and ourselves left out, nobody. */
static bool is_alone(void)
{
	return getppid() == 1 && kill(-1, 0) < 0 && errno == ESRCH;
}

static bool is_separate(const struct ab_selftest *t, int self)
{
	for (size_t i = 0; i < AB_SELFTEST_SPACES; i++) {
		ino_t ours = space_of(self, spaces[i]);

		if (!ours || !t->spaces[i] || ours == t->spaces[i])
			return false;
	}
	return true;
}

/* What a hundred calls would tell one by one. */
static bool take_status(struct ab_selftest *t, char *line)
{
	if (strncmp(line, "Cap", 3) == 0) {
		t->cap_sets++;
		t->caps |= strtoull(line + strcspn(line, ":") + 1, NULL, 16);
	} else if (strncmp(line, "SigIgn:", 7) == 0) {
		t->ignored = strtoull(line + 7, NULL, 16);
	}
	return t->cap_sets < CAP_SETS; /* they come last */
}

/* In tier 2 the bounding set may stay, which no_new_privs makes void. */
static bool ask_capabilities(bool bounding)
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
	for (unsigned long cap = 0; bounding && in_bounding_set >= 0; cap++) {
		in_bounding_set = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		any |= in_bounding_set > 0;
	}
	return any == 0;
}

/* Where the status has been read as far as the sets, it has them all. */
static bool has_no_capabilities(const struct ab_selftest *t)
{
	return t->cap_sets == CAP_SETS ? t->caps == 0 : ask_capabilities(t->tier != 2);
}

/* One call says which are open; it takes no more of them than the limit of open files says. */
static bool has_no_descriptors(const struct ab_selftest *t)
{
	struct pollfd p[MAX_FD_SCAN];
	struct stat st;
	bool told;

	for (int fd = 0; fd < MAX_FD_SCAN; fd++)
		p[fd] = (struct pollfd){ .fd = fd };
	told = poll(p, MAX_FD_SCAN, 0) >= 0;
	for (int fd = 0; fd < MAX_FD_SCAN; fd++) {
		int flags = fd <= 2 || (told && p[fd].revents & POLLNVAL) ? -1 : fcntl(fd, F_GETFD);

		if (fd <= 2 && (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode)))
			return false;
		if (flags >= 0 && (fd != t->control || !(flags & FD_CLOEXEC)))
			return false;
	}
	return true;
}

static bool has_clean_environment(const struct ab_selftest *t)
{
	for (char *const *e = t->env; *e; e++)
		if (strncmp(*e, "AB_", 3) == 0)
			return false;
	return !environ || !*environ;
}

static bool has_limits(void)
{
	static const int finite[] = { RLIMIT_NPROC, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NOFILE };
	struct rlimit r;

	if (getrlimit(RLIMIT_CORE, &r) < 0 || r.rlim_max > 1)
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(finite); i++)
		if (getrlimit(finite[i], &r) < 0 || r.rlim_max == RLIM_INFINITY)
			return false;
	return true;
}

/* What only the host's /proc tells; its descriptor is gone afterwards. */
static void look_outside(struct ab_selftest *t)
{
	ab_autoclose int self = openat(t->proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	note(t, AB_CHECK_MOUNTS, is_each_line(t, self, "mountinfo", 0, is_mount_fine));
	note(t, AB_CHECK_SEPARATE, is_separate(t, self));
	note(t, AB_CHECK_NETWORK, is_each_line(t, self, "net/dev", 2, is_lo_interface));
	note(t, AB_CHECK_ROUTES, has_only_lo_routes(t, self));
	(void)is_each_line(t, self, "status", 0, take_status);
	if (t->proc >= 0)
		(void)close(ab_steal_fd(&t->proc));
}

static void look_around(struct ab_selftest *t)
{
	struct statvfs tmp = { 0 }; /* passes for nothing, where it cannot be told */

	look_outside(t);
	(void)statvfs("/tmp", &tmp);
	note(t, AB_CHECK_ROOT_READONLY, mkdir("/.agentbox", 0700) < 0 && errno == EROFS);
	note(t, AB_CHECK_ROOT_FOREIGN, is_foreign(t, "/") && is_foreign(t, "/.."));
	note(t, AB_CHECK_CANARY, access(t->canary, F_OK) < 0 && errno == ENOENT);
	note(t, AB_CHECK_TMP_NOEXEC, is_tmp_noexec(t, &tmp));
	note(t, AB_CHECK_TMP_SIZED, is_tmp_sized(t, &tmp));
	note(t, AB_CHECK_OTHER_PROCESSES, is_alone());
}

void ab_selftest_layers(struct ab_selftest *t)
{
	t->ignored = ~(uint64_t)0;
	if (t->tier != 2)
		look_around(t);
	note(t, AB_CHECK_CAPABILITIES, has_no_capabilities(t));
	note(t, AB_CHECK_NO_NEW_PRIVS, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	note(t, AB_CHECK_DESCRIPTORS, has_no_descriptors(t));
	note(t, AB_CHECK_ENVIRONMENT, has_clean_environment(t));
	note(t, AB_CHECK_LIMITS, has_limits());
	/* Nothing forbids it but the limit, which is asked first of all. */
	if (t->no_nested)
		note(t, AB_CHECK_NESTED, unshare(CLONE_NEWUSER) < 0 && errno == ENOSPC);
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

/* Beside the agent's directory, where its user may make files as everybody may. */
static bool is_kept_in(const struct ab_selftest *t)
{
	char path[PATH_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s.probe", t->dir);
	if (mkdir(path, 0700) == 0) {
		(void)rmdir(path);
		return false;
	}
	return errno == EACCES;
}

static bool is_parent_safe(void)
{
	return kill(getppid(), 0) < 0 && errno == EPERM;
}

static void test_bare_landlock(struct ab_selftest *t)
{
	note(t, AB_CHECK_FILES_READ,
	     open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 && errno == EACCES);
	note(t, AB_CHECK_FILES_WRITE, is_kept_in(t));
	if (t->scoped)
		note(t, AB_CHECK_SIGNALS, is_parent_safe());
}

void ab_selftest_landlock(struct ab_selftest *t)
{
	if (t->tier == 2)
		test_bare_landlock(t);
	else if (t->has_landlock)
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
	if (t->tier == 2 && !t->scoped)
		note(t, AB_CHECK_SIGNALS, is_parent_safe());
	if (t->tier == 2)
		note(t, AB_CHECK_ATTRIBUTES, chmod(t->dir, 0700) < 0 && errno == EPERM);
	note(t, AB_CHECK_SOCKET, has_no_socket(t));
	note(t, AB_CHECK_NAMESPACE, unshare(CLONE_NEWUSER) < 0 && errno == EPERM);
}
