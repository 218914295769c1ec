/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scrub/filter.h"

#include <string.h>

#include "lib/base/io.h"

#define AT_ONCE	   4096u /* bytes that are written from the map */
#define DONE	   ((size_t)256 << 10) /* and after so many of them their pages are given back */
#define READ	   65536u
#define LONG	   ((size_t)1 << 20) /* bytes of a record of --lines that goes to the spool */

static int flush_report(struct ab_scrub_settings *s, struct ab_err *err)
{
	if (s->report < 0 || s->out.len == 0)
		return 0;
	if (ab_buf_ok(&s->out, err) < 0 || ab_io_write(s->report, s->out.data, s->out.len, err) < 0)
		return ab_err_prefix(err, "%s: ", s->report_name);
	ab_buf_clear(&s->out);
	return 0;
}

/* Findings of a few rules, which are most of all, counted before they are so by the rules' names. */
struct tally {
	struct {
		const char *rule;
		json_int_t n;
	} items[8];
	size_t n;
};

static int add_tally(json_t *counts, struct tally *t, struct ab_err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *rule = t->items[i].rule;
		json_int_t n = json_integer_value(json_object_get(counts, rule)) + t->items[i].n;

		if (json_object_set_new(counts, rule, json_integer(n)) < 0)
			return ab_err_memory(err);
	}
	t->n = 0;
	return 0;
}

static int count(json_t *counts, struct tally *t, const char *rule, struct ab_err *err)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->items[i].rule == rule) {
			t->items[i].n++;
			return 0;
		}
	if (t->n == AB_ARRAY_SIZE(t->items) && add_tally(counts, t, err) < 0)
		return -1;
	t->items[t->n].rule = rule;
	t->items[t->n++].n = 1;
	return 0;
}

/* Counts the findings of a document and adds them to the report. */
static int note(struct ab_scrub_settings *s, const struct ab_scrub_result *r,
		const struct ab_scrub_record *record, struct ab_err *err)
{
	struct tally tally = { .n = 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct ab_scrub_finding *f = ab_scrub_finding(r, i);

		if (count(s->counts, &tally, f->rule, err) < 0)
			return -1;
		if (s->report < 0)
			continue;
		if (s->sarif)
			ab_scrub_sarif_result(f, record, s->n + i == 0, &s->out);
		else
			ab_scrub_report_line(f, record->number, &s->out);
		if (s->out.len > 65536 && flush_report(s, err) < 0)
			return -1;
	}
	s->n += r->n;
	s->redactions += r->redactions;
	s->warnings += r->warnings;
	s->blocked += r->blocked;
	return add_tally(s->counts, &tally, err);
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

	if (!map || p < map || p >= map + stage->in.map_size)
		return ab_stage_write(stage, data, len, err);
	at = (uint64_t)(p - map);
	if (at / DONE != (at + len) / DONE) /* of the small pieces before */
		ab_hold_forget(&stage->in, at / DONE * DONE, at);
	if (len < AT_ONCE)
		return ab_stage_write(stage, data, len, err);
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
	const struct ab_scrub_record all = { 0 };
	const unsigned char *text;

	if (ab_stage_read(stage, fd, err) < 0 || !(text = ab_hold_map(&stage->in, err)) ||
	    ask_classifier(s, stage, text, &claims, err) < 0)
		return -1;
	r.claims = claims;
	r.brief = s->report < 0;
	r.hold = &stage->in;
	if (ab_scrub_scan(s->policy, mode_of(s), text, (size_t)stage->in.size, &r, err) < 0 ||
	    note(s, &r, &all, err) < 0 || conclude(s, stage, err) < 0)
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

/* Records of --lines on their way in. */
struct records {
	struct ab_scrub_settings *s;
	struct ab_stage *stage;
	struct ab_buf in; /* what was read; of a long record the beginning is held by the stage */
	struct ab_scrub_record at; /* the one that is looked at */
};

/* Keeps why the first record that does not come out does not. */
static void keep_first(struct ab_scrub_settings *s, size_t record, const struct ab_err *why)
{
	if (s->blocked > 1)
		return;
	s->first = *why;
	ab_err_prefix(&s->first, "record %zu: ", record);
}

static void records_done(struct records *r)
{
	ab_buf_free(&r->in);
}

/* One record, its newline included; AB_HOLD_PAD zeros follow it. */
static int scrub_record(struct records *in, const unsigned char *text, size_t len, struct ab_err *err)
{
	struct ab_scrub_settings *s = in->s;
	ab_auto(ab_scrub_result_free) struct ab_scrub_result r = { .brief = s->report < 0,
								   .hold = &in->stage->in };
	struct ab_err why = { 0 };
	int status = 0;

	in->at.number++;
	if (ab_scrub_scan(s->policy, mode_of(s), text, len, &r, &why) < 0) {
		if (why.status != AB_EXIT_NO) { /* it is no JSON */
			*err = why;
			return ab_err_prefix(err, "record %zu: ", in->at.number);
		}
		s->blocked++;
		keep_first(s, in->at.number, &why);
	} else if (note(s, &r, &in->at, err) < 0) {
		return -1;
	} else if (r.blocked) {
		ab_scrub_say(ab_scrub_blocker(&r), &why);
		keep_first(s, in->at.number, &why);
	} else {
		status = ab_scrub_emit(&r, text, len, write_piece, in->stage, err);
	}
	in->at.begin += len;
	return status;
}

/* A record that stands among others: the zeros stand for a while where the next one begins. */
static int scrub_among(struct records *in, size_t at, size_t len, struct ab_err *err)
{
	char next[AB_HOLD_PAD], *end = in->in.data + at + len;
	int status;

	memcpy(next, end, sizeof(next));
	memset(end, 0, sizeof(next));
	status = scrub_record(in, (unsigned char *)in->in.data + at, len, err);
	memcpy(end, next, sizeof(next));
	return status;
}

/* Adds to the record that is held; at its end scrubs it. */
static int hold_record(struct records *in, size_t len, bool end, struct ab_err *err)
{
	struct ab_hold *hold = &in->stage->in;
	const unsigned char *text;

	if (!hold->size)
		ab_hold_expect(hold, UINT64_MAX); /* to the spool at once */
	if (ab_hold_add(hold, in->in.data, len, err) < 0)
		return ab_err_prefix(err, "record %zu: ", in->at.number + 1);
	if (!end)
		return 0;
	text = ab_hold_map(hold, err);
	if (!text || scrub_record(in, text, (size_t)hold->size, err) < 0)
		return -1;
	return ab_hold_clear(hold, err);
}

/* Takes the whole records out of the buffer, and the beginning of a long one. */
static int scrub_records(struct records *in, bool end, struct ab_err *err)
{
	size_t at = 0;

	if (!ab_buf_reserve(&in->in, AB_HOLD_PAD))
		return ab_err_memory(err);
	while (at < in->in.len || (end && in->stage->in.size)) {
		const char *newline = memchr(in->in.data + at, '\n', in->in.len - at);
		size_t len = newline ? (size_t)(newline - in->in.data) + 1 - at : in->in.len - at;
		bool is_long = in->stage->in.size || (!at && len > LONG);

		if (!newline && !end && !is_long)
			break;
		if ((is_long ? hold_record(in, len, newline || end, err) : scrub_among(in, at, len, err)) < 0)
			return -1;
		at += len;
	}
	memmove(in->in.data, in->in.data + at, in->in.len - at);
	in->in.len -= at;
	return 0;
}

int ab_scrub_lines(struct ab_scrub_settings *s, struct ab_stage *stage, int fd, struct ab_err *err)
{
	ab_auto(records_done) struct records in = { .s = s, .stage = stage };
	ssize_t got;

	do {
		char *room = ab_buf_reserve(&in.in, READ);

		if (!room)
			return ab_err_memory(err);
		got = ab_stage_read_some(stage, fd, room, READ, err);
		if (got < 0)
			return -1;
		in.in.len += (size_t)got;
		if (scrub_records(&in, got == 0, err) < 0)
			return -1;
	} while (got);
	if (conclude(s, stage, err) < 0)
		return -1;
	if (!s->blocked)
		return 0;
	*err = s->first;
	if (s->blocked > 1)
		return ab_err_prefix(err, "%zu records, ", s->blocked);
	return -1;
}
