/* SPDX-License-Identifier: Apache-2.0 */
/* From the tape to jansson values. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/json/json.h"
#include "lib/json/reader.h"
#include "lib/json/value.h"

/* A container on the way, to which elements up to the node `next` belong. */
struct level {
	json_t *value; /* borrowed: its parent has it */
	uint32_t next;
};

struct builder {
	struct ab_json_tape tape;
	struct ab_buf key, string;
	struct level *levels; /* one for each level that the reader allows */
	size_t depth;
	bool converted; /* from YAML: the text's lines are nobody's */
};

static void builder_done(struct builder *b)
{
	ab_json_tape_free(&b->tape);
	ab_buf_free(&b->key);
	ab_buf_free(&b->string);
	free(b->levels);
}

static int refuse(const struct builder *b, size_t node, const char *what, struct ab_err *err)
{
	const struct ab_json_tape *tape = &b->tape;
	ab_auto(ab_buf_free) struct ab_buf pointer = { 0 };
	size_t line, column;

	ab_json_pointer(tape, node, &pointer);
	if (ab_buf_ok(&pointer, err) < 0)
		return -1;
	ab_err_no(err, "%.300s%s%s", pointer.data, pointer.len ? ": " : "", what);
	ab_json_position(tape->text, tape->nodes[node].at, &line, &column);
	return b->converted ? -1 : ab_err_prefix(err, "%zu:%zu: ", line, column);
}

/* Whether a lexeme has a digit that is not zero. */
static bool has_value(const char *lexeme)
{
	return strcspn(lexeme, "123456789") < strcspn(lexeme, "eE");
}

static json_t *number(struct builder *b, size_t node, struct ab_err *err)
{
	const struct ab_json_node *n = &b->tape.nodes[node];
	double real;

	ab_buf_clear(&b->string);
	ab_buf_add(&b->string, b->tape.text + n->at, n->len);
	if (ab_buf_ok(&b->string, err) < 0)
		return NULL;
	errno = 0;
	if (n->flags & AB_JSON_INTEGER) {
		long long i = strtoll(b->string.data, NULL, 10);

		if (errno == 0)
			return json_integer(i);
		refuse(b, node, "expected an integer of at most 64 bits", err);
		return NULL;
	}
	real = strtod(b->string.data, NULL);
	if (!isinf(real) && (real != 0 || !has_value(b->string.data)))
		return json_real(real);
	refuse(b, node, "expected a number that a double can hold", err);
	return NULL;
}

static json_t *string(struct builder *b, size_t node, struct ab_err *err)
{
	ab_buf_clear(&b->string);
	ab_json_unescape(&b->tape, node, &b->string);
	if (ab_buf_ok(&b->string, err) < 0)
		return NULL;
	if (b->string.len && memchr(b->string.data, '\0', b->string.len)) {
		refuse(b, node, "expected no \\u0000", err);
		return NULL;
	}
	return json_stringn_nocheck(b->string.data ? b->string.data : "", b->string.len);
}

/* A new value without what is in it. NULL: err says why, or is untouched without memory. */
static json_t *shallow(struct builder *b, size_t node, struct ab_err *err)
{
	switch ((enum ab_json_type)b->tape.nodes[node].type) {
	case AB_JSON_OBJECT:
		return json_object();
	case AB_JSON_ARRAY:
		return json_array();
	case AB_JSON_STRING:
		return string(b, node, err);
	case AB_JSON_NUMBER:
		return number(b, node, err);
	case AB_JSON_TRUE:
		return json_true();
	case AB_JSON_FALSE:
		return json_false();
	case AB_JSON_NULL:
		return json_null();
	}
	return NULL;
}

static int read_key(struct builder *b, size_t node, struct ab_err *err)
{
	ab_buf_clear(&b->key);
	ab_buf_add(&b->key, "", 0);
	ab_json_unescape(&b->tape, node, &b->key);
	if (ab_buf_ok(&b->key, err) < 0)
		return -1;
	if (memchr(b->key.data, '\0', b->key.len))
		return refuse(b, node, "expected no \\u0000", err);
	return 0;
}

/* Adds the value of a node to the innermost container, under b->key if that is an object. */
static int add(struct builder *b, json_t *value)
{
	json_t *parent = b->levels[b->depth - 1].value;

	if (json_is_array(parent))
		return json_array_append_new(parent, value);
	return json_object_setn_new_nocheck(parent, b->key.data, b->key.len, value);
}

/* The value of a node that is not a key, as the next element. */
static int build_one(struct builder *b, size_t node, json_t **root, struct ab_err *err)
{
	const struct ab_json_node *n = &b->tape.nodes[node];
	json_t *value = shallow(b, node, err);

	if (!value)
		return err->status ? -1 : ab_err_memory(err);
	if (b->depth == 0)
		*root = value;
	else if (add(b, value) < 0)
		return ab_err_memory(err);
	if (n->type == AB_JSON_OBJECT || n->type == AB_JSON_ARRAY)
		b->levels[b->depth++] = (struct level){ value, n->next };
	return 0;
}

static json_t *build(struct builder *b, struct ab_err *err)
{
	json_auto_t *root = NULL;

	for (size_t i = 0; i < b->tape.n; i++) {
		while (b->depth && b->levels[b->depth - 1].next <= i)
			b->depth--;
		if (b->tape.nodes[i].flags & AB_JSON_KEY) {
			if (read_key(b, i++, err) < 0)
				return NULL;
		}
		if (build_one(b, i, &root, err) < 0)
			return NULL;
	}
	return ab_steal(&root);
}

/* Adds the zeros that the reader wants behind a text. */
static int pad(struct ab_buf *text, struct ab_err *err)
{
	char *end = ab_buf_reserve(text, AB_HOLD_PAD);

	if (!end)
		return ab_err_memory(err);
	memset(end, 0, AB_HOLD_PAD);
	return 0;
}

json_t *ab_json_build(const char *name, struct ab_buf *text, bool converted, struct ab_err *err)
{
	ab_auto(builder_done) struct builder b = { .converted = converted };
	json_t *value = NULL;

	err->status = 0;
	if (pad(text, err) < 0)
		return NULL;
	b.levels = calloc(AB_JSON_MAX_DEPTH, sizeof(*b.levels));
	if (!b.levels)
		ab_err_memory(err);
	else if (ab_json_read(&b.tape, (const unsigned char *)text->data, text->len, NULL, err) ==
		 0)
		value = build(&b, err);
	if (!value && err->status == AB_EXIT_NO)
		ab_err_prefix(err, "%s: ", name);
	return value;
}

json_t *ab_json_load(const char *name, const void *text, size_t size, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf copy = { 0 };

	ab_buf_add(&copy, text, size);
	return ab_json_build(name, &copy, false, err);
}
