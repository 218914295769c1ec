/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/named.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_LEN  128u /* bytes of a name, */
#define VALUE_MAX_LEN 256u /* and of a value; no rule looks further */

enum role { NONE, NAME, VALUE };

/* What the keys of such members are, by length. */
static const struct {
	const char *word;
	enum role role;
} words[] = {
	{ "id", NAME },
	{ "key", NAME },	  { "var", NAME },	     { "val", VALUE },
	{ "name", NAME },	  { "data", VALUE },
	{ "field", NAME },	  { "param", NAME },	     { "label", NAME },	    { "value", VALUE },
	{ "header", NAME },	  { "option", NAME },	     { "secret", VALUE },
	{ "setting", NAME },	  { "default", VALUE },	     { "content", VALUE },  { "current", VALUE },
	{ "variable", NAME },	  { "property", NAME },
	{ "parameter", NAME },	  { "attribute", NAME },     { "plaintext", VALUE },
	{ "stringvalue", VALUE }, { "secretvalue", VALUE },
	{ "parameterkey", NAME }, { "defaultvalue", VALUE }, { "secret_value", VALUE },
	{ "default_value", VALUE },
	{ "parametervalue", VALUE },
};

/* The first of them that is not shorter than a length. */
static const unsigned char first_of[] = { 0, 0, 0, 1, 4, 6, 10, 13, 17, 19, 22, 22, 24, 27, 28, 29 };

_Static_assert(AB_ARRAY_SIZE(words) == 29, "first_of[] ends there");

static inline enum role role_of(const char *key, size_t len)
{
	if (len + 1 >= sizeof(first_of))
		return NONE;
	for (size_t i = first_of[len]; i < first_of[len + 1]; i++)
		if (words[i].word[0] == (key[0] | 0x20) && strncasecmp(words[i].word, key, len) == 0)
			return words[i].role;
	return NONE;
}

/* Whether a name may be that of a secret, which the rules then tell for certain. */
static bool may_be_secret(const struct ab_json_tape *tape, const struct ab_json_node *name)
{
	static const char *const roots[] = { "pass", "pwd", "pw", "secret", "token", "key", "cred", "auth", "sign" };
	const char *text = (const char *)tape->text + name->at;

	if (name->flags & AB_JSON_ESCAPED)
		return true;
	for (size_t i = 0; i < name->len; i++)
		for (size_t k = 0; k < AB_ARRAY_SIZE(roots); k++) {
			size_t n = strlen(roots[k]);

			if (roots[k][0] == (text[i] | 0x20) && n <= name->len - i &&
			    strncasecmp(text + i, roots[k], n) == 0)
				return true;
		}
	return false;
}

void ab_named_resume(struct ab_named *named, const struct ab_json_tape *tape, size_t first)
{
	size_t level = 0;

	while (named->n && named->levels[named->n - 1].end != AB_JSON_OPEN)
		named->n--;
	for (size_t i = 0; i < first; i++)
		if (tape->nodes[i].type >= AB_JSON_ARRAY)
			named->levels[level++].end = tape->nodes[i].next;
}

/* Containers that end before a node are open no more. */
static inline void leave(struct ab_named *named, size_t node)
{
	while (named->n && node >= named->levels[named->n - 1].end)
		named->n--;
}

int ab_named_open(struct ab_named *named, const struct ab_json_tape *tape, size_t node, struct ab_err *err)
{
	struct ab_named_level *level;

	leave(named, node);
	if (named->n == named->capacity) {
		size_t capacity = named->capacity ? named->capacity * 2 : 16;
		struct ab_named_level *levels = realloc(named->levels, capacity * sizeof(*levels));

		if (!levels)
			return ab_err_memory(err);
		named->levels = levels;
		named->capacity = capacity;
	}
	level = &named->levels[named->n++];
	level->end = tape->nodes[node].next;
	level->n_names = level->n_values = 0;
	return 0;
}

/* Pairs a name with the values before it. */
static size_t add_name(struct ab_named *named, struct ab_named_level *level, const struct ab_json_tape *tape,
		       const struct ab_json_node *name)
{
	if (name->type != AB_JSON_STRING || name->len > NAME_MAX_LEN || level->n_names == AB_NAMED_MAX ||
	    !may_be_secret(tape, name))
		return 0;
	level->names[level->n_names++] = *name;
	for (unsigned i = 0; i < level->n_values; i++) {
		named->pairs[i][0] = *name;
		named->pairs[i][1] = level->values[i];
	}
	return level->n_values;
}

/* And a value with the names before it. */
static size_t add_value(struct ab_named *named, struct ab_named_level *level, const struct ab_json_node *value)
{
	if (!value->len || value->len > VALUE_MAX_LEN || level->n_values == AB_NAMED_MAX)
		return 0;
	level->values[level->n_values++] = *value;
	for (unsigned i = 0; i < level->n_names; i++) {
		named->pairs[i][0] = level->names[i];
		named->pairs[i][1] = *value;
	}
	return level->n_names;
}

size_t ab_named_member(struct ab_named *named, const struct ab_json_tape *tape, size_t key)
{
	const struct ab_json_node *node = &tape->nodes[key];
	enum role role = role_of((const char *)tape->text + node->at, node->len);
	struct ab_named_level *level;

	if (role == NONE)
		return 0;
	leave(named, key);
	level = &named->levels[named->n - 1];
	return role == NAME ? add_name(named, level, tape, node + 1) : add_value(named, level, node + 1);
}

void ab_named_free(struct ab_named *named)
{
	free(named->levels);
}
