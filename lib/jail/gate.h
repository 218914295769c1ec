/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that a seccomp filter leaves to its listener (seccomp_unotify(2)), and which of them
 * are let through. A verdict never rests on memory of the agent, which it can change while we look:
 * only on the numbers that the kernel took from its registers, and on what was let through before.
 */
#ifndef AB_JAIL_GATE_H
#define AB_JAIL_GATE_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include "lib/base/err.h"
#include "lib/jail/filter.h"

struct ab_gate {
	enum ab_hole hole; /* of the agent's filter */
	bool no_jit;	   /* the agent's filter denies what AB_FILTER_NO_JIT does, too */
	bool no_exec;	   /* nothing is executed after the first program */
	bool executed;	   /* the first program is; what comes after it is the agent's doing */
};

/*
 * 0: the kernel goes on with the call; else the errno that it fails with. What the agent's own
 * filter denies is denied, whatever the kernel asked about. Before the first program, an execution
 * of no path (NULL) is the proof that one can be refused: EPERM.
 */
int ab_gate_judge(struct ab_gate *gate, const struct seccomp_data *call);

/* Takes a waiting call: 1; 0: there is none any more, or no process is left that could wait. */
int ab_gate_receive(int listener, struct seccomp_notif *ret, struct ab_err *err);

/* Answers it: 0 or an errno. False: who waited for it is gone. */
bool ab_gate_answer(int listener, const struct seccomp_notif *call, int verdict);

#endif
