/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metaschemas of all drafts, embedded at build time: our own
 * writing of what each draft defines, without its prose.
 */
#include <string.h>

#include "lib/schema/program.h"

/* The bytes of a file, with AB_HOLD_PAD zeros behind. The assembler reads it (relative to the top).
 */
#define EMBED(symbol, file)                                                                        \
	__asm__(".section .rodata\n\t.balign 16\nab_meta_" #symbol                                 \
		":\n\t.incbin \"lib/schema/metaschemas/" file "\"\nab_meta_" #symbol               \
		"_end:\n\t.zero 64\n\t.previous\n");                                               \
	extern const unsigned char ab_meta_##symbol[] __attribute__((visibility("hidden")));       \
	extern const unsigned char ab_meta_##symbol##_end[] __attribute__((visibility("hidden")))

EMBED(d4, "draft-04.json");
EMBED(d6, "draft-06.json");
EMBED(d7, "draft-07.json");
EMBED(d19, "2019-09-schema.json");
EMBED(d19_core, "2019-09-core.json");
EMBED(d19_applicator, "2019-09-applicator.json");
EMBED(d19_validation, "2019-09-validation.json");
EMBED(d19_meta_data, "2019-09-meta-data.json");
EMBED(d19_format, "2019-09-format.json");
EMBED(d19_content, "2019-09-content.json");
EMBED(d20, "2020-12-schema.json");
EMBED(d20_core, "2020-12-core.json");
EMBED(d20_applicator, "2020-12-applicator.json");
EMBED(d20_unevaluated, "2020-12-unevaluated.json");
EMBED(d20_validation, "2020-12-validation.json");
EMBED(d20_meta_data, "2020-12-meta-data.json");
EMBED(d20_format_annotation, "2020-12-format-annotation.json");
EMBED(d20_format_assertion, "2020-12-format-assertion.json");
EMBED(d20_content, "2020-12-content.json");

#define OLD "http://json-schema.org/"
#define D19 "https://json-schema.org/draft/2019-09/"
#define D20 "https://json-schema.org/draft/2020-12/"
#define ENTRY(uri, symbol)                                                                         \
	{                                                                                          \
		uri, ab_meta_##symbol, ab_meta_##symbol##_end                                      \
	}

const unsigned char *ab_metaschema_find(const char *uri, size_t *ret_size)
{
	static const struct {
		const char *uri;
		const unsigned char *text, *end;
	} table[] = {
		ENTRY(OLD "draft-04/schema", d4),
		ENTRY(OLD "draft-06/schema", d6),
		ENTRY(OLD "draft-07/schema", d7),
		ENTRY(D19 "schema", d19),
		ENTRY(D19 "meta/core", d19_core),
		ENTRY(D19 "meta/applicator", d19_applicator),
		ENTRY(D19 "meta/validation", d19_validation),
		ENTRY(D19 "meta/meta-data", d19_meta_data),
		ENTRY(D19 "meta/format", d19_format),
		ENTRY(D19 "meta/content", d19_content),
		ENTRY(D20 "schema", d20),
		ENTRY(D20 "meta/core", d20_core),
		ENTRY(D20 "meta/applicator", d20_applicator),
		ENTRY(D20 "meta/unevaluated", d20_unevaluated),
		ENTRY(D20 "meta/validation", d20_validation),
		ENTRY(D20 "meta/meta-data", d20_meta_data),
		ENTRY(D20 "meta/format-annotation", d20_format_annotation),
		ENTRY(D20 "meta/format-assertion", d20_format_assertion),
		ENTRY(D20 "meta/content", d20_content),
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(table); i++)
		if (strcmp(table[i].uri, uri) == 0) {
			*ret_size = (size_t)(table[i].end - table[i].text);
			return table[i].text;
		}
	return NULL;
}
