/* SPDX-License-Identifier: Apache-2.0 */
/* The keywords of each draft: one table that says who knows which, and where subschemas stand. */
#ifndef AB_SCHEMA_KEYWORDS_H
#define AB_SCHEMA_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/schema/schema.h"

enum ab_keyword {
	AB_KW_NONE, /* not a keyword of this draft and these vocabularies: an annotation */
	AB_KW_ADDITIONAL_ITEMS,
	AB_KW_ADDITIONAL_PROPERTIES,
	AB_KW_ALL_OF,
	AB_KW_ANCHOR,
	AB_KW_ANY_OF,
	AB_KW_CONST,
	AB_KW_CONTAINS,
	AB_KW_CONTENT_ENCODING,
	AB_KW_CONTENT_MEDIA_TYPE,
	AB_KW_CONTENT_SCHEMA,
	AB_KW_DEFINITIONS,
	AB_KW_DEFS,
	AB_KW_DEPENDENCIES,
	AB_KW_DEPENDENT_REQUIRED,
	AB_KW_DEPENDENT_SCHEMAS,
	AB_KW_DYNAMIC_ANCHOR,
	AB_KW_DYNAMIC_REF,
	AB_KW_ELSE,
	AB_KW_ENUM,
	AB_KW_EXCLUSIVE_MAXIMUM,
	AB_KW_EXCLUSIVE_MINIMUM,
	AB_KW_FORMAT,
	AB_KW_ID,
	AB_KW_IF,
	AB_KW_ITEMS,
	AB_KW_MAXIMUM,
	AB_KW_MAX_CONTAINS,
	AB_KW_MAX_ITEMS,
	AB_KW_MAX_LENGTH,
	AB_KW_MAX_PROPERTIES,
	AB_KW_MINIMUM,
	AB_KW_MIN_CONTAINS,
	AB_KW_MIN_ITEMS,
	AB_KW_MIN_LENGTH,
	AB_KW_MIN_PROPERTIES,
	AB_KW_MULTIPLE_OF,
	AB_KW_NOT,
	AB_KW_ONE_OF,
	AB_KW_PATTERN,
	AB_KW_PATTERN_PROPERTIES,
	AB_KW_PREFIX_ITEMS,
	AB_KW_PROPERTIES,
	AB_KW_PROPERTY_NAMES,
	AB_KW_RECURSIVE_ANCHOR,
	AB_KW_RECURSIVE_REF,
	AB_KW_REF,
	AB_KW_REQUIRED,
	AB_KW_SCHEMA,
	AB_KW_THEN,
	AB_KW_TYPE,
	AB_KW_UNEVALUATED_ITEMS,
	AB_KW_UNEVALUATED_PROPERTIES,
	AB_KW_UNIQUE_ITEMS,
	AB_KW_VOCABULARY,
	AB_KW_COUNT,
	AB_KW_FALSE = AB_KW_COUNT, /* a boolean schema false, for messages */
};

/* Vocabularies, one bit each. Drafts before 2019-09 have all of them. */
enum ab_vocabulary {
	AB_VOCAB_CORE = 1,
	AB_VOCAB_APPLICATOR = 2,
	AB_VOCAB_UNEVALUATED = 4,
	AB_VOCAB_VALIDATION = 8,
	AB_VOCAB_META_DATA = 16,
	AB_VOCAB_FORMAT_ANNOTATION = 32,
	AB_VOCAB_FORMAT_ASSERTION = 64,
	AB_VOCAB_CONTENT = 128,
	AB_VOCAB_ALL = 255 & ~64, /* format-assertion is only there where it is asked for */
};

/* Where subschemas stand in a keyword's value. */
enum ab_shape {
	AB_SHAPE_VALUE,	    /* none */
	AB_SHAPE_SCHEMA,    /* the value is one */
	AB_SHAPE_SCHEMAS,   /* an array of them */
	AB_SHAPE_MAP,	    /* an object of them */
	AB_SHAPE_ITEMS,	    /* one, or an array of them */
	AB_SHAPE_DEPENDENT, /* an object of them and of other things */
};

struct ab_keyword_info {
	const char *name;
	size_t len;
	enum ab_keyword keyword;
	unsigned char drafts; /* 1 << enum ab_draft */
	unsigned char vocabulary;
	unsigned char shape;
};

/* Keywords by a hash of their name: open addressing. */
struct ab_keyword_index {
	unsigned char slots[256]; /* enum ab_keyword, AB_KW_NONE: free */
};

void ab_keyword_index(struct ab_keyword_index *index);
/* The keyword of that name in a draft with these vocabularies, NULL if it is none there. */
const struct ab_keyword_info *ab_keyword_find(const struct ab_keyword_index *index,
					      const char *name, size_t len, enum ab_draft draft,
					      unsigned vocabularies);
const char *ab_keyword_name(enum ab_keyword keyword);

/* The draft that a $schema URI names (an empty fragment does not count), or -1. */
int ab_draft_find(const char *uri, size_t len);
const char *ab_draft_uri(enum ab_draft draft);

/* The bit of a vocabulary's URI, 0 if it is unknown.  */
unsigned ab_vocabulary_find(const char *uri, size_t len);

#endif
