/* SPDX-License-Identifier: Apache-2.0 */
/* Our own values: loading, files and their parts, checked keys, and the canonical form (RFC 8785).
 */
#include "tests/unit/tap.h"

#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/json/json.h"

/* The canonical form of a text, or what is said against it. Valid until the next call. */
static const char *canonical(struct ab_buf *out, const char *text)
{
	struct ab_err err = { 0 };
	json_auto_t *value = ab_json_load("x", text, strlen(text), &err);

	ab_buf_clear(out);
	if (!value || ab_json_canonical(value, out, &err) < 0) {
		ab_buf_clear(out);
		ab_buf_adds(out, err.msg);
	}
	return out->data;
}

static void test_canonical(struct tap *t)
{
	static const char *const rows[][2] = {
		{ " [ ] ", "[]" },
		{ "{ }", "{}" },
		{ "[{},[],[[{}]]]", "[{},[],[[{}]]]" },
		{ "[null,true,false]", "[null,true,false]" },
		{ "{\"b\":1,\"a\":{\"d\":[2],\"c\":3}}", "{\"a\":{\"c\":3,\"d\":[2]},\"b\":1}" },
		{ "{\"aa\":1,\"a\":2,\"\":3,\"B\":4}", "{\"\":3,\"B\":4,\"a\":2,\"aa\":1}" },
		/* Section 3.2.2 and 3.2.3 of the RFC. */
		{ "[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]",
		  "[333333333.3333333,1e+30,4.5,0.002,1e-27]" },
		{ "\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
		  "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"" },
		{ "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":"
		  "6,"
		  "\"\\u00f6\":7}",
		  "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
		  "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}" },
		/* Surrogates stand before U+E000, whatever stands before them. */
		{ "{\"x\\ue000\":1,\"x\\udbff\\udfff\":2,\"x\\ud7ff\":3}",
		  "{\"x\xed\x9f\xbf\":3,\"x\xf4\x8f\xbf\xbf\":2,\"x\xee\x80\x80\":1}" },
		{ "\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\\u2028\"",
		  "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xe2\x80\xa8\"" },
		{ "[0,-0,-0.0,0.0,0e9]", "[0,0,0,0,0]" },
		{ "[1.0,10.00,-2.50,1e2,1E+2,100e-2]", "[1,10,-2.5,100,100,1]" },
		{ "[9007199254740992,-9007199254740992]", "[9007199254740992,-9007199254740992]" },
		{ "[9007199254740994,1152921504606846976]",
		  "[9007199254740994,1152921504606847000]" },
		{ "-9223372036854775808", "-9223372036854776000" },
		{ "9007199254740993", "9007199254740993 has no canonical form: not a double" },
		{ "9223372036854775807",
		  "9223372036854775807 has no canonical form: not a double" },
		{ "[1e20,1e21,12345678901234568e4,1.2345678901234568e21]",
		  "[100000000000000000000,1e+21,123456789012345680000,1.2345678901234568e+21]" },
		{ "[1e-6,1e-7,0.00000123,0.000000123]", "[0.000001,1e-7,0.00000123,1.23e-7]" },
		/* What is refused on loading. */
		{ "9223372036854775808", "x: 1:1: expected an integer of at most 64 bits" },
		{ "[1,-9223372036854775809]",
		  "x: 1:4: /1: expected an integer of at most 64 bits" },
		{ "{\"a\":1e309}", "x: 1:6: /a: expected a number that a double can hold" },
		{ "[-1.8e308]", "x: 1:2: /0: expected a number that a double can hold" },
		{ "[0.0e-400,0e999]", "[0,0]" },
		{ "[1e-400]", "x: 1:2: /0: expected a number that a double can hold" },
		{ "{\"a\":[\"x\\u0000\"]}", "x: 1:8: /a/0: expected no \\u0000" },
		{ "{\"a\\u0000\":1}", "x: 1:3: /a: expected no \\u0000" },
		{ "{\"a\":1,\"\\u0061\":2}", "x: 1:8: /a: duplicate key" },
		{ "{\"a\":[1,]}", "x: 1:9: /a/1: expected a value" },
		{ "", "x: 1:1: unexpected end, expected a value" },
	};
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++)
		tap_is(t, canonical(&out, rows[i][0]), rows[i][1], rows[i][0]);
}

static void test_depth(struct tap *t)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	for (int i = 0; i < 512; i++)
		ab_buf_adds(&text, "[{\"a\":");
	ab_buf_adds(&text, "0");
	for (int i = 0; i < 512; i++)
		ab_buf_adds(&text, "}]");
	tap_is(t, canonical(&out, text.data), text.data, "1024 levels");
}

/* Appendix B of the RFC: the bits of a double and its form. Those that have none, jansson does not
 * take. */
static void test_doubles(struct tap *t)
{
	static const struct {
		uint64_t bits;
		const char *text;
	} rows[] = {
		{ 0x0000000000000000, "0" },
		{ 0x8000000000000000, "0" },
		{ 0x0000000000000001, "5e-324" },
		{ 0x8000000000000001, "-5e-324" },
		{ 0x7fefffffffffffff, "1.7976931348623157e+308" },
		{ 0xffefffffffffffff, "-1.7976931348623157e+308" },
		{ 0x4340000000000000, "9007199254740992" },
		{ 0xc340000000000000, "-9007199254740992" },
		{ 0x4430000000000000, "295147905179352830000" },
		{ 0x44b52d02c7e14af5, "9.999999999999997e+22" },
		{ 0x44b52d02c7e14af6, "1e+23" },
		{ 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
		{ 0x444b1ae4d6e2ef4e, "999999999999999700000" },
		{ 0x444b1ae4d6e2ef4f, "999999999999999900000" },
		{ 0x444b1ae4d6e2ef50, "1e+21" },
		{ 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
		{ 0x3eb0c6f7a0b5ed8d, "0.000001" },
		{ 0x41b3de4355555553, "333333333.3333332" },
		{ 0x41b3de4355555554, "333333333.33333325" },
		{ 0x41b3de4355555555, "333333333.3333333" },
		{ 0x41b3de4355555556, "333333333.3333334" },
		{ 0x41b3de4355555557, "333333333.33333343" },
		{ 0xbecbf647612f3696, "-0.0000033333333333333333" },
		{ 0x43143ff3c1cb0959, "1424953923781206.2" },
		/* The nearest decimal of so few digits does not read back, the next one does. */
		{ 0x2020000000000000, "5.966672584960166e-154" },
		{ 0x3d30000000000000, "5.684341886080802e-14" },
		{ 0x6510000000000000, "6.483618076376552e+178" },
		{ 0x0010000000000000, "2.2250738585072014e-308" },
		{ 0x3ff0000000000001, "1.0000000000000002" },
		{ 0x3fb999999999999a, "0.1" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		ab_auto(ab_buf_free) struct ab_buf out = { 0 };
		struct ab_err err = { 0 };
		json_auto_t *value = json_real(0);
		double d;
		int status;

		memcpy(&d, &rows[i].bits, sizeof(d));
		json_real_set(value, d);
		status = ab_json_canonical(value, &out, &err);
		tap_ok(t, status == 0, "bits %016llx", (unsigned long long)rows[i].bits);
		tap_is(t, out.data, rows[i].text, "  in the form of ECMAScript");
	}
}

static void test_quote(struct tap *t)
{
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	ab_auto(ab_buf_free) struct ab_buf all = { 0 };
	struct ab_err err = { 0 };
	json_auto_t *bad = json_stringn_nocheck("a\xff", 2);
	json_auto_t *bad_key = json_object();

	ab_json_quote("a\0\x1f\"\\/\n\xc3\xa9", 9, &out);
	tap_is(t, out.data, "\"a\\u0000\\u001f\\\"\\\\/\\n\xc3\xa9\"", "a string is quoted");
	tap_ok(t, ab_json_canonical(bad, &all, &err) == -1 && err.status == AB_EXIT_NO,
	       "a string that is not UTF-8 has no canonical form");
	json_object_setn_new_nocheck(bad_key, "\xc3", 1, json_null());
	tap_ok(t, ab_json_canonical(bad_key, &all, &err) == -1, "nor has such a key");
}

static void test_at(struct tap *t)
{
	static const char text[] = "{\"a/b\":{\"c~d\":[10,[20,{\"\":30}]]},\"\":1,\"x\":null}";
	static const char *const rows[][2] = { { "", text },
					       { "/a~1b/c~0d/0", "10" },
					       { "/a~1b/c~0d/1/1/", "30" },
					       { "/", "1" },
					       { "/x", "null" },
					       { "a", NULL },
					       { "/a", NULL },
					       { "/a~1b/c~0d/2", NULL },
					       { "/a~1b/c~0d/00", NULL },
					       { "/a~1b/c~0d/-", NULL },
					       { "/x/y", NULL },
					       { "/a~1b/c~0d/", NULL },
					       { "/a~", NULL } };
	struct ab_err err = { 0 };
	json_auto_t *value = ab_json_load("x", text, strlen(text), &err);

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		json_t *part = ab_json_at(value, rows[i][0]);
		json_auto_t *want = NULL;

		if (rows[i][1])
			want = ab_json_load("x", rows[i][1], strlen(rows[i][1]), &err);
		tap_ok(t, !part == !want && (!part || json_equal(part, want)), "part '%s'",
		       rows[i][0]);
	}
}

static void test_split(struct tap *t)
{
	static const char *const rows[][3] = {
		{ "a.json", "a.json", "" },	     { "a.json#", "a.json", "" },
		{ "a.json#/x/y", "a.json", "/x/y" }, { "d/a.yaml#/", "d/a.yaml", "/" },
		{ "a#b.json", "a#b.json", "" },	     { "a#b.json#/x#/y", "a#b.json", "/x#/y" }
	};
	ab_autofree char *none = NULL;
	struct ab_err err = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		ab_autofree char *file = NULL;
		const char *pointer = ab_json_split(rows[i][0], &file, &err);

		tap_is(t, file, rows[i][1], rows[i][0]);
		tap_is(t, pointer, rows[i][2], "  its pointer");
	}
	tap_ok(t, !ab_json_split("#/a", &none, &err) && err.status == AB_EXIT_USAGE && !none,
	       "a pointer alone names no file");
	tap_ok(t, !ab_json_split("", &none, &err), "nor does nothing");
}

static void test_keys(struct tap *t)
{
	static const struct ab_json_key keys[] = {
		{ "name", JSON_STRING, true },	  { "n", JSON_INTEGER, false },
		{ "on", AB_JSON_BOOLEAN, false }, { "any", AB_JSON_ANY, false },
		{ "list", JSON_ARRAY, false },	  { .name = NULL }
	};
	static const char *const rows[][2] = {
		{ "{\"name\":\"x\"}", "" },
		{ "{\"name\":\"x\",\"n\":1,\"on\":true,\"any\":null,\"list\":[]}", "" },
		{ "{\"name\":\"x\",\"on\":false,\"any\":{}}", "" },
		{ "{}", "f: /p: missing key 'name'" },
		{ "{\"n\":1}", "f: /p: missing key 'name'" },
		{ "{\"name\":1}", "f: /p/name: expected a string, not an integer" },
		{ "{\"name\":null}", "f: /p/name: expected a string, not null" },
		{ "{\"name\":\"x\",\"n\":1.0}",
		  "f: /p/n: expected an integer, not a number with a fraction" },
		{ "{\"name\":\"x\",\"on\":1}", "f: /p/on: expected true or false, not an integer" },
		{ "{\"name\":\"x\",\"list\":{}}", "f: /p/list: expected an array, not an object" },
		{ "{\"name\":\"x\",\"Name\":1}", "f: /p/Name: unknown key (did you mean name?)" },
		{ "{\"name\":\"x\",\"a/b~\":1}", "f: /p/a~1b~0: unknown key" },
		{ "{\"name\":\"x\",\"nam\":1}", "f: /p/nam: unknown key (did you mean name?)" },
		{ "[]", "f: /p: expected an object, not an array" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		struct ab_err err = { 0 };
		json_auto_t *value = ab_json_load("x", rows[i][0], strlen(rows[i][0]), &err);
		int status = ab_json_keys(value, "f: /p", keys, &err);

		tap_ok(t,
		       status == (*rows[i][1] ? -1 : 0) &&
			       err.status == (*rows[i][1] ? AB_EXIT_USAGE : 0) &&
			       strcmp(err.msg, rows[i][1]) == 0,
		       "keys of %s", rows[i][0]);
	}
	{
		struct ab_err err = { 0 };

		tap_ok(t, ab_json_keys(NULL, "f", keys, &err) == -1, "no value is no object");
	}
}

/* Writes a file and gives its name in `path`. */
static void make(struct ab_buf *path, const char *dir, const char *name, const char *text)
{
	FILE *f;

	ab_buf_clear(path);
	ab_buf_addf(path, "%s/%s", dir, name);
	f = fopen(path->data, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

static void test_files(struct tap *t)
{
	static const struct {
		const char *name, *text, *pointer, *want; /* want: the value, or the error */
	} rows[] = {
		{ "a.json", "{\"a\":[1,{\"b\":2}]}\n", "", "{\"a\":[1,{\"b\":2}]}" },
		{ "a.json", "{\"a\":[1,{\"b\":2}]}", "#/a/1", "{\"b\":2}" },
		{ "a.json", "{\"a\":1}", "#", "{\"a\":1}" },
		{ "a.json", "{\"a\":1}", "#/b", ": /b: no such value" },
		{ "a.json", "{\"a\":1,}", "", ": 1:8: expected a key in double quotes" },
		{ "a.json", "a: 1", "", ": 1:1: expected a value" },
		{ "a.json", "", "", ": 1:1: unexpected end, expected a value" },
		{ "a.yaml", "a:\n- 1\n- b: two\n", "", "{\"a\":[1,{\"b\":\"two\"}]}" },
		{ "a.yml", "a:\n- 1\n- b: two\n", "#/a/1/b", "\"two\"" },
		{ "a.yaml", "a: no\n", "",
		  ": 1:4: 'no' is read differently by YAML 1.1 and 1.2: put it in quotes" },
		{ "a.yaml", "a: 18446744073709551616\n", "",
		  ": /a: expected an integer of at most 64 bits" },
		{ "a.json", "\"01234567890123456789012345678901234567890123456789012345678901\"",
		  "", ": larger than 60 bytes" },
	};
	char dir[] = "/tmp/ab-json-XXXXXX";
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };
	struct ab_err err = { 0 };

	if (!mkdtemp(dir))
		abort();
	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		ab_auto(ab_buf_free) struct ab_buf got = { 0 };
		json_auto_t *value = NULL;
		size_t len;

		make(&path, dir, rows[i].name, rows[i].text);
		len = path.len;
		ab_buf_adds(&path, rows[i].pointer);
		err = (struct ab_err){ 0 };
		value = ab_json_load_file(path.data, 60, &err);
		if (value && ab_json_canonical(value, &got, &err) == 0)
			tap_is(t, got.data, rows[i].want, "a file is loaded");
		else
			tap_is(t, err.msg + len, rows[i].want, "a file is refused");
		tap_ok(t, value || err.status == AB_EXIT_USAGE, "  and its status");
		path.data[len] = '\0';
		(void)unlink(path.data);
	}
	tap_ok(t, !ab_json_load_file(path.data, 60, &err) && err.status == AB_EXIT_USAGE,
	       "a file that is not there");
	tap_ok(t, !ab_json_load_file(dir, 60, &err), "a directory is no file");
	(void)rmdir(dir);
}

/* Each byte at each place of a word and beside it, among bytes that could hide it. */
static void test_quote_places(struct tap *t)
{
	static const char beside[] = { 'a', '!', '#', ' ', '[', ']', '\x7f' };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 }, want = { 0 };
	char text[19];
	int bad = 0;

	for (size_t n = 0; n < sizeof(beside) * sizeof(text) * 0x80; n++) {
		size_t at = n / 0x80 % sizeof(text);
		int c = (int)(n % 0x80);

		memset(text, beside[n / 0x80 / sizeof(text)], sizeof(text));
		text[at] = (char)c;
		ab_buf_clear(&out);
		ab_buf_clear(&want);
		ab_json_quote(text, sizeof(text), &out);
		ab_buf_addc(&want, '"');
		ab_buf_add(&want, text, at);
		if (c == '"' || c == '\\')
			ab_buf_addf(&want, "\\%c", c);
		else if (c && strchr("\b\t\n\f\r", c))
			ab_buf_addf(&want, "\\%c", "btn_fr"[c - '\b']);
		else if (c < 0x20)
			ab_buf_addf(&want, "\\u%04x", (unsigned)c);
		else
			ab_buf_addc(&want, (char)c);
		ab_buf_add(&want, text + at + 1, sizeof(text) - at - 1);
		ab_buf_addc(&want, '"');
		bad += strcmp(out.data, want.data) != 0;
	}
	tap_ok(t, bad == 0, "every byte is quoted the same wherever it stands (%d were not)", bad);
}

int main(void)
{
	struct tap t = { 0 };

	test_canonical(&t);
	test_depth(&t);
	test_doubles(&t);
	test_quote(&t);
	test_quote_places(&t);
	test_at(&t);
	test_split(&t);
	test_keys(&t);
	test_files(&t);
	return tap_done(&t);
}
