/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of our own values: JSON Pointers, and objects checked against a table of keys. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/near.h"
#include "lib/json/json.h"
#include "lib/json/pointer.h"

static json_t *step(json_t *value, const char *token, size_t len)
{
	ab_auto(ab_buf_free) struct ab_buf key = { 0 };
	size_t index;

	if (json_is_array(value))
		return ab_pointer_index(token, len, &index) ? json_array_get(value, index) : NULL;
	ab_buf_add(&key, "", 0);
	if (!ab_pointer_decode(token, len, &key))
		return NULL;
	return json_object_getn(value, key.data, key.len);
}

json_t *ab_json_at(const json_t *value, const char *pointer)
{
	/* jansson's getters for containers take no const. */
	json_t *at = (json_t *)(uintptr_t)value;

	while (at && *pointer) {
		size_t len;

		if (*pointer++ != '/')
			return NULL;
		len = strcspn(pointer, "/");
		at = step(at, pointer, len);
		pointer += len;
	}
	return at;
}

static const char *type_name(int type)
{
	switch (type) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_NULL:
		return "null";
	default:
		return "true or false";
	}
}

bool ab_json_type_is(int have, int type)
{
	if (type == AB_JSON_ANY)
		return true;
	if (type == AB_JSON_BOOLEAN)
		return have == JSON_TRUE || have == JSON_FALSE;
	return have == type;
}

static const struct ab_json_key *find_key(const struct ab_json_key *keys, const char *name,
					  size_t len)
{
	for (; keys->name; keys++) {
		if (strlen(keys->name) == len && memcmp(keys->name, name, len) == 0)
			return keys;
	}
	return NULL;
}

/* "WHERE/name: what" */
static int refuse(const char *where, const char *name, size_t len, const char *what,
		  struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf token = { 0 };

	ab_pointer_add(&token, name, len);
	if (ab_buf_ok(&token, err) < 0)
		return -1;
	return ab_err_usage(err, "%s%.100s: %s", where, token.data, what);
}

static int unknown(const char *where, const char *name, size_t len, const struct ab_json_key *keys,
		   struct ab_err *err)
{
	struct ab_near near = { .word = name, .len = len };

	for (; len && keys->name; keys++)
		ab_near_try(&near, keys->name);
	(void)refuse(where, name, len, "unknown key", err);
	return ab_near_tell(&near, "", err);
}

int ab_json_key_check(const char *where, const char *name, size_t len, int have,
		      const struct ab_json_key *keys, struct ab_err *err)
{
	const struct ab_json_key *key = find_key(keys, name, len);
	char what[80];

	if (!key)
		return unknown(where, name, len, keys, err);
	if (ab_json_type_is(have, key->type))
		return 0;
	/* Names of types are short. */
	(void)snprintf(what, sizeof(what), "expected %s, not %s", type_name(key->type),
		       type_name(have));
	return refuse(where, name, len, what, err);
}

int ab_json_no_object(const char *where, int have, struct ab_err *err)
{
	return ab_err_usage(err, "%s: expected an object, not %s", where, type_name(have));
}

int ab_json_keys(const json_t *object, const char *where, const struct ab_json_key *keys,
		 struct ab_err *err)
{
	json_t *any = (json_t *)(uintptr_t)object;
	const char *name;
	size_t len;
	json_t *value;

	if (!json_is_object(object))
		return object ? ab_json_no_object(where, (int)json_typeof(object), err)
			      : ab_err_usage(err, "%s: expected an object, not nothing", where);
	json_object_keylen_foreach(any, name, len, value)
	{
		if (ab_json_key_check(where, name, len, (int)json_typeof(value), keys, err) < 0)
			return -1;
	}
	for (; keys->name; keys++) {
		if (keys->required && !json_object_get(any, keys->name))
			return ab_err_usage(err, "%s%smissing key '%s'", where, *where ? ": " : "",
					    keys->name);
	}
	return 0;
}
