/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a run becomes what its first process builds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/jail/environment.h"
#include "lib/jail/hole.h"
#include "lib/jail/job.h"
#include "lib/jail/mounts.h"

#define TMP_INODE_BYTES 4096 /* /tmp has one inode for so many bytes */
#define TMP_MIN_INODES	1024

/* A path that the host has and the jail must not have. */
static const char *find_canary(const struct ab_plan *plan)
{
	static const char *const paths[] = { "/etc/passwd", "/etc/hostname", "/sys/kernel",
					     "/run",	    "/var",	     "/boot",
					     "/root",	    "/home",	     "/mnt" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(paths); i++)
		if (access(paths[i], F_OK) == 0 && !ab_plan_find(plan, paths[i] + 1) &&
		    !ab_plan_mount_of(plan, paths[i] + 1))
			return paths[i];
	return NULL;
}

static int begin_plan(struct ab_job *job)
{
	const char *input = job->spec->input;
	int is_bundle = input ? ab_path_is_archive(input, job->err) : 0;

	if (is_bundle < 0)
		return ab_err_prefix(job->err, "--input: ");
	if (job->spec->input_key && !is_bundle)
		return ab_err_usage(job->err, "--input-key: %s%s",
				    input ? input : "there is no --input",
				    input ? ": not a bundle, nobody has signed it" : "");
	job->bundle = is_bundle ? ab_job_bundle() : NULL;
	if (is_bundle && ab_jail_bundle_open(job->bundle, job->err) < 0)
		return ab_err_prefix(job->err, "--input: ");
	return ab_mounts_add(&job->setup->plan, job->spec, is_bundle ? job->bundle->tree : NULL,
			     job->setup->uid, job->err);
}

static int make_plan(struct ab_job *job)
{
	struct ab_setup *s = job->setup;
	const char *path = ab_environment_get(s->env, "PATH");

	if (begin_plan(job) < 0)
		return -1;
	if (ab_hole_make(&s->strict.hole, &s->gateway, &s->plan, job->spec->socket,
			 job->spec->listen, job->err) < 0)
		return -1;
	s->test.hole = job->s.gate.hole = job->notifier.gate.hole = s->strict.hole;
	path = path ? path : AB_JAIL_PATH;
	if (job->spec->self_test && !job->spec->argv[0])
		return ab_mounts_finish(&s->plan, job->spec, path, s->uid, s->gid, job->err);
	if ((job->spec->root ? ab_program_find_in(&s->program, job->spec->root, job->spec->argv,
						  path, s->uid, s->gid, job->err)
			     : ab_program_find(&s->program, &s->plan, job->spec->argv, path, s->uid,
					       s->gid, job->err)) < 0) {
		job->ret->exit = s->program.exit;
		return -1;
	}
	if (ab_mounts_finish(&s->plan, job->spec, path, s->uid, s->gid, job->err) < 0)
		return -1;
	if (ab_strict_check(&s->strict, &s->plan, &s->program, job->err) < 0) {
		job->ret->exit = s->program.exit;
		return -1;
	}
	return 0;
}

/* How much of what the agent does is heard of. */
static int choose_events(struct ab_job *job)
{
	const struct ab_jail_spec *spec = job->spec;

	for (size_t i = 0; i < spec->on->n; i++) {
		unsigned class = ab_event_class_parse(spec->on->items[i]);

		if (!class)
			return ab_err_usage(job->err,
					    "--on: %s: not SOCKET=kill, EXEC=kill or "
					    "SENSITIVE=kill",
					    spec->on->items[i]);
		job->notifier.on |= class;
	}
	job->notifier.opens = spec->events_all;
	job->notifier.max = spec->events_max;
	job->notifier.gate = job->s.gate;
	if (spec->events_all || job->notifier.on & AB_ON_SENSITIVE)
		job->setup->strict.watch = AB_WATCH_OPENS;
	else if (spec->events || job->notifier.on)
		job->setup->strict.watch = AB_WATCH_SOME;
	return 0;
}

/* Where the agent starts; what a workspace is compared with once it has ended. */
static int prepare_workspace(struct ab_job *job)
{
	const struct ab_entry *e = ab_mounts_workspace(&job->setup->plan);
	struct stat st;
	int n;

	job->setup->start = "/tmp";
	if (e) {
		n = snprintf(job->setup->workspace, sizeof(job->setup->workspace), "/%s", e->path);
		job->lower = open(e->source, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (n < 0 || (size_t)n >= sizeof(job->setup->workspace) || job->lower < 0 ||
		    fstat(job->lower, &st) < 0)
			return ab_err_sys(job->err, "--workspace: %s", e->source);
		if (st.st_dev != e->dev || st.st_ino != e->ino)
			return ab_err_trouble(job->err, "%s: was replaced while the jail was built",
					      e->source);
		(void)clock_gettime(CLOCK_REALTIME, &job->begun);
		job->setup->start = job->setup->workspace;
	}
	job->setup->test.start = job->setup->start;
	job->setup->root.uid = job->setup->uid;
	job->setup->root.gid = job->setup->gid;
	return 0;
}

int ab_job_prepare(struct ab_job *job)
{
	struct ab_setup *s = job->setup;

	s->weak = ab_weaken_asked();
	s->uid = geteuid() == 0 ? AB_NOBODY : geteuid();
	s->gid = geteuid() == 0 ? AB_NOBODY : getegid();
	s->drop_groups = geteuid() == 0;
	s->gateway.uid = s->uid;
	s->gateway.gid = s->gid;
	s->gateway.drop_groups = s->drop_groups;
	s->n_groups = getgroups(0, NULL); /* confined, we cannot ask any more */
	s->strict.no_jit = job->spec->no_jit;
	s->pinned = job->s.pin.wanted = job->spec->digest || job->spec->print_digest;
	job->s.pin.expected = job->spec->digest;
	s->strict.no_exec = job->s.gate.no_exec = job->spec->no_exec;
	job->s.gate.no_jit = job->spec->no_jit;
	s->strict.gpu = job->spec->gpu;
	if (choose_events(job) < 0)
		return -1;
	if (s->strict.gpu && s->strict.watch)
		return ab_err_usage(job->err, "--gpu goes with neither --events nor --on");
	s->limits = (struct ab_limits){ .memory = job->spec->memory,
					.processes = job->spec->processes,
					.file_size = job->spec->file_size,
					.open_files = job->spec->open_files,
					.cpu_ms = job->spec->cpu_ms };
	s->root.tmp_bytes = job->spec->tmp;
	s->root.tmp_inodes = job->spec->tmp / TMP_INODE_BYTES + TMP_MIN_INODES;
	s->env = ab_environment_make(job->spec->env, job->spec->insecure_env, job->err);
	if (!s->env || make_plan(job) < 0 || prepare_workspace(job) < 0 ||
	    ab_limits_empty_dumps(job->err) < 0)
		return -1;
	if (ab_selftest_look(&s->test, job->err) < 0)
		return -1;
	s->test.env = s->env;
	s->test.plan = &s->plan;
	s->test.tmp_bytes = job->spec->tmp;
	s->test.canary = find_canary(&s->plan);
	if (!s->test.canary)
		return ab_err_trouble(job->err, "nothing of the host would be hidden in this jail");
	if (ab_is_weak(s->weak, "host_path"))
		return ab_plan_add(&s->plan, s->test.canary, 0, NULL, job->err);
	return 0;
}
