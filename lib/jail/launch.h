/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's side of making a jail: the namespaces, and who is who in them. */
#ifndef AB_JAIL_LAUNCH_H
#define AB_JAIL_LAUNCH_H

#include "lib/jail/setup.h"
#include "lib/jail/wire.h"

#define AB_NOBODY 65534 /* as whom the agent runs if root starts it */

/* The jail's processes as the supervisor holds them; -1 where there is none. */
struct ab_child {
	pid_t pid;	  /* of the first process */
	int pidfd;	  /* readable once everything in the jail is gone */
	int control;	  /* a socket to the first process, and to the agent's before its exec */
	int in, out, err; /* our ends of the agent's streams */
	int held[2];	  /* and its ends of the last two, so that they end when all of it has (ab_child_ended()) */
	bool grouped;	  /* the first process was born in its control group (version 2) */
	int cputime;	  /* a counter of its and all the tree's processor time */
};

#define AB_CHILD_INIT                                                                              \
	{                                                                                          \
		.pid = -1, .pidfd = -1, .control = -1, .in = -1, .out = -1, .err = -1,             \
		.held = { -1, -1 }, .cputime = -1                                                  \
	}

/*
 * Starts the first process in new namespaces and gives them their ids. Signals must be blocked.
 * Where the kernel does not allow it, the error says what the operator can change.
 */
int ab_launch(struct ab_child *ret, struct ab_setup *setup, struct ab_err *err);

/*
 * Waits until the jail is built, and leaves the word of it to be received. Else the error is what
 * the first process, or the agent's, said of it.
 */
int ab_launch_wait(const struct ab_child *child, struct ab_err *err);

/*
 * A descriptor of what the first process has built, which comes in a message of that kind; else the
 * error is what it says of it.
 */
int ab_launch_take(int control, enum ab_wire_kind kind, int *ret_fd, struct ab_err *err);

/* The jail's first process has ended before its time: why, if it had said so, else `what`. */
int ab_launch_gone(int control, const char *what, struct ab_err *err);

/* Adds to an error of the jail's first steps what an operator can do about it. */
void ab_launch_explain(struct ab_err *err);

/* Nobody is left in the jail: what the agent has written is all. Until then its streams do not end for us, so that
 * we are not woken for that, and once more for its end. */
void ab_child_ended(struct ab_child *child);

void ab_child_close(struct ab_child *child);

#endif
