/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of changes, read: made again from their list, and compared. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/jail/archive.h"
#include "lib/jail/layout.h"
#include "lib/tar/header.h"

#define PIECE	 65536
#define LIST_MAX (256u << 20)

struct reading {
	struct ab_unpacked *u;
	const char *file;
	uint64_t at, size;
	struct ab_err *err;
};

static int refuse(const struct reading *r, const char *why)
{
	return ab_err_no(r->err, "%s: not a change that ab-jail wrote: %s", r->file, why);
}

/* Exactly `len` bytes from where it stands. */
static int take(struct reading *r, void *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(r->u->fd, (char *)data + done, len - done, (off_t)(r->at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ab_err_sys(r->err, "%s", r->file);
		if (n == 0)
			return refuse(r, "cut short");
		done += (size_t)n;
	}
	r->at += len;
	return 0;
}

/* These very bytes come next. */
static int expect(struct reading *r, const void *want, size_t len)
{
	ab_autofree char *got = malloc(len + 1);

	if (!got)
		return ab_err_memory(r->err);
	if (take(r, got, len) < 0)
		return -1;
	return memcmp(got, want, len) == 0 ? 0 : refuse(r, "other bytes than its list asks for");
}

static int expect_entry(struct reading *r, const struct ab_tar_entry *e)
{
	ab_auto(ab_buf_free) struct ab_buf header = { 0 };

	if (ab_tar_encode(e, &header, r->err) < 0)
		return -1;
	return expect(r, header.data, header.len);
}

static int expect_zeros(struct reading *r, size_t len)
{
	static const char zeros[2 * AB_TAR_BLOCK];

	return expect(r, zeros, len);
}

static int read_list(struct reading *r, struct ab_buf *text)
{
	struct ab_tar_entry e = { .kind = AB_TAR_FILE, .path = AB_ARCHIVE_LIST };
	struct ab_tar_header h;
	size_t size;
	char *room;

	if (take(r, &h, sizeof(h)) < 0)
		return -1;
	(void)ab_tar_is_pax(&h, &size);
	if (size > LIST_MAX || size > r->size)
		return refuse(r, "a list that is too long");
	r->at = 0;
	e.size = size;
	if (expect_entry(r, &e) < 0)
		return -1;
	room = ab_buf_reserve(text, size);
	if (!room)
		return ab_err_memory(r->err);
	text->len = size;
	if (take(r, text->data, size) < 0)
		return -1;
	return expect_zeros(r, ab_tar_padding(size));
}

/* The list is canonical, sorted, and sound one by one. */
static int parse_list(struct reading *r, const struct ab_buf *text)
{
	json_auto_t *list = ab_json_load("its list", text->data, text->len, r->err), *again = NULL;
	ab_auto(ab_buf_free) struct ab_buf canonical = { 0 };
	struct ab_changes *all = &r->u->changes;
	size_t n = json_array_size(list);

	if (!list)
		return ab_err_prefix(r->err, "%s: ", r->file);
	all->items = calloc(n + 1, sizeof(*all->items));
	r->u->offsets = calloc(n + 1, sizeof(*r->u->offsets));
	if (!all->items || !r->u->offsets)
		return ab_err_memory(r->err);
	for (size_t i = 0; i < n; i++) {
		if (ab_change_read(json_array_get(list, i), &all->items[i], r->err) < 0)
			return refuse(r, "an entry of its list makes no sense");
		all->n++;
		if (i && strcmp(all->items[i - 1].path, all->items[i].path) >= 0)
			return refuse(r, "its list is not in order");
	}
	again = ab_changes_json(all);
	if (!again || ab_json_canonical(again, &canonical, r->err) < 0)
		return ab_err_memory(r->err);
	if (canonical.len != text->len || memcmp(canonical.data, text->data, text->len) != 0)
		return refuse(r, "its list is not as ab-jail writes it");
	return 0;
}

static int check_content(struct reading *r, const struct ab_change *c)
{
	ab_autofree char *piece = malloc(PIECE);
	unsigned char digest[AB_SHA256_SIZE];
	struct ab_sha256 hash;

	if (!piece)
		return ab_err_memory(r->err);
	ab_sha256_init(&hash);
	for (uint64_t left = c->now.bytes; left > 0;) {
		size_t n = left < PIECE ? (size_t)left : PIECE;

		if (take(r, piece, n) < 0)
			return -1;
		ab_sha256_add(&hash, piece, n);
		left -= n;
	}
	ab_sha256_end(&hash, digest);
	if (!c->now.hashed || memcmp(digest, c->now.sha256, sizeof(digest)) != 0)
		return refuse(r, "a content is not that of its hash");
	return expect_zeros(r, ab_tar_padding(c->now.bytes));
}

static int read_entries(struct reading *r)
{
	const struct ab_changes *all = &r->u->changes;

	for (size_t i = 0; i < all->n; i++) {
		ab_auto(ab_buf_free) struct ab_buf path = { 0 };
		struct ab_tar_entry e;
		int there = ab_layout_entry(all, i, &e, &path, r->err);

		if (there < 0 || (there && expect_entry(r, &e) < 0))
			return -1;
		r->u->offsets[i] = r->at;
		if (there && e.kind == AB_TAR_FILE && all->items[i].now.mode &&
		    check_content(r, &all->items[i]) < 0)
			return -1;
	}
	if (expect_zeros(r, 2 * AB_TAR_BLOCK) < 0)
		return -1;
	return r->at == r->size ? 0 : refuse(r, "bytes behind its end");
}

int ab_archive_open(struct ab_unpacked *ret, const char *file, struct ab_err *err)
{
	struct stat st;

	*ret = (struct ab_unpacked){ .fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (ret->fd < 0 || fstat(ret->fd, &st) < 0)
		return ab_err_sys(err, "%s", file);
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(err, "%s: not a regular file", file);
	ret->size = (uint64_t)st.st_size;
	return 0;
}

int ab_archive_read(struct ab_unpacked *u, const char *file, struct ab_err *err)
{
	struct reading r = { .u = u, .file = file, .size = u->size, .err = err };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (read_list(&r, &text) < 0 || parse_list(&r, &text) < 0)
		return -1;
	return read_entries(&r);
}

void ab_unpacked_free(struct ab_unpacked *u)
{
	if (u->fd >= 0)
		(void)close(u->fd);
	ab_changes_free(&u->changes);
	free(u->offsets);
	*u = (struct ab_unpacked){ .fd = -1 };
}
