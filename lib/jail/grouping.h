/* SPDX-License-Identifier: Apache-2.0 */
/* How the jail's tree gets into its control group. */
#ifndef AB_JAIL_GROUPING_H
#define AB_JAIL_GROUPING_H

#include "lib/jail/jail.h"
#include "lib/jail/launch.h"

struct ab_grouping {
	struct ab_cgroup *cgroup; /* the run's */
	struct ab_cgroup_place place; /* asked for once */
	bool made;		  /* also where none could be made */
};

/*
 * Where the first process can be born in its group (version 2), makes that: setup->group. Moving it
 * later makes the kernel wait until no process of the machine is about to fork or exit.
 */
int ab_grouping_prepare(struct ab_grouping *g, const struct ab_jail_spec *spec,
			struct ab_setup *setup, struct ab_err *err);

/* While the first process builds the jail, it gets into its groups; only then it forks. Where none of
 * them counts the processor time that has a limit, a counter does (setup->count_cpu, child->cputime). */
int ab_grouping_enter(struct ab_grouping *g, const struct ab_jail_spec *spec,
		      const struct ab_setup *setup, struct ab_child *child, struct ab_err *err);

#endif
