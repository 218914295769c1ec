/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's seccomp filters, made at build time from the tables beside this file. */
#ifndef AB_JAIL_FILTER_H
#define AB_JAIL_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include "lib/base/err.h"

/* What of sockets an agent may have, besides connected pairs. */
enum ab_hole {
	AB_HOLE_NONE,
	AB_HOLE_UNIX, /* one Unix socket */
	AB_HOLE_TCP,  /* one listener on its own loopback */
	AB_HOLES,
};

/* Filters of the agent come in groups of AB_HOLES, one for each enum ab_hole. */
enum ab_jail_filter {
	AB_FILTER_AGENT,
	/* In its place, with a listener: events, all opens as events, each with --no-jit. */
	AB_FILTER_EVENTS = AB_FILTER_AGENT + AB_HOLES,
	AB_FILTER_EVENTS_NO_JIT = AB_FILTER_EVENTS + AB_HOLES,
	AB_FILTER_EVENTS_ALL = AB_FILTER_EVENTS_NO_JIT + AB_HOLES,
	AB_FILTER_EVENTS_ALL_NO_JIT = AB_FILTER_EVENTS_ALL + AB_HOLES,
	AB_FILTER_AGENT_GPU = AB_FILTER_EVENTS_ALL_NO_JIT + AB_HOLES, /* with --gpu */
	AB_FILTER_OTHERS = AB_FILTER_AGENT_GPU + AB_HOLES - 1,
	AB_FILTER_INIT,
	/* Beside the agent's, which they do not replace. */
	AB_FILTER_NO_JIT,
	AB_FILTER_NO_EXEC, /* has a listener */
	AB_FILTER_BARE,	   /* tier 2; the next where Landlock does not keep signals */
	AB_FILTER_BARE_SIGNALS,
	AB_FILTER_NOTIFIER, /* left out of sanitizer builds, as the next */
	AB_FILTER_GATEWAY,
	AB_FILTER_SUPERVISOR, /* left out of sanitizer builds, whose runtime needs more */
	AB_FILTER_CHANGES,    /* the supervisor's where there is a workspace */
	AB_FILTER_WARDEN,     /* init's and the supervisor's in tier 2 */
	AB_FILTER_BARE_SUPERVISOR,
};

/* The filter's code, for tests and for printing. */
const struct sock_filter *ab_jail_filter(enum ab_jail_filter which, size_t *ret_n);

/* Puts the calling process under the filter. */
int ab_jail_filter_load(enum ab_jail_filter which, struct ab_err *err);

/* The same for one with a listener, whose descriptor it returns. */
int ab_jail_filter_listen(enum ab_jail_filter which, struct ab_err *err);

#endif
