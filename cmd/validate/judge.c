/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in, documents out. */
#include <string.h>

#include "cmd/validate/validate.h"
#include "lib/base/io.h"

#define CHUNK	  (64u << 10)
#define MAX_LINE  ((size_t)1 << 30)
#define MAX_DEPTH 10000
#define NOTHING	  "expected a JSON document, got nothing"

static bool is_blank(const struct document *d)
{
	for (size_t i = 0; i < d->size; i++)
		if (!memchr(" \t\r\n", d->text[i], 4))
			return false;
	return true;
}

/* A document that has no value in it is refused. */
static int refuse_blank(struct validate *v, const struct document *d, const char *what,
			struct ab_err *err)
{
	struct ab_err why = { 0 };

	ab_err_no(&why, "%s", what);
	return ab_validate_tell_unread(v, d, &why, err);
}

int ab_validate_judge(struct validate *v, const struct document *d, struct ab_err *err)
{
	static const struct ab_json_limits limits = { .depth = MAX_DEPTH };

	v->judged++;
	err->status = 0;
	if ((!d->size || d->text[0] <= ' ') && is_blank(d))
		return refuse_blank(v, d, v->lines ? "1:1: empty line" : NOTHING, err);
	if (ab_json_read(&v->tape, d->text, d->size, &limits, err) < 0) {
		const struct ab_err why = *err;

		return why.status == AB_EXIT_NO ? ab_validate_tell_unread(v, d, &why, err) : -1;
	}
	switch (ab_schema_run(v->schema, &v->tape, &v->errors, err)) {
	case AB_SCHEMA_VALID:
		return v->output && ab_validate_tell_valid(v, d, err) < 0 ? -1 : 1;
	case AB_SCHEMA_INVALID:
		return ab_validate_tell(v, d, err);
	default:
		if (v->lines)
			return ab_err_prefix(err, "line %llu: ", (unsigned long long)d->line);
		return -1;
	}
}

int ab_validate_whole(struct validate *v, int fd, const char *name, struct ab_err *err)
{
	struct document d = { .name = name, .line = 1 };
	int verdict;

	if (ab_hold_clear(&v->stage.in, err) < 0 || ab_stage_read(&v->stage, fd, err) < 0)
		return -1;
	d.text = ab_hold_map(&v->stage.in, err);
	if (!d.text)
		return -1;
	d.size = (size_t)v->stage.in.size;
	verdict = ab_validate_judge(v, &d, err);
	if (verdict > 0 && v->n_files > 1)
		return ab_stage_write(&v->stage, d.text, d.size, err);
	return verdict < 0 ? -1 : 0;
}

/* Writes the lines that passed: those kept, then the stretch that ends at `end`. Many short
 * stretches are gathered, a long one is written where it stands. */
static int let_through(struct validate *v, const char *from, const char *end, bool last,
		       struct ab_err *err)
{
	size_t size = (size_t)(end - from);
	int status = 0;

	if (size < CHUNK / 4 && (!last || v->out.len)) {
		ab_buf_add(&v->out, from, size);
		if (ab_buf_ok(&v->out, err) < 0)
			return -1;
		size = 0;
	}
	if (v->out.len && (last || size || v->out.len >= CHUNK)) {
		status = ab_stage_write(&v->stage, v->out.data, v->out.len, err);
		ab_buf_clear(&v->out);
	}
	return status == 0 && size ? ab_stage_write(&v->stage, from, size, err) : status;
}

/* One line, with its newline if it has one, or else a zero behind it: the reader wants either. */
static int judge_line(struct validate *v, struct document *d, const char *line, size_t size,
		      struct ab_err *err)
{
	int verdict;

	d->text = (const unsigned char *)line;
	d->size = size - (line[size - 1] == '\n');
	verdict = ab_validate_judge(v, d, err);
	d->line++;
	if (!verdict && v->reject >= 0 && ab_io_write(v->reject, line, size, err) < 0 &&
	    ab_err_prefix(err, "%s: ", v->reject_name))
		return -1;
	return verdict;
}

/* All whole lines in the buffer; what is left over moves to its front. Those that pass stay where
 * they are until one that does not comes between. */
static int judge_lines(struct validate *v, struct document *d, struct ab_buf *in, bool at_end,
		       struct ab_err *err)
{
	char *line = in->data, *end = in->data + in->len, *passed = line;
	int verdict = 1;

	*end = '\0';
	while (line < end && verdict >= 0 && !(v->fail_fast && v->refused)) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *next = newline ? newline + 1 : end;

		if (!newline && !at_end)
			break;
		verdict = judge_line(v, d, line, (size_t)(next - line), err);
		if (verdict <= 0 && let_through(v, passed, line, false, err) < 0)
			return -1;
		line = next;
		if (verdict <= 0)
			passed = line;
	}
	if (verdict < 0 || let_through(v, passed, line, true, err) < 0)
		return -1;
	memmove(in->data, line, (size_t)(end - line));
	in->len = (size_t)(end - line);
	return 0;
}

/* Reads until the buffer holds a line's end; 0 at the end of the input. */
static int read_more(struct validate *v, int fd, struct ab_buf *in, struct ab_err *err)
{
	size_t room = in->len > CHUNK ? in->len : CHUNK;

	for (;;) {
		char *to = ab_buf_reserve(in, room + AB_HOLD_PAD);
		ssize_t n;

		if (!to)
			return ab_buf_ok(in, err);
		n = ab_stage_read_some(&v->stage, fd, to, room, err);
		if (n <= 0)
			return (int)n;
		in->len += (size_t)n;
		if (memchr(to, '\n', (size_t)n))
			return 1;
		if (in->len > MAX_LINE)
			return ab_err_no(err, "a line of more than %zu bytes", MAX_LINE);
		room = in->len > CHUNK ? in->len : CHUNK;
	}
}

int ab_validate_lines(struct validate *v, int fd, const char *name, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf in = { 0 };
	struct document d = { .name = name, .line = 1 };
	uint64_t before = v->judged;
	int more;

	do {
		more = read_more(v, fd, &in, err);
		if (more < 0 || (in.len && judge_lines(v, &d, &in, !more, err) < 0))
			return -1;
	} while (more && !(v->fail_fast && v->refused));
	if (v->judged > before)
		return 0;
	v->judged++;
	return refuse_blank(v, &d, NOTHING, err);
}
