/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit redact: deletes what a record keeps in blobs, and says so in the log. */
#include "cmd/audit/audit.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/value.h"

struct settings {
	struct audit_place place;
	const char *index, *reason;
};

static void settings_done(struct settings *s)
{
	audit_place_close(&s->place);
}

/* The blobs of the record, of which there must be one. */
static json_t *find_blobs(struct settings *s, uint64_t index, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	json_auto_t *record = NULL;
	json_t *blobs;

	if (ab_log_entry(s->place.log, index, &entry, err) < 0)
		return NULL;
	record = ab_record_open(entry.data, entry.len, ab_log_keys(s->place.log), err);
	if (!record)
		return NULL;
	blobs = ab_record_blobs(record);
	if (json_array_size(blobs))
		return blobs;
	json_decref(blobs);
	ab_err_no(err, "record %llu has no blob: what stands in a record itself stays",
		  (unsigned long long)index);
	return NULL;
}

/* The tombstone first: a blob that is gone without one would look like damage. */
static int redact(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	struct ab_log *log;
	json_auto_t *blobs = NULL;
	const json_t *hash;
	uint64_t index;
	size_t i;

	if (!s->reason || !*s->reason || strlen(s->reason) > 500)
		return ab_err_usage(err, "--reason: required, at most 500 bytes");
	if (ab_value_number(s->index, 0, UINT64_MAX, &index, err) < 0 ||
	    audit_open(&s->place, err) < 0 || audit_confine(&s->place, NULL, err) < 0 ||
	    audit_lock(&s->place, err) < 0)
		return -1;
	log = s->place.log;
	blobs = find_blobs(s, index, err);
	if (!blobs || ab_record_redacted(index, blobs, s->reason, NULL, &entry, err) < 0 ||
	    ab_log_add(log, entry.data, entry.len, NULL, NULL, err) < 0 ||
	    ab_log_commit(log, err) < 0)
		return -1;
	json_array_foreach(blobs, i, hash)
	{
		if (ab_log_blob_delete(log, json_string_value(hash), err) < 0)
			return -1;
		printf("%s\n", json_string_value(hash));
	}
	audit_publish(&s->place);
	return 0;
}

int audit_redact(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "reason", "TEXT", "why, for the record; required", &s.reason },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit redact",
				    .summary = "Delete a record's blobs, and say so in the log",
				    .operands = "INDEX",
				    .opts = opts,
				    .min = 1,
				    .max = 1 };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.index = argv[first];
	if (redact(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
