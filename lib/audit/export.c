/* SPDX-License-Identifier: Apache-2.0 */
/* Records in the forms that other systems take. */
#include "lib/audit/record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct exported {
	const json_t *record;
	const char *origin, *kind, *type, *verdict, *reason, *run, *when;
	uint64_t index;
	bool failed; /* an execution that did not pass */
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static struct exported look(const json_t *record, const char *origin, uint64_t index)
{
	struct exported x = {
		.record = record,
		.origin = origin,
		.index = index,
		.kind = or_empty(ab_record_kind(record)),
		.type = or_empty(ab_record_type(record)),
		.verdict = ab_record_text(record, "verdict"),
		.reason = ab_record_text(record, "reason"),
		.run = ab_record_text(record, "run"),
		.when = or_empty(ab_record_text(record, "timestamp")),
	};

	x.failed = x.verdict && strcmp(x.verdict, "passed") != 0;
	return x;
}

static int add_json(json_t *value, struct ab_buf *out, struct ab_err *err)
{
	json_auto_t *owned = value;

	if (!owned)
		return ab_err_memory(err);
	if (ab_json_canonical(owned, out, err) < 0)
		return -1;
	ab_buf_addc(out, '\n');
	return ab_buf_ok(out, err);
}

static int as_ndjson(const struct exported *x, struct ab_buf *out, struct ab_err *err)
{
	return add_json(json_pack("{s:I, s:O}", "index", (json_int_t)x->index, "record", x->record),
			out, err);
}

/* Milliseconds since 1970 of a record's time stamp. */
static json_int_t epoch_ms(const char *when)
{
	struct tm tm = { 0 };
	int ms = 0;

	if (sscanf(when, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms) != 7)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (json_int_t)timegm(&tm) * 1000 + ms;
}

/* Success, Failure, or Unknown: an event has no verdict. */
static int ocsf_status(const struct exported *x)
{
	if (!x->verdict)
		return 0;
	return x->failed ? 2 : 1;
}

/* OCSF 1.3.0, API Activity (class 6003): activity 99 is "Other", named by activity_name. */
static int as_ocsf(const struct exported *x, struct ab_buf *out, struct ab_err *err)
{
	char uid[AB_NOTE_NAME + 32];
	json_t *event;

	(void)snprintf(uid, sizeof(uid), "%s/%llu", x->origin, (unsigned long long)x->index);
	event = json_pack("{s:i, s:s, s:i, s:i, s:i, s:i, s:I, s:i, s:s*}", "activity_id", 99,
			  "activity_name", x->kind, "category_uid", 6, "class_uid", 6003,
			  "type_uid", 600399, "severity_id", x->failed ? 3 : 1, "time",
			  epoch_ms(x->when), "status_id", ocsf_status(x), "status_detail",
			  x->reason);
	if (!event)
		return ab_err_memory(err);
	(void)json_object_set_new(event, "metadata",
				  json_pack("{s:s, s:s, s:{s:s, s:s, s:s}}", "version", "1.3.0",
					    "uid", uid, "product", "name", "agentbox",
					    "vendor_name", "agentbox", "version", AB_VERSION));
	(void)json_object_set_new(event, "actor", json_pack("{s:s}", "app_name", "agentbox"));
	(void)json_object_set_new(event, "api",
				  json_pack("{s:s}", "operation", *x->type ? x->type : x->kind));
	(void)json_object_set_new(event, "src_endpoint", json_pack("{s:s}", "name", x->origin));
	(void)json_object_set_new(event, "unmapped", json_pack("{s:O}", "record", x->record));
	return add_json(event, out, err);
}

/* What ECS calls the outcome; it has none for what only says that something was. */
static const char *ecs_outcome(const struct exported *x)
{
	if (!x->verdict)
		return NULL;
	return x->failed ? "failure" : "success";
}

/* Elastic Common Schema 8.11. Its categories and types of events have no place for a workflow's
 * run, and so are left out. */
static int as_ecs(const struct exported *x, struct ab_buf *out, struct ab_err *err)
{
	char uid[AB_NOTE_NAME + 32];

	(void)snprintf(uid, sizeof(uid), "%s/%llu", x->origin, (unsigned long long)x->index);
	return add_json(
		json_pack("{s:s, s:{s:s}, s:{s:s, s:s, s:I, s:s, s:s, s:s*, s:s*, s:s}, s:{s:O}}",
			  "@timestamp", x->when, "ecs", "version", "8.11.0", "event", "action",
			  *x->type ? x->type : x->kind, "id", uid, "sequence", (json_int_t)x->index,
			  "kind", "event", "module", "agentbox", "outcome", ecs_outcome(x),
			  "reason", x->reason, "dataset", "agentbox.audit", "agentbox", "record",
			  x->record),
		out, err);
}

/* A value with a backslash before each of the characters in `special`; line ends become spaces. */
static void add_escaped(struct ab_buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			ab_buf_addc(out, '\\');
		ab_buf_addc(out, (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	}
}

/* An extension, where line ends have a spelling of their own; in the header they have none. */
static void add_cef(struct ab_buf *out, const char *key, const char *text)
{
	if (!text)
		return;
	ab_buf_addf(out, " %s=", key);
	while (*text) {
		size_t n = strcspn(text, "\r\n");
		ab_autofree char *line = strndup(text, n);

		if (!line) {
			out->failed = true;
			return;
		}
		add_escaped(out, line, "\\=");
		text += n;
		if (*text)
			ab_buf_adds(out, *text++ == '\n' ? "\\n" : "\\r");
	}
}

/* ArcSight Common Event Format: seven header fields, then key=value. */
static int as_cef(const struct exported *x, struct ab_buf *out, struct ab_err *err)
{
	ab_buf_addf(out, "CEF:0|agentbox|ab-audit|%s|%s|", AB_VERSION, x->kind);
	add_escaped(out, *x->type ? x->type : x->kind, "\\|");
	ab_buf_addf(out, "|%d|rt=%lld externalId=%llu", x->failed ? 6 : 3,
		    (long long)epoch_ms(x->when), (unsigned long long)x->index);
	add_cef(out, "dvchost", x->origin);
	add_cef(out, "outcome", x->verdict);
	add_cef(out, "reason", x->reason);
	if (x->run)
		ab_buf_adds(out, " cs1Label=run");
	add_cef(out, "cs1", x->run);
	ab_buf_addc(out, '\n');
	return ab_buf_ok(out, err);
}

static void add_param(struct ab_buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	ab_buf_addf(out, " %s=\"", name);
	add_escaped(out, text, "\\\"]");
	ab_buf_addc(out, '"');
}

/* RFC 5424, facility 13 (log audit); 32473 is the enterprise number for documentation (RFC 5612).
 */
static int as_syslog(const struct exported *x, struct ab_buf *out, struct ab_err *err)
{
	ab_buf_addf(out, "<%d>1 %s - ab-audit - %s [agentbox@32473", 13 * 8 + (x->failed ? 4 : 6),
		    *x->when ? x->when : "-", *x->kind ? x->kind : "-");
	add_param(out, "origin", x->origin);
	ab_buf_addf(out, " index=\"%llu\"", (unsigned long long)x->index);
	add_param(out, "type", x->type);
	add_param(out, "run", x->run);
	add_param(out, "verdict", x->verdict);
	ab_buf_addc(out, ']');
	if (x->reason) {
		ab_buf_addc(out, ' ');
		add_escaped(out, x->reason, "");
	}
	ab_buf_addc(out, '\n');
	return ab_buf_ok(out, err);
}

int ab_record_export(const char *format, const json_t *record, const char *origin, uint64_t index,
		     struct ab_buf *out, struct ab_err *err)
{
	static const struct {
		const char *name;
		int (*write)(const struct exported *x, struct ab_buf *out, struct ab_err *err);
	} formats[] = {
		{ "ndjson", as_ndjson }, { "ocsf", as_ocsf },	  { "ecs", as_ecs },
		{ "cef", as_cef },	 { "syslog", as_syslog },
	};
	const struct exported x = look(record, origin, index);

	for (size_t i = 0; i < AB_ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			return formats[i].write(&x, out, err);
	return ab_err_usage(err, "%s: unknown format", format);
}
