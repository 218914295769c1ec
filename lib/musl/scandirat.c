/* SPDX-License-Identifier: Apache-2.0 */
/* scandirat(3), which glibc has and musl has not. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/auto.h"

struct names {
	struct dirent **list;
	size_t n, room;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
}

/* A copy at the end of the list, as large as its name is long. */
static int add(struct names *names, const struct dirent *entry)
{
	size_t size = offsetof(struct dirent, d_name) + strlen(entry->d_name) + 1;
	struct dirent *copy;

	if (names->n == names->room) {
		size_t room = names->room ? 2 * names->room : 32;
		struct dirent **list = realloc(names->list, room * sizeof(*list));

		if (!list)
			return -1;
		names->list = list;
		names->room = room;
	}
	copy = malloc(size);
	if (!copy)
		return -1;
	memcpy(copy, entry, size);
	names->list[names->n++] = copy;
	return 0;
}

static int read_all(DIR *dir, struct names *names, int (*keep)(const struct dirent *))
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (keep && !keep(entry))
			continue;
		if (add(names, entry) < 0)
			return -1;
	}
	return errno ? -1 : 0;
}

int scandirat(int dir, const char *path, struct dirent ***ret, int (*keep)(const struct dirent *),
	      int (*order)(const struct dirent **, const struct dirent **))
{
	ab_auto(names_done) struct names names = { 0 };
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
	DIR *open = fd < 0 ? NULL : fdopendir(fd);

	if (!open) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	status = read_all(open, &names, keep);
	(void)closedir(open);
	if (status < 0 || names.n > INT_MAX)
		return -1;
	if (order && names.n)
		qsort(names.list, names.n, sizeof(*names.list),
		      (int (*)(const void *, const void *))order);
	*ret = names.list;
	status = (int)names.n;
	names = (struct names){ 0 };
	return status;
}
