/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent is denied beyond the jail's defaults, where it was asked for: memory that is or was
 * writable and is then executed; the execution of any program but the first.
 */
#ifndef AB_JAIL_STRICT_H
#define AB_JAIL_STRICT_H

#include <stdbool.h>
#include "lib/jail/plan.h"
#include "lib/jail/program.h"

struct ab_strict {
	bool no_jit, no_exec;
	bool no_jit_twice; /* out: the kernel denies it as well (PR_SET_MDWE, Linux 6.3), not the
			      filter alone */
};

/*
 * Refuses what would be a way around: a program that has the kernel map such memory (126 in
 * program->exit), a directory that is writable in one place and executable in another (125).
 */
int ab_strict_check(const struct ab_strict *s, const struct ab_plan *plan,
		    struct ab_program *program, struct ab_err *err);

/*
 * Denies it to the calling process, for good and across exec, and proves it: the acts are tried,
 * and one that works is an error. Comes before the agent's own filter, which would deny the calls.
 */
int ab_strict_no_jit(struct ab_strict *s, struct ab_err *err);

/*
 * Leaves each execution to a listener, which the supervisor has to be given: its descriptor, or -1
 * with err->status 0 where nothing was asked for.
 */
int ab_strict_listen(const struct ab_strict *s, struct ab_err *err);

/* Proves that the supervisor hears of an execution, and that it can refuse it. */
int ab_strict_prove_no_exec(const struct ab_strict *s, struct ab_err *err);

#endif
