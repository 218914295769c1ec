/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/bundle/place.h"
#include "lib/confine/confine.h"

/* What the child tells: one write to a pipe, short enough to be whole. */
struct answer {
	struct ab_err err; /* status 0: done */
	unsigned char identity[AB_SHA256_SIZE];
};

struct work {
	ab_apart_job job;
	void *context;
	struct ab_place place;
	pid_t child;
	int pipe, signals;
	sigset_t before; /* the caller's mask */
};

/* In the child, which can read and write beneath the fresh directory and do nothing else. */
static int work_here(struct work *w, struct answer *answer)
{
	const struct ab_confine_path root = { .fd = w->place.fd,
					      .access = AB_CONFINE_READ | AB_CONFINE_WRITE };

	(void)umask(0);
	if (ab_confine(AB_PROFILE_STORE, &root, 1, &answer->err) < 0)
		return -1;
	return w->job(w->context, w->place.fd, answer->identity, &answer->err);
}

static void __attribute__((noreturn)) be_child(struct work *w, int out, pid_t parent)
{
	struct answer answer = { 0 };
	struct ab_err lost = { 0 };
	int status;

	/*
	 * The signals stay blocked here: the parent decides, and takes this process down with it.
	 * A parent that is gone before prctl() sends no signal.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(AB_EXIT_TROUBLE);
	status = work_here(w, &answer);
	if (ab_io_write(out, &answer, sizeof(answer), &lost) < 0 || status < 0)
		_exit(AB_EXIT_TROUBLE);
	_exit(AB_EXIT_OK);
}

static int start(struct work *w, struct ab_err *err)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return ab_err_sys(err, "pipe");
	w->child = fork();
	if (w->child == 0)
		be_child(w, ends[1], parent);
	(void)close(ends[1]);
	w->pipe = ends[0];
	return w->child < 0 ? ab_err_sys(err, "fork") : 0;
}

/* Waits for the child's answer. A signal that asks us to end is left in *ret_signal. */
static int await(struct work *w, struct answer *answer, int *ret_signal, struct ab_err *err)
{
	struct pollfd fds[2] = { { .fd = w->pipe, .events = POLLIN },
				 { .fd = w->signals, .events = POLLIN } };
	struct signalfd_siginfo info;
	size_t got = 0;

	while (got < sizeof(*answer)) {
		ssize_t n;

		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return ab_err_sys(err, "poll");
		}
		if (fds[1].revents && read(w->signals, &info, sizeof(info)) == sizeof(info)) {
			*ret_signal = (int)info.ssi_signo;
			return ab_err_trouble(err, "interrupted");
		}
		if (!fds[0].revents)
			continue;
		n = ab_io_read(w->pipe, (char *)answer + got, sizeof(*answer) - got, err);
		if (n < 0)
			return -1;
		if (n == 0)
			return ab_err_trouble(err, "the working process died");
		got += (size_t)n;
	}
	if (answer->err.status == 0)
		return 0;
	*err = answer->err;
	return -1;
}

/* The child is gone afterwards, whatever it did. */
static int reap(struct work *w, int status, struct ab_err *err)
{
	int exited = 0;

	if (status < 0)
		(void)kill(w->child, SIGKILL);
	while (waitpid(w->child, &exited, 0) < 0)
		if (errno != EINTR)
			return ab_err_sys(err, "waitpid");
	if (status == 0 && exited != 0)
		return ab_err_trouble(err, "the working process died");
	return status;
}

/*
 * INT, TERM, HUP and QUIT arrive at a descriptor while there is something to be cleaned up; those
 * that the caller ignores (nohup) stay ignored.
 */
static int hold_signals(struct work *w, struct ab_err *err)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < AB_ARRAY_SIZE(held); i++)
		if (sigaction(held[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			(void)sigaddset(&set, held[i]);
	w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signals < 0)
		return ab_err_sys(err, "signalfd");
	(void)sigprocmask(SIG_BLOCK, &set, &w->before);
	return 0;
}

static int run(struct work *w, unsigned char ret_identity[AB_SHA256_SIZE], int *ret_signal,
	       struct ab_err *err)
{
	struct answer answer;
	int status;

	if (start(w, err) < 0)
		return -1;
	status = reap(w, await(w, &answer, ret_signal, err), err);
	if (status < 0)
		return -1;
	if (ab_place_keep(&w->place, err) < 0)
		return -1;
	memcpy(ret_identity, answer.identity, sizeof(answer.identity));
	return 0;
}

int ab_apart(const char *target, ab_apart_job job, void *context,
	     unsigned char ret_identity[AB_SHA256_SIZE], struct ab_err *err)
{
	struct work w = {
		.job = job, .context = context, .place = AB_PLACE_INIT, .pipe = -1, .signals = -1
	};
	int signal_number = 0, status;

	if (hold_signals(&w, err) < 0)
		return -1;
	status = ab_place_open(&w.place, target, err);
	if (status == 0)
		status = run(&w, ret_identity, &signal_number, err);
	ab_place_close(&w.place);
	ab_auto_close(&w.pipe);
	ab_auto_close(&w.signals);
	/* Die of it as if it had never been held. */
	if (signal_number)
		(void)raise(signal_number);
	(void)sigprocmask(SIG_SETMASK, &w.before, NULL);
	return status;
}
