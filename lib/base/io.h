/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, and a stdout whose loss is never success. */
#ifndef AB_BASE_IO_H
#define AB_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"

/* Writes all len bytes; restarts after signals and waits on a non-blocking fd. */
int ab_io_write(int fd, const void *data, size_t len, struct ab_err *err);

/* The same, given up (-1, err->sys is EINTR) once `stop`, a descriptor, has something to read, also
 * while nobody reads what is written to a pipe. -1: no such descriptor. */
int ab_io_write_unless(int stop, int fd, const void *data, size_t len, struct ab_err *err);

/* read() that restarts after signals: bytes read, 0 at the end, -1 with err. */
ssize_t ab_io_read(int fd, void *data, size_t len, struct ab_err *err);

/*
 * Every main() ends in it: flushes and closes stdout. Returns status, or AB_EXIT_TROUBLE with a
 * line on stderr if output was lost (`> /dev/full`). May be called once a verb; a second call is
 * harmless.
 */
int ab_io_finish(int status);

/*
 * Makes sure that descriptors 0-2 are open (on /dev/null), so that no file of ours becomes one. A
 * standard output that was closed cannot be written, and a standard input not be read: output is
 * lost, a document is not there, and that is told. So is a
 * limit on the size of files (RLIMIT_FSIZE), whose signal is ignored from here on.
 */
void ab_io_start(void);

#endif
