/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of a workspace's change (ab-jail diff, ab-jail apply): a file as it comes (first byte even), or the input
 * as its list, around which the file is made (odd), so that the fuzzer need not learn checksums. What is accepted names
 * nothing but what lies beneath the directory, in order; and what is then found safe is so judged again.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/jail/apply.h"
#include "lib/jail/hooks.h"
#include "lib/jail/layout.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char zeros[4096];

/* An entry with its content, zeros where `data` is NULL. */
static void add_entry(struct ab_buf *out, const struct ab_tar_entry *e, const void *data)
{
	size_t size = e->kind == AB_TAR_FILE ? (size_t)e->size : 0;
	struct ab_err err = { 0 };

	if (ab_tar_encode(e, out, &err) < 0 || (!data && size > sizeof(zeros)))
		return;
	ab_buf_add(out, data ? data : zeros, size);
	ab_buf_add(out, zeros, ab_tar_padding(size));
}

/* The file that this text is the list of, as far as it makes sense. */
static void make_file(struct ab_buf *out, const char *text, size_t len)
{
	const struct ab_tar_entry first = { .kind = AB_TAR_FILE, .path = AB_ARCHIVE_LIST, .size = len };
	ab_auto(ab_changes_free) struct ab_changes all = { 0 };
	struct ab_err err = { 0 };
	json_auto_t *list = ab_json_load("list", text, len, &err);

	add_entry(out, &first, text);
	all.items = calloc(json_array_size(list) + 1, sizeof(*all.items));
	if (!all.items)
		abort();
	for (size_t i = 0; i < json_array_size(list); i++, all.n++)
		if (ab_change_read(json_array_get(list, i), &all.items[i], &err) < 0)
			return;
	for (size_t i = 0; i < all.n; i++) {
		ab_auto(ab_buf_free) struct ab_buf path = { 0 };
		struct ab_tar_entry e;

		if (ab_layout_entry(&all, i, &e, &path, &err) == 1)
			add_entry(out, &e, NULL);
	}
	ab_buf_add(out, zeros, 2 * AB_TAR_BLOCK);
}

/* "." alone is the directory itself; else no name is empty, "." or "..". */
static bool is_beneath(const char *path)
{
	for (const char *p = path; strcmp(path, ".") != 0; p++) {
		size_t len = strcspn(p, "/");

		if (len == 0 || (len == 1 && *p == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += len;
		if (!*p)
			break;
	}
	return true;
}

static void judge(const struct ab_unpacked *u)
{
	const struct ab_changes *all = &u->changes;
	struct ab_err err = { 0 };
	int dir = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool safe = ab_apply_check(all, dir, false, &err) == 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct ab_change *c = &all->items[i];

		if (!is_beneath(c->path) || (i && strcmp(all->items[i - 1].path, c->path) >= 0))
			abort();
		if (safe && ((S_ISLNK(c->now.mode) && *c->now.target == '/') || S_ISFIFO(c->now.mode) ||
			     (S_ISREG(c->now.mode) && ab_is_hook(c->path, S_ISDIR(c->now.mode)))))
			abort();
	}
	if (dir >= 0)
		(void)close(dir);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	ab_auto(ab_buf_free) struct ab_buf file = { 0 };
	ab_auto(ab_unpacked_free) struct ab_unpacked u = { .fd = memfd_create("fuzz", MFD_CLOEXEC) };
	struct ab_err err = { 0 };

	if (u.fd < 0 || size == 0)
		return 0;
	if (data[0] & 1)
		make_file(&file, (const char *)data + 1, size - 1);
	else
		ab_buf_add(&file, data + 1, size - 1);
	u.size = file.len;
	if (file.failed || ab_io_write(u.fd, file.data, file.len, &err) < 0)
		return 0;
	if (ab_archive_read(&u, "fuzz", &err) == 0)
		judge(&u);
	return 0;
}
