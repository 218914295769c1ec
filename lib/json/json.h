/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own small JSON values (policies, workflows, receipts, records) as jansson's json_t, which the
 * rest of the tree gets from here and only from here. They are read by the strict reader
 * (lib/json/tape.h), so duplicate keys and bad UTF-8 are refused with their place, and written in
 * the canonical form of RFC 8785, which is also compact.
 */
#ifndef AB_JSON_JSON_H
#define AB_JSON_JSON_H

#include <jansson.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * Reads a JSON or YAML file (".yaml"/".yml" is YAML, anything else JSON) of at most max bytes.
 * "FILE#/pointer" takes a part. NULL: AB_EXIT_USAGE, "FILE: line:column: /pointer: expected ...".
 */
json_t *ab_json_load_file(const char *file, size_t max, struct ab_err *err);

/*
 * Reads one JSON document. `name` stands before the place in errors (status AB_EXIT_NO). Integers
 * beyond 64 bits, numbers beyond a double (too small for one included) and \u0000 are refused:
 * these are our own files, whose strings end up as C strings.
 */
json_t *ab_json_load(const char *name, const void *text, size_t size, struct ab_err *err);

/*
 * Splits "FILE#/pointer": *ret_file is a copy without the fragment (free() it), the return value
 * the pointer ("" if there is none) inside `spec`.
 */
const char *ab_json_split(const char *spec, char **ret_file, struct ab_err *err);

/* The part of a value that an RFC 6901 pointer names (borrowed), NULL if there is none. */
json_t *ab_json_at(const json_t *value, const char *pointer);

/*
 * Appends the RFC 8785 canonical form: sorted keys, shortest numbers, no white space. A value that
 * has none (NaN, an integer beyond 2^53 that a double cannot hold, not UTF-8) is an error.
 */
int ab_json_canonical(const json_t *value, struct ab_buf *out, struct ab_err *err);

/* Appends `text` of len bytes as a JSON string, quotes included; it must be valid UTF-8. */
void ab_json_quote(const char *text, size_t len, struct ab_buf *out);

/*
 * The same for any bytes: what is not UTF-8 becomes U+FFFD, a byte each, and what a terminal would
 * obey, reorder or hide (DEL, C1, format characters) is escaped like a control character.
 */
void ab_json_quote_bytes(const char *bytes, size_t len, struct ab_buf *out);

/*
 * Checks an object against a table of the keys that it may have: an unknown key, a missing required
 * one, or a wrong type is an AB_EXIT_USAGE error that names the place, "WHERE/key: unknown key".
 */
struct ab_json_key {
	const char *name; /* NULL ends the table */
	int type;	  /* a json_type, AB_JSON_ANY, or AB_JSON_BOOLEAN for true and false */
	bool required;
};
#define AB_JSON_ANY	(-1)
#define AB_JSON_BOOLEAN (-2)
int ab_json_keys(const json_t *object, const char *where, const struct ab_json_key *keys,
		 struct ab_err *err);

/* The same of one member, whose value has the json_type `have`, for readers of the tape. */
int ab_json_key_check(const char *where, const char *name, size_t len, int have,
		      const struct ab_json_key *keys, struct ab_err *err);
bool ab_json_type_is(int have, int type);

/* Says that there should be an object; -1. */
int ab_json_no_object(const char *where, int have, struct ab_err *err);

#endif
