/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/base/value.h"
#include "lib/confine/landlock.h"
#include "lib/jail/archive.h"
#include "lib/jail/bundle.h"
#include "lib/jail/change.h"
#include "lib/jail/environment.h"
#include "lib/jail/filter.h"
#include "lib/jail/grouping.h"
#include "lib/jail/hole.h"
#include "lib/jail/mounts.h"
#include "lib/jail/report.h"
#include "lib/jail/tree.h"
#include "lib/jail/workspace.h"

#define TMP_INODE_BYTES 4096 /* /tmp has one inode for so many bytes */
#define TMP_MIN_INODES	1024
#define MEMORY_OUTPUT	(64u << 20) /* a limit of the output up to which it is held in memory */

struct run {
	const struct ab_jail_spec *spec;
	struct ab_jail_result *ret;
	struct ab_setup setup;
	struct ab_supervisor s;
	struct ab_notifier_spec notifier;
	struct ab_jail_bundle bundle;
	int stderr_file;
	char start[PATH_MAX]; /* where the agent starts, if that is a workspace */
	int lower;	      /* the workspace's directory, or -1 */
	struct timespec begun;
	struct ab_grouping grouping;
	bool childless; /* what we replaced had no children */
	sigset_t caught;
	struct ab_err *err;
};

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

static int begin_plan(struct run *r)
{
	const char *input = r->spec->input;
	int is_bundle = input ? ab_path_is_archive(input, r->err) : 0;

	if (is_bundle < 0)
		return ab_err_prefix(r->err, "--input: ");
	if (r->spec->input_key && !is_bundle)
		return ab_err_usage(r->err, "--input-key: %s%s",
				    input ? input : "there is no --input",
				    input ? ": not a bundle, nobody has signed it" : "");
	if (is_bundle && ab_jail_bundle_open(&r->bundle, r->err) < 0)
		return ab_err_prefix(r->err, "--input: ");
	return ab_mounts_add(&r->setup.plan, r->spec, is_bundle ? r->bundle.tree : NULL,
			     r->setup.uid, r->err);
}

static int make_plan(struct run *r)
{
	struct ab_setup *s = &r->setup;
	const char *path = ab_environment_get(s->env, "PATH");

	if (begin_plan(r) < 0)
		return -1;
	if (ab_hole_make(&s->strict.hole, &s->gateway, &s->plan, r->spec->socket, r->spec->listen,
			 r->err) < 0)
		return -1;
	s->test.hole = r->s.gate.hole = r->notifier.gate.hole = s->strict.hole;
	path = path ? path : AB_JAIL_PATH;
	if (r->spec->self_test && !r->spec->argv[0])
		return ab_mounts_finish(&s->plan, r->spec, path, s->uid, s->gid, r->err);
	if ((r->spec->root ? ab_program_find_in(&s->program, r->spec->root, r->spec->argv, path,
						s->uid, s->gid, r->err)
			   : ab_program_find(&s->program, &s->plan, r->spec->argv, path, s->uid,
					     s->gid, r->err)) < 0) {
		r->ret->exit = s->program.exit;
		return -1;
	}
	if (ab_mounts_finish(&s->plan, r->spec, path, s->uid, s->gid, r->err) < 0)
		return -1;
	if (ab_strict_check(&s->strict, &s->plan, &s->program, r->err) < 0) {
		r->ret->exit = s->program.exit;
		return -1;
	}
	return 0;
}

/* How much of what the agent does is heard of. */
static int choose_events(struct run *r)
{
	const struct ab_jail_spec *spec = r->spec;

	for (size_t i = 0; i < spec->on->n; i++) {
		unsigned class = ab_event_class_parse(spec->on->items[i]);

		if (!class)
			return ab_err_usage(r->err,
					    "--on: %s: not SOCKET=kill, EXEC=kill or "
					    "SENSITIVE=kill",
					    spec->on->items[i]);
		r->notifier.on |= class;
	}
	r->notifier.opens = spec->events_all;
	r->notifier.max = spec->events_max;
	r->notifier.gate = r->s.gate;
	if (spec->events_all || r->notifier.on & AB_ON_SENSITIVE)
		r->setup.strict.watch = AB_WATCH_OPENS;
	else if (spec->events || r->notifier.on)
		r->setup.strict.watch = AB_WATCH_SOME;
	return 0;
}

/* Where the agent starts; what a workspace is compared with once it has ended. */
static int prepare_workspace(struct run *r)
{
	const struct ab_entry *e = ab_mounts_workspace(&r->setup.plan);
	struct stat st;
	int n;

	r->setup.start = "/tmp";
	if (e) {
		n = snprintf(r->start, sizeof(r->start), "/%s", e->path);
		r->lower = open(e->source, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (n < 0 || (size_t)n >= sizeof(r->start) || r->lower < 0 ||
		    fstat(r->lower, &st) < 0)
			return ab_err_sys(r->err, "--workspace: %s", e->source);
		if (st.st_dev != e->dev || st.st_ino != e->ino)
			return ab_err_trouble(r->err, "%s: was replaced while the jail was built",
					      e->source);
		(void)clock_gettime(CLOCK_REALTIME, &r->begun);
		r->setup.start = r->start;
	}
	r->setup.test.start = r->setup.start;
	r->setup.root.uid = r->setup.uid;
	r->setup.root.gid = r->setup.gid;
	return 0;
}

/* Who runs the agent, what it may use, and what the proof compares with. */
static int prepare(struct run *r)
{
	struct ab_setup *s = &r->setup;

	s->weak = ab_weaken_asked();
	s->uid = geteuid() == 0 ? AB_NOBODY : geteuid();
	s->gid = geteuid() == 0 ? AB_NOBODY : getegid();
	s->drop_groups = geteuid() == 0;
	s->gateway.uid = s->uid;
	s->gateway.gid = s->gid;
	s->gateway.drop_groups = s->drop_groups;
	s->n_groups = getgroups(0, NULL); /* confined, we cannot ask any more */
	s->strict.no_jit = r->spec->no_jit;
	s->pinned = r->s.pin.wanted = r->spec->digest || r->spec->print_digest;
	r->s.pin.expected = r->spec->digest;
	s->strict.no_exec = r->s.gate.no_exec = r->spec->no_exec;
	r->s.gate.no_jit = r->spec->no_jit;
	s->strict.gpu = r->spec->gpu;
	if (choose_events(r) < 0)
		return -1;
	if (s->strict.gpu && s->strict.watch)
		return ab_err_usage(r->err, "--gpu goes with neither --events nor --on");
	s->limits = (struct ab_limits){ .memory = r->spec->memory,
					.processes = r->spec->processes,
					.file_size = r->spec->file_size,
					.open_files = r->spec->open_files,
					.cpu_ms = r->spec->cpu_ms };
	s->root.tmp_bytes = r->spec->tmp;
	s->root.tmp_inodes = r->spec->tmp / TMP_INODE_BYTES + TMP_MIN_INODES;
	s->env = ab_environment_make(r->spec->env, r->spec->insecure_env, r->err);
	if (!s->env || make_plan(r) < 0 || prepare_workspace(r) < 0)
		return -1;
	if (ab_selftest_look(&s->test, r->err) < 0)
		return -1;
	s->test.env = s->env;
	s->test.plan = &s->plan;
	s->test.tmp_bytes = r->spec->tmp;
	s->test.canary = find_canary(&s->plan);
	if (!s->test.canary)
		return ab_err_trouble(r->err, "nothing of the host would be hidden in this jail");
	if (ab_is_weak(s->weak, "host_path"))
		return ab_plan_add(&s->plan, s->test.canary, 0, NULL, r->err);
	return 0;
}

/* Only a file: a pipe that nobody reads would hold up the supervisor, and with it the clock; a
 * terminal is no place for what the agent writes. */
static int open_stderr(struct run *r)
{
	const char *path = r->spec->stderr_file;
	struct stat st;

	r->stderr_file =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (r->stderr_file < 0 || fstat(r->stderr_file, &st) < 0)
		return ab_err_sys(r->err, "--stderr: %s", path);
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(r->err, "--stderr: %s: not a regular file", path);
	return 0;
}

/* The file, or a descriptor that our caller has opened: a pipe is one, too, since whoever does not
 * read it holds up the agent alone. */
static int open_events(struct run *r)
{
	const char *path = r->spec->events;
	uint64_t number;
	struct ab_err ignored;
	struct stat st;

	if (ab_value_number(path, 3, INT_MAX, &number, &ignored) == 0) {
		r->notifier.log = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
		return r->notifier.log < 0 ? ab_err_sys(r->err, "--events: %s", path) : 0;
	}
	r->notifier.log =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (r->notifier.log < 0 || fstat(r->notifier.log, &st) < 0)
		return ab_err_sys(r->err, "--events: %s", path);
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(r->err, "--events: %s: not a regular file", path);
	return 0;
}

static int start_notifier(struct run *r)
{
	if (!r->setup.strict.watch)
		return 0;
	if (r->spec->events && open_events(r) < 0)
		return -1;
	r->notifier.first = r->setup.program.file;
	return ab_notifier_start(&r->s.notifier, &r->notifier, r->err);
}

/* Nothing that the agent could see, nor that changes what it works on. */
static int open_archive(struct run *r)
{
	const struct ab_entry *e = ab_mounts_workspace(&r->setup.plan);
	struct stat st;

	if (!e)
		return ab_err_usage(r->err, "--workspace-out: there is no --workspace");
	if (stat(r->spec->workspace_out, &st) == 0 && !S_ISREG(st.st_mode))
		return ab_err_usage(r->err, "--workspace-out: %s: not a regular file",
				    r->spec->workspace_out);
	r->ret->archive = ab_archive_new(r->spec->workspace_out, r->err);
	if (!r->ret->archive)
		return ab_err_prefix(r->err, "--workspace-out: ");
	if (ab_mounts_is_below(ab_archive_dir(r->ret->archive), e))
		return ab_err_usage(r->err, "--workspace-out: %s: lies in the workspace",
				    r->spec->workspace_out);
	return 0;
}

static int open_files(struct run *r)
{
	struct ab_supervisor *s = &r->s;

	if (r->spec->stderr_file && open_stderr(r) < 0)
		return -1;
	if (r->spec->workspace_out && open_archive(r) < 0)
		return -1;
	/* Memory that is touched only as far as bytes come. */
	s->chunk = malloc(2 * AB_CHUNK);
	if (!s->chunk)
		return ab_err_memory(r->err);
	s->feed.chunk = s->chunk + AB_CHUNK;
	if ((r->spec->max_output > MEMORY_OUTPUT ? ab_hold_open : ab_hold_open_memory)(
		    &r->ret->out, r->spec->max_output, r->err) < 0)
		return -1;
	s->signals = signalfd(-1, &r->caught, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		return ab_err_sys(r->err, "signals");
	/* Without a receipt nobody would read it. */
	return r->spec->receipts ? ab_digester_open(&s->digest, &r->setup.plan, r->err) : 0;
}

/* Signals that end us become messages; one that the caller ignores stays ignored. */
static void catch_signals(struct run *r)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction old;
	sigset_t all;

	(void)sigemptyset(&r->caught);
	for (size_t i = 0; i < AB_ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaddset(&r->caught, signals[i]);
	all = r->caught;
	(void)sigaddset(&all, SIGCHLD); /* init waits for its own by a descriptor, too */
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, it would take our children's statuses */
}

static int allow_workspace(struct run *r, struct ab_landlock *l)
{
	const int fds[] = { r->lower, r->setup.root.upper, r->setup.root.merged };

	for (size_t i = 0; r->lower >= 0 && i < AB_ARRAY_SIZE(fds); i++)
		if (ab_landlock_allow(l, fds[i], AB_LANDLOCK_READ, r->err) < 0)
			return -1;
	if (!r->ret->archive)
		return 0;
	return ab_landlock_allow(l, ab_archive_dir(r->ret->archive), AB_LANDLOCK_RENAME, r->err);
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

/* The supervisor needs no more than /proc, to look at the tree, and the receipts' directory. */
static int confine(struct run *r)
{
	ab_auto(ab_landlock_close) struct ab_landlock l = AB_LANDLOCK_INIT;
	ab_autoclose int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int receipts = ab_receipts_dirfd(r->spec->receipts);

	if (proc < 0)
		return ab_err_sys(r->err, "/proc");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(r->err, "no_new_privs");
	if (ab_landlock_open(&l, ab_weaken_abi(r->setup.weak), false, r->err) < 0 ||
	    ab_landlock_allow(&l, proc, AB_LANDLOCK_READ, r->err) < 0)
		return -1;
	if (receipts >= 0 &&
	    ab_landlock_allow(&l, receipts, AB_LANDLOCK_READ | AB_LANDLOCK_WRITE, r->err) < 0)
		return -1;
	for (size_t i = 0; i < r->s.digest.n; i++)
		if (r->s.digest.fds[i] >= 0 &&
		    ab_landlock_allow(&l, r->s.digest.fds[i], AB_LANDLOCK_READ, r->err) < 0)
			return -1;
	if (ab_pin_allow(&r->s.pin, &l, r->err) < 0)
		return -1;
	for (int i = 0; i < AB_CGROUP_PARTS; i++)
		if (r->ret->cgroup->parents[i] >= 0 &&
		    ab_landlock_allow(&l, r->ret->cgroup->parents[i], AB_LANDLOCK_RMDIR, r->err) <
			    0)
			return -1;
	if (allow_scratch(&l, &r->setup.bare.dir, r->err) < 0 ||
	    allow_scratch(&l, &r->bundle.at, r->err) < 0)
		return -1;
	if (allow_workspace(r, &l) < 0 || ab_landlock_enforce(&l, r->err) < 0)
		return -1;
	if (r->s.bare)
		return ab_jail_filter_load(AB_FILTER_BARE_SUPERVISOR, r->err);
	return ab_jail_filter_load(r->lower < 0 ? AB_FILTER_SUPERVISOR : AB_FILTER_CHANGES, r->err);
}

/* Then stdin is somebody else's. */
static bool runs_nothing(const struct run *r)
{
	return r->spec->self_test || r->spec->print_digest;
}

/* A pipe that ends empty: the stage before said no. */
static bool waits_for_input(const struct run *r)
{
	struct stat st;

	return !runs_nothing(r) && fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void connect_streams(struct run *r)
{
	struct ab_supervisor *s = &r->s;

	s->feed.from = runs_nothing(r) ? -1 : STDIN_FILENO;
	s->feed.to = ab_steal_fd(&s->child.in);
	ab_sha256_init(&s->feed.hash);
	s->out = (struct ab_capture){ .from = ab_steal_fd(&s->child.out), .hold = &r->ret->out };
	s->err_stream.from = ab_steal_fd(&s->child.err);
	s->err_stream.file = r->stderr_file;
	ab_sha256_init(&s->err_stream.hash);
	s->waits = waits_for_input(r);
}

/* Nothing of it is anywhere else than at /input. */
static int unpack_bundle(struct run *r)
{
	const struct ab_jail_unpack how = { .bundle = r->spec->input,
					    .key = r->spec->input_key,
					    .signals = r->s.signals,
					    .input = waits_for_input(r) ? STDIN_FILENO : -1 };
	struct ab_entry *e = ab_mounts_bundle(&r->setup.plan);
	enum ab_jail_unpacked how_it_ended;
	const struct ab_entry *holder;

	if (!e)
		return 0;
	holder = ab_mounts_holder(&r->setup.plan, r->bundle.at.fd);
	if (holder)
		return ab_err_usage(r->err,
				    "--input: %s: is unpacked in %s, which the agent is shown: let "
				    "TMPDIR be elsewhere",
				    r->spec->input, holder->source);
	how_it_ended = ab_jail_bundle_unpack(&r->bundle, &how, r->err);
	switch (how_it_ended) {
	case AB_UNPACKED:
		return ab_plan_look(e, r->err);
	case AB_UNPACK_FAILED:
		return ab_err_prefix(r->err, "--input: ");
	case AB_UNPACK_SIGNAL:
	case AB_UNPACK_NO_NEED:
		break;
	}
	/* There is no jail to be ended: what is left is to read stdin, and to say why. */
	connect_streams(r);
	r->s.gone = true;
	if (how_it_ended == AB_UNPACK_SIGNAL)
		ab_supervise_signal(&r->s);
	else
		r->s.stop = AB_STOP_EMPTY;
	return -1;
}

/* A root without the right to mount is left to what init can do; but that cannot give the agent
 * another's workspace. */
static int hold_as_root(struct run *r)
{
	struct ab_err why = { 0 };

	if (geteuid() != 0 || ab_root_hold(&r->setup.root, &r->setup.plan, AB_FD_COUNT, &why) == 0)
		return 0;
	ab_root_let_go(&r->setup.root, &r->setup.plan);
	if (strncmp(why.msg, "--workspace: ", 13) != 0)
		return 0;
	*r->err = why;
	return -1;
}

static int enter_groups(struct run *r)
{
	return ab_grouping_enter(&r->grouping, r->spec, &r->setup, &r->s.child, r->err);
}

/* One of the workspace's layers, from the jail's first process, which has built it: they cannot be
 * named any more once we are confined. */
static int take_layer(struct run *r, int *ret_fd)
{
	struct ab_wire message;

	if (!ab_wire_receive_fd(r->s.child.init, &message, ret_fd))
		return ab_err_trouble(r->err, "the jail's first process died");
	if (message.kind == AB_WIRE_FAILED) {
		*r->err = message.err;
		ab_launch_explain(r->err);
		return -1;
	}
	if (message.kind != AB_WIRE_WORKSPACE || *ret_fd < 0)
		return ab_err_trouble(r->err, "the workspace's layers did not come");
	return 0;
}

static int take_workspace(struct run *r)
{
	struct ab_root *root = &r->setup.root;

	if (r->lower < 0)
		return 0;
	if (take_layer(r, &root->upper) < 0 || take_layer(r, &root->merged) < 0)
		return -1;
	root->copied = ab_workspace_is_copy(root->upper, root->merged);
	return 0;
}

/* Tier 1. Where tier 2 may take its place, this waits until it is built. */
static int start_jail(struct run *r)
{
	if (hold_as_root(r) < 0)
		return -1;
	if (ab_grouping_prepare(&r->grouping, r->spec, &r->setup, r->err) < 0)
		return -1;
	if (ab_launch(&r->s.child, &r->setup, r->err) < 0)
		return -1;
	ab_root_let_go(&r->setup.root, &r->setup.plan);
	if (enter_groups(r) < 0 || take_workspace(r) < 0 ||
	    ab_pin_take(&r->s.pin, &r->setup.plan, r->s.child.init, r->err) < 0)
		return -1;
	return r->spec->require_tier < 2 ? 0 : ab_launch_wait(&r->s.child, r->err);
}

/* Tier 2, after tier 1 could not be had: the error says why. */
static int start_bare(struct run *r)
{
	char *advice; /* which was followed */
	(void)snprintf(r->setup.why_bare, sizeof(r->setup.why_bare), "%.255s", r->err->msg);
	advice = strstr(r->setup.why_bare, ", or let --require-tier");
	if (advice)
		*advice = '\0';
	*r->err = (struct ab_err){ 0 };
	ab_child_close(&r->s.child);
	ab_root_let_go(&r->setup.root, &r->setup.plan);
	if (r->lower >= 0 || r->spec->root || r->s.pin.wanted || r->spec->gpu)
		return ab_err_usage(r->err,
				    "no tier 1 (%s); tier 2 has neither --workspace nor --root, nor "
				    "--digest or --gpu, since it mounts nothing",
				    r->setup.why_bare);
	if (ab_bare_prepare(&r->setup, r->err) < 0)
		return ab_err_prefix(r->err, "no tier 1 (%s); ", r->setup.why_bare);
	r->s.bare = &r->setup.bare;
	/* What the first process would leave, if it died, comes to us; not with children of the
	 * program that we have replaced among it. */
	if (r->childless)
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (ab_launch(&r->s.child, &r->setup, r->err) < 0)
		return -1;
	return enter_groups(r);
}

/* Everything up to the point where there is a jail. */
static int launch(struct run *r)
{
	pid_t any;

	catch_signals(r);
	r->childless = r->spec->require_tier > 1 && ab_tree_list(getpid(), &any, 1) == 0;
	if (ab_tree_check(r->err) < 0 || prepare(r) < 0 || ab_mounts_hide(&r->setup.plan, r->spec->receipts, r->err) < 0 ||
	    open_files(r) < 0)
		return -1;
	if (unpack_bundle(r) < 0)
		return -1;
	r->s.begun_ns = ab_time_monotonic_ns();
	if (start_notifier(r) < 0)
		return -1;
	if (ab_gateway_start(&r->setup.gateway, r->err) < 0)
		return -1;
	r->setup.tier = 1;
	if (start_jail(r) < 0 && (r->spec->require_tier < 2 || start_bare(r) < 0))
		return -1;
	connect_streams(r);
	return confine(r);
}

/* The change, for the receipt and as a file. */
static int list_changes(struct run *r)
{
	const struct ab_root *root = &r->setup.root;
	const struct ab_layers layers = { root->upper, r->lower, root->merged, root->copied };
	struct ab_jail_result *ret = r->ret;
	ab_auto(ab_changes_free) struct ab_changes changes = { 0 };
	unsigned char digest[AB_SHA256_SIZE];
	char hash[AB_SHA256_TEXT];
	uint64_t size;

	if (ab_changes_list(&changes, &layers, &r->begun, r->spec->tmp, r->err) < 0)
		return -1;
	if (json_object_set_new(ret->facts, "files_changed", ab_changes_json(&changes)) < 0)
		return ab_err_memory(r->err);
	if (!ret->archive || ret->verdict != AB_PASSED)
		return 0;
	if (ab_archive_write(ret->archive, &changes, root->upper, &size, digest, r->err) < 0)
		return ab_err_prefix(r->err, "--workspace-out: ");
	ab_sha256_text(digest, hash);
	return json_object_set_new(
		       ret->facts, "workspace_out",
		       json_pack("{s:s, s:I}", "sha256", hash, "bytes", (json_int_t)size)) < 0
		       ? ab_err_memory(r->err)
		       : 0;
}

/* What cannot be told of a run that went well was no good run; one that went ill stays so. */
static void take_changes(struct run *r)
{
	struct ab_jail_result *ret = r->ret;

	if (r->lower < 0 || !r->s.started || (!r->spec->receipts && !ret->archive) ||
	    list_changes(r) == 0 || ret->verdict != AB_PASSED)
		return;
	ret->verdict = AB_FAILED;
	ret->exit = AB_JAIL_FAILED;
	(void)snprintf(ret->reason, sizeof(ret->reason), "%.255s", r->err->msg);
	(void)json_object_set_new(ret->facts, "exit_reason", json_string("trouble"));
}

static int finish(struct run *r)
{
	struct ab_jail_result *ret = r->ret;

	ab_cgroup_read(ret->cgroup, &r->s.usage);
	if (r->s.usage.kills && (r->s.stop == AB_STOP_NONE || r->s.stop == AB_STOP_SETUP) &&
	    r->s.started)
		r->s.stop = AB_STOP_MEMORY;
	ab_report_verdict(&r->s, ret);
	memcpy(ret->digest, r->s.pin.digest, sizeof(ret->digest));
	ret->in_hash = r->s.feed.hash;
	ret->in_bytes = r->s.feed.bytes;
	/* Nobody asks for them else. */
	if (r->spec->receipts || r->spec->self_test || ret->archive) {
		ret->facts = ab_report_facts(&r->s, &r->setup);
		if (!ret->facts ||
		    (*r->bundle.identity && json_object_set_new(ret->facts, "input_bundle",
								json_string(r->bundle.identity)) < 0))
			return ab_err_memory(r->err);
	}
	if (r->spec->self_test && r->s.ready)
		ret->checks = ab_report_checks(&r->s.proof, r->setup.tier);
	take_changes(r);
	if (r->s.stop != AB_STOP_SETUP && r->s.stop != AB_STOP_TROUBLE)
		return 0;
	*r->err = r->s.failure;
	if (!r->s.ready)
		ab_launch_explain(r->err);
	return -1;
}

/* Nothing was started: what is owed is to read stdin to its end, if there are receipts. */
static void drain(struct run *r)
{
	struct ab_feed *f = &r->s.feed;
	struct ab_err ignored;

	f->from = STDIN_FILENO;
	f->to = -1;
	ab_sha256_init(&f->hash);
	if (!f->chunk)
		f->chunk = r->s.chunk = malloc(AB_CHUNK);
	while (r->spec->receipts && f->chunk && f->from >= 0)
		(void)ab_feed_read(f, &ignored);
	r->ret->in_hash = f->hash;
	r->ret->in_bytes = f->bytes;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(ab_steal_fd(fd));
}

static void done(struct run *r)
{
	if (r->s.ended && !r->s.gone)
		r->ret->first = ab_steal_fd(&r->s.child.pidfd);
	ab_child_close(&r->s.child);
	if (r->s.listener >= 0)
		(void)close(r->s.listener);
	ab_gateway_stop(&r->setup.gateway);
	ab_notifier_close(&r->s.notifier);
	if (r->notifier.log >= 0)
		(void)close(r->notifier.log);
	ab_scratch_remove(&r->setup.bare.dir);
	ab_scratch_remove(&r->bundle.at);
	free(r->s.chunk);
	ab_digester_close(&r->s.digest);
	ab_pin_close(&r->s.pin);
	ab_root_let_go(&r->setup.root, &r->setup.plan);
	close_fd(&r->lower);
	close_fd(&r->setup.root.upper);
	close_fd(&r->setup.root.merged);
	ab_plan_free(&r->setup.plan);
	ab_program_free(&r->setup.program);
	ab_environment_free(r->setup.env);
	if (r->stderr_file >= 0)
		(void)close(r->stderr_file);
	/* Whoever reads the output may never do so: without receipts a signal ends us from here on
	 * as it does others. A verdict is still written to the receipts. */
	if (r->spec->receipts)
		r->ret->signals = ab_steal_fd(&r->s.signals);
	else if (r->ret->verdict == AB_PASSED)
		(void)sigprocmask(SIG_UNBLOCK, &r->caught, NULL);
	if (r->s.signals >= 0)
		(void)close(r->s.signals);
}

int ab_jail_run(const struct ab_jail_spec *spec, struct ab_jail_result *ret, struct ab_err *err)
{
	struct run r = { .spec = spec,
			 .ret = ret,
			 .setup.root = AB_ROOT_INIT,
			 .setup.gateway = AB_GATEWAY_INIT,
			 .setup.bare = AB_BARE_INIT,
			 .setup.group = -1,
			 .bundle = AB_JAIL_BUNDLE_INIT,
			 .stderr_file = -1,
			 .lower = -1,
			 .err = err };
	int status;

	r.s.spec = spec;
	r.s.child = (struct ab_child)AB_CHILD_INIT;
	r.s.signals = -1;
	r.s.listener = -1;
	r.s.notifier = (struct ab_notifier)AB_NOTIFIER_INIT;
	r.notifier.log = -1;
	r.s.end.status = -1;
	*ret = (struct ab_jail_result)AB_JAIL_RESULT_INIT;
	ret->cgroup = calloc(1, sizeof(*ret->cgroup));
	if (ret->cgroup)
		*ret->cgroup = (struct ab_cgroup)AB_CGROUP_INIT;
	r.s.cgroup = r.grouping.cgroup = ret->cgroup;
	if (ret->cgroup ? launch(&r) == 0 || r.s.stop != AB_STOP_NONE : ab_err_memory(err) == 0) {
		ab_supervise(&r.s);
		status = finish(&r);
	} else {
		status = -1;
		drain(&r);
		(void)snprintf(ret->reason, sizeof(ret->reason), "%.255s", err->msg);
	}
	done(&r);
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
	if (result->cgroup)
		ab_cgroup_close(result->cgroup);
	free(result->cgroup);
	result->cgroup = NULL;
	ab_hold_close(&result->out);
	if (result->signals >= 0)
		(void)close(result->signals);
	json_decref(result->facts);
	json_decref(result->checks);
	result->facts = result->checks = NULL;
}
