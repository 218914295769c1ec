/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that hold their content as it is: RFC 8878 section 3.1, raw blocks in single segments. */
#include "lib/tar/tar.h"

#include "lib/base/io.h"

#define FRAME_HEADER 9 /* magic, descriptor, content size in 4 bytes */
#define BLOCK_HEADER 3
#define BLOCK	     (128u << 10)

static uint64_t blocks_of(uint64_t len)
{
	return (len + BLOCK - 1) / BLOCK;
}

uint64_t ab_tar_stored_size(uint64_t len)
{
	uint64_t whole = len / AB_TAR_PIECE, rest = len % AB_TAR_PIECE;

	return len + whole * (FRAME_HEADER + blocks_of(AB_TAR_PIECE) * BLOCK_HEADER) +
	       (rest ? FRAME_HEADER + blocks_of(rest) * BLOCK_HEADER : 0);
}

static void add_little_endian(struct ab_buf *b, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, value >>= 8)
		ab_buf_addc(b, (char)(value & 0xff));
}

static void add_frame(struct ab_buf *b, const char *data, uint32_t len)
{
	add_little_endian(b, 0xfd2fb528, 4);
	ab_buf_addc(b,
		    (char)0xa0); /* single segment, size in 4 bytes, no checksum, no dictionary */
	add_little_endian(b, len, 4);
	while (len) {
		uint32_t n = len < BLOCK ? len : BLOCK;

		/* The last bit says whether it is the last block; type 0 is raw. */
		add_little_endian(b, n << 3 | (n == len), BLOCK_HEADER);
		ab_buf_add(b, data, n);
		data += n;
		len -= n;
	}
}

int ab_tar_store(int fd, const void *data, size_t len, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	const char *from = data;

	while (len) {
		size_t n = len < AB_TAR_PIECE ? len : AB_TAR_PIECE;

		ab_buf_clear(&out);
		add_frame(&out, from, (uint32_t)n);
		if (ab_buf_ok(&out, err) < 0 || ab_io_write(fd, out.data, out.len, err) < 0)
			return -1;
		from += n;
		len -= n;
	}
	return 0;
}
