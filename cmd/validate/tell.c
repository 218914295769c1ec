/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong: for people on standard error, for machines by --output and --report. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/validate/validate.h"
#include "lib/base/io.h"
#include "lib/json/json.h"

#define SHOWN 20 /* errors of a document that people see */

void ab_validate_say(struct validate *v, const char *fmt, ...)
{
	va_list args;

	if (*v->last)
		ab_err_note("ab-validate", "%s", v->last);
	va_start(args, fmt);
	(void)vsnprintf(v->last, sizeof(v->last), fmt, args); /* a long line is cut */
	va_end(args);
}

/* Of --redact: the place of a JSON error, without the keys and bytes that stood there. */
static size_t place_length(const char *msg)
{
	size_t line = strspn(msg, "0123456789");
	size_t column = msg[line] == ':' ? strspn(msg + line + 1, "0123456789") : 0;

	return line && column ? line + 1 + column : 0;
}

static void place_of(const struct document *d, const struct ab_json_tape *tape, uint32_t node,
		     size_t *line, size_t *column)
{
	const struct ab_json_node *n = &tape->nodes[node];
	size_t quote = n->type == AB_JSON_STRING;

	ab_json_position(d->text, n->at - quote, line, column);
	*line += d->line - 1;
}

static const char *got_of(const struct validate *v, const struct ab_schema_error *e)
{
	return v->redact ? e->got_kind : e->got;
}

static void describe(const struct validate *v, const struct document *d,
		     const struct ab_schema_error *e, struct ab_buf *out)
{
	ab_auto(ab_buf_free) struct ab_buf pointer = { 0 };
	size_t line, column;

	place_of(d, &v->tape, e->instance, &line, &column);
	ab_schema_pointer(v->schema, &v->tape, e->instance, v->redact, &pointer);
	if (d->name)
		ab_buf_addf(out, "%s: ", d->name);
	ab_buf_addf(out, "%zu:%zu: ", line, column);
	if (pointer.len) {
		ab_buf_add(out, pointer.data, pointer.len > 160 ? 160 : pointer.len);
		ab_buf_adds(out, ": ");
	}
	ab_buf_addf(out, "%s at %s: expected %s", e->keyword, e->schema_pointer, e->expected);
	if (got_of(v, e))
		ab_buf_addf(out, ", got %s", got_of(v, e));
}

/* --- machines --- */

static json_t *pointer_json(const struct validate *v, uint32_t node)
{
	ab_auto(ab_buf_free) struct ab_buf pointer = { 0 };

	ab_schema_pointer(v->schema, &v->tape, node, v->redact, &pointer);
	return json_stringn(pointer.data ? pointer.data : "", pointer.len);
}

/* JSON Schema 2020-12 core section 12.3: one output unit. */
static json_t *unit(const struct validate *v, const struct ab_schema_error *e)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_t *o;

	ab_buf_addf(&text, "expected %s", e->expected);
	if (got_of(v, e))
		ab_buf_addf(&text, ", got %s", got_of(v, e));
	o = json_pack("{s:b, s:s, s:o, s:s%}", "valid", 0, "keywordLocation", e->path,
		      "instanceLocation", pointer_json(v, e->instance), "error",
		      text.data ? text.data : "", text.len);
	if (o && e->absolute)
		(void)json_object_set_new(o, "absoluteKeywordLocation", json_string(e->absolute));
	return o;
}

/* Section 12.4: the unit of the whole schema, with its list of errors. */
static json_t *root_unit(json_t *errors)
{
	return json_pack("{s:b, s:s, s:s, s:o}", "valid", 0, "keywordLocation", "",
			 "instanceLocation", "", "errors", errors);
}

static json_t *basic(const struct validate *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->errors.n; i++)
		(void)json_array_append_new(list, unit(v, &v->errors.items[i]));
	return root_unit(list);
}

/* Section 12.4.3: units that explain another one stand in it. */
static json_t *detailed(const struct validate *v)
{
	json_t *root = root_unit(json_array());
	json_t **units = calloc(v->errors.n + 1, sizeof(*units));

	for (size_t i = 0; units && root && i < v->errors.n; i++) {
		const struct ab_schema_error *e = &v->errors.items[i];
		json_t *outer = e->parent < 0 ? root : units[e->parent], *list;

		units[i] = unit(v, e);
		list = json_object_get(outer, "errors");
		if (!list && json_object_set_new(outer, "errors", json_array()) == 0)
			list = json_object_get(outer, "errors");
		(void)json_array_append_new(list, units[i]);
	}
	free(units);
	return root;
}

static int write_line(int fd, json_t *value, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };

	if (!value)
		return ab_err_memory(err);
	if (ab_json_canonical(value, &line, err) < 0)
		return -1;
	ab_buf_addc(&line, '\n');
	return ab_buf_ok(&line, err) < 0 ? -1 : ab_io_write(fd, line.data, line.len, err);
}

/* --output, on standard error; `o` is taken. */
static int write_output(const struct validate *v, const struct document *d, json_t *o,
			struct ab_err *err)
{
	json_auto_t *value = o;

	if (value && d->name)
		(void)json_object_set_new(value, "file", json_string(d->name));
	if (value && v->lines)
		(void)json_object_set_new(value, "line", json_integer((json_int_t)d->line));
	return write_line(STDERR_FILENO, value, err);
}

static json_t *report_json(const struct validate *v, const struct document *d,
			   const struct ab_schema_error *e)
{
	size_t line, column;
	json_t *o = unit(v, e);

	if (!o)
		return NULL;
	place_of(d, &v->tape, e->instance, &line, &column);
	(void)json_object_del(o, "valid");
	(void)json_object_set_new(o, "keyword", json_string(e->keyword));
	(void)json_object_set_new(o, "line", json_integer((json_int_t)line));
	(void)json_object_set_new(o, "column", json_integer((json_int_t)column));
	if (d->name)
		(void)json_object_set_new(o, "file", json_string(d->name));
	return o;
}

static int write_report(const struct validate *v, const struct document *d, struct ab_err *err)
{
	for (size_t i = 0; v->report >= 0 && i < v->errors.n; i++) {
		json_auto_t *o = report_json(v, d, &v->errors.items[i]);

		if (write_line(v->report, o, err) < 0)
			return ab_err_prefix(err, "%s: ", v->report_name);
	}
	return 0;
}

static int tell_machines(struct validate *v, const struct document *d, struct ab_err *err)
{
	if (write_report(v, d, err) < 0)
		return -1;
	if (!v->output)
		return 0;
	if (strcmp(v->output, "flag") == 0)
		return write_output(v, d, json_pack("{s:b}", "valid", 0), err);
	return write_output(v, d, strcmp(v->output, "basic") == 0 ? basic(v) : detailed(v), err);
}

/* --- people --- */

static void tell_people(struct validate *v, const struct document *d)
{
	size_t total = v->errors.n + v->errors.more;

	for (size_t i = 0; i < v->errors.n && i < SHOWN; i++) {
		ab_auto(ab_buf_free) struct ab_buf text = { 0 };

		describe(v, d, &v->errors.items[i], &text);
		ab_validate_say(v, "%.*s", (int)text.len, text.data ? text.data : "");
	}
	if (total > SHOWN)
		ab_validate_say(v, "%zu more errors", total - SHOWN);
}

static void set_reason(struct validate *v, const struct document *d)
{
	const struct ab_schema_error *e = v->errors.items;
	size_t total = v->errors.n + v->errors.more;
	char line[32] = "";

	if (v->refused++ || !v->errors.n)
		return;
	if (v->lines)
		(void)snprintf(line, sizeof(line), "line %llu: ", (unsigned long long)d->line);
	/* What does not fit is cut. */
	(void)snprintf(v->reason, sizeof(v->reason), "%s%zu error%s, the first: %.32s at %.160s",
		       line, total, total == 1 ? "" : "s", e->keyword, e->schema_pointer);
}

int ab_validate_tell(struct validate *v, const struct document *d, struct ab_err *err)
{
	set_reason(v, d);
	if (tell_machines(v, d, err) < 0)
		return -1;
	if (!v->output)
		tell_people(v, d);
	return 0;
}

int ab_validate_tell_valid(struct validate *v, const struct document *d, struct ab_err *err)
{
	return write_output(v, d, json_pack("{s:b}", "valid", 1), err);
}

/* "LINE:COLUMN: why" with the line as the input counts it; of --redact no more than the place. */
static void describe_unread(const struct validate *v, const struct document *d,
			    const struct ab_err *why, char *out, size_t size)
{
	size_t place = place_length(why->msg);
	unsigned long long line = 0;

	for (size_t i = 0; place && why->msg[i] != ':'; i++)
		line = line * 10 + (unsigned long long)(why->msg[i] - '0');
	if (!place)
		(void)snprintf(out, size, "%s", why->msg);
	else
		(void)snprintf(out, size, "%llu%.*s%s", line + d->line - 1,
			       (int)(place - strcspn(why->msg, ":")), strchr(why->msg, ':'),
			       v->redact && !strstr(why->msg, "empty line") ? ": not strict JSON"
									    : why->msg + place);
}

int ab_validate_tell_unread(struct validate *v, const struct document *d, const struct ab_err *why,
			    struct ab_err *err)
{
	size_t place = place_length(why->msg);
	char text[512];

	describe_unread(v, d, why, text, sizeof(text));
	if (!v->refused++)
		(void)snprintf(v->reason, sizeof(v->reason), "%.200s",
			       !place || strstr(text, "empty line") ? why->msg : "not strict JSON");
	if (v->report >= 0) {
		json_auto_t *o = json_pack("{s:I, s:s, s:s*}", "line", (json_int_t)d->line, "error",
					   text, "file", d->name);

		if (write_line(v->report, o, err) < 0)
			return ab_err_prefix(err, "%s: ", v->report_name);
	}
	if (v->output)
		return write_output(v, d, json_pack("{s:b, s:s}", "valid", 0, "error", text), err);
	ab_validate_say(v, "%s%s%s", d->name ? d->name : "", d->name ? ": " : "", text);
	return 0;
}
