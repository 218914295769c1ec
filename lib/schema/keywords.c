/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/keywords.h"

#include <string.h>

#include "lib/base/auto.h"

#define D4	 (1 << AB_DRAFT_4)
#define D6	 (1 << AB_DRAFT_6)
#define D7	 (1 << AB_DRAFT_7)
#define D19	 (1 << AB_DRAFT_2019_09)
#define D20	 (1 << AB_DRAFT_2020_12)
#define SINCE_19 (D19 | D20)
#define SINCE_7	 (D7 | SINCE_19)
#define SINCE_6	 (D6 | SINCE_7)
#define ALL	 (D4 | SINCE_6)
#define UNTIL_19 (D4 | D6 | D7 | D19)

#define NAME(text) text, sizeof(text) - 1

/* In the order of enum ab_keyword. `definitions` and `dependencies` stay what they were in the
 * drafts that renamed them, as both recommend (2020-12 core appendix; validation appendix). */
static const struct ab_keyword_info table[] = {
	{ NAME("additionalItems"), AB_KW_ADDITIONAL_ITEMS, UNTIL_19, AB_VOCAB_APPLICATOR,
	  AB_SHAPE_SCHEMA },
	{ NAME("additionalProperties"), AB_KW_ADDITIONAL_PROPERTIES, ALL, AB_VOCAB_APPLICATOR,
	  AB_SHAPE_SCHEMA },
	{ NAME("allOf"), AB_KW_ALL_OF, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMAS },
	{ NAME("$anchor"), AB_KW_ANCHOR, SINCE_19, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("anyOf"), AB_KW_ANY_OF, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMAS },
	{ NAME("const"), AB_KW_CONST, SINCE_6, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("contains"), AB_KW_CONTAINS, SINCE_6, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMA },
	{ NAME("contentEncoding"), AB_KW_CONTENT_ENCODING, SINCE_7, AB_VOCAB_CONTENT,
	  AB_SHAPE_VALUE },
	{ NAME("contentMediaType"), AB_KW_CONTENT_MEDIA_TYPE, SINCE_7, AB_VOCAB_CONTENT,
	  AB_SHAPE_VALUE },
	{ NAME("contentSchema"), AB_KW_CONTENT_SCHEMA, SINCE_19, AB_VOCAB_CONTENT,
	  AB_SHAPE_SCHEMA },
	{ NAME("definitions"), AB_KW_DEFINITIONS, ALL, AB_VOCAB_CORE, AB_SHAPE_MAP },
	{ NAME("$defs"), AB_KW_DEFS, SINCE_19, AB_VOCAB_CORE, AB_SHAPE_MAP },
	{ NAME("dependencies"), AB_KW_DEPENDENCIES, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_DEPENDENT },
	{ NAME("dependentRequired"), AB_KW_DEPENDENT_REQUIRED, SINCE_19, AB_VOCAB_VALIDATION,
	  AB_SHAPE_VALUE },
	{ NAME("dependentSchemas"), AB_KW_DEPENDENT_SCHEMAS, SINCE_19, AB_VOCAB_APPLICATOR,
	  AB_SHAPE_MAP },
	{ NAME("$dynamicAnchor"), AB_KW_DYNAMIC_ANCHOR, D20, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("$dynamicRef"), AB_KW_DYNAMIC_REF, D20, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("else"), AB_KW_ELSE, SINCE_7, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMA },
	{ NAME("enum"), AB_KW_ENUM, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("exclusiveMaximum"), AB_KW_EXCLUSIVE_MAXIMUM, ALL, AB_VOCAB_VALIDATION,
	  AB_SHAPE_VALUE },
	{ NAME("exclusiveMinimum"), AB_KW_EXCLUSIVE_MINIMUM, ALL, AB_VOCAB_VALIDATION,
	  AB_SHAPE_VALUE },
	{ NAME("format"), AB_KW_FORMAT, ALL, AB_VOCAB_FORMAT_ANNOTATION | AB_VOCAB_FORMAT_ASSERTION,
	  AB_SHAPE_VALUE },
	{ NAME("$id"), AB_KW_ID, SINCE_6, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("if"), AB_KW_IF, SINCE_7, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMA },
	{ NAME("items"), AB_KW_ITEMS, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_ITEMS },
	{ NAME("maximum"), AB_KW_MAXIMUM, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("maxContains"), AB_KW_MAX_CONTAINS, SINCE_19, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("maxItems"), AB_KW_MAX_ITEMS, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("maxLength"), AB_KW_MAX_LENGTH, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("maxProperties"), AB_KW_MAX_PROPERTIES, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("minimum"), AB_KW_MINIMUM, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("minContains"), AB_KW_MIN_CONTAINS, SINCE_19, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("minItems"), AB_KW_MIN_ITEMS, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("minLength"), AB_KW_MIN_LENGTH, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("minProperties"), AB_KW_MIN_PROPERTIES, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("multipleOf"), AB_KW_MULTIPLE_OF, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("not"), AB_KW_NOT, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMA },
	{ NAME("oneOf"), AB_KW_ONE_OF, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMAS },
	{ NAME("pattern"), AB_KW_PATTERN, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("patternProperties"), AB_KW_PATTERN_PROPERTIES, ALL, AB_VOCAB_APPLICATOR,
	  AB_SHAPE_MAP },
	{ NAME("prefixItems"), AB_KW_PREFIX_ITEMS, D20, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMAS },
	{ NAME("properties"), AB_KW_PROPERTIES, ALL, AB_VOCAB_APPLICATOR, AB_SHAPE_MAP },
	{ NAME("propertyNames"), AB_KW_PROPERTY_NAMES, SINCE_6, AB_VOCAB_APPLICATOR,
	  AB_SHAPE_SCHEMA },
	{ NAME("$recursiveAnchor"), AB_KW_RECURSIVE_ANCHOR, D19, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("$recursiveRef"), AB_KW_RECURSIVE_REF, D19, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("$ref"), AB_KW_REF, ALL, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("required"), AB_KW_REQUIRED, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("$schema"), AB_KW_SCHEMA, ALL, AB_VOCAB_CORE, AB_SHAPE_VALUE },
	{ NAME("then"), AB_KW_THEN, SINCE_7, AB_VOCAB_APPLICATOR, AB_SHAPE_SCHEMA },
	{ NAME("type"), AB_KW_TYPE, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("unevaluatedItems"), AB_KW_UNEVALUATED_ITEMS, SINCE_19, AB_VOCAB_UNEVALUATED,
	  AB_SHAPE_SCHEMA },
	{ NAME("unevaluatedProperties"), AB_KW_UNEVALUATED_PROPERTIES, SINCE_19,
	  AB_VOCAB_UNEVALUATED, AB_SHAPE_SCHEMA },
	{ NAME("uniqueItems"), AB_KW_UNIQUE_ITEMS, ALL, AB_VOCAB_VALIDATION, AB_SHAPE_VALUE },
	{ NAME("$vocabulary"), AB_KW_VOCABULARY, SINCE_19, AB_VOCAB_CORE, AB_SHAPE_VALUE },
};

/* Draft 4 spells it so. */
static const struct ab_keyword_info draft4_id = { NAME("id"), AB_KW_ID, D4, AB_VOCAB_CORE,
						  AB_SHAPE_VALUE };

static const char *const draft_uris[] = {
	[AB_DRAFT_4] = "http://json-schema.org/draft-04/schema",
	[AB_DRAFT_6] = "http://json-schema.org/draft-06/schema",
	[AB_DRAFT_7] = "http://json-schema.org/draft-07/schema",
	[AB_DRAFT_2019_09] = "https://json-schema.org/draft/2019-09/schema",
	[AB_DRAFT_2020_12] = "https://json-schema.org/draft/2020-12/schema",
};

static const struct {
	const char *uri;
	unsigned bits;
} vocabularies_known[] = {
	{ "https://json-schema.org/draft/2020-12/vocab/core", AB_VOCAB_CORE },
	{ "https://json-schema.org/draft/2020-12/vocab/applicator", AB_VOCAB_APPLICATOR },
	{ "https://json-schema.org/draft/2020-12/vocab/unevaluated", AB_VOCAB_UNEVALUATED },
	{ "https://json-schema.org/draft/2020-12/vocab/validation", AB_VOCAB_VALIDATION },
	{ "https://json-schema.org/draft/2020-12/vocab/meta-data", AB_VOCAB_META_DATA },
	{ "https://json-schema.org/draft/2020-12/vocab/format-annotation",
	  AB_VOCAB_FORMAT_ANNOTATION },
	{ "https://json-schema.org/draft/2020-12/vocab/format-assertion",
	  AB_VOCAB_FORMAT_ASSERTION },
	{ "https://json-schema.org/draft/2020-12/vocab/content", AB_VOCAB_CONTENT },
	{ "https://json-schema.org/draft/2019-09/vocab/core", AB_VOCAB_CORE },
	{ "https://json-schema.org/draft/2019-09/vocab/applicator",
	  AB_VOCAB_APPLICATOR | AB_VOCAB_UNEVALUATED },
	{ "https://json-schema.org/draft/2019-09/vocab/validation", AB_VOCAB_VALIDATION },
	{ "https://json-schema.org/draft/2019-09/vocab/meta-data", AB_VOCAB_META_DATA },
	{ "https://json-schema.org/draft/2019-09/vocab/format", AB_VOCAB_FORMAT_ANNOTATION },
	{ "https://json-schema.org/draft/2019-09/vocab/content", AB_VOCAB_CONTENT },
};

static bool is_text(const char *want, const char *text, size_t len)
{
	return strlen(want) == len && memcmp(want, text, len) == 0;
}

static unsigned slot_of(const char *name, size_t len)
{
	return ((unsigned)len * 9 + (unsigned char)name[len / 2] * 5u +
		(unsigned char)name[1] * 3u + (unsigned char)name[len - 1]) &
	       255;
}

void ab_keyword_index(struct ab_keyword_index *index)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(table); i++) {
		unsigned at = slot_of(table[i].name, table[i].len);

		while (index->slots[at])
			at = (at + 1) & 255;
		index->slots[at] = (unsigned char)table[i].keyword;
	}
}

const struct ab_keyword_info *ab_keyword_find(const struct ab_keyword_index *index,
					      const char *name, size_t len, enum ab_draft draft,
					      unsigned vocabularies)
{
	if (draft == AB_DRAFT_4 && is_text("id", name, len))
		return &draft4_id;
	if (len < 2)
		return NULL;
	for (unsigned at = slot_of(name, len); index->slots[at]; at = (at + 1) & 255) {
		const struct ab_keyword_info *info = &table[index->slots[at] - 1];

		if (info->len == len && memcmp(info->name, name, len) == 0)
			return info->drafts & 1 << draft && info->vocabulary & vocabularies ? info
											    : NULL;
	}
	return NULL;
}

const char *ab_keyword_name(enum ab_keyword keyword)
{
	if (keyword == AB_KW_NONE || keyword >= AB_KW_COUNT)
		return "false";
	return table[keyword - 1].name;
}

int ab_draft_find(const char *uri, size_t len)
{
	if (len && uri[len - 1] == '#')
		len--;
	for (size_t i = 0; i < AB_ARRAY_SIZE(draft_uris); i++) {
		const char *known = draft_uris[i];

		if (is_text(known, uri, len))
			return (int)i;
		/* The old drafts are widely written with https. */
		if (len > 5 && memcmp(uri, "https", 5) == 0 && memcmp(known, "http:", 5) == 0 &&
		    is_text(known + 4, uri + 5, len - 5))
			return (int)i;
	}
	return -1;
}

const char *ab_draft_uri(enum ab_draft draft)
{
	return draft_uris[draft];
}

unsigned ab_vocabulary_find(const char *uri, size_t len)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(vocabularies_known); i++)
		if (is_text(vocabularies_known[i].uri, uri, len))
			return vocabularies_known[i].bits;
	return 0;
}
