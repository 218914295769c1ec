/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive reader, on frames as they come (first byte even) or on an archive that is put into
 * frames first (odd), so that the fuzzer need not learn to compress. What is accepted must be
 * exactly what the writer would have written.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/tar/tar.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Adds the content of the current entry and its padding. */
static int add_content(struct ab_tar_reader *r, uint64_t size, struct ab_buf *again,
		       struct ab_err *err)
{
	static const char zeros[AB_TAR_BLOCK];
	const unsigned char *bytes;
	size_t n;

	do {
		if (ab_tar_content(r, &bytes, &n, err) < 0)
			return -1;
		ab_buf_add(again, bytes, n);
	} while (n);
	ab_buf_add(again, zeros, ab_tar_padding(size));
	return 0;
}

static int read_all(int fd, struct ab_buf *again, struct ab_err *err)
{
	static const char zeros[2 * AB_TAR_BLOCK];
	const struct ab_tar_limits limits = { .bytes = 64u << 20, .entries = 1000, .ratio = 100 };
	ab_auto(ab_tar_reader_freep) struct ab_tar_reader *r =
		ab_tar_reader_new(fd, 1, &limits, err);
	struct ab_tar_entry e;
	int more;

	while (r && (more = ab_tar_next(r, &e, err)) == 1)
		if (ab_tar_encode(&e, again, err) < 0 || add_content(r, e.size, again, err) < 0)
			return -1;
	if (!r || more < 0)
		return -1;
	ab_buf_add(again, zeros, sizeof(zeros));
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	ab_auto(ab_buf_free) struct ab_buf again = { 0 };
	struct ab_err err = { 0 };
	bool plain = size && data[0] & 1;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || size == 0)
		goto out;
	if ((plain ? ab_tar_store(fd, data + 1, size - 1, &err)
		   : ab_io_write(fd, data + 1, size - 1, &err)) < 0)
		goto out;
	(void)lseek(fd, 0, SEEK_SET);
	if (read_all(fd, &again, &err) == 0 && plain &&
	    (again.len != size - 1 || memcmp(again.data, data + 1, again.len) != 0))
		abort();
out:
	if (fd >= 0)
		(void)close(fd);
	return 0;
}
