/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/treehash.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

/* Goes into a directory, which is closed when all in it is done. */
static void enter(struct ab_treehash *t, int fd, size_t path)
{
	struct ab_treehash_level *l = &t->levels[t->depth];

	*l = (struct ab_treehash_level){ .fd = fd, .path = path };
	l->n = scandirat(fd, ".", &l->list, is_entry, by_name);
	t->depth++;
}

static void leave(struct ab_treehash *t)
{
	struct ab_treehash_level *l = &t->levels[--t->depth];

	for (int i = 0; i < l->n; i++)
		free(l->list[i]);
	free(l->list);
	(void)close(l->fd);
	t->path.len = l->path;
	if (t->path.data)
		t->path.data[l->path] = '\0';
}

void ab_treehash_begin(struct ab_treehash *t, int fd, uint64_t *content, unsigned char *piece,
		       size_t piece_size)
{
	t->depth = 0;
	t->path = (struct ab_buf){ 0 };
	t->content = content;
	t->piece = piece;
	t->piece_size = piece_size;
	t->file = -1;
	t->failed = false;
	ab_sha256_init(&t->lines);
	enter(t, fd, 0);
}

/* The line of the entry whose turn it is; then the next one's comes, which may be in it. */
static void add_line(struct ab_treehash *t, const char *value)
{
	struct ab_treehash_level *l = &t->levels[t->depth - 1];
	const char *name = l->list[l->at++]->d_name;
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	bool is_dir = S_ISDIR(t->st.st_mode);
	size_t len = t->path.len;
	int fd;

	ab_buf_addf(&line, "%c %o %s %s%s%s%s%s\n",
		    is_dir		     ? 'd'
		    : S_ISLNK(t->st.st_mode) ? 'l'
					     : 'f',
		    (unsigned)t->st.st_mode & 07777, value, len ? t->path.data : "", len ? "/" : "",
		    name, *t->target ? " " : "", t->target);
	ab_sha256_add(&t->lines, line.data, line.len);
	t->failed |= line.failed;
	if (!is_dir || t->depth == AB_TREEHASH_DEPTH)
		return;
	fd = openat(l->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	ab_buf_addf(&t->path, "%s%s", len ? "/" : "", name);
	t->failed |= t->path.failed;
	enter(t, fd, len);
}

static void add_size(struct ab_treehash *t)
{
	char value[32];

	(void)snprintf(value, sizeof(value), "%llu", (unsigned long long)t->st.st_size);
	add_line(t, value);
}

/* A file that grows meanwhile is hashed as long as it was; one that shrinks has no hash. */
static void work_on_file(struct ab_treehash *t)
{
	size_t want = t->left < t->piece_size ? (size_t)t->left : t->piece_size;
	ssize_t n = want ? read(t->file, t->piece, want) : 0;
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];

	if (n > 0) {
		ab_sha256_add(&t->hash, t->piece, (size_t)n);
		t->left -= (uint64_t)n;
		if (t->left)
			return;
	}
	(void)close(ab_steal_fd(&t->file));
	if (t->left) {
		add_size(t);
		return;
	}
	ab_sha256_end(&t->hash, digest);
	ab_sha256_text(digest, text);
	add_line(t, text);
}

static void begin_file(struct ab_treehash *t, int dir, const char *name)
{
	uint64_t size = (uint64_t)t->st.st_size;

	if (S_ISREG(t->st.st_mode) && size <= *t->content)
		t->file = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (t->file < 0) {
		add_size(t);
		return;
	}
	*t->content -= size;
	t->left = size;
	ab_sha256_init(&t->hash);
}

bool ab_treehash_work(struct ab_treehash *t)
{
	struct ab_treehash_level *l;
	const char *name;

	if (t->file >= 0) {
		work_on_file(t);
		return true;
	}
	if (t->depth == 0)
		return false;
	l = &t->levels[t->depth - 1];
	if (l->at >= l->n) {
		leave(t);
		return t->depth > 0;
	}
	name = l->list[l->at]->d_name;
	t->target[0] = '\0';
	if (fstatat(l->fd, name, &t->st, AT_SYMLINK_NOFOLLOW) < 0) {
		l->at++;
		return true;
	}
	if (S_ISLNK(t->st.st_mode)) {
		ssize_t len = readlinkat(l->fd, name, t->target, sizeof(t->target) - 1);

		t->target[len < 0 ? 0 : len] = '\0';
	}
	if (S_ISDIR(t->st.st_mode) || S_ISLNK(t->st.st_mode))
		add_line(t, "0");
	else
		begin_file(t, l->fd, name);
	return true;
}

void ab_treehash_end(struct ab_treehash *t)
{
	while (t->depth > 0)
		leave(t);
	if (t->file >= 0)
		(void)close(ab_steal_fd(&t->file));
	ab_buf_free(&t->path);
}
