/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that a distribution compiled for glibc with _FORTIFY_SOURCE calls these forms of the C
 * functions, which end the program where the destination is smaller than what is to be written.
 * libjansson.a calls three, and apart from them nothing of glibc's own; the link fails where that
 * changes.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int __snprintf_chk(char *out, size_t max, int flag, size_t room, const char *format, ...);
int __vsnprintf_chk(char *out, size_t max, int flag, size_t room, const char *format, va_list args);
char *__strncpy_chk(char *out, const char *in, size_t n, size_t room);

static void check(size_t want, size_t room)
{
	if (want > room)
		abort();
}

int __vsnprintf_chk(char *out, size_t max, int flag, size_t room, const char *format, va_list args)
{
	(void)flag;
	check(max, room);
	return vsnprintf(out, max, format, args);
}

int __snprintf_chk(char *out, size_t max, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = __vsnprintf_chk(out, max, flag, room, format, args);
	va_end(args);
	return n;
}

char *__strncpy_chk(char *out, const char *in, size_t n, size_t room)
{
	size_t len = strnlen(in, n);

	check(n, room);
	memcpy(out, in, len);
	memset(out + len, 0, n - len);
	return out;
}
