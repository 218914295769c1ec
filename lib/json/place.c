/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a document: line and column, JSON Pointers, and the errors that name them. */
#include <stdio.h>
#include <string.h>

#include "lib/json/pointer.h"
#include "lib/json/reader.h"

/* How much of a pointer an error shows. */
#define POINTER_SHOWN 200

void ab_json_position(const unsigned char *text, size_t at, size_t *ret_line, size_t *ret_column)
{
	const unsigned char *line = text, *end = text + at, *p;
	size_t n = 1, column = 1;

	while (line < end && (p = memchr(line, '\n', (size_t)(end - line)))) {
		n++;
		line = p + 1;
	}
	for (p = line; p < end; p++)
		column += (*p & 0xc0) != 0x80;
	*ret_line = n;
	*ret_column = column;
}

/* The same of a document that is larger than what is to be in memory. */
static void position_in(const struct ab_json_tape *tape, size_t at, size_t *ret_line, size_t *ret_column)
{
	const struct ab_json_scratch *scratch = tape->scratch;
	const struct ab_hold *hold = scratch->window ? scratch->window->pass->hold : NULL;
	size_t piece = (size_t)256 << 10, line = 1, column = 1;

	for (size_t from = 0, n; from < at; from += n) {
		size_t lines, columns;

		n = hold && at - from > piece ? piece : at - from;
		if (hold)
			ab_hold_near(hold, from, n);
		ab_json_position(tape->text + from, n, &lines, &columns);
		line += lines - 1;
		column = lines > 1 ? columns : column + columns - 1;
		if (hold)
			ab_hold_forget(hold, from > piece ? from - piece : 0, from + n);
	}
	*ret_line = line;
	*ret_column = column;
}

static void add_key(const struct ab_json_tape *tape, size_t key, struct ab_buf *out)
{
	struct ab_buf decoded = { 0 };

	ab_json_unescape(tape, key, &decoded);
	ab_pointer_add(out, decoded.data ? decoded.data : "", decoded.len);
	ab_buf_free(&decoded);
}

void ab_json_pointer(const struct ab_json_tape *tape, size_t node, struct ab_buf *out)
{
	const struct ab_json_node *nodes = tape->nodes;
	size_t at = 0;

	ab_buf_add(out, "", 0);
	while (at != node) {
		bool object = nodes[at].type == AB_JSON_OBJECT;
		size_t child = at + 1, n = 0;

		while (nodes[child + object].next <= node) {
			child = nodes[child + object].next;
			n++;
		}
		if (object)
			add_key(tape, child, out);
		else
			ab_buf_addf(out, "/%zu", n);
		if (child == node) /* a member's name stands for the member */
			return;
		at = child + object;
	}
}

/* The element of a frame that was begun last. */
static void add_last(const struct ab_json_tape *tape, const struct ab_json_frame *frame,
		     size_t value, struct ab_buf *out)
{
	if (frame->closer == '}')
		add_key(tape, value - 1, out);
	else
		ab_buf_addf(out, "/%u", frame->count - 1);
}

/* Cuts what is longer than an error shows, between characters. */
static void shorten(struct ab_buf *pointer)
{
	size_t len = POINTER_SHOWN;

	if (pointer->failed || pointer->len <= len)
		return;
	while (len && (pointer->data[len] & 0xc0) == 0x80)
		len--;
	pointer->len = len;
	ab_buf_adds(pointer, "...");
}

static void stopped_in(const struct ab_json_tape *tape, const struct ab_json_stop *stop,
		       struct ab_buf *out)
{
	const struct ab_json_scratch *scratch = tape->scratch;

	for (const struct ab_json_frame *f = scratch->frames + 1; f <= stop->frame; f++) {
		if (out->len > POINTER_SHOWN)
			return;
		if (f < stop->frame)
			add_last(tape, f, f[1].node, out);
		else if (stop->key)
			add_key(tape, stop->key, out);
		else if (!stop->between)
			add_last(tape, f, tape->n, out);
	}
}

int ab_json_explain(const struct ab_json_tape *tape, const struct ab_json_stop *stop,
		    struct ab_err *err)
{
	struct ab_buf pointer = { 0 };
	char limit[48] = ""; /* a phrase and a number fit */
	size_t line, column;

	stopped_in(tape, stop, &pointer);
	shorten(&pointer);
	position_in(tape, (size_t)(stop->at - tape->text), &line, &column);
	if (stop->limit)
		(void)snprintf(limit, sizeof(limit), ": more than %zu", stop->limit);
	ab_err_no(err, "%zu:%zu: %s%s%s%s%s", line, column,
		  pointer.len && !pointer.failed ? pointer.data : "",
		  pointer.len && !pointer.failed ? ": " : "",
		  stop->at == tape->text + tape->size ? "unexpected end, " : "", stop->what, limit);
	ab_buf_free(&pointer);
	return -1;
}

ptrdiff_t ab_json_member(const struct ab_json_tape *tape, size_t object, const char *key,
			 size_t key_len)
{
	const struct ab_json_node *nodes = tape->nodes;

	if (nodes[object].type != AB_JSON_OBJECT)
		return -1;
	for (size_t i = object + 1; i < nodes[object].next; i = nodes[i + 1].next) {
		if (ab_json_is(tape, i, key, key_len))
			return (ptrdiff_t)i + 1;
	}
	return -1;
}

static ptrdiff_t element(const struct ab_json_tape *tape, size_t array, size_t index)
{
	size_t i = array + 1;

	if (tape->nodes[array].type != AB_JSON_ARRAY || index >= tape->nodes[array].count)
		return -1;
	while (index--)
		i = tape->nodes[i].next;
	return (ptrdiff_t)i;
}

static ptrdiff_t step(const struct ab_json_tape *tape, size_t node, const char *token, size_t len)
{
	ab_auto(ab_buf_free) struct ab_buf key = { 0 };
	size_t index;

	if (tape->nodes[node].type == AB_JSON_ARRAY)
		return ab_pointer_index(token, len, &index) ? element(tape, node, index) : -1;
	if (!ab_pointer_decode(token, len, &key))
		return -1;
	return ab_json_member(tape, node, key.data ? key.data : "", key.len);
}

ptrdiff_t ab_json_find(const struct ab_json_tape *tape, const char *pointer)
{
	ptrdiff_t node = tape->n ? 0 : -1;

	while (*pointer && node >= 0) {
		size_t len;

		if (*pointer++ != '/')
			return -1;
		len = strcspn(pointer, "/");
		node = step(tape, (size_t)node, pointer, len);
		pointer += len;
	}
	return node;
}
