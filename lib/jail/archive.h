/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change to a workspace as a file: a tar archive (POSIX ustar with pax records, as lib/tar writes
 * headers; not compressed) that is the same bytes for the same change. Its first entry,
 * ".wh..wh.agentbox.json", is the list of all changes with what was there before (RFC 8785). Then,
 * for each change in order: the new file, directory or link under its path; for what was deleted
 * an empty file DIR/.wh.NAME (OCI image layer, "Whiteouts"), once for a whole directory. FIFOs and
 * the like stand in the list alone. Modes other than 0644 and 0755 stand in the list alone, too.
 *
 * So all bytes but the contents follow from the list, and whoever reads one makes them again and
 * compares; the contents' hashes stand in the list.
 */
#ifndef AB_JAIL_ARCHIVE_H
#define AB_JAIL_ARCHIVE_H

#include "lib/base/buf.h"
#include "lib/jail/change.h"

/* One that is being written: under a name of its own until ab_archive_commit(). */
struct ab_archive;

/* Opens a new file beside `file`, before the process confines itself. NULL on failure. */
struct ab_archive *ab_archive_new(const char *file, struct ab_err *err);

/* The directory that it is in, where it has to be renamed. */
int ab_archive_dir(const struct ab_archive *a);

/* Writes the whole of it; contents come from the upper layer. *ret_size, ret_hash: of the file. */
int ab_archive_write(struct ab_archive *a, const struct ab_changes *changes, int upper,
		     uint64_t *ret_size, unsigned char ret_hash[AB_SHA256_SIZE],
		     struct ab_err *err);

/* Gives it its name: it is there, whole, or not at all. */
int ab_archive_commit(struct ab_archive *a, struct ab_err *err);

/* Removes what was not committed. May be NULL. */
void ab_archive_free(struct ab_archive *a);

/* One that is read. */
struct ab_unpacked {
	int fd;
	uint64_t size;
	struct ab_changes changes;
	uint64_t *offsets; /* of each change's content in the file */
};

/* Opens the file, before the process confines itself. */
int ab_archive_open(struct ab_unpacked *ret, const char *file, struct ab_err *err);

/*
 * Reads and checks all of it: the list, every header, every content's hash, the end. Nothing of it
 * is believed before. A file that is no such archive, to the byte, is AB_EXIT_NO.
 */
int ab_archive_read(struct ab_unpacked *u, const char *file, struct ab_err *err);

void ab_unpacked_free(struct ab_unpacked *u);

#endif
