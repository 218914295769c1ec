/* SPDX-License-Identifier: Apache-2.0 */
/* lib/jail/cgroup: where the group is made, what is written into it, what is swept. The trees are
 * plain directories. */
#include "tests/unit/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/jail/cgroup.h"

struct scene {
	char top[32], mount[64], self[64];
	struct ab_cgroup_place place;
};

static void put(const struct scene *s, const char *text, const char *fmt, ...) ab_printf(3, 4);
static void put(const struct scene *s, const char *text, const char *fmt, ...)
{
	char path[512];
	int n = snprintf(path, sizeof(path), "%s/", s->top);
	va_list args;
	FILE *f;

	va_start(args, fmt);
	(void)vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, args);
	va_end(args);
	f = fopen(path, "we");
	if (f) {
		(void)fputs(text, f);
		(void)fclose(f);
	}
}

static bool make(struct scene *s, int version, const char *self, const char *const dirs[], size_t n)
{
	char path[128];
	bool ok;

	(void)snprintf(s->top, sizeof(s->top), "/tmp/ab-cgroup-XXXXXX");
	ok = mkdtemp(s->top) != NULL;
	(void)snprintf(s->mount, sizeof(s->mount), "%s/m", s->top);
	(void)snprintf(s->self, sizeof(s->self), "%s/self", s->top);
	ok &= mkdir(s->mount, 0755) == 0;
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", s->mount, dirs[i]);
		ok &= mkdir(path, 0755) == 0;
	}
	put(s, self, "self");
	s->place = (struct ab_cgroup_place){ s->mount, s->self, version, O_CREAT };
	return ok;
}

static void clear(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	char name[512];

	while (dir && (e = readdir(dir))) {
		(void)snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR)
			clear(name);
		else
			(void)unlink(name);
	}
	if (dir)
		(void)closedir(dir);
	(void)rmdir(path);
}

/* The text of a file in the group's directory in `where`. */
static const char *text(const struct scene *s, const struct ab_cgroup *c, const char *where,
			const char *file, char out[128])
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s/%s/%s", s->mount, where, c->name, file);
	f = fopen(path, "re");
	memset(out, 0, 128);
	if (!f)
		return "(none)";
	out[fread(out, 1, 127, f)] = '\0';
	(void)fclose(f);
	return out;
}

/* No process has a number above Linux's PID_MAX_LIMIT. */
#define NOBODY "4194305"

static const struct ab_cgroup_limits all = { .memory = 1000, .processes = 7 };

static void check_v2_beside(struct tap *t)
{
	static const char *const dirs[] = { "user", "user/session",
					    "user/agentbox-" NOBODY "-left",
					    "user/agentbox-1-alive" };
	struct ab_cgroup_limits limits = all;
	struct ab_cgroup_usage usage;
	struct ab_cgroup c;
	struct ab_err err = { 0 };
	struct scene s;
	char out[128], path[512];

	tap_ok(t, make(&s, 2, "12:other:/x\n0::/user/session\n", dirs, 4), "a delegated session");
	put(&s, "memory pids cpu\n", "m/user/cgroup.subtree_control");
	put(&s, "\n", "m/user/session/cgroup.subtree_control");
	limits.cpu_milli = 1500;
	tap_ok(t, ab_cgroup_open(&c, &s.place, &limits, &err) == 0 && c.version == 2,
	       "a group is made");
	tap_is(t, text(&s, &c, "user", "memory.max", out), "1000",
	       "beside our own, with its memory");
	tap_is(t, text(&s, &c, "user", "memory.swap.max", out), "0", "and no swap");
	tap_is(t, text(&s, &c, "user", "memory.oom.group", out), "1", "killed as a whole");
	tap_is(t, text(&s, &c, "user", "pids.max", out), "7", "processes");
	tap_is(t, text(&s, &c, "user", "cpu.max", out), "150000 100000",
	       "one and a half processors");
	(void)snprintf(path, sizeof(path), "%s/user/agentbox-" NOBODY "-left", s.mount);
	tap_ok(t, access(path, F_OK) < 0, "what nobody holds is swept");
	(void)snprintf(path, sizeof(path), "%s/user/agentbox-1-alive", s.mount);
	tap_ok(t, access(path, F_OK) == 0, "but for that of a process that lives");
	tap_ok(t, ab_cgroup_enter(&c, 4711, &err) == 0, "a process enters");
	tap_is(t, text(&s, &c, "user", "cgroup.procs", out), "4711", "by its number");
	ab_cgroup_read(&c, &usage);
	tap_ok(t, usage.peak == 0 && usage.kills == 0 && usage.cpu_us == 0,
	       "what is not there is 0");
	ab_cgroup_close(&c);
	clear(s.top);
}

static int open_in(const struct scene *s, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s%s", s->mount, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void check_usage(struct tap *t)
{
	static const char *const dirs[] = { "g" };
	struct ab_cgroup_usage usage;
	struct ab_cgroup c = AB_CGROUP_INIT;
	struct scene s;

	tap_ok(t, make(&s, 2, "", dirs, 1), "files of usage");
	put(&s, "12345\n", "m/g/memory.peak");
	put(&s, "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 1\n", "m/g/memory.events");
	put(&s, "usage_usec 987654\nuser_usec 1\n", "m/g/cpu.stat");
	c.version = 2;
	c.peak = open_in(&s, "/g/memory.peak");
	c.kills = open_in(&s, "/g/memory.events");
	c.cpu = open_in(&s, "/g/cpu.stat");
	ab_cgroup_read(&c, &usage);
	tap_ok(t, usage.peak == 12345 && usage.kills == 1 && usage.cpu_us == 987654, "are read");
	ab_cgroup_close(&c);
	clear(s.top);
}

static void check_v2_refused(struct tap *t)
{
	static const char *const dirs[] = { "user", "user/session" };
	struct ab_cgroup_limits limits = all;
	struct ab_cgroup c;
	struct ab_err err = { 0 };
	struct scene s;

	tap_ok(t, make(&s, 2, "0::/user/session\n", dirs, 2), "a session that is not delegated");
	put(&s, "pids\n", "m/user/cgroup.subtree_control");
	put(&s, "memory_recursiveprot\n", "m/user/session/cgroup.subtree_control");
	tap_ok(t,
	       ab_cgroup_open(&c, &s.place, &limits, &err) == 0 && c.version == 0 && c.dirs[0] < 0,
	       "no group without its controllers");
	ab_cgroup_close(&c);
	limits.cpu_milli = 500;
	tap_ok(t, ab_cgroup_open(&c, &s.place, &limits, &err) < 0 && strstr(err.msg, "--cpus: "),
	       "a share that nobody keeps is an error");
	limits = (struct ab_cgroup_limits){ .memory = 1, .io_bytes = 5 };
	tap_ok(t, ab_cgroup_open(&c, &s.place, &limits, &err) < 0 && strstr(err.msg, "--io: "),
	       "so is one of input and output");
	clear(s.top);
}

static void check_v2_root(struct tap *t)
{
	struct ab_cgroup_limits limits = { .memory = 5 };
	struct ab_cgroup c;
	struct ab_err err = { 0 };
	struct scene s;
	char out[128];

	tap_ok(t, make(&s, 2, "0::/\n", NULL, 0), "the root group");
	put(&s, "", "m/cgroup.subtree_control");
	tap_ok(t, ab_cgroup_open(&c, &s.place, &limits, &err) == 0 && c.has[AB_CGROUP_MEMORY],
	       "gives what it has not given yet");
	tap_is(t, text(&s, &c, ".", "../cgroup.subtree_control", out), "+memory",
	       "by asking for it");
	ab_cgroup_close(&c);
	clear(s.top);
}

/* The process itself goes in: the number of another is never written. */
static void check_doors(struct tap *t, const struct scene *s, struct ab_cgroup *c)
{
	struct ab_err err = { 0 };
	char out[128];
	int door = ab_cgroup_door(c, AB_CGROUP_MEMORY);

	tap_ok(t, ab_cgroup_enter(c, 4711, &err) == 0 && ab_cgroup_door(c, AB_CGROUP_PIDS) < 0,
	       "nobody is moved, and there is no door without a group");
	tap_is(t, text(s, c, "memory/own", "cgroup.procs", out), "(none)", "not by its number");
	tap_ok(t, ab_cgroup_join(door), "a process goes in itself");
	tap_is(t, text(s, c, "memory/own", "tasks", out), "0", "as a single thread");
	(void)close(door);
	tap_ok(t, !ab_cgroup_join(-1), "not through a door that is not there");
	tap_ok(t, ab_cgroup_miss(c, AB_CGROUP_CPU, &err) < 0 && strstr(err.msg, "control group: "),
	       "who has not got in has no share of processors");
	tap_ok(t, ab_cgroup_miss(c, AB_CGROUP_MEMORY, &err) == 0 && !c->has[AB_CGROUP_MEMORY],
	       "and its memory is not said to be kept");
}

static void check_v1(struct tap *t)
{
	static const char *const dirs[] = { "memory", "memory/own", "cpu", "blkio", "pids" };
	const dev_t devices[] = { 0x0801 };
	struct ab_cgroup_limits limits = { .memory = 1000,
					   .processes = 7,
					   .cpu_milli = 10,
					   .io_bytes = 1 << 20,
					   .devices = devices,
					   .n_devices = 1 };
	struct ab_cgroup c;
	struct ab_err err = { 0 };
	struct scene s;
	char out[128];

	tap_ok(t,
	       make(&s, 1,
		    "9:cpu,cpuacct:/elsewhere\n8:pids:/\n4:memory:/own\n2:blkio:/\n1:name=systemd:/"
		    "\n",
		    dirs, 5),
	       "version 1");
	tap_ok(t, ab_cgroup_open(&c, &s.place, &limits, &err) == 0 && c.version == 1,
	       "a group is made");
	tap_is(t, text(&s, &c, "memory/own", "memory.limit_in_bytes", out), "1000",
	       "below our own");
	tap_is(t, text(&s, &c, "memory/own", "memory.memsw.limit_in_bytes", out), "1000",
	       "with swap");
	tap_is(t, text(&s, &c, "cpu", "cpu.cfs_quota_us", out), "1000",
	       "at the root where our own is not shown");
	tap_is(t, text(&s, &c, "blkio", "blkio.throttle.write_bps_device", out), "8:1 1048576",
	       "a device's bytes");
	tap_ok(t, !c.has[AB_CGROUP_PIDS] && c.dirs[AB_CGROUP_PIDS] < 0, "no group for processes");
	check_doors(t, &s, &c);
	ab_cgroup_close(&c);
	clear(s.top);
}

static void check_held(struct tap *t)
{
	static const char *const dirs[] = { "agentbox-" NOBODY "-held" };
	struct ab_cgroup_limits limits = { .memory = 5 };
	struct ab_cgroup c;
	struct ab_err err = { 0 };
	struct scene s;
	char path[128];
	int held;

	tap_ok(t, make(&s, 2, "0::/\n", dirs, 1), "another's group");
	put(&s, "memory", "m/cgroup.subtree_control");
	(void)snprintf(path, sizeof(path), "%s/agentbox-" NOBODY "-held", s.mount);
	held = open(path, O_RDONLY | O_DIRECTORY);
	tap_ok(t,
	       flock(held, LOCK_EX) == 0 && ab_cgroup_open(&c, &s.place, &limits, &err) == 0 &&
		       access(path, F_OK) == 0,
	       "that is held is not swept");
	(void)close(held);
	ab_cgroup_close(&c);
	clear(s.top);
}

int main(void)
{
	struct tap t = { 0 };

	check_v2_beside(&t);
	check_usage(&t);
	check_v2_refused(&t);
	check_v2_root(&t);
	check_v1(&t);
	check_held(&t);
	return tap_done(&t);
}
