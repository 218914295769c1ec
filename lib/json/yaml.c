/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events, written as JSON as they come. What libyaml does in more than linear time is
 * refused before it can: directives by a look at the text, depth by the events, which it does not
 * run ahead of by more than the 1024 characters that an implicit key may have.
 */
#include "lib/json/yaml.h"

#include <string.h>
#include <yaml.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"
#include "lib/json/tape.h"
#include "lib/json/yaml_scalar.h"

/* How much of a scalar an error shows. */
#define SHOWN 40

/* An open collection. */
struct level {
	bool mapping, at_key, any; /* at_key: a name is expected next; any: not the first */
};

struct place {
	uint32_t line, column;
};

struct converter {
	yaml_parser_t parser;
	struct ab_buf *json;
	struct level levels[AB_YAML_MAX_DEPTH];
	size_t depth;
	struct ab_buf keys; /* struct place of each key, in order */
	struct ab_err *err;
};

static int refuse_at(const struct converter *c, const yaml_mark_t *mark, const char *what)
{
	return ab_err_no(c->err, "%zu:%zu: %s", mark->line + 1, mark->column + 1, what);
}

static int refuse_scalar(const struct converter *c, const yaml_event_t *event, const char *what)
{
	const char *text = (const char *)event->data.scalar.value;
	int shown = event->data.scalar.length > SHOWN ? SHOWN : (int)event->data.scalar.length;

	return ab_err_no(c->err, "%zu:%zu: '%.*s' %s", event->start_mark.line + 1,
			 event->start_mark.column + 1, shown, text, what);
}

/* The start of a line whose first character is a percent sign: NULL if there is none. */
static const char *find_directive(const char *text, size_t size)
{
	const char *p = text, *end = text + size;

	while (p < end) {
		if (*p == '%')
			return p;
		while (p < end && *p != '\n' && *p != '\r')
			p++;
		p++;
	}
	return NULL;
}

/* NEL, LS and PS are line breaks to YAML 1.1 and to libyaml, but not to 1.2. */
static const char *find_other_break(const char *text, size_t size)
{
	static const char *const breaks[] = { "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(breaks); i++) {
		const char *found = memmem(text, size, breaks[i], strlen(breaks[i]));

		if (found)
			return found;
	}
	return NULL;
}

static int refuse_text(const char *text, size_t at, const char *what, struct ab_err *err)
{
	size_t line, column;

	ab_json_position((const unsigned char *)text, at, &line, &column);
	return ab_err_no(err, "%zu:%zu: %s", line, column, what);
}

static int check_text(const char *text, size_t size, struct ab_err *err)
{
	size_t valid = ab_utf8_check((const unsigned char *)text, size);
	const char *found;

	if (size > AB_YAML_MAX_SIZE)
		return ab_err_no(err, "larger than %u bytes", AB_YAML_MAX_SIZE);
	if (valid < size)
		return refuse_text(text, valid, "expected valid UTF-8", err);
	found = memchr(text, '\0', size);
	if (found)
		return refuse_text(text, (size_t)(found - text), "expected no NUL", err);
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return refuse_text(text, 0, "expected no byte order mark", err);
	found = find_directive(text, size);
	if (found)
		return refuse_text(text, (size_t)(found - text),
				   "expected no directive ('%' at the start of a line)", err);
	found = find_other_break(text, size);
	if (found)
		return refuse_text(text, (size_t)(found - text),
				   "this character is a line break in YAML 1.1 and none in 1.2: "
				   "write its escape in double quotes",
				   err);
	return 0;
}

/* libyaml says only in some places that the character is a tab. It counts characters, of which those
 * before an indentation's tab are bytes. */
static bool is_tab(const yaml_parser_t *p)
{
	const unsigned char *at = p->input.string.start, *end = p->input.string.end;

	for (size_t line = 0; at && line < p->problem_mark.line; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	return at && (size_t)(end - at) > p->problem_mark.column &&
	       at[p->problem_mark.column] == '\t';
}

static int parser_failed(const struct converter *c, const char *text)
{
	const yaml_parser_t *p = &c->parser;

	if (p->error == YAML_MEMORY_ERROR)
		return ab_err_memory(c->err);
	if (p->error == YAML_READER_ERROR)
		return refuse_text(text, p->problem_offset, p->problem, c->err);
	if (is_tab(p))
		return refuse_at(c, &p->problem_mark, "a tab, expected spaces as indentation");
	return refuse_at(c, &p->problem_mark, p->problem ? p->problem : "not YAML");
}

/* What has to stand before the next value or key. A mapping's key has to be a string. */
static int begin(struct converter *c, const yaml_event_t *event, bool is_string)
{
	struct level *level = c->depth ? &c->levels[c->depth - 1] : NULL;
	struct place place = { (uint32_t)event->start_mark.line + 1,
			       (uint32_t)event->start_mark.column + 1 };

	if (!level)
		return 0;
	if (level->mapping && !level->at_key) {
		ab_buf_addc(c->json, ':');
		level->at_key = true;
		return 0;
	}
	if (level->mapping) {
		if (!is_string)
			return refuse_at(c, &event->start_mark,
					 "expected a string as the key (quotes make it one)");
		ab_buf_add(&c->keys, &place, sizeof(place));
		level->at_key = false;
	}
	if (level->any)
		ab_buf_addc(c->json, ',');
	level->any = true;
	return 0;
}

static int refuse_node(const struct converter *c, const yaml_event_t *event,
		       const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return refuse_at(c, &event->start_mark, "expected no anchor");
	if (tag)
		return refuse_at(c, &event->start_mark, "expected no tag");
	return 0;
}

static int open_level(struct converter *c, const yaml_event_t *event, bool mapping)
{
	if (c->depth == AB_YAML_MAX_DEPTH)
		return refuse_at(c, &event->start_mark, "more than 64 levels deep");
	if (begin(c, event, false) < 0)
		return -1;
	c->levels[c->depth++] = (struct level){ .mapping = mapping, .at_key = mapping };
	ab_buf_addc(c->json, mapping ? '{' : '[');
	return 0;
}

static void close_level(struct converter *c)
{
	c->depth--;
	ab_buf_addc(c->json, c->levels[c->depth].mapping ? '}' : ']');
}

static int write_plain(struct converter *c, const yaml_event_t *event, enum ab_yaml_scalar kind)
{
	static const char *const literals[] = {
		[AB_YAML_NULL] = "null", [AB_YAML_TRUE] = "true", [AB_YAML_FALSE] = "false"
	};
	const char *text = (const char *)event->data.scalar.value;

	switch (kind) {
	case AB_YAML_STRING:
		ab_json_quote(text, event->data.scalar.length, c->json);
		return 0;
	case AB_YAML_NUMBER:
		ab_buf_add(c->json, text, event->data.scalar.length);
		return 0;
	case AB_YAML_AMBIGUOUS:
		return refuse_scalar(c, event,
				     "is read differently by YAML 1.1 and 1.2: put it in quotes");
	case AB_YAML_NOT_JSON:
		return refuse_scalar(
			c, event, "is not a number of JSON: write it as one or put it in quotes");
	case AB_YAML_MERGE:
		return refuse_scalar(c, event, "is a merge key: expected none");
	default:
		ab_buf_adds(c->json, literals[kind]);
		return 0;
	}
}

static int scalar(struct converter *c, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	enum ab_yaml_scalar kind = AB_YAML_STRING;

	if (refuse_node(c, event, event->data.scalar.anchor, event->data.scalar.tag) < 0)
		return -1;
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		kind = ab_yaml_resolve(text, event->data.scalar.length);
	if (begin(c, event, kind == AB_YAML_STRING || kind >= AB_YAML_AMBIGUOUS) < 0)
		return -1;
	return write_plain(c, event, kind);
}

/* One event of a document. 1: it was the document's end. */
static int handle(struct converter *c, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return scalar(c, event);
	case YAML_SEQUENCE_START_EVENT:
		if (refuse_node(c, event, event->data.sequence_start.anchor,
				event->data.sequence_start.tag) < 0)
			return -1;
		return open_level(c, event, false);
	case YAML_MAPPING_START_EVENT:
		if (refuse_node(c, event, event->data.mapping_start.anchor,
				event->data.mapping_start.tag) < 0)
			return -1;
		return open_level(c, event, true);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_level(c);
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse_at(c, &event->start_mark, "expected no alias");
	default:
		return 0;
	}
}

/* Reads events to the end of the stream, in which one document must be. */
static int convert(struct converter *c, const char *text)
{
	bool ended = false, any = false;

	while (!ended) {
		yaml_event_t event;
		int status = 0;

		if (!yaml_parser_parse(&c->parser, &event))
			return parser_failed(c, text);
		if (event.type == YAML_DOCUMENT_START_EVENT && any)
			status = refuse_at(c, &event.start_mark, "expected one document");
		else if (event.type == YAML_STREAM_END_EVENT && !any)
			status = refuse_at(c, &event.start_mark, "expected a document");
		else
			status = handle(c, &event);
		any = any || event.type == YAML_DOCUMENT_START_EVENT;
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* The strict reader's word for the JSON from `start` on; its position becomes that of the key. */
static int check_json(const struct converter *c, size_t start)
{
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	struct ab_err why = { 0 };
	struct place place = { 0 };
	const char *what;
	size_t n = 0;

	if (ab_json_read(&tape, (const unsigned char *)c->json->data + start, c->json->len - start,
			 NULL, &why) == 0)
		return 0;
	for (size_t i = 0; i < tape.n; i++)
		n += (tape.nodes[i].flags & AB_JSON_KEY) != 0;
	if (why.status != AB_EXIT_NO || n == 0 || n * sizeof(place) > c->keys.len) {
		*c->err = why;
		return -1;
	}
	memcpy(&place, c->keys.data + (n - 1) * sizeof(place), sizeof(place));
	what = strchr(why.msg, ' ');
	return ab_err_no(c->err, "%u:%u:%s", place.line, place.column, what ? what : "");
}

/* The converter's JSON, checked; AB_HOLD_PAD zeros stand behind it while it is read. */
static int checked(struct converter *c, size_t start)
{
	char *pad = ab_buf_reserve(c->json, AB_HOLD_PAD);

	if (!pad || c->keys.failed)
		return ab_err_memory(c->err);
	memset(pad, 0, AB_HOLD_PAD);
	return check_json(c, start);
}

int ab_yaml_to_json(const char *text, size_t size, struct ab_buf *json, struct ab_err *err)
{
	struct converter c = { .json = json, .err = err };
	size_t start = json->len;
	int status;

	if (check_text(size ? text : "", size, err) < 0)
		return -1;
	if (!yaml_parser_initialize(&c.parser))
		return ab_err_memory(err);
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c.parser, (const unsigned char *)(size ? text : ""), size);
	status = convert(&c, text);
	yaml_parser_delete(&c.parser);
	if (status == 0)
		status = checked(&c, start);
	if (status < 0) {
		json->len = start;
		if (json->data)
			json->data[start] = '\0';
	}
	ab_buf_free(&c.keys);
	return status;
}
