/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/near.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/base/path.h"

#define LONGEST 40 /* no name of ours is longer */
#define PREFIX	3  /* so many letters are a beginning, fewer could be anything's */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edit distance in which a swap of two neighbours is one slip (optimal string alignment). */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= m; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *free_row = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = least(least(last[j], row[j - 1]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = free_row;
	}
	return last[m];
}

void ab_near_try(struct ab_near *near, const char *candidate)
{
	size_t len = near->len ? near->len : strlen(near->word), m = strlen(candidate);
	unsigned allowed = len < 3 ? 0 : len < 6 ? 1 : 2, slips;

	if (len > LONGEST || m > LONGEST)
		return;
	slips = distance(near->word, len, candidate, m);
	/* A beginning is worth as much as the slips that it could be at most. */
	if (slips > allowed && len >= PREFIX && m > len && strncmp(near->word, candidate, len) == 0)
		slips = allowed;
	if (slips > allowed || (near->best && slips >= near->slips))
		return;
	near->best = candidate;
	near->slips = slips;
}

int ab_near_tell(const struct ab_near *near, const char *before, struct ab_err *err)
{
	size_t len = strlen(err->msg);

	if (near->best)
		(void)snprintf(err->msg + len, sizeof(err->msg) - len, " (did you mean %s%s?)",
			       before, near->best);
	return -1;
}

void ab_near_try_shipped(struct ab_near *near, const char *where, const char *ending)
{
	struct ab_err none = { 0 };
	ab_autofree char *path = ab_path_share(where, &none);
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char name[sizeof(near->kept)];
		int n = snprintf(name, sizeof(name), "%s", e->d_name);
		char *end = *ending ? strstr(name, ending) : NULL;

		if (n < 0 || (size_t)n >= sizeof(name) || *name == '.' || (*ending && !end))
			continue;
		if (end)
			*end = '\0';
		ab_near_try(near, name);
		if (near->best == name) {
			memcpy(near->kept, name, sizeof(name));
			near->best = near->kept;
		}
	}
	if (dir)
		(void)closedir(dir);
}
