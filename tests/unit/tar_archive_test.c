/* SPDX-License-Identifier: Apache-2.0 */
/* Archives through memory files: pieces, frames and limits. */
#include "lib/tar/tar.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/crypto/sha256.h"
#include "tests/unit/tap.h"

static const struct ab_tar_limits wide = { .bytes = 1u << 30, .entries = 100 };

static int memory(void)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	return fd;
}

/* The i-th byte of a content that is neither constant nor repetitive within a piece. */
static unsigned char byte_at(uint64_t i)
{
	return (unsigned char)(i * 2654435761u >> 24 ^ i >> 13);
}

static int write_file(struct ab_tar_writer *w, const char *path, uint64_t size, struct ab_err *err)
{
	const struct ab_tar_entry e = { .kind = AB_TAR_FILE, .path = path, .size = size };

	if (ab_tar_write_entry(w, &e, err) < 0)
		return -1;
	for (uint64_t i = 0; i < size;) {
		size_t room = 0;
		unsigned char *to = ab_tar_write_room(w, &room, err);

		if (!to)
			return -1;
		room = room < size - i ? room : (size_t)(size - i);
		for (size_t k = 0; k < room; k++)
			to[k] = byte_at(i + k);
		ab_tar_write_filled(w, room);
		i += room;
	}
	return ab_tar_write_padding(w, size, err);
}

static const uint64_t sizes[] = {
	0, 1, 511, 512, 513, AB_TAR_PIECE - 512, AB_TAR_PIECE, 3 * AB_TAR_PIECE + 7
};

static int make(unsigned threads, struct ab_err *err)
{
	int fd = memory();
	ab_auto(ab_tar_writer_freep) struct ab_tar_writer *w =
		ab_tar_writer_new(fd, threads, NULL, err);
	char path[8];

	for (size_t i = 0; w && i < AB_ARRAY_SIZE(sizes); i++) {
		(void)snprintf(path, sizeof(path), "f%zu", i);
		if (write_file(w, path, sizes[i], err) < 0)
			return -1;
	}
	if (!w || ab_tar_finish(w, err) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return fd;
}

/* Contents that the threads read: an item is what they fail at. */
static int read_parts(void *context, const struct ab_tar_part *parts, size_t n, struct ab_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (parts[i].item == context)
			return ab_err_trouble(err, "part at %zu", (size_t)parts[i].offset);
		for (size_t k = 0; k < parts[i].len; k++)
			parts[i].to[k] = byte_at(parts[i].offset + k);
	}
	return 0;
}

/* The same archive as make()'s. The bad-th file cannot be read. */
static int make_later(unsigned threads, size_t bad, struct ab_err *err)
{
	static char items[AB_ARRAY_SIZE(sizes)];
	const struct ab_tar_reading reading = { read_parts, bad < sizeof(items)
								    ? &items[bad]
								    : items + sizeof(items) };
	int fd = memory();
	ab_auto(ab_tar_writer_freep) struct ab_tar_writer *w =
		ab_tar_writer_new(fd, threads, &reading, err);
	char path[8];

	for (size_t i = 0; w && i < AB_ARRAY_SIZE(sizes); i++) {
		const struct ab_tar_entry e = { .kind = AB_TAR_FILE,
						.path = path,
						.size = sizes[i] };

		(void)snprintf(path, sizeof(path), "f%zu", i);
		if (ab_tar_write_entry(w, &e, err) < 0 ||
		    ab_tar_write_later(w, &items[i], sizes[i], err) < 0 ||
		    ab_tar_write_padding(w, sizes[i], err) < 0)
			return -1;
	}
	if (!w || ab_tar_finish(w, err) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return fd;
}

static bool content_is(struct ab_tar_reader *r, uint64_t size, struct ab_err *err)
{
	const unsigned char *data;
	uint64_t at = 0;
	size_t n;

	for (;;) {
		if (ab_tar_content(r, &data, &n, err) < 0)
			return false;
		if (n == 0)
			return at == size;
		for (size_t k = 0; k < n; k++, at++)
			if (data[k] != byte_at(at))
				return false;
	}
}

static bool reads_back(int fd, unsigned threads, bool skip, struct ab_err *err)
{
	ab_auto(ab_tar_reader_freep) struct ab_tar_reader *r =
		ab_tar_reader_new(fd, threads, &wide, err);
	struct ab_tar_entry e;

	for (size_t i = 0; r && i < AB_ARRAY_SIZE(sizes); i++) {
		if (ab_tar_next(r, &e, err) != 1 || e.size != sizes[i])
			return false;
		if (!skip && !content_is(r, sizes[i], err))
			return false;
	}
	return r && ab_tar_next(r, &e, err) == 0;
}

static bool are_same(int first, int second)
{
	off_t len = lseek(first, 0, SEEK_END);
	unsigned char a[4096], b[4096];
	bool same = lseek(second, 0, SEEK_END) == len;

	for (off_t at = 0; same && at < len; at += sizeof(a)) {
		ssize_t n = pread(first, a, sizeof(a), at);

		same = n > 0 && pread(second, b, sizeof(b), at) == n &&
		       memcmp(a, b, (size_t)n) == 0;
	}
	return same;
}

static void test_threads(struct tap *t)
{
	struct ab_err err = { 0 };
	ab_autoclose int first = make(1, &err);

	for (unsigned threads = 1; threads <= 5; threads++) {
		ab_autoclose int fd = make(threads, &err);
		ab_autoclose int later = make_later(threads, SIZE_MAX, &err);

		tap_ok(t, are_same(first, fd), "%u threads write the bytes that one writes",
		       threads);
		tap_ok(t, later >= 0 && are_same(first, later),
		       "also where %u threads read the contents: %s", threads, err.msg);
		(void)lseek(fd, 0, SEEK_SET);
		tap_ok(t, reads_back(fd, threads, false, &err), "%u threads read it back: %s",
		       threads, err.msg);
		(void)lseek(fd, 0, SEEK_SET);
		tap_ok(t, reads_back(fd, threads, true, &err),
		       "contents may be skipped with %u threads", threads);
	}
}

static const char *refusal(int fd, const struct ab_tar_limits *limits, struct ab_err *err)
{
	ab_auto(ab_tar_reader_freep) struct ab_tar_reader *r =
		ab_tar_reader_new(fd, 2, limits, err);
	struct ab_tar_entry e;
	int more;

	*err = (struct ab_err){ 0 };
	(void)lseek(fd, 0, SEEK_SET);
	while (r && (more = ab_tar_next(r, &e, err)) == 1)
		;
	return r && more == 0 ? "" : err->msg;
}

static void test_limits(struct tap *t)
{
	struct ab_err err = { 0 };
	ab_autoclose int fd = make(1, &err);
	struct ab_tar_limits l = wide;

	tap_is(t, refusal(fd, &l, &err), "", "within its limits");
	l.entries = AB_ARRAY_SIZE(sizes);
	tap_is(t, refusal(fd, &l, &err), "", "as many entries as allowed");
	l.entries--;
	tap_is(t, refusal(fd, &l, &err), "more than 7 entries", "one more");
	l = wide;
	l.bytes = 10000000;
	tap_is(t, refusal(fd, &l, &err), "expands to more than 10000000 bytes", "too many bytes");
}

/* Frames that are not compressed, of every length at which their number of blocks changes. */
static void test_stored(struct tap *t)
{
	static const size_t lengths[] = { 1,
					  512,
					  131071,
					  131072,
					  131073,
					  AB_TAR_PIECE - 1,
					  AB_TAR_PIECE,
					  AB_TAR_PIECE + 1,
					  2 * AB_TAR_PIECE + 131073 };
	ab_autofree char *data = calloc(1, 3 * AB_TAR_PIECE);
	struct ab_err err = { 0 };

	for (size_t i = 0; data && i < AB_ARRAY_SIZE(lengths); i++) {
		ab_autoclose int fd = memory();

		tap_ok(t,
		       ab_tar_store(fd, data, lengths[i], &err) == 0 &&
			       (uint64_t)lseek(fd, 0, SEEK_END) == ab_tar_stored_size(lengths[i]),
		       "%zu bytes are stored in as many as was said", lengths[i]);
		/* Zeros are an empty archive with something behind it, unless there are only two
		 * blocks. */
		tap_is(t, refusal(fd, &wide, &err),
		       lengths[i] < 1024 ? "entry 1: the archive ends in the middle"
					 : "entry 1: bytes behind the end of the archive",
		       "and are frames that can be read");
	}
}

static void test_write_error(struct tap *t)
{
	struct ab_err err = { 0 };
	ab_autoclose int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	ab_auto(ab_tar_writer_freep) struct ab_tar_writer *w =
		ab_tar_writer_new(full, 3, NULL, &err);

	tap_ok(t,
	       w &&
		       (write_file(w, "f", 20u * AB_TAR_PIECE, &err) < 0 ||
			ab_tar_finish(w, &err) < 0) &&
		       err.status == AB_EXIT_TROUBLE,
	       "a full disk is trouble, with threads under way");
}

/* The first part that cannot be read is what is told, whatever else is under way. */
static void test_read_error(struct tap *t)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(sizes); i++) {
		struct ab_err err = { 0 };
		ab_autoclose int fd = make_later(3, i, &err);

		tap_ok(t,
		       fd < 0 && err.status == AB_EXIT_TROUBLE && strcmp(err.msg, "part at 0") == 0,
		       "contents of file %zu that cannot be read: %s", i, err.msg);
	}
}

int main(void)
{
	struct tap t = { 0 };

	test_threads(&t);
	test_read_error(&t);
	test_limits(&t);
	test_stored(&t);
	test_write_error(&t);
	return tap_done(&t);
}
