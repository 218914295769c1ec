/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast way to see that an entry is an event in canonical form: on the reader's tape, without
 * building values. It says yes or "look closer"; ab_record_open() then decides. What it says yes to
 * is canonical because every token stands right behind the one before, keys ascend, and strings and
 * numbers are of kinds that have one spelling.
 */
#include "lib/audit/record.h"

#include <string.h>

#include "lib/base/time.h"

/* Longest integer that a double holds exactly whatever its digits are. */
#define PLAIN_DIGITS 15

struct walk {
	const struct ab_json_tape *tape;
	size_t node, at; /* the next node, and where its text must begin */
};

static bool is_plain_string(const struct walk *w, const struct ab_json_node *n)
{
	return !(n->flags & AB_JSON_ESCAPED) && n->at == w->at + 1;
}

/* Whether keys a < b. Both ASCII: bytes then compare as RFC 8785's UTF-16 units do. */
static bool ascend(const struct ab_json_tape *t, const struct ab_json_node *a,
		   const struct ab_json_node *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(t->text + a->at, t->text + b->at, len);

	return order < 0 || (order == 0 && a->len < b->len);
}

static bool is_ascii(const unsigned char *p, size_t len)
{
	unsigned char all = 0;

	while (len--)
		all |= *p++;
	return all < 0x80;
}

static bool step_key(struct walk *w, const struct ab_json_node **last)
{
	const struct ab_json_node *key = &w->tape->nodes[w->node];

	if (!is_plain_string(w, key) || !is_ascii(w->tape->text + key->at, key->len) ||
	    (*last && !ascend(w->tape, *last, key)) || w->tape->text[key->at + key->len + 1] != ':')
		return false;
	*last = key;
	w->at = key->at + key->len + 2;
	w->node++;
	return true;
}

static bool step_value(struct walk *w, int depth);

static bool step_container(struct walk *w, const struct ab_json_node *n, int depth)
{
	const struct ab_json_node *last = NULL;
	bool first = true;

	w->at++;
	w->node++;
	while (w->node < n->next) {
		if (!first && w->tape->text[w->at++] != ',')
			return false;
		first = false;
		if (n->type == AB_JSON_OBJECT && !step_key(w, &last))
			return false;
		if (!step_value(w, depth + 1))
			return false;
	}
	/* The closing bracket stands where the container ends. */
	return ++w->at == (size_t)n->at + n->len;
}

static bool step_value(struct walk *w, int depth)
{
	const struct ab_json_node *n = &w->tape->nodes[w->node];

	switch (n->type) {
	case AB_JSON_STRING:
		if (!is_plain_string(w, n))
			return false;
		w->at = n->at + n->len + 1;
		break;
	case AB_JSON_NUMBER:
		if (n->at != w->at || !(n->flags & AB_JSON_INTEGER) || n->len > PLAIN_DIGITS ||
		    (w->tape->text[n->at] == '-' && w->tape->text[n->at + 1] == '0'))
			return false;
		w->at += n->len;
		break;
	case AB_JSON_ARRAY:
	case AB_JSON_OBJECT:
		return n->at == w->at && depth < 16 && step_container(w, n, depth);
	default:
		if (n->at != w->at)
			return false;
		w->at += n->len;
	}
	w->node++;
	return true;
}

static bool is_text(const struct ab_json_tape *t, const struct ab_json_node *n, const char *want)
{
	size_t len = strlen(want);

	return n->type == AB_JSON_STRING && n->len == len &&
	       memcmp(t->text + n->at, want, len) == 0;
}

/* "2026-04-08T14:32:01.123Z" */
static bool is_time(const struct ab_json_tape *t, const struct ab_json_node *n)
{
	const char *shape = "9999-99-99T99:99:99.999Z";
	const unsigned char *p;

	if (n->type != AB_JSON_STRING || n->len != strlen(shape))
		return false;
	for (p = t->text + n->at; *shape; shape++, p++)
		if (*shape == '9' ? *p < '0' || *p > '9' : *p != (unsigned char)*shape)
			return false;
	return true;
}

/* data, record, timestamp, type and nothing else; data is no blob. The text is canonical, so that is
 * their order, and no string has escapes. */
static bool is_event(const struct ab_json_tape *t)
{
	static const char *const keys[] = { "data", "record", "timestamp", "type" };
	const struct ab_json_node *values[AB_ARRAY_SIZE(keys)];
	size_t at = 1;

	if (t->nodes[0].type != AB_JSON_OBJECT || t->nodes[0].count != AB_ARRAY_SIZE(keys))
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(keys); i++) {
		if (!is_text(t, &t->nodes[at], keys[i]))
			return false;
		values[i] = &t->nodes[at + 1];
		at = values[i]->next;
	}
	if (!is_text(t, values[1], "event") || !is_time(t, values[2]) ||
	    values[3]->type != AB_JSON_STRING)
		return false;
	return values[0]->type != AB_JSON_OBJECT || ab_json_member(t, 2, "blob", 4) < 0;
}

/* Reads a text onto the tape; it must be canonical as it stands. */
static bool read_canonical(struct ab_json_tape *tape, struct ab_buf *scratch, const void *text,
			   size_t len)
{
	struct walk w = { .tape = tape };
	struct ab_err err;
	char *room;

	ab_buf_clear(scratch);
	room = ab_buf_reserve(scratch, len + AB_HOLD_PAD);
	if (!room || !len)
		return false;
	memcpy(room, text, len);
	memset(room + len, 0, AB_HOLD_PAD);
	if (ab_json_read(tape, (const unsigned char *)room, len, NULL, &err) < 0)
		return false;
	return step_value(&w, 0) && w.at == len;
}

bool ab_record_is_plain_event(struct ab_json_tape *tape, struct ab_buf *scratch, const void *entry,
			      size_t len)
{
	return read_canonical(tape, scratch, entry, len) && is_event(tape);
}

bool ab_record_plain_event(struct ab_record_scratch *s, const char *type, const void *data,
			   size_t len, struct ab_buf *out)
{
	char now[AB_TIME_STAMP];

	if (!read_canonical(&s->tape, &s->text, data, len))
		return false;
	/* It could be taken for a reference to a blob. */
	if (s->tape.nodes[0].type == AB_JSON_OBJECT && ab_json_member(&s->tape, 0, "blob", 4) >= 0)
		return false;
	ab_time_now(now);
	ab_buf_clear(out);
	ab_buf_adds(out, "{\"data\":");
	ab_buf_add(out, data, len);
	ab_buf_adds(out, ",\"record\":\"event\",\"timestamp\":\"");
	ab_buf_adds(out, now);
	ab_buf_adds(out, "\",\"type\":\"");
	ab_buf_adds(out, type);
	ab_buf_adds(out, "\"}");
	return !out->failed;
}

void ab_record_scratch_free(struct ab_record_scratch *s)
{
	ab_json_tape_free(&s->tape);
	ab_buf_free(&s->text);
}
