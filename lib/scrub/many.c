/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/many.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALL  ((size_t)AB_SCRUB_MAX_FINDINGS + 1) /* with the one that says that there are too many */
#define ROOM (2 * ALL * sizeof(struct ab_scrub_finding)) /* for them, and for them once more, sorted */
#define RUNS (ALL / AB_MANY + 1)

_Static_assert(ROOM <= AB_HOLD_WORK, "room for all findings");

int ab_many_spool(struct ab_scrub_result *r, const unsigned char *text, struct ab_err *err)
{
	struct ab_hold *hold = r->hold;

	if (r->room || !hold || hold->spool < 0 || (hold->memory != text && r->n < AB_MANY_ALONE))
		return 0;
	if (hold->memory == text && ab_hold_spool(hold, err) < 0)
		return -1;
	r->room = ab_hold_work(hold, ROOM, err);
	if (!r->room)
		return -1;
	memcpy(r->room, r->findings, r->n * sizeof(*r->findings));
	free(r->findings);
	r->findings = r->room;
	return 0;
}

void ab_many_forget(const struct ab_scrub_result *r)
{
	(void)madvise(r->room, ROOM, MADV_DONTNEED); /* what stays costs memory, nothing else */
	if (r->pointers)
		ab_hold_forget(r->pointers, 0, (size_t)r->pointers->size);
}

/* The part of the findings that is sorted at once, and how far it has been taken. */
struct run {
	size_t at, end;
};

/* Takes the first of what is left of all runs; of two that are alike that of the earlier one. */
static size_t take_first(const struct ab_scrub_finding *f, struct run *runs, size_t n, ab_many_order *order)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (runs[i].at < runs[i].end && (best == n || order(&f[runs[i].at], &f[runs[best].at]) < 0))
			best = i;
	return runs[best].at++;
}

void ab_many_sort(struct ab_scrub_result *r, ab_many_order *order)
{
	struct ab_scrub_finding *from = r->findings, *to = r->room;
	struct run runs[RUNS];
	size_t n = 0;

	if (!r->room) {
		qsort(from, r->n, sizeof(*from), order);
		return;
	}
	to += from == to ? ALL : 0;
	for (size_t at = 0; at < r->n; at = runs[n++].end) {
		runs[n] = (struct run){ at, r->n - at < AB_MANY ? r->n : at + AB_MANY };
		ab_many_forget(r);
		qsort(from + at, runs[n].end - at, sizeof(*from), order);
	}
	for (size_t i = 0; i < r->n; i++) {
		if (i % AB_MANY == 0)
			ab_many_forget(r);
		to[i] = from[take_first(from, runs, n, order)];
	}
	r->findings = to;
}

void ab_many_free(struct ab_scrub_result *r)
{
	if (r->room)
		(void)munmap(r->room, ROOM);
	else
		free(r->findings);
	r->room = r->findings = NULL;
}
