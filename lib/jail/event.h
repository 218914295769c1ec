/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event of the agent: a system call that its filter left to the listener, as a line of the event
 * log (schemas/events.schema.json). Names are what the agent's memory held when it was looked at:
 * they are logged, and nothing that keeps the agent in rests on them.
 */
#ifndef AB_JAIL_EVENT_H
#define AB_JAIL_EVENT_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include "lib/base/buf.h"

enum ab_event_kind {
	AB_EVENT_EXEC,
	AB_EVENT_CONNECT,
	AB_EVENT_SOCKET, /* other calls for sockets, which are denied */
	AB_EVENT_OPEN,	 /* for reading */
	AB_EVENT_WRITE,	 /* an open for writing; truncate, mkdir, link, symlink */
	AB_EVENT_REMOVE,
	AB_EVENT_RENAME,
	AB_EVENT_CALL, /* any other that is denied */
	AB_EVENT_KINDS,
};

/* For what the run can be ended (--on). */
enum ab_event_class {
	AB_ON_SOCKET = 1,    /* a call for a socket that is denied */
	AB_ON_EXEC = 2,	     /* an execution after the command's own */
	AB_ON_SENSITIVE = 4, /* a name that only somebody looking for secrets uses */
};

struct ab_event {
	enum ab_event_kind kind;
	int pid; /* of the thread, outside */
	int call;
	int path_arg, to_arg; /* which arguments are addresses of names; -1: none */
	bool denied;
	const char *path, *to; /* NULL: none, or unreadable */
	size_t path_len, to_len;
};

/* What kind of event the call is, and which of its arguments are names. */
void ab_event_of(const struct seccomp_notif *call, bool denied, struct ab_event *ret);

/* Appends the event's line: one line of valid JSON, whatever bytes the names have. */
void ab_event_write(const struct ab_event *e, const char *time, struct ab_buf *out);

/* Whether its names are sensitive: see the list in ab-jail(1). */
bool ab_event_is_sensitive(const struct ab_event *e);

/* The class as --on names it, "SOCKET=kill"; 0 if it is none. */
unsigned ab_event_class_parse(const char *text);
const char *ab_event_class_name(enum ab_event_class c);

/* "exec", "connect", ... as in the log and in the receipt. */
const char *ab_event_name(enum ab_event_kind kind);

#endif
