/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent is denied beyond the jail's defaults, where it was asked for: memory that is or was
 * writable and is then executed; the execution of any program but the first. And what of its calls
 * the event log hears of.
 */
#ifndef AB_JAIL_STRICT_H
#define AB_JAIL_STRICT_H

#include <stdbool.h>
#include "lib/jail/filter.h"
#include "lib/jail/plan.h"
#include "lib/jail/program.h"

enum ab_watch {
	AB_WATCH_NONE,
	AB_WATCH_SOME,	/* what the event log holds */
	AB_WATCH_OPENS, /* all opens as well */
};

struct ab_strict {
	bool no_jit, no_exec;
	bool gpu;	     /* the driver's requests are allowed; there is no event log then */
	enum ab_hole hole;   /* and what it is allowed beyond them */
	enum ab_watch watch; /* a notifier listens */
	bool no_jit_twice;   /* out: the kernel denies it as well (PR_SET_MDWE, Linux 6.3), not the
				filter alone */
};

/*
 * Refuses what would be a way around: a program that has the kernel map such memory (126 in
 * program->exit), a directory that is writable in one place and executable in another (125).
 */
int ab_strict_check(const struct ab_strict *s, const struct ab_plan *plan,
		    struct ab_program *program, struct ab_err *err);

/*
 * The same of tier 2, which mounts nothing: refuses --no-jit where the agent's directory `dir`, or
 * what else it may write, is on a mount from which a file can be mapped as code.
 */
int ab_strict_check_places(const struct ab_strict *s, const struct ab_plan *plan, const char *dir,
			   struct ab_err *err);

/*
 * Puts the calling process under the agent's filter and what was asked for besides. Returns the
 * listener, which the supervisor has to be given before anything that it hears of is called; -1
 * with err->status 0 where there is none.
 */
int ab_strict_enter(struct ab_strict *s, struct ab_err *err);

/* Tries what must not work; that needs the supervisor's answers where there is a listener. */
int ab_strict_prove(const struct ab_strict *s, struct ab_err *err);

#endif
