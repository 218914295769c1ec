/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/base/path.h"
#include "lib/json/yaml.h"
#include "lib/scrub/policy.h"

static bool is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* Strings end in a NUL here, so that there may be none in one. */
static int check_strings(const struct ab_json_tape *tape, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (!strstr((const char *)tape->text, "\\u0000"))
		return 0;
	for (size_t i = 0; i < tape->n; i++) {
		const struct ab_json_node *n = &tape->nodes[i];
		size_t line, column;

		if (n->type != AB_JSON_STRING || !(n->flags & AB_JSON_ESCAPED) ||
		    !memmem(tape->text + n->at, n->len, "\\u0000", 6))
			continue;
		ab_buf_clear(&text);
		ab_json_unescape(tape, i, &text);
		if (ab_buf_ok(&text, err) < 0)
			return -1;
		ab_json_position(tape->text, n->at, &line, &column);
		if (memchr(text.data, '\0', text.len))
			return ab_err_no(err, "%zu:%zu: expected no \\u0000", line, column);
	}
	return 0;
}

static int read_tape(struct ab_source *s, struct ab_err *err)
{
	char *pad = ab_buf_reserve(&s->text, AB_HOLD_PAD);

	if (!pad)
		return ab_err_memory(err);
	memset(pad, 0, AB_HOLD_PAD);
	if (ab_json_read(&s->tape, (const unsigned char *)s->text.data, s->text.len, NULL, err) <
		    0 ||
	    check_strings(&s->tape, err) < 0)
		return -1;
	s->words = malloc(s->tape.n * sizeof(*s->words));
	return s->words ? 0 : ab_err_memory(err);
}

int ab_source_load(struct ab_source *s, const char *path, struct ab_err *err)
{
	s->path = strdup(path);
	return s->path ? ab_path_read(path, AB_SCRUB_POLICY_SIZE, &s->text, err) : ab_err_memory(err);
}

int ab_source_read(struct ab_source *s, const char *path, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf yaml = { 0 };

	err->status = 0;
	if (is_yaml(path)) {
		yaml = s->text;
		s->text = (struct ab_buf){ 0 };
	}
	if ((is_yaml(path) && ab_yaml_to_json(yaml.data, yaml.len, &s->text, err) < 0) ||
	    read_tape(s, err) < 0) {
		err->status = err->status == AB_EXIT_NO ? AB_EXIT_USAGE : err->status;
		return ab_err_prefix(err, "%s: ", path);
	}
	return 0;
}

void ab_source_close(struct ab_source *s)
{
	ab_json_tape_free(&s->tape);
	s->tape = (struct ab_json_tape){ 0 };
	ab_buf_free(&s->plain);
}

void ab_source_free(struct ab_source *s)
{
	ab_source_close(s);
	ab_buf_free(&s->text);
	free(s->words);
	free(s->path);
}

int ab_source_type(const struct ab_source *s, size_t node)
{
	static const int types[] = {
		[AB_JSON_NULL] = JSON_NULL,	[AB_JSON_FALSE] = JSON_FALSE,
		[AB_JSON_TRUE] = JSON_TRUE,	[AB_JSON_NUMBER] = JSON_REAL,
		[AB_JSON_STRING] = JSON_STRING, [AB_JSON_ARRAY] = JSON_ARRAY,
		[AB_JSON_OBJECT] = JSON_OBJECT,
	};
	const struct ab_json_node *n = &s->tape.nodes[node];

	return n->type == AB_JSON_NUMBER && n->flags & AB_JSON_INTEGER ? JSON_INTEGER
								       : types[n->type];
}

const char *ab_source_text(struct ab_source *s, size_t node)
{
	struct ab_json_node *n = &s->tape.nodes[node];
	char *text = s->text.data + n->at;

	if (!node || n->type != AB_JSON_STRING)
		return NULL;
	if (n->flags & AB_JSON_ESCAPED) { /* its plain bytes are fewer, and take its place */
		ab_buf_clear(&s->plain);
		ab_json_unescape(&s->tape, node, &s->plain);
		if (s->plain.failed)
			return NULL;
		memcpy(text, s->plain.data, s->plain.len);
		n->len = (uint32_t)s->plain.len;
		n->flags &= (unsigned)~AB_JSON_ESCAPED & 7;
	}
	text[n->len] = '\0';
	return text;
}

bool ab_source_integer(struct ab_source *s, size_t node, long long *ret)
{
	if (ab_source_type(s, node) != JSON_INTEGER)
		return false;
	errno = 0; /* the lexeme ends before what no number has in it */
	*ret = strtoll(s->text.data + s->tape.nodes[node].at, NULL, 10);
	return errno == 0;
}

double ab_source_real(struct ab_source *s, size_t node)
{
	int type = ab_source_type(s, node);

	return type == JSON_INTEGER || type == JSON_REAL
		       ? strtod(s->text.data + s->tape.nodes[node].at, NULL)
		       : 0;
}

int ab_source_keys(struct ab_source *s, size_t node, const char *where,
		   const struct ab_json_key *keys, size_t *values, struct ab_err *err)
{
	const struct ab_json_node *nodes = s->tape.nodes;

	for (size_t k = 0; keys[k].name; k++)
		values[k] = 0;
	if (nodes[node].type != AB_JSON_OBJECT)
		return ab_json_no_object(where, ab_source_type(s, node), err);
	for (size_t i = node + 1; i < nodes[node].next; i = nodes[i + 1].next) {
		const char *name = ab_source_text(s, i);
		size_t k = 0;

		if (!name)
			return ab_err_memory(err);
		while (keys[k].name &&
		       (keys[k].name[0] != name[0] || strcmp(keys[k].name, name) != 0))
			k++;
		if (!keys[k].name || !ab_json_type_is(ab_source_type(s, i + 1), keys[k].type))
			return ab_json_key_check(where, name, nodes[i].len,
						 ab_source_type(s, i + 1), keys, err);
		values[k] = i + 1;
	}
	for (size_t k = 0; keys[k].name; k++)
		if (keys[k].required && !values[k])
			return ab_err_usage(err, "%s%smissing key '%s'", where, *where ? ": " : "",
					    keys[k].name);
	return 0;
}

int ab_source_words(struct ab_source *s, size_t node, const char *where, const char *key,
		    struct ab_words *ret, struct ab_err *err)
{
	const struct ab_json_node *nodes = s->tape.nodes;
	uint32_t *places = s->words + s->n_words;

	*ret = (struct ab_words){ 0 };
	if (!node)
		return 0;
	for (size_t i = nodes[node].type == AB_JSON_STRING ? node : node + 1; i < nodes[node].next; i = nodes[i].next) {
		const char *text = ab_source_text(s, i);

		if (!text || !*text)
			return ab_err_usage(err, "%s/%s/%zu: expected a string", where, key,
					    ret->n);
		places[ret->n++] = (uint32_t)(text - s->text.data);
	}
	ret->text = s->text.data;
	ret->at = places;
	s->n_words += ret->n;
	return 0;
}
