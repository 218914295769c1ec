/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor gives up once the jail exists. */
#include <fcntl.h>
#include <sys/prctl.h>

#include "lib/confine/landlock.h"
#include "lib/jail/archive.h"
#include "lib/jail/filter.h"
#include "lib/jail/job.h"

static int allow_workspace(struct ab_job *job, struct ab_landlock *l)
{
	const int fds[] = { job->lower, job->setup->root.upper, job->setup->root.merged };

	for (size_t i = 0; job->lower >= 0 && i < AB_ARRAY_SIZE(fds); i++)
		if (ab_landlock_allow(l, fds[i], AB_LANDLOCK_READ, job->err) < 0)
			return -1;
	if (!job->ret->archive)
		return 0;
	return ab_landlock_allow(l, ab_archive_dir(job->ret->archive), AB_LANDLOCK_RENAME,
				 job->err);
}

/* To look at what is in it, and to remove it. */
static int allow_scratch(struct ab_landlock *l, const struct ab_scratch *s, struct ab_err *err)
{
	if (s->fd < 0)
		return 0;
	if (ab_landlock_allow(l, s->fd, AB_LANDLOCK_READ | AB_LANDLOCK_WRITE, err) < 0)
		return -1;
	return ab_landlock_allow(l, s->parent, AB_LANDLOCK_RMDIR, err);
}

int ab_job_confine(struct ab_job *job)
{
	ab_auto(ab_landlock_close) struct ab_landlock l = AB_LANDLOCK_INIT;
	ab_autoclose int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int receipts = ab_receipts_dirfd(job->spec->receipts);

	if (proc < 0)
		return ab_err_sys(job->err, "/proc");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(job->err, "no_new_privs");
	if (ab_landlock_open(&l, ab_weaken_abi(job->setup->weak), false, job->err) < 0 ||
	    ab_landlock_allow(&l, proc, AB_LANDLOCK_READ, job->err) < 0)
		return -1;
	if (receipts >= 0 &&
	    ab_landlock_allow(&l, receipts, AB_LANDLOCK_READ | AB_LANDLOCK_WRITE, job->err) < 0)
		return -1;
	for (size_t i = 0; i < job->s.digest.n; i++)
		if (job->s.digest.fds[i] >= 0 &&
		    ab_landlock_allow(&l, job->s.digest.fds[i], AB_LANDLOCK_READ, job->err) < 0)
			return -1;
	if (ab_pin_allow(&job->s.pin, &l, job->err) < 0)
		return -1;
	for (int i = 0; i < AB_CGROUP_PARTS; i++)
		if (job->ret->cgroup.parents[i] >= 0 &&
		    ab_landlock_allow(&l, job->ret->cgroup.parents[i], AB_LANDLOCK_RMDIR,
				      job->err) < 0)
			return -1;
	if (allow_scratch(&l, &job->setup->bare.dir, job->err) < 0 ||
	    (job->bundle && allow_scratch(&l, &job->bundle->at, job->err) < 0))
		return -1;
	if (allow_workspace(job, &l) < 0 || ab_landlock_enforce(&l, job->err) < 0)
		return -1;
	if (job->s.bare)
		return ab_jail_filter_load(AB_FILTER_BARE_SUPERVISOR, job->err);
	return ab_jail_filter_load(job->lower < 0 ? AB_FILTER_SUPERVISOR : AB_FILTER_CHANGES,
				   job->err);
}
