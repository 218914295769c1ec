/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit prune: deletes the blobs whose time is over by a written policy, and says so in the log.
 */
#include "cmd/audit/audit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"

struct settings {
	struct audit_place place;
	const char *policy_path;
	bool dry_run;
	struct ab_retention *policy;
	struct timespec now;
	json_t *due; /* of {"blobs", "index", "policy", "reason"}: the tombstones to be */
};

static void settings_done(struct settings *s)
{
	json_decref(s->due);
	ab_retention_free(s->policy);
	audit_place_close(&s->place);
}

static json_t *tombstone(struct settings *s, uint64_t index, const char *reason)
{
	json_t *last = json_array_get(s->due, json_array_size(s->due) - 1);

	if (last && json_integer_value(json_object_get(last, "index")) == (json_int_t)index &&
	    strcmp(json_string_value(json_object_get(last, "reason")), reason) == 0)
		return last;
	last = json_pack("{s:[], s:I, s:s, s:s}", "blobs", "index", (json_int_t)index, "policy",
			 ab_retention_hash(s->policy), "reason", reason);
	return json_array_append_new(s->due, last) < 0 ? NULL : last;
}

/* A part of a record, if it is a blob that is there and whose time is over. */
static int look_at_part(struct settings *s, uint64_t index, const json_t *record, const char *field,
			const json_t *part, struct ab_err *err)
{
	json_t *blob = json_object_get(part, "blob"), *to;
	const char *hash = json_string_value(blob), *reason;

	if (!hash || !json_is_integer(json_object_get(part, "bytes")) ||
	    !ab_log_has_blob(s->place.log, hash))
		return 0;
	reason = ab_retention_due(s->policy, record, field, s->now);
	if (!reason)
		return 0;
	to = tombstone(s, index, reason);
	if (!to || json_array_append(json_object_get(to, "blobs"), blob) < 0)
		return ab_err_memory(err);
	return 0;
}

static int look_at(void *arg, uint64_t index, const void *entry, size_t len, struct ab_err *err)
{
	struct settings *s = arg;
	json_auto_t *record = ab_record_open(entry, len, ab_log_keys(s->place.log), err);
	const json_t *predicate = ab_record_predicate(record);
	const char *field;
	json_t *part;

	if (!record)
		return ab_err_prefix(err, "record %llu: ", (unsigned long long)index);
	if (!predicate)
		return look_at_part(s, index, record, "data", json_object_get(record, "data"), err);
	json_object_foreach((json_t *)predicate, field, part)
	{
		if (look_at_part(s, index, record, field, part, err) < 0)
			return -1;
	}
	return 0;
}

static int add_tombstone(struct settings *s, const json_t *due, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	uint64_t index = (uint64_t)json_integer_value(json_object_get(due, "index"));

	if (ab_record_redacted(index, json_object_get(due, "blobs"),
			       json_string_value(json_object_get(due, "reason")),
			       ab_retention_hash(s->policy), &entry, err) < 0)
		return -1;
	return ab_log_add(s->place.log, entry.data, entry.len, NULL, NULL, err);
}

static int delete_blobs(struct settings *s, const json_t *due, struct ab_err *err)
{
	const json_t *hash;
	size_t i;

	json_array_foreach(json_object_get(due, "blobs"), i, hash)
	{
		if (ab_log_blob_delete(s->place.log, json_string_value(hash), err) < 0)
			return -1;
	}
	return 0;
}

/* All tombstones first: a blob that is gone without one would look like damage. */
static int prune_all(struct settings *s, struct ab_err *err)
{
	const json_t *due;
	size_t i;

	if (!json_array_size(s->due))
		return 0;
	if (audit_lock(&s->place, err) < 0)
		return -1;
	json_array_foreach(s->due, i, due)
	{
		if (add_tombstone(s, due, err) < 0)
			return -1;
	}
	if (ab_log_commit(s->place.log, err) < 0)
		return -1;
	json_array_foreach(s->due, i, due)
	{
		if (delete_blobs(s, due, err) < 0)
			return -1;
	}
	audit_publish(&s->place);
	return 0;
}

static int print(const struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	const json_t *due;
	size_t i;

	json_array_foreach(s->due, i, due)
	{
		if (ab_json_canonical(due, &out, err) < 0)
			return -1;
		ab_buf_addc(&out, '\n');
	}
	if (ab_buf_ok(&out, err) < 0)
		return -1;
	return ab_io_write(STDOUT_FILENO, out.data, out.len, err);
}

/* The lock is held for a moment, to know how far the log goes, and for the tombstones; writers go
 * on while the records are looked at. */
static int prune(struct settings *s, struct ab_err *err)
{
	if (!s->policy_path)
		return ab_err_usage(err, "--policy: required: for how long what is kept");
	s->policy = ab_retention_load(s->policy_path, err);
	s->due = json_array();
	if (!s->policy || audit_open(&s->place, err) < 0 ||
	    audit_confine(&s->place, NULL, err) < 0 || audit_lock(&s->place, err) < 0)
		return -1;
	ab_log_unlock(s->place.log);
	if (clock_gettime(CLOCK_REALTIME, &s->now) < 0)
		return ab_err_sys(err, "clock");
	if (ab_log_each(s->place.log, 0, ab_log_size(s->place.log), look_at, s, err) < 0 ||
	    (!s->dry_run && prune_all(s, err) < 0))
		return -1;
	return print(s, err);
}

int audit_prune(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "policy", "FILE", "the retention policy; required",
		  &s.policy_path },
		{ AB_OPT_FLAG, 0, "dry-run", NULL, "say what would be deleted, delete nothing",
		  &s.dry_run },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit prune",
				    .summary = "Delete blobs whose time is over, by a policy",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (prune(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
