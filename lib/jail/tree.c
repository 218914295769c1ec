/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/tree.h"

#include <dirent.h>
#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/base/join.h"

/* What one end of a connected pair holds at most: Linux's net.core.wmem_default, and one more
 * message, which is let in as long as there is any room. */
#define SOCKET_BYTES (256u << 10)

struct look {
	size_t n, at;
	struct ab_tree *tree;
	pid_t pids[AB_TREE_MAX]; /* found so far; those before `at` have been looked at */
	char text[1u << 20];	 /* one file of /proc: 65536 groups have room in a status */
};

/* One at a time, touched only as far as it is filled; a common symbol stands behind all other variables
 * and so takes no page of theirs. */
__attribute__((common)) struct look ab_tree_looks;

static struct look *begin(pid_t first, struct ab_tree *tree)
{
	struct look *l = &ab_tree_looks;

	l->n = 1;
	l->at = 0;
	l->tree = tree;
	l->pids[0] = first;
	return l;
}

/* Reads a file of /proc as text, as much as there is room for; false if it is not there any more.
 * The kernel gives a list a page at a time. */
static bool read_text(const char *path, char *text, size_t size)
{
	ab_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t all = 0;
	ssize_t n = -1;

	while (fd >= 0 && all < size - 1 && (n = read(fd, text + all, size - 1 - all)) > 0)
		all += (size_t)n;
	if (fd < 0 || (n < 0 && all == 0))
		return false;
	text[all] = '\0';
	return true;
}

/* The number behind "NAME:" in the text of /proc/PID/status, 0 if there is none. */
static uint64_t field(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

static void add_children(struct look *l, pid_t pid, const char *task)
{
	char path[64], *p = l->text, *end;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%.10s/children", (int)pid, task);
	if (!read_text(path, l->text, sizeof(l->text)))
		return;
	for (;;) {
		unsigned long child = strtoul(p, &end, 10);

		if (end == p || l->n == AB_TREE_MAX)
			return;
		l->pids[l->n++] = (pid_t)child;
		p = end;
	}
}

static void add_all_children(struct look *l, pid_t pid, uint64_t threads)
{
	char text[64];
	struct dirent *e;
	DIR *dir;

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	if (threads == 1) {
		add_children(l, pid, text);
		return;
	}
	(void)snprintf(text, sizeof(text), "/proc/%d/task", (int)pid);
	dir = opendir(text);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			add_children(l, pid, e->d_name);
	if (dir)
		(void)closedir(dir);
}

/* Ticks of processor time in the text of /proc/PID/stat: its own (unless it is the first process),
 * and what its children that ended have used. */
static uint64_t ticks(const char *text, bool counts)
{
	const char *p = strrchr(text, ')'); /* the name before it is the process's to choose */
	unsigned long long own[2] = { 0 }, ended[2] = { 0 };

	if (!p || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu",
			 &own[0], &own[1], &ended[0], &ended[1]) != 4)
		return 0;
	return (counts ? own[0] + own[1] : 0) + ended[0] + ended[1];
}

static void add_cpu(struct look *l, pid_t pid, bool counts)
{
	char path[32], text[1024];

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_text(path, text, sizeof(text)))
		l->tree->cpu_ms += ticks(text, counts) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

static void look_at(struct look *l, pid_t pid, bool counts)
{
	char path[32], *text = l->text;
	uint64_t threads;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (!read_text(path, text, sizeof(l->text)))
		return;
	threads = field(text, "\nThreads:");
	add_cpu(l, pid, counts);
	if (counts) {
		l->tree->processes += threads;
		/* Page tables are the process's own doing, too: reading an empty mapping makes
		 * nothing but them. */
		l->tree->memory +=
			1024 * (field(text, "\nRssAnon:") + field(text, "\nRssShmem:") +
				field(text, "\nVmPTE:") + field(text, "\nHugetlbPages:"));
	}
	add_all_children(l, pid, threads);
}

/* The sockets of the first process's network namespace, which is the jail's alone. */
static uint64_t socket_bytes(pid_t first)
{
	char path[48], text[512];

	(void)snprintf(path, sizeof(path), "/proc/%d/net/sockstat", (int)first);
	return read_text(path, text, sizeof(text)) ? SOCKET_BYTES * field(text, "sockets: used")
						   : 0;
}

/* Whether /proc is that of our own processes, and tells of the children of one that is always there: what
 * it makes to tell of ourselves costs as much as a dozen system calls. */
static bool is_told_of_first(void)
{
	struct ab_decimal own;
	char text[16] = "";

	return readlink("/proc/self", text, sizeof(text) - 1) > 0 &&
	       strcmp(text, ab_decimal(&own, (uint64_t)getpid())) == 0 &&
	       access("/proc/1/task/1/children", F_OK) == 0;
}

int ab_tree_check(struct ab_err *err)
{
	struct ab_decimal task;
	char path[64], text[16];

	if (is_told_of_first())
		return 0;
	(void)ab_join(path, sizeof(path), "/proc/self/task/", ab_decimal(&task, (uint64_t)gettid()),
		      "/children", NULL);
	if (read_text(path, text, sizeof(text)))
		return 0;
	if (errno == EMFILE || errno == ENFILE)
		return ab_err_sys(err, "%s", path);
	return ab_err_trouble(err,
			      "/proc does not tell a process's children: the limits of memory and "
			      "processes cannot be kept; mount /proc, or use a kernel with "
			      "CONFIG_PROC_CHILDREN");
}

void ab_tree_look(pid_t first, struct ab_tree *ret)
{
	struct look *l = begin(first, ret);

	*ret = (struct ab_tree){ 0 };
	for (; l->at < l->n; l->at++)
		look_at(l, l->pids[l->at], l->at > 0);
	ret->sockets = socket_bytes(first);
}

size_t ab_tree_list(pid_t first, pid_t *pids, size_t room)
{
	struct look *l = begin(first, NULL);
	size_t n = 0;

	for (; l->at < l->n; l->at++)
		/* As if it had many threads: each of them may have children. */
		add_all_children(l, l->pids[l->at], 2);
	while (n < room && n + 1 < l->n) {
		pids[n] = l->pids[n + 1];
		n++;
	}
	return n;
}

size_t ab_tree_children(pid_t pid, pid_t *pids, size_t room)
{
	struct look *l = begin(pid, NULL);
	char task[16];
	size_t n = 0;

	(void)snprintf(task, sizeof(task), "%d", (int)pid);
	add_children(l, pid, task);
	for (; n < room && n + 1 < l->n; n++)
		pids[n] = l->pids[n + 1];
	return n;
}

bool ab_tree_is_dead(pid_t pid)
{
	char path[32], text[1024], state = 'R';
	const char *p;
	long threads = 2;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!read_text(path, text, sizeof(text)))
		return true;
	/* A first thread can end before the others. */
	p = strrchr(text, ')');
	if (!p || sscanf(p + 1,
			 " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld",
			 &state, &threads) != 2)
		return false;
	return strchr("ZXx", state) && threads <= 1;
}

uint64_t ab_tree_of_user(uid_t uid)
{
	char path[64], text[65536];
	uint64_t threads = 0;
	struct dirent *e;
	DIR *dir = opendir("/proc");

	while (dir && (e = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "/proc/%.20s/status", e->d_name);
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    read_text(path, text, sizeof(text)) && field(text, "\nUid:") == uid)
			threads += field(text, "\nThreads:");
	}
	if (dir)
		(void)closedir(dir);
	return threads;
}
