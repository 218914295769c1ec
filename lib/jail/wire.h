/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor outside, the jail's first process and the agent's process before its exec
 * tell each other, one message a packet on one pair of sequenced-packet sockets. The agent's process has
 * it while the first process waits for its execution.
 */
#ifndef AB_JAIL_WIRE_H
#define AB_JAIL_WIRE_H

#include <stdint.h>
#include <sys/resource.h>
#include "lib/base/err.h"
#include "lib/jail/selftest.h"

enum ab_wire_kind {
	AB_WIRE_MAPPED = 1, /* supervisor to init: the user namespace has its ids, go on */
	AB_WIRE_FAILED,	    /* init or agent to supervisor: `err`, nothing was run */
	AB_WIRE_READY,	    /* agent to supervisor: the jail is finished, `test` is its proof */
	AB_WIRE_LISTENER,   /* agent to supervisor: of its seccomp filter, comes with it */
	AB_WIRE_START,	    /* supervisor to agent: execute */
	AB_WIRE_STOP,	    /* supervisor to init: end it all */
	AB_WIRE_DOOR,	    /* supervisor to init: join the control group that comes with it */
	AB_WIRE_ENTERED,    /* supervisor to init: but the one that may come with it, there are no more to join; fork */
	AB_WIRE_WORKSPACE,  /* init to supervisor: a layer of the workspace, comes with it */
	AB_WIRE_MOUNT,	    /* init to supervisor: a mount of the root, comes with it */
	AB_WIRE_ENDED,	    /* init to supervisor: the tree is gone, `status` and `usage` */
};

struct ab_wire {
	enum ab_wire_kind kind;
	int status;		   /* wait status of the agent; -1 if it never ended by itself */
	struct rusage usage;	   /* of the whole tree, the reaped and the killed */
	bool has_proc;		   /* what init found that the kernel gives */
	int landlock_abi;	   /* 0: none */
	bool no_nested;		   /* max_user_namespaces is 0 */
	uint32_t outside;	   /* bits of enum ab_cgroup_part: groups that were not joined */
	int part;		   /* of AB_WIRE_DOOR and AB_WIRE_ENTERED: whose group it is that comes with it */
	ino_t spaces[AB_SELFTEST_SPACES]; /* of AB_WIRE_ENTERED: the host's namespaces */
	uint64_t built_us;	   /* struct ab_setup */
	bool no_jit_twice;	   /* struct ab_strict */
	bool at_exec;		   /* of AB_WIRE_FAILED: all was proved, the program did not start */
	uint32_t due, ran, passed; /* bits of enum ab_check */
	struct ab_err err; /* comes last: not sent where there is none */
};

/* Sends one message; false if the other side is gone. */
bool ab_wire_send(int fd, const struct ab_wire *message);

/* Receives one; false if the other side is gone. Waits. */
bool ab_wire_receive(int fd, struct ab_wire *ret);

/* The same, and leaves it to be received. */
bool ab_wire_peek(int fd, struct ab_wire *ret);

/* The same with a descriptor: what was sent stays the sender's as well; -1 where none came. */
bool ab_wire_send_fd(int fd, const struct ab_wire *message, int passed);
bool ab_wire_receive_fd(int fd, struct ab_wire *ret, int *ret_passed);

#endif
