/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/sweep.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/jail/tree.h"

/* Looks until a look finds only what is stopped: then nothing below can fork any more. */
static size_t stop_all(pid_t first, pid_t *pids, size_t room, int *rounds)
{
	size_t n = 0;
	bool all = false;

	while (!all && (*rounds)-- > 0) {
		all = true;
		n = ab_tree_list(first, pids, room);
		for (size_t i = 0; i < n; i++)
			if (!ab_tree_is_still(pids[i])) {
				(void)kill(pids[i], SIGSTOP);
				all = false;
			}
	}
	return n;
}

void ab_sweep(pid_t first, int rounds)
{
	ab_autofree pid_t *pids = calloc(AB_TREE_MAX, sizeof(*pids));
	size_t n;

	while (pids && rounds > 0) {
		n = stop_all(first, pids, AB_TREE_MAX, &rounds);
		for (size_t i = 0; i < n; i++)
			(void)kill(pids[i], SIGKILL);
		if (n < AB_TREE_MAX)
			return;
	}
}
