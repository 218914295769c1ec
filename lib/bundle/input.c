/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/base/value.h"
#include "lib/bundle/beneath.h"
#include "lib/bundle/git.h"
#include "lib/bundle/glob.h"
#include "lib/bundle/name.h"
#include "lib/confine/confine.h"
#include "lib/json/json.h"

#define MAX_INTEGER ((UINT64_C(1) << 53) - 1)

/* The files of one key that --files gathers. */
struct gathered {
	char *key;
	struct ab_paths paths;
};

struct ab_input {
	char *root_path;
	int root;
	struct ab_input_limits limits;
	json_t *document;
	struct gathered *lists;
	size_t n_lists;
	struct ab_paths notes;
};

struct ab_input *ab_input_new(const char *root, const struct ab_input_limits *limits,
			      struct ab_err *err)
{
	ab_auto(ab_input_freep) struct ab_input *in = calloc(1, sizeof(*in));

	if (!in) {
		ab_err_memory(err);
		return NULL;
	}
	in->limits = *limits;
	in->root_path = strdup(root);
	in->document = json_object();
	in->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in->root < 0) {
		ab_err_sys(err, "%s", root);
		err->status = AB_EXIT_USAGE;
		return NULL;
	}
	if (!in->root_path || !in->document) {
		ab_err_memory(err);
		return NULL;
	}
	return ab_steal(&in);
}

void ab_input_free(struct ab_input *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->n_lists; i++) {
		free(in->lists[i].key);
		ab_paths_free(&in->lists[i].paths);
	}
	free(in->lists);
	ab_paths_free(&in->notes);
	json_decref(in->document);
	free(in->root_path);
	ab_auto_close(&in->root);
	free(in);
}

void ab_input_freep(struct ab_input **in)
{
	ab_input_free(*in);
}

const char *ab_input_note(const struct ab_input *in, size_t i)
{
	return i < in->notes.n ? in->notes.items[i] : NULL;
}

static int ab_printf(3, 4) note(struct ab_input *in, struct ab_err *err, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args); /* a long name may be cut short in a note */
	va_end(args);
	return ab_paths_add(&in->notes, line, err);
}

static uint64_t count_characters(const struct ab_buf *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += ((unsigned char)b->data[i] & 0xc0) != 0x80;
	return n;
}

static int check_text(const char *name, const char *text, size_t len, struct ab_err *err)
{
	size_t at = ab_utf8_check((const unsigned char *)text, len);

	return at == len ? 0 : ab_err_no(err, "%s: byte %zu is not UTF-8", name, at);
}

/* Splits KEY=VALUE: *ret_key is the caller's, the value inside `assignment` is returned. */
static const char *split(const char *assignment, char **ret_key, struct ab_err *err)
{
	const char *equals = strchr(assignment, '=');

	if (!equals || equals == assignment) {
		ab_err_usage(err, "%s: expected KEY=VALUE", assignment);
		return NULL;
	}
	*ret_key = strndup(assignment, (size_t)(equals - assignment));
	if (!*ret_key) {
		ab_err_memory(err);
		return NULL;
	}
	if (check_text("key", *ret_key, strlen(*ret_key), err) < 0) {
		err->status = AB_EXIT_USAGE;
		return NULL;
	}
	return equals + 1;
}

/* Takes `value` over; NULL is one that could not be made. */
static int put(struct ab_input *in, const char *key, json_t *value, struct ab_err *err)
{
	if (value && json_object_get(in->document, key)) {
		json_decref(value);
		return ab_err_usage(err, "%s: set twice", key);
	}
	if (json_object_set_new(in->document, key, value) < 0)
		return ab_err_memory(err);
	return 0;
}

static int put_text(struct ab_input *in, const char *key, const char *text, size_t len,
		    struct ab_err *err)
{
	return put(in, key, json_stringn(text ? text : "", len), err);
}

int ab_input_set(struct ab_input *in, const char *assignment, struct ab_err *err)
{
	ab_autofree char *key = NULL;
	const char *text = split(assignment, &key, err);

	if (!text)
		return -1;
	if (check_text(key, text, strlen(text), err) < 0) {
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	return put_text(in, key, text, strlen(text), err);
}

int ab_input_set_int(struct ab_input *in, const char *assignment, struct ab_err *err)
{
	ab_autofree char *key = NULL;
	const char *text = split(assignment, &key, err);
	bool negative = text && *text == '-';
	uint64_t n;

	if (!text)
		return -1;
	if (ab_value_number(text + negative, 0, MAX_INTEGER, &n, err) < 0)
		return ab_err_prefix(err, "%s: ", key);
	return put(in, key, json_integer(negative ? -(json_int_t)n : (json_int_t)n), err);
}

int ab_input_set_file(struct ab_input *in, const char *assignment, struct ab_err *err)
{
	ab_autofree char *key = NULL;
	const char *path = split(assignment, &key, err);
	struct ab_buf text = { 0 };
	int status;

	if (!path)
		return -1;
	if (strcmp(path, "-") == 0) {
		path = "stdin";
		status = ab_buf_read(&text, STDIN_FILENO, in->limits.bytes, err);
		if (status < 0)
			ab_err_prefix(err, "%s: ", path);
	} else {
		status = ab_path_read(path, in->limits.bytes, &text, err);
	}
	if (status == 0)
		status = check_text(path, text.data, text.len, err);
	if (status == 0)
		status = put_text(in, key, text.data, text.len, err);
	ab_buf_free(&text);
	return status;
}

static struct gathered *gathered_of(struct ab_input *in, const char *key, struct ab_err *err)
{
	struct gathered *lists;

	for (size_t i = 0; i < in->n_lists; i++)
		if (strcmp(in->lists[i].key, key) == 0)
			return &in->lists[i];
	lists = reallocarray(in->lists, in->n_lists + 1, sizeof(*lists));
	if (!lists) {
		ab_err_memory(err);
		return NULL;
	}
	in->lists = lists;
	lists[in->n_lists] = (struct gathered){ .key = strdup(key) };
	if (!lists[in->n_lists].key) {
		ab_err_memory(err);
		return NULL;
	}
	return &lists[in->n_lists++];
}

int ab_input_files(struct ab_input *in, const char *assignment, struct ab_err *err)
{
	ab_autofree char *key = NULL;
	const char *pattern = split(assignment, &key, err);
	struct gathered *list = pattern ? gathered_of(in, key, err) : NULL;

	return list ? ab_glob(in->root, pattern, &list->paths, err) : -1;
}

/* Adds {path, content} to an array. */
static int add_file(json_t *array, const char *path, const struct ab_buf *text, struct ab_err *err)
{
	json_t *file = json_pack("{s:s, s:s%}", "path", path, "content",
				 text->data ? text->data : "", text->len);

	if (!file || json_array_append_new(array, file) < 0)
		return ab_err_memory(err);
	return 0;
}

static int read_file(const struct ab_input *in, const char *path, struct ab_buf *text,
		     struct ab_err *err)
{
	ab_autoclose int fd = -1;
	uint64_t size;

	if (ab_name_check(path, strlen(path), err) < 0)
		return -1;
	fd = ab_beneath_open_file(in->root, path, err);
	if (fd < 0)
		return -1;
	if (ab_buf_read(text, fd, in->limits.bytes, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	if (check_text(path, text->data, text->len, err) < 0)
		return -1;
	size = count_characters(text);
	if (size > in->limits.file_size)
		return ab_err_no(
			err, "%s: %" PRIu64 " characters, more than the %" PRIu64 " of --max-file",
			path, size, in->limits.file_size);
	return 0;
}

static int read_list(struct ab_input *in, struct gathered *list, struct ab_err *err)
{
	json_t *array = json_array();
	struct ab_buf text = { 0 };
	int status = put(in, list->key, array, err);

	ab_paths_sort(&list->paths);
	if (status == 0 && list->paths.n > in->limits.files)
		status = ab_err_no(err, "%s: %zu files, more than the %" PRIu64 " of --max-files",
				   list->key, list->paths.n, in->limits.files);
	for (size_t i = 0; status == 0 && i < list->paths.n; i++) {
		ab_buf_clear(&text);
		status = read_file(in, list->paths.items[i], &text, err);
		if (status == 0)
			status = add_file(array, list->paths.items[i], &text, err);
	}
	ab_buf_free(&text);
	return status;
}

/* Why a changed file is not shown in full before its content is looked at, or NULL. */
static const char *unfit(const struct ab_input *in, const struct ab_git_file *f)
{
	struct ab_err why = { 0 };

	if (f->mode == 0160000)
		return "a submodule";
	if (f->mode == 0120000)
		return "a symbolic link";
	if (ab_name_check(f->path, strlen(f->path), &why) < 0)
		return "its name cannot stand in a document";
	/* UTF-8 has at most 4 bytes a character. */
	if (f->size / 4 > in->limits.file_size || f->size > in->limits.bytes)
		return "too large";
	return NULL;
}

/* The same for its content. */
static const char *unfit_text(const struct ab_input *in, const struct ab_git_file *f)
{
	size_t len = f->text.len;

	if (len && (memchr(f->text.data, '\0', len) ||
		    ab_utf8_check((const unsigned char *)f->text.data, len) < len))
		return "not UTF-8 text";
	return count_characters(&f->text) > in->limits.file_size ? "too large" : NULL;
}

static int leave_out(struct ab_input *in, const struct ab_git_file *f, const char *why,
		     struct ab_err *err)
{
	return note(in, err, "%s: left out of context_files: %s", f->path, why);
}

static int choose(struct ab_input *in, const struct ab_git_change *change, unsigned char *wanted,
		  struct ab_err *err)
{
	for (size_t i = 0; i < change->n; i++) {
		const char *why = unfit(in, &change->files[i]);

		wanted[i] = !why;
		if (why && leave_out(in, &change->files[i], why, err) < 0)
			return -1;
	}
	return 0;
}

static int add_changed(struct ab_input *in, const struct ab_git_change *change,
		       const unsigned char *wanted, struct ab_err *err)
{
	json_t *array = json_array();
	uint64_t left_out = 0;

	if (put(in, "context_files", array, err) < 0)
		return -1;
	for (size_t i = 0; i < change->n; i++) {
		const struct ab_git_file *f = &change->files[i];
		const char *why = wanted[i] ? unfit_text(in, f) : NULL;

		if (!wanted[i])
			continue;
		if (why ? leave_out(in, f, why, err) < 0 : 0)
			return -1;
		if (why)
			continue;
		if (json_array_size(array) == in->limits.files)
			left_out++;
		else if (add_file(array, f->path, &f->text, err) < 0)
			return -1;
	}
	if (!left_out)
		return 0;
	return note(in, err,
		    "context_files: %" PRIu64
		    " more changed files left out, --max-files is %" PRIu64,
		    left_out, in->limits.files);
}

static int add_diff(struct ab_input *in, const struct ab_buf *diff, struct ab_err *err)
{
	uint64_t size = count_characters(diff);

	if (check_text("diff", diff->data, diff->len, err) < 0)
		return -1;
	if (size > in->limits.diff_size)
		return ab_err_no(err,
				 "diff: %" PRIu64 " characters, more than the %" PRIu64
				 " of --max-diff",
				 size, in->limits.diff_size);
	return put_text(in, "diff", diff->data, diff->len, err);
}

int ab_input_git(struct ab_input *in, const char *range, struct ab_err *err)
{
	const struct ab_run_limits limits = { .bytes = 4 * in->limits.bytes,
					      .ms = in->limits.git_ms };
	struct ab_git_change change = { 0 };
	ab_autofree unsigned char *wanted = NULL;
	int status = ab_git_change(in->root_path, range, &limits, &change, err);

	if (status == 0)
		status = add_diff(in, &change.diff, err);
	if (status == 0) {
		wanted = calloc(change.n + 1, 1);
		status = wanted ? choose(in, &change, wanted, err) : ab_err_memory(err);
	}
	if (status == 0)
		status = ab_git_contents(in->root_path, &change, wanted, &limits, err);
	if (status == 0)
		status = add_changed(in, &change, wanted, err);
	ab_git_change_free(&change);
	return status;
}

int ab_input_confine(struct ab_input *in, struct ab_err *err)
{
	const struct ab_confine_path root = { .fd = in->root, .access = AB_CONFINE_READ };

	return ab_confine(AB_PROFILE_STORE, &root, 1, err);
}

int ab_input_write(struct ab_input *in, struct ab_buf *out, struct ab_err *err)
{
	for (size_t i = 0; i < in->n_lists; i++)
		if (read_list(in, &in->lists[i], err) < 0)
			return -1;
	if (ab_json_canonical(in->document, out, err) < 0)
		return -1;
	ab_buf_addc(out, '\n');
	if (ab_buf_ok(out, err) < 0)
		return -1;
	if (out->len > in->limits.bytes)
		return ab_err_no(err,
				 "document: %zu bytes, more than the %" PRIu64 " of --max-bytes",
				 out->len, in->limits.bytes);
	return 0;
}
