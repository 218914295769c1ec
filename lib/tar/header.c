/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar/header.h"

#include <stdio.h>
#include <string.h>

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* A number as octal digits that leave the field's last byte zero. */
static void put_octal(char *field, size_t width, uint64_t value)
{
	field[width - 1] = '\0';
	for (size_t i = width - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

static unsigned checksum(const struct ab_tar_header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	size_t start = offsetof(struct ab_tar_header, checksum);
	unsigned sum = 0;

	for (size_t i = 0; i < AB_TAR_BLOCK; i++)
		sum += i >= start && i < start + sizeof(h->checksum) ? ' ' : bytes[i];
	return sum;
}

static void seal(struct ab_tar_header *h)
{
	put_octal(h->checksum, 7, checksum(h));
	h->checksum[7] = ' ';
}

static void start(struct ab_tar_header *h, char type, unsigned mode, uint64_t size)
{
	memset(h, 0, sizeof(*h));
	put_octal(h->mode, sizeof(h->mode), mode);
	put_octal(h->uid, sizeof(h->uid), 0);
	put_octal(h->gid, sizeof(h->gid), 0);
	put_octal(h->size, sizeof(h->size), size);
	put_octal(h->mtime, sizeof(h->mtime), 0);
	put_octal(h->devmajor, sizeof(h->devmajor), 0);
	put_octal(h->devminor, sizeof(h->devminor), 0);
	h->type = type;
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
}

/*
 * Puts a path into name, or prefix and name at the leftmost slash that will do. False if it does
 * not fit.
 */
static bool put_path(struct ab_tar_header *h, const char *path)
{
	size_t len = strlen(path);

	if (len <= sizeof(h->name)) {
		memcpy(h->name, path, len);
		return true;
	}
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		size_t left = (size_t)(slash - path), right = len - left - 1;

		if (left == 0 || left > sizeof(h->prefix) || right == 0 || right > sizeof(h->name))
			continue;
		memcpy(h->prefix, path, left);
		memcpy(h->name, slash + 1, right);
		return true;
	}
	return false;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static void add_record(struct ab_buf *b, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;

	while (len != rest + (size_t)snprintf(NULL, 0, "%zu", len))
		len = rest + (size_t)snprintf(NULL, 0, "%zu", len);
	ab_buf_addf(b, "%zu ", len);
	ab_buf_adds(b, key);
	ab_buf_addc(b, '=');
	ab_buf_adds(b, value);
	ab_buf_addc(b, '\n');
}

static void add_block(struct ab_buf *out, struct ab_tar_header *h)
{
	seal(h);
	ab_buf_add(out, h, sizeof(*h));
}

static void add_pax(struct ab_buf *out, const struct ab_buf *records)
{
	static const char zeros[AB_TAR_BLOCK];
	struct ab_tar_header h;

	start(&h, 'x', 0644, records->len);
	memcpy(h.name, "pax", 3);
	add_block(out, &h);
	ab_buf_add(out, records->data, records->len);
	ab_buf_add(out, zeros, ab_tar_padding(records->len));
}

static int check(const struct ab_tar_entry *e, struct ab_err *err)
{
	size_t len = strlen(e->path);

	if (len == 0 || len >= AB_TAR_MAX_PATH)
		return ab_err_no(err, "path of %zu bytes", len);
	if (e->target && (!*e->target || strlen(e->target) > AB_TAR_MAX_PATH))
		return ab_err_no(err, "link target of %zu bytes", strlen(e->target));
	if (e->size > AB_TAR_MAX_SIZE)
		return ab_err_no(err, "larger than 8 GiB");
	return 0;
}

/* The mark that stands in ustar's field where the pax record holds the value. */
static const char in_pax[] = "in-pax-record";

int ab_tar_encode(const struct ab_tar_entry *e, struct ab_buf *out, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf records = { 0 }, path = { 0 };
	struct ab_tar_header h;

	if (check(e, err) < 0)
		return -1;
	start(&h,
	      e->kind == AB_TAR_FILE	    ? '0'
	      : e->kind == AB_TAR_DIRECTORY ? '5'
					    : '2',
	      e->kind == AB_TAR_LINK			     ? 0777
	      : e->kind == AB_TAR_DIRECTORY || e->executable ? 0755
							     : 0644,
	      e->kind == AB_TAR_FILE ? e->size : 0);
	ab_buf_adds(&path, e->path);
	if (e->kind == AB_TAR_DIRECTORY)
		ab_buf_addc(&path, '/');
	if (ab_buf_ok(&path, err) < 0)
		return -1;
	if (!is_ascii(path.data) || !put_path(&h, path.data)) {
		add_record(&records, "path", path.data);
		memcpy(h.name, in_pax, strlen(in_pax));
	}
	if (e->target && is_ascii(e->target) && strlen(e->target) <= sizeof(h.linkname)) {
		memcpy(h.linkname, e->target, strlen(e->target));
	} else if (e->target) {
		add_record(&records, "linkpath", e->target);
		memcpy(h.linkname, in_pax, strlen(in_pax));
	}
	if (records.len)
		add_pax(out, &records);
	add_block(out, &h);
	return ab_buf_ok(&records, err) < 0 ? -1 : ab_buf_ok(out, err);
}

static uint64_t get_octal(const char *field, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	return value;
}

bool ab_tar_is_pax(const struct ab_tar_header *h, size_t *ret_size)
{
	*ret_size = (size_t)get_octal(h->size, sizeof(h->size));
	return h->type == 'x';
}

/* A field that a NUL ends unless it is full. */
static void add_field(struct ab_buf *b, const char *field, size_t width)
{
	ab_buf_add(b, field, strnlen(field, width));
}

/* Splits the next record off [*at, end); false if there is no well-formed one. */
static bool next_record(const char **at, const char *end, const char **value, size_t *value_len,
			bool *is_path)
{
	static const char *const keys[] = { "linkpath=", "path=" };
	size_t len = 0;
	const char *p = *at;

	for (; p < end && *p >= '0' && *p <= '9' && len <= AB_TAR_MAX_PAX; p++)
		len = len * 10 + (size_t)(*p - '0');
	if (p == *at || p == end || *p++ != ' ' || len > (size_t)(end - *at) ||
	    len < (size_t)(p - *at) + 1 || (*at)[len - 1] != '\n')
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(keys); i++) {
		size_t key_len = strlen(keys[i]);

		if (len < (size_t)(p - *at) + key_len + 1 || memcmp(p, keys[i], key_len) != 0)
			continue;
		*value = p + key_len;
		*value_len = (size_t)(*at + len - 1 - *value);
		*is_path = i == 1;
		*at += len;
		return true;
	}
	return false;
}

static int decode_pax(const char *pax, size_t len, struct ab_buf *path, struct ab_buf *target,
		      const char **why)
{
	const char *end = pax + len, *value = NULL;
	size_t value_len = 0;
	bool is_path = false;

	while (pax < end) {
		*why = "pax records other than one path and one linkpath";
		if (!next_record(&pax, end, &value, &value_len, &is_path))
			return -1;
		*why = "NUL in a pax record";
		if (memchr(value, '\0', value_len))
			return -1;
		ab_buf_add(is_path ? path : target, value, value_len);
	}
	return 0;
}

static int decode_kind(const struct ab_tar_header *h, struct ab_tar_entry *ret, const char **why)
{
	static const struct {
		char type;
		const char *what;
	} refused[] = {
		{ '1', "hard link" },
		{ '3', "character device" },
		{ '4', "block device" },
		{ '6', "FIFO" },
		{ 'g', "pax global header" },
		{ 'L', "GNU long name" },
		{ 'K', "GNU long link name" },
		{ 'S', "GNU sparse file" },
		{ 'M', "GNU multi-volume file" },
		{ 'V', "GNU volume label" },
		{ 'D', "GNU dump directory" },
		{ 'x', "two pax headers" },
	};

	if (h->type == '0' || h->type == '2' || h->type == '5') {
		ret->kind = h->type == '0'   ? AB_TAR_FILE
			    : h->type == '2' ? AB_TAR_LINK
					     : AB_TAR_DIRECTORY;
		return 0;
	}
	*why = "entry of unknown type";
	for (size_t i = 0; i < AB_ARRAY_SIZE(refused); i++)
		if (refused[i].type == h->type)
			*why = refused[i].what;
	return -1;
}

int ab_tar_decode(const char *pax, size_t pax_len, const struct ab_tar_header *h,
		  struct ab_buf *path, struct ab_buf *target, struct ab_tar_entry *ret,
		  const char **why)
{
	*ret = (struct ab_tar_entry){ 0 };
	ab_buf_clear(path);
	ab_buf_clear(target);
	if (decode_kind(h, ret, why) < 0 || decode_pax(pax, pax_len, path, target, why) < 0)
		return -1;
	if (path->len == 0) {
		add_field(path, h->prefix, sizeof(h->prefix));
		if (path->len)
			ab_buf_addc(path, '/');
		add_field(path, h->name, sizeof(h->name));
	}
	if (ret->kind == AB_TAR_LINK && target->len == 0)
		add_field(target, h->linkname, sizeof(h->linkname));
	*why = "empty path";
	if (path->failed || target->failed || path->len == 0)
		return -1;
	if (ret->kind == AB_TAR_DIRECTORY && path->data[path->len - 1] == '/')
		path->data[--path->len] = '\0';
	*why = "link without a target";
	if (ret->kind == AB_TAR_LINK && target->len == 0)
		return -1;
	ret->executable = ret->kind == AB_TAR_FILE && get_octal(h->mode, sizeof(h->mode)) == 0755;
	ret->size = ret->kind == AB_TAR_FILE ? get_octal(h->size, sizeof(h->size)) : 0;
	ret->path = path->data ? path->data : "";
	ret->target = ret->kind == AB_TAR_LINK ? target->data : NULL;
	return 0;
}
