/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict JSON reader: a tape over the bytes. RFC 8259, and stricter where that leaves room:
 * valid UTF-8, no BOM, no lone surrogate escapes, no duplicate keys (compared after unescaping),
 * depth and size limits, nothing behind the value. It builds nothing: numbers stay lexemes, strings
 * stay spans of the document, so what passes is copied through byte for byte. Iterative: no input
 * can exhaust the stack.
 *
 * The tape holds one node a value, in document order; a member is its key's node (a string, with
 * AB_JSON_KEY set) followed by its value's. Walk a container from node i: the first child is i + 1,
 * the next sibling of any node n is tape->nodes[n].next, the end is nodes[i].next.
 */
#ifndef AB_JSON_TAPE_H
#define AB_JSON_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hold.h"

enum ab_json_type {
	AB_JSON_NULL,
	AB_JSON_FALSE,
	AB_JSON_TRUE,
	AB_JSON_NUMBER,
	AB_JSON_STRING,
	AB_JSON_ARRAY,
	AB_JSON_OBJECT,
};

enum ab_json_flags {
	AB_JSON_ESCAPED = 1, /* string: holds at least one backslash */
	AB_JSON_KEY = 2,     /* string: is a member's name */
	AB_JSON_INTEGER = 4, /* number: has neither fraction nor exponent */
};

struct ab_json_node {
	uint32_t at;   /* offset of the value's first byte; of a string, the one after the quote */
	uint32_t len;  /* bytes; of a string without its quotes; of a container with its brackets */
	uint32_t next; /* index of the node behind this value and all that is in it */
	uint32_t type : 3, flags : 3, count : 26; /* container: elements or members; else the
						     reader's own */
};

struct ab_json_tape {
	const unsigned char *text;
	size_t size;
	struct ab_json_node *nodes; /* nodes[0] is the document's value */
	size_t n, capacity;
	void *scratch; /* the reader's own, kept for the next document */
};

struct ab_json_limits {
	size_t size;  /* bytes of a document; 0: AB_JSON_MAX_SIZE */
	size_t depth; /* containers in containers; 0: AB_JSON_MAX_DEPTH */
};

#define AB_JSON_MAX_SIZE  ((size_t)0xfffffff0) /* offsets are 32 bits */
#define AB_JSON_MAX_DEPTH 1024

/* More values and keys than this in one document are refused: a node can count no further. */
#define AB_JSON_MAX_NODES ((1u << 26) - 1)

/*
 * Reads the one document that `text` holds; AB_HOLD_PAD readable bytes must follow it, of which the
 * first is zero or a newline (so that a line can be read where it stands among others). The tape
 * points into text, which must outlive it; start with { 0 }, reuse it for further documents.
 * A document that is not strict JSON is AB_EXIT_NO: "line:column: /pointer: what was expected".
 */
int ab_json_read(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		 const struct ab_json_limits *limits, struct ab_err *err);

/*
 * A document of any size, over a tape of a few hundred kilobytes: where that is full, and at the end,
 * `take` is given it. New are the nodes from `first` on, each value once and in document order, a
 * member's name and its value in one call. Before `first` stand the containers that they are in, each
 * behind the name of its member if it has one; names with null for a value, which are to be passed over,
 * may stand between. The `next` of a container that goes on behind this tape is AB_JSON_OPEN, and its
 * count and length are not known.
 *
 * take() returns 0, 1 (it has enough: the rest is not read), or -1 with err.
 */
struct ab_json_pass {
	int (*take)(void *arg, const struct ab_json_tape *tape, size_t first, struct ab_err *err);
	void *arg;
	/* What the text is mapped from, if it is: pages are brought near, and given back behind the reader.
	 * Keys that do not fit into memory go to its spool, which it has. */
	struct ab_hold *hold;
	bool known; /* the document was read before: keys are not compared once more */
};

#define AB_JSON_OPEN UINT32_MAX

/* As ab_json_read(), the same documents refused with the same words; some of it may have been taken
 * by then. The tape can be used for either. */
int ab_json_pass(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		 const struct ab_json_limits *limits, const struct ab_json_pass *pass,
		 struct ab_err *err);

void ab_json_tape_free(struct ab_json_tape *tape);

/* Line and column (both from 1; columns count code points) of a byte offset. */
void ab_json_position(const unsigned char *text, size_t at, size_t *ret_line, size_t *ret_column);

/* Adds the RFC 6901 pointer of a node: "" for the document, "/a/0/b~1c". */
void ab_json_pointer(const struct ab_json_tape *tape, size_t node, struct ab_buf *out);

/* The node that an RFC 6901 pointer names, or -1: no such value. */
ptrdiff_t ab_json_find(const struct ab_json_tape *tape, const char *pointer);

/* The value's node of the member `key` (plain bytes, unescaped) of an object node, or -1. */
ptrdiff_t ab_json_member(const struct ab_json_tape *tape, size_t object, const char *key,
			 size_t key_len);

/* Adds a string node's decoded bytes (UTF-8, may hold NUL). */
void ab_json_unescape(const struct ab_json_tape *tape, size_t node, struct ab_buf *out);

/* Whether a string node decodes to exactly these bytes. */
bool ab_json_is(const struct ab_json_tape *tape, size_t node, const char *bytes, size_t len);

#endif
