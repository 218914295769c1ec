/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of records: each by itself, and that each run that began has one end. */
#include "lib/audit/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

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
	struct begun *b =
		c->n_begun ? bsearch(&key, c->begun, c->n_begun, sizeof(key), by_start) : NULL;

	if (!b || strcmp(b->run, text(predicate, "run")) != 0)
		return ab_err_no(c->err, "/predicate/started: no such beginning of run %s",
				 text(predicate, "run"));
	if (b->ended)
		return ab_err_no(c->err, "run %s has ended before", b->run);
	b->ended = true;
	c->ret->executions++;
	return 0;
}

/* A blob that a record names must be the one that was stored. */
static int check_blob(struct check *c, const char *hash)
{
	unsigned char digest[AB_SHA256_SIZE], chunk[65536];
	char path[128] = "blobs/", is[AB_SHA256_TEXT];
	struct ab_sha256 s;
	ssize_t n;

	if (strlen(hash) != AB_SHA256_TEXT - 1 || strchr(hash, '/'))
		return ab_err_no(c->err, "blob: expected sha256:HEX");
	memcpy(path + 6, hash + 7, strlen(hash + 7) + 1);
	ab_autoclose int fd = openat(c->log->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && (errno == ENOENT || errno == EACCES)) {
		c->ret->missing++;
		return 0;
	}
	if (fd < 0)
		return ab_err_sys(c->err, "%s", path);
	ab_sha256_init(&s);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		ab_sha256_add(&s, chunk, (size_t)n);
	if (n < 0)
		return ab_err_sys(c->err, "%s", path);
	ab_sha256_end(&s, digest);
	ab_sha256_text(digest, is);
	return strcmp(is, hash) == 0 ? 0 : ab_err_no(c->err, "%s: not what was recorded", path);
}

static int check_blobs(struct check *c, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		const char *hash = json_string_value(json_object_get(value, "blob"));

		if (hash && check_blob(c, hash) < 0)
			return -1;
	}
	return 0;
}

int ab_check_record(struct check *c, uint64_t index, const unsigned char *entry, size_t len)
{
	const json_t *predicate;
	json_t *record;
	int status = 0;

	if (ab_record_is_plain_event(&c->records, &c->scratch, entry, len)) {
		c->ret->events++;
		return 0;
	}
	record = ab_record_open(entry, len, &c->log->vkey, c->err);
	if (!record)
		return -1;
	predicate = ab_record_predicate(record);
	if (predicate) {
		status = end_run(c, predicate);
		if (status == 0)
			status = check_blobs(c, predicate);
	} else if (strcmp(text(record, "record"), "started") == 0) {
		status = add_begun(c, index, record);
	} else {
		status = check_blobs(c, record);
	}
	c->ret->events += !predicate;
	json_decref(record);
	return status;
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
		return 0;
	return ab_err_no(c->err, "%s: run %s began at record %llu and has no end%s", c->log->path,
			 open->run, (unsigned long long)open->started,
			 n > 1 ? ", and there are others" : "");
}

void ab_check_records_free(struct check *c)
{
	ab_json_tape_free(&c->records);
	ab_buf_free(&c->scratch);
	free(c->begun);
}
