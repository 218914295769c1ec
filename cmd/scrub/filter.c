/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scrub/filter.h"

#include <string.h>

#include "lib/base/io.h"

#define AT_ONCE	   4096u /* bytes that are written from the map */
#define RECORD_MAX (8u << 20) /* bytes of one record of --lines */

static int flush_report(struct ab_scrub_settings *s, struct ab_err *err)
{
	if (s->report < 0 || s->out.len == 0)
		return 0;
	if (ab_buf_ok(&s->out, err) < 0 || ab_io_write(s->report, s->out.data, s->out.len, err) < 0)
		return ab_err_prefix(err, "%s: ", s->report_name);
	ab_buf_clear(&s->out);
	return 0;
}

/* Counts the findings of a document and adds them to the report. */
static int note(struct ab_scrub_settings *s, const struct ab_scrub_result *r, size_t record,
		struct ab_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct ab_scrub_finding *f = &r->findings[i];
		json_int_t n = json_integer_value(json_object_get(s->counts, f->rule));

		if (json_object_set_new(s->counts, f->rule, json_integer(n + 1)) < 0)
			return ab_err_memory(err);
		if (s->report < 0)
			continue;
		if (s->sarif)
			ab_scrub_sarif_result(f, s->n + i == 0, &s->out);
		else
			ab_scrub_report_line(f, record, &s->out);
		if (s->out.len > 65536 && flush_report(s, err) < 0)
			return -1;
	}
	s->n += r->n;
	s->redactions += r->redactions;
	s->warnings += r->warnings;
	s->blocked += r->blocked;
	return 0;
}

/* What the receipt says, and the end of the report. */
static int conclude(struct ab_scrub_settings *s, struct ab_stage *stage, struct ab_err *err)
{
	if (s->sarif)
		ab_scrub_sarif_end(s->policy, &s->out);
	if (flush_report(s, err) < 0)
		return -1;
	if (!stage->receipts) /* where the facts would go */
		return 0;
	if (json_object_set_new(stage->facts, "policy_hash",
				json_string(ab_scrub_policy_hash(s->policy))) < 0 ||
	    json_object_set(stage->facts, "findings", s->counts) < 0 ||
	    json_object_set_new(stage->facts, "redactions",
				json_integer((json_int_t)s->redactions)) < 0)
		return ab_err_memory(err);
	return 0;
}

/* Writes bytes of the document. What is mapped is read from its file instead: each page of a map
 * that is looked at once more costs more than to copy it. */
static int write_piece(void *arg, const void *data, size_t len, struct ab_err *err)
{
	struct ab_stage *stage = arg;
	const unsigned char *p = data, *map = stage->in.map;
	unsigned char chunk[65536];
	uint64_t at;

	if (!map || p < map || p >= map + stage->in.map_size || len < AT_ONCE)
		return ab_stage_write(stage, data, len, err);
	at = (uint64_t)(p - map);
	while (len) {
		ssize_t n = ab_hold_read(&stage->in, at, chunk,
					 len < sizeof(chunk) ? len : sizeof(chunk), err);

		if (n < 0 || ab_stage_write(stage, chunk, (size_t)n, err) < 0)
			return -1;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static enum ab_scrub_mode mode_of(const struct ab_scrub_settings *s)
{
	return s->json ? AB_SCRUB_JSON : s->text ? AB_SCRUB_TEXT : AB_SCRUB_AUTO;
}

static void claims_free(struct ab_scrub_claims **claims)
{
	ab_scrub_claims_free(*claims);
}

/* What the site's classifier finds. No document: no question. */
static int ask_classifier(struct ab_scrub_settings *s, struct ab_stage *stage,
			  const unsigned char *text, struct ab_scrub_claims **ret,
			  struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf answer = { 0 };
	size_t size = (size_t)stage->in.size;

	if (!s->classifier.command)
		return 0;
	if (json_object_set_new(stage->facts, "classifier", json_string(s->classifier.command)) < 0)
		return ab_err_trouble(err, "--exec-classifier: expected UTF-8");
	if (size == 0)
		return 0;
	if (ab_classifier_ask(&s->classifier, text, size, &answer, err) < 0)
		return -1;
	ab_hold_forget(&stage->in, 0, size);
	*ret = ab_scrub_claims_read(s->policy, answer.data, answer.len, size, err);
	return *ret ? 0 : ab_err_prefix(err, "--exec-classifier: ");
}

/* The whole document: all of it is scanned before any of it comes out. */
int ab_scrub_document(struct ab_scrub_settings *s, struct ab_stage *stage, int fd,
		      struct ab_err *err)
{
	ab_auto(claims_free) struct ab_scrub_claims *claims = NULL;
	ab_auto(ab_scrub_result_free) struct ab_scrub_result r = { 0 };
	const unsigned char *text;

	if (ab_stage_read(stage, fd, err) < 0 || !(text = ab_hold_map(&stage->in, err)) ||
	    ask_classifier(s, stage, text, &claims, err) < 0)
		return -1;
	r.claims = claims;
	r.brief = s->report < 0;
	r.hold = &stage->in;
	if (ab_scrub_scan(s->policy, mode_of(s), text, (size_t)stage->in.size, &r, err) < 0 ||
	    note(s, &r, 0, err) < 0 || conclude(s, stage, err) < 0)
		return -1;
	if (r.blocked) {
		ab_scrub_say(ab_scrub_blocker(&r), err);
		return -1;
	}
	s->unchanged = r.redactions == 0;
	return s->unchanged ? 0
			    : ab_scrub_emit(&r, text, (size_t)stage->in.size, write_piece, stage,
					    err);
}

/* One record of --lines, its newline included; AB_HOLD_PAD zeros follow it. */
static int scrub_record(struct ab_scrub_settings *s, struct ab_stage *stage, const char *text,
			size_t len, size_t record, struct ab_err *err)
{
	ab_auto(ab_scrub_result_free) struct ab_scrub_result r = { .brief = s->report < 0 };

	if (ab_scrub_scan(s->policy, mode_of(s), (const unsigned char *)text, len, &r, err) < 0)
		return ab_err_prefix(err, "record %zu: ", record);
	if (note(s, &r, record, err) < 0)
		return -1;
	if (!r.blocked)
		return ab_scrub_emit(&r, (const unsigned char *)text, len, write_piece, stage, err);
	if (s->blocked == 1) {
		ab_scrub_say(ab_scrub_blocker(&r), &s->first);
		ab_err_prefix(&s->first, "record %zu: ", record);
	}
	return 0;
}

/* Takes the whole records out of the buffer; a copy of each stands before zeros of its own. */
static int scrub_records(struct ab_scrub_settings *s, struct ab_stage *stage, struct ab_buf *in,
			 struct ab_buf *record, size_t *n, bool end, struct ab_err *err)
{
	size_t at = 0;

	while (at < in->len) {
		const char *newline = memchr(in->data + at, '\n', in->len - at);
		size_t len = newline ? (size_t)(newline - in->data) + 1 - at : in->len - at;
		char *pad;

		if (!newline && !end)
			break;
		ab_buf_clear(record);
		ab_buf_add(record, in->data + at, len);
		pad = ab_buf_reserve(record, AB_HOLD_PAD);
		if (!pad)
			return ab_err_memory(err);
		memset(pad, 0, AB_HOLD_PAD);
		if (scrub_record(s, stage, record->data, len, ++*n, err) < 0)
			return -1;
		at += len;
	}
	memmove(in->data, in->data + at, in->len - at);
	in->len -= at;
	return 0;
}

int ab_scrub_lines(struct ab_scrub_settings *s, struct ab_stage *stage, int fd, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf in = { 0 }, record = { 0 };
	size_t n = 0;

	for (;;) {
		char *room = ab_buf_reserve(&in, 65536);
		ssize_t got;

		if (!room)
			return ab_err_memory(err);
		got = ab_stage_read_some(stage, fd, room, 65536, err);
		if (got < 0)
			return -1;
		in.len += (size_t)got;
		if (in.len && scrub_records(s, stage, &in, &record, &n, got == 0, err) < 0)
			return -1;
		if (got == 0)
			break;
		if (in.len > RECORD_MAX)
			return ab_err_no(err, "record %zu: longer than %u bytes", n + 1,
					 RECORD_MAX);
	}
	if (conclude(s, stage, err) < 0)
		return -1;
	if (!s->blocked)
		return 0;
	*err = s->first;
	if (s->blocked > 1)
		return ab_err_prefix(err, "%zu records, ", s->blocked);
	return -1;
}
