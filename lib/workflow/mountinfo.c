/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/mountinfo.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/path.h"

#define MAX_TEXT (16u << 20)

/* A part of a file system: the directory or file `path` of it. */
struct part {
	const char *device;
	char path[PATH_MAX];
};

/* "\040" for a blank, and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p; to++) {
		bool is_octal = *p == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' &&
				p[2] <= '7' && p[3] >= '0' && p[3] <= '7';

		*to = is_octal ? (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0')) : *p;
		p += is_octal ? 4 : 1;
	}
	*to = '\0';
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw" */
static bool parse(char *line, struct ab_mount *ret)
{
	const char *id = strsep(&line, " "), *parent = strsep(&line, " ");

	ret->device = strsep(&line, " ");
	ret->root = strsep(&line, " ");
	ret->point = strsep(&line, " ");
	if (!id || !parent || !ret->point)
		return false;
	ret->id = strtoull(id, NULL, 10);
	unescape(ret->root);
	unescape(ret->point);
	return true;
}

int ab_mountinfo_read(struct ab_mountinfo *ret, struct ab_err *err)
{
	static const char file[] = "/proc/self/mountinfo";
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	size_t lines = 0;
	char *rest, *line;

	*ret = (struct ab_mountinfo){ 0 };
	if (ab_path_read(file, MAX_TEXT, &text, err) < 0)
		return -1;
	for (const char *p = text.data; p && (p = strchr(p, '\n')); p++)
		lines++;
	ret->items = calloc(lines + 1, sizeof(*ret->items));
	ret->text = ab_buf_steal(&text);
	if (!ret->items || !ret->text)
		return ab_err_memory(err);
	rest = ret->text;
	while ((line = strsep(&rest, "\n")))
		if (*line && !parse(line, &ret->items[ret->n++]))
			return ab_err_trouble(err, "%s: not as proc(5) says", file);
	return 0;
}

void ab_mountinfo_done(struct ab_mountinfo *m)
{
	free(m->items);
	free(m->text);
	*m = (struct ab_mountinfo){ 0 };
}

/* What stands behind `dir` in `path`, with its slash; NULL: path does not lie there. */
static const char *behind(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

static enum ab_overlap compare(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return AB_SAME;
	if (behind(b, a))
		return AB_HOLDS;
	return behind(a, b) ? AB_LIES_IN : AB_APART;
}

/* The mount that a path is seen by; of one that is not there, that of its directory. */
static const struct ab_mount *find(const struct ab_mountinfo *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	struct statx st;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &st) < 0) {
		(void)snprintf(dir, sizeof(dir), "%.*s", slash > path ? (int)(slash - path) : 1,
			       path);
		if (statx(AT_FDCWD, dir, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &st) < 0)
			return NULL;
	}
	for (size_t i = 0; st.stx_mask & STATX_MNT_ID && i < m->n; i++)
		if (m->items[i].id == st.stx_mnt_id)
			return &m->items[i];
	return NULL;
}

/* Where the path lies in its file system. */
static bool locate(const struct ab_mountinfo *m, const char *path, struct part *ret)
{
	const struct ab_mount *at = find(m, path);
	const char *rest = at ? behind(path, at->point) : NULL;
	int n;

	if (!rest)
		return false;
	n = snprintf(ret->path, sizeof(ret->path), "%s%s",
		     strcmp(at->root, "/") == 0 ? "" : at->root, rest);
	if (n == 0)
		(void)snprintf(ret->path, sizeof(ret->path), "/");
	ret->device = at->device;
	return n >= 0 && (size_t)n < sizeof(ret->path);
}

static enum ab_overlap compare_parts(const struct part *a, const struct part *b)
{
	return strcmp(a->device, b->device) == 0 ? compare(a->path, b->path) : AB_APART;
}

/* What is mounted beneath a path is seen with it: the next of these from *at on. */
static bool next_beneath(const struct ab_mountinfo *m, const char *path, size_t *at,
			 struct part *ret)
{
	while (*at < m->n) {
		const struct ab_mount *one = &m->items[(*at)++];

		if (compare(path, one->point) != AB_HOLDS)
			continue;
		ret->device = one->device;
		(void)snprintf(ret->path, sizeof(ret->path), "%s", one->root);
		return true;
	}
	return false;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat at, bt;

	return stat(a, &at) == 0 && stat(b, &bt) == 0 && at.st_dev == bt.st_dev &&
	       at.st_ino == bt.st_ino;
}

enum ab_overlap ab_mountinfo_overlap(const struct ab_mountinfo *m, const char *a, const char *b)
{
	enum ab_overlap is = compare(a, b);
	struct part of_a, of_b, more;
	bool has_a = locate(m, a, &of_a), has_b = locate(m, b, &of_b);

	if (is == AB_APART && is_same_file(a, b))
		is = AB_SAME;
	if (is == AB_APART && has_a && has_b)
		is = compare_parts(&of_a, &of_b);
	/* A mount is never itself beneath both, or the paths alone would have said so. */
	for (size_t at = 0; is == AB_APART && has_b && next_beneath(m, a, &at, &more);)
		if (compare_parts(&more, &of_b) != AB_APART)
			is = AB_HOLDS;
	for (size_t at = 0; is == AB_APART && has_a && next_beneath(m, b, &at, &more);)
		if (compare_parts(&of_a, &more) != AB_APART)
			is = AB_LIES_IN;
	return is;
}
