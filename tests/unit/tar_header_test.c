/* SPDX-License-Identifier: Apache-2.0 */
/* Headers: what is encoded is what tar(1) and pax say, and decodes to itself. */
#include "lib/tar/header.h"

#include <stdlib.h>

#include "tests/unit/tap.h"

static const char *repeat(char *out, char c, size_t n)
{
	memset(out, c, n);
	out[n] = '\0';
	return out;
}

/* Decodes what was encoded; whether the entry is the same. */
static bool comes_back(const struct ab_tar_entry *e, size_t *ret_blocks)
{
	ab_auto(ab_buf_free) struct ab_buf raw = { 0 }, path = { 0 }, target = { 0 };
	struct ab_tar_entry back;
	struct ab_err err = { 0 };
	const char *why = "", *pax = NULL;
	size_t pax_len = 0;

	if (ab_tar_encode(e, &raw, &err) < 0)
		return false;
	*ret_blocks = raw.len / AB_TAR_BLOCK;
	if (ab_tar_is_pax((const struct ab_tar_header *)raw.data, &pax_len))
		pax = raw.data + AB_TAR_BLOCK;
	else
		pax_len = 0;
	if (ab_tar_decode(pax, pax_len,
			  (const struct ab_tar_header *)(raw.data + raw.len - AB_TAR_BLOCK), &path,
			  &target, &back, &why) < 0)
		return false;
	return back.kind == e->kind && back.executable == e->executable && back.size == e->size &&
	       strcmp(back.path, e->path) == 0 && !back.target == !e->target &&
	       (!e->target || strcmp(back.target, e->target) == 0);
}

static void test_fields(struct tap *t)
{
	const struct ab_tar_entry e = {
		.kind = AB_TAR_FILE, .size = 9, .path = "a/b", .executable = true
	};
	ab_auto(ab_buf_free) struct ab_buf raw = { 0 };
	const struct ab_tar_header *h;
	struct ab_err err = { 0 };

	tap_ok(t, ab_tar_encode(&e, &raw, &err) == 0 && raw.len == AB_TAR_BLOCK,
	       "a short name takes one block");
	h = (const struct ab_tar_header *)raw.data;
	tap_is(t, h->name, "a/b", "name");
	tap_is(t, h->mode, "0000755", "mode");
	tap_is(t, h->uid, "0000000", "owner");
	tap_is(t, h->size, "00000000011", "size in octal");
	tap_is(t, h->mtime, "00000000000", "time");
	tap_ok(t, h->type == '0' && memcmp(h->magic, "ustar\00000", 8) == 0, "type and magic");
	tap_is(t, h->checksum, "007564", "checksum, as another program works it out");
}

static void test_lengths(struct tap *t)
{
	char path[5000], target[5000], name[64];
	size_t blocks = 0;

	for (size_t n = 90; n < 300; n++) {
		struct ab_tar_entry e = { .kind = AB_TAR_FILE, .size = n, .path = path };

		repeat(path, 'n', n);
		path[n / 2] = '/';
		if (!comes_back(&e, &blocks) ||
		    blocks != (n / 2 > 155 || n - n / 2 - 1 > 100 ? 3 : 1))
			tap_ok(t, false, "a path of %zu bytes", n);
	}
	tap_ok(t, true, "paths of 90 to 299 bytes, split at the slash where that fits");
	for (size_t n = 980; n < 1010; n++) {
		struct ab_tar_entry e = { .kind = AB_TAR_LINK, .path = path, .target = target };

		repeat(path, 'p', n);
		repeat(target, 't', 2010 - n);
		if (!comes_back(&e, &blocks))
			tap_ok(t, false, "a record of about %zu bytes", n);
	}
	tap_ok(t, true, "records whose length changes its own number of digits");
	(void)snprintf(name, sizeof(name), "d\303\251");
	tap_ok(t,
	       comes_back(&(struct ab_tar_entry){ .kind = AB_TAR_DIRECTORY, .path = name },
			  &blocks) &&
		       blocks == 3,
	       "a name that is not ASCII stands in a record");
	repeat(path, 'x', AB_TAR_MAX_PATH);
	tap_ok(t, !comes_back(&(struct ab_tar_entry){ .kind = AB_TAR_FILE, .path = path }, &blocks),
	       "a path that is too long is refused");
	tap_ok(t, !comes_back(&(struct ab_tar_entry){ .kind = AB_TAR_FILE, .path = "" }, &blocks),
	       "an empty one too");
}

static void test_sizes(struct tap *t)
{
	struct ab_tar_entry e = { .kind = AB_TAR_FILE, .path = "f", .size = AB_TAR_MAX_SIZE };
	size_t blocks = 0;

	tap_ok(t, comes_back(&e, &blocks), "8 GiB less one byte fit");
	e.size++;
	tap_ok(t, !comes_back(&e, &blocks), "8 GiB do not");
	tap_ok(t,
	       ab_tar_padding(0) == 0 && ab_tar_padding(1) == 511 && ab_tar_padding(512) == 0 &&
		       ab_tar_padding(AB_TAR_MAX_SIZE) == 1,
	       "padding");
}

int main(void)
{
	struct tap t = { 0 };

	test_fields(&t);
	test_lengths(&t);
	test_sizes(&t);
	return tap_done(&t);
}
