/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/base/time.h"
#include "lib/jail/cputime.h"
#include "lib/jail/sweep.h"
#include "lib/jail/tree.h"

#define MS	    1000000ull
#define KILL_AFTER  (20 * MS)  /* the first process has that long to end everything in order */
#define KILL_BARE   (2000 * MS) /* in tier 2 its tree is ended then, and it still has to reap it */
#define SWEEP_BARE  (100 * MS)	/* our help with that */
#define SWEEP_LEFT  (10000 * MS)
#define DRAIN_AFTER (250 * MS) /* stdin that does not end is read that long after a signal */
#define DRAIN_PIPE  (5000 * MS) /* where a stage before may have been told as well, and has a receipt to write */
#define LOG_AFTER   (5000 * MS) /* a reader that is there takes what is left by then, on a busy machine as well */
#define PREPARATION (10000 * MS)
#define LOOK_SELDOM (50 * MS) /* between two looks at the tree: far from its limits, and near */
#define LOOK_OFTEN  (5 * MS)

enum slot { CONTROL, GONE, LISTENER, NOTIFIER, SIGNALS, SOURCE, SINK, OUT, ERR, SLOTS };

/* Ends it all; the first reason counts. */
static void stop(struct ab_supervisor *s, enum ab_stop why)
{
	struct ab_wire message = { .kind = AB_WIRE_STOP };

	if (s->stop != AB_STOP_NONE)
		return;
	s->stop = why;
	s->pin.working = false;
	ab_feed_close(&s->feed);
	if (s->ended || s->gone)
		return;
	s->kill_ns = ab_time_monotonic_ns() + KILL_AFTER;
	/* The agent's process, if it waits for the word to start, ends at this one as well. */
	if (s->child.control < 0 || !ab_wire_send(s->child.control, &message))
		s->kill_ns = 0;
}

static void fail(struct ab_supervisor *s, enum ab_stop why, const struct ab_err *err)
{
	if (s->stop == AB_STOP_NONE)
		s->failure = *err;
	stop(s, why);
}

/* Names the checks that did not pass. */
static void fail_proof(struct ab_supervisor *s)
{
	char list[256] = "";
	struct ab_err err = { 0 };

	for (int i = 0; i < AB_CHECK_COUNT; i++) {
		size_t len = strlen(list);

		if (s->proof.due & ~s->proof.passed & (1u << i))
			(void)snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "",
				       ab_check_name(i));
	}
	if (!*list)
		return;
	ab_err_trouble(&err, "isolation is not proved: %s", list);
	fail(s, AB_STOP_SETUP, &err);
}

/* Whether the agent is the one that is expected; where it is only asked which one it is, that is all.
 * The last thing before its start: what is mounted may lie there long before the first byte comes.
 */
static bool is_pinned(struct ab_supervisor *s)
{
	if (s->pin.wanted && s->ready)
		ab_pin_begin(&s->pin, s->spec->time_ms);
	return !s->pin.wanted || s->pin.done;
}

static void work_on_pin(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };

	if (ab_pin_work(&s->pin, &err) < 0)
		fail(s, AB_STOP_SETUP, &err);
	else if (s->pin.done && s->spec->print_digest)
		stop(s, AB_STOP_TESTED);
}

/* Both are needed: a finished jail, and something to give the agent. */
static void start_if_due(struct ab_supervisor *s)
{
	struct ab_wire start = { .kind = AB_WIRE_START };
	struct ab_err err = { 0 };
	bool kept;

	if (s->spec->self_test || s->stop != AB_STOP_NONE || s->started ||
	    (s->waits && s->feed.at == s->feed.len) || !is_pinned(s))
		return;
	if (!s->said && !ab_wire_send(s->child.control, &start)) {
		ab_err_trouble(&err, "the jail is gone before the agent was started");
		fail(s, AB_STOP_SETUP, &err);
		return;
	}
	s->said = true;
	if (!s->ready)
		return;
	s->started = true;
	s->started_ns = ab_time_monotonic_ns();
	/* Where the kernel keeps the limit, and the peak for whom it is told, nothing short is missed. */
	kept = s->cgroup->has[AB_CGROUP_MEMORY] && (!s->spec->receipts || s->cgroup->peak >= 0);
	s->look_ns = s->started_ns + (kept ? LOOK_SELDOM : LOOK_OFTEN);
}

/* Where there is a notifier it is the only one that can answer: if it dies, no call waits. */
static void give_listener(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };

	if (s->notifier.control < 0 || s->listener < 0)
		return;
	if (!ab_notifier_give(&s->notifier, s->listener)) {
		ab_err_trouble(&err, "the event log's process is gone");
		fail(s, AB_STOP_SETUP, &err);
	}
	(void)close(ab_steal_fd(&s->listener));
}

/* Whether a limit is kept by a group that the tree is not in is told before it starts. */
static void check_groups(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };

	for (int i = 0; i < AB_CGROUP_PARTS; i++)
		if (s->proof.outside & (1u << i) && ab_cgroup_miss(s->cgroup, i, &err) < 0)
			fail(s, AB_STOP_SETUP, &err);
}

static void hear_ready(struct ab_supervisor *s, const struct ab_wire *message)
{
	s->proof = *message;
	s->ready = true;
	check_groups(s);
	fail_proof(s);
	if (s->spec->self_test)
		stop(s, AB_STOP_TESTED);
	start_if_due(s);
}

/*
 * A call that its filter leaves to us. Once the first program is let through, nobody listens: what
 * is waiting then, or comes later, fails with ENOSYS.
 */
static void hear_call(struct ab_supervisor *s, short events)
{
	struct seccomp_notif call;
	struct ab_err err = { 0 };
	int n = events & POLLIN ? ab_gate_receive(s->listener, &call, &err) : 0;

	if (n < 0)
		fail(s, AB_STOP_SETUP, &err);
	if (n > 0)
		(void)ab_gate_answer(s->listener, &call, ab_gate_judge(&s->gate, &call.data));
	if (n < 0 || s->gate.executed || !(events & POLLIN))
		(void)close(ab_steal_fd(&s->listener));
}

static void hear_notifier(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };
	struct ab_notice notice;

	if (!ab_notifier_hear(&s->notifier, &notice)) {
		ab_err_trouble(&err, "the event log's process is gone");
		fail(s, AB_STOP_TROUBLE, &err);
	} else if (notice.kind == AB_NOTICE_FAILED) {
		fail(s, s->started ? AB_STOP_TROUBLE : AB_STOP_SETUP, &notice.err);
	} else if (notice.kind == AB_NOTICE_ENDED) {
		s->events = notice.facts;
		s->events_known = true;
	} else {
		if (s->stop == AB_STOP_NONE)
			s->event = notice.class;
		stop(s, AB_STOP_EVENT);
		return;
	}
	ab_notifier_close(&s->notifier);
}

/* Once nobody is left to call, the log is completed; whoever reads it must take it by then. */
static void end_log(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };

	if (s->notifier.control < 0 || (!s->ended && !s->gone))
		return;
	if (!s->log_ns) {
		s->log_ns = ab_time_monotonic_ns() + LOG_AFTER;
		ab_notifier_end(&s->notifier);
	} else if (ab_time_monotonic_ns() >= s->log_ns) {
		ab_err_trouble(&err, "event log: nobody takes what is written to it");
		fail(s, AB_STOP_TROUBLE, &err);
		ab_notifier_close(&s->notifier);
	}
}

static void hear_ended(struct ab_supervisor *s, const struct ab_wire *message)
{
	s->end = *message;
	s->ended = true;
	ab_child_ended(&s->child);
	s->ended_ns = ab_time_monotonic_ns();
}

/* What the first process says, and the agent's before it is executed. */
static void hear(struct ab_supervisor *s)
{
	struct ab_wire message;
	int passed;

	if (!ab_wire_receive_fd(s->child.control, &message, &passed)) {
		(void)close(ab_steal_fd(&s->child.control));
	} else if (message.kind == AB_WIRE_READY) {
		hear_ready(s, &message);
	} else if (message.kind == AB_WIRE_ENDED) {
		hear_ended(s, &message);
	} else if (message.kind == AB_WIRE_LISTENER) {
		s->listener = passed;
		give_listener(s);
	} else if (message.kind == AB_WIRE_FAILED) {
		s->exec_failed = message.at_exec;
		fail(s, AB_STOP_SETUP, &message.err);
	}
}

/* Else we have other children: those of the program that we have replaced. */
static bool is_subreaper(void)
{
	int is = 0;

	return prctl(PR_GET_CHILD_SUBREAPER, &is, 0, 0, 0) == 0 && is;
}

static void hear_gone(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };
	siginfo_t info;

	while (waitid(P_PIDFD, (id_t)s->child.pidfd, &info, WEXITED) < 0 && errno == EINTR)
		continue;
	/* What it said last may still be in the socket. */
	while (s->child.control >= 0)
		hear(s);
	(void)close(ab_steal_fd(&s->child.pidfd));
	s->gone = true;
	ab_child_ended(&s->child);
	/* It died by itself: what it leaves is ours now. */
	if (s->bare && !s->ended && is_subreaper())
		(void)ab_sweep(getpid(), s->notifier.pid, SWEEP_LEFT);
	if (!s->ended)
		s->ended_ns = ab_time_monotonic_ns();
	if (!s->started && s->stop != AB_STOP_TESTED) {
		ab_err_trouble(&err, "the jail's first process died");
		fail(s, AB_STOP_SETUP, &err);
	}
}

void ab_supervise_signal(struct ab_supervisor *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (s->stop == AB_STOP_NONE) {
			s->signal = (int)info.ssi_signo;
			s->drain_ns = ab_time_monotonic_ns() + (s->waits ? DRAIN_PIPE : DRAIN_AFTER);
		} else {
			s->drain_ns = 0; /* a second one does not wait */
		}
		stop(s, AB_STOP_SIGNAL);
	}
}

static void take_input(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };

	if (ab_feed_read(&s->feed, &err) < 0)
		fail(s, AB_STOP_TROUBLE, &err);
	if (s->stop != AB_STOP_NONE)
		ab_feed_close(&s->feed);
	else if (s->waits && !s->started && s->feed.from < 0)
		stop(s, AB_STOP_EMPTY);
}

static void take_output(struct ab_supervisor *s)
{
	struct ab_err err = { 0 };

	if (ab_capture_read(&s->out, s->chunk, &err) < 0)
		fail(s, AB_STOP_TROUBLE, &err);
	else if (s->out.over)
		stop(s, AB_STOP_OUTPUT);
}

void ab_supervise_count(struct ab_supervisor *s)
{
	uint64_t us = ab_cputime_us(s->child.cputime);

	ab_cgroup_read(s->cgroup, &s->usage);
	/* To build the jail is not the agent's doing. */
	if (s->started && us > s->proof.built_us)
		s->counted_us = us - s->proof.built_us;
}

/* What the tree has used: the kernel's count where there is one. */
static uint64_t cpu_ms(const struct ab_supervisor *s)
{
	uint64_t counted = s->usage.cpu_us ? s->usage.cpu_us : s->counted_us;

	return counted / 1000 > s->cpu_ms ? counted / 1000 : s->cpu_ms;
}

static uint64_t deadline_of(const struct ab_supervisor *s)
{
	return s->started ? s->started_ns + s->spec->time_ms * MS : s->begun_ns + PREPARATION;
}

/* What is being ended is not looked at any more: that would take its time from it. */
static bool is_looked_at(const struct ab_supervisor *s)
{
	return s->started && !s->ended && !s->gone && s->stop == AB_STOP_NONE;
}

/* Looks at the tree, more often as it comes near a limit; not so shortly before the deadline that
 * the look, which takes long at many processes, would put it off. */
static void look(struct ab_supervisor *s, uint64_t now)
{
	struct ab_tree tree;

	if (!is_looked_at(s) || now < s->look_ns)
		return;
	if (now + s->look_took_ns > deadline_of(s)) {
		s->look_ns = deadline_of(s);
		return;
	}
	ab_tree_look(s->child.pid, &tree);
	if (s->bare)
		tree.sockets = 0; /* the host's */
	if (tree.memory > s->peak_memory)
		s->peak_memory = tree.memory;
	if (tree.processes > s->peak_processes)
		s->peak_processes = tree.processes;
	if (tree.cpu_ms > s->cpu_ms)
		s->cpu_ms = tree.cpu_ms;
	ab_supervise_count(s);
	if (tree.memory + tree.sockets > s->spec->memory || s->usage.kills)
		stop(s, AB_STOP_MEMORY);
	else if (s->spec->cpu_ms && cpu_ms(s) >= s->spec->cpu_ms)
		stop(s, AB_STOP_CPU);
	else if (tree.processes >= s->spec->processes)
		stop(s, AB_STOP_PROCESSES);
	else if (s->bare && ab_scratch_size(&s->bare->dir, s->spec->tmp / 4096 + 1024) > s->spec->tmp)
		stop(s, AB_STOP_TMP);
	s->look_ns = ab_time_monotonic_ns();
	s->look_took_ns = s->look_ns - now;
	s->look_ns += tree.memory + tree.sockets > s->spec->memory / 4 || tree.processes > 4
			      ? LOOK_OFTEN
			      : LOOK_SELDOM;
}

/* The first process had its time. In tier 2 its tree does not end with it, and is ended first. */
static void kill_first(struct ab_supervisor *s, uint64_t now)
{
	if (s->bare && !s->swept) {
		if (!s->bare->scoped)
			(void)ab_sweep(s->child.pid, 0, SWEEP_BARE);
		s->swept = true;
		s->kill_ns = now + KILL_BARE;
		return;
	}
	(void)syscall(SYS_pidfd_send_signal, s->child.pidfd, SIGKILL, NULL, 0);
}

/* What the clock says. */
static void check_time(struct ab_supervisor *s)
{
	uint64_t now = ab_time_monotonic_ns();
	struct ab_err err = { 0 };

	look(s, now);
	if (s->stop == AB_STOP_NONE && now >= deadline_of(s)) {
		if (s->started) {
			stop(s, s->ended || s->gone ? AB_STOP_INPUT : AB_STOP_TIME);
		} else if (!s->ready) {
			ab_err_trouble(&err, "the jail was not ready within 10 s");
			fail(s, AB_STOP_SETUP, &err);
		}
	}
	if (s->stop != AB_STOP_NONE && !s->gone && now >= s->kill_ns)
		kill_first(s, now);
}

/* Whether stdin still has to be read when the agent is gone: whoever was told to end as well does
 * so, but our own caller's pipe may stay open. */
static bool is_draining(const struct ab_supervisor *s)
{
	if (s->stop == AB_STOP_SIGNAL && ab_time_monotonic_ns() >= s->drain_ns)
		return false;
	return s->feed.from >= 0 && (s->stop == AB_STOP_NONE || s->spec->receipts);
}

/* Milliseconds until check_time() has something to do; -1: nothing. */
static int wait_time(const struct ab_supervisor *s)
{
	uint64_t now = ab_time_monotonic_ns(), next = UINT64_MAX;

	if (s->digest.working || s->pin.working)
		return 0;
	if (s->stop == AB_STOP_NONE && (s->started || !s->ready))
		next = deadline_of(s);
	if (s->stop != AB_STOP_NONE && !s->gone && s->kill_ns < next)
		next = s->kill_ns;
	if (s->stop == AB_STOP_SIGNAL && is_draining(s) && s->drain_ns < next)
		next = s->drain_ns;
	if (s->log_ns && s->notifier.control >= 0 && s->log_ns < next)
		next = s->log_ns;
	if (is_looked_at(s) && s->look_ns < next)
		next = s->look_ns;
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now + MS - 1) / MS);
}

/* With the first process still on its way out: nothing else is left, and it can do nothing more. */
static bool is_finished(const struct ab_supervisor *s)
{
	return (s->ended || s->gone) && s->out.from < 0 && s->err_stream.from < 0 &&
	       s->notifier.control < 0 && !is_draining(s);
}

/* An agent that runs has nothing more to say, and where nothing is left to be done at its end but to wait for
 * the first process, we are woken once for both. */
static bool is_heard_at_end(const struct ab_supervisor *s)
{
	return s->started && s->stop == AB_STOP_NONE && !s->spec->receipts && s->notifier.control < 0;
}

static void wait_for_something(struct ab_supervisor *s, struct pollfd p[SLOTS])
{
	p[CONTROL] = (struct pollfd){ is_heard_at_end(s) ? -1 : s->child.control, POLLIN, 0 };
	p[GONE] = (struct pollfd){ s->child.pidfd, POLLIN, 0 };
	p[LISTENER] = (struct pollfd){ s->listener, POLLIN, 0 };
	p[NOTIFIER] = (struct pollfd){ s->notifier.control, POLLIN, 0 };
	p[SIGNALS] = (struct pollfd){ s->signals, POLLIN, 0 };
	p[SOURCE] = ab_feed_source(&s->feed);
	if ((s->ended || s->gone) && !is_draining(s))
		p[SOURCE].fd = -1;
	p[SINK] = ab_feed_sink(&s->feed);
	if (!s->started)
		p[SINK].fd = -1;
	p[OUT] = (struct pollfd){ s->out.from, POLLIN, 0 };
	p[ERR] = (struct pollfd){ s->err_stream.from, POLLIN, 0 };
	if (poll(p, SLOTS, wait_time(s)) < 0)
		for (int i = 0; i < SLOTS; i++)
			p[i].revents = 0;
}

static void handle(struct ab_supervisor *s, const struct pollfd p[SLOTS])
{
	if (p[CONTROL].revents)
		hear(s);
	if (p[LISTENER].revents)
		hear_call(s, p[LISTENER].revents);
	if (p[NOTIFIER].revents)
		hear_notifier(s);
	if (p[SIGNALS].revents)
		ab_supervise_signal(s);
	if (p[OUT].revents)
		take_output(s);
	if (p[ERR].revents)
		ab_drop_read(&s->err_stream, s->chunk);
	if (p[SINK].revents & POLLERR)
		ab_feed_close(&s->feed);
	else if (p[SINK].revents)
		ab_feed_write(&s->feed);
	if (p[SOURCE].revents)
		take_input(s);
	if (p[GONE].revents)
		hear_gone(s);
	start_if_due(s);
	end_log(s);
	check_time(s);
}

void ab_supervise(struct ab_supervisor *s)
{
	struct pollfd p[SLOTS];
	bool idle;

	start_if_due(s);
	while (!is_finished(s)) {
		wait_for_something(s, p);
		idle = true;
		for (int i = 0; i < SLOTS; i++)
			idle &= p[i].revents == 0;
		if (idle && s->pin.working)
			work_on_pin(s);
		else if (idle)
			ab_digester_work(&s->digest);
		handle(s, p);
	}
	while (s->digest.working)
		ab_digester_work(&s->digest);
}
