/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit record: puts events into the log. */
#include "cmd/audit/audit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/base/time.h"

#define MAX_EVENT  (16u << 20)	/* bytes of one event; what is over an entry becomes a blob */
#define MAX_EVENTS (256u << 20) /* bytes of a file of --events */
#define READ_SIZE  (1u << 20)
#define BATCH	   4096	       /* records of a commit at most, unless --batch says less */
#define EVERY_NS   1000000000u /* how often the public tiles follow a stream */

struct settings {
	struct audit_place place;
	const char *type, *events_path;
	bool lines, blob;
	int events;			  /* the file of --events */
	uint64_t batch;			  /* records of a commit at most */
	struct ab_buf input, entry, acks; /* acks: printed once they are true */
	struct ab_record_scratch scratch;
	size_t line;
	uint32_t batched;
	uint64_t published_ns;
	bool at_end;
};

static void settings_done(struct settings *s)
{
	ab_buf_free(&s->input);
	ab_buf_free(&s->entry);
	ab_buf_free(&s->acks);
	ab_record_scratch_free(&s->scratch);
	if (s->events >= 0)
		(void)close(s->events);
	audit_place_close(&s->place);
}

/* An event that is too large for an entry: its data become a blob. */
static int build_large(struct settings *s, const json_t *data, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *reference = NULL;

	if (ab_json_canonical(data, &text, err) < 0)
		return -1;
	reference = ab_log_blob(s->place.log, text.data, text.len, err);
	return reference ? ab_record_event(s->type, NULL, reference, &s->entry, err) : -1;
}

static int build_event(struct settings *s, const char *text, size_t len, struct ab_err *err)
{
	json_auto_t *data = NULL;

	if (!s->blob && ab_record_plain_event(&s->scratch, s->type, text, len, &s->entry) &&
	    s->entry.len <= AB_LOG_MAX_ENTRY)
		return 0;
	data = ab_json_load("event", text, len, err);
	if (json_object_get(data, "blob") && json_object_get(data, "bytes"))
		return ab_err_no(err,
				 "event: blob and bytes together are how a record names a blob");
	if (!data || ab_record_event(s->type, NULL, data, &s->entry, err) < 0)
		return -1;
	return s->blob || s->entry.len > AB_LOG_MAX_ENTRY ? build_large(s, data, err) : 0;
}

/* Adds s->entry to the commit, and its line to what is said once that is true. */
static int add_entry(struct settings *s, struct ab_err *err)
{
	unsigned char leaf[AB_SHA256_SIZE];
	char hex[AB_SHA256_TEXT];
	uint64_t index;

	if (ab_log_add(s->place.log, s->entry.data, s->entry.len, &index, leaf, err) < 0)
		return -1;
	ab_sha256_text(leaf, hex);
	ab_buf_addf(&s->acks, "{\"index\":%llu,\"leaf\":\"%s\"}\n", (unsigned long long)index, hex);
	s->batched++;
	return ab_buf_ok(&s->acks, err);
}

static int add_event(struct settings *s, const char *text, size_t len, struct ab_err *err)
{
	return build_event(s, text, len, err) < 0 ? -1 : add_entry(s, err);
}

static int publish(struct settings *s, struct ab_err *err)
{
	uint64_t now = ab_time_monotonic_ns();
	bool all = s->at_end || now - s->published_ns >= EVERY_NS;

	if (all)
		s->published_ns = now;
	if (all ? ab_log_publish(s->place.log, s->at_end, err) < 0
		: ab_log_publish_tiles(s->place.log, err) < 0)
		return ab_err_prefix(err, "recorded, but not yet in the public tiles: ");
	return 0;
}

/* Makes the batch durable, then says so. */
static int commit(struct settings *s, struct ab_err *err)
{
	if (ab_log_commit(s->place.log, err) < 0)
		return -1;
	if (ab_io_write(STDOUT_FILENO, s->acks.data, s->acks.len, err) < 0)
		return ab_err_prefix(err, "standard output (the events are recorded): ");
	ab_buf_clear(&s->acks);
	s->batched = 0;
	if (publish(s, err) < 0)
		return -1;
	ab_log_unlock(s->place.log);
	return 0;
}

/* Adds the whole lines that have arrived. An error leaves what was added before it. */
static int take_lines(struct settings *s, struct ab_err *err)
{
	size_t at = 0;
	int status = 0;

	while (status == 0 && at < s->input.len && s->batched < s->batch) {
		char *start = s->input.data + at;
		char *newline = memchr(start, '\n', s->input.len - at);
		size_t len = newline ? (size_t)(newline - start) : s->input.len - at;

		if (!newline && !s->at_end)
			break;
		s->line++;
		status = add_event(s, start, len, err);
		if (status < 0)
			ab_err_prefix(err, "line %zu: ", s->line);
		at += len + (newline != NULL);
	}
	if (at)
		memmove(s->input.data, s->input.data + at, s->input.len - at);
	s->input.len -= at;
	return status;
}

/* Waits for input; what one read brings is one commit. */
static int read_more(struct settings *s, struct ab_err *err)
{
	char *room = ab_buf_reserve(&s->input, READ_SIZE);
	ssize_t n;

	if (!room)
		return ab_err_memory(err);
	n = ab_io_read(STDIN_FILENO, room, READ_SIZE, err);
	if (n < 0)
		return ab_err_prefix(err, "standard input: ");
	s->input.len += (size_t)n;
	s->at_end = n == 0;
	if (s->input.len > MAX_EVENT + READ_SIZE)
		return ab_err_no(err, "line %zu: longer than %u bytes", s->line + 1, MAX_EVENT);
	return 0;
}

/* One commit. The lines before a bad one are recorded and acknowledged. */
static int record_batch(struct settings *s, struct ab_err *err)
{
	struct ab_err bad = { 0 };
	int status;

	if (audit_lock(&s->place, err) < 0)
		return -1;
	status = take_lines(s, &bad);
	s->at_end |= status < 0;
	if (commit(s, err) < 0)
		return -1;
	if (status < 0)
		*err = bad;
	return status;
}

static int record_lines(struct settings *s, struct ab_err *err)
{
	while (!s->at_end || s->input.len) {
		if (!s->at_end && !(s->input.len && memchr(s->input.data, '\n', s->input.len)) &&
		    read_more(s, err) < 0)
			return -1;
		if (record_batch(s, err) < 0)
			return -1;
	}
	return 0;
}

static int record_one(struct settings *s, struct ab_err *err)
{
	if (ab_buf_read(&s->input, STDIN_FILENO, MAX_EVENT, err) < 0)
		return ab_err_prefix(err, "standard input: ");
	s->at_end = true;
	if (audit_lock(&s->place, err) < 0 ||
	    add_event(s, s->input.data ? s->input.data : "", s->input.len, err) < 0)
		return -1;
	return commit(s, err);
}

/* A file of events, whatever is in it, goes into the log as one blob. */
static int record_file(struct settings *s, struct ab_err *err)
{
	json_auto_t *reference = NULL;

	if (ab_buf_read(&s->input, s->events, MAX_EVENTS, err) < 0)
		return ab_err_prefix(err, "%s: ", s->events_path);
	s->at_end = true;
	if (audit_lock(&s->place, err) < 0)
		return -1;
	reference =
		ab_log_blob(s->place.log, s->input.data ? s->input.data : "", s->input.len, err);
	if (!reference || ab_record_event(s->type, NULL, reference, &s->entry, err) < 0 ||
	    add_entry(s, err) < 0)
		return -1;
	return commit(s, err);
}

static int check_options(struct settings *s, struct ab_err *err)
{
	if (!s->type)
		s->type = s->events_path ? "events" : "event";
	if (!*s->type || strlen(s->type) > 64 ||
	    strspn(s->type, "abcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(s->type))
		return ab_err_usage(err, "--type: expected 1 to 64 of a-z 0-9 . _ -");
	if (s->batch < 1 || s->batch > BATCH)
		return ab_err_usage(err, "--batch: expected 1 to %d", BATCH);
	if (s->events_path && (s->lines || s->blob))
		return ab_err_usage(err, "--events: not together with --lines or --blob");
	return 0;
}

static int record(struct settings *s, struct ab_err *err)
{
	if (check_options(s, err) < 0)
		return -1;
	if (s->events_path) {
		s->events = ab_path_open(s->events_path, err);
		if (s->events < 0)
			return -1;
	}
	if (audit_open(&s->place, err) < 0 || audit_confine(&s->place, NULL, err) < 0)
		return -1;
	s->published_ns = ab_time_monotonic_ns();
	if (s->events_path)
		return record_file(s, err);
	return s->lines ? record_lines(s, err) : record_one(s, err);
}

int audit_record(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .events = -1, .batch = BATCH };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_FLAG, 0, "lines", NULL, "one event a line", &s.lines },
		{ AB_OPT_STRING, 0, "type", "NAME", "what kind of events; else \"event\"",
		  &s.type },
		{ AB_OPT_NUMBER, 0, "batch", "N",
		  "of --lines, records of a commit at most; else 4096", &s.batch },
		{ AB_OPT_FLAG, 0, "blob", NULL, "the data stand in blobs, which can be redacted",
		  &s.blob },
		{ AB_OPT_STRING, 0, "events", "FILE",
		  "record this file, whatever is in it, as a blob", &s.events_path },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit record",
				    .summary = "Record events",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (record(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
