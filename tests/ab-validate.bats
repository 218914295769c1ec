# SPDX-License-Identifier: Apache-2.0
# ab-validate: what passes, what is refused, and in which words.

load lib

setup() { cd "$BATS_TEST_TMPDIR"; }

# schema TEXT: writes the schema s.json.
schema() { printf %s "$1" >s.json; }

# passes TEXT [OPTION...]: comes out byte for byte, silently.
passes() {
	printf %s "$1" >in
	shift
	run -0 --separate-stderr ab-validate --schema s.json "$@" in
	equals "$stderr" ""
	ab-validate --schema s.json "$@" <in | cmp - in
}

# refused TEXT LINES [OPTION...]: nothing comes out, stderr is exactly LINES.
refused() {
	printf %s "$1" >in
	local want=$2
	shift 2
	run -1 --separate-stderr ab-validate --schema s.json "$@" in
	equals "$output" ""
	equals "$stderr" "$want"
}

# bad_schema TEXT MESSAGE: exit 2 with one line, before a byte of stdin is read.
bad_schema() {
	schema "$1"
	run -2 --separate-stderr bash -c 'printf "1\n2\n" | { ab-validate --schema s.json --lines; s=$?; cat; exit $s; }'
	equals "$output" "1"$'\n'"2"
	equals "$stderr" "ab-validate: --schema: s.json: $2"
}

@test "a valid document passes byte for byte" {
	schema '{"type":"object","properties":{"a":{"type":"integer"}}}'
	passes ' { "a" :	1.0 , "b":"\u00e9\ud83d\ude00" }

'
}

@test "each error is a line with place, pointers, what was expected and what was there" {
	schema '{"type":"object","required":["id"],"properties":{"n":{"type":"string","minLength":2},"m":{"maximum":2}},"additionalProperties":false}'
	refused '{
  "n": "é",
  "m": 2.5, "x/~y": [1]}' 'ab-validate: 2:8: /n: minLength at /properties/n/minLength: expected at least 2 characters, got 1
ab-validate: 3:8: /m: maximum at /properties/m/maximum: expected at most 2, got 2.5
ab-validate: 3:21: /x~1~0y: additionalProperties at /additionalProperties: expected nothing here, got [1]
ab-validate: 1:1: required at /required: expected the member "id"'
}

@test "long values are cut, and control characters never reach the terminal" {
	schema '{"type":"integer"}'
	refused "\"$(printf 'é%.0s' {1..100})\"" "ab-validate: 1:1: type at /type: expected an integer, got \"$(printf 'é%.0s' {1..29})..."
	schema '{"properties":{"a":{"const":1}}}'
	refused $'{"a":"\xc2\x9b31m"}' 'ab-validate: 1:6: /a: const at /properties/a/const: expected 1, got "??31m"'
}

@test "of many errors 20 are told and the others counted" {
	schema '{"items":{"type":"string"}}'
	run -1 --separate-stderr ab-validate --schema s.json <<<"[$(seq -s, 1 50)]"
	equals "$(wc -l <<<"$stderr")" 21
	contains "$stderr" "ab-validate: 30 more errors"
}

@test "--redact tells no value and no name that the schema does not know" {
	schema '{"properties":{"known":{"type":"string"}},"additionalProperties":{"enum":["a"]},"propertyNames":{"maxLength":8}}'
	refused '{"known":4711,"secretname":"hunter2"}' 'ab-validate: 1:10: /known: type at /properties/known/type: expected a string, got a number
ab-validate: 1:28: /*: enum at /additionalProperties/enum: expected one of "a", got a string
ab-validate: 1:15: maxLength at /propertyNames/maxLength: expected at most 8 characters, got a name' --redact
	printf '{"hunter2": nul}' >in
	run -1 --separate-stderr ab-validate --schema s.json --redact in
	equals "$stderr" "ab-validate: 1:13: not strict JSON"
}

@test "empty input and half a document are refused" {
	schema 'true'
	refused '' 'ab-validate: expected a JSON document, got nothing'
	refused $' \n ' 'ab-validate: expected a JSON document, got nothing'
	refused '{"a":' 'ab-validate: 1:6: /a: unexpected end, expected a value'
	refused '[1' 'ab-validate: 1:3: unexpected end, expected '\'','\'' or '\'']'\'''
	run -1 --separate-stderr ab-validate --schema s.json --lines </dev/null
	equals "$stderr" "ab-validate: expected a JSON document, got nothing"$'\n'"ab-validate: 1 of 1 lines refused"
}

@test "numbers are what they say" {
	schema '{"multipleOf":0.01}'
	passes 19.99
	passes 4.35
	schema '{"const":9007199254740992}'
	passes 9007199254740992.0
	passes 9.007199254740992e15
	refused 9007199254740993 'ab-validate: 1:1: const at /const: expected 9007199254740992, got 9007199254740993'
	schema '{"exclusiveMinimum":0,"maximum":1e400}'
	passes 1e-400
	passes 1e400
	refused 1.1e400 'ab-validate: 1:1: maximum at /maximum: expected at most 1e400, got 1.1e400'
	schema '{"type":"integer","multipleOf":12345678910111213141516171819202122232425262728293031}'
	passes 24691357820222426283032343638404244464850525456586062
	passes 1234567891011121314151617181920212223242526272829303.1e400
	run -1 ab-validate --schema s.json <<<24691357820222426283032343638404244464850525456586063
	schema '{"uniqueItems":true}'
	passes '[1,1.5,10,"1",true,{"a":1},{"a":2},[1]]'
	refused '[{"a":1,"b":[10]},{"b":[1e1],"a":1.0}]' 'ab-validate: 1:19: /1: uniqueItems at /uniqueItems: expected items that all differ, got a second {"b":[1e1],"a":1.0}'
}

@test "a schema that cannot be used is exit 2 before one byte of input is read" {
	bad_schema '{"type":"strin"}' '/type: anyOf: expected a match of one of 2 schemas, got "strin"'
	bad_schema '{"minimum":"3"}' '/minimum: type: expected a number, got "3"'
	bad_schema '{"properties":{"a":{"pattern":"("}}}' '/properties/a/pattern: bad pattern at 1: missing )'
	bad_schema '{"$ref":"#/$defs/x"}' '/$ref: nothing at #/$defs/x there'
	bad_schema '{"$ref":"http://example.com/x"}' '/$ref: no schema for "http://example.com/x" (give it with --ref)'
	bad_schema '{"$schema":"http://example.com/draft"}' '/$schema: unknown $schema "http://example.com/draft"'
	bad_schema '{"allOf":[{"$ref":"#"}]}' ': refers to itself for the same value, without end'
	bad_schema '{"$ref":"#a"}' '/$ref: no anchor "a" there'
	bad_schema '[]' ': type: expected a boolean or an object, got []'
	bad_schema '{"type":"string",}' '1:18: expected a key in double quotes'
}

@test "usage errors" {
	run -2 --separate-stderr ab-validate </dev/null
	equals "$stderr" "ab-validate: --schema: required; try ab-validate --help"
	run -2 ab-validate --schema missing.json </dev/null
	schema true
	run -2 ab-validate --schema s.json missing.json
	run -2 ab-validate --schema s.json --draft 5 </dev/null
	run -2 ab-validate --schema s.json --reject r </dev/null
	run -2 ab-validate --check-schema
}

@test "a part of a file, JSON or YAML, is a schema of its own" {
	cat >wf.yaml <<'Y'
spec:
  input:
    schema:
      $ref: '#/$defs/name'
      $defs: { name: { type: string, pattern: '^[a-z]+$' } }
Y
	run -0 ab-validate --schema 'wf.yaml#/spec/input/schema' <<<'"abc"'
	equals "$output" '"abc"'
	run -1 --separate-stderr ab-validate --schema 'wf.yaml#/spec/input/schema' <<<'"a1"'
	equals "$stderr" 'ab-validate: 1:1: pattern at /$defs/name/pattern: expected a match of "^[a-z]+$", got "a1"'
	run -2 --separate-stderr ab-validate --schema 'wf.yaml#/spec/output' <<<'1'
	equals "$stderr" 'ab-validate: --schema: wf.yaml#/spec/output: nothing at /spec/output'
}

@test "--lines: valid lines pass in order, the others do not" {
	schema '{"type":"integer"}'
	printf '1\n"x"\n 2 \r\n\nnull\n3' >in
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines --reject no <in >out'
	printf '1\n 2 \r\n3' | cmp - out
	printf '"x"\n\nnull\n' | cmp - no
	equals "$stderr" 'ab-validate: 2:1: type at /type: expected an integer, got "x"
ab-validate: 4:1: empty line
ab-validate: 5:1: type at /type: expected an integer, got null
ab-validate: 3 of 6 lines refused'
	run -0 --separate-stderr ab-validate --schema s.json --lines <<<$'1\n2'
	equals "$output" $'1\n2'
}

@test "--lines: a line is a document whatever stands behind it" {
	schema '{"type":["number","boolean"]}'
	printf '1\n2\ntru\ne\n-\n5\n' >in
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines <in'
	equals "$output" $'1\n2\n5'
	contains "$stderr" "3 of 6 lines refused"
	seq 100000 >in
	ab-validate --schema s.json --lines <in | cmp - in
	ab-validate --schema s.json --lines < <(head -c 70000 in; head -c 70000 /dev/zero | tr '\0' ' '; echo) >out || true
	cmp <(head -c 70000 in | head -n -1) <(head -n "$(head -c 70000 in | head -n -1 | wc -l)" out)
}

@test "--lines: carriage returns, blanks and a missing newline at the end" {
	schema '{"type":"integer"}'
	printf '1\r\n\r\n \t\n"x"\r\n2\r' >in
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines --reject no --report r <in >out'
	printf '1\r\n2\r' | cmp - out
	printf '\r\n \t\n"x"\r\n' | cmp - no
	equals "$(jq -c '[.line, .error]' r)" '[2,"2:1: empty line"]
[3,"3:1: empty line"]
[4,"expected an integer, got \"x\""]'
	printf '1\n"x"' >in
	run -1 bash -c 'ab-validate --schema s.json --lines --reject no <in >out 2>/dev/null'
	printf '1\n' | cmp - out
	printf '"x"' | cmp - no
	for text in '' '\n' '\n\n'; do
		printf "$text" >in
		run -1 --separate-stderr ab-validate --schema s.json --lines in
		equals "$output" ""
	done
	printf '1\n2\n' >a; printf '"x"\n3' >b
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines a b >out'
	printf '1\n2\n3' | cmp - out
	equals "$stderr" $'ab-validate: b: 1:1: type at /type: expected an integer, got "x"\nab-validate: 1 of 4 lines refused'
}

@test "bytes that are no strict JSON have one verdict: refused, where they stand" {
	schema 'true'
	printf '"a\xc0\xafb"\n"\xed\xa0\x80"\n"\xff"\n"\xf4\x90\x80\x80"\n"\xe2\x82"\n"a\0b"\n\0\n1\0\n"\\ud800"\n"\\udc00\\ud800"\n{"a":1,"\\u0061":2}\n\xef\xbb\xbf1\n1 2\nNaN\n01\n[1,]\n"\t"\n' >in
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines --output flag <in'
	equals "$output" ""
	equals "$(jq -c '[.line, .error]' <<<"$stderr")" '[1,"1:3: expected valid UTF-8"]
[2,"2:2: expected valid UTF-8"]
[3,"3:2: expected valid UTF-8"]
[4,"4:2: expected valid UTF-8"]
[5,"5:2: expected valid UTF-8"]
[6,"6:3: expected no control character in a string"]
[7,"7:1: expected a value"]
[8,"8:2: expected the end of the document"]
[9,"9:2: expected four hexadecimal digits, and no lone surrogate"]
[10,"10:2: expected four hexadecimal digits, and no lone surrogate"]
[11,"11:8: /a: duplicate key"]
[12,"12:1: expected a value, not a byte order mark"]
[13,"13:3: expected the end of the document"]
[14,"14:1: expected a value"]
[15,"15:1: expected no leading zero"]
[16,"16:4: /1: expected a value"]
[17,"17:2: expected no control character in a string"]'
}

@test "--fail-fast stops at the first refusal" {
	schema '{"type":"integer"}'
	run -1 --separate-stderr ab-validate --schema s.json --lines --fail-fast <<<$'1\n"x"\n2'
	equals "$output" 1
	contains "$stderr" "1 of 2 lines refused"
}

@test "several files: each by itself" {
	schema '{"type":"integer"}'
	echo 1 >a; echo '"x"' >b; echo 3 >c
	run -1 --separate-stderr ab-validate --schema s.json a b c
	equals "$output" $'1\n3'
	equals "$stderr" $'ab-validate: b: 1:1: type at /type: expected an integer, got "x"\nab-validate: 1 of 3 documents refused'
}

@test "a pattern that runs into its limit is undecided, under not and if too" {
	for s in '{"pattern":"(?=a)^(a+)+$"}' '{"not":{"pattern":"(?=a)^(a+)+$"}}' \
		'{"if":{"pattern":"(?=a)^(a+)+$"},"then":true,"else":true}' \
		'{"anyOf":[{"pattern":"(?=a)^(a+)+$"},true]}'; do
		schema "$s"
		run -3 --separate-stderr ab-validate --schema s.json <<<"\"$(printf 'a%.0s' {1..60})!\""
		equals "$output" ""
		equals "$stderr" "ab-validate: undecided: a pattern ran into its limit"
	done
}

@test "other documents come by --ref and --ref-dir, and by nothing else" {
	mkdir d
	echo '{"$id":"http://x.test/d/int.json","type":"integer"}' >d/int.json
	echo '{"type":"string"}' >str.json
	schema '{"anyOf":[{"$ref":"http://x.test/d/int.json"},{"$ref":"http://x.test/str"}]}'
	run -2 --separate-stderr ab-validate --schema s.json --ref http://x.test/str=str.json <<<1
	contains "$stderr" 'no schema for "http://x.test/d/int.json"'
	passes 1 --ref http://x.test/str=str.json --ref-dir http://x.test/=.
	passes '"a"' --ref http://x.test/str=str.json --ref-dir http://x.test/=.
	schema '{"$ref":"http://x.test/d/../../etc/passwd"}'
	run -2 ab-validate --schema s.json --ref-dir http://x.test/d/=d <<<1
	schema '{"$ref":"http://x.test/d/%2e%2e/str.json"}'
	run -2 --separate-stderr ab-validate --schema s.json --ref-dir http://x.test/d/=d <<<'"a"'
	contains "$stderr" "no schema for"
}

@test "--check-schema checks schemas and reads no document" {
	schema '{"type":"string"}'
	echo '{"type":7}' >bad.json
	run -0 --separate-stderr ab-validate --check-schema s.json
	equals "$output$stderr" ""
	run -2 --separate-stderr ab-validate --check-schema s.json bad.json
	equals "$stderr" 'ab-validate: bad.json: /type: anyOf: expected a match of one of 2 schemas, got 7'
}

@test "--output and --report are JSON with the specification's names" {
	printf %s '{"$id":"http://x.test/s","properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"anyOf":[{"type":"null"},{"minimum":3}]}}}' >s.json
	printf '{"a":1}\n{"a":3}\n' >in
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines --output flag --report r <in >/dev/null'
	equals "$stderr" '{"line":1,"valid":false}
{"line":2,"valid":true}'
	equals "$(head -1 r)" '{"absoluteKeywordLocation":"http://x.test/s#/$defs/n/anyOf","column":6,"error":"expected a match of one of 2 schemas, got 1","instanceLocation":"/a","keyword":"anyOf","keywordLocation":"/properties/a/$ref/anyOf","line":1}'
	printf '{"a":' >half
	run -1 ab-validate --schema s.json --report r2 s.json half
	equals "$(cat r2)" '{"error":"1:6: /a: unexpected end, expected a value","file":"half","line":1}'
	run -0 bash -c 'cat r r2 | ab-validate --lines --schema "$1"' _ "$AB_TOP/schemas/error.schema.json"
	run -1 ab-validate --schema "$AB_TOP/schemas/error.schema.json" <<<'{"error":"x","line":1,"zap":1}'
	run -1 --separate-stderr ab-validate --schema s.json --output basic <<<'{"a":1}'
	equals "$(jq -c '[.errors[].keywordLocation]' <<<"$stderr")" '["/properties/a/$ref/anyOf","/properties/a/$ref/anyOf/0/type","/properties/a/$ref/anyOf/1/minimum"]'
	run -1 --separate-stderr ab-validate --schema s.json --output detailed <<<'{"a":1}'
	equals "$(jq -c '[.errors[].errors[].keywordLocation]' <<<"$stderr")" '["/properties/a/$ref/anyOf/0/type","/properties/a/$ref/anyOf/1/minimum"]'
}

@test "--output has the shape that the specification asks for, with and without \$id" {
	cat >unit.json <<'S'
{"$defs":{"unit":{"type":"object","required":["valid","keywordLocation","instanceLocation"],
 "properties":{"valid":{"const":false},"error":{"type":"string"},"errors":{"items":{"$ref":"#/$defs/unit"}},
  "keywordLocation":{"format":"json-pointer"},"instanceLocation":{"format":"json-pointer"},"absoluteKeywordLocation":{"format":"uri"}},
 "additionalProperties":false,"anyOf":[{"required":["error"]},{"required":["errors"]}],
 "if":{"properties":{"keywordLocation":{"pattern":"/\\$(ref|dynamicRef)/"}}},"then":{"required":["absoluteKeywordLocation"]}}},
 "$ref":"#/$defs/unit","required":["errors"],"properties":{"errors":{"minItems":1},"keywordLocation":{"const":""},"instanceLocation":{"const":""}}}
S
	for id in '"$id":"http://x.test/s",' '"$id":"s",' ''; do
		schema "{$id"'"properties":{"a b":{"$ref":"#/$defs/n%20%C3%A9"},"c":{"$dynamicRef":"#d"}},"$defs":{"n é":{"oneOf":[{"type":"null"},{"not":{"const":1}}]},"d":{"$dynamicAnchor":"d","items":false}}}'
		for output in basic detailed; do
			run -1 --separate-stderr ab-validate --schema s.json --output $output <<<'{"a b":1,"c":[1]}'
			run -0 ab-validate --schema unit.json --assert-format <<<"$stderr"
		done
	done
	schema '{"properties":{"a b":{"$ref":"#/$defs/n%20%C3%A9"}},"$defs":{"n é":{"type":"null"}}}'
	run -1 --separate-stderr ab-validate --schema s.json --output basic <<<'{"a b":1}'
	equals "$(jq -r '.errors[0].absoluteKeywordLocation' <<<"$stderr")" 'json-schema:///#/$defs/n%20%C3%A9/type'
}

@test "the document that was held is the one that comes out, also when it is large" {
	schema '{"items":{"type":"integer"}}'
	{ echo '['; seq -s, 1 2000000; echo ']'; } >in
	ab-validate --schema s.json <in | cmp - in
	{ echo '['; seq -s, 1 2000000; echo ',"x"]'; } >in
	run -1 --separate-stderr ab-validate --schema s.json in
	equals "$output" ""
}

@test "attacks on the evaluator end soon with the right verdict" {
	schema '{"uniqueItems":true}'
	python3 -c 'print([{"k%d" % i: i} for i in range(50000)].__repr__().replace("\x27", "\""))' >in
	within 30 ab-validate --schema s.json <in | cmp - in
	python3 -c 'import json; print(json.dumps({"$defs": {"d%d" % i: {"allOf": [{"$ref": "#/$defs/d%d" % (i + 1)}] * 2} for i in range(25)} | {"d25": {"type": "integer"}}, "$ref": "#/$defs/d0"}))' >s.json
	run -0 within 30 ab-validate --schema s.json <<<1
	run -1 within 30 ab-validate --schema s.json <<<'"a"'
	for more in '{"unevaluatedProperties": False}' '{"$dynamicAnchor": "n", "not": {"items": {"$dynamicRef": "#n"}, "type": "array"}}'; do
		python3 -c 'import json, sys; print(json.dumps({"$defs": {"d%d" % i: {"anyOf": [{"$ref": "#/$defs/d%d" % (i + 1)}] * 2} for i in range(25)} | {"d25": {"properties": {"a": {}}}}, "$ref": "#/$defs/d0", **eval(sys.argv[1])}))' "$more" >s.json
		run -0 within 30 ab-validate --schema s.json <<<'{"a":1}'
	done
	schema '{"type":["object","integer"],"$dynamicAnchor":"n","allOf":[{"properties":{"a":{"$dynamicRef":"#n"}}},{"properties":{"a":{"$dynamicRef":"#n"}}}]}'
	python3 -c 'print("{\"a\":" * 40 + "1" + "}" * 40)' >in
	run -0 within 30 ab-validate --schema s.json in
	schema '{"uniqueItems":true,"items":{"$ref":"#"}}'
	python3 -c 'print("[" * 5000 + "1" + ",2,3,4,5,6,7,8,9,10]" * 5000)' >in
	within 30 ab-validate --schema s.json <in | cmp - in
	schema '{"properties":{"a":{"$ref":"#"}},"additionalProperties":false}'
	python3 -c 'print("{\"a\":" * 9000 + "{}" + "}" * 9000)' >in
	within 30 ab-validate --schema s.json <in | cmp - in
	python3 -c 'print("{\"a\":" * 9000 + "{\"b\":1}" + "}" * 9000)' >in
	run -1 within 30 ab-validate --schema s.json --output flag in
	python3 -c 'print("[" * 100000 + "]" * 100000)' >in
	run -1 --separate-stderr within 30 ab-validate --schema s.json in
	contains "$stderr" "more than 10000"
	schema '{"type":"integer"}'
	(ulimit -s 512; python3 -c 'print("{\"a\":" * 9000 + "1" + "}" * 9000)' >in; echo '{"anyOf":[{"type":"integer"},{"additionalProperties":{"$ref":"#"}}]}' >s.json
		within 30 ab-validate --schema s.json <in >out || [ $? = 3 ])
}

@test "what each draft says, keyword by keyword" {
	run -0 "$AB_TOP/tests/conformance.py" "$AB_BUILD/bin/ab-validate" "$AB_TOP/tests/corpus/json-schema"
	contains "$output" "any 4: "
}

@test "a document without \$schema is of the draft of the schema that refers to it" {
	mkdir d
	echo '{"items":[{"type":"integer"}]}' >d/r.json
	schema '{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"http://x.test/r.json"}'
	passes '[1,"a"]' --ref-dir http://x.test/=d
	run -1 --separate-stderr ab-validate --schema s.json --ref-dir http://x.test/=d <<<'["a"]'
	schema '{"$ref":"http://x.test/r.json"}'
	run -2 --separate-stderr ab-validate --schema s.json --ref-dir http://x.test/=d <<<'["a"]'
	contains "$stderr" "/items: type: expected a boolean or an object"
}

@test "an error in an embedded schema of another draft has its place in the document" {
	bad_schema '{"$id":"http://x.test/a","$defs":{"o":{"id":"b","$schema":"http://json-schema.org/draft-04/schema#","items":{"id":"c","$schema":"http://json-schema.org/draft-07/schema#","if":[]},"x":{"type":[1]}},"n":{"minimum":"3"}}}' \
		'/$defs/n/minimum: type: expected a number, got "3"'
	bad_schema '{"$id":"http://x.test/a","$defs":{"p":{},"o":{"id":"b","$schema":"http://json-schema.org/draft-04/schema#","items":{"id":"c","$schema":"http://json-schema.org/draft-07/schema#","x":[]},"minimum":"3"}}}' \
		'/$defs/o/minimum: type: expected a number, got "3"'
}

# doubling KEYWORD...: a chain of 40 definitions that each use the next one twice, and more members of the root.
doubling() {
	python3 -c 'import json, sys; print(json.dumps({"$defs": {"d%d" % i: {"allOf": [{"$ref": "#/$defs/d%d" % (i + 1)}] * 2} for i in range(40)} | {"d40": {"type": "object", "properties": {"a": True}}} | json.loads(sys.argv[1]), "$ref": "#/$defs/d0"} | json.loads(sys.argv[2])))' "$@" >s.json
}

@test "doubling ends soon in a dynamic scope too" {
	doubling '{"q":{"$dynamicAnchor":"q"}}' '{"properties":{"a":{"$dynamicRef":"#q"}}}'
	run -0 within 30 ab-validate --schema s.json <<<'{"a":1}'
	run -1 within 30 ab-validate --schema s.json <<<'1'
	doubling '{}' '{"unevaluatedProperties":false}'
	run -0 within 30 ab-validate --schema s.json <<<'{"a":1}'
	run -1 within 30 ab-validate --schema s.json <<<'{"b":1}'
	schema '{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"properties":{"a":{"anyOf":[{"$recursiveRef":"#"},{"$recursiveRef":"#"}]}},"additionalProperties":false}'
	python3 -c 'print("{\"a\":" * 60 + "{\"b\":1}" + "}" * 60)' >in
	run -1 within 30 ab-validate --schema s.json --output flag in
	python3 -c 'print("{\"a\":" * 60 + "{}" + "}" * 60)' >in
	run -0 within 30 ab-validate --schema s.json in
}

@test "what one resource's dynamic scope decided holds in no other" {
	schema '{"$id":"http://x.test/m","properties":{"n":{"$ref":"numbers"},"t":{"$ref":"texts"}},"allOf":[{"properties":{"t":{"$ref":"numbers"}}}],"$defs":{
		"n":{"$id":"numbers","$ref":"list","$defs":{"i":{"$dynamicAnchor":"item","type":"number"}}},
		"t":{"$id":"texts","$ref":"list","$defs":{"i":{"$dynamicAnchor":"item","type":["number","string"]}}},
		"l":{"$id":"list","anyOf":[{"$ref":"#/$defs/all"},{"$ref":"#/$defs/all"}],"$defs":{"all":{"items":{"$dynamicRef":"#item"}},"i":{"$dynamicAnchor":"item"}}}}}'
	passes '{"n":[1],"t":[1]}'
	run -1 ab-validate --schema s.json <<<'{"t":["x"]}'
	run -1 ab-validate --schema s.json <<<'{"n":["x"]}'
}

@test "very long things have a verdict" {
	schema '{"maximum":10,"multipleOf":0.5}'
	{ printf '0.'; head -c 1000000 /dev/zero | tr '\0' 5; } >in
	run -1 within 30 ab-validate --schema s.json in
	{ printf '0.5'; head -c 1000000 /dev/zero | tr '\0' 0; } >in
	within 30 ab-validate --schema s.json in | cmp - in
	head -c 1000000 /dev/zero | tr '\0' 9 >in
	run -1 --separate-stderr within 30 ab-validate --schema s.json in
	[ ${#stderr} -lt 500 ]
	schema '{"maxLength":100000000}'
	{ printf '1\n"'; head -c 100000000 /dev/zero | tr '\0' a; printf '"\n2\n'; } >in
	ab-validate --schema s.json --lines <in | cmp - in
	schema '{"maxLength":99999999}'
	run -1 --separate-stderr bash -c 'ab-validate --schema s.json --lines <in'
	equals "$output" $'1\n2'
	python3 -c 'print("{" + ",".join("\"%s\":1" % "".join(c) for c in __import__("itertools").product(["Aa", "BB"], repeat=17)) + "}")' >in
	schema '{"additionalProperties":{"const":1},"propertyNames":{"maxLength":34}}'
	within 30 ab-validate --schema s.json in | cmp - in
}

@test "the official suite's cases pass" {
	[ -d "$AB_SHARED/data/json-schema-test-suite" ] || skip "no JSON-Schema-Test-Suite"
	run -0 "$AB_TOP/tests/conformance.py" "$AB_BUILD/bin/ab-validate" "$AB_SHARED/data/json-schema-test-suite"
}

@test "--assert-format and --assert-content decide, and without them nothing does" {
	schema '{"format":"date"}'
	passes '"yesterday"'
	passes '"2024-02-29"' --assert-format
	refused '"2023-02-29"' 'ab-validate: 1:1: format at /format: expected the format "date", got "2023-02-29"' --assert-format
	schema '{"contentEncoding":"base64","contentMediaType":"application/json","contentSchema":{"required":["a"]}}'
	passes '"!"'
	passes '"eyJhIjoxfQ=="' --assert-content
	run -1 ab-validate --schema s.json --assert-content <<<'"e30="'
	run -1 ab-validate --schema s.json --assert-content <<<'"eyJhIjoxfQ="'
	run -1 ab-validate --schema s.json --assert-content <<<'"ezp9Cg=="'
}

@test "the receipt names the schema and the first error's keyword, and holds no value" {
	export AB_AUDIT_LOG=$PWD/log AB_AUDIT_KEY_FILE=$PWD/key
	ab-audit keygen --name test --key key >/dev/null
	ab-audit init --log log >/dev/null
	eval "$(ab-audit begin --type t)"
	schema '{"properties":{"n":{"maximum":5}}}'
	echo '{"n":471147114711,"secretname":"hunter2"}' >in
	run -1 --separate-stderr ab-validate --schema s.json --stage input in
	equals "$(tail -1 "$AB_RECEIPTS" | jq -r '[.tool, .stage, .verdict, .reason, .exit, .in.sha256, .out.bytes, .facts.schema_hash] | map(tostring) | join("|")')" \
		"ab-validate|input|refused|1 error, the first: maximum at /properties/n/maximum|1|sha256:$(sha256sum <in | cut -d' ' -f1)|0|sha256:$(sha256sum <s.json | cut -d' ' -f1)"
	echo '{"a": {"properties":{"n":{"maximum":5.0}} } }' >p.json
	run -0 --separate-stderr ab-validate --schema p.json#/a <<<'{}'
	equals "$(tail -1 "$AB_RECEIPTS" | jq -r '[.verdict, .out.sha256, .facts.schema_hash] | join("|")')" \
		"passed|sha256:$(sha256sum <<<'{}' | cut -d' ' -f1)|sha256:$(printf %s '{"properties":{"n":{"maximum":5}}}' | sha256sum | cut -d' ' -f1)"
	printf '{"hunter2"' | run -1 --separate-stderr ab-validate --schema s.json
	equals "$(tail -1 "$AB_RECEIPTS" | jq -r .reason)" "not strict JSON"
	seq 100000 >many
	schema '{"maximum":5}'
	run -1 --separate-stderr ab-validate --schema s.json --lines --fail-fast <many
	equals "$output" "$(seq 5)"
	equals "$(tail -1 "$AB_RECEIPTS" | jq -c '[.in.bytes, .out.bytes]')" "[$(wc -c <many),10]"
	run ! grep -qE 'hunter2|secretname|471147114711' "$AB_RECEIPTS"
}

@test "rights are dropped before the first byte is read" {
	case $AB_BUILD in */san) skip "sanitizers need the calls that the filter forbids" ;; esac
	schema true
	mkfifo in out
	local pid
	ab-validate --schema s.json <in >out &
	pid=$! # what waits below has processes of its own
	exec 7>in 8<out
	soon grep -q '^Seccomp:	2' "/proc/$pid/status"
	grep -q '^NoNewPrivs:	1' "/proc/$pid/status"
	echo 1 >&7
	exec 7>&-
	equals "$(cat <&8)" 1
	wait "$pid"
}

@test "errors of branches that do not count are not counted" {
	schema '{"allOf":[{"anyOf":[{"items":{"type":"null"}},{"items":{"type":"integer"}}]},{"maxItems":1}]}'
	run -1 --separate-stderr ab-validate --schema s.json <<<"[$(seq -s, 1 1500)]"
	equals "$stderr" "ab-validate: 1:1: maxItems at /allOf/1/maxItems: expected at most 1 items, got 1500"
}

@test "properties in patterns are decided on long texts" {
	schema '{"pattern":"^(\\p{L}+)+$"}'
	{ printf '"'; head -c 100000 /dev/zero | tr '\0' a; printf '"'; } >in
	ab-validate --schema s.json <in | cmp - in
	{ printf '"'; head -c 100000 /dev/zero | tr '\0' a; printf '!"'; } >in
	run -1 ab-validate --schema s.json in
}
