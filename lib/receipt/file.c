/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of a run: begin makes the file, append reads it, closes it for others, removes it. */
#include "lib/receipt/file.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/value.h"

#define END_OF_RUN "{\"record\":" /* the last line of a file whose run is over */

/* $XDG_RUNTIME_DIR if it is what its specification says, else /tmp. */
const char *ab_receipts_place(void)
{
	const char *dir = secure_getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (dir && *dir == '/' && stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 0777) == 0700)
		return dir;
	return "/tmp";
}

static int write_head(const char *path, const json_t *head, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	ab_autoclose int fd = -1;

	if (ab_json_canonical(head, &line, err) < 0)
		return -1;
	ab_buf_addc(&line, '\n');
	if (ab_buf_ok(&line, err) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, AB_RECEIPTS_OPEN);
	if (fd < 0 || fchmod(fd, AB_RECEIPTS_OPEN) < 0)
		return ab_err_sys(err, "%s", path);
	return ab_io_write(fd, line.data, line.len, err);
}

char *ab_receipts_create(const json_t *head, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };
	size_t dir_len;

	ab_buf_addf(&path, "%s/agentbox-XXXXXX", ab_receipts_place());
	if (ab_buf_ok(&path, err) < 0)
		return NULL;
	if (!mkdtemp(path.data)) {
		ab_err_sys(err, "%s", path.data);
		return NULL;
	}
	dir_len = path.len;
	ab_buf_adds(&path, "/receipts");
	if (ab_buf_ok(&path, err) == 0 && write_head(path.data, head, err) == 0)
		return ab_buf_steal(&path);
	if (path.data) {
		(void)unlink(path.data);
		path.data[dir_len] = '\0';
		(void)rmdir(path.data);
	}
	return NULL;
}

void ab_receipts_discard(const char *path)
{
	const char *slash = strrchr(path, '/');
	ab_autofree char *dir = slash ? strndup(path, (size_t)(slash - path)) : NULL;

	(void)unlink(path);
	if (dir)
		(void)rmdir(dir);
}

int ab_receipts_text(const struct ab_receipts *r, struct ab_buf *ret, struct ab_err *err)
{
	if (lseek(r->fd, 0, SEEK_SET) < 0)
		return ab_err_sys(err, "AB_RECEIPTS");
	if (ab_buf_read(ret, r->fd, AB_RECEIPTS_MAX, err) < 0)
		return ab_err_prefix(err, "AB_RECEIPTS: ");
	return 0;
}

static int take_head(json_t *head, struct ab_run *ret, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "run", JSON_STRING, true },
		{ "type", JSON_STRING, true },
		{ "origin", JSON_STRING, true },
		{ "started", JSON_INTEGER, true },
		{ "workflow_id", JSON_STRING, false },
		{ "time", JSON_STRING, false },
		{ "params", JSON_OBJECT, false },
		{ NULL, 0, false },
	};

	if (ab_json_keys(head, "AB_RECEIPTS: line 1", keys, err) < 0)
		return -1;
	*ret = (struct ab_run){
		.head = head,
		.id = json_string_value(json_object_get(head, "run")),
		.type = json_string_value(json_object_get(head, "type")),
		.origin = json_string_value(json_object_get(head, "origin")),
		.started = (uint64_t)json_integer_value(json_object_get(head, "started")),
	};
	return 0;
}

/* Facts that stand in a file beside are put in their place, once their hash is seen to be right. */
static int fetch_facts(const struct ab_receipts *r, json_t *receipt, struct ab_err *err)
{
	const char *name =
		json_string_value(json_object_get(json_object_get(receipt, "facts"), "file"));
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	unsigned char digest[AB_SHA256_SIZE];
	char is[AB_SHA256_TEXT];
	json_t *facts;

	if (!name)
		return 0;
	if (strlen(name) != AB_SHA256_TEXT - 1 || strchr(name, '/'))
		return ab_err_no(err, "facts.file is no hash");
	ab_autoclose int fd = openat(r->dirfd, name + strlen("sha256:"),
				     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return ab_err_sys(err, "facts %s", name);
	if (ab_buf_read(&text, fd, AB_FACTS_MAX, err) < 0)
		return -1;
	ab_sha256(text.data, text.len, digest);
	ab_sha256_text(digest, is);
	if (strcmp(is, name) != 0)
		return ab_err_no(err, "facts are not those of hash %s", name);
	facts = ab_json_load("facts", text.data, text.len, err);
	return facts ? json_object_set_new(receipt, "facts", facts) : -1;
}

static int check_shape(const json_t *receipt, const char *run, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		{ "run", JSON_STRING, true },	  { "tool", JSON_STRING, true },
		{ "version", JSON_STRING, true }, { "stage", JSON_STRING, false },
		{ "verdict", JSON_STRING, true }, { "reason", JSON_STRING, false },
		{ "exit", JSON_INTEGER, true },	  { "in", JSON_OBJECT, true },
		{ "out", JSON_OBJECT, true },	  { "duration_ms", JSON_INTEGER, true },
		{ "facts", JSON_OBJECT, true },	  { NULL, 0, false },
	};
	static const struct ab_json_key digest[] = {
		{ "sha256", JSON_STRING, true },
		{ "bytes", JSON_INTEGER, true },
		{ NULL, 0, false },
	};

	if (!json_is_object(receipt))
		return ab_err_no(err, "not an object");
	if (ab_json_keys(receipt, "", keys, err) < 0 ||
	    ab_json_keys(json_object_get(receipt, "in"), "/in", digest, err) < 0 ||
	    ab_json_keys(json_object_get(receipt, "out"), "/out", digest, err) < 0)
		return -1;
	if (strcmp(json_string_value(json_object_get(receipt, "run")), run) != 0)
		return ab_err_no(err, "of another run");
	if (ab_verdict_parse(json_string_value(json_object_get(receipt, "verdict"))) < 0)
		return ab_err_no(err, "unknown verdict");
	return 0;
}

/* One line as a value: the receipt, or {"invalid": why}. `whole`: with its large facts. */
static json_t *load_line(const struct ab_receipts *r, const char *line, size_t len, size_t number,
			 bool whole)
{
	struct ab_err err = { 0 };
	json_t *receipt = ab_json_load("receipt", line, len, &err);

	if (receipt && check_shape(receipt, r->run, &err) == 0 &&
	    (!whole || fetch_facts(r, receipt, &err) == 0))
		return receipt;
	json_decref(receipt);
	ab_err_prefix(&err, "line %zu: ", number);
	ab_err_clean(err.msg);
	return json_pack("{s:s}", "invalid", err.msg);
}

static int load_lines(const struct ab_receipts *r, const char *text, bool whole, json_t *array,
		      struct ab_err *err)
{
	for (size_t number = 2; *text; number++) {
		size_t len = strcspn(text, "\n");

		if (json_array_append_new(array, load_line(r, text, len, number, whole)) < 0)
			return ab_err_memory(err);
		text += len + (text[len] == '\n');
	}
	return 0;
}

static int read_text(struct ab_receipts *r, struct ab_buf *ret, struct ab_err *err)
{
	if (ab_receipts_text(r, ret, err) < 0)
		return -1;
	/* A NUL would end the text early and hide what stands behind it. */
	if (!ret->data || strlen(ret->data) != ret->len)
		return ab_err_usage(err, "AB_RECEIPTS: empty, or holds a NUL byte");
	return 0;
}

/* What ab_receipts_finish() wrote as the last line is taken off: the index, or UINT64_MAX. */
static uint64_t take_end(struct ab_buf *text)
{
	char *line = text->len < 2 ? NULL : memrchr(text->data, '\n', text->len - 1);
	uint64_t record;
	struct ab_err ignored;

	if (!line || strncmp(line + 1, END_OF_RUN, strlen(END_OF_RUN)) != 0)
		return UINT64_MAX;
	text->data[text->len - strlen("}\n")] = '\0';
	if (ab_value_number(line + 1 + strlen(END_OF_RUN), 0, UINT64_MAX - 1, &record, &ignored) <
	    0)
		return UINT64_MAX;
	line[1] = '\0';
	text->len = (size_t)(line + 1 - text->data);
	return record;
}

int ab_receipts_list(struct ab_receipts *r, json_t **ret_array, json_t **ret_head,
		     uint64_t *ret_record, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *array = json_array(), *head = NULL;
	uint64_t record;
	size_t len;

	if (!array)
		return ab_err_memory(err);
	if (read_text(r, &text, err) < 0)
		return -1;
	record = take_end(&text);
	len = strcspn(text.data, "\n");
	head = ab_json_load("AB_RECEIPTS", text.data, len, err);
	if (!head ||
	    load_lines(r, text.data + len + (text.data[len] == '\n'), false, array, err) < 0)
		return -1;
	*ret_array = json_incref(array);
	if (ret_head)
		*ret_head = json_incref(head);
	if (ret_record)
		*ret_record = record;
	return 0;
}

int ab_receipts_load(struct ab_receipts *r, struct ab_run *ret_run, json_t **ret_array,
		     struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *head = NULL, *array = json_array();
	size_t len;

	if (!array)
		return ab_err_memory(err);
	if (read_text(r, &text, err) < 0)
		return -1;
	len = strcspn(text.data, "\n");
	head = ab_json_load("AB_RECEIPTS", text.data, len, err);
	if (!head || take_head(head, ret_run, err) < 0 ||
	    load_lines(r, text.data + len + (text.data[len] == '\n'), true, array, err) < 0)
		return -1;
	json_incref(head);
	*ret_array = json_incref(array);
	return 0;
}

int ab_receipts_finish(struct ab_receipts *r, uint64_t record, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };

	if (record != UINT64_MAX)
		ab_buf_addf(&line, END_OF_RUN "%" PRIu64 "}\n", record);
	if (ab_buf_ok(&line, err) < 0 || ab_io_write(r->fd, line.data, line.len, err) < 0)
		return -1;
	if (fchmod(r->fd, AB_RECEIPTS_FINISHED) < 0)
		return ab_err_sys(err, "AB_RECEIPTS");
	return 0;
}

/* Only names that put_beside() makes: 64 hex digits. */
static bool is_facts_name(const char *name)
{
	return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

void ab_receipts_remove(struct ab_receipts *r)
{
	int copy = openat(r->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_facts_name(entry->d_name))
			(void)unlinkat(r->dirfd, entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
	else if (copy >= 0)
		(void)close(copy);
	/* Best effort: the file is closed to others already by its mode. */
	(void)unlinkat(r->dirfd, r->file, 0);
	(void)unlinkat(r->parentfd, r->dir, AT_REMOVEDIR);
}
