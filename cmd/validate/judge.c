/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in, documents out. */
#include <string.h>

#include "cmd/validate/validate.h"
#include "lib/base/io.h"

#define CHUNK	  (64u << 10)
#define MAX_LINE  ((size_t)1 << 30)
#define MAX_DEPTH 10000

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
	if (is_blank(d))
		return refuse_blank(v, d, v->lines ? "1:1: empty line" : "empty input", err);
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

static int flush(struct validate *v, struct ab_err *err)
{
	int status = v->out.len ? ab_stage_write(&v->stage, v->out.data, v->out.len, err) : 0;

	ab_buf_clear(&v->out);
	return status;
}

/* A judged line goes where it belongs, as it is. */
static int pass_line(struct validate *v, const unsigned char *line, size_t size, bool valid,
		     struct ab_err *err)
{
	if (!valid)
		return v->reject < 0 ? 0 : ab_io_write(v->reject, line, size, err);
	ab_buf_add(&v->out, line, size);
	if (ab_buf_ok(&v->out, err) < 0)
		return -1;
	return v->out.len >= CHUNK ? flush(v, err) : 0;
}

/* One line, its newline included if it has one. The bytes behind it are zeros for as long as it is
 * read: the reader wants that. */
static int judge_line(struct validate *v, struct document *d, unsigned char *line, size_t size,
		      struct ab_err *err)
{
	unsigned char behind[AB_HOLD_PAD];
	size_t bare = size - (size && line[size - 1] == '\n');
	int verdict;

	d->text = line;
	d->size = bare;
	memcpy(behind, line + bare, sizeof(behind));
	memset(line + bare, 0, sizeof(behind));
	verdict = ab_validate_judge(v, d, err);
	memcpy(line + bare, behind, sizeof(behind));
	d->line++;
	if (verdict < 0 || pass_line(v, line, size, verdict > 0, err) < 0)
		return -1;
	return 0;
}

/* All whole lines in the buffer; what is left over moves to its front. */
static int judge_lines(struct validate *v, struct document *d, struct ab_buf *in, bool at_end,
		       struct ab_err *err)
{
	size_t at = 0;

	while (at < in->len && !(v->fail_fast && v->refused)) {
		char *line = in->data + at, *newline = memchr(line, '\n', in->len - at);
		size_t size = newline ? (size_t)(newline - line) + 1 : in->len - at;

		if (!newline && !at_end)
			break;
		if (judge_line(v, d, (unsigned char *)line, size, err) < 0)
			return -1;
		at += size;
	}
	memmove(in->data, in->data + at, in->len - at);
	in->len -= at;
	return flush(v, err);
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
	return refuse_blank(v, &d, "empty input", err);
}
