/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled schema. Private to lib/schema: the compiler (document.c, index.c,
 * resolve.c, compile*.c) makes it, the evaluator (eval*.c) runs it.
 *
 * Each subschema that can be reached is a struct ab_sub: the types it allows,
 * and its keywords as instructions, listed once for each instance type so that
 * a value meets only what concerns it.
 */
#ifndef AB_SCHEMA_PROGRAM_H
#define AB_SCHEMA_PROGRAM_H

#include "lib/crypto/sha256.h"
#include "lib/regex/regex.h"
#include "lib/schema/arena.h"
#include "lib/schema/decimal.h"
#include "lib/schema/hash.h"
#include "lib/schema/keywords.h"
#include "lib/schema/schema.h"

#define AB_TYPES	7
#define AB_TYPE_BIT(t)	(1u << (t))
#define AB_TYPE_ALL	0x7fu
#define AB_TYPE_INTEGER 0x80u /* beside no AB_TYPE_BIT(AB_JSON_NUMBER): integers only */

struct ab_sub;
struct ab_pattern;

/* A JSON document that holds schemas. */
struct ab_document {
	const char *name;	   /* the file, for messages */
	const char *uri;	   /* by which it was asked for, "" for the main document */
	const unsigned char *text; /* AB_HOLD_PAD zeros behind */
	size_t size;
	unsigned char *file; /* the text, where it is the document's own; or NULL */
	struct ab_json_tape tape;
	struct ab_sub **subs; /* by node: compiled, or NULL */
	uint32_t *resource;   /* by node: the resource it stands in, + 1, and AB_SCANNED */
	bool built_in;
};

#define AB_SCANNED                                                                                 \
	0x80000000u /* it is known to be a schema, and was searched for $id and                    \
		       anchors */

/* A schema resource: a document's root or what has an $id. */
struct ab_resource {
	const char *uri; /* absolute where anything is; "" if there is none */
	uint32_t document, node;
	uint32_t outer; /* the one that it is embedded in, AB_MAP_NONE: none */
	enum ab_draft draft;
	unsigned vocabularies; /* enum ab_vocabulary */
	const char *dialect;   /* the URI of its metaschema */
};

/* What an anchor names. */
struct ab_place {
	uint32_t document, node;
	bool dynamic;
};

/* A name of $dynamicAnchor ("" for $recursiveAnchor) and every resource that
 * has it. */
struct ab_dynamic {
	const char *name;
	size_t len;
	struct ab_dynamic_target {
		uint32_t resource, document, node;
		struct ab_sub *sub; /* once a reference can get there */
	} * targets;
	size_t n;
	bool used; /* some $dynamicRef asks for it */
};

enum ab_op {
	AB_OP_REF,     /* also what allOf with one branch, and nothing else, comes to */
	AB_OP_DYNAMIC, /* $dynamicRef, $recursiveRef */
	AB_OP_ALL_OF,
	AB_OP_ANY_OF,
	AB_OP_ONE_OF,
	AB_OP_NOT,
	AB_OP_IF,
	AB_OP_VALUES, /* const, enum */
	AB_OP_MINIMUM,
	AB_OP_MAXIMUM,
	AB_OP_EXCLUSIVE_MINIMUM,
	AB_OP_EXCLUSIVE_MAXIMUM,
	AB_OP_MULTIPLE_OF,
	AB_OP_LENGTH, /* minLength or maxLength */
	AB_OP_PATTERN,
	AB_OP_FORMAT,
	AB_OP_CONTENT,
	AB_OP_COUNT, /* minItems, maxItems, minProperties or maxProperties */
	AB_OP_ITEMS,
	AB_OP_CONTAINS,
	AB_OP_UNIQUE,
	AB_OP_OBJECT, /* properties, patternProperties, additionalProperties, required
		       */
	AB_OP_PROPERTY_NAMES,
	AB_OP_DEPENDENT_REQUIRED,
	AB_OP_DEPENDENT_SCHEMAS,
	AB_OP_UNEVALUATED_ITEMS,
	AB_OP_UNEVALUATED_PROPERTIES,
};

struct ab_choice;

struct ab_subs {
	struct ab_sub **items;
	size_t n;
	const struct ab_choice *choice; /* of anyOf and oneOf; NULL: all are tried */
};

struct ab_branches {
	struct ab_sub *condition, *then, *otherwise; /* then, otherwise: may be NULL */
};

/* A number of the schema. */
struct ab_limit {
	struct ab_decimal decimal;
	bool is_small; /* `small` is its value */
	int64_t small;
};

/* const and enum: values of the schema's document. */
struct ab_values {
	const struct ab_json_tape *tape;
	uint32_t *nodes;
	size_t n;
	bool all_strings;
	const struct ab_object
		*strings; /* a table of those that are strings; NULL: there is none */
	uint64_t *hashes; /* by slot, beside `slots` */
	uint32_t *slots;  /* open addressing: index into nodes + 1; NULL: few, compared
			     one by one */
	size_t mask;
};

struct ab_items {
	struct ab_sub **prefix;
	size_t n_prefix;
	uint32_t prefix_key;
	enum ab_keyword prefix_keyword;
	struct ab_sub *rest; /* NULL: anything */
	uint32_t rest_key;
	enum ab_keyword rest_keyword;
};

struct ab_contains {
	struct ab_sub *sub;
	uint64_t min, max;
	uint32_t min_key, max_key; /* 0: not there */
	bool marks;		   /* items that match count as evaluated (2020-12) */
};

struct ab_property {
	const char *name; /* NULL: a free slot */
	struct ab_hash_words words;
	uint32_t len;
	struct ab_sub *sub; /* NULL: only required */
	bool required;
	unsigned char shift; /* what ab_hash_words() does to a name of this length, less of 8 */
	uint32_t follower;   /* the entry that was met behind it last */
};

struct ab_pattern_property {
	const struct ab_pattern *pattern;
	struct ab_sub *sub;
};

struct ab_object {
	struct ab_property *table; /* one entry more is the start: its follower is met first */
	uint32_t mask, shift;	   /* of its 2^(64 - shift) slots */
	uint32_t n_required;
	uint32_t required_key, properties_key, patterns_key, additional_key;
	struct ab_pattern_property *patterns;
	size_t n_patterns;
	struct ab_sub *additional; /* NULL: anything */
	uint32_t n_names;	   /* entries of the table */
};

/* Of anyOf or oneOf, told apart by the string that a member is. */
struct ab_choice {
	const char *name; /* the member's */
	size_t len;
	struct ab_object tags; /* its values; their followers are indexes into ->lists */
	struct ab_subs *lists; /* the branches that are possible with each */
	struct ab_subs others; /* and with no value or another one */
};

/* The entry of a name (8 readable bytes), NULL if there is none. */
static inline const struct ab_property *ab_property_find(const struct ab_object *o,
							 const char *name, size_t len)
{
	struct ab_hash_words words = ab_hash_words(name, len);

	for (size_t at = ab_hash_key(words, len) >> o->shift;; at = (at + 1) & o->mask) {
		const struct ab_property *p = &o->table[at];

		if (p->words.first == words.first && p->len == len && p->words.last == words.last &&
		    p->name && (len <= 16 || ab_hash_same(p->name, name, len)))
			return p;
		if (!p->name)
			return NULL;
	}
}

/* Whether an entry has the name (8 readable bytes). Of an empty name it may say no. */
static inline bool ab_property_is(const struct ab_property *p, const char *name, size_t len)
{
	uint64_t first = ab_hash_load(name);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	first <<= p->shift;
#else
	first >>= p->shift;
#endif
	if (p->words.first != first || p->len != len)
		return false;
	if (len <= 8)
		return true;
	return p->words.last == ab_hash_load(name + len - 8) &&
	       (len <= 16 || ab_hash_same(p->name, name, len));
}

/*
 * The same as ab_property_find(), where names come in the order of the object before: *hint is the
 * entry met last (at first the start), whose follower is tried before the table is searched.
 */
static inline const struct ab_property *
ab_property_next(const struct ab_object *o, struct ab_property **hint, const char *name, size_t len)
{
	struct ab_property *p = &o->table[(*hint)->follower];

	if (!ab_property_is(p, name, len)) {
		p = (struct ab_property *)ab_property_find(o, name, len);
		if (!p)
			return NULL;
		(*hint)->follower = (uint32_t)(p - o->table);
	}
	*hint = p;
	return p;
}

struct ab_dependent {
	const char *name;
	size_t len;
	struct ab_sub *sub; /* dependentSchemas */
	const char **names; /* dependentRequired */
	size_t *lens;
	size_t n;
};

struct ab_dependents {
	struct ab_dependent *items;
	size_t n;
};

struct ab_content {
	int encoding; /* enum ab_content_encoding, 0: none */
	bool json;
	struct ab_sub *schema; /* of the JSON inside; NULL: none */
};

struct ab_instr {
	unsigned char op;    /* enum ab_op */
	unsigned char types; /* of instances that it concerns */
	unsigned char keyword;
	uint32_t key; /* the keyword's node in the schema's document */
	union {
		struct ab_sub *sub;
		struct ab_subs subs;
		struct ab_branches branches;
		struct {
			struct ab_sub *sub; /* where it leads without a dynamic scope */
			uint32_t name;	    /* of ->dynamics; AB_MAP_NONE: it is static */
		} dynamic;
		const struct ab_values *values;
		const struct ab_limit *limit;
		uint64_t count;
		const struct ab_pattern *pattern;
		struct {
			unsigned number;
			enum ab_draft draft;
		} format;
		const struct ab_content *content;
		const struct ab_items *items;
		const struct ab_contains *contains;
		const struct ab_object *object;
		const struct ab_dependents *dependents;
	} u;
};

struct ab_sub {
	unsigned char types; /* allowed: AB_TYPE_BIT()s and AB_TYPE_INTEGER; 0: the
				schema false */
	unsigned char taken; /* of them: without a further look. AB_TYPE_INTEGER:
				integer lexemes */
	bool plain;	     /* nothing but instructions: no marks, memos or dynamic scope */
	bool strict_integer; /* draft 4: 1.0 is no integer */
	bool boolean;	     /* true or false, no object */
	bool unevaluated_items, unevaluated_properties;
	bool reached, shared; /* by one, by several ways from the same value */
	unsigned char visit;  /* search for circles */
	uint32_t document, node, resource, type_key;
	struct ab_sub *meant; /* by a verdict: where a $ref leads that stands alone, else itself */
	struct ab_instr *instrs; /* unevaluated* last */
	size_t n;
	const struct ab_instr *const *by_type[AB_TYPES]; /* each ends in NULL */
};

struct ab_schema {
	struct ab_arena arena;
	struct ab_schema_settings settings;
	struct ab_keyword_index keywords;
	struct ab_document **documents;
	size_t n_documents;
	struct ab_resource *resources;
	size_t n_resources;
	struct ab_map uris;    /* URI of a resource -> index */
	struct ab_map anchors; /* "URI#anchor" -> index into places */
	struct ab_map members; /* of large objects that references lead through */
	struct ab_place *places;
	size_t n_places;
	struct ab_dynamic *dynamics;
	size_t n_dynamics;
	struct ab_map names; /* every member name that the schema speaks of */
	struct ab_sub **pending;
	size_t n_pending, compiled; /* pending[compiled..n_pending) is yet to be compiled */
	struct ab_pattern **patterns;
	size_t n_patterns;
	struct ab_map pattern_numbers; /* by text: one that stands there often is made once */
	struct ab_sub *root;
	uint64_t seed;
	bool is_meta;	/* built in: not checked against a metaschema */
	unsigned depth; /* of metaschemas of metaschemas */
	/* for runs */
	uint32_t *scope; /* resources of the dynamic scope, outermost first, each once */
	size_t n_scope;
	bool *in_scope;	       /* by resource; NULL: nothing is dynamic */
	uint32_t scope_number; /* of the dynamic scope as it is now */
	uint32_t last_scope;
	struct ab_memo *memos; /* NULL: nothing is shared */
	uint32_t memo_mask;
	uint32_t round;	   /* which memos count */
	char *stack_floor; /* where evaluation gives up */
	char hash[AB_SHA256_TEXT];
};

/* A compilation at work. */
struct ab_compiler {
	struct ab_schema *s;
	struct ab_err *err;
};

/* A schema object on its way: its node and the value nodes of its keywords (0:
 * absent; the value of a keyword is never node 0). */
struct ab_source {
	struct ab_sub *sub;
	struct ab_document *document;
	struct ab_resource resource;
	uint32_t resource_number;
	uint32_t key[AB_KW_COUNT], value[AB_KW_COUNT];
	struct ab_instr *instrs;
	size_t n, capacity;
};

/* --- document.c --- */
/* Adds a document; its text must live as long as the schema. NULL with err. */
struct ab_document *ab_document_add(struct ab_compiler *c, const char *name, const char *uri,
				    const unsigned char *text, size_t size);
/* The same from a file (JSON or YAML), copied. "FILE#/pointer" takes a part. */
struct ab_document *ab_document_load(struct ab_compiler *c, const char *spec, const char *uri);
/* The document for a URI: built in, by --ref or by --ref-dir, indexed and
 * checked. *ret is NULL if there is none. */
int ab_document_find(struct ab_compiler *c, const char *uri, struct ab_document **ret);
uint32_t ab_document_number(const struct ab_schema *s, const struct ab_document *d);
/* "name: /pointer: " in front of the error; -1. */
int ab_document_fail(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		     const char *fmt, ...) ab_printf(4, 5);
/* A string node's bytes, decoded, in the arena (16 zeros behind). NULL with
 * err. */
const char *ab_document_text(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
			     size_t *ret_len);

/* --- dialect.c --- */
/* The draft and vocabularies of a schema resource that begins at `node`; where it has no $schema,
 * those of `outer`, or (NULL) of the main document, or of the settings. */
int ab_dialect_find(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		    const struct ab_resource *outer, struct ab_resource *ret);
/* Checks an indexed document against its metaschema. */
int ab_dialect_check(struct ab_compiler *c, const struct ab_document *d);

/* --- schema.c --- */
/* The metaschema of that URI, compiled. */
struct ab_schema *ab_schema_meta(const char *uri, const struct ab_schema_settings *settings,
				 unsigned depth, struct ab_err *err);

/* --- metaschemas.c --- */
/* The built-in document of a URI, NULL if there is none. */
const unsigned char *ab_metaschema_find(const char *uri, size_t *ret_size);

/* --- index.c --- */
/* Finds the resources and anchors of a document. */
int ab_index_document(struct ab_compiler *c, struct ab_document *d);
/* The same for a schema that stands where no keyword says so, and that a $ref
 * found. */
int ab_index_schema(struct ab_compiler *c, struct ab_document *d, uint32_t node);
/* The number of a dynamic anchor's name, made if it is new; AB_MAP_NONE with
 * err. */
uint32_t ab_index_dynamic(struct ab_compiler *c, const char *name, size_t len);

/* --- resolve.c --- */
struct ab_anchor {
	const char *name; /* NULL: it is none that $dynamicAnchor made */
	size_t len;
};
/* The subschema that the reference at `value` leads to; NULL with err. */
struct ab_sub *ab_resolve(struct ab_compiler *c, const struct ab_source *from, uint32_t value,
			  struct ab_anchor *ret_anchor);

/* --- compile.c --- */
/* The subschema at a node, compiled now or later; NULL with err. */
struct ab_sub *ab_compile_sub(struct ab_compiler *c, struct ab_document *d, uint32_t node);
/* Compiles all that is pending. */
int ab_compile_all(struct ab_compiler *c);
/* Appends an instruction for a keyword that stands in the source; NULL with
 * err. */
struct ab_instr *ab_compile_add(struct ab_compiler *c, struct ab_source *src, enum ab_op op,
				enum ab_keyword keyword, unsigned types);
/* Refuses a keyword's value: "expected ...". */
int ab_compile_bad(struct ab_compiler *c, const struct ab_source *src, uint32_t node,
		   const char *expected);
enum ab_json_type ab_source_type(const struct ab_source *src, uint32_t node);
/* The pattern of a string node. */
const struct ab_pattern *ab_compile_pattern(struct ab_compiler *c, const struct ab_source *src,
					    uint32_t node);
/* A keyword's value as a number of things. */
int ab_compile_number(struct ab_compiler *c, const struct ab_source *src, enum ab_keyword keyword,
		      uint64_t *ret);
/* An instruction that compares with such a number, where the keyword is there.
 */
int ab_compile_count(struct ab_compiler *c, struct ab_source *src, enum ab_keyword keyword,
		     enum ab_op op, enum ab_json_type type);
/* Groups of keywords; each does nothing where none of its keywords is there. */
int ab_compile_applicators(struct ab_compiler *c, struct ab_source *src);
int ab_compile_scalars(struct ab_compiler *c, struct ab_source *src);
int ab_compile_arrays(struct ab_compiler *c, struct ab_source *src);
int ab_compile_objects(struct ab_compiler *c, struct ab_source *src);
int ab_compile_unevaluated(struct ab_compiler *c, struct ab_source *src);
/* A table with room for n names. */
int ab_object_table(struct ab_compiler *c, struct ab_object *o, size_t n);
/* The entry of a name, which must outlive the table; made if it is new. */
struct ab_property *ab_object_entry(struct ab_object *o, const char *name, size_t len);
/* --- choice.c --- */
/* Finds what tells the branches of anyOf or oneOf apart, once all is compiled. */
int ab_compile_choice(struct ab_compiler *c, struct ab_subs *subs);
/* Refuses circles of references that consume nothing. */
int ab_compile_circles(struct ab_compiler *c);
/* Remembers a member name for --redact. */
int ab_compile_name(struct ab_compiler *c, const char *name, size_t len);

/* --- pattern.c --- */
int ab_pattern_new(struct ab_pattern **ret, const char *text, size_t len, struct ab_err *err);
enum ab_regex_verdict ab_pattern_search(const struct ab_pattern *p, const char *text, size_t len);
const char *ab_pattern_text(const struct ab_pattern *p);
void ab_pattern_free(struct ab_pattern *p);

#endif
