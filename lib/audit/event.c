/* SPDX-License-Identifier: Apache-2.0 */
/* Event records: RFC 8785 JSON, covered by the checkpoint. */
#include "lib/audit/record.h"

#include <string.h>

#include "lib/base/time.h"

static int finish(json_t *record, struct ab_buf *out, struct ab_err *err)
{
	json_auto_t *owned = record;

	if (!owned)
		return ab_err_memory(err);
	ab_buf_clear(out);
	return ab_json_canonical(owned, out, err);
}

int ab_record_started(const char *run, const char *workflow_type, const char *workflow_id,
		      const json_t *params, struct ab_buf *out, struct ab_err *err)
{
	char now[AB_TIME_STAMP];

	ab_time_now(now);
	return finish(json_pack("{s:s, s:O*, s:s, s:s, s:s, s:s}", "record", "started", "params",
				params, "run", run, "timestamp", now, "workflow_id",
				workflow_id ? workflow_id : run, "workflow_type", workflow_type),
		      out, err);
}

int ab_record_event(const char *type, const char *run, const json_t *data, struct ab_buf *out,
		    struct ab_err *err)
{
	char now[AB_TIME_STAMP];

	/* The writer only reads it: the const is kept in spirit. */
	ab_time_now(now);
	return finish(json_pack("{s:s, s:s, s:s, s:s*, s:O}", "record", "event", "timestamp", now,
				"type", type, "run", run, "data", data),
		      out, err);
}

int ab_record_redacted(uint64_t index, const json_t *blobs, const char *reason, const char *policy,
		       struct ab_buf *out, struct ab_err *err)
{
	char now[AB_TIME_STAMP];

	ab_time_now(now);
	return finish(json_pack("{s:s, s:O, s:I, s:s*, s:s, s:s}", "record", "redacted", "blobs",
				blobs, "index", (json_int_t)index, "policy", policy, "reason",
				reason, "timestamp", now),
		      out, err);
}

int ab_record_rotated(const struct ab_vkey *next, struct ab_buf *out, struct ab_err *err)
{
	char now[AB_TIME_STAMP], vkey[AB_NOTE_VKEY];

	ab_time_now(now);
	ab_vkey_format(next, vkey);
	return finish(
		json_pack("{s:s, s:s, s:s}", "record", "rotated", "next", vkey, "timestamp", now),
		out, err);
}

int ab_record_continued(const struct ab_vkey *previous, const char *note, struct ab_buf *out,
			struct ab_err *err)
{
	char now[AB_TIME_STAMP], vkey[AB_NOTE_VKEY];

	ab_time_now(now);
	ab_vkey_format(previous, vkey);
	return finish(json_pack("{s:s, s:s, s:s, s:s}", "record", "continued", "previous", vkey,
				"checkpoint", note, "timestamp", now),
		      out, err);
}
