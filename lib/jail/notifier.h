/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that answers the calls which the agent's filter leaves to its listener, and logs
 * them. It is not the supervisor, since it has to read names in the agent's memory, which Landlock
 * forbids a process that is itself in a domain; so it has no Landlock, and a seccomp filter that
 * lets it open nothing. When it dies the calls fail; when the supervisor dies it does, too.
 */
#ifndef AB_JAIL_NOTIFIER_H
#define AB_JAIL_NOTIFIER_H

#include "lib/jail/eventlog.h"
#include "lib/jail/gate.h"

struct ab_notifier_spec {
	int log; /* -1: none is written */
	uint64_t max;
	bool opens;  /* those for reading are logged, too */
	unsigned on; /* enum ab_event_class: told to the supervisor */
	struct ab_gate gate;
	const char *first; /* the path of the first program, which our own code executes */
};

/* The supervisor's side of it. */
struct ab_notifier {
	pid_t pid; /* -1: none */
	int control;
};

#define AB_NOTIFIER_INIT                                                                           \
	{                                                                                          \
		.pid = -1, .control = -1                                                           \
	}

enum ab_notice_kind {
	AB_NOTICE_MATCH = 1, /* `class` was seen, for the first time */
	AB_NOTICE_FAILED,    /* `err`; it is over */
	AB_NOTICE_ENDED,     /* the log is complete: `facts`; it is over */
};

struct ab_notice {
	enum ab_notice_kind kind;
	enum ab_event_class class;
	struct ab_event_facts facts;
	struct ab_err err;
};

/* Starts it, before there is a jail and before the caller confines itself. */
int ab_notifier_start(struct ab_notifier *ret, const struct ab_notifier_spec *spec,
		      struct ab_err *err);

/* Gives it the listener, which from then on is its alone; false if it is gone. */
bool ab_notifier_give(struct ab_notifier *n, int listener);

/* Tells it that nothing more will come. */
void ab_notifier_end(struct ab_notifier *n);

/* Takes what it says; false if it is gone without a word. */
bool ab_notifier_hear(struct ab_notifier *n, struct ab_notice *ret);

/* Kills it if it is still there. */
void ab_notifier_close(struct ab_notifier *n);

#endif
