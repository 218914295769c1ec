/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for machines: JSON lines, and SARIF 2.1.0. Neither ever holds a value. */
#include <string.h>

#include "lib/crypto/text.h"
#include "lib/json/json.h"
#include "lib/scrub/policy.h"

#define DIGITS 20 /* of the largest number */

/* A text may have tens of thousands of findings, and to format them would cost as much as to make them. `before` is all
 * that stands before the value. */
static void add_text(struct ab_buf *out, const char *before, const char *value)
{
	ab_buf_adds(out, before);
	ab_json_quote(value, strlen(value), out);
}

static void add_number(struct ab_buf *out, const char *before, size_t n)
{
	char digits[DIGITS];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	ab_buf_adds(out, before);
	ab_buf_add(out, digits + at, sizeof(digits) - at);
}

static void add_fingerprint(const struct ab_scrub_finding *f, struct ab_buf *out)
{
	char hex[2 * AB_SCRUB_FINGERPRINT + 1];

	ab_hex_encode(f->fingerprint, AB_SCRUB_FINGERPRINT, hex);
	ab_buf_add(out, hex, 2 * AB_SCRUB_FINGERPRINT);
}

void ab_scrub_report_line(const struct ab_scrub_finding *f, size_t record, struct ab_buf *out)
{
	add_text(out, "{\"rule\":", f->rule);
	add_text(out, ",\"category\":", ab_scrub_category_name(f->category));
	add_text(out, ",\"severity\":", ab_scrub_severity_name(f->severity));
	add_text(out, ",\"action\":", ab_scrub_action_name(f->action));
	add_number(out, ",\"start\":", f->start);
	add_number(out, ",\"end\":", f->end);
	add_number(out, ",\"line\":", f->line);
	add_number(out, ",\"column\":", f->column);
	if (record)
		add_number(out, ",\"record\":", record);
	if (f->pointer)
		add_text(out, ",\"pointer\":", f->pointer);
	if (f->in_key)
		ab_buf_adds(out, ",\"key\":true");
	add_text(out, ",\"path\":", f->path);
	ab_buf_adds(out, ",\"fingerprint\":\"");
	add_fingerprint(f, out);
	/* Of letters, digits and "-_." alone: nothing in it is to be escaped. */
	ab_buf_adds(out, "\",\"preview\":\"");
	ab_buf_add(out, f->preview, strnlen(f->preview, sizeof(f->preview)));
	ab_buf_adds(out, "***\"}\n");
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
