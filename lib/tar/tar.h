/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives in one canonical form: POSIX ustar with pax records (IEEE 1003.1-2017, "pax"), in
 * zstandard frames (RFC 8878). For every tree there is exactly one archive, so a reader does not
 * have to guess: it decodes a header, encodes it again, and refuses the archive unless both are the
 * same bytes. What another tar would read differently (GNU sparse and long names, base-256 numbers,
 * pax sizes, hard links, devices, duplicate records, stray bytes in any field) never passes.
 *
 * That is also why the headers are read by our own 200 lines and not by a general library: its
 * leniency is what has to be kept out, and libarchive does not show the bytes that it read.
 * Compression is libzstd's.
 *
 * The form: a file has mode 0644 or 0755, a directory 0755, a link 0777; owner 0:0 without names,
 * time 0, no device numbers. A name that does not fit into ustar's fields or is not ASCII stands in
 * a pax record `path`, a link's target likewise in `linkpath`, in that order and only when needed.
 * Two zero blocks end the archive. Its bytes are cut into pieces of AB_TAR_PIECE, each of which is
 * a frame of its own with its size: so the bytes do not depend on the number of threads that
 * compress, and any number can decompress with bounded memory. Frames have no checksums of their
 * own; whoever packs files lists their hashes.
 */
#ifndef AB_TAR_TAR_H
#define AB_TAR_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define AB_TAR_BLOCK	   512
#ifndef AB_TAR_PIECE /* smaller where it is fuzzed: memory is most of what a short archive costs */
#define AB_TAR_PIECE (4u << 20)
#endif
#define AB_TAR_MAX_PATH	   4095			  /* bytes of a name or a link's target */
#define AB_TAR_MAX_SIZE	   UINT64_C(077777777777) /* of a file: what ustar's field can hold */
#define AB_TAR_MAX_THREADS 64

enum ab_tar_kind { AB_TAR_FILE, AB_TAR_DIRECTORY, AB_TAR_LINK };

struct ab_tar_entry {
	enum ab_tar_kind kind;
	bool executable;    /* of a file */
	uint64_t size;	    /* of a file, else 0 */
	const char *path;   /* no slash at the end, also of a directory */
	const char *target; /* of a link, else NULL */
};

/* Appends the header blocks of an entry. A path, target or size that does not fit is AB_EXIT_NO. */
int ab_tar_encode(const struct ab_tar_entry *entry, struct ab_buf *out, struct ab_err *err);

/* How many zero bytes follow `size` bytes of content. */
static inline size_t ab_tar_padding(uint64_t size)
{
	return (size_t)(-size & (AB_TAR_BLOCK - 1));
}

/* Threads for a machine: its processors as far as we may use them, at most AB_TAR_MAX_THREADS. */
unsigned ab_tar_threads(void);

/*
 * Writing. Bytes go in, frames come out at fd; the caller arranges headers, contents and padding.
 * Threads are started when there is more than one piece.
 */
struct ab_tar_writer;

/*
 * Contents that the threads read themselves, each for the piece that it is about to compress: all
 * the parts of one piece at once, in their order. Pieces are begun in order, so that a part may
 * wait for one of an earlier piece. An error is that of the write.
 */
struct ab_tar_part {
	void *item;
	uint64_t offset; /* in the item's content */
	size_t len;	 /* 0: the content is empty */
	unsigned char *to;
};
struct ab_tar_reading {
	int (*read)(void *context, const struct ab_tar_part *parts, size_t n, struct ab_err *err);
	void *context;
};

/* NULL for a reading: there are no such contents. */
struct ab_tar_writer *ab_tar_writer_new(int fd, unsigned threads,
					const struct ab_tar_reading *reading, struct ab_err *err);
/* Room for `size` bytes, the content of `item`, cut into parts where pieces end. */
int ab_tar_write_later(struct ab_tar_writer *w, void *item, uint64_t size, struct ab_err *err);
int ab_tar_write(struct ab_tar_writer *w, const void *data, size_t len, struct ab_err *err);
/* Room for bytes of the current piece, at least one: the caller fills some and says how many. */
unsigned char *ab_tar_write_room(struct ab_tar_writer *w, size_t *ret_room, struct ab_err *err);
void ab_tar_write_filled(struct ab_tar_writer *w, size_t len);
/* An entry's header; of a file its content and padding have to follow. */
int ab_tar_write_entry(struct ab_tar_writer *w, const struct ab_tar_entry *entry,
		       struct ab_err *err);
/* Zeros up to a whole block behind `size` bytes of content. */
int ab_tar_write_padding(struct ab_tar_writer *w, uint64_t size, struct ab_err *err);
/* The two zero blocks; writes everything out. */
int ab_tar_finish(struct ab_tar_writer *w, struct ab_err *err);
/*
 * Bytes of an archive as frames that are not compressed, so that their size is known before the
 * bytes are: what stands in front of contents but is only known behind them.
 */
uint64_t ab_tar_stored_size(uint64_t len);
int ab_tar_store(int fd, const void *data, size_t len, struct ab_err *err);

void ab_tar_writer_free(struct ab_tar_writer *w);
void ab_tar_writer_freep(struct ab_tar_writer **w);

/*
 * Reading. Every refusal is AB_EXIT_NO: "entry N (PATH): why". The limits hold before a byte beyond
 * them is decompressed.
 */
struct ab_tar_limits {
	uint64_t bytes;	  /* of the archive, uncompressed */
	uint64_t entries; /* */
	uint64_t ratio;	  /* uncompressed to compressed bytes, once 16 MiB are exceeded; 0: any */
};

struct ab_tar_reader;

/* Reads from fd, which may be a pipe, from where it stands to its end. */
struct ab_tar_reader *ab_tar_reader_new(int fd, unsigned threads,
					const struct ab_tar_limits *limits, struct ab_err *err);
/*
 * The next entry: 1, or 0 at the end of an archive that has ended as it must, with nothing behind
 * it. The strings in *ret are the reader's, until the next call. What is left of the content of the
 * entry before is skipped.
 */
int ab_tar_next(struct ab_tar_reader *r, struct ab_tar_entry *ret, struct ab_err *err);
/* Some bytes of the entry's content: *ret_len of them, valid until the next call; 0 at its end. */
int ab_tar_content(struct ab_tar_reader *r, const unsigned char **ret, size_t *ret_len,
		   struct ab_err *err);
void ab_tar_reader_free(struct ab_tar_reader *r);
void ab_tar_reader_freep(struct ab_tar_reader **r);

#endif
