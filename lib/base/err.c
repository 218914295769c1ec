/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/utf8.h"

static int ab_printf(3, 0) set(struct ab_err *err, int status, const char *fmt, va_list args)
{
	err->status = status;
	err->sys = 0;
	/* Clipping is meant: a message is one line of bounded length. */
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	return -1;
}

int ab_err_no(struct ab_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, AB_EXIT_NO, fmt, args);
	va_end(args);
	return -1;
}

int ab_err_usage(struct ab_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, AB_EXIT_USAGE, fmt, args);
	va_end(args);
	return -1;
}

int ab_err_trouble(struct ab_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, AB_EXIT_TROUBLE, fmt, args);
	va_end(args);
	return -1;
}

int ab_err_sys(struct ab_err *err, const char *fmt, ...)
{
	int saved = errno;
	size_t len;
	va_list args;

	va_start(args, fmt);
	set(err, AB_EXIT_TROUBLE, fmt, args);
	va_end(args);
	err->sys = saved;
	len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", strerror(saved));
	return -1;
}

int ab_err_memory(struct ab_err *err)
{
	return ab_err_trouble(err, "out of memory");
}

int ab_err_prefix(struct ab_err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	size_t len;
	va_list args;

	memcpy(old, err->msg, sizeof(old));
	va_start(args, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, "%s", old);
	return -1;
}

void ab_err_clean(char *text)
{
	unsigned char *p = (unsigned char *)text, *end = p + strlen(text);

	while (p < end) {
		uint32_t c;
		size_t n = ab_utf8_decode(p, (size_t)(end - p), &c);

		if (n == 0 || c < 0x20 || c == 0x7f || ab_utf8_is_deceptive(c)) {
			n = n ? n : 1;
			memset(p, '?', n);
		}
		p += n;
	}
}

static void emit(const char *program, const char *text)
{
	char line[sizeof(((struct ab_err *)NULL)->msg) + 64];
	int len = snprintf(line, sizeof(line) - 1, "%s: %s", program, text);

	if (len < 0)
		return;
	ab_err_clean(line);
	len = (int)strlen(line);
	line[len] = '\n';
	/* Nothing is left to tell if stderr itself fails. */
	if (write(STDERR_FILENO, line, (size_t)len + 1) < 0)
		return;
}

int ab_err_report(const char *program, const struct ab_err *err)
{
	emit(program, err->msg);
	return err->status ? err->status : AB_EXIT_TROUBLE;
}

void ab_err_note(const char *program, const char *fmt, ...)
{
	char text[sizeof(((struct ab_err *)NULL)->msg)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	emit(program, text);
}
