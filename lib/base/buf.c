/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *grow(struct ab_buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 64;
	char *data;

	if (b->failed || len > SIZE_MAX / 2 - b->len) {
		b->failed = true;
		return NULL;
	}
	while (cap < b->len + len + 1)
		cap *= 2;
	if (cap > b->cap) {
		data = realloc(b->data, cap);
		if (!data) {
			b->failed = true;
			return NULL;
		}
		b->data = data;
		b->cap = cap;
	}
	return b->data + b->len;
}

char *ab_buf_reserve(struct ab_buf *b, size_t len)
{
	return !b->failed && len < b->cap - b->len ? b->data + b->len : grow(b, len);
}

void ab_buf_add(struct ab_buf *b, const void *data, size_t len)
{
	char *at = ab_buf_reserve(b, len);

	if (!at)
		return;
	if (len)
		memcpy(at, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void ab_buf_addc(struct ab_buf *b, char c)
{
	char *at = ab_buf_reserve(b, 1);

	if (!at)
		return;
	at[0] = c;
	at[1] = '\0';
	b->len++;
}

void ab_buf_adds(struct ab_buf *b, const char *text)
{
	ab_buf_add(b, text, strlen(text));
}

void ab_buf_add_quoted(struct ab_buf *b, const char *word)
{
	ab_buf_addc(b, '\'');
	for (; *word; word++)
		if (*word == '\'')
			ab_buf_adds(b, "'\\''");
		else
			ab_buf_addc(b, *word);
	ab_buf_addc(b, '\'');
}

void ab_buf_add_word(struct ab_buf *b, const char *word)
{
	/* A word of these alone means itself wherever it stands. */
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_-./,:=+@%#";

	if (*word && *word != '#' && strspn(word, plain) == strlen(word))
		ab_buf_adds(b, word);
	else
		ab_buf_add_quoted(b, word);
}

void ab_buf_addf(struct ab_buf *b, const char *fmt, ...)
{
	va_list args;
	int len;
	char *at;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	at = len < 0 ? NULL : ab_buf_reserve(b, (size_t)len);
	if (!at) {
		b->failed = true;
		return;
	}
	va_start(args, fmt);
	len = vsnprintf(at, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

int ab_buf_read(struct ab_buf *b, int fd, size_t max, struct ab_err *err)
{
	for (;;) {
		char *at = ab_buf_reserve(b, 16384);
		ssize_t n;

		if (!at)
			return ab_err_memory(err);
		n = read(fd, at, 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ab_err_sys(err, "read");
		b->len += (size_t)n;
		b->data[b->len] = '\0';
		if (b->len > max)
			return ab_err_no(err, "larger than %zu bytes", max);
		if (n == 0)
			return 0;
	}
}

int ab_buf_ok(const struct ab_buf *b, struct ab_err *err)
{
	return b->failed ? ab_err_memory(err) : 0;
}

char *ab_buf_steal(struct ab_buf *b)
{
	char *data = NULL;

	ab_buf_add(b, "", 0);
	if (!b->failed)
		data = ab_steal(&b->data);
	ab_buf_free(b);
	return data;
}

void ab_buf_clear(struct ab_buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

void ab_buf_free(struct ab_buf *b)
{
	free(b->data);
	*b = (struct ab_buf){ 0 };
}
