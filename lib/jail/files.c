/* SPDX-License-Identifier: Apache-2.0 */
/* The files, descriptors and memory that a run needs from before the supervisor is confined. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "lib/base/value.h"
#include "lib/jail/archive.h"
#include "lib/jail/job.h"
#include "lib/jail/mounts.h"

#define MEMORY_OUTPUT (64u << 20) /* a limit of the output up to which it is held in memory */

/* Only a file: a pipe that nobody reads would hold up the supervisor, and with it the clock; a
 * terminal is no place for what the agent writes. */
static int open_stderr(struct ab_job *job)
{
	const char *path = job->spec->stderr_file;
	struct stat st;

	job->stderr_file =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (job->stderr_file < 0 || fstat(job->stderr_file, &st) < 0)
		return ab_err_sys(job->err, "--stderr: %s", path);
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(job->err, "--stderr: %s: not a regular file", path);
	return 0;
}

/* The file, or a descriptor that our caller has opened: a pipe is one, too, since whoever does not
 * read it holds up the agent alone. */
static int open_events(struct ab_job *job)
{
	const char *path = job->spec->events;
	uint64_t number;
	struct ab_err ignored;
	struct stat st;

	if (ab_value_number(path, 3, INT_MAX, &number, &ignored) == 0) {
		job->notifier.log = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
		return job->notifier.log < 0 ? ab_err_sys(job->err, "--events: %s", path) : 0;
	}
	job->notifier.log =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (job->notifier.log < 0 || fstat(job->notifier.log, &st) < 0)
		return ab_err_sys(job->err, "--events: %s", path);
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(job->err, "--events: %s: not a regular file", path);
	return 0;
}

int ab_job_start_notifier(struct ab_job *job)
{
	if (!job->setup->strict.watch)
		return 0;
	if (job->spec->events && open_events(job) < 0)
		return -1;
	job->notifier.first = job->setup->program.file;
	return ab_notifier_start(&job->s.notifier, &job->notifier, job->err);
}

/* Nothing that the agent could see, nor that changes what it works on. */
static int open_archive(struct ab_job *job)
{
	const struct ab_entry *e = ab_mounts_workspace(&job->setup->plan);
	struct stat st;

	if (!e)
		return ab_err_usage(job->err, "--workspace-out: there is no --workspace");
	if (stat(job->spec->workspace_out, &st) == 0 && !S_ISREG(st.st_mode))
		return ab_err_usage(job->err, "--workspace-out: %s: not a regular file",
				    job->spec->workspace_out);
	job->ret->archive = ab_archive_new(job->spec->workspace_out, job->err);
	if (!job->ret->archive)
		return ab_err_prefix(job->err, "--workspace-out: ");
	if (ab_mounts_is_below(ab_archive_dir(job->ret->archive), e))
		return ab_err_usage(job->err, "--workspace-out: %s: lies in the workspace",
				    job->spec->workspace_out);
	return 0;
}

/* A common symbol stands behind all other variables, which then have few pages. */
__attribute__((common)) unsigned char ab_job_chunks[2 * AB_CHUNK];

unsigned char *ab_job_chunk(void)
{
	return ab_job_chunks;
}

/* Aligned here: the alignment of a common symbol is that of all variables, which would begin a page. */
__attribute__((common)) char ab_job_setups[sizeof(struct ab_setup) + AB_SETUP_PAGE];
__attribute__((common)) struct ab_jail_bundle ab_job_bundles;

struct ab_setup *ab_job_setup(void)
{
	struct ab_setup *s = (void *)(ab_job_setups + -(uintptr_t)ab_job_setups % AB_SETUP_PAGE);

	s->root = (struct ab_root)AB_ROOT_INIT;
	s->gateway = (struct ab_gateway)AB_GATEWAY_INIT;
	s->bare.dir.fd = s->bare.dir.parent = -1;
	s->group = -1;
	return s;
}

struct ab_jail_bundle *ab_job_bundle(void)
{
	ab_job_bundles.at.fd = ab_job_bundles.at.parent = -1;
	return &ab_job_bundles;
}

int ab_job_open_files(struct ab_job *job)
{
	struct ab_supervisor *s = &job->s;

	if (job->spec->stderr_file && open_stderr(job) < 0)
		return -1;
	if (job->spec->workspace_out && open_archive(job) < 0)
		return -1;
	s->chunk = ab_job_chunk();
	s->feed.chunk = s->chunk + AB_CHUNK;
	if (job->spec->max_output <= MEMORY_OUTPUT)
		ab_hold_open_memory(&job->ret->out, job->spec->max_output);
	else if (ab_hold_open(&job->ret->out, job->spec->max_output, job->err) < 0)
		return -1;
	s->signals = signalfd(-1, &job->caught, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		return ab_err_sys(job->err, "signals");
	/* Without a receipt nobody would read it. */
	return job->spec->receipts ? ab_digester_open(&s->digest, &job->setup->plan, job->err) : 0;
}
