/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader: the tape's invariants, jansson's verdict where the two must agree, and the
 * canonical form, which is its own canonical form and has the same value.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"
#include "lib/json/tape.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Children of a container: they follow each other up to its end, keys and values in turn. */
static void check_container(const struct ab_json_tape *tape, size_t i)
{
	const struct ab_json_node *nodes = tape->nodes;
	bool object = nodes[i].type == AB_JSON_OBJECT;
	size_t n = 0, child = i + 1;

	for (; child < nodes[i].next; child = nodes[child].next) {
		MUST(nodes[child].next <= nodes[i].next);
		MUST(nodes[child].at > nodes[i].at);
		MUST(nodes[child].at + nodes[child].len < nodes[i].at + nodes[i].len);
		MUST(!!(nodes[child].flags & AB_JSON_KEY) == (object && n % 2 == 0));
		n++;
	}
	MUST(child == nodes[i].next);
	MUST(nodes[i].count == (object ? n / 2 : n));
	MUST(tape->text[nodes[i].at] == (object ? '{' : '['));
	MUST(tape->text[nodes[i].at + nodes[i].len - 1] == (object ? '}' : ']'));
}

static void check_leaf(const struct ab_json_tape *tape, size_t i)
{
	const struct ab_json_node *node = &tape->nodes[i];
	const unsigned char *p = tape->text + node->at;
	ab_auto(ab_buf_free) struct ab_buf decoded = { 0 };

	MUST(node->next == i + 1);
	if (node->type != AB_JSON_STRING) {
		MUST(node->len > 0);
		return;
	}
	MUST(p[-1] == '"' && p[node->len] == '"');
	MUST(!(node->flags & AB_JSON_ESCAPED) == !memchr(p, '\\', node->len));
	ab_json_unescape(tape, i, &decoded);
	MUST(ab_utf8_check((const unsigned char *)decoded.data, decoded.len) == decoded.len);
	MUST(ab_json_is(tape, i, decoded.data ? decoded.data : "", decoded.len));
}

static void check_tape(const struct ab_json_tape *tape)
{
	MUST(tape->n > 0 && tape->nodes[0].next == tape->n);
	for (size_t i = 0; i < tape->n; i++) {
		const struct ab_json_node *node = &tape->nodes[i];

		MUST(node->at + (size_t)node->len <= tape->size);
		if (node->type == AB_JSON_ARRAY || node->type == AB_JSON_OBJECT)
			check_container(tape, i);
		else
			check_leaf(tape, i);
	}
}

/* Of few nodes each has a pointer that leads back to it. */
static void check_pointers(const struct ab_json_tape *tape)
{
	if (tape->n > 100)
		return;
	for (size_t i = 0; i < tape->n; i++) {
		ab_auto(ab_buf_free) struct ab_buf pointer = { 0 };
		bool key = tape->nodes[i].flags & AB_JSON_KEY;

		ab_json_pointer(tape, i, &pointer);
		if (!memchr(pointer.data, '\0', pointer.len))
			MUST(ab_json_find(tape, pointer.data) == (ptrdiff_t)i + key);
	}
}

/* jansson takes what we take, but for numbers that it cannot hold, NULs in keys, and its depth; and
 * it refuses what we refuse. */
static void check_jansson(const unsigned char *text, size_t size, bool taken)
{
	size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_error_t error;
	json_auto_t *value = json_loadb((const char *)text, size, flags, &error);

	if (value)
		MUST(taken || memchr(text, '\0', size)); /* it takes a NUL behind a number */
	else if (taken)
		MUST(json_error_code(&error) == json_error_numeric_overflow ||
		     json_error_code(&error) == json_error_null_byte_in_key ||
		     json_error_code(&error) == json_error_null_character ||
		     json_error_code(&error) == json_error_stack_overflow);
}

static void check_canonical(const unsigned char *text, size_t size, bool taken)
{
	struct ab_err err = { 0 };
	ab_auto(ab_buf_free) struct ab_buf once = { 0 };
	ab_auto(ab_buf_free) struct ab_buf twice = { 0 };
	json_auto_t *value = ab_json_load("x", text, size, &err);
	json_auto_t *again = NULL;

	MUST(!value || taken);
	if (!value || ab_json_canonical(value, &once, &err) < 0)
		return;
	again = ab_json_load("x", once.data, once.len, &err);
	/* An integer above 2^63 - 1 that a double can hold is written as one, and is then too big.
	 */
	if (!again)
		MUST(strstr(err.msg, "64 bits"));
	if (!again || ab_json_canonical(again, &twice, &err) < 0)
		return;
	MUST(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ab_json_tape tape; /* one for all, as its users have it */
	const struct ab_json_limits limits = { .depth = 200 };
	unsigned char *text = malloc(size + AB_HOLD_PAD);
	struct ab_err err = { 0 };
	bool taken, taken_as_line;
	char said[sizeof(err.msg)];

	if (!text)
		return 0;
	memcpy(text, data, size);
	memset(text + size, '\n', AB_HOLD_PAD);
	taken_as_line = ab_json_read(&tape, text, size, &limits, &err) == 0;
	memcpy(said, err.msg, sizeof(said));
	memset(text + size, 0, AB_HOLD_PAD);
	taken = ab_json_read(&tape, text, size, &limits, &err) == 0;
	MUST(taken == taken_as_line);
	MUST(taken || (err.status == AB_EXIT_NO && strcmp(said, err.msg) == 0));
	if (taken) {
		check_tape(&tape);
		check_pointers(&tape);
	}
	if (taken || !strstr(err.msg, "too many levels")) {
		check_jansson(text, size, taken);
		check_canonical(text, size, taken);
	}
	free(text);
	return 0;
}
