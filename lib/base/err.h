/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error object. A library function that can fail takes `struct ab_err *err` last and returns
 * 0/-1 or pointer/NULL; it never prints and never exits. Every function here returns -1, so that a
 * failure is one statement: return ab_err_sys(err, "%s", path);
 *
 * `status` is the exit status that fits the failure (AB_EXIT_*); a command reports the message with
 * ab_err_report() and exits with it.
 */
#ifndef AB_BASE_ERR_H
#define AB_BASE_ERR_H

#include <stddef.h>
#include "lib/base/auto.h"

enum ab_exit {
	AB_EXIT_OK = 0,	     /* yes, done */
	AB_EXIT_NO = 1,	     /* refused: invalid, blocked, bad signature */
	AB_EXIT_USAGE = 2,   /* usage or bad configuration */
	AB_EXIT_TROUBLE = 3, /* I/O, memory, kernel */
};

struct ab_err {
	int status;    /* AB_EXIT_NO, AB_EXIT_USAGE or AB_EXIT_TROUBLE; 0: no error yet */
	int sys;       /* errno of the failed call, else 0 */
	char msg[512]; /* one line, culprit first, no program name, no newline */
};

/* The document or claim is refused (AB_EXIT_NO). */
int ab_err_no(struct ab_err *err, const char *fmt, ...) ab_printf(2, 3);

/* Usage or configuration is wrong (AB_EXIT_USAGE). */
int ab_err_usage(struct ab_err *err, const char *fmt, ...) ab_printf(2, 3);

/* Trouble without an errno (AB_EXIT_TROUBLE). */
int ab_err_trouble(struct ab_err *err, const char *fmt, ...) ab_printf(2, 3);

/* Trouble with the current errno, whose text is appended after ": ". */
int ab_err_sys(struct ab_err *err, const char *fmt, ...) ab_printf(2, 3);

/* Out of memory. */
int ab_err_memory(struct ab_err *err);

/* Puts context in front of the message that is there: "CONTEXTmsg". Keeps status and sys. */
int ab_err_prefix(struct ab_err *err, const char *fmt, ...) ab_printf(2, 3);

/*
 * Prints "PROGRAM: msg\n" to stderr in one write, after ab_err_clean(); returns err->status (or
 * AB_EXIT_TROUBLE if none is set), so that a command can `return ab_err_report("ab-x", &err);`.
 */
int ab_err_report(const char *program, const struct ab_err *err);

/* The same for a line that is not an error: "PROGRAM: line\n" to stderr, cleaned. */
void ab_err_note(const char *program, const char *fmt, ...) ab_printf(2, 3);

/*
 * Makes a string safe for a terminal, in place: control characters (C0, DEL, C1), invalid UTF-8,
 * and Unicode's bidirectional and invisible format characters become '?' (as many as bytes).
 */
void ab_err_clean(char *text);

#endif
