/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/grouping.h"

#include <unistd.h>

#include "lib/jail/cgroup.h"
#include "lib/jail/cputime.h"
#include "lib/jail/launch.h"
#include "lib/jail/setup.h"
#include "lib/jail/wire.h"

#define SLACK	    (16u << 20)
#define MAX_DEVICES 16

/* The block devices under what the agent can reach, each once. */
static size_t find_devices(const struct ab_plan *plan, dev_t *ret, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n && n < room; i++) {
		dev_t device;
		size_t k = 0;

		if (plan->entries[i].kind != AB_ENTRY_BIND ||
		    !ab_cgroup_device(plan->entries[i].dev, &device))
			continue;
		while (k < n && ret[k] != device)
			k++;
		if (k == n)
			ret[n++] = device;
	}
	return n;
}

static void find_place(struct ab_grouping *g)
{
	if (!g->place.mount)
		ab_cgroup_find(&g->place);
}

static int make(struct ab_grouping *g, const struct ab_jail_spec *spec, const struct ab_plan *plan,
		struct ab_err *err)
{
	struct ab_cgroup_limits limits = {
		/* What tmpfs, sockets and pages of files take counts there, too: what is exact is
		 * the look at the tree. */
		.memory = spec->memory + spec->tmp + SLACK,
		.processes = spec->processes + 1, /* the first process counts */
		.count_cpu = spec->cpu_ms || spec->receipts,
		.tell_peak = spec->receipts != NULL,
		.cpu_milli = spec->cpu_milli,
		.io_bytes = spec->io_bytes,
	};
	dev_t devices[MAX_DEVICES];

	if (spec->io_bytes)
		limits.n_devices = find_devices(plan, devices, MAX_DEVICES);
	limits.devices = devices;
	if (spec->io_bytes && !limits.n_devices)
		return ab_err_usage(err, "--io: no block device is behind what the agent sees");
	find_place(g);
	/* In tier 2 there is one already, made for a tier 1 that could not be. */
	if (!g->made && ab_cgroup_open(g->cgroup, &g->place, &limits, err) < 0)
		return -1;
	g->made = true;
	return 0;
}

int ab_grouping_prepare(struct ab_grouping *g, const struct ab_jail_spec *spec,
			struct ab_setup *setup, struct ab_err *err)
{
	/* Made while the first process builds; an ordinary user will hardly get one that counts. */
	setup->count_cpu = spec->cpu_ms && geteuid() != 0;
	find_place(g);
	if (g->place.version != 2)
		return 0;
	if (make(g, spec, &setup->plan, err) < 0)
		return -1;
	setup->count_cpu = spec->cpu_ms && g->cgroup->cpu < 0;
	setup->group = g->cgroup->version == 2 ? g->cgroup->dirs[0] : -1;
	return 0;
}

/* The first process gets the file by which it joins each group, the last one with the word that there are no more. */
static int give_doors(struct ab_cgroup *c, int init, struct ab_wire *entered, struct ab_err *err)
{
	struct ab_wire message = { .kind = AB_WIRE_DOOR };
	ab_autoclose int last = -1;

	for (int i = 0; i < AB_CGROUP_PARTS; i++) {
		ab_autoclose int door = ab_cgroup_door(c, i);

		if (c->version != 1 || c->dirs[i] < 0)
			continue;
		if (door < 0) {
			if (ab_cgroup_miss(c, i, err) < 0)
				return -1;
			continue;
		}
		message.part = entered->part;
		if (last >= 0 && !ab_wire_send_fd(init, &message, last))
			return ab_launch_gone(init, "is gone", err);
		if (last >= 0)
			(void)close(last);
		last = ab_steal_fd(&door);
		entered->part = i;
	}
	if (last < 0 ? ab_wire_send(init, entered) : ab_wire_send_fd(init, entered, last))
		return 0;
	return ab_launch_gone(init, "is gone", err);
}

int ab_grouping_enter(struct ab_grouping *g, const struct ab_jail_spec *spec,
		      const struct ab_setup *setup, struct ab_child *child, struct ab_err *err)
{
	struct ab_wire entered = { .kind = AB_WIRE_ENTERED };

	if (setup->tier == 1 && ab_selftest_spaces(entered.spaces, err) < 0)
		return -1;
	if (make(g, spec, &setup->plan, err) < 0)
		return -1;
	/* Root may look at it at any time. */
	if (spec->cpu_ms && g->cgroup->cpu < 0 && child->cputime < 0)
		child->cputime = ab_cputime_open(child->pid);
	if (!child->grouped && ab_cgroup_enter(g->cgroup, child->pid, err) < 0)
		return -1;
	return give_doors(g->cgroup, child->control, &entered, err);
}
