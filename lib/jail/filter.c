/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/filter.h"

#include <stdbool.h>

#include "lib/confine/filter.h"

#include "jail/agent.filter.h"
#include "jail/agent_gpu.filter.h"
#include "jail/agent_gpu_tcp.filter.h"
#include "jail/agent_gpu_unix.filter.h"
#include "jail/agent_tcp.filter.h"
#include "jail/agent_unix.filter.h"
#include "jail/bare.filter.h"
#include "jail/bare_signals.filter.h"
#include "jail/bare_supervisor.filter.h"
#include "jail/changes.filter.h"
#include "jail/events.filter.h"
#include "jail/events_all.filter.h"
#include "jail/events_all_nojit.filter.h"
#include "jail/events_all_nojit_tcp.filter.h"
#include "jail/events_all_nojit_unix.filter.h"
#include "jail/events_all_tcp.filter.h"
#include "jail/events_all_unix.filter.h"
#include "jail/events_nojit.filter.h"
#include "jail/events_nojit_tcp.filter.h"
#include "jail/events_nojit_unix.filter.h"
#include "jail/events_tcp.filter.h"
#include "jail/events_unix.filter.h"
#include "jail/gateway.filter.h"
#include "jail/init.filter.h"
#include "jail/noexec.filter.h"
#include "jail/nojit.filter.h"
#include "jail/notifier.filter.h"
#include "jail/supervisor.filter.h"
#include "jail/warden.filter.h"

#define FILTER(name)                                                                               \
	{                                                                                          \
		ab_##name##_filter, AB_ARRAY_SIZE(ab_##name##_filter)                              \
	}

const struct sock_filter *ab_jail_filter(enum ab_jail_filter which, size_t *ret_n)
{
	static const struct {
		const struct sock_filter *code;
		size_t n;
	} filters[] = {
		[AB_FILTER_AGENT] = FILTER(agent),
		[AB_FILTER_AGENT + AB_HOLE_UNIX] = FILTER(agent_unix),
		[AB_FILTER_AGENT + AB_HOLE_TCP] = FILTER(agent_tcp),
		[AB_FILTER_EVENTS] = FILTER(events),
		[AB_FILTER_EVENTS + AB_HOLE_UNIX] = FILTER(events_unix),
		[AB_FILTER_EVENTS + AB_HOLE_TCP] = FILTER(events_tcp),
		[AB_FILTER_EVENTS_NO_JIT] = FILTER(events_nojit),
		[AB_FILTER_EVENTS_NO_JIT + AB_HOLE_UNIX] = FILTER(events_nojit_unix),
		[AB_FILTER_EVENTS_NO_JIT + AB_HOLE_TCP] = FILTER(events_nojit_tcp),
		[AB_FILTER_EVENTS_ALL] = FILTER(events_all),
		[AB_FILTER_EVENTS_ALL + AB_HOLE_UNIX] = FILTER(events_all_unix),
		[AB_FILTER_EVENTS_ALL + AB_HOLE_TCP] = FILTER(events_all_tcp),
		[AB_FILTER_EVENTS_ALL_NO_JIT] = FILTER(events_all_nojit),
		[AB_FILTER_EVENTS_ALL_NO_JIT + AB_HOLE_UNIX] = FILTER(events_all_nojit_unix),
		[AB_FILTER_EVENTS_ALL_NO_JIT + AB_HOLE_TCP] = FILTER(events_all_nojit_tcp),
		[AB_FILTER_AGENT_GPU] = FILTER(agent_gpu),
		[AB_FILTER_AGENT_GPU + AB_HOLE_UNIX] = FILTER(agent_gpu_unix),
		[AB_FILTER_AGENT_GPU + AB_HOLE_TCP] = FILTER(agent_gpu_tcp),
		[AB_FILTER_INIT] = FILTER(init),
		[AB_FILTER_NO_JIT] = FILTER(nojit),
		[AB_FILTER_NO_EXEC] = FILTER(noexec),
		[AB_FILTER_NOTIFIER] = FILTER(notifier),
		[AB_FILTER_GATEWAY] = FILTER(gateway),
		[AB_FILTER_CHANGES] = FILTER(changes),
		[AB_FILTER_SUPERVISOR] = FILTER(supervisor),
		[AB_FILTER_BARE] = FILTER(bare),
		[AB_FILTER_BARE_SIGNALS] = FILTER(bare_signals),
		[AB_FILTER_WARDEN] = FILTER(warden),
		[AB_FILTER_BARE_SUPERVISOR] = FILTER(bare_supervisor),
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
	if (which == AB_FILTER_INIT || which == AB_FILTER_NOTIFIER || which == AB_FILTER_GATEWAY ||
	    which >= AB_FILTER_SUPERVISOR)
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
