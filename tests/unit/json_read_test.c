/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader against RFC 8259, rule by rule: what it takes, and what it says of the rest. */
#include "tests/unit/tap.h"

#include "lib/base/buf.h"
#include "lib/base/hold.h"
#include "lib/json/tape.h"

struct row {
	const char *text;
	size_t size;
	const char *error; /* NULL: accepted */
};

#define OK(text)                                                                                   \
	{                                                                                          \
		text, sizeof(text) - 1, NULL                                                       \
	}
#define NO(text, error)                                                                            \
	{                                                                                          \
		text, sizeof(text) - 1, error                                                      \
	}

/* Section 2: a text is one value, with white space of four kinds around its tokens. */
static const struct row structure[] = {
	OK("null"),
	OK("true"),
	OK("false"),
	OK("0"),
	OK("\"\""),
	OK("[]"),
	OK("{}"),
	OK(" null"),
	OK("null "),
	OK("\t\n\r null\t\n\r "),
	OK("[ ]"),
	OK("{ }"),
	OK("[\n]"),
	OK("{\r\n}"),
	OK("[1,2]"),
	OK("[ 1 , 2 ]"),
	OK("[1 ,2]"),
	OK("[1\t,\n2\r]"),
	OK("{\"a\":1}"),
	OK("{ \"a\" : 1 }"),
	OK("{\"a\"  :1}"),
	OK("{\"a\":\n\n1\n}\n"),
	OK("  {  \"a\"  :  [  1  ,  {  }  ]  }  "),
	OK("[                                                                1]"),
	OK("[1                                                                ]"),
	OK("1                                                                "),
	OK("[[]]"),
	OK("[[],[]]"),
	OK("[{},{}]"),
	OK("[[[[[[[[[[]]]]]]]]]]"),
	OK("{\"a\":{\"b\":{\"c\":{}}}}"),
	OK("[1,\"a\",null,true,false,[],{}]"),
	NO("", "1:1: unexpected end, expected a value"),
	NO(" ", "1:2: unexpected end, expected a value"),
	NO("\n\n", "3:1: unexpected end, expected a value"),
	NO("[", "1:2: /0: unexpected end, expected a value"),
	NO("]", "1:1: expected a value"),
	NO("}", "1:1: expected a value"),
	NO(",", "1:1: expected a value"),
	NO(":", "1:1: expected a value"),
	NO("[1", "1:3: unexpected end, expected ',' or ']'"),
	NO("[1,", "1:4: /1: unexpected end, expected a value"),
	NO("[1,]", "1:4: /1: expected a value"),
	NO("[,]", "1:2: /0: expected a value"),
	NO("[,1]", "1:2: /0: expected a value"),
	NO("[1,,2]", "1:4: /1: expected a value"),
	NO("[1 2]", "1:4: expected ',' or ']'"),
	NO("[1:2]", "1:3: expected ',' or ']'"),
	NO("[1}", "1:3: expected ',' or ']'"),
	NO("[\"a\"", "1:5: unexpected end, expected ',' or ']'"),
	NO("[]]", "1:3: expected the end of the document"),
	NO("{}}", "1:3: expected the end of the document"),
	NO("[][]", "1:3: expected the end of the document, not a second one"),
	NO("[],", "1:3: expected the end of the document"),
	NO("1,", "1:2: expected the end of the document"),
	NO("1,2", "1:2: expected the end of the document"),
	NO("1 2", "1:3: expected the end of the document"),
	NO("\"a\"\"b\"", "1:4: expected the end of the document"),
	NO("\"a\":1", "1:4: expected the end of the document"),
	NO("null null", "1:6: expected the end of the document"),
	NO("nullx", "1:5: expected the end of the document"),
	NO("{} x", "1:4: expected the end of the document"),
	NO("{}\n[]\n", "2:1: expected the end of the document, not a second one"),
	NO("[[[[", "1:5: /0/0/0/0: unexpected end, expected a value"),
	NO("[[1],[2]", "1:9: unexpected end, expected ',' or ']'"),
	NO("[{\"a\":[1,{\"b\":}]}]", "1:15: /0/a/1/b: expected a value"),
	NO("[1]\0", "1:4: expected the end of the document"),
	NO("\0", "1:1: expected a value"),
	NO("[1\0]", "1:3: expected ',' or ']'"),
	NO("[\0001]", "1:2: /0: expected a value"),
	NO("\f1", "1:1: expected a value"),
	NO("\v1", "1:1: expected a value"),
	NO("[\f]", "1:2: /0: expected a value"),
	NO("[1\f]", "1:3: expected ',' or ']'"),
	NO("\xc2\xa0"
	   "1",
	   "1:1: expected a value"),
	NO("[\xe2\x80\xa8"
	   "1]",
	   "1:2: /0: expected a value"),
	NO("\xef\xbb\xbf{}", "1:1: expected a value, not a byte order mark"),
	NO("\xef\xbb\xbf", "1:1: expected a value, not a byte order mark"),
	NO("{}\xef\xbb\xbf", "1:3: expected the end of the document"),
	NO("\xff\xfe[\0]\0", "1:1: expected a value in UTF-8, not UTF-16"),
	NO("// x\n1", "1:1: expected a value"),
	NO("/* x */ 1", "1:1: expected a value"),
	NO("[1 // x\n]", "1:4: expected ',' or ']'"),
	NO("# x\n1", "1:1: expected a value"),
	NO("'a'", "1:1: expected a value"),
	NO("`a`", "1:1: expected a value"),
	NO("a", "1:1: expected a value"),
	NO("undefined", "1:1: expected a value"),
	NO("(1)", "1:1: expected a value"),
	NO("\x1e{}", "1:1: expected a value"),
};

/* Section 3: three literal names, in lower case. */
static const struct row literals[] = {
	OK("[null,true,false]"),
	OK("{\"a\":null}"),
	NO("nul", "1:1: expected a value"),
	NO("tru", "1:1: expected a value"),
	NO("fals", "1:1: expected a value"),
	NO("n", "1:1: expected a value"),
	NO("[t]", "1:2: /0: expected a value"),
	NO("True", "1:1: expected a value"),
	NO("TRUE", "1:1: expected a value"),
	NO("Null", "1:1: expected a value"),
	NO("None", "1:1: expected a value"),
	NO("nil", "1:1: expected a value"),
	NO("NaN", "1:1: expected a value"),
	NO("nan", "1:1: expected a value"),
	NO("Infinity", "1:1: expected a value"),
	NO("truetrue", "1:5: expected the end of the document"),
	NO("[truefalse]", "1:6: expected ',' or ']'"),
	NO("[true1]", "1:6: expected ',' or ']'"),
	NO("[null\"a\"]", "1:6: expected ',' or ']'"),
	NO("fal se", "1:1: expected a value"),
	NO("tr\0e", "1:1: expected a value"),
};

/* Section 6: numbers. */
static const struct row numbers[] = {
	OK("-0"),
	OK("1"),
	OK("9"),
	OK("10"),
	OK("-1"),
	OK("123456789012345"),
	OK("1234567890123456"),
	OK("12345678901234567"),
	OK("123456789012345678901234567890123456789012345678901234567890"),
	OK("0.0"),
	OK("-0.0"),
	OK("1.5"),
	OK("-1.5"),
	OK("0.000000000000000000000000000000000001"),
	OK("1.123456789012"),
	OK("1.1234567890123"),
	OK("1.12345678901234"),
	OK("1.123456789012345"),
	OK("12345678901234.5"),
	OK("123456789012345.6"),
	OK("1234567890123456.7"),
	OK("12345678901234567.8"),
	OK("1e1"),
	OK("1E1"),
	OK("1e+1"),
	OK("1e-1"),
	OK("1E+1"),
	OK("1E-1"),
	OK("0e0"),
	OK("0E+0"),
	OK("-0e-0"),
	OK("1.5e10"),
	OK("1.5E-10"),
	OK("1e400"),
	OK("1e-400"),
	OK("1e999999999999999999999999"),
	OK("123456789012345e6"),
	OK("1234567890123456e6"),
	OK("1.23456789012345678901234567890e12345678901234567890"),
	OK("0e00"),
	OK("1e0001"),
	OK("[0,-0,1,-1]"),
	OK("[1.0,2.0]"),
	OK("[1 ,2.5 ,1e5 ]"),
	OK("{\"a\":1,\"b\":-2.5e+3}"),
	NO("-", "1:2: unexpected end, expected a digit"),
	NO("[-]", "1:3: /0: expected a digit"),
	NO("--1", "1:2: expected a digit"),
	NO("-a", "1:2: expected a digit"),
	NO("- 1", "1:2: expected a digit"),
	NO("-Infinity", "1:2: expected a digit"),
	NO("-NaN", "1:2: expected a digit"),
	NO("+1", "1:1: expected a value"),
	NO("[+1]", "1:2: /0: expected a value"),
	NO("01", "1:1: expected no leading zero"),
	NO("00", "1:1: expected no leading zero"),
	NO("-01", "1:2: expected no leading zero"),
	NO("[-00.5]", "1:3: /0: expected no leading zero"),
	NO("01.5", "1:1: expected no leading zero"),
	NO("0123456789012345678", "1:1: expected no leading zero"),
	NO(".5", "1:1: expected a digit"),
	NO("-.5", "1:2: expected a digit"),
	NO("[.5]", "1:2: /0: expected a digit"),
	NO(".", "1:1: expected a digit"),
	NO("1.", "1:3: unexpected end, expected a digit"),
	NO("[1.]", "1:4: /0: expected a digit"),
	NO("0.", "1:3: unexpected end, expected a digit"),
	NO("1.e5", "1:3: expected a digit"),
	NO("[123456789012345.]", "1:18: /0: expected a digit"),
	NO("[1234567890123456.]", "1:19: /0: expected a digit"),
	NO("1..5", "1:3: expected a digit"),
	NO("1.5.5", "1:4: expected the end of the document"),
	NO("1e", "1:3: unexpected end, expected a digit"),
	NO("1E", "1:3: unexpected end, expected a digit"),
	NO("1e+", "1:4: unexpected end, expected a digit"),
	NO("[1e-]", "1:5: /0: expected a digit"),
	NO("1e+-1", "1:4: expected a digit"),
	NO("1e1.5", "1:4: expected the end of the document"),
	NO("1e 5", "1:3: expected a digit"),
	NO("1ee5", "1:3: expected a digit"),
	NO("e5", "1:1: expected a value"),
	NO("0x1F", "1:2: expected the end of the document"),
	NO("[0x1F]", "1:3: expected ',' or ']'"),
	NO("0b1", "1:2: expected the end of the document"),
	NO("0o7", "1:2: expected the end of the document"),
	NO("1_000", "1:2: expected the end of the document"),
	NO("1,000", "1:2: expected the end of the document"),
	NO("1 000", "1:3: expected the end of the document"),
	NO("1a", "1:2: expected the end of the document"),
	NO("[1a]", "1:3: expected ',' or ']'"),
	NO("[1-1]", "1:3: expected ',' or ']'"),
	NO("[1+1]", "1:3: expected ',' or ']'"),
	NO("1f", "1:2: expected the end of the document"),
	NO("1n", "1:2: expected the end of the document"),
	NO("/1", "1:1: expected a value"),
	NO("\xef\xbc\x91", "1:1: expected a value"), /* a full-width one */
	NO("1\xd9\xa1", "1:2: expected the end of the document"),
};

/* Section 7: strings and their escapes. */
static const struct row strings[] = {
	OK("\"a\""),
	OK("\" \""),
	OK("\"123456789012345\""),
	OK("\"1234567890123456\""),
	OK("\"12345678901234567\""),
	OK("\"0123456789012345678901234567890123456789012345678901234567890123456789\""),
	OK("\"/\""),
	OK("\"'\""),
	OK("\"!#$%&()*+,-.;<=>?@[]^_`{|}~\""),
	OK("\"\x7f\""),
	OK("\"\\\"\""),
	OK("\"\\\\\""),
	OK("\"\\/\\b\\f\\n\\r\\t\""),
	OK("\"\\u0000\""),
	OK("\"\\u001f\\u0022\\u005C\""),
	OK("\"\\uABCD\\uabcd\\uAbCd\""),
	OK("\"\\ud83d\\ude00\""),
	OK("\"\\uD800\\uDC00\\udbff\\udfff\""),
	OK("\"\\ud7ff\\ue000\\uffff\""),
	OK("\"\\ufffe\""),
	OK("\"\\\\u0041\""),
	OK("\"\\\\\\\\\""),
	OK("\"123456789012345\\n\""),
	OK("\"1234567890123456\\n1234567890123456\""),
	OK("\"\\u00e9 \xc3\xa9\""),
	NO("\"", "1:2: unexpected end, expected '\"' at the end of the string"),
	NO("\"a", "1:3: unexpected end, expected '\"' at the end of the string"),
	NO("[\"a", "1:4: /0: unexpected end, expected '\"' at the end of the string"),
	NO("\"\\\"", "1:4: unexpected end, expected '\"' at the end of the string"),
	NO("\"\\", "1:2: expected an escape sequence"),
	NO("\"a\\\\\\\"", "1:7: unexpected end, expected '\"' at the end of the string"),
	NO("\"\0\"", "1:2: expected no control character in a string"),
	NO("\"a\x01\"", "1:3: expected no control character in a string"),
	NO("\"\x1f\"", "1:2: expected no control character in a string"),
	NO("\"\n\"", "1:2: expected no control character in a string"),
	NO("\"\r\"", "1:2: expected no control character in a string"),
	NO("\"\t\"", "1:2: expected no control character in a string"),
	NO("\"1234567890123456\x1f\"", "1:18: expected no control character in a string"),
	NO("[\"a\",\"b\nc\"]", "1:8: /1: expected no control character in a string"),
	NO("\"\\a\"", "1:2: expected an escape sequence"),
	NO("\"\\x41\"", "1:2: expected an escape sequence"),
	NO("\"\\0\"", "1:2: expected an escape sequence"),
	NO("\"\\v\"", "1:2: expected an escape sequence"),
	NO("\"\\'\"", "1:2: expected an escape sequence"),
	NO("\"\\N\"", "1:2: expected an escape sequence"),
	NO("\"\\ \"", "1:2: expected an escape sequence"),
	NO("\"\\\n\"", "1:2: expected an escape sequence"),
	NO("\"\\\0\"", "1:2: expected an escape sequence"),
	NO("\"\\U0041\"", "1:2: expected an escape sequence"),
	NO("\"\\\xc3\xa9\"", "1:2: expected an escape sequence"),
	NO("\"\\u\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u1\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u12\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u123\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u123", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u12g4\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u{41}\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u+041\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u 041\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u00@0\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u00`0\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u00G0\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\u00\x10\x31\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\udbff\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\udc00\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\udfff\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800x\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800\\n\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800\\u0041\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800\\ud800\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800\\ue000\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800\\udc0\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\ud800udc00\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\udc00\\udc00\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"\\udc00\\ud800\"", "1:2: expected four hexadecimal digits, and no lone surrogate"),
	NO("\"ok\\ud83d\\ude00\\ud83d\"",
	   "1:16: expected four hexadecimal digits, and no lone surrogate"),
};

/* Section 8.1 and RFC 3629: UTF-8, and of it only the shortest forms of scalar values. */
static const struct row utf8[] = {
	OK("\"\xc2\x80\""),
	OK("\"\xdf\xbf\""),
	OK("\"\xe0\xa0\x80\""),
	OK("\"\xec\xbf\xbf\""),
	OK("\"\xed\x80\x80\""),
	OK("\"\xed\x9f\xbf\""),
	OK("\"\xee\x80\x80\""),
	OK("\"\xef\xbf\xbf\""),
	OK("\"\xef\xbf\xbe\""),
	OK("\"\xef\xbb\xbf\""), /* a BOM inside is a character */
	OK("\"\xe2\x80\xa8\xe2\x80\xa9\""),
	OK("\"\xf0\x90\x80\x80\""),
	OK("\"\xf0\xbf\xbf\xbf\""),
	OK("\"\xf1\x80\x80\x80\""),
	OK("\"\xf3\xbf\xbf\xbf\""),
	OK("\"\xf4\x8f\xbf\xbf\""),
	OK("\"a\xc3\xa9\xe6\x9d\xb1\xf0\x9f\x98\x80z\""),
	OK("{\"\xc3\xa9\":\"\xe6\x9d\xb1\"}"),
	OK("\"123456789012345\xc3\xa9\""),
	OK("\"1234567890123456\xc3\xa9\\n\xc3\xa9\""),
	NO("\"\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xbf\"", "1:2: expected valid UTF-8"),
	NO("\"a\xbf\"", "1:3: expected valid UTF-8"),
	NO("\"\xc3\"", "1:2: expected valid UTF-8"),
	NO("\"\xc3", "1:2: expected valid UTF-8"),
	NO("\"\xc3\xa9\xa9\"", "1:3: expected valid UTF-8"),
	NO("\"\xc3\xc3\xa9\"", "1:2: expected valid UTF-8"),
	NO("\"\xe6\x9d\"", "1:2: expected valid UTF-8"),
	NO("\"\xe6\"", "1:2: expected valid UTF-8"),
	NO("\"\xf0\x9f\x98\"", "1:2: expected valid UTF-8"),
	NO("\"\xf0\x9f\"", "1:2: expected valid UTF-8"),
	NO("\"\xf0\x9f\x98", "1:2: expected valid UTF-8"),
	NO("\"\xc0\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xc0\xa2\"", "1:2: expected valid UTF-8"), /* an overlong quote */
	NO("\"\xc1\xbf\"", "1:2: expected valid UTF-8"),
	NO("\"\xe0\x80\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xe0\x9f\xbf\"", "1:2: expected valid UTF-8"),
	NO("\"\xf0\x80\x80\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xf0\x8f\xbf\xbf\"", "1:2: expected valid UTF-8"),
	NO("\"\xed\xa0\x80\"", "1:2: expected valid UTF-8"), /* surrogates */
	NO("\"\xed\xbf\xbf\"", "1:2: expected valid UTF-8"),
	NO("\"\xed\xa0\x81\xed\xb0\x80\"", "1:2: expected valid UTF-8"), /* CESU-8 */
	NO("\"\xf4\x90\x80\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xf5\x80\x80\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xf7\xbf\xbf\xbf\"", "1:2: expected valid UTF-8"),
	NO("\"\xf8\x88\x80\x80\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xfc\x84\x80\x80\x80\x80\"", "1:2: expected valid UTF-8"),
	NO("\"\xfe\"", "1:2: expected valid UTF-8"),
	NO("\"\xff\"", "1:2: expected valid UTF-8"),
	NO("\"1234567890123456\xff\"", "1:18: expected valid UTF-8"),
	NO("\"\xc3\xa9\xc3\xa9\xff\"", "1:4: expected valid UTF-8"), /* a column a character */
	NO("{\"a\xff\":1}", "1:4: expected valid UTF-8"),
	NO("[\"\xe6\x9d\xb1\",\"\xff\"]", "1:7: /1: expected valid UTF-8"),
	NO("\xff", "1:1: expected a value"),
	NO("\xc3\xa9", "1:1: expected a value"),
};

/* Section 4: objects. Names are unique here, whatever way they are written. */
static const struct row objects[] = {
	OK("{\"\":1}"),
	OK("{\"\":{\"\":{\"\":0}}}"),
	OK("{\"a\":1,\"b\":2}"),
	OK("{\"a\":1,\"A\":2}"),
	OK("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}"),
	OK("[{\"a\":1},{\"a\":1}]"),
	OK("{\"a\":1,\"a \":2,\" a\":3}"),
	OK("{\"a\":1,\"aa\":2,\"aaa\":3,\"aaaa\":4,\"aaaaa\":5}"),
	OK("{\"\xc3\xa9\":1,\"e\xcc\x81\":2}"), /* no normalisation */
	OK("{\"a\\u0000\":1,\"a\":2}"),
	OK("{\"a\\u0000b\":1,\"a\\u0000c\":2}"),
	OK("{\"\\\\u0061\":1,\"a\":2}"),
	OK("{\"__proto__\":1,\"constructor\":2}"),
	OK("{\"abcd1efg\":1,\"abcd2efg\":2}"), /* the same to the quick hash */
	OK("{\"a\":1 ,\n\"b\" : 2 }"),
	NO("{", "1:2: unexpected end, expected a key in double quotes"),
	NO("{,}", "1:2: expected a key in double quotes"),
	NO("{\"a\"}", "1:5: expected ':'"),
	NO("{\"a\"", "1:5: unexpected end, expected ':'"),
	NO("{\"a\" 1}", "1:6: expected ':'"),
	NO("{\"a\",1}", "1:5: expected ':'"),
	NO("{\"a\"::1}", "1:6: /a: expected a value"),
	NO("{\"a\":", "1:6: /a: unexpected end, expected a value"),
	NO("{\"a\":}", "1:6: /a: expected a value"),
	NO("{\"a\":1", "1:7: unexpected end, expected ',' or '}'"),
	NO("{\"a\":1,", "1:8: unexpected end, expected a key in double quotes"),
	NO("{\"a\":1,}", "1:8: expected a key in double quotes"),
	NO("{\"a\":1]", "1:7: expected ',' or '}'"),
	NO("{\"a\":1 \"b\":2}", "1:8: expected ',' or '}'"),
	NO("{\"a\":1;\"b\":2}", "1:7: expected ',' or '}'"),
	NO("{\"a\":1,,\"b\":2}", "1:8: expected a key in double quotes"),
	NO("{a:1}", "1:2: expected a key in double quotes"),
	NO("{'a':1}", "1:2: expected a key in double quotes"),
	NO("{1:1}", "1:2: expected a key in double quotes"),
	NO("{null:1}", "1:2: expected a key in double quotes"),
	NO("{[]:1}", "1:2: expected a key in double quotes"),
	NO("{\"a\":1 2}", "1:8: expected ',' or '}'"),
	NO("{\"a", "1:4: unexpected end, expected '\"' at the end of the string"),
	NO("{\"x\":{\"a\n\":1}}", "1:9: /x: expected no control character in a string"),
	NO("{\"a\":{\"b\":[0,1,{\"c\":nul}]}}", "1:21: /a/b/2/c: expected a value"),
	NO("{\"a/b\":{\"c~d\":x}}", "1:15: /a~1b/c~0d: expected a value"),
	NO("{\"\\u0061\\n\":x}", "1:13: /a\n: expected a value"),
	NO("{\n  \"a\": 1,\n  \"b\": [\n    x\n  ]\n}", "4:5: /b/0: expected a value"),
	NO("{\"\xe6\x9d\xb1\":x}", "1:6: /\xe6\x9d\xb1: expected a value"),
	NO("{\"a\":1,\"a\":2}", "1:8: /a: duplicate key"),
	NO("{\"a\":1,\"a\":1}", "1:8: /a: duplicate key"),
	NO("{\"\":1,\"\":2}", "1:7: /: duplicate key"),
	NO("{\"\":1,\"\" :2}", "1:7: /: duplicate key"),
	NO("{\"a\" :1,\"a\":2}", "1:9: /a: duplicate key"),
	NO("{\"ab\":1,\"ab\"\n:2}", "1:9: /ab: duplicate key"),
	NO("{\"a\":1,\"b\":2,\"a\":3}", "1:14: /a: duplicate key"),
	NO("{\"a\":1,\"\\u0061\":2}", "1:8: /a: duplicate key"),
	NO("{\"\\u0061\":1,\"a\":2}", "1:13: /a: duplicate key"),
	NO("{\"\\u0061\":1,\"\\u0061\":2}", "1:13: /a: duplicate key"),
	NO("{\"/\":1,\"\\/\":2}", "1:8: /~1: duplicate key"),
	NO("{\"\\n\":1,\"\\u000A\":2}", "1:9: /\n: duplicate key"),
	NO("{\"\xc3\xa9\":1,\"\\u00E9\":2}", "1:8: /\xc3\xa9: duplicate key"),
	NO("{\"\xf0\x9f\x98\x80\":1,\"\\uD83D\\uDE00\":2}",
	   "1:8: /\xf0\x9f\x98\x80: duplicate key"),
	NO("{\"a\\u0000\":1,\"\\u0061\\u0000\":2}", "1:14: /a: duplicate key"),
	NO("{\"abcdefghij\":1,\"abc\\u0064efghij\":2}", "1:17: /abcdefghij: duplicate key"),
	NO("{\"abcdefghij\":1,\"x\":{},\"abcdefghij\":2}", "1:24: /abcdefghij: duplicate key"),
	NO("[{\"x\":{\"a\":[[],{}],\"b\":0,\"a\":1}}]", "1:26: /0/x/a: duplicate key"),
};

/* Reads a row's text from a block of its size, so that a sanitizer sees what is read beside it. */
static void check(struct tap *t, const char *section, const struct row *row, size_t i)
{
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	ab_autofree unsigned char *text = calloc(1, row->size + AB_HOLD_PAD);
	struct ab_err err = { 0 };
	int status;

	if (!text)
		return;
	memcpy(text, row->text, row->size);
	status = ab_json_read(&tape, text, row->size, NULL, &err);
	if (!row->error) {
		if (!tap_ok(t, status == 0 && tape.n > 0, "%s %zu is taken", section, i))
			printf("# %s\n# %s\n", row->text, err.msg);
		return;
	}
	if (!tap_ok(t, status == -1 && err.status == AB_EXIT_NO && strcmp(err.msg, row->error) == 0,
		    "%s %zu is refused at its place", section, i))
		printf("# %s\n# got:  %s\n# want: %s\n", row->text, err.msg, row->error);
	/* The same text as a line among others: a newline behind it instead of zeros. */
	memset(text + row->size, '\n', AB_HOLD_PAD);
	status = ab_json_read(&tape, text, row->size, NULL, &err);
	if (!tap_ok(t, status == -1 && strcmp(err.msg, row->error) == 0,
		    "%s %zu is refused as a line", section, i))
		printf("# %s\n# got:  %s\n# want: %s\n", row->text, err.msg, row->error);
}

/* What is accepted needs all its bytes: no text cut short by one is a document as well. */
static void check_cut(struct tap *t, const char *text)
{
	ab_auto(ab_json_tape_free) struct ab_json_tape tape = { 0 };
	size_t size = strlen(text), taken = 0;

	for (size_t n = 0; n < size; n++) {
		ab_autofree unsigned char *cut = calloc(1, n + AB_HOLD_PAD);
		struct ab_err err;

		if (!cut)
			return;
		memcpy(cut, text, n);
		taken += ab_json_read(&tape, cut, n, NULL, &err) == 0;
		memset(cut + n, '\n', AB_HOLD_PAD);
		taken += ab_json_read(&tape, cut, n, NULL, &err) == 0;
	}
	tap_ok(t, taken == 0, "no prefix of a document is a document");
}

int main(void)
{
	static const struct {
		const char *name;
		const struct row *rows;
		size_t n;
	} sections[] = {
		{ "structure", structure, AB_ARRAY_SIZE(structure) },
		{ "literal", literals, AB_ARRAY_SIZE(literals) },
		{ "number", numbers, AB_ARRAY_SIZE(numbers) },
		{ "string", strings, AB_ARRAY_SIZE(strings) },
		{ "UTF-8", utf8, AB_ARRAY_SIZE(utf8) },
		{ "object", objects, AB_ARRAY_SIZE(objects) },
	};
	struct tap t = { 0 };

	for (size_t s = 0; s < AB_ARRAY_SIZE(sections); s++) {
		for (size_t i = 0; i < sections[s].n; i++)
			check(&t, sections[s].name, &sections[s].rows[i], i);
	}
	check_cut(&t,
		  "{\"a\":[1.5e+10,\"\\ud83d\\ude00\xc3\xa9\",{\"b\":[true,false,null]}],"
		  "\"c\":\"a longer string, more than sixteen bytes\",\"d\":123456789012345678}");
	return tap_done(&t);
}
