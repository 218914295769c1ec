/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/base/join.h"
#include "lib/base/time.h"

#define MOUNT	     "/sys/fs/cgroup"
#define PREFIX	     "agentbox-"
#define PERIOD_US    100000
#define MIN_QUOTA_US 1000
#define TRIES	     8

/* The controllers of each part: version 1's directory, version 2's name; NULL: none is needed. */
static const struct {
	const char *v1, *v2;
} controllers[AB_CGROUP_PARTS] = {
	[AB_CGROUP_MEMORY] = { "memory", "memory" }, [AB_CGROUP_PIDS] = { NULL, "pids" },
	[AB_CGROUP_CPUACCT] = { "cpuacct", NULL },   [AB_CGROUP_CPU] = { "cpu", "cpu" },
	[AB_CGROUP_IO] = { "blkio", "io" },
};

struct maker {
	struct ab_cgroup *ret;
	const struct ab_cgroup_place *place;
	const struct ab_cgroup_limits *limits;
	const char *self; /* the text of /proc/self/cgroup */
};

static bool is_asked_for(const struct ab_cgroup_limits *l, int part)
{
	switch (part) {
	case AB_CGROUP_MEMORY:
		return l->memory != 0;
	case AB_CGROUP_PIDS:
		return l->processes != 0;
	case AB_CGROUP_CPU:
		return l->cpu_milli != 0;
	case AB_CGROUP_IO:
		return l->io_bytes != 0;
	default:
		return l->count_cpu;
	}
}

static bool read_at(int dir, const char *name, char *text, size_t size)
{
	ab_autoclose int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

static bool write_at(const struct ab_cgroup *c, int dir, const char *name, const char *text)
{
	ab_autoclose int fd = openat(dir, name, O_WRONLY | O_CLOEXEC | c->create, 0600);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool write_number(const struct ab_cgroup *c, int dir, const char *name, uint64_t n)
{
	struct ab_decimal text;

	return write_at(c, dir, name, ab_decimal(&text, n));
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += len)
		if ((p == list || strchr(" ,\n", p[-1])) && strchr(" ,\n", p[len]))
			return true; /* the end of the text counts as well */
	return false;
}

/*
 * Our own group in the hierarchy of `controller` ("" is version 2's): the lines of
 * /proc/self/cgroup are ID:CONTROLLERS:PATH. False if there is no such line.
 */
static bool own_path(const struct maker *m, const char *controller, char *path, size_t size)
{
	char list[256];

	for (const char *line = m->self; *line;) {
		size_t len = strcspn(line, "\n");
		const char *first = memchr(line, ':', len);
		const char *second =
			first ? memchr(first + 1, ':', len - (size_t)(first + 1 - line)) : NULL;

		if (second && (size_t)(second - first) <= sizeof(list)) {
			size_t n = len - (size_t)(second + 1 - line);

			memcpy(list, first + 1, (size_t)(second - first - 1));
			list[second - first - 1] = '\0';
			if ((*controller ? has_word(list, controller) : !*list) && n < size) {
				memcpy(path, second + 1, n);
				path[n] = '\0';
				return true;
			}
		}
		line += len + (line[len] == '\n');
	}
	return false;
}

/* Opens MOUNT/SUB/PATH, or MOUNT/SUB where a container shows its own part of the tree as all. */
static int open_group(const struct maker *m, const char *sub, const char *path)
{
	AB_UNINITIALIZED char full[PATH_MAX];
	int fd = -1;

	if (ab_join(full, sizeof(full), m->place->mount, "/", sub, path, NULL))
		fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	(void)snprintf(full, sizeof(full), "%s/%s", m->place->mount, sub);
	return open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A process has the number that the name begins with: with many jails at a time the lock of each would
 * be asked by each. Where it is another's, the group stays until that one is gone as well. */
static bool seems_alive(const char *name)
{
	unsigned long pid = strtoul(name + strlen(PREFIX), NULL, 10);

	return pid && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* Removes it if a supervisor that is gone left it: its lock is free. */
static void sweep_group(const struct ab_cgroup *c, int parent, const char *name)
{
	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || strcmp(name, c->name) == 0 || seems_alive(name))
		return;
	ab_autoclose int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno == EBUSY &&
	    write_at(c, fd, "cgroup.kill", "1")) /* version 2, Linux 5.14 */
		(void)unlinkat(parent, name, AT_REMOVEDIR);
}

static void sweep(const struct ab_cgroup *c, int parent)
{
	_Alignas(struct dirent64) char list[2048];
	struct stat st;
	ssize_t n;

	/* "." and "..", and our own: there is no other group in it. */
	if (fstat(parent, &st) == 0 && st.st_nlink == 3)
		return;
	/* The raw call: a DIR would be a piece of the heap and a descriptor more. */
	while ((n = syscall(SYS_getdents64, parent, list, sizeof(list))) > 0)
		for (ssize_t i = 0; i < n; i += ((struct dirent64 *)(list + i))->d_reclen)
			sweep_group(c, parent, ((struct dirent64 *)(list + i))->d_name);
}

/*
 * Makes the group in `parent` and locks it. Between the two a sweep could take it for left over:
 * then it is made again.
 */
static int make_group(struct maker *m, int parent)
{
	struct stat made, now;

	for (int i = 0; i < TRIES; i++) {
		int fd;

		if (mkdirat(parent, m->ret->name, 0755) < 0)
			return -1;
		fd = openat(parent, m->ret->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &made) == 0 &&
		    fstatat(parent, m->ret->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
		    made.st_ino == now.st_ino)
			return fd;
		if (fd >= 0)
			(void)close(fd);
		(void)unlinkat(parent, m->ret->name, AT_REMOVEDIR);
	}
	return -1;
}

static void drop_part(struct ab_cgroup *c, int part)
{
	c->has[part] = false;
	if (c->dirs[part] >= 0) {
		(void)close(ab_steal_fd(&c->dirs[part]));
		(void)unlinkat(c->parents[part], c->name, AT_REMOVEDIR);
	}
	if (c->parents[part] >= 0)
		(void)close(ab_steal_fd(&c->parents[part]));
}

static bool limit_memory(const struct maker *m, int dir)
{
	uint64_t max = m->limits->memory;

	if (m->ret->version == 2) {
		(void)write_at(m->ret, dir, "memory.swap.max", "0");
		(void)write_at(m->ret, dir, "memory.oom.group", "1");
		return write_number(m->ret, dir, "memory.max", max);
	}
	if (!write_number(m->ret, dir, "memory.limit_in_bytes", max))
		return false;
	/* Absent where the kernel does not count swap. */
	(void)write_number(m->ret, dir, "memory.memsw.limit_in_bytes", max);
	return true;
}

static bool limit_cpu(const struct maker *m, int dir)
{
	uint64_t quota = m->limits->cpu_milli * (PERIOD_US / 1000);
	char text[64];

	if (quota < MIN_QUOTA_US)
		quota = MIN_QUOTA_US;
	if (m->ret->version == 2) {
		(void)snprintf(text, sizeof(text), "%llu %d", (unsigned long long)quota, PERIOD_US);
		return write_at(m->ret, dir, "cpu.max", text);
	}
	return write_number(m->ret, dir, "cpu.cfs_period_us", PERIOD_US) &&
	       write_number(m->ret, dir, "cpu.cfs_quota_us", quota);
}

static bool limit_io(const struct maker *m, int dir)
{
	unsigned long long max = m->limits->io_bytes;
	char text[128];

	for (size_t i = 0; i < m->limits->n_devices; i++) {
		unsigned a = major(m->limits->devices[i]), b = minor(m->limits->devices[i]);

		if (m->ret->version == 2) {
			(void)snprintf(text, sizeof(text), "%u:%u rbps=%llu wbps=%llu", a, b, max,
				       max);
			if (!write_at(m->ret, dir, "io.max", text))
				return false;
			continue;
		}
		(void)snprintf(text, sizeof(text), "%u:%u %llu", a, b, max);
		if (!write_at(m->ret, dir, "blkio.throttle.read_bps_device", text) ||
		    !write_at(m->ret, dir, "blkio.throttle.write_bps_device", text))
			return false;
	}
	return true;
}

static bool set_limit(const struct maker *m, int part, int dir)
{
	switch (part) {
	case AB_CGROUP_MEMORY:
		return limit_memory(m, dir);
	case AB_CGROUP_PIDS:
		return write_number(m->ret, dir, "pids.max", m->limits->processes);
	case AB_CGROUP_CPU:
		return limit_cpu(m, dir);
	case AB_CGROUP_IO:
		return limit_io(m, dir);
	default:
		return true;
	}
}

/* Each part has a hierarchy of its own, and a move into it waits for the whole machine: there is
 * none for what the user namespace counts at no cost (RLIMIT_NPROC). */
static void open_v1(struct maker *m)
{
	struct ab_cgroup *c = m->ret;
	AB_UNINITIALIZED char path[PATH_MAX];

	for (int i = 0; i < AB_CGROUP_PARTS; i++) {
		if (!controllers[i].v1 || !is_asked_for(m->limits, i) ||
		    !own_path(m, controllers[i].v1, path, sizeof(path)))
			continue;
		c->parents[i] = open_group(m, controllers[i].v1, path);
		if (c->parents[i] >= 0)
			c->dirs[i] = make_group(m, c->parents[i]);
		c->has[i] = c->dirs[i] >= 0 && set_limit(m, i, c->dirs[i]);
		if (!c->has[i])
			drop_part(c, i);
		else
			c->version = 1;
	}
}

/* Whether groups in `parent` get the controllers that are asked for; the root gives them. */
static bool gives_controllers(const struct maker *m, int parent, bool is_root)
{
	char list[512], wanted[64];

	for (int i = 0; i < AB_CGROUP_PARTS; i++) {
		if (!controllers[i].v2 || !is_asked_for(m->limits, i))
			continue;
		if (!read_at(parent, "cgroup.subtree_control", list, sizeof(list)))
			return false;
		if (has_word(list, controllers[i].v2))
			continue;
		(void)snprintf(wanted, sizeof(wanted), "+%s", controllers[i].v2);
		if (!is_root || !write_at(m->ret, parent, "cgroup.subtree_control", wanted))
			return false;
	}
	return true;
}

static int try_parent(struct maker *m, const char *path)
{
	int parent = open_group(m, "", path), dir;

	if (parent < 0)
		return -1;
	dir = gives_controllers(m, parent, strcmp(path, "/") == 0) ? make_group(m, parent) : -1;
	if (dir < 0) {
		(void)close(parent);
		return -1;
	}
	m->ret->parents[0] = parent;
	return dir;
}

static void open_v2(struct maker *m)
{
	struct ab_cgroup *c = m->ret;
	AB_UNINITIALIZED char path[PATH_MAX];
	char *slash;

	if (!own_path(m, "", path, sizeof(path)))
		return;
	c->version = 2;
	c->dirs[0] = try_parent(m, path);
	slash = strrchr(path, '/');
	if (c->dirs[0] < 0 && slash && slash[1]) {
		slash[slash == path] = '\0'; /* "/" stays */
		c->dirs[0] = try_parent(m, path);
	}
	for (int i = 0; i < AB_CGROUP_PARTS && c->dirs[0] >= 0; i++)
		c->has[i] = is_asked_for(m->limits, i) && set_limit(m, i, c->dirs[0]);
	if (c->dirs[0] < 0)
		c->version = 0;
}

/* What is read while the group lives is opened now: later we may open nothing. */
static void open_usage(struct ab_cgroup *c, const struct ab_cgroup_limits *l)
{
	const bool v2 = c->version == 2;
	int memory = c->dirs[0], cpu = v2 ? c->dirs[0] : c->dirs[AB_CGROUP_CPUACCT];
	const int flags = O_RDONLY | O_CLOEXEC;

	if (c->has[AB_CGROUP_MEMORY]) {
		if (l->tell_peak)
			c->peak = openat(memory, v2 ? "memory.peak" : "memory.max_usage_in_bytes", flags);
		c->kills = openat(memory, v2 ? "memory.events" : "memory.oom_control", flags);
	}
	if (cpu >= 0)
		c->cpu = openat(cpu, v2 ? "cpu.stat" : "cpuacct.usage", flags);
}

void ab_cgroup_find(struct ab_cgroup_place *ret)
{
	struct statfs fs;

	*ret = (struct ab_cgroup_place){ .mount = MOUNT, .self = "/proc/self/cgroup" };
	if (statfs(MOUNT, &fs) == 0)
		ret->version = fs.f_type == CGROUP2_SUPER_MAGIC ? 2 : 1;
}

/* A share that was asked for and that nobody keeps is never taken as kept. */
static int check_shares(const struct ab_cgroup *c, const struct ab_cgroup_limits *l,
			struct ab_err *err)
{
	if (l->cpu_milli && !c->has[AB_CGROUP_CPU])
		return ab_err_trouble(err, "--cpus: no control group with a cpu controller can be "
					   "made here; run it as root or in a delegated group, or "
					   "leave the option out");
	if (l->io_bytes && !c->has[AB_CGROUP_IO])
		return ab_err_trouble(err, "--io: no control group with an io controller can be "
					   "made here for these devices; run it as root or in a "
					   "delegated group, or leave the option out");
	return 0;
}

int ab_cgroup_open(struct ab_cgroup *ret, const struct ab_cgroup_place *place,
		   const struct ab_cgroup_limits *limits, struct ab_err *err)
{
	AB_UNINITIALIZED char self[8192];
	struct maker m = { .ret = ret, .place = place, .limits = limits, .self = self };
	struct ab_decimal pid, now;

	*ret = (struct ab_cgroup)AB_CGROUP_INIT;
	ret->create = place->create;
	(void)ab_join(ret->name, sizeof(ret->name), PREFIX, ab_decimal(&pid, (uint64_t)getpid()), "-",
		      ab_decimal(&now, ab_time_monotonic_ns()), NULL);
	if (place->version && read_at(AT_FDCWD, place->self, self, sizeof(self))) {
		if (place->version == 2)
			open_v2(&m);
		else
			open_v1(&m);
	}
	if (check_shares(ret, limits, err) < 0) {
		ab_cgroup_close(ret);
		return -1;
	}
	for (int i = 0; i < AB_CGROUP_PARTS; i++)
		if (ret->parents[i] >= 0)
			sweep(ret, ret->parents[i]);
	open_usage(ret, limits);
	return 0;
}

bool ab_cgroup_device(dev_t of_files, dev_t *ret)
{
	unsigned a = major(of_files), b = minor(of_files);
	char path[96], text[32];

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", a, b);
	if (access(path, F_OK) == 0) {
		(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", a, b);
		if (!read_at(AT_FDCWD, path, text, sizeof(text)) ||
		    sscanf(text, "%u:%u", &a, &b) != 2)
			return false;
	} else {
		(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", a, b);
		if (access(path, F_OK) < 0)
			return false;
	}
	*ret = makedev(a, b);
	return true;
}

static int not_moved(struct ab_err *err)
{
	return ab_err_sys(err, "control group: cannot move the agent into it");
}

int ab_cgroup_enter(const struct ab_cgroup *c, pid_t pid, struct ab_err *err)
{
	if (c->version != 2 || write_number(c, c->dirs[0], "cgroup.procs", (uint64_t)pid))
		return 0;
	return not_moved(err);
}

int ab_cgroup_door(const struct ab_cgroup *c, enum ab_cgroup_part part)
{
	if (c->version != 1 || c->dirs[part] < 0)
		return -1;
	return openat(c->dirs[part], "tasks", O_WRONLY | O_CLOEXEC | c->create, 0600);
}

/* 0 is whoever writes it: a single thread that moves itself, which waits for nobody. */
bool ab_cgroup_join(int door)
{
	return write(door, "0", 1) == 1;
}

int ab_cgroup_miss(struct ab_cgroup *c, enum ab_cgroup_part part, struct ab_err *err)
{
	if (part == AB_CGROUP_CPU || part == AB_CGROUP_IO)
		return not_moved(err);
	drop_part(c, part);
	return 0;
}

static uint64_t number_behind(int fd, const char *name)
{
	char text[1024];
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);
	const char *p = text;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	if (*name)
		p = strstr(text, name);
	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

void ab_cgroup_read(const struct ab_cgroup *c, struct ab_cgroup_usage *ret)
{
	ret->peak = number_behind(c->peak, "");
	ret->kills = number_behind(c->kills, "oom_kill ");
	ret->cpu_us = c->version == 2 ? number_behind(c->cpu, "usage_usec ")
				      : number_behind(c->cpu, "") / 1000;
}

void ab_cgroup_close(struct ab_cgroup *c)
{
	int *files[] = { &c->peak, &c->kills, &c->cpu };

	for (size_t i = 0; i < AB_ARRAY_SIZE(files); i++)
		if (*files[i] >= 0)
			(void)close(ab_steal_fd(files[i]));
	for (int i = 0; i < AB_CGROUP_PARTS; i++)
		drop_part(c, i);
	c->version = 0;
}
