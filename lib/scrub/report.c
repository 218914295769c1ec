/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for machines: JSON lines, and SARIF 2.1.0. Neither ever holds a value. */
#include <string.h>

#include "lib/json/json.h"
#include "lib/scrub/policy.h"

static void add_text(struct ab_buf *out, const char *key, const char *value)
{
	ab_buf_addf(out, ",\"%s\":", key);
	ab_json_quote(value, strlen(value), out);
}

static void add_fingerprint(const struct ab_scrub_finding *f, struct ab_buf *out)
{
	for (size_t i = 0; i < AB_SCRUB_FINGERPRINT; i++)
		ab_buf_addf(out, "%02x", f->fingerprint[i]);
}

void ab_scrub_report_line(const struct ab_scrub_finding *f, size_t record, struct ab_buf *out)
{
	ab_buf_adds(out, "{\"rule\":");
	ab_json_quote(f->rule, strlen(f->rule), out);
	add_text(out, "category", ab_scrub_category_name(f->category));
	add_text(out, "severity", ab_scrub_severity_name(f->severity));
	add_text(out, "action", ab_scrub_action_name(f->action));
	ab_buf_addf(out, ",\"start\":%zu,\"end\":%zu,\"line\":%u,\"column\":%u", f->start, f->end,
		    f->line, f->column);
	if (record)
		ab_buf_addf(out, ",\"record\":%zu", record);
	if (f->pointer)
		add_text(out, "pointer", f->pointer);
	if (f->in_key)
		ab_buf_adds(out, ",\"key\":true");
	add_text(out, "path", f->path);
	ab_buf_adds(out, ",\"fingerprint\":\"");
	add_fingerprint(f, out);
	/* Of letters, digits and "-_." alone: nothing in it is to be escaped. */
	ab_buf_addf(out, "\",\"preview\":\"%.4s***\"}\n", f->preview);
}

void ab_scrub_sarif_begin(struct ab_buf *out)
{
	ab_buf_adds(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
			 "\"version\":\"2.1.0\",\"runs\":[{\"results\":[");
}

/* SARIF's levels: what blocks or is redacted is an error. */
static const char *level_of(const struct ab_scrub_finding *f)
{
	if (f->action == AB_SCRUB_LOG)
		return "note";
	return f->action == AB_SCRUB_WARN ? "warning" : "error";
}

void ab_scrub_sarif_result(const struct ab_scrub_finding *f, const struct ab_scrub_record *record, bool first,
			   struct ab_buf *out)
{
	size_t line = record->number ? record->number : f->line;

	ab_buf_addf(out, "%s{\"ruleId\":\"%s\",\"level\":\"%s\",\"message\":{\"text\":",
		    first ? "" : ",", f->rule, level_of(f));
	ab_buf_addf(out, "\"%s: %s\"}", ab_scrub_category_name(f->category), f->rule);
	ab_buf_addf(
		out,
		",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"stdin\"},"
		"\"region\":{\"startLine\":%zu,\"startColumn\":%u,\"byteOffset\":%zu,"
		"\"byteLength\":%zu}}",
		line, f->column, (size_t)record->begin + f->start, f->end - f->start);
	if (f->pointer) {
		ab_buf_adds(out, ",\"logicalLocations\":[{\"fullyQualifiedName\":");
		ab_json_quote(f->pointer, strlen(f->pointer), out);
		ab_buf_adds(out, "}]");
	}
	ab_buf_adds(out, "}],\"partialFingerprints\":{\"agentbox/v1\":\"");
	add_fingerprint(f, out);
	ab_buf_adds(out, "\"}}");
}

void ab_scrub_sarif_end(const struct ab_scrub_policy *p, struct ab_buf *out)
{
	ab_buf_addf(out,
		    "],\"columnKind\":\"unicodeCodePoints\",\"tool\":{\"driver\":{\"name\":"
		    "\"ab-scrub\",\"version\":\"%s\",\"rules\":[",
		    AB_VERSION);
	for (size_t i = 0; i < p->n; i++) {
		const char *text =
			p->rules[i].description ? p->rules[i].description : p->rules[i].id;

		ab_buf_addf(out, "%s{\"id\":\"%s\",\"shortDescription\":{\"text\":", i ? "," : "",
			    p->rules[i].id);
		ab_json_quote(text, strlen(text), out);
		ab_buf_adds(out, "}}");
	}
	ab_buf_adds(out, "]}}}]}\n");
}
