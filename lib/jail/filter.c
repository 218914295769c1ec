/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/filter.h"

#include <stdbool.h>

#include "lib/confine/filter.h"

#include "jail/agent.filter.h"
#include "jail/events.filter.h"
#include "jail/events_all.filter.h"
#include "jail/events_all_nojit.filter.h"
#include "jail/events_nojit.filter.h"
#include "jail/init.filter.h"
#include "jail/noexec.filter.h"
#include "jail/nojit.filter.h"
#include "jail/notifier.filter.h"
#include "jail/supervisor.filter.h"

const struct sock_filter *ab_jail_filter(enum ab_jail_filter which, size_t *ret_n)
{
	static const struct {
		const struct sock_filter *code;
		size_t n;
	} filters[] = {
		[AB_FILTER_AGENT] = { ab_agent_filter, AB_ARRAY_SIZE(ab_agent_filter) },
		[AB_FILTER_INIT] = { ab_init_filter, AB_ARRAY_SIZE(ab_init_filter) },
		[AB_FILTER_NO_JIT] = { ab_nojit_filter, AB_ARRAY_SIZE(ab_nojit_filter) },
		[AB_FILTER_NO_EXEC] = { ab_noexec_filter, AB_ARRAY_SIZE(ab_noexec_filter) },
		[AB_FILTER_EVENTS] = { ab_events_filter, AB_ARRAY_SIZE(ab_events_filter) },
		[AB_FILTER_EVENTS_NO_JIT] = { ab_events_nojit_filter,
					      AB_ARRAY_SIZE(ab_events_nojit_filter) },
		[AB_FILTER_EVENTS_ALL] = { ab_events_all_filter,
					   AB_ARRAY_SIZE(ab_events_all_filter) },
		[AB_FILTER_EVENTS_ALL_NO_JIT] = { ab_events_all_nojit_filter,
						  AB_ARRAY_SIZE(ab_events_all_nojit_filter) },
		[AB_FILTER_NOTIFIER] = { ab_notifier_filter, AB_ARRAY_SIZE(ab_notifier_filter) },
		[AB_FILTER_SUPERVISOR] = { ab_supervisor_filter,
					   AB_ARRAY_SIZE(ab_supervisor_filter) },
	};

	*ret_n = filters[which].n;
	return filters[which].code;
}

int ab_jail_filter_load(enum ab_jail_filter which, struct ab_err *err)
{
	size_t n;
	const struct sock_filter *code = ab_jail_filter(which, &n);

#ifdef AB_SANITIZED
	/* A sanitizer's runtime lives on in our own processes, not in the agent. */
	if (which == AB_FILTER_INIT || which == AB_FILTER_NOTIFIER || which == AB_FILTER_SUPERVISOR)
		return 0;
#endif
	return ab_filter_load(code, n, 0, err);
}

int ab_jail_filter_listen(enum ab_jail_filter which, struct ab_err *err)
{
	size_t n;
	const struct sock_filter *code = ab_jail_filter(which, &n);

	return ab_filter_listen(code, n, err);
}
