/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"

#define PIECE	  65536
#define MAX_DEPTH 64

static int by_path(const void *a, const void *b, void *context)
{
	const struct ab_plan *plan = context;

	return strcmp(plan->entries[*(const size_t *)a].path,
		      plan->entries[*(const size_t *)b].path);
}

/* One that cannot be read is said to be unread; another one in its place is not what is mounted. */
static int open_entry(const struct ab_entry *e, int *ret_fd, struct ab_err *err)
{
	struct stat st;

	*ret_fd = open(e->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*ret_fd < 0)
		return 0;
	if (fstat(*ret_fd, &st) < 0)
		return ab_err_sys(err, "%s", e->source);
	if (st.st_dev != e->dev || st.st_ino != e->ino)
		return ab_err_trouble(err, "%s: was replaced while the jail was built", e->source);
	return 0;
}

int ab_digester_open(struct ab_digester *d, const struct ab_plan *plan, struct ab_err *err)
{
	*d = (struct ab_digester){ .plan = plan };
	ab_sha256_init(&d->all);
	ab_sha256_init(&d->file);
	d->order = calloc(plan->n + 1, sizeof(*d->order));
	d->fds = calloc(plan->n + 1, sizeof(*d->fds));
	d->piece = malloc(PIECE);
	if (!d->order || !d->fds || !d->piece)
		return ab_err_memory(err);
	for (size_t i = 0; i < plan->n; i++)
		if (plan->entries[i].kind == AB_ENTRY_BIND &&
		    !(plan->entries[i].flags & (AB_BIND_WRITE | AB_BIND_SOCKET)))
			d->order[d->n++] = i;
	qsort_r(d->order, d->n, sizeof(*d->order), by_path, (void *)plan);
	for (size_t i = 0; i < d->n; i++)
		d->fds[i] = -1;
	for (size_t i = 0; i < d->n; i++) {
		const struct ab_entry *e = &plan->entries[d->order[i]];

		if (e->flags & AB_BIND_EXEC && open_entry(e, &d->fds[i], err) < 0)
			return -1;
	}
	d->working = d->n > 0;
	return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static void add_tree(struct ab_digester *d, int dir, const char *path, int depth);

/* The hash of a file in a tree; false if it is not to be had, or would be too much. */
static bool hash_content(struct ab_digester *d, int dir, const char *name, uint64_t size,
			 char text[AB_SHA256_TEXT])
{
	ab_autoclose int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	unsigned char digest[AB_SHA256_SIZE];
	struct ab_sha256 s;
	uint64_t done = 0;
	ssize_t n = 1;

	if (fd < 0 || size > AB_DIGEST_CONTENT - d->content)
		return false;
	d->content += size;
	ab_sha256_init(&s);
	/* A file that grows meanwhile is hashed as long as it was. */
	while (done < size && n > 0) {
		uint64_t left = size - done;

		n = read(fd, d->piece, left < PIECE ? (size_t)left : PIECE);
		if (n > 0)
			ab_sha256_add(&s, d->piece, (size_t)n);
		done += n > 0 ? (uint64_t)n : 0;
	}
	ab_sha256_end(&s, digest);
	ab_sha256_text(digest, text);
	return done == size;
}

static void add_tree_entry(struct ab_digester *d, int dir, const char *name, const char *path,
			   int depth)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	char target[PATH_MAX] = "", value[AB_SHA256_TEXT] = "0";
	struct stat st;
	char type;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	type = S_ISDIR(st.st_mode) ? 'd' : S_ISLNK(st.st_mode) ? 'l' : 'f';
	if (type == 'l' && readlinkat(dir, name, target, sizeof(target) - 1) < 0)
		target[0] = '\0';
	if (type == 'f' &&
	    !(S_ISREG(st.st_mode) && hash_content(d, dir, name, (uint64_t)st.st_size, value)))
		/* Fits: 20 digits at the most. */
		(void)snprintf(value, sizeof(value), "%llu", (unsigned long long)st.st_size);
	ab_buf_addf(&line, "%c %o %s %s%s%s%s%s\n", type, (unsigned)st.st_mode & 07777, value, path,
		    *path ? "/" : "", name, *target ? " " : "", target);
	ab_sha256_add(&d->file, line.data, line.len);
	d->failed |= line.failed;
	if (type == 'd') {
		ab_autoclose int fd =
			openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

		ab_buf_clear(&line);
		ab_buf_addf(&line, "%s%s%s", path, *path ? "/" : "", name);
		if (fd >= 0 && !line.failed)
			add_tree(d, fd, line.data, depth + 1);
	}
}

static void add_tree(struct ab_digester *d, int dir, const char *path, int depth)
{
	struct dirent **list = NULL;
	int n = depth > MAX_DEPTH ? -1 : scandirat(dir, ".", &list, is_entry, by_name);

	for (int i = 0; i < n; i++) {
		add_tree_entry(d, dir, list[i]->d_name, path, depth);
		free(list[i]);
	}
	free(list);
}

/* The mount's line goes into the whole, and the next one's turn comes. */
static void end_entry(struct ab_digester *d, const char *type, const char *value)
{
	const struct ab_entry *e = &d->plan->entries[d->order[d->at]];
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };

	ab_buf_addf(&line, "%s %s /%s\n", type, value, e->path);
	ab_sha256_add(&d->all, line.data, line.len);
	d->failed |= line.failed;
	if (d->fds[d->at] >= 0)
		(void)close(ab_steal_fd(&d->fds[d->at]));
	d->at++;
	d->working = d->at < d->n;
}

static void end_hashed(struct ab_digester *d, const char *type)
{
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];

	ab_sha256_end(&d->file, digest);
	ab_sha256_text(digest, text);
	end_entry(d, type, text);
	ab_sha256_init(&d->file);
}

static void end_library(struct ab_digester *d, const struct ab_entry *e)
{
	char size[32] = "-";

	if (!(e->flags & AB_BIND_TREE))
		(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)e->size);
	end_entry(d, "library", size);
}

/* Reads one more piece of the file whose turn it is. */
static void work_on_file(struct ab_digester *d)
{
	ssize_t n = read(d->fds[d->at], d->piece, PIECE);

	if (n > 0)
		ab_sha256_add(&d->file, d->piece, (size_t)n);
	else if (n == 0)
		end_hashed(d, "file");
	else if (errno != EINTR)
		end_entry(d, "unread", "-");
}

void ab_digester_work(struct ab_digester *d)
{
	const struct ab_entry *e;

	if (!d->working)
		return;
	e = &d->plan->entries[d->order[d->at]];
	if (!(e->flags & AB_BIND_EXEC)) {
		end_library(d, e);
	} else if (d->fds[d->at] < 0) {
		end_entry(d, "unread", "-");
	} else if (e->flags & AB_BIND_TREE) {
		add_tree(d, d->fds[d->at], "", 0);
		end_hashed(d, "tree");
	} else {
		work_on_file(d);
	}
}

bool ab_digester_end(const struct ab_digester *d, char out[AB_SHA256_TEXT])
{
	unsigned char digest[AB_SHA256_SIZE];

	ab_sha256_end(&d->all, digest);
	ab_sha256_text(digest, out);
	return !d->failed && !d->working;
}

void ab_digester_close(struct ab_digester *d)
{
	for (size_t i = 0; d->fds && i < d->n; i++)
		if (d->fds[i] >= 0)
			(void)close(d->fds[i]);
	free(d->fds);
	free(d->order);
	free(d->piece);
	*d = (struct ab_digester){ 0 };
}
