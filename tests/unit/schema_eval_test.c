/* SPDX-License-Identifier: Apache-2.0 */
/* lib/schema: what each draft says, and what the evaluator does with hard cases. */
#include "tests/unit/tap.h"

#include <stdlib.h>

#include "lib/base/hold.h"
#include "lib/schema/decimal.h"
#include "lib/schema/schema.h"
#include "lib/schema/uri.h"

static void free_schema(struct ab_schema **s)
{
	ab_schema_free(*s);
}

/* "valid", "invalid", "undecided", "bad schema" or "bad instance". */
static const char *judge_by(const struct ab_schema_settings *settings, const char *schema,
			    const char *instance)
{
	struct ab_err err = { 0 };
	ab_auto(free_schema) struct ab_schema *s =
		ab_schema_compile("s", schema, strlen(schema), settings, &err);
	ab_autofree char *text = calloc(1, strlen(instance) + AB_HOLD_PAD);
	struct ab_json_tape tape = { 0 };
	const char *verdict = "bad instance";

	if (!s || !text)
		return "bad schema";
	memcpy(text, instance, strlen(instance));
	if (ab_json_read(&tape, (unsigned char *)text, strlen(instance), NULL, &err) == 0)
		switch (ab_schema_run(s, &tape, NULL, &err)) {
		case AB_SCHEMA_VALID:
			verdict = "valid";
			break;
		case AB_SCHEMA_INVALID:
			verdict = "invalid";
			break;
		default:
			verdict = "undecided";
		}
	ab_json_tape_free(&tape);
	return verdict;
}

static const char *judge(enum ab_draft draft, const char *schema, const char *instance)
{
	const struct ab_schema_settings settings = { .draft = draft };

	return judge_by(&settings, schema, instance);
}

struct schema_case {
	enum ab_draft draft;
	const char *schema, *instance, *want;
};

static void run_cases(struct tap *t, const struct schema_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct schema_case *c = &cases[i];
		char name[512];

		(void)snprintf(name, sizeof(name), "%d %s <- %s", c->draft, c->schema, c->instance);
		tap_is(t, judge(c->draft, c->schema, c->instance), c->want, name);
	}
}

#define D4  AB_DRAFT_4
#define D6  AB_DRAFT_6
#define D7  AB_DRAFT_7
#define D19 AB_DRAFT_2019_09
#define D20 AB_DRAFT_2020_12

static void test_old_drafts(struct tap *t)
{
	static const struct schema_case cases[] = {
		{ D4, "{\"minimum\":3,\"exclusiveMinimum\":true}", "3", "invalid" },
		{ D4, "{\"minimum\":3,\"exclusiveMinimum\":true}", "3.1", "valid" },
		{ D4, "{\"minimum\":3,\"exclusiveMinimum\":false}", "3", "valid" },
		{ D4, "{\"maximum\":3,\"exclusiveMaximum\":true}", "3.0", "invalid" },
		{ D4, "{\"exclusiveMaximum\":true}", "3", "bad schema" },
		{ D4, "{\"type\":\"integer\"}", "1.0", "invalid" },
		{ D6, "{\"type\":\"integer\"}", "1.0", "valid" },
		{ D4, "true", "1", "bad schema" },
		{ D4, "{\"additionalProperties\":false}", "{\"a\":1}", "invalid" },
		{ D4, "{\"const\":1,\"contains\":false,\"propertyNames\":false}", "2", "valid" },
		{ D4, "{\"required\":[]}", "{}", "bad schema" },
		{ D4,
		  "{\"id\":\"http://x/"
		  "y\",\"definitions\":{\"a\":{\"id\":\"#b\",\"type\":\"null\"}},"
		  "\"items\":{\"$ref\":\"#b\"}}",
		  "[1]", "invalid" },
		{ D4, "{\"$id\":\"http://x/y\",\"$ref\":\"http://x/y#\"}", "1", "bad schema" },
		{ D4, "{\"dependencies\":{\"a\":[\"b\"],\"c\":{\"minProperties\":3}}}", "{\"a\":1}",
		  "invalid" },
		{ D4, "{\"dependencies\":{\"a\":[\"b\"],\"c\":{\"minProperties\":3}}}", "{\"c\":1}",
		  "invalid" },
		{ D4,
		  "{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"$ref\":"
		  "\"http://json-schema.org/draft-04/schema#\"}",
		  "{\"type\":1}", "invalid" },
		{ D6, "{\"const\":{\"a\":[1]}}", "{\"a\":[1.0]}", "valid" },
		{ D6, "{\"if\":true,\"then\":false}", "1", "valid" },
		{ D7, "{\"if\":true,\"then\":false}", "1", "invalid" },
		{ D6, "{\"contains\":{\"minimum\":5},\"minContains\":0}", "[1]", "invalid" },
		{ D7, "{\"items\":[{\"type\":\"null\"}],\"additionalItems\":{\"type\":\"string\"}}",
		  "[null,\"a\"]", "valid" },
		{ D7, "{\"items\":[{\"type\":\"null\"}],\"additionalItems\":{\"type\":\"string\"}}",
		  "[null,1]", "invalid" },
		{ D7, "{\"items\":{\"type\":\"null\"},\"additionalItems\":false}", "[null]",
		  "valid" },
		{ D7, "{\"additionalItems\":false}", "[1]", "valid" },
		{ D7, "{\"$ref\":\"#/definitions/a\",\"type\":\"null\",\"definitions\":{\"a\":{}}}",
		  "1", "valid" },
		{ D7,
		  "{\"definitions\":{\"a\":{\"$id\":\"http://x/a#f\",\"type\":\"null\"}},"
		  "\"items\":{\"$ref\":\"http://x/a#f\"}}",
		  "[1]", "invalid" },
		{ D7, "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "valid" },
		{ D7, "{\"unevaluatedProperties\":false,\"$defs\":7}", "{\"a\":1}", "valid" },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

#define TREE                                                                                       \
	"\"$defs\":{\"tree\":{\"$id\":\"http://x/tree\",\"$recursiveAnchor\":true,\"type\":"       \
	"\"object\",\"properties\":{\"data\":true,\"c\":{\"items\":{\"$recursiveRef\":\"#\"}}}}}"

static void test_2019(struct tap *t)
{
	static const struct schema_case cases[] = {
		{ D19,
		  "{\"$id\":\"http://x/strict\",\"$recursiveAnchor\":true,\"$ref\":\"tree\","
		  "\"unevaluatedProperties\":false," TREE "}",
		  "{\"c\":[{\"daat\":1}]}", "invalid" },
		{ D19,
		  "{\"$id\":\"http://x/strict\",\"$recursiveAnchor\":true,\"$ref\":\"tree\","
		  "\"unevaluatedProperties\":false," TREE "}",
		  "{\"c\":[{\"data\":1}]}", "valid" },
		{ D19, "{\"$id\":\"http://x/loose\",\"$ref\":\"tree\"," TREE "}",
		  "{\"c\":[{\"daat\":1}]}", "valid" },
		{ D19,
		  "{\"properties\":{\"a\":{\"$recursiveRef\":\"#\"}},\"additionalProperties\":"
		  "false}",
		  "{\"a\":{\"b\":1}}", "invalid" },
		{ D19, "{\"$recursiveRef\":\"#/a\"}", "1", "bad schema" },
		{ D19, "{\"items\":[true],\"unevaluatedItems\":false}", "[1,2]", "invalid" },
		{ D19, "{\"contains\":{\"const\":2},\"items\":[true],\"unevaluatedItems\":false}",
		  "[1,2]", "invalid" },
		{ D20,
		  "{\"contains\":{\"const\":2},\"prefixItems\":[true],\"unevaluatedItems\":false}",
		  "[1,2]", "valid" },
		{ D19, "{\"$ref\":\"#/$defs/a\",\"type\":\"null\",\"$defs\":{\"a\":{}}}", "1",
		  "invalid" },
		{ D19, "{\"$defs\":{\"a\":{\"$anchor\":\"x\",\"type\":\"null\"}},\"$ref\":\"#x\"}",
		  "1", "invalid" },
		{ D19, "{\"contains\":{\"const\":1},\"minContains\":0,\"maxContains\":1}", "[]",
		  "valid" },
		{ D19, "{\"contains\":{\"const\":1},\"minContains\":0,\"maxContains\":1}", "[1,1]",
		  "invalid" },
		{ D19, "{\"minContains\":2}", "[]", "valid" },
		{ D19, "{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]}}}", "{\"a\":1}",
		  "invalid" },
		{ D19, "{\"dependencies\":{\"a\":[\"b\"]}}", "{\"a\":1}", "invalid" },
		{ D19, "{\"$dynamicRef\":\"#nowhere\"}", "1", "valid" },
		{ D19,
		  "{\"$schema\":\"https://json-schema.org/draft/2019-09/schema\",\"$ref\":"
		  "\"https://json-schema.org/draft/2019-09/schema\"}",
		  "{\"minLength\":-1}", "invalid" },
		{ D19, "{\"$ref\":\"https://json-schema.org/draft/2019-09/schema\"}",
		  "{\"properties\":{\"a\":{\"type\":7}}}", "invalid" },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

#define BRANCH(tag, rest)                                                                          \
	"{\"properties\":{\"t\":{\"enum\":[" tag "]}" rest "},\"required\":[\"t\"]}"
#define TAGGED(op)                                                                                 \
	"{\"" op "\":[" BRANCH("\"a\",\"\\u0062\"", "") "," BRANCH(                                \
		"\"c\"",                                                                           \
		",\"v\":{\"type\":\"null\"}") "," BRANCH("\"d\"",                                  \
							 "") "," BRANCH("\"d\",\"e\"",             \
									"") ",{\"required\":["     \
									    "\"other\"]},{"        \
									    "\"type\":\"null\"}]}"

/* Branches that a member's string tells apart. */
static void test_choices(struct tap *t)
{
	static const struct schema_case cases[] = {
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"a\"}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"b\"}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"x\":1,\"\\u0074\":\"b\"}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"\\u0061\"}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"c\",\"v\":null}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"c\",\"v\":1}", "invalid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"d\"}", "invalid" },
		{ AB_DRAFT_7, TAGGED("anyOf"), "{\"t\":\"d\"}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"e\"}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"e\",\"other\":1}", "invalid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":\"f\"}", "invalid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":1}", "invalid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"t\":1,\"other\":1}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{\"other\":1}", "valid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "{}", "invalid" },
		{ AB_DRAFT_7, TAGGED("oneOf"), "null", "invalid" },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

static void test_2020(struct tap *t)
{
	static const struct schema_case cases[] = {
		{ D20, "{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}",
		  "{\"properties\":{\"a\":{\"allOf\":[]}}}", "invalid" },
		{ D20, "{\"items\":[true]}", "[]", "bad schema" },
		{ D20, "{\"additionalItems\":false}", "[1]", "valid" },
		{ D20,
		  "{\"properties\":{\"a\":true},\"anyOf\":[{\"required\":[\"x\"],\"properties\":"
		  "{\"b\":true}},{\"properties\":{\"c\":true}}],\"unevaluatedProperties\":false}",
		  "{\"a\":1,\"c\":1}", "valid" },
		{ D20,
		  "{\"properties\":{\"a\":true},\"anyOf\":[{\"required\":[\"x\"],\"properties\":"
		  "{\"b\":true}},{\"properties\":{\"c\":true}}],\"unevaluatedProperties\":false}",
		  "{\"a\":1,\"b\":1}", "invalid" },
		{ D20,
		  "{\"not\":{\"not\":{\"properties\":{\"a\":true}}},\"unevaluatedProperties\":"
		  "false}",
		  "{\"a\":1}", "invalid" },
		{ D20,
		  "{\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},\"then\":"
		  "{\"properties\":{\"b\":true}},\"unevaluatedProperties\":false}",
		  "{\"a\":1,\"b\":2}", "valid" },
		{ D20,
		  "{\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},\"then\":"
		  "{\"properties\":{\"b\":true}},\"unevaluatedProperties\":false}",
		  "{\"a\":2}", "invalid" },
		{ D20,
		  "{\"properties\":{\"a\\u0062\":{\"type\":\"null\"}},\"required\":[\"\\u0061b\"]}",
		  "{\"a\\u0062\":null}", "valid" },
		{ D20, "{\"properties\":{\"ab\":{\"type\":\"null\"}}}", "{\"\\u0061b\":1}",
		  "invalid" },
		{ D20, "{\"properties\":{\"__proto__\":{\"type\":\"null\"}}}", "{\"__proto__\":1}",
		  "invalid" },
		{ D20, "{\"minLength\":2,\"maxLength\":2}", "\"\\ud83d\\ude00x\"", "valid" },
		{ D20, "{\"enum\":[\"a\",\"b\",1,2,3,4,5,6,7,[8],{\"a\":9}]}", "{\"a\":9.0}",
		  "valid" },
		{ D20, "{\"enum\":[\"a\",\"b\",1,2,3,4,5,6,7,[8],{\"a\":9}]}", "\"\\u0062\"",
		  "valid" },
		{ D20, "{\"enum\":[\"a\",\"b\",1,2,3,4,5,6,7,[8],{\"a\":9}]}", "8", "invalid" },
		{ D20, "{\"const\":\"a\\u0000b\"}", "\"a\\u0000b\"", "valid" },
		{ D20, "{\"const\":\"a\"}", "\"a\\u0000\"", "invalid" },
		{ D20, "{\"$vocabulary\":{},\"x-unknown\":{\"$id\":\"not a schema\"}}", "1",
		  "valid" },
		{ D20, "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}},\"properties\":{\"a\":true}}",
		  "{}", "valid" },
		{ D20,
		  "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}},\"properties\":{\"a\":{\"$ref\":"
		  "\"#/$defs/a\"}}}",
		  "{}", "bad schema" },
		{ D20,
		  "{\"anyOf\":[{\"$ref\":\"#/x-other/a%25b/~1\"}],\"x-other\":{\"a%b\":{\"/\":"
		  "{\"type\":\"null\"}}}}",
		  "1", "invalid" },
		{ D20, "{\"$defs\":{\"a\":{\"$id\":\"b\"},\"c\":{\"$id\":\"b\"}}}", "1",
		  "bad schema" },
		{ D20, "{\"multipleOf\":1e-8}", "12391239123", "valid" },
		{ D20, "{\"multipleOf\":0.5}", "1e308", "valid" },
		{ D20, "{\"multipleOf\":1e400}", "1e999", "valid" },
		{ D20, "{\"multipleOf\":1e400}", "1e399", "invalid" },
		{ D20, "{\"minimum\":-1.5}", "-1.50000000000000000000000000001", "invalid" },
		{ D20, "{\"type\":\"integer\"}", "1e1000000000000000000000", "valid" },
		{ D20, "{\"type\":\"integer\"}", "1e-1000000000000000000000", "invalid" },
		{ D20, "{\"maximum\":1}", "1e1000000000000000000000", "invalid" },
		{ D20, "{\"maximum\":1}", "0e1000000000000000000000", "valid" },
		{ D20, "{\"const\":1e1000000000000000000000}", "1e1000000000000000000001",
		  "undecided" },
		{ D20, "{\"uniqueItems\":true}", "[0,-0.0]", "invalid" },
		{ D20, "{\"uniqueItems\":true}", "[\"a\",\"\\u0061\"]", "invalid" },
		{ D20, "{\"uniqueItems\":true}",
		  "[[1,2],[2,1],{\"a\":1,\"b\":2},{\"a\":2,\"b\":1}]", "valid" },
		{ D20, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema#\"}", "1",
		  "valid" },
		{ D20, "{\"$schema\":\"http://json-schema.org/draft-03/schema#\"}", "1",
		  "bad schema" },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

static void test_steps(struct tap *t)
{
	static const char tree[] =
		"{\"$dynamicAnchor\":\"x\",\"items\":{\"not\":{\"not\":{\"$dynamicRef\":\"#x\"}}}}";
	struct ab_schema_settings settings = { .draft = D20, .max_steps = 5 };

	tap_is(t, judge_by(&settings, tree, "[[[[[[[[]]]]]]]]"), "undecided",
	       "more steps than are allowed leave the verdict open, under not too");
	settings.max_steps = 1000;
	tap_is(t, judge_by(&settings, tree, "[[[[[[[[]]]]]]]]"), "valid", "enough steps do not");
}

static void test_uris(struct tap *t)
{
	/* RFC 3986 section 5.4 */
	static const char *const cases[][2] = {
		{ "g:h", "g:h" },
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/../y", "http://a/b/c/y" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		ab_auto(ab_buf_free) struct ab_buf out = { 0 };

		ab_uri_resolve("http://a/b/c/d;p?q", cases[i][0], strlen(cases[i][0]), &out);
		tap_is(t, out.data, cases[i][1], cases[i][0]);
	}
}

static void test_decimals(struct tap *t)
{
	static const struct {
		const char *x, *y;
		int order;
		bool multiple;
	} cases[] = {
		{ "0", "1", -1, true },
		{ "-0.00", "1e-9", -1, true },
		{ "100", "1e2", 0, true },
		{ "0.001e3", "1", 0, true },
		{ "19.99", "0.01", 1, true },
		{ "4.35", "0.01", 1, true },
		{ "0.0075", "0.0001", 1, true },
		{ "0.00751", "0.0001", 1, false },
		{ "-6", "4", -1, false },
		{ "-8", "4", -1, true },
		{ "123456789012345678901234567890", "9", 1, true },
		{ "1000000000000000000000000000000000000007",
		  "1000000000000000000000000000000000000007", 0, true },
		{ "3000000000000000000000000000000000000021",
		  "1000000000000000000000000000000000000007", 1, true },
		{ "3000000000000000000000000000000000000022",
		  "1000000000000000000000000000000000000007", 1, false },
		{ "1e400", "7", 1, false },
		{ "14e400", "7", 1, true },
		{ "9007199254740993", "9007199254740992", 1, false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		struct ab_decimal x, y;
		bool unsure = false;
		int order;

		ab_decimal_parse(&x, (const unsigned char *)cases[i].x, strlen(cases[i].x));
		ab_decimal_parse(&y, (const unsigned char *)cases[i].y, strlen(cases[i].y));
		order = ab_decimal_compare(&x, &y, &unsure);
		tap_ok(t, (order > 0) - (order < 0) == cases[i].order && !unsure, "%s against %s",
		       cases[i].x, cases[i].y);
		tap_ok(t, ab_decimal_is_multiple(&x, &y, &unsure) == cases[i].multiple, "%s by %s",
		       cases[i].x, cases[i].y);
	}
}

int main(void)
{
	struct tap t = { 0 };

	test_old_drafts(&t);
	test_2019(&t);
	test_2020(&t);
	test_choices(&t);
	test_steps(&t);
	test_uris(&t);
	test_decimals(&t);
	return tap_done(&t);
}
