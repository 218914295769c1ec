/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"

#define MAX_LINE (64u << 20)
#define CHUNK	 65536

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct ab_inputs *in, const char *name)
{
	if (in->n == in->capacity) {
		size_t more = in->capacity ? in->capacity * 2 : 64;
		char **names = realloc(in->names, more * sizeof(*names));

		if (!names)
			return -1;
		in->names = names;
		in->capacity = more;
	}
	in->names[in->n] = strdup(name);
	return in->names[in->n] && ++in->n ? 0 : -1;
}

/* Names that start with a dot are nobody's input; what else is no regular file fails as an input. */
static int list(struct ab_inputs *in, const char *what, struct ab_err *err)
{
	int copy = fcntl(in->dir, F_DUPFD_CLOEXEC, 3);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	int status = 0;

	if (!dir) {
		if (copy >= 0)
			(void)close(copy);
		return ab_err_sys(err, "%s", what);
	}
	for (errno = 0; status == 0 && (entry = readdir(dir)); errno = 0)
		if (*entry->d_name != '.')
			status = add_name(in, entry->d_name);
	if (status < 0)
		ab_err_memory(err);
	else if (errno)
		status = ab_err_sys(err, "%s", what);
	(void)closedir(dir);
	if (status == 0 && in->n)
		qsort(in->names, in->n, sizeof(*in->names), compare);
	if (status == 0 && !in->n)
		return ab_err_usage(err, "%s: holds no input", what);
	return status;
}

int ab_inputs_open(struct ab_inputs *in, const char *what, struct ab_err *err)
{
	int fd = strcmp(what, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					: open(what, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	*in = (struct ab_inputs){ .dir = -1, .lines = -1 };
	if (fd < 0 || fstat(fd, &st) < 0) {
		ab_err_sys(err, "%s", what);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		in->dir = fd;
		return list(in, what, err);
	}
	in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	in->lines = fd;
	return 0;
}

static int open_file(const struct ab_inputs *in, const char *name, struct ab_err *err)
{
	ab_autoclose int fd = openat(in->dir, name,
				     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return ab_err_usage(err, "a symbolic link, expected a regular file");
	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_sys(err, "cannot be opened");
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(err, "not a regular file");
	return ab_steal_fd(&fd);
}

/* A memory file with the line, to be read from its start. */
static int hold_line(const char *line, size_t len, struct ab_err *err)
{
	ab_autoclose int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return ab_err_sys(err, "memory file");
	if (ab_io_write(fd, line, len, err) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return ab_err_prefix(err, "memory file: ");
	return ab_steal_fd(&fd);
}

/* Reads some more, which may move the text; AB_INPUTS_LATER if there is nothing yet. */
static int read_more(struct ab_inputs *in, struct ab_err *err)
{
	struct pollfd ready = { .fd = in->lines, .events = POLLIN };
	char *to;
	ssize_t n;

	if (poll(&ready, 1, 0) == 0)
		return AB_INPUTS_LATER;
	if (in->from) {
		in->text.len -= in->from;
		memmove(in->text.data, in->text.data + in->from, in->text.len);
		in->looked -= in->from;
		in->from = 0;
	}
	to = ab_buf_reserve(&in->text, CHUNK);
	if (!to)
		return ab_err_memory(err);
	n = ab_io_read(in->lines, to, CHUNK, err);
	if (n < 0)
		return ab_err_prefix(err, "input: ");
	in->text.len += (size_t)n;
	in->at_end = n == 0;
	return 0;
}

/* The next line, its end included, is [in->from, *ret_end) of the text: 1; 0 at the end. */
static int find_line(struct ab_inputs *in, size_t *ret_end, struct ab_err *err)
{
	for (;;) {
		const char *end = in->looked == in->text.len
					  ? NULL
					  : memchr(in->text.data + in->looked, '\n',
						   in->text.len - in->looked);
		int status;

		in->looked = in->text.len;
		if (end || (in->at_end && in->from < in->text.len)) {
			*ret_end = end ? (size_t)(end + 1 - in->text.data) : in->text.len;
			return 1;
		}
		if (in->at_end)
			return 0;
		if (in->text.len - in->from > MAX_LINE)
			return ab_err_no(err, "line %zu: more than 64M", in->at + 1);
		status = read_more(in, err);
		if (status != 0)
			return status;
	}
}

static bool is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", line[i]) || !line[i])
			return false;
	return true;
}

/* A line that is blank is no input. */
static int next_line(struct ab_inputs *in, char **ret_name, int *ret_fd, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf name = { 0 };
	const char *line;
	size_t len, end = 0;
	int status;

	do {
		status = find_line(in, &end, err);
		if (status != 1)
			return status;
		line = in->text.data + in->from;
		len = end - in->from;
		in->from = in->looked = end;
		in->at++;
		in->seen += len;
	} while (is_blank(line, len));
	ab_buf_addf(&name, "%zu", in->at);
	*ret_name = ab_buf_steal(&name);
	if (!*ret_name)
		return ab_err_memory(err);
	*ret_fd = hold_line(line, len, err);
	return 1;
}

int ab_inputs_next(struct ab_inputs *in, char **ret_name, int *ret_fd, struct ab_err *err)
{
	if (in->lines >= 0)
		return next_line(in, ret_name, ret_fd, err);
	if (in->at == in->n)
		return 0;
	*ret_name = ab_steal(&in->names[in->at]);
	in->at++;
	*ret_fd = open_file(in, *ret_name, err);
	return 1;
}

void ab_inputs_close(struct ab_inputs *in)
{
	for (size_t i = 0; in->names && i < in->n; i++)
		free(in->names[i]);
	free(in->names);
	ab_buf_free(&in->text);
	ab_auto_close(&in->lines);
	ab_auto_close(&in->dir);
	*in = (struct ab_inputs){ .dir = -1, .lines = -1 };
}
