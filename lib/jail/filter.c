/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/filter.h"

#include <stdbool.h>

#include "lib/confine/filter.h"

#include "jail/agent.filter.h"
#include "jail/init.filter.h"
#include "jail/noexec.filter.h"
#include "jail/nojit.filter.h"
#include "jail/supervisor.filter.h"

const struct sock_filter *ab_jail_filter(enum ab_jail_filter which, size_t *ret_n)
{
	switch (which) {
	case AB_FILTER_AGENT:
		*ret_n = AB_ARRAY_SIZE(ab_agent_filter);
		return ab_agent_filter;
	case AB_FILTER_NO_JIT:
		*ret_n = AB_ARRAY_SIZE(ab_nojit_filter);
		return ab_nojit_filter;
	case AB_FILTER_NO_EXEC:
		*ret_n = AB_ARRAY_SIZE(ab_noexec_filter);
		return ab_noexec_filter;
	case AB_FILTER_INIT:
		*ret_n = AB_ARRAY_SIZE(ab_init_filter);
		return ab_init_filter;
	case AB_FILTER_SUPERVISOR:
		*ret_n = AB_ARRAY_SIZE(ab_supervisor_filter);
		return ab_supervisor_filter;
	}
	*ret_n = 0;
	return NULL;
}

int ab_jail_filter_load(enum ab_jail_filter which, struct ab_err *err)
{
	size_t n;
	const struct sock_filter *code = ab_jail_filter(which, &n);

#ifdef AB_SANITIZED
	/* A sanitizer's runtime lives on in our own processes, not in the agent. */
	if (which == AB_FILTER_INIT || which == AB_FILTER_SUPERVISOR)
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
