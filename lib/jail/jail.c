/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/jail.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/jail/archive.h"
#include "lib/jail/change.h"
#include "lib/jail/environment.h"
#include "lib/jail/job.h"
#include "lib/jail/mounts.h"
#include "lib/jail/report.h"
#include "lib/jail/tree.h"
#include "lib/jail/workspace.h"

/* Signals that end us become messages; one that the caller ignores stays ignored. */
static void catch_signals(struct ab_job *job)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction old;
	sigset_t all;

	(void)sigemptyset(&job->caught);
	for (size_t i = 0; i < AB_ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaddset(&job->caught, signals[i]);
	all = job->caught;
	(void)sigaddset(&all, SIGCHLD); /* init waits for its own by a descriptor, too */
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would take our children's statuses */
}

/* Then stdin is somebody else's. */
static bool runs_nothing(const struct ab_job *job)
{
	return job->spec->self_test || job->spec->print_digest;
}

/* A pipe that ends empty: the stage before said no. */
static bool waits_for_input(const struct ab_job *job)
{
	struct stat st;

	return !runs_nothing(job) && fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void connect_streams(struct ab_job *job)
{
	struct ab_supervisor *s = &job->s;

	s->feed.from = runs_nothing(job) ? -1 : STDIN_FILENO;
	s->feed.to = ab_steal_fd(&s->child.in);
	ab_sha256_init(&s->feed.hash);
	s->out = (struct ab_capture){ .from = ab_steal_fd(&s->child.out), .hold = &job->ret->out };
	s->err_stream.from = ab_steal_fd(&s->child.err);
	s->err_stream.file = job->stderr_file;
	ab_sha256_init(&s->err_stream.hash);
	s->waits = waits_for_input(job);
}

/* Nothing of it is anywhere else than at /input. */
static int unpack_bundle(struct ab_job *job)
{
	const struct ab_jail_unpack how = { .bundle = job->spec->input,
					    .key = job->spec->input_key,
					    .signals = job->s.signals,
					    .input = waits_for_input(job) ? STDIN_FILENO : -1 };
	struct ab_entry *e = ab_mounts_bundle(&job->setup->plan);
	enum ab_jail_unpacked how_it_ended;
	const struct ab_entry *holder;

	if (!e)
		return 0;
	holder = ab_mounts_holder(&job->setup->plan, job->bundle->at.fd);
	if (holder)
		return ab_err_usage(job->err,
				    "--input: %s: is unpacked in %s, which the agent is shown: let "
				    "TMPDIR be elsewhere",
				    job->spec->input, holder->source);
	how_it_ended = ab_jail_bundle_unpack(job->bundle, &how, job->err);
	switch (how_it_ended) {
	case AB_UNPACKED:
		return ab_plan_look(e, job->err);
	case AB_UNPACK_FAILED:
		return ab_err_prefix(job->err, "--input: ");
	case AB_UNPACK_SIGNAL:
	case AB_UNPACK_NO_NEED:
		break;
	}
	/* There is no jail to be ended: what is left is to read stdin, and to say why. */
	connect_streams(job);
	job->s.gone = true;
	if (how_it_ended == AB_UNPACK_SIGNAL)
		ab_supervise_signal(&job->s);
	else
		job->s.stop = AB_STOP_EMPTY;
	return -1;
}

/* A root without the right to mount is left to what init can do; but that cannot give the agent
 * another's workspace. */
static int hold_as_root(struct ab_job *job)
{
	struct ab_err why = { 0 };

	if (geteuid() != 0 ||
	    ab_root_hold(&job->setup->root, &job->setup->plan, AB_FD_COUNT, &why) == 0)
		return 0;
	ab_root_close(&job->setup->root, &job->setup->plan);
	ab_root_forget(&job->setup->root, &job->setup->plan);
	if (strncmp(why.msg, "--workspace: ", 13) != 0)
		return 0;
	*job->err = why;
	return -1;
}

/* What is held of the root is the first process's now. The numbers stay where they are: that page has
 * been copied for it, and would be copied again for us. */
static void let_go(struct ab_job *job)
{
	ab_root_close(&job->setup->root, &job->setup->plan);
	job->let_go = true;
}

static int enter_groups(struct ab_job *job)
{
	return ab_grouping_enter(&job->grouping, job->spec, job->setup, &job->s.child, job->err);
}

/* The workspace's layers, from the jail's first process, which has built them: they cannot be named
 * any more once we are confined. */
static int take_workspace(struct ab_job *job)
{
	struct ab_root *root = &job->setup->root;

	if (job->lower < 0)
		return 0;
	if (ab_launch_take(job->s.child.control, AB_WIRE_WORKSPACE, &root->upper, job->err) < 0 ||
	    ab_launch_take(job->s.child.control, AB_WIRE_WORKSPACE, &root->merged, job->err) < 0)
		return -1;
	root->copied = ab_workspace_is_copy(root->upper, root->merged);
	return 0;
}

/* Tier 1. Where tier 2 may take its place, this waits until it is built. */
static int start_jail(struct ab_job *job)
{
	if (hold_as_root(job) < 0)
		return -1;
	if (ab_grouping_prepare(&job->grouping, job->spec, job->setup, job->err) < 0)
		return -1;
	if (ab_launch(&job->s.child, job->setup, job->err) < 0)
		return -1;
	let_go(job);
	if (enter_groups(job) < 0 || take_workspace(job) < 0 ||
	    ab_pin_take(&job->s.pin, &job->setup->plan, job->s.child.control, job->err) < 0)
		return -1;
	return job->spec->require_tier < 2 ? 0 : ab_launch_wait(&job->s.child, job->err);
}

/* Tier 2, after tier 1 could not be had: the error says why. */
static int start_bare(struct ab_job *job)
{
	char *advice; /* which was followed */
	(void)snprintf(job->setup->why_bare, sizeof(job->setup->why_bare), "%.255s", job->err->msg);
	advice = strstr(job->setup->why_bare, ", or let --require-tier");
	if (advice)
		*advice = '\0';
	*job->err = (struct ab_err){ 0 };
	ab_child_close(&job->s.child);
	if (!job->let_go)
		let_go(job);
	ab_root_forget(&job->setup->root, &job->setup->plan);
	if (job->lower >= 0 || job->spec->root || job->s.pin.wanted || job->spec->gpu)
		return ab_err_usage(
			job->err,
			"no tier 1 (%s); tier 2 has neither --workspace nor --root, nor "
			"--digest or --gpu, since it mounts nothing",
			job->setup->why_bare);
	if (ab_bare_prepare(job->setup, job->err) < 0)
		return ab_err_prefix(job->err, "no tier 1 (%s); ", job->setup->why_bare);
	job->s.bare = &job->setup->bare;
	/* What the first process would leave, if it died, comes to us; not with children of the
	 * program that we have replaced among it. */
	if (job->childless)
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (ab_launch(&job->s.child, job->setup, job->err) < 0)
		return -1;
	return enter_groups(job);
}

/* Everything up to the point where there is a jail. */
static int launch(struct ab_job *job)
{
	pid_t any;

	catch_signals(job);
	job->childless = job->spec->require_tier > 1 && ab_tree_list(getpid(), &any, 1) == 0;
	if (ab_tree_check(job->err) < 0 || ab_job_prepare(job) < 0 ||
	    ab_mounts_hide(&job->setup->plan, job->spec->receipts, job->err) < 0 ||
	    ab_job_open_files(job) < 0)
		return -1;
	if (unpack_bundle(job) < 0)
		return -1;
	job->s.begun_ns = ab_time_monotonic_ns();
	if (ab_job_start_notifier(job) < 0)
		return -1;
	if (ab_gateway_start(&job->setup->gateway, job->err) < 0)
		return -1;
	job->setup->tier = 1;
	job->setup->may_repeat = job->spec->require_tier > 1;
	if (start_jail(job) < 0 && (job->spec->require_tier < 2 || start_bare(job) < 0))
		return -1;
	connect_streams(job);
	return ab_job_confine(job);
}

/* The change, for the receipt and as a file. */
static int list_changes(struct ab_job *job)
{
	const struct ab_root *root = &job->setup->root;
	const struct ab_layers layers = { root->upper, job->lower, root->merged, root->copied };
	struct ab_jail_result *ret = job->ret;
	ab_auto(ab_changes_free) struct ab_changes changes = { 0 };
	unsigned char digest[AB_SHA256_SIZE];
	char hash[AB_SHA256_TEXT];
	uint64_t size;

	if (ab_changes_list(&changes, &layers, &job->begun, job->spec->tmp, job->err) < 0)
		return -1;
	if (json_object_set_new(ret->facts, "files_changed", ab_changes_json(&changes)) < 0)
		return ab_err_memory(job->err);
	if (!ret->archive || ret->verdict != AB_PASSED)
		return 0;
	if (ab_archive_write(ret->archive, &changes, root->upper, &size, digest, job->err) < 0)
		return ab_err_prefix(job->err, "--workspace-out: ");
	ab_sha256_text(digest, hash);
	return json_object_set_new(
		       ret->facts, "workspace_out",
		       json_pack("{s:s, s:I}", "sha256", hash, "bytes", (json_int_t)size)) < 0
		       ? ab_err_memory(job->err)
		       : 0;
}

/* What cannot be told of a run that went well was no good run; one that went ill stays so. */
static void take_changes(struct ab_job *job)
{
	struct ab_jail_result *ret = job->ret;

	if (job->lower < 0 || !job->s.started || (!job->spec->receipts && !ret->archive) ||
	    list_changes(job) == 0 || ret->verdict != AB_PASSED)
		return;
	ret->verdict = AB_FAILED;
	ret->exit = AB_JAIL_FAILED;
	(void)snprintf(ret->reason, sizeof(ret->reason), "%.255s", job->err->msg);
	(void)json_object_set_new(ret->facts, "exit_reason", json_string("trouble"));
}

static int finish(struct ab_job *job)
{
	struct ab_jail_result *ret = job->ret;

	ab_supervise_count(&job->s);
	if (job->s.usage.kills && (job->s.stop == AB_STOP_NONE || job->s.stop == AB_STOP_SETUP) &&
	    job->s.started)
		job->s.stop = AB_STOP_MEMORY;
	ab_report_verdict(&job->s, ret);
	memcpy(ret->digest, job->s.pin.digest, sizeof(ret->digest));
	ret->in_hash = job->s.feed.hash;
	ret->in_bytes = job->s.feed.bytes;
	/* Nobody asks for them else. */
	if (job->spec->receipts || job->spec->self_test || ret->archive) {
		ret->facts = ab_report_facts(&job->s, job->setup);
		if (!ret->facts || (job->bundle && *job->bundle->identity &&
				    json_object_set_new(ret->facts, "input_bundle",
							json_string(job->bundle->identity)) < 0))
			return ab_err_memory(job->err);
	}
	if (job->spec->self_test && job->s.ready)
		ret->checks = ab_report_checks(&job->s.proof, job->setup->tier);
	take_changes(job);
	if (job->s.stop != AB_STOP_SETUP && job->s.stop != AB_STOP_TROUBLE)
		return 0;
	*job->err = job->s.failure;
	if (!job->s.ready)
		ab_launch_explain(job->err);
	return -1;
}

/* Nothing was started: what is owed is to read stdin to its end, if there are receipts. */
static void drain(struct ab_job *job)
{
	struct ab_feed *f = &job->s.feed;
	struct ab_err ignored;

	f->from = STDIN_FILENO;
	f->to = -1;
	ab_sha256_init(&f->hash);
	if (!f->chunk)
		f->chunk = job->s.chunk = ab_job_chunk();
	while (job->spec->receipts && f->chunk && f->from >= 0)
		(void)ab_feed_read(f, &ignored);
	job->ret->in_hash = f->hash;
	job->ret->in_bytes = f->bytes;
}

/* The process is about to end, and its memory with it at once: given back piece by piece it costs as
 * much as a mount. Who looks for lost memory is another matter. */
static void free_memory(struct ab_setup *s)
{
#ifdef AB_SANITIZED
	ab_plan_free(&s->plan);
	ab_program_free(&s->program);
	ab_environment_free(s->env);
#else
	(void)s;
#endif
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(ab_steal_fd(fd));
}

static void done(struct ab_job *job)
{
	if (job->s.ended && !job->s.gone)
		job->ret->first = ab_steal_fd(&job->s.child.pidfd);
	ab_child_close(&job->s.child);
	if (job->s.listener >= 0)
		(void)close(job->s.listener);
	ab_gateway_stop(&job->setup->gateway);
	ab_notifier_close(&job->s.notifier);
	if (job->notifier.log >= 0)
		(void)close(job->notifier.log);
	ab_scratch_remove(&job->setup->bare.dir);
	if (job->bundle)
		ab_scratch_remove(&job->bundle->at);
	ab_digester_close(&job->s.digest);
	ab_pin_close(&job->s.pin);
	if (!job->let_go)
		let_go(job);
	close_fd(&job->lower);
	close_fd(&job->setup->root.upper);
	close_fd(&job->setup->root.merged);
	free_memory(job->setup);
	if (job->stderr_file >= 0)
		(void)close(job->stderr_file);
	/* Whoever reads the output may never do so: without receipts a signal ends us from here on
	 * as it does others. A verdict is still written to the receipts. */
	if (job->spec->receipts)
		job->ret->signals = ab_steal_fd(&job->s.signals);
	else if (job->ret->verdict == AB_PASSED)
		(void)sigprocmask(SIG_UNBLOCK, &job->caught, NULL);
	if (job->s.signals >= 0)
		(void)close(job->s.signals);
}

int ab_jail_run(const struct ab_jail_spec *spec, struct ab_jail_result *ret, struct ab_err *err)
{
	struct ab_job job = { .spec = spec,
			      .ret = ret,
			      .setup = ab_job_setup(),
			      .stderr_file = -1,
			      .lower = -1,
			      .err = err };
	int status;

	job.s.spec = spec;
	job.s.child = (struct ab_child)AB_CHILD_INIT;
	job.s.signals = -1;
	job.s.listener = -1;
	job.s.notifier = (struct ab_notifier)AB_NOTIFIER_INIT;
	job.notifier.log = -1;
	job.s.end.status = -1;
	*ret = (struct ab_jail_result)AB_JAIL_RESULT_INIT;
	job.s.cgroup = job.grouping.cgroup = &ret->cgroup;
	if (launch(&job) == 0 || job.s.stop != AB_STOP_NONE) {
		ab_supervise(&job.s);
		status = finish(&job);
	} else {
		status = -1;
		drain(&job);
		(void)snprintf(ret->reason, sizeof(ret->reason), "%.255s", err->msg);
	}
	done(&job);
	return status;
}

int ab_jail_result_commit(struct ab_jail_result *result, struct ab_err *err)
{
	if (!result->archive || ab_archive_commit(result->archive, err) == 0)
		return 0;
	return ab_err_prefix(err, "--workspace-out: ");
}

void ab_jail_result_done(struct ab_jail_result *result)
{
	if (result->first >= 0) {
		struct ab_child child = AB_CHILD_INIT;

		child.pidfd = ab_steal_fd(&result->first);
		ab_child_close(&child);
	}
	ab_archive_free(result->archive);
	result->archive = NULL;
	ab_cgroup_close(&result->cgroup);
	ab_hold_close(&result->out);
	if (result->signals >= 0)
		(void)close(result->signals);
	json_decref(result->facts);
	json_decref(result->checks);
	result->facts = result->checks = NULL;
}
