/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's loop: from the jail's first process to the last byte of the agent's streams. */
#ifndef AB_JAIL_SUPERVISE_H
#define AB_JAIL_SUPERVISE_H

#include "lib/jail/cgroup.h"
#include "lib/jail/digest.h"
#include "lib/jail/gate.h"
#include "lib/jail/jail.h"
#include "lib/jail/launch.h"
#include "lib/jail/notifier.h"
#include "lib/jail/pin.h"
#include "lib/jail/relay.h"
#include "lib/jail/wire.h"

/* Why the supervisor ended the agent, or did not start it. */
enum ab_stop {
	AB_STOP_NONE,
	AB_STOP_TESTED, /* a self-test: the jail is proved, there is nothing to run in it */
	AB_STOP_EMPTY,	/* stdin is a pipe with nothing in it: the stage before said no */
	AB_STOP_SETUP,	/* the jail could not be built or not be proved, or exec failed */
	AB_STOP_TIME,
	AB_STOP_INPUT, /* the agent is done, its input does not end within its time */
	AB_STOP_MEMORY,
	AB_STOP_CPU, /* its processor time is over */
	AB_STOP_PROCESSES,
	AB_STOP_TMP, /* tier 2: the agent's directory */
	AB_STOP_OUTPUT,
	AB_STOP_EVENT,	 /* what --on names */
	AB_STOP_SIGNAL,	 /* a signal to ab-jail */
	AB_STOP_TROUBLE, /* reading stdin, or holding the output, failed */
};

struct ab_supervisor {
	const struct ab_jail_spec *spec;
	const struct ab_bare *bare; /* in tier 2, else NULL */
	bool swept;		    /* its tree was ended from here */
	struct ab_child child;
	struct ab_feed feed;
	struct ab_capture out;
	struct ab_drop err_stream;
	struct ab_digester digest; /* made while there is nothing else to do */
	struct ab_pin pin;	   /* made before the agent is started */
	int signals;		   /* a signalfd */
	int listener;		   /* of the agent's seccomp filter; -1: none */
	struct ab_gate gate;
	struct ab_notifier notifier; /* where events are heard of; it then has the listener */
	struct ab_event_facts events;
	bool events_known;    /* the log is complete */
	uint64_t log_ns;      /* when the log must be complete; 0: it may go on */
	unsigned char *chunk; /* AB_CHUNK bytes for what is passing through */

	enum ab_stop stop;
	struct ab_err failure;	   /* of AB_STOP_SETUP and AB_STOP_TROUBLE */
	bool exec_failed;	   /* AB_STOP_SETUP: all was proved, the program did not start */
	int signal;		   /* of AB_STOP_SIGNAL */
	enum ab_event_class event; /* of AB_STOP_EVENT */
	bool waits;		   /* stdin is a pipe: nothing starts before its first byte */
	/* The jail is proved; the agent may start (said before that, it starts without a further
	 * wait); it has; it and all of it has ended; so has the first process. */
	bool ready, said, started, ended, gone;
	struct ab_wire proof, end; /* AB_WIRE_READY, AB_WIRE_ENDED */
	uint64_t begun_ns, started_ns, ended_ns;
	uint64_t kill_ns, look_ns; /* when the first process is killed; when to look at the tree */
	uint64_t look_took_ns;	   /* the last look */
	uint64_t drain_ns;	   /* AB_STOP_SIGNAL: until when stdin is read to its end */
	uint64_t peak_memory, peak_processes, cpu_ms; /* as far as the looks saw */
	uint64_t counted_us; /* of processor time, by the child's counter; 0: there is none */
	struct ab_cgroup_usage usage;		      /* of the control group, if there is one */
	struct ab_cgroup *cgroup;
};

/* Takes a signal from the descriptor: it ends the run. */
void ab_supervise_signal(struct ab_supervisor *s);

/* Reads what has counted the tree's use: the control group, and the counter of processor time. */
void ab_supervise_count(struct ab_supervisor *s);

/* Runs until everything in the jail is gone and, where that is due, stdin is at its end. */
void ab_supervise(struct ab_supervisor *s);

#endif
