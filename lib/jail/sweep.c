/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/sweep.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "lib/base/auto.h"
#include "lib/base/time.h"
#include "lib/jail/tree.h"

#define QUICK_LOOKS 16 /* at the children alone, before the whole tree is looked at again */

struct sweep {
	pid_t first, spared;
	uint64_t end_ns;
	pid_t *pids;
};

static bool is_late(const struct sweep *s)
{
	return ab_time_monotonic_ns() >= s->end_ns;
}

static void kill_list(const struct sweep *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s->pids[i] != s->spared)
			(void)kill(s->pids[i], SIGKILL);
}

/*
 * Kills the children until no new ones come: to list them takes a moment, to list the whole tree takes
 * longer than what it is made of may live. Returns how many there are.
 */
static size_t kill_children(const struct sweep *s)
{
	size_t n = 0, before;
	pid_t last;

	for (int i = 0; i < QUICK_LOOKS; i++) {
		before = n;
		last = n ? s->pids[n - 1] : 0;
		n = ab_tree_children(s->first, s->pids, AB_TREE_MAX);
		kill_list(s, n);
		if (i && n == before && (!n || s->pids[n - 1] == last))
			break;
	}
	return n;
}

/* Whether the children that were listed have ended; their children are ours by then, and were listed as
 * well if a second list is no longer. */
static bool are_dead(const struct sweep *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s->pids[i] != s->spared && !ab_tree_is_dead(s->pids[i]))
			return false;
	return ab_tree_children(s->first, s->pids, AB_TREE_MAX) <= n;
}

bool ab_sweep(pid_t first, pid_t spared, uint64_t budget_ns)
{
	ab_autofree pid_t *pids = calloc(AB_TREE_MAX, sizeof(*pids));
	const struct sweep s = { first, spared, ab_time_monotonic_ns() + budget_ns, pids };

	while (pids && !is_late(&s)) {
		kill_list(&s, ab_tree_list(first, pids, AB_TREE_MAX));
		if (are_dead(&s, kill_children(&s)))
			return true;
		(void)poll(NULL, 0, 1);
	}
	return false;
}
