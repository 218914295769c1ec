/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_bench tape|jansson|none FILE [ROUNDS]: reads each line of FILE as a document, ROUNDS times;
 * prints bytes, values and CPU time. Instructions a byte are the difference of two runs under
 * cachegrind (json.bench).
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <fcntl.h>

#include "lib/base/hold.h"
#include "lib/json/json.h"
#include "lib/json/tape.h"

static size_t read_tape(const char *line, size_t len)
{
	static struct ab_json_tape tape;
	static struct ab_err err;

	if (ab_json_read(&tape, (const unsigned char *)line, len, NULL, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	return tape.n;
}

static size_t read_jansson(const char *line, size_t len)
{
	json_t *value = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	if (!value)
		exit(1);
	json_decref(value);
	return 1;
}

static size_t read_none(const char *line, size_t len)
{
	return line[len] == '\n';
}

static size_t run(const struct ab_buf *text, size_t (*read_line)(const char *, size_t))
{
	const char *p = text->data, *end = p + text->len;
	size_t values = 0;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		if (!newline)
			break;
		values += read_line(p, (size_t)(newline - p));
		p = newline + 1;
	}
	return values;
}

int main(int argc, char *argv[])
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	int rounds = argc > 3 ? (int)strtoll(argv[3], NULL, 10) : 1;
	int fd = argc > 2 ? open(argv[2], O_RDONLY) : -1;
	struct ab_err err;
	size_t values = 0;
	clock_t start;

	if (fd < 0 || ab_buf_read(&text, fd, (size_t)1 << 32, &err) < 0 ||
	    !ab_buf_reserve(&text, AB_HOLD_PAD))
		return 2;
	memset(text.data + text.len, 0, AB_HOLD_PAD);
	start = clock();
	for (int i = 0; i < rounds; i++)
		values += run(&text, strcmp(argv[1], "tape") == 0      ? read_tape
				     : strcmp(argv[1], "jansson") == 0 ? read_jansson
								       : read_none);
	printf("%s: %zu bytes, %zu values, %.0f MB/s\n", argv[1], text.len, values,
	       (double)text.len * rounds / 1e6 / ((double)(clock() - start) / CLOCKS_PER_SEC));
	return 0;
}
