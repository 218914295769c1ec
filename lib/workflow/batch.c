/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many runs of one definition: each in a process of its own, which is what ab_plan_run() is for,
 * `jobs` at a time, and told of in the order of the inputs. What is in memory does not grow with
 * their number: a window of runs is open, and none is started in front of one that is far behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/hold.h"
#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/workflow/inputs.h"

#define MAX_SUMMARY (1u << 20)
#define TICK_MS	    200 /* how often the watcher is told that time passes */

static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

struct slot {
	char *name, *file; /* of the input, and of the output beside others, or NULL */
	pid_t pid;	   /* 0: not running */
	int status;	   /* exit status, once `over` */
	bool over;
	int told;	      /* memory file: the summary */
	struct ab_hold spool; /* its output, where it has no file */
	char reason[512];     /* why it was not started */
};

struct batch {
	const struct ab_workflow *w;
	const struct ab_operator *o;
	const struct ab_batch *how;
	struct ab_inputs inputs;
	struct slot *slots; /* a ring */
	size_t size, first, next; /* [first, next): open, by number of the input */
	size_t running;
	int out; /* directory of the outputs, or -1 */
	int keep;
	int signal;
	bool at_end, waits; /* for a line that has not come yet */
	int signals;	    /* a signalfd of `awaited` */
	sigset_t awaited, mask;
	struct ab_tally tally;
};

static struct slot *slot_of(const struct batch *b, size_t i)
{
	return &b->slots[i % b->size];
}

static void slot_init(struct slot *s)
{
	*s = (struct slot){ .told = -1, .spool = AB_HOLD_INIT };
}

static void slot_done(struct slot *s)
{
	free(s->name);
	free(s->file);
	ab_auto_close(&s->told);
	ab_hold_close(&s->spool);
	slot_init(s);
}

static void batch_done(struct batch *b)
{
	for (size_t i = 0; b->slots && i < b->size; i++)
		slot_done(&b->slots[i]);
	free(b->slots);
	ab_inputs_close(&b->inputs);
	ab_auto_close(&b->out);
	ab_auto_close(&b->signals);
	ab_auto_close(&b->keep);
	(void)sigprocmask(SIG_SETMASK, &b->mask, NULL);
}

/* Worse is later. */
static int badness(int status)
{
	static const int order[] = { 0, 1, 124, 2, 125, 3 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(order); i++)
		if (order[i] == status)
			return (int)i;
	return (int)AB_ARRAY_SIZE(order);
}

static void write_all(int fd, const json_t *value)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err ignored = { 0 };

	if (value && ab_json_canonical(value, &text, &ignored) == 0 && text.len)
		(void)ab_io_write(fd, text.data, text.len, &ignored);
}

/* The process of one run: never returns. */
static void become_run(const struct batch *b, struct slot *s, int in, int out, const char *keep)
{
	ab_auto(ab_buf_free) struct ab_buf notes = { 0 };
	struct ab_operator o = *b->o;
	struct ab_plan plan = { 0 };
	struct ab_err err = { 0 };
	json_t *summary = NULL;
	int status, told = s->told;

	o.input = NULL;
	o.keep = keep;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != b->how->parent) /* it was gone before we could ask for that */
		(void)raise(SIGTERM);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(AB_EXIT_TROUBLE);
	(void)sigprocmask(SIG_SETMASK, &b->mask, NULL);
	if (ab_plan_make(&plan, b->w, &o, &err) < 0) {
		write_all(told, ab_summary_unstarted(b->w->name, &err));
		_exit(err.status);
	}
	status = ab_plan_run(&plan, &notes, &summary, &err);
	write_all(told, summary);
	_exit(status);
}

/* Where its output goes: a file of its own that has its name only once it is whole, or a spool. */
static int open_output(struct batch *b, struct slot *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf name = { 0 };
	int fd;

	if (b->out < 0) {
		if (ab_hold_open(&s->spool, 0, err) < 0)
			return -1;
		return fcntl(s->spool.spool, F_DUPFD_CLOEXEC, 3);
	}
	if (b->inputs.lines >= 0)
		ab_buf_addf(&name, "%s.json", s->name);
	else
		ab_buf_adds(&name, s->name);
	s->file = ab_buf_steal(&name);
	ab_buf_addf(&name, ".%s", s->file ? s->file : "");
	if (!s->file || ab_buf_ok(&name, err) < 0)
		return ab_err_memory(err);
	fd = openat(b->out, name.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? ab_err_sys(err, "%s/%s", b->how->output, name.data) : fd;
}

static int start(struct batch *b, struct slot *s, int in, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf keep = { 0 };
	ab_autoclose int out = open_output(b, s, err);

	s->told = memfd_create("summary", MFD_CLOEXEC);
	if (out < 0 || s->told < 0)
		return *err->msg ? -1 : ab_err_sys(err, "memory file");
	if (b->o->keep) {
		ab_buf_addf(&keep, "%s/%s", b->o->keep, s->name);
		if (ab_buf_ok(&keep, err) < 0)
			return -1;
	}
	s->pid = fork();
	if (s->pid == 0)
		become_run(b, s, in, out, keep.data);
	if (s->pid < 0) {
		s->pid = 0;
		return ab_err_sys(err, "no further process");
	}
	b->running++;
	return 0;
}

static void not_started(struct slot *s, const struct ab_err *err)
{
	s->over = true;
	s->status = err->status ? err->status : AB_EXIT_TROUBLE;
	(void)snprintf(s->reason, sizeof(s->reason), "%s", err->msg);
	ab_err_clean(s->reason);
}

/* Takes the next input up, if there is one. */
static int take_up(struct batch *b, struct ab_err *err)
{
	struct slot *s = slot_of(b, b->next);
	struct ab_err own = { 0 };
	ab_autoclose int in = -1;
	int found = ab_inputs_next(&b->inputs, &s->name, &in, &own);

	b->waits = found == AB_INPUTS_LATER;
	if (b->waits)
		return 0;
	if (found < 0)
		*err = own;
	if (found <= 0) {
		b->at_end = true;
		return found;
	}
	b->next++;
	if (in < 0 || start(b, s, in, &own) < 0)
		not_started(s, &own);
	return 0;
}

static void name_output(struct batch *b, struct slot *s)
{
	ab_auto(ab_buf_free) struct ab_buf hidden = { 0 };

	ab_buf_addf(&hidden, ".%s", s->file);
	if (!hidden.data)
		return;
	if (s->status == 0 && renameat(b->out, hidden.data, b->out, s->file) == 0)
		return;
	if (s->status == 0)
		s->status = AB_EXIT_TROUBLE;
	(void)unlinkat(b->out, hidden.data, 0);
}

static json_t *read_summary(const struct slot *s)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err ignored = { 0 };

	if (s->told < 0 || lseek(s->told, 0, SEEK_SET) < 0 ||
	    ab_buf_read(&text, s->told, MAX_SUMMARY, &ignored) < 0 || !text.len)
		return NULL;
	return ab_json_load("summary", text.data, text.len, &ignored);
}

/* Tells of the input that is next in order. */
static int tell(struct batch *b, struct ab_err *err)
{
	struct slot *s = slot_of(b, b->first);
	json_auto_t *summary = read_summary(s);
	const char *reason = json_string_value(json_object_get(summary, "reason"));
	const struct ab_batch_line line = {
		.index = b->first,
		.input = s->name,
		.exit = s->status,
		.reason = *s->reason ? s->reason : reason,
		.summary = summary,
		.file = s->status == 0 ? s->file : NULL,
		.output = s->status == 0 && b->out < 0 ? s->spool.spool : -1,
	};
	int status = b->how->line(b->how->context, &line, err);

	b->tally.done++;
	b->tally.bad += s->status != 0;
	if (badness(s->status) > badness(b->tally.worst))
		b->tally.worst = s->status;
	b->first++;
	slot_done(s);
	return status;
}

static void reap(struct batch *b)
{
	for (size_t i = b->first; i < b->next; i++) {
		struct slot *s = slot_of(b, i);
		int status;

		if (s->pid <= 0 || waitpid(s->pid, &status, WNOHANG) != s->pid)
			continue;
		s->pid = 0;
		s->over = true;
		s->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		b->running--;
		if (s->file)
			name_output(b, s);
		if (s->status != 0 && b->how->fail_fast)
			b->at_end = true;
	}
}

static void stop_all(struct batch *b, int number)
{
	b->signal = b->signal ? b->signal : number;
	b->at_end = true;
	for (size_t i = b->first; i < b->next; i++)
		if (slot_of(b, i)->pid > 0)
			(void)kill(slot_of(b, i)->pid, number);
}

static void tick(struct batch *b)
{
	b->tally.total = b->inputs.n;
	b->tally.bytes = b->inputs.size;
	b->tally.bytes_read = b->inputs.seen;
	b->tally.running = b->running;
	if (b->how->tick)
		b->how->tick(b->how->context, &b->tally);
}

/* Until something has happened. */
static void await(struct batch *b)
{
	const struct timespec now = { 0 };
	struct pollfd ready[] = { { .fd = b->signals, .events = POLLIN },
				  { .fd = b->waits ? b->inputs.lines : -1, .events = POLLIN } };
	int number;

	(void)poll(ready, AB_ARRAY_SIZE(ready), TICK_MS);
	number = sigtimedwait(&b->awaited, NULL, &now);

	if (number > 0 && number != SIGCHLD)
		stop_all(b, number);
}

static int work(struct batch *b, struct ab_err *err)
{
	while (!b->at_end || b->first < b->next) {
		b->waits = false;
		do {
			if (b->at_end || b->running == b->how->jobs ||
			    b->next - b->first == b->size)
				break;
			if (take_up(b, err) < 0)
				return -1;
		} while (!b->waits);
		reap(b);
		while (b->first < b->next && slot_of(b, b->first)->over) {
			if (b->how->fail_fast && slot_of(b, b->first)->status)
				b->at_end = true;
			if (tell(b, err) < 0)
				return -1;
		}
		tick(b);
		if (b->waits || (b->running && (b->at_end || b->running == b->how->jobs ||
						b->next - b->first == b->size)))
			await(b);
	}
	return 0;
}

static void take_signals(struct batch *b)
{
	struct sigaction is;

	(void)sigemptyset(&b->awaited);
	(void)sigaddset(&b->awaited, SIGCHLD);
	for (size_t i = 0; i < AB_ARRAY_SIZE(stops); i++)
		if (sigaction(stops[i], NULL, &is) != 0 || is.sa_handler != SIG_IGN)
			(void)sigaddset(&b->awaited, stops[i]);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_BLOCK, &b->awaited, &b->mask);
	b->signals = signalfd(-1, &b->awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int prepare(struct batch *b, struct ab_err *err)
{
	if (b->signals < 0)
		return ab_err_sys(err, "signals");
	b->slots = calloc(b->size, sizeof(*b->slots));
	if (!b->slots)
		return ab_err_memory(err);
	for (size_t i = 0; i < b->size; i++)
		slot_init(&b->slots[i]);
	if (ab_inputs_open(&b->inputs, b->how->inputs, err) < 0)
		return -1;
	if (b->how->output && (b->out = ab_fresh_directory(b->how->output, err)) < 0)
		return ab_err_prefix(err, "--output: ");
	if (b->o->keep && (b->keep = ab_fresh_directory(b->o->keep, err)) < 0)
		return ab_err_prefix(err, "--keep: ");
	return 0;
}

/* Nobody takes what they say any more: those that run are stopped, and leave their records. */
static void abandon(struct batch *b)
{
	stop_all(b, SIGTERM);
	while (b->running) {
		reap(b);
		if (b->running)
			await(b);
	}
}

int ab_batch_run(const struct ab_workflow *w, const struct ab_operator *o, struct ab_batch *how,
		 struct ab_tally *ret, struct ab_err *err)
{
	ab_auto(batch_done) struct batch b = { .w = w, .o = o, .how = how, .out = -1, .keep = -1 };
	int status;

	b.inputs.dir = b.inputs.lines = -1;
	b.size = 2 * how->jobs + 16;
	how->parent = getpid();
	take_signals(&b);
	status = prepare(&b, err) < 0 ? -1 : work(&b, err);
	if (status < 0)
		abandon(&b);
	tick(&b);
	if (b.signal && status == 0)
		b.tally.worst = 128 + b.signal;
	*ret = b.tally;
	return status;
}
