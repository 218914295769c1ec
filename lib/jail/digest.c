/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"

#define PIECE 65536

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

/* What can be changed is no part, nor what stands in the image, which is one as a whole. */
static bool is_part(const struct ab_entry *e)
{
	return e->kind == AB_ENTRY_IMAGE ||
	       (e->kind == AB_ENTRY_BIND &&
		!(e->flags & (AB_BIND_WRITE | AB_BIND_SOCKET | AB_BIND_PART | AB_BIND_BUNDLE |
			     AB_BIND_NODE)));
}

/* Of other mounts, which loaders and interpreters read, the size is enough. */
static bool is_hashed(const struct ab_entry *e)
{
	return e->flags & (AB_BIND_EXEC | AB_BIND_DATA);
}

int ab_digester_open(struct ab_digester *d, const struct ab_plan *plan, struct ab_err *err)
{
	*d = (struct ab_digester){ .plan = plan, .content = AB_DIGEST_CONTENT };
	ab_sha256_init(&d->all);
	ab_sha256_init(&d->file);
	d->order = calloc(plan->n + 1, sizeof(*d->order));
	d->fds = calloc(plan->n + 1, sizeof(*d->fds));
	d->piece = malloc(PIECE);
	if (!d->order || !d->fds || !d->piece)
		return ab_err_memory(err);
	for (size_t i = 0; i < plan->n; i++)
		if (is_part(&plan->entries[i]))
			d->order[d->n++] = i;
	ab_plan_sort(plan, d->order, d->n);
	for (size_t i = 0; i < d->n; i++)
		d->fds[i] = -1;
	for (size_t i = 0; i < d->n; i++) {
		const struct ab_entry *e = &plan->entries[d->order[i]];

		if (is_hashed(e) && open_entry(e, &d->fds[i], err) < 0)
			return -1;
		if (is_hashed(e) && e->flags & AB_BIND_TREE && !d->tree)
			d->tree = malloc(sizeof(*d->tree));
		if (is_hashed(e) && e->flags & AB_BIND_TREE && !d->tree)
			return ab_err_memory(err);
	}
	d->working = d->n > 0;
	return 0;
}

/* The mount's line goes into the whole, and the next one's turn comes. */
static void end_entry(struct ab_digester *d, const char *type, const char *value)
{
	const struct ab_entry *e = &d->plan->entries[d->order[d->at]];
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };

	if (e->flags & AB_BIND_INPUT) {
		(void)snprintf(d->input, sizeof(d->input), "%s", value); /* a hash, or "-" */
	} else {
		ab_buf_addf(&line, "%s %s /%s\n", type, value, e->path);
		ab_sha256_add(&d->all, line.data, line.len);
		d->failed |= line.failed;
	}
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

/* One more piece of the tree whose turn it is. */
static void work_on_tree(struct ab_digester *d)
{
	if (!d->in_tree)
		ab_treehash_begin(d->tree, ab_steal_fd(&d->fds[d->at]), &d->content, d->piece,
				  PIECE);
	d->in_tree = true;
	if (ab_treehash_work(d->tree))
		return;
	d->file = d->tree->lines;
	d->failed |= d->tree->failed;
	ab_treehash_end(d->tree);
	d->in_tree = false;
	end_hashed(d, "tree");
}

void ab_digester_work(struct ab_digester *d)
{
	const struct ab_entry *e;

	if (!d->working)
		return;
	e = &d->plan->entries[d->order[d->at]];
	if (!is_hashed(e)) {
		end_library(d, e);
	} else if (d->in_tree) {
		work_on_tree(d);
	} else if (d->fds[d->at] < 0) {
		end_entry(d, "unread", "-");
	} else if (e->flags & AB_BIND_TREE) {
		work_on_tree(d);
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
	if (d->in_tree)
		ab_treehash_end(d->tree);
	free(d->tree);
	free(d->fds);
	free(d->order);
	free(d->piece);
	*d = (struct ab_digester){ 0 };
}
