/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/package.h"

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
#include "lib/bundle/plant.h"
#include "lib/bundle/read.h"
#include "lib/confine/confine.h"

/* What the child tells: one write to a pipe, short enough to be whole. */
struct answer {
	struct ab_err err; /* status 0: done */
	unsigned char identity[AB_SHA256_SIZE];
};

struct extraction {
	int fd;
	const struct ab_bundle_limits *limits;
	struct ab_place place;
	pid_t child;
	int pipe, signals;
	sigset_t before; /* the caller's mask */
};

/* In the child, which can write beneath the fresh directory and do nothing else. */
static int extract_here(struct extraction *e, struct answer *answer)
{
	const struct ab_confine_path root = { .fd = e->place.fd, .access = AB_CONFINE_WRITE };
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_auto(ab_plant_close) struct ab_plant plant = AB_PLANT_INIT;
	struct ab_bundle_sink sink = ab_plant_sink(&plant, e->place.fd);

	(void)umask(0);
	if (ab_confine(AB_PROFILE_STORE, &root, 1, &answer->err) < 0 ||
	    ab_bundle_read(e->fd, e->limits, &sink, &bundle, &answer->err) < 0 ||
	    ab_plant_links(&plant, &bundle, &answer->err) < 0)
		return -1;
	memcpy(answer->identity, bundle.identity, sizeof(answer->identity));
	return 0;
}

static void __attribute__((noreturn)) be_child(struct extraction *e, int out, pid_t parent)
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
	status = extract_here(e, &answer);
	if (ab_io_write(out, &answer, sizeof(answer), &lost) < 0 || status < 0)
		_exit(AB_EXIT_TROUBLE);
	_exit(AB_EXIT_OK);
}

static int start(struct extraction *e, struct ab_err *err)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return ab_err_sys(err, "pipe");
	e->child = fork();
	if (e->child == 0)
		be_child(e, ends[1], parent);
	(void)close(ends[1]);
	e->pipe = ends[0];
	return e->child < 0 ? ab_err_sys(err, "fork") : 0;
}

/* Waits for the child's answer. A signal that asks us to end is left in *ret_signal. */
static int await(struct extraction *e, struct answer *answer, int *ret_signal, struct ab_err *err)
{
	struct pollfd fds[2] = { { .fd = e->pipe, .events = POLLIN },
				 { .fd = e->signals, .events = POLLIN } };
	struct signalfd_siginfo info;
	size_t got = 0;

	while (got < sizeof(*answer)) {
		ssize_t n;

		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return ab_err_sys(err, "poll");
		}
		if (fds[1].revents && read(e->signals, &info, sizeof(info)) == sizeof(info)) {
			*ret_signal = (int)info.ssi_signo;
			return ab_err_trouble(err, "interrupted");
		}
		if (!fds[0].revents)
			continue;
		n = ab_io_read(e->pipe, (char *)answer + got, sizeof(*answer) - got, err);
		if (n < 0)
			return -1;
		if (n == 0)
			return ab_err_trouble(err, "the extracting process died");
		got += (size_t)n;
	}
	if (answer->err.status == 0)
		return 0;
	*err = answer->err;
	return -1;
}

/* The child is gone afterwards, whatever it did. */
static int reap(struct extraction *e, int status, struct ab_err *err)
{
	int exited = 0;

	if (status < 0)
		(void)kill(e->child, SIGKILL);
	while (waitpid(e->child, &exited, 0) < 0)
		if (errno != EINTR)
			return ab_err_sys(err, "waitpid");
	if (status == 0 && exited != 0)
		return ab_err_trouble(err, "the extracting process died");
	return status;
}

/*
 * INT, TERM, HUP and QUIT arrive at a descriptor while there is something to be cleaned up; those
 * that the caller ignores (nohup) stay ignored.
 */
static int hold_signals(struct extraction *e, struct ab_err *err)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < AB_ARRAY_SIZE(held); i++)
		if (sigaction(held[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			(void)sigaddset(&set, held[i]);
	e->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (e->signals < 0)
		return ab_err_sys(err, "signalfd");
	(void)sigprocmask(SIG_BLOCK, &set, &e->before);
	return 0;
}

static int run(struct extraction *e, unsigned char ret_identity[AB_SHA256_SIZE], int *ret_signal,
	       struct ab_err *err)
{
	struct answer answer;
	int status;

	if (start(e, err) < 0)
		return -1;
	status = reap(e, await(e, &answer, ret_signal, err), err);
	if (status < 0)
		return -1;
	if (ab_place_keep(&e->place, err) < 0)
		return -1;
	memcpy(ret_identity, answer.identity, sizeof(answer.identity));
	return 0;
}

int ab_bundle_extract(int fd, const char *target, const struct ab_bundle_limits *limits,
		      unsigned char ret_identity[AB_SHA256_SIZE], struct ab_err *err)
{
	struct extraction e = {
		.fd = fd, .limits = limits, .place = AB_PLACE_INIT, .pipe = -1, .signals = -1
	};
	int signal_number = 0, status;

	if (hold_signals(&e, err) < 0)
		return -1;
	status = ab_place_open(&e.place, target, err);
	if (status == 0)
		status = run(&e, ret_identity, &signal_number, err);
	ab_place_close(&e.place);
	ab_auto_close(&e.pipe);
	ab_auto_close(&e.signals);
	/* Die of it as if it had never been held. */
	if (signal_number)
		(void)raise(signal_number);
	(void)sigprocmask(SIG_SETMASK, &e.before, NULL);
	return status;
}
