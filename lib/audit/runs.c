/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of records: each by itself, and that each run that began has one end. */
#include "lib/audit/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/base/time.h"

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* Whether a record of that time is from less than allow_open_ms ago; RFC 3339 texts of one form
 * compare as their times do. */
static bool is_recent(const struct check *c, const char *timestamp)
{
	char limit[AB_TIME_STAMP];
	struct timespec when;

	if (!c->how->allow_open_ms || clock_gettime(CLOCK_REALTIME, &when) < 0)
		return false;
	when.tv_sec -= (time_t)(c->how->allow_open_ms / 1000);
	if (when.tv_sec < 0)
		return true;
	ab_time_format(when, limit);
	return strcmp(timestamp, limit) >= 0;
}

static void hash_workflow(const json_t *of, unsigned char ret[16])
{
	const char *type = text(of, "workflow_type"), *id = text(of, "workflow_id");
	unsigned char digest[AB_SHA256_SIZE];
	struct ab_sha256 s;

	ab_sha256_init(&s);
	ab_sha256_add(&s, type, strlen(type) + 1);
	ab_sha256_add(&s, id, strlen(id));
	ab_sha256_end(&s, digest);
	memcpy(ret, digest, 16);
}

static int add_begun(struct check *c, uint64_t index, const json_t *record)
{
	struct begun b = { .started = index };

	if (c->n_begun == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct begun *more = realloc(c->begun, room * sizeof(*more));

		if (!more)
			return ab_err_memory(c->err);
		c->begun = more;
		c->room = room;
	}
	memcpy(b.run, text(record, "run"), sizeof(b.run)); /* a UUID: the check has seen to it */
	hash_workflow(record, b.said);
	b.recent = is_recent(c, text(record, "timestamp"));
	c->begun[c->n_begun++] = b;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct begun *x = a, *y = b;

	return (x->started > y->started) - (x->started < y->started);
}

static int end_run(struct check *c, const json_t *predicate)
{
	struct begun key = { .started = (uint64_t)json_integer_value(
				     json_object_get(predicate, "started")) };
	unsigned char said[16];
	struct begun *b =
		c->n_begun ? bsearch(&key, c->begun, c->n_begun, sizeof(key), by_start) : NULL;

	if (!b || strcmp(b->run, text(predicate, "run")) != 0)
		return ab_err_no(c->err, "/predicate/started: no such beginning of run %s",
				 text(predicate, "run"));
	if (b->ended)
		return ab_err_no(c->err, "run %s has ended before", b->run);
	hash_workflow(predicate, said);
	if (memcmp(said, b->said, sizeof(said)) != 0)
		return ab_err_no(c->err, "/predicate/workflow_type, workflow_id: not those that run "
					 "%s began with", b->run);
	b->ended = true;
	c->ret->executions++;
	return 0;
}

static int add_missing(struct check *c, uint64_t index, const char *hash)
{
	struct missing m = { .index = index };
	struct missing *more;

	memcpy(m.hash, hash, sizeof(m.hash));
	more = realloc(c->missing, (c->n_missing + 1) * sizeof(*more));
	if (!more)
		return ab_err_memory(c->err);
	c->missing = more;
	c->missing[c->n_missing++] = m;
	return 0;
}

/* A blob that a record names must be the one that was stored, or have been redacted since. */
static int check_blob(struct check *c, uint64_t index, const char *hash)
{
	unsigned char digest[AB_SHA256_SIZE], chunk[65536];
	char path[128] = "blobs/", is[AB_SHA256_TEXT];
	struct ab_sha256 s;
	ssize_t n;

	if (strlen(hash) != AB_SHA256_TEXT - 1 || strchr(hash, '/'))
		return ab_err_no(c->err, "blob: expected sha256:HEX");
	memcpy(path + 6, hash + 7, strlen(hash + 7) + 1);
	ab_autoclose int fd = ab_path_open_regular(c->log->dir, path, O_RDONLY, c->err);
	if (fd < 0 && (c->err->sys == ENOENT || c->err->sys == EACCES)) {
		*c->err = (struct ab_err){ 0 };
		return add_missing(c, index, hash);
	}
	if (fd < 0)
		return -1;
	ab_sha256_init(&s);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		ab_sha256_add(&s, chunk, (size_t)n);
	if (n < 0)
		return ab_err_sys(c->err, "%s", path);
	ab_sha256_end(&s, digest);
	ab_sha256_text(digest, is);
	return strcmp(is, hash) == 0 ? 0 : ab_err_no(c->err, "%s: not what was recorded", path);
}

/* Adds the hash if the value is {"blob": hash, "bytes": n}. */
static void add_reference(json_t *blobs, const json_t *value)
{
	json_t *hash = json_object_get(value, "blob");

	if (json_is_string(hash) && json_is_integer(json_object_get(value, "bytes")))
		(void)json_array_append(blobs, hash);
}

json_t *ab_record_blobs(const json_t *record)
{
	const json_t *predicate = ab_record_predicate(record);
	json_t *blobs = json_array(), *value;
	const char *key;

	if (!predicate)
		add_reference(blobs, json_object_get(record, "data"));
	json_object_foreach((json_t *)predicate, key, value) add_reference(blobs, value);
	return blobs;
}

static int check_blobs(struct check *c, uint64_t index, const json_t *record)
{
	json_auto_t *blobs = ab_record_blobs(record);
	const json_t *hash;
	size_t i;

	json_array_foreach(blobs, i,
			   hash) if (check_blob(c, index, json_string_value(hash)) < 0) return -1;
	return 0;
}

/* A tombstone: what it names may be gone. */
static int take_redacted(struct check *c, const json_t *record)
{
	uint64_t of = (uint64_t)json_integer_value(json_object_get(record, "index"));
	const json_t *hash;
	size_t i, kept = 0;

	json_array_foreach(json_object_get(record, "blobs"), i, hash)
	{
		const char *want = json_string_value(hash);

		for (size_t m = 0; want && m < c->n_missing; m++)
			if (c->missing[m].index == of && strcmp(c->missing[m].hash, want) == 0)
				c->missing[m].redacted = true;
	}
	for (size_t m = 0; m < c->n_missing; m++)
		if (!c->missing[m].redacted)
			c->missing[kept++] = c->missing[m];
	c->ret->redacted += c->n_missing - kept;
	c->n_missing = kept;
	return 0;
}

static int check_event(struct check *c, uint64_t index, const json_t *record)
{
	const char *kind = text(record, "record");

	c->ret->events++;
	if (strcmp(kind, "started") == 0)
		return add_begun(c, index, record);
	if (strcmp(kind, "redacted") == 0)
		return take_redacted(c, record);
	if (strcmp(kind, "continued") == 0 && index != 0)
		return ab_err_no(c->err, "only a log's first record can continue another log");
	if (strcmp(kind, "rekeyed") == 0)
		return ab_check_rekeyed(c, record);
	if (strcmp(kind, "key-ended") == 0)
		return ab_check_key_ended(c, record);
	c->rotated = strcmp(kind, "rotated") == 0;
	return check_blobs(c, index, record);
}

int ab_check_record(struct check *c, uint64_t index, const unsigned char *entry, size_t len)
{
	const json_t *predicate;
	json_t *record;
	int status;

	if (c->rotated)
		return ab_err_no(c->err, "stands behind the log's last, which named the next log");
	if (ab_record_is_plain_event(&c->records, &c->scratch, entry, len)) {
		c->ret->events++;
		return 0;
	}
	record = ab_record_open(entry, len, &c->active, c->err);
	if (!record)
		return -1;
	predicate = ab_record_predicate(record);
	if (predicate)
		status = end_run(c, predicate) < 0 ? -1 : check_blobs(c, index, record);
	else
		status = check_event(c, index, record);
	json_decref(record);
	return status;
}

/* Who has the private part has the blobs; a copy may lack them. */
static int check_missing(struct check *c)
{
	if (c->n_missing && c->log->own >= 0)
		return ab_err_no(
			c->err, "%s: record %llu: its blob %s is gone and was not redacted",
			c->log->path, (unsigned long long)c->missing[0].index, c->missing[0].hash);
	c->ret->missing = c->n_missing;
	return 0;
}

int ab_check_ends(struct check *c)
{
	const struct begun *open = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->n_begun; i++) {
		if (c->begun[i].ended)
			continue;
		if (c->begun[i].recent) {
			c->ret->open++;
			continue;
		}
		open = open ? open : &c->begun[i];
		n++;
	}
	if (!open)
		return check_missing(c);
	ab_buf_clear(&c->scratch);
	ab_buf_add_word(&c->scratch, c->log->path);
	if (ab_buf_ok(&c->scratch, c->err) < 0)
		return -1;
	return ab_err_no(c->err,
			 "%s: run %s began at record %llu and has no end%s; if it is over: "
			 "ab-audit end --log %s --run %s",
			 c->log->path, open->run, (unsigned long long)open->started,
			 n > 1 ? ", and there are others" : "", c->scratch.data, open->run);
}

void ab_check_records_free(struct check *c)
{
	ab_json_tape_free(&c->records);
	ab_buf_free(&c->scratch);
	free(c->begun);
	free(c->missing);
}
