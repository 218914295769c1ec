/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer, always followed by a NUL that is not counted. Start with { 0 } and release
 * with ab_buf_free(). Memory exhaustion makes the buffer `failed`: later calls do nothing, so a
 * builder checks once, with ab_buf_ok(), at the end. Knows nothing but bytes.
 */
#ifndef AB_BASE_BUF_H
#define AB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/err.h"

struct ab_buf {
	char *data; /* NULL until the first byte */
	size_t len, cap;
	bool failed;
};

void ab_buf_add(struct ab_buf *b, const void *data, size_t len);
void ab_buf_addc(struct ab_buf *b, char c);
void ab_buf_adds(struct ab_buf *b, const char *text);
void ab_buf_addf(struct ab_buf *b, const char *fmt, ...) ab_printf(2, 3);

/* Adds one word of a POSIX shell (XCU 2.2): always quoted, or where it has to be. */
void ab_buf_add_quoted(struct ab_buf *b, const char *word);
void ab_buf_add_word(struct ab_buf *b, const char *word);

/* Makes room for len more bytes and returns where they go, NULL if failed; add to b->len yourself.
 */
char *ab_buf_reserve(struct ab_buf *b, size_t len);

/* Adds all of fd to its end, at most max bytes in the buffer: more is an AB_EXIT_NO error. */
int ab_buf_read(struct ab_buf *b, int fd, size_t max, struct ab_err *err);

/* 0, or -1 with "out of memory". */
int ab_buf_ok(const struct ab_buf *b, struct ab_err *err);

/* The NUL-terminated text, now the caller's to free(); the buffer is empty again. NULL if failed.
 */
char *ab_buf_steal(struct ab_buf *b);

/* Empties the buffer and keeps its memory. */
void ab_buf_clear(struct ab_buf *b);

void ab_buf_free(struct ab_buf *b);

#endif
