/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to JSON: what is taken and as what, what is refused and where, and that nothing is slow. */
#include "tests/unit/tap.h"

#include <time.h>

#include "lib/base/buf.h"
#include "lib/json/json.h"
#include "lib/json/yaml.h"
#include "lib/json/yaml_scalar.h"

/* The JSON of a text, or what is said against it. */
static const char *convert(struct ab_buf *out, const char *text, size_t size)
{
	struct ab_err err = { 0 };

	ab_buf_clear(out);
	ab_buf_adds(out, "");
	if (ab_yaml_to_json(text, size, out, &err) < 0)
		ab_buf_adds(out, err.msg);
	return out->data;
}

static void test_documents(struct tap *t)
{
	static const char *const rows[][2] = {
		{ "a: 1", "{\"a\":1}" },
		{ "a: 1\nb: two\n", "{\"a\":1,\"b\":\"two\"}" },
		{ "---\na: 1\n...\n", "{\"a\":1}" },
		{ "- a\n- b\n", "[\"a\",\"b\"]" },
		{ "-\n", "[null]" },
		{ "--- a", "\"a\"" },
		{ "---\n", "null" },
		{ "text", "\"text\"" },
		{ "[]", "[]" },
		{ "{}", "{}" },
		{ "a: []\nb: {}\n", "{\"a\":[],\"b\":{}}" },
		{ "a:\n  - 1\n  - b: 2\n    c: 3\n", "{\"a\":[1,{\"b\":2,\"c\":3}]}" },
		{ "a:\n- 1\n- 2\n", "{\"a\":[1,2]}" },
		{ "- - 1\n  - 2\n- - 3\n", "[[1,2],[3]]" },
		{ "{a: [1, {b: 2}], c: }", "{\"a\":[1,{\"b\":2}],\"c\":null}" },
		{ "[a, b,]", "[\"a\",\"b\"]" },
		{ "[a: 1, b]", "[{\"a\":1},\"b\"]" },
		{ "{\"a\":1,\"b\":[true,null]}", "{\"a\":1,\"b\":[true,null]}" },
		{ "{\n  \"a\": 1\n}\n", "{\"a\":1}" },
		{ "# c\na: 1 # d\n# e\n", "{\"a\":1}" },
		{ "a: x#y", "{\"a\":\"x#y\"}" },
		{ "a: 'it''s'", "{\"a\":\"it's\"}" },
		{ "a: 'no'", "{\"a\":\"no\"}" },
		{ "a: \"no\"", "{\"a\":\"no\"}" },
		{ "a: \"\\x41\\u00e9\\U0001F600\\n\\0\\e\\N\"",
		  "{\"a\":\"A\xc3\xa9\xf0\x9f\x98\x80\\n\\u0000\\u001b\xc2\x85\"}" },
		{ "a: \"x\n  y\n\n  z\"", "{\"a\":\"x y\\nz\"}" },
		{ "a: x\n  y\n", "{\"a\":\"x y\"}" },
		{ "a: yes\n  sir\n", "{\"a\":\"yes sir\"}" },
		{ "a: |\n  x\n   y\n\n  z\nb: 1\n", "{\"a\":\"x\\n y\\n\\nz\\n\",\"b\":1}" },
		{ "a: |-\n  x\n", "{\"a\":\"x\"}" },
		{ "a: |+\n  x\n\n", "{\"a\":\"x\\n\\n\"}" },
		{ "a: |2\n    x\n", "{\"a\":\"  x\\n\"}" },
		{ "a: >\n  x\n  y\n\n  z\n", "{\"a\":\"x y\\nz\\n\"}" },
		{ "a: |\n  no\n", "{\"a\":\"no\\n\"}" },
		{ "? a\n: 1\n", "{\"a\":1}" },
		{ "a:", "{\"a\":null}" },
		{ "a: ~\nb: null\nc: true\nd: False\n",
		  "{\"a\":null,\"b\":null,\"c\":true,\"d\":false}" },
		{ "\"no\": 1\n'1': 2\n\"\": 3\n", "{\"no\":1,\"1\":2,\"\":3}" },
		{ "a: \xc3\xa9\xf0\x9f\x98\x80", "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}" },
		{ "a: http://x/y:z?q=1&r", "{\"a\":\"http://x/y:z?q=1&r\"}" },
		{ "a: \"\\\"\\\\\"", "{\"a\":\"\\\"\\\\\"}" },
		{ "a: 5 % of\nb: a*b&c!d", "{\"a\":\"5 % of\",\"b\":\"a*b&c!d\"}" },
		{ "a:\tx", "{\"a\":\"x\"}" },
		{ "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}" },
		{ "a: \"<<\"\n\"<<\": 1", "{\"a\":\"<<\",\"<<\":1}" },
	};
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		convert(&out, rows[i][0], strlen(rows[i][0]));
		if (!tap_ok(t, strcmp(out.data, rows[i][1]) == 0, "converted: row %zu", i))
			printf("# %s\n# got:  %s\n# want: %s\n", rows[i][0], out.data, rows[i][1]);
	}
}

static void test_refused(struct tap *t)
{
	static const struct {
		const char *text;
		size_t size;
		const char *error;
	} rows[] = {
#define ROW(text, error) { text, sizeof(text) - 1, error }
		ROW("", "1:1: expected a document"),
		ROW("# nothing\n", "2:1: expected a document"),
		ROW("a: &x 1", "1:4: expected no anchor"),
		ROW("&x a: 1", "1:1: expected no anchor"),
		ROW("a: &x [1]", "1:4: expected no anchor"),
		ROW("a: &x {b: 1}", "1:4: expected no anchor"),
		ROW("&x\na: 1", "1:1: expected no anchor"),
		ROW("a: *x", "1:4: expected no alias"),
		ROW("*x : 1", "1:1: expected no alias"),
		ROW("a: !!str 1", "1:4: expected no tag"),
		ROW("a: !x 1", "1:4: expected no tag"),
		ROW("a: ! 1", "1:4: expected no tag"),
		ROW("a: !!seq [1]", "1:4: expected no tag"),
		ROW("a: !!map {b: 1}", "1:4: expected no tag"),
		ROW("a: !!binary aGk=", "1:4: expected no tag"),
		ROW("- !<tag:x> a", "1:3: expected no tag"),
		ROW("<<: {a: 1}", "1:1: '<<' is a merge key: expected none"),
		ROW("a:\n  <<: b", "2:3: '<<' is a merge key: expected none"),
		ROW("a: <<", "1:4: '<<' is a merge key: expected none"),
		ROW("a: 1\na: 2", "2:1: /a: duplicate key"),
		ROW("a: 1\nb: 2\n\"a\": 3", "3:1: /a: duplicate key"),
		ROW("a: 1\n\"\\x61\": 2", "2:1: /a: duplicate key"),
		ROW("x:\n  - k: 1\n    z: 2\n    k: 3\n", "4:5: /x/0/k: duplicate key"),
		ROW("{a: 1, b: {c: 1, c: 2}}", "1:18: /b/c: duplicate key"),
		ROW("{a: {b: 1}, a: 2}", "1:13: /a: duplicate key"),
		ROW("1: a", "1:1: expected a string as the key (quotes make it one)"),
		ROW("1.5: a", "1:1: expected a string as the key (quotes make it one)"),
		ROW("true: a", "1:1: expected a string as the key (quotes make it one)"),
		ROW("null: a", "1:1: expected a string as the key (quotes make it one)"),
		ROW("~: a", "1:1: expected a string as the key (quotes make it one)"),
		ROW("? \n: a", "1:2: expected a string as the key (quotes make it one)"),
		ROW("? [a]\n: b", "1:3: expected a string as the key (quotes make it one)"),
		ROW("{a: 1}: b", "1:1: expected a string as the key (quotes make it one)"),
		ROW("yes: 1",
		    "1:1: 'yes' is read differently by YAML 1.1 and 1.2: put it in quotes"),
		ROW("on:\n  push:",
		    "1:1: 'on' is read differently by YAML 1.1 and 1.2: put it in quotes"),
		ROW("a:\n  - b\n  - 0777\n",
		    "3:5: '0777' is read differently by YAML 1.1 and 1.2: put it in quotes"),
		ROW("a: .5",
		    "1:4: '.5' is not a number of JSON: write it as one or put it in quotes"),
		ROW("--- a\n--- b", "2:1: expected one document"),
		ROW("a\n---\n", "2:1: expected one document"),
		ROW("a: 1\n...\n---\nb: 2\n", "3:1: expected one document"),
		ROW("%YAML 1.2\n--- a", "1:1: expected no directive ('%' at the start of a line)"),
		ROW("a\n...\n%TAG ! x\n---\nb",
		    "3:1: expected no directive ('%' at the start of a line)"),
		ROW("\xef\xbb\xbf"
		    "a: 1",
		    "1:1: expected no byte order mark"),
		ROW("a: \0", "1:4: expected no NUL"),
		ROW("a: 1\nb: x\0y\n", "2:5: expected no NUL"),
		ROW("a: \xff", "1:4: expected valid UTF-8"),
		ROW("a: \xc3\xa9\xed\xa0\x80", "1:5: expected valid UTF-8"),
		ROW("\xff\xfe"
		    "a\0",
		    "1:1: expected valid UTF-8"),
		ROW("a: x\x01y", "1:5: control characters are not allowed"),
		ROW("a: \"x\x7fy\"", "1:6: control characters are not allowed"),
		ROW("a: \xc2\x85", "1:4: this character is a line break in YAML 1.1 and none in "
				   "1.2: write its escape in double quotes"),
		ROW("a: \"x\xe2\x80\xa8y\"", "1:6: this character is a line break in YAML 1.1 and "
					     "none in 1.2: write its escape in double quotes"),
		ROW("a: b: c", "1:5: mapping values are not allowed in this context"),
		ROW("a: [1, 2", "2:1: did not find expected ',' or ']'"),
		ROW("a: \"x", "1:6: found unexpected end of stream"),
		ROW("a: @x", "1:4: found character that cannot start any token"),
		ROW("\ta: 1", "1:1: a tab, expected spaces as indentation"),
		ROW("a: \"\\q\"", "1:5: found unknown escape character"),
		ROW("a: \"\\ud800\"", "1:7: found invalid Unicode character escape code"),
		ROW("a:\n  b: 1\n c: 2\n", "3:2: did not find expected key"),
	};
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		convert(&out, rows[i].text, rows[i].size);
		if (!tap_ok(t, strcmp(out.data, rows[i].error) == 0, "refused: row %zu", i))
			printf("# %s\n# got:  %s\n# want: %s\n", rows[i].text, out.data,
			       rows[i].error);
	}
}

static void test_scalars(struct tap *t)
{
	static const struct {
		enum ab_yaml_scalar kind;
		const char *texts; /* between blanks */
	} rows[] = {
		{ AB_YAML_NULL, "~ null Null NULL" },
		{ AB_YAML_TRUE, "true True TRUE" },
		{ AB_YAML_FALSE, "false False FALSE" },
		{ AB_YAML_NUMBER, "0 -0 1 -1 10 123456789012345678901234567890 1.5 -1.5 0.0 -0.0 "
				  "1.50 1.5e+3 1.5E-3 -1.0e+10 0.1e-1" },
		{ AB_YAML_AMBIGUOUS, "y Y n N yes Yes YES no No NO on On ON off Off OFF =" },
		{ AB_YAML_AMBIGUOUS, "00 01 07 08 09 0777 -017 +017 0_7 0o7 0o17 0b1 0b0_1 -0b1 "
				     "+0b11 1_000 1_ -1_0 0x1_F -0x1F +0x1f 1_0.5 1.5_0 1__0 0_" },
		{ AB_YAML_AMBIGUOUS,
		  "1e3 1E3 1e+3 1e-3 1.5e3 -1.5E3 12e03 +1e3 .e-5 1.e5 .5e5 0e0" },
		{ AB_YAML_AMBIGUOUS, "1:30 12:30:45 -1:30 +1:30 0:30 1:5 190:20:30 190:20:30.15 "
				     "1_0:30 1:30." },
		{ AB_YAML_AMBIGUOUS, "2001-01-01 2001-12-14t21:59:43.10-05:00 2001-1-1T1:00:00 "
				     "2001-12-15T02:59:43.1Z 2001-1-1" },
		{ AB_YAML_NOT_JSON, "+1 +0 +1.5 .5 -.5 +.5 5. -5. 0. 00.5 01.5 0x1F 0xff 0x0 "
				    ".inf .Inf .INF -.inf +.inf .nan .NaN .NAN .5e+3 5.e+3" },
		{ AB_YAML_MERGE, "<<" },
		{ AB_YAML_STRING, "a nO yEs oN tRUE fALSE nULL nuLL Y1 yn ye yess onn ~~ ~? == <" },
		{ AB_YAML_STRING, "yes! no. off, true1 nullx None NaN nan inf Infinity -inf" },
		{ AB_YAML_STRING, "- + -- ++1 +-1 1a a1 1-1 1+1 0o 0x 0b 0xg 0b2 0o8 -0o7 _1 __ e5 "
				  "1e 1e+ 1.5e 1.5e+ 0X1F 0B1 0O7 1ee5 1e5.5 1e1e1" },
		{ AB_YAML_STRING, ". .. ... 1.2.3 10.0.0.1 -. +. .a ._ 1.a v1.2 1.2.3-rc1 -.nan" },
		{ AB_YAML_STRING, "1:60 1:99 8080:80 1: :30 1:2:x 1:300 a:1 1::2 12:30Z 0x1:30" },
		{ AB_YAML_STRING,
		  "2001-01 2001-001-01 201-01-01 20011-01-01 2001-01-01x 2001/01/01 "
		  "2001-01-01Tx 2001-01-011" },
	};
	size_t wrong = 0, n = 0;

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		const char *p = rows[i].texts;

		while (*p) {
			char text[80] = "";
			size_t len = strcspn(p, " ");

			memcpy(text, p, len);
			p += len + (p[len] == ' ');
			n++;
			if (ab_yaml_resolve(text, len) == rows[i].kind)
				continue;
			wrong++;
			printf("# '%s' is %d, not %d\n", text, ab_yaml_resolve(text, len),
			       rows[i].kind);
		}
	}
	tap_ok(t, wrong == 0, "%zu plain scalars are what they are to YAML 1.1 and 1.2", n);
	tap_ok(t, ab_yaml_resolve("", 0) == AB_YAML_NULL, "nothing is null");
	tap_ok(t, ab_yaml_resolve("no way", 6) == AB_YAML_STRING, "more than one word is a string");
	tap_ok(t, ab_yaml_resolve("2001-12-14 21:59:43.10 -5", 25) == AB_YAML_AMBIGUOUS,
	       "a timestamp may have blanks in it");
	tap_ok(t, ab_yaml_resolve("2001-12-14 day", 14) == AB_YAML_STRING,
	       "a date with a word behind it is a string");
}

static void repeat(struct ab_buf *text, const char *piece, size_t n)
{
	while (n--)
		ab_buf_adds(text, piece);
}

static void test_limits(struct tap *t)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	repeat(&text, "[", 64);
	repeat(&text, "]", 64);
	tap_is(t, convert(&out, text.data, text.len), text.data, "64 levels");
	ab_buf_clear(&text);
	repeat(&text, "[", 65);
	repeat(&text, "]", 65);
	tap_is(t, convert(&out, text.data, text.len), "1:65: more than 64 levels deep",
	       "65 are refused");
	ab_buf_clear(&text);
	repeat(&text, "#", AB_YAML_MAX_SIZE - 2);
	ab_buf_adds(&text, "\na");
	tap_is(t, convert(&out, text.data, text.len), "\"a\"", "a mebibyte");
	ab_buf_adds(&text, "\n");
	tap_is(t, convert(&out, text.data, text.len), "larger than 1048576 bytes",
	       "and a byte more is refused");
	ab_buf_clear(&out);
	ab_buf_adds(&out, "kept");
	{
		struct ab_err err = { 0 };

		(void)ab_yaml_to_json("a: [1, 2\n", 9, &out, &err);
	}
	tap_is(t, out.data, "kept", "a refusal leaves nothing in the buffer");
}

/* What costs libyaml or a careless reader the square of the text's length, or worse. */
static void test_hostile(struct tap *t)
{
	static const struct {
		const char *before, *piece, *after;
	} rows[] = {
		{ "", "[", "" },	 { "", "{", "" },
		{ "", "[{", "" },	 { "", "- ", "" },
		{ "", "? ", "" },	 { "", "{a: ", "" },
		{ "", "[a,[", "" },	 { "", "%TAG !a! b\n", "" },
		{ "", "[? ", "" },	 { "", "a ", "" },
		{ "", "a\n", "" },	 { "[", "a,", "]" },
		{ "", "- a\n", "" },	 { "", "!a ", "" },
		{ "", "&a ", "" },	 { "\"", "\\n", "\"" },
		{ "a: \"", "\n", "\"" }, { "'", "''", "'" },
		{ "k: |\n", " \n", "" }, { "k: >\n", " x\n", "" },
		{ "a: ", " ", "" },	 { "", "\n", "" },
		{ "", "#\n", "" },	 { "", "---\n", "" },
		{ "", "...\n", "" },	 { "", ": ", "" },
		{ "", "[]: ", "" },	 { "[", "[],", "]" },
		{ "[", "a: 1,", "]" },	 { "{", "a: 1,", "}" },
		{ "", "\"a\" ", "" },	 { "", "*a ", "" },
		{ "a: [", "'", "" },
	};
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		size_t room = AB_YAML_MAX_SIZE - 16;
		clock_t start, spent = 20 * CLOCKS_PER_SEC;

		ab_buf_clear(&text);
		ab_buf_adds(&text, rows[i].before);
		repeat(&text, rows[i].piece, room / strlen(rows[i].piece));
		ab_buf_adds(&text, rows[i].after);
		/* Each takes some 10 to 100 ms; the square of a mebibyte would be an hour. What a machine that
		 * stands still adds is not there when it is looked at again. */
		for (int look = 0; look < 3 && spent >= 20 * CLOCKS_PER_SEC; look++) {
			start = clock();
			convert(&out, text.data, text.len);
			spent = clock() - start;
		}
		tap_ok(t, spent < 20 * CLOCKS_PER_SEC, "a mebibyte, hostile %zu", i);
	}
	ab_buf_clear(&text);
	for (size_t i = 0; i < 90000; i++)
		ab_buf_addf(&text, "k%zu: 1\n", i);
	ab_buf_adds(&text, "k0: 1\n");
	tap_is(t, convert(&out, text.data, text.len), "90001:1: /k0: duplicate key",
	       "one key twice among 90,000");
}

int main(void)
{
	struct tap t = { 0 };

	test_documents(&t);
	test_refused(&t);
	test_scalars(&t);
	test_limits(&t);
	test_hostile(&t);
	return tap_done(&t);
}
