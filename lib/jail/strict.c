/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/strict.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/jail/filter.h"
#include "lib/jail/mountinfo.h"

/* Of Linux 6.3. */
#define SET_MDWE	 65
#define REFUSE_EXEC_GAIN 1

#define SIZE 4096

static bool is_within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* The source of a writable mount that is, holds, or lies in that of one where things are executed;
 * NULL if none does. A single file that stands in both is shared only where no code may be made. */
static const char *find_shared(const struct ab_plan *plan, bool no_jit)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct ab_entry *a = &plan->entries[i];

		if (a->kind != AB_ENTRY_BIND || !(a->flags & AB_BIND_WRITE) ||
		    (!no_jit && a->flags & AB_BIND_WORKSPACE)) /* stays as it is beneath */
			continue;
		for (size_t k = 0; k < plan->n; k++) {
			const struct ab_entry *b = &plan->entries[k];

			if (b->kind == AB_ENTRY_BIND && !(b->flags & AB_BIND_WRITE) &&
			    (no_jit ||
			     (b->flags & (AB_BIND_TREE | AB_BIND_DATA)) == AB_BIND_TREE) &&
			    (is_within(a->source, b->source) || is_within(b->source, a->source)))
				return a->source;
		}
	}
	return NULL;
}

int ab_strict_check(const struct ab_strict *s, const struct ab_plan *plan,
		    struct ab_program *program, struct ab_err *err)
{
	const char *shared = find_shared(plan, s->no_jit);

	if (s->no_jit && program->writes_code) {
		program->exit = 126;
		return ab_err_no(err,
				 "%s: --no-jit: it, or its loader, asks for memory that is "
				 "writable and executable",
				 program->file);
	}
	program->exit = 125;
	if (shared)
		return ab_err_usage(err,
				    "%s%s: shown writable in one place and executable in another",
				    s->no_jit ? "--no-jit: " : "", shared);
	return 0;
}

/* Whether nothing that is mounted beneath a directory can be mapped as code. */
static bool is_noexec_beneath(const char *dir)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	ab_autofree char *line = NULL;
	size_t room = 0;
	bool fine = f != NULL;

	while (fine && getline(&line, &room, f) > 0) {
		char *point, *options;

		if (!ab_mountinfo_split(line, &point, &options))
			fine = false;
		else if (is_within(point, dir))
			fine = strstr(options, ",noexec") != NULL;
	}
	/* That it cannot be read is not its end. */
	fine = fine && feof(f);
	if (f)
		(void)fclose(f);
	return fine;
}

static bool is_noexec(const char *path)
{
	struct statvfs v;

	/* What the kernel asks of a mapping is the mount, of which this tells, not the file. */
	return statvfs(path, &v) == 0 && v.f_flag & ST_NOEXEC && is_noexec_beneath(path);
}

int ab_strict_check_places(const struct ab_strict *s, const struct ab_plan *plan, const char *dir,
			   struct ab_err *err)
{
	static const char why[] = "what the agent writes there could be mapped as code: in tier 2 "
				  "--no-jit needs a file system that is mounted noexec";

	if (!s->no_jit)
		return 0;
	if (!is_noexec(dir))
		return ab_err_trouble(err, "%.*s: %s; let TMPDIR be on one",
				      (int)(strrchr(dir, '/') - dir), dir, why);
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].kind == AB_ENTRY_BIND &&
		    plan->entries[i].flags & AB_BIND_WRITE && !is_noexec(plan->entries[i].source))
			return ab_err_trouble(err, "%s: %s", plan->entries[i].source, why);
	return 0;
}

/* Whether such memory is refused in just this way. musl's own mmap() makes ENOMEM of EPERM. */
static bool is_refused(int prot, int error)
{
	long p = syscall(SYS_mmap, NULL, SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == -1)
		return errno == error;
	(void)munmap((void *)p, SIZE);
	return false;
}

/* On a page of the stack, of which nothing else is in use: one more may be over a limit. */
static bool is_gain_refused(void)
{
	char room[2 * SIZE];
	uintptr_t page = ((uintptr_t)room + SIZE - 1) & ~(uintptr_t)(SIZE - 1);

	if (syscall(SYS_mprotect, page, SIZE, PROT_READ | PROT_EXEC) < 0)
		return errno == EPERM;
	(void)syscall(SYS_mprotect, page, SIZE, PROT_READ | PROT_WRITE);
	return false;
}

/* The kernel's own rule is tried before a filter hides it: it says EACCES. */
static int set_mdwe(struct ab_strict *s, struct ab_err *err)
{
	s->no_jit_twice = prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) == 0;
	if (s->no_jit_twice && !is_refused(PROT_READ | PROT_WRITE | PROT_EXEC, EACCES))
		return ab_err_trouble(err, "isolation is not proved: no_jit: the kernel's rule");
	return 0;
}

static unsigned watching(const struct ab_strict *s)
{
	if (s->watch == AB_WATCH_OPENS)
		return s->hole + (s->no_jit ? AB_FILTER_EVENTS_ALL_NO_JIT : AB_FILTER_EVENTS_ALL);
	return s->hole + (s->no_jit ? AB_FILTER_EVENTS_NO_JIT : AB_FILTER_EVENTS);
}

int ab_strict_enter(struct ab_strict *s, struct ab_err *err)
{
	int listener = -1;

	if (s->no_jit && set_mdwe(s, err) < 0)
		return -1;
	if (s->watch)
		return ab_jail_filter_listen(watching(s), err);
	/* The agent's own comes last: it denies the loading of any other. */
	if (s->no_jit && ab_jail_filter_load(AB_FILTER_NO_JIT, err) < 0)
		return -1;
	if (s->no_exec)
		listener = ab_jail_filter_listen(AB_FILTER_NO_EXEC, err);
	if (!err->status &&
	    ab_jail_filter_load(s->hole + (s->gpu ? AB_FILTER_AGENT_GPU : AB_FILTER_AGENT), err) ==
		    0)
		return listener;
	if (listener >= 0)
		(void)close(listener);
	return -1;
}

int ab_strict_prove(const struct ab_strict *s, struct ab_err *err)
{
	const int all = PROT_READ | PROT_WRITE | PROT_EXEC;

	/* Nothing but the driver's: on no descriptor at all the kernel would say EBADF. */
	if (s->gpu && (ioctl(-1, TIOCSTI, "") == 0 || errno != EPERM))
		return ab_err_trouble(err, "isolation is not proved: gpu: requests of terminals");
	/* If nobody answers, it is ENOSYS. */
	if (s->watch && (syscall(SYS_bpf, 0, NULL, 0) == 0 || errno != EPERM))
		return ab_err_sys(err, "isolation is not proved: the listener of events");
	if (s->no_jit && (!is_refused(all, EPERM) || !is_refused(PROT_READ | PROT_EXEC, EPERM) ||
			  !is_gain_refused()))
		return ab_err_trouble(err, "isolation is not proved: no_jit");
	/* By itself the kernel says EFAULT. */
	if (s->no_exec && (syscall(SYS_execve, NULL, NULL, NULL) == 0 || errno != EPERM))
		return ab_err_sys(err, "isolation is not proved: no_exec");
	return 0;
}
