/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/treehash.h"

#include <errno.h>
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

int ab_treehash_file_begin(struct ab_treehash_file *f, int fd, struct ab_err *err)
{
	f->fd = fd;
	f->begun = true;
	if (fstat(fd, &f->st) < 0)
		return ab_err_sys(err, "cannot be looked at");
	if (!S_ISREG(f->st.st_mode))
		return ab_err_trouble(err, "neither a file, a directory nor a link");
	f->left = (uint64_t)f->st.st_size;
	ab_sha256_init(&f->hash);
	return 0;
}

int ab_treehash_file_work(struct ab_treehash_file *f, unsigned char *piece, size_t piece_size,
			  struct ab_err *err)
{
	size_t want = f->left < piece_size ? (size_t)f->left : piece_size;
	ssize_t n = want ? read(f->fd, piece, want) : 0;
	struct stat st;

	if (n < 0)
		return errno == EINTR ? 1 : ab_err_sys(err, "cannot be read");
	ab_sha256_add(&f->hash, piece, (size_t)n);
	f->left -= (uint64_t)n;
	if (f->left && n > 0)
		return 1;
	f->begun = false;
	if (fstat(f->fd, &st) < 0 || f->left || st.st_size != f->st.st_size ||
	    st.st_mtim.tv_sec != f->st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != f->st.st_mtim.tv_nsec || st.st_mode != f->st.st_mode)
		return ab_err_trouble(err, "was changed while it was hashed");
	return 0;
}

/* A whole hash, which cannot be one any more; `name` is in the innermost directory, or NULL. */
static void spoil(struct ab_treehash *t, const char *name, const char *why)
{
	if (t->content || t->wrong.status)
		return;
	ab_err_trouble(&t->wrong, "%s%s%s: %s", t->path.len ? t->path.data : "",
		       t->path.len && name ? "/" : "", name ? name : "", why);
}

/* Goes into a directory, which is closed when all in it is done. */
static void enter(struct ab_treehash *t, int fd, size_t path)
{
	struct ab_treehash_level *l = &t->levels[t->depth];

	*l = (struct ab_treehash_level){ .fd = fd, .path = path };
	l->n = scandirat(fd, ".", &l->list, is_entry, by_name);
	t->depth++;
	if (l->n < 0)
		spoil(t, NULL, strerror(errno));
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
	t->wrong = (struct ab_err){ 0 };
	t->state.begun = false;
	ab_sha256_init(&t->lines);
	enter(t, fd, 0);
}

/* As pin.h says. */
static void add_whole(struct ab_buf *line, const struct ab_treehash *t, const char *value,
		      const char *name)
{
	char type = S_ISDIR(t->st.st_mode)   ? 'd'
		    : S_ISLNK(t->st.st_mode) ? 'l'
		    : t->st.st_mode & 0111   ? 'x'
					     : 'f';

	ab_buf_addf(line, "%c %s%s%s%s%s", type, S_ISREG(t->st.st_mode) ? value : "",
		    S_ISREG(t->st.st_mode) ? " " : "", t->path.len ? t->path.data : "",
		    t->path.len ? "/" : "", name);
	ab_buf_addc(line, '\0');
	if (type == 'l')
		ab_buf_add(line, t->target, strlen(t->target) + 1);
}

static void add_short(struct ab_buf *line, const struct ab_treehash *t, const char *value,
		      const char *name)
{
	ab_buf_addf(line, "%c %o %s %s%s%s%s%s\n",
		    S_ISDIR(t->st.st_mode)   ? 'd'
		    : S_ISLNK(t->st.st_mode) ? 'l'
					     : 'f',
		    (unsigned)t->st.st_mode & 07777, value, t->path.len ? t->path.data : "",
		    t->path.len ? "/" : "", name, *t->target ? " " : "", t->target);
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

	(t->content ? add_short : add_whole)(&line, t, value, name);
	ab_sha256_add(&t->lines, line.data, line.len);
	t->failed |= line.failed;
	if (!is_dir)
		return;
	if (t->depth == AB_TREEHASH_DEPTH) {
		spoil(t, name, "lies too deep to be hashed");
		return;
	}
	fd = openat(l->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		spoil(t, name, strerror(errno));
		return;
	}
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

static void end_file(struct ab_treehash *t, const struct ab_sha256 *hash)
{
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];

	(void)close(ab_steal_fd(&t->file));
	ab_sha256_end(hash, digest);
	ab_sha256_text(digest, text);
	add_line(t, text);
}

/* A file that grows meanwhile is hashed as long as it was; one that shrinks has no hash. */
static void work_on_file(struct ab_treehash *t)
{
	size_t want = t->left < t->piece_size ? (size_t)t->left : t->piece_size;
	ssize_t n = want ? read(t->file, t->piece, want) : 0;

	if (n > 0) {
		ab_sha256_add(&t->hash, t->piece, (size_t)n);
		t->left -= (uint64_t)n;
		if (t->left)
			return;
	}
	if (t->left) {
		(void)close(ab_steal_fd(&t->file));
		add_size(t);
		return;
	}
	end_file(t, &t->hash);
}

/* Of a whole hash. */
static void work_on_whole_file(struct ab_treehash *t)
{
	const struct ab_treehash_level *l = &t->levels[t->depth - 1];
	struct ab_err why = { 0 };
	int status = ab_treehash_file_work(&t->state, t->piece, t->piece_size, &why);

	if (status < 0)
		spoil(t, l->list[l->at]->d_name, why.msg);
	t->st = t->state.st;
	if (status == 0)
		end_file(t, &t->state.hash);
}

static void begin_whole_file(struct ab_treehash *t, int dir, const char *name)
{
	struct ab_err why = { 0 };

	t->file = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (t->file < 0)
		spoil(t, name, strerror(errno));
	else if (ab_treehash_file_begin(&t->state, t->file, &why) < 0)
		spoil(t, name, why.msg);
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
		(t->content ? work_on_file : work_on_whole_file)(t);
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
		spoil(t, name, strerror(errno));
		l->at++;
		return true;
	}
	if (S_ISLNK(t->st.st_mode)) {
		ssize_t len = readlinkat(l->fd, name, t->target, sizeof(t->target) - 1);

		if (len < 0)
			spoil(t, name, strerror(errno));
		t->target[len < 0 ? 0 : len] = '\0';
	}
	if (S_ISDIR(t->st.st_mode) || S_ISLNK(t->st.st_mode))
		add_line(t, "0");
	else
		(t->content ? begin_file : begin_whole_file)(t, l->fd, name);
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
