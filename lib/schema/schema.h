/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema, drafts 2020-12, 2019-09, 7, 6 and 4: a schema is compiled once and then run over
 * documents that lib/json/tape.h has read. Numbers are compared as exact decimals, strings by code
 * points, patterns are ECMA-262. Nothing is ever fetched.
 *
 * A schema is refused (AB_EXIT_USAGE, "FILE: /pointer: why") where its own metaschema does not
 * accept it, where $schema or a required vocabulary is unknown, where a $ref leads nowhere or in a
 * circle that no document could end, and where a pattern is bad. Keywords that no vocabulary of the
 * schema has are annotations, as the specification says.
 */
#ifndef AB_SCHEMA_SCHEMA_H
#define AB_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/tape.h"

enum ab_draft {
	AB_DRAFT_4,
	AB_DRAFT_6,
	AB_DRAFT_7,
	AB_DRAFT_2019_09,
	AB_DRAFT_2020_12,
};

#define AB_SCHEMA_MAX_SIZE ((size_t)64 << 20)

struct ab_schema_settings {
	enum ab_draft draft;	 /* of a main document without $schema */
	bool assert_format;	 /* `format` decides */
	bool assert_content;	 /* contentEncoding, contentMediaType and contentSchema decide */
	const char *const *refs; /* "URI=FILE": a schema document by its URI */
	size_t n_refs;
	const char *const *ref_dirs; /* "PREFIX=DIR": PREFIXpath is the file DIR/path */
	size_t n_ref_dirs;
	uint64_t max_steps;	 /* of one run; 0: 100 million, and a thousand for each value */
};

struct ab_schema;

/* The draft of "2020-12", "2019-09", "7", "6", "4"; -1 if it is none of them. */
int ab_draft_parse(const char *name);

/*
 * Loads and compiles "FILE" or "FILE#/pointer" (JSON, or YAML by its name). With a pointer the part
 * it names is a schema document of its own: "#/..." in it starts there.
 */
struct ab_schema *ab_schema_load(const char *spec, const struct ab_schema_settings *settings,
				 struct ab_err *err);

/* The same for a document in memory; `name` stands in errors. */
struct ab_schema *ab_schema_compile(const char *name, const void *text, size_t size,
				    const struct ab_schema_settings *settings, struct ab_err *err);

void ab_schema_free(struct ab_schema *s);

/*
 * What the schema's document hashes to, "sha256:..." (AB_SHA256_TEXT bytes): of a whole file its
 * bytes, of FILE#/pointer the RFC 8785 form of that part (its bytes where a number in it has no
 * such form).
 */
const char *ab_schema_hash(const struct ab_schema *s);

/* One thing that is wrong with a document. */
struct ab_schema_error {
	uint32_t instance;   /* node of the tape */
	int parent;	     /* the error this one explains (of anyOf, oneOf, ...), -1: none */
	bool is_key;	     /* about a member's name: `instance` is the key's node */
	const char *keyword; /* "minLength"; "" for a schema that is `false` */
	const char *schema_pointer; /* the keyword's place in its schema document */
	const char *path;	    /* keywordLocation: the way there, through each $ref */
	const char *absolute;	    /* absoluteKeywordLocation, NULL if it has no absolute URI */
	const char *expected;	    /* "expected ..." without that word; holds no instance values */
	const char *got;	    /* what was there, cut; NULL where there is nothing to say */
	const char *got_kind;	    /* the same without any value: "a string" */
};

struct ab_schema_errors {
	struct ab_schema_error *items;
	size_t n;
	size_t more;  /* not kept */
	size_t max;   /* how many to keep; 0: AB_SCHEMA_MAX_ERRORS */
	void *memory; /* the texts */
};
#define AB_SCHEMA_MAX_ERRORS 1000

enum ab_schema_verdict {
	AB_SCHEMA_INVALID,
	AB_SCHEMA_VALID,
	AB_SCHEMA_UNDECIDED, /* a limit was hit: see err */
};

/*
 * Runs the schema over a document. `errors` may be NULL; else it is emptied and, on INVALID, filled
 * with all errors. UNDECIDED: err says why, AB_EXIT_TROUBLE.
 */
enum ab_schema_verdict ab_schema_run(struct ab_schema *s, const struct ab_json_tape *tape,
				     struct ab_schema_errors *errors, struct ab_err *err);

void ab_schema_errors_free(struct ab_schema_errors *errors);

/* Adds the pointer of an error's instance; with redact, keys that the schema does not name are
 * replaced by "*". */
void ab_schema_pointer(const struct ab_schema *s, const struct ab_json_tape *tape, uint32_t node,
		       bool redact, struct ab_buf *out);

#endif
