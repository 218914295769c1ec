/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong, in words and places. Only failing documents come here. */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/schema/eval.h"
#include "lib/schema/uri.h"

#define SHOWN	     60 /* bytes of a value that a message shows */
#define DEFAULT_BASE "json-schema:///"

/* --- the texts' memory: one arena an error list --- */

static struct ab_arena *memory(struct ab_schema_errors *errors, struct ab_err *err)
{
	if (!errors->memory) {
		errors->memory = calloc(1, sizeof(struct ab_arena));
		if (!errors->memory)
			ab_err_memory(err);
	}
	return errors->memory;
}

static const char *keep(struct ab_eval *e, const struct ab_buf *text)
{
	struct ab_arena *arena = memory(e->errors, e->err);
	const char *copy = NULL;

	if (arena && !text->failed)
		copy = ab_arena_copy(arena, text->data, text->len, e->err);
	if (!copy)
		(void)ab_eval_stop(e, "out of memory");
	return copy ? copy : "";
}

void ab_schema_errors_free(struct ab_schema_errors *errors)
{
	if (errors->memory)
		ab_arena_free(errors->memory);
	free(errors->memory);
	free(errors->items);
	*errors = (struct ab_schema_errors){ .max = errors->max };
}

/* --- places in the schema --- */

static void add_pointer(const struct ab_document *d, uint32_t base, uint32_t node,
			struct ab_buf *out)
{
	ab_auto(ab_buf_free) struct ab_buf from = { 0 }, to = { 0 };

	ab_json_pointer(&d->tape, base, &from);
	ab_json_pointer(&d->tape, node, &to);
	if (to.failed || from.failed)
		out->failed = true;
	else if (to.len > from.len)
		ab_buf_add(out, to.data + from.len, to.len - from.len);
}

/* The keyword's node, or that of a schema that is `false`. */
static uint32_t place_of(const struct ab_failure *f)
{
	return f->keyword == AB_KW_FALSE ? f->sub->node : f->key;
}

/* The first stretch begins at the root, each further one where a reference led. */
static const char *path_of(struct ab_eval *e, const struct ab_failure *f)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 }, stretch = { 0 };
	const struct ab_sub *start = e->start;
	const struct ab_jump *jump = e->jump;
	uint32_t end = place_of(f);

	/* From the last stretch to the first, each put in front. */
	do {
		ab_buf_clear(&stretch);
		start = jump ? jump->to : e->start;
		add_pointer(e->s->documents[start->document], start->node, end, &stretch);
		ab_buf_add(&stretch, path.data ? path.data : "", path.len);
		ab_buf_clear(&path);
		ab_buf_add(&path, stretch.data ? stretch.data : "", stretch.len);
		end = jump ? jump->key : 0;
		jump = jump ? jump->before : NULL;
	} while (end);
	return keep(e, &path);
}

/* A pointer as the fragment of a URI: RFC 6901 section 6. */
static void add_fragment(const struct ab_buf *pointer, struct ab_buf *out)
{
	for (size_t i = 0; i < pointer->len; i++) {
		unsigned char c = (unsigned char)pointer->data[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (letter || (c >= '0' && c <= '9') || (c && strchr("-._~!$&'()*+,;=:@/?", c)))
			ab_buf_addc(out, (char)c);
		else
			ab_buf_addf(out, "%%%02X", c);
	}
}

/* Core section 12.3.2: where a reference was followed there has to be one, and where nothing gives
 * the schema a URI it is one of our making (RFC 3986 section 5.1.4). */
static const char *absolute_of(struct ab_eval *e, const struct ab_failure *f)
{
	const struct ab_resource *r = &e->s->resources[f->sub->resource];
	ab_auto(ab_buf_free) struct ab_buf out = { 0 }, pointer = { 0 };

	if (!*r->uri && !e->jump)
		return NULL;
	ab_buf_addf(&out, "%s%s#", ab_uri_is_absolute(r->uri) ? "" : DEFAULT_BASE, r->uri);
	add_pointer(e->s->documents[f->sub->document], r->node, place_of(f), &pointer);
	add_fragment(&pointer, &out);
	return keep(e, &out);
}

static const char *schema_pointer_of(struct ab_eval *e, const struct ab_failure *f)
{
	const struct ab_document *d = e->s->documents[f->sub->document];
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	if (f->sub->document)
		ab_buf_addf(&out, "%s#", d->uri);
	ab_json_pointer(&d->tape, place_of(f), &out);
	return keep(e, &out);
}

/* The keyword that a schema `false` is the value of, or stands in: what the pointer says last, or
 * before a member's name or an index. */
static const char *keyword_of(struct ab_eval *e, const struct ab_failure *f)
{
	const struct ab_document *d = e->s->documents[f->sub->document];
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	uint32_t at = 0, keyword = 0;

	if (f->keyword != AB_KW_FALSE)
		return ab_keyword_name(f->keyword);
	while (at != f->sub->node) {
		bool object = d->tape.nodes[at].type == AB_JSON_OBJECT;
		uint32_t child = at + 1;

		while (d->tape.nodes[child + object].next <= f->sub->node)
			child = d->tape.nodes[child + object].next;
		if (object &&
		    ab_keyword_find(&e->s->keywords,
				    (const char *)d->text + d->tape.nodes[child].at,
				    d->tape.nodes[child].len, AB_DRAFT_2019_09, AB_VOCAB_ALL))
			keyword = child;
		at = child + object;
	}
	if (keyword)
		ab_json_unescape(&d->tape, keyword, &out);
	return keep(e, &out);
}

/* --- what was expected --- */

/* A value's text, cut between characters. */
static void add_value(const struct ab_json_tape *t, uint32_t node, size_t max, struct ab_buf *out)
{
	const struct ab_json_node *n = &t->nodes[node];
	size_t quotes = n->type == AB_JSON_STRING, len = n->len + 2 * quotes;
	const char *text = (const char *)t->text + n->at - quotes;

	if (len <= max) {
		ab_buf_add(out, text, len);
		return;
	}
	len = max;
	while (len && (text[len] & 0xc0) == 0x80)
		len--;
	ab_buf_add(out, text, len);
	ab_buf_adds(out, "...");
}

static void expect_type(const struct ab_sub *sub, struct ab_buf *out)
{
	static const struct {
		unsigned bit;
		const char *name;
	} types[] = {
		{ AB_TYPE_BIT(AB_JSON_NULL), "null" },
		{ AB_TYPE_BIT(AB_JSON_FALSE), "a boolean" },
		{ AB_TYPE_INTEGER, "an integer" },
		{ AB_TYPE_BIT(AB_JSON_NUMBER), "a number" },
		{ AB_TYPE_BIT(AB_JSON_STRING), "a string" },
		{ AB_TYPE_BIT(AB_JSON_ARRAY), "an array" },
		{ AB_TYPE_BIT(AB_JSON_OBJECT), "an object" },
	};
	const char *before = "";

	for (size_t i = 0; i < AB_ARRAY_SIZE(types); i++)
		if (sub->types & types[i].bit) {
			ab_buf_addf(out, "%s%s", before, types[i].name);
			before = " or ";
		}
	if (!*before)
		ab_buf_adds(out, "no value of any type");
}

static void expect_values(const struct ab_values *v, enum ab_keyword keyword, struct ab_buf *out)
{
	size_t start = out->len, i;

	if (keyword == AB_KW_ENUM)
		ab_buf_adds(out, "one of ");
	for (i = 0; i < v->n && out->len - start < 3 * SHOWN; i++) {
		if (i)
			ab_buf_adds(out, ", ");
		add_value(v->tape, v->nodes[i], SHOWN, out);
	}
	if (i < v->n)
		ab_buf_addf(out, " or %zu others", v->n - i);
}

/* "at least 3 characters" */
static void expect_count(struct ab_eval *e, const struct ab_failure *f, struct ab_buf *out)
{
	const struct ab_document *d = e->s->documents[f->sub->document];
	static const struct {
		enum ab_keyword keyword;
		const char *how, *unit;
	} words[] = {
		{ AB_KW_MINIMUM, "at least", "" },
		{ AB_KW_MAXIMUM, "at most", "" },
		{ AB_KW_EXCLUSIVE_MINIMUM, "more than", "" },
		{ AB_KW_EXCLUSIVE_MAXIMUM, "less than", "" },
		{ AB_KW_MULTIPLE_OF, "a multiple of", "" },
		{ AB_KW_MIN_LENGTH, "at least", " characters" },
		{ AB_KW_MAX_LENGTH, "at most", " characters" },
		{ AB_KW_MIN_ITEMS, "at least", " items" },
		{ AB_KW_MAX_ITEMS, "at most", " items" },
		{ AB_KW_MIN_PROPERTIES, "at least", " members" },
		{ AB_KW_MAX_PROPERTIES, "at most", " members" },
		{ AB_KW_MIN_CONTAINS, "at least", " items that match" },
		{ AB_KW_MAX_CONTAINS, "at most", " items that match" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(words); i++) {
		const char *how = words[i].how;

		if (words[i].keyword != f->keyword)
			continue;
		/* Draft 4: exclusiveMinimum is a flag beside minimum. */
		if (f->in && f->in->op == AB_OP_EXCLUSIVE_MINIMUM)
			how = "more than";
		if (f->in && f->in->op == AB_OP_EXCLUSIVE_MAXIMUM)
			how = "less than";
		ab_buf_addf(out, "%s ", how);
		add_value(&d->tape, f->key + 1, SHOWN, out);
		ab_buf_adds(out, words[i].unit);
		return;
	}
	ab_buf_adds(out, "a value that the keyword accepts");
}

static void expect_member(const struct ab_failure *f, struct ab_buf *out)
{
	ab_buf_addf(out, "the member \"%.*s\"", f->len > SHOWN ? SHOWN : (int)f->len, f->name);
	if (f->beside)
		ab_buf_addf(out, " beside \"%.*s\"", SHOWN, f->beside);
}

static void expect(struct ab_eval *e, const struct ab_failure *f, struct ab_buf *out)
{
	const struct ab_document *d = e->s->documents[f->sub->document];

	switch (f->keyword) {
	case AB_KW_TYPE:
		expect_type(f->sub, out);
		break;
	case AB_KW_FALSE:
		ab_buf_adds(out, "nothing here");
		break;
	case AB_KW_CONST:
	case AB_KW_ENUM:
		expect_values(f->in->u.values, f->keyword, out);
		break;
	case AB_KW_PATTERN:
		ab_buf_adds(out, "a match of ");
		add_value(&d->tape, f->key + 1, SHOWN, out);
		break;
	case AB_KW_FORMAT:
		ab_buf_adds(out, "the format ");
		add_value(&d->tape, f->key + 1, SHOWN, out);
		break;
	case AB_KW_CONTENT_ENCODING:
	case AB_KW_CONTENT_MEDIA_TYPE:
		ab_buf_adds(out, "content of ");
		add_value(&d->tape, f->key + 1, SHOWN, out);
		break;
	case AB_KW_REQUIRED:
	case AB_KW_DEPENDENT_REQUIRED:
	case AB_KW_DEPENDENCIES:
		expect_member(f, out);
		break;
	case AB_KW_UNIQUE_ITEMS:
		ab_buf_adds(out, "items that all differ");
		break;
	case AB_KW_CONTAINS:
		ab_buf_adds(out, "an item that matches");
		break;
	case AB_KW_NOT:
		ab_buf_adds(out, "no match of the schema");
		break;
	case AB_KW_ANY_OF:
		ab_buf_addf(out, "a match of one of %zu schemas", f->in->u.subs.n);
		break;
	case AB_KW_ONE_OF:
		ab_buf_addf(out, "a match of exactly one of %zu schemas", f->in->u.subs.n);
		break;
	default:
		expect_count(e, f, out);
	}
}

/* --- what was there --- */

static void found(struct ab_eval *e, const struct ab_failure *f, struct ab_buf *out)
{
	switch (f->keyword) {
	case AB_KW_REQUIRED:
	case AB_KW_DEPENDENT_REQUIRED:
	case AB_KW_DEPENDENCIES:
		return;
	case AB_KW_MIN_LENGTH:
	case AB_KW_MAX_LENGTH:
	case AB_KW_MIN_ITEMS:
	case AB_KW_MAX_ITEMS:
	case AB_KW_MIN_PROPERTIES:
	case AB_KW_MAX_PROPERTIES:
	case AB_KW_MIN_CONTAINS:
	case AB_KW_MAX_CONTAINS:
		ab_buf_addf(out, "%llu", (unsigned long long)f->count);
		return;
	case AB_KW_ONE_OF:
		if (f->count) {
			ab_buf_addf(out, "%s", "a match of several");
			return;
		}
		break;
	case AB_KW_UNIQUE_ITEMS:
		ab_buf_adds(out, "a second ");
		break;
	default:
		break;
	}
	add_value(e->tape, f->node, SHOWN, out);
}

static const char *kind_of(const struct ab_eval *e, uint32_t node)
{
	static const char *const kinds[] = { "null",	 "false",    "true",	 "a number",
					     "a string", "an array", "an object" };

	return e->nodes[node].flags & AB_JSON_KEY && e->nodes[node].type == AB_JSON_STRING
		       ? "a name"
		       : kinds[e->nodes[node].type];
}

/* Room for one more; NULL when there are enough of them, or no memory. */
static struct ab_schema_error *next_error(struct ab_eval *e)
{
	struct ab_schema_errors *errors = e->errors;

	if (errors->n >= errors->max) {
		errors->more++;
		return NULL;
	}
	if (!(errors->n & (errors->n - 1))) {
		size_t room = errors->n ? 2 * errors->n : 1;
		struct ab_schema_error *items = realloc(errors->items, room * sizeof(*items));

		if (!items) {
			(void)ab_eval_stop(e, "out of memory");
			return NULL;
		}
		errors->items = items;
	}
	return &errors->items[errors->n++];
}

bool ab_report(struct ab_eval *e, const struct ab_failure *f)
{
	ab_auto(ab_buf_free) struct ab_buf expected = { 0 }, got = { 0 };
	struct ab_schema_error *error = e->errors && !e->stop ? next_error(e) : NULL;

	if (!error)
		return false;
	expect(e, f, &expected);
	found(e, f, &got);
	*error = (struct ab_schema_error){
		.instance = f->node,
		.parent = e->parent,
		.is_key = e->nodes[f->node].type == AB_JSON_STRING &&
			  e->nodes[f->node].flags & AB_JSON_KEY,
		.keyword = keyword_of(e, f),
		.schema_pointer = schema_pointer_of(e, f),
		.path = path_of(e, f),
		.absolute = absolute_of(e, f),
		.expected = keep(e, &expected),
		.got = got.len ? keep(e, &got) : NULL,
		.got_kind = got.len ? kind_of(e, f->node) : NULL,
	};
	return false;
}

bool ab_report_instr(struct ab_eval *e, const struct ab_sub *sub, const struct ab_instr *in,
		     uint32_t node, uint64_t count)
{
	struct ab_failure f = { .sub = sub,
				.in = in,
				.keyword = (enum ab_keyword)in->keyword,
				.key = in->key,
				.node = node,
				.count = count };

	return e->errors ? ab_report(e, &f) : false;
}

size_t ab_report_mark(const struct ab_eval *e)
{
	return e->errors ? e->errors->n : 0;
}

void ab_report_rewind(struct ab_eval *e, size_t mark)
{
	if (!e->errors || mark >= e->errors->max)
		return;
	/* Those that were not kept came behind `mark` too, as the list was not full then. */
	e->errors->n = mark;
	e->errors->more = 0;
}

int ab_report_explain(struct ab_eval *e, size_t mark)
{
	int parent = e->parent;

	if (e->errors && mark < e->errors->n)
		e->parent = (int)mark;
	return parent;
}
