# SPDX-License-Identifier: Apache-2.0
# ab-scrub --exec-classifier: a site's own model adds findings, and nothing comes out where it fails.

load lib

setup() {
	needs python3
	cd "$BATS_TEST_TMPDIR"
	chmod 755 . # the jail's user reads the program
}

# classifier BODY: the program ./model, which has the document as `data`.
classifier() {
	printf '#!/usr/bin/python3\nimport json, sys, time\ndata = sys.stdin.buffer.read()\n%s\n' "$1" >model
	chmod 755 model
}

# prints LINE...: the program prints these lines.
prints() {
	printf '%s\n' "$@" >answer
	classifier "$(printf 'sys.stdout.write(%s)' "$(jq -Rs . <answer)")"
}

# scrub TEXT [OPTION...]
scrub() {
	printf %s "$1" >in
	shift
	ab-scrub --policy output --exec-classifier ./model "$@" in
}

# fails LINE MESSAGE: status 3, nothing comes out, and the message is the whole line.
fails() {
	prints "$1"
	run -3 --separate-stderr scrub 'the blue plan'
	equals "$output" ""
	equals "$stderr" "ab-scrub: --exec-classifier: line 1: $2"
}

@test "a classifier's findings are redacted, reported and counted as any others" {
	classifier 'i = data.find(b"blue")
print(json.dumps({"rule": "site.blue", "category": "secret", "severity": "low", "action": "redact", "start": i, "end": i + 4}))'
	run -0 --separate-stderr scrub 'the blue plan' --report r
	equals "$output" "the [REDACTED:site.blue] plan"
	equals "$stderr" "ab-scrub: 1 redacted, 0 warned of"
	run -0 jq -r '[.rule,.category,.severity,.action,.start,.end,.line,.column,.path,.preview]|@csv' r
	equals "$output" '"site.blue","secret","low","redact",4,8,1,5,"exec","b***"'
}

@test "a silent classifier changes nothing, an empty document is not given to it" {
	classifier ''
	run -0 --separate-stderr scrub '{"a":  "x"}'
	equals "$output" '{"a":  "x"}'
	equals "$stderr" ""
	classifier 'sys.exit(7)'
	run -0 --separate-stderr scrub ''
	equals "$output" ""
}

@test "without action and span the whole document is blocked" {
	prints '{"rule":"site.mood","category":"injection"}'
	run -1 --separate-stderr scrub 'the blue plan'
	equals "$output" ""
	equals "$stderr" "ab-scrub: site.mood: 1:1: blocked"
	run -1 --separate-stderr scrub '{"a":["x"]}'
	equals "$stderr" "ab-scrub: site.mood: /? (key): blocked"
}

@test "it cannot take a finding away: not by silence, not by a rule of the same name" {
	classifier ''
	run -1 --separate-stderr scrub 'a eval(x) b'
	equals "$stderr" "ab-scrub: code.eval: 1:3: blocked"
	prints '{"rule":"code.eval","category":"code","action":"log","start":0,"end":11}'
	run -1 --separate-stderr scrub 'a eval(x) b'
	equals "$output" ""
	equals "$stderr" "ab-scrub: code.eval: 1:1: blocked"
	prints '{"rule":"site.all","category":"code","action":"redact","start":0,"end":11}'
	run -1 --separate-stderr scrub 'a eval(x) b'
	equals "$output" ""
	prints '{"rule":"code.eval","category":"pii","action":"log","start":0,"end":11}'
	run -3 scrub 'a eval(x) b'
}

@test "a redaction in JSON leaves JSON: no half escape, no bracket, no key" {
	claim() { prints '{"rule":"site.x","category":"pii","action":"redact","start":'"$1"',"end":'"$2"'}'; }
	claim 9 10 # in the middle of an escape
	run -0 --separate-stderr scrub '{"a":"x\u00e9y"}'
	equals "$output" '{"a":"x[REDACTED:site.x]y"}'
	claim 16 17 # in the middle of a pair of them
	run -0 --separate-stderr scrub '{"a":"x\ud83d\ude00y"}'
	equals "$output" '{"a":"x[REDACTED:site.x]y"}'
	claim 8 9 # in the middle of a character
	run -0 --separate-stderr scrub '{"a":"xéy"}'
	equals "$output" '{"a":"x[REDACTED:site.x]y"}'
	claim 5 6
	run -0 --separate-stderr scrub '{"a":17}'
	equals "$output" '{"a":"[REDACTED:site.x]"}'
	for span in '9 10' '0 1' '2 3' '5 8'; do
		# shellcheck disable=SC2086
		claim $span
		run -1 --separate-stderr scrub '{"a":"xy"}'
		equals "$output" ""
	done
}

@test "what is redacted leaves JSON behind, and whole characters" {
	one() { # TEXT START END OUTPUT
		prints '{"rule":"site.x","category":"pii","action":"redact","start":'"$2"',"end":'"$3"'}'
		run -0 --separate-stderr scrub "$1"
		equals "$output" "$4"
	}
	one '{"a":true,"b":null}' 6 8 '{"a":"[REDACTED:site.x]","b":null}'
	one '[1,null]' 3 7 '[1,"[REDACTED:site.x]"]'
	one 'a é b' 3 4 'a [REDACTED:site.x] b'
	one 'a é b' 2 3 'a [REDACTED:site.x] b'
	# A rule of the policy's own, whose finding the claim goes on behind.
	prints '{"rule":"pii.email","category":"pii","action":"redact","start":10,"end":26}'
	run -0 --separate-stderr scrub '{"a":"jo@wiki.acme.org \u00e9\"x"}'
	equals "$output" '{"a":"[REDACTED:pii.email]\"x"}'
}

@test "what is no finding is trouble, and none of it is shown" {
	fails 'the document says no' 'expected a JSON object'
	fails '[1]' 'expected a JSON object'
	fails '' 'expected a JSON object'
	fails '{"rule":"site.x","category":"pii","secret":1}' 'a key that no finding has'
	fails '{"rule":"site.x","category":"pii","rule":"site.y"}' 'expected a JSON object'
	fails '{"category":"pii"}' 'rule: expected 3 to 64 of a-z 0-9 . - _'
	fails '{"rule":"Blue","category":"pii"}' 'rule: expected 3 to 64 of a-z 0-9 . - _'
	fails '{"rule":"site.x","category":"mood"}' 'category: not one of url code injection exfil pii secret'
	fails '{"rule":"site.x","category":"pii","severity":3}' 'severity: not one of low medium high critical'
	fails '{"rule":"site.x","category":"pii","action":"off"}' 'action: not one of log warn redact block'
	fails '{"rule":"site.x","category":"pii","start":3}' 'expected start and end to be two integers'
	for span in '-1,"end":2' '2,"end":2' '0,"end":14' '9223372036854775807,"end":1'; do
		fails '{"rule":"site.x","category":"pii","action":"log","start":'"$span"'}' \
			'start and end: expected 0 <= start < end <= 13, the size of the document'
	done
}

@test "a good line before a wrong one does not help" {
	prints '{"rule":"site.x","category":"pii","action":"log"}' 'oops'
	run -3 --separate-stderr scrub 'the blue plan'
	equals "$output" ""
	equals "$stderr" "ab-scrub: --exec-classifier: line 2: expected a JSON object"
}

@test "one that fails, is killed, floods or hangs is trouble" {
	status() {
		run -3 --separate-stderr scrub 'the blue plan' "${@:2}"
		equals "$output" ""
		contains "$stderr" "ab-scrub: --exec-classifier: $1"
		equals "$(wc -l <<<"$stderr")" 1
	}
	classifier 'sys.exit(7)'
	status 'exit status 7'
	classifier 'print("{\"rule\":\"site.x\",\"category\":\"pii\"}"); sys.exit(1)'
	status 'exit status 1'
	classifier 'import os; os.abort()'
	status 'exit status 134'
	classifier 'sys.stdout.write("x" * (17 << 20))'
	status 'exit status 137'
	classifier 'time.sleep(60)'
	status 'exit status 124' --classifier-time 300ms
	rm model
	status 'exit status 127'
}

@test "it runs in the jail: no network, no files, no receipt; its data by --classifier-ro" {
	echo blue >words
	classifier 'import os
assert not os.path.exists("/etc/passwd")
assert not [k for k in os.environ if k.startswith("AB_")]
w = open("'"$PWD"'/words").read().strip().encode()
print(json.dumps({"rule": "site.word", "category": "pii", "action": "redact", "start": data.find(w), "end": data.find(w) + len(w)}))'
	run -3 scrub 'the blue plan'
	run -0 --separate-stderr scrub 'the blue plan' --classifier-ro "$PWD/words"
	equals "$output" "the [REDACTED:site.word] plan"
	printf 'the blue plan' >in
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key XDG_RUNTIME_DIR=
	eval "$(ab-audit begin --log ./log --type test)"
	run -0 --separate-stderr ab-scrub --policy output --exec-classifier ./model --classifier-ro "$PWD/words" in
	run -0 jq -rc 'select(.tool) | [.tool,.verdict,.facts.classifier,.facts.findings["site.word"]]' "$AB_RECEIPTS"
	equals "$output" '["ab-scrub","passed","./model",1]'
	rm -r "${AB_RECEIPTS%/*}"
}

@test "a document larger than any pipe goes in whole, read or not" {
	classifier 'print(json.dumps({"rule": "site.end", "category": "pii", "action": "redact", "start": len(data) - 4, "end": len(data)}))'
	yes 'a plain line of text' | head -c 3000000 >in
	printf blue >>in
	run -0 bash -c 'ab-scrub --policy output --exec-classifier ./model <in 2>/dev/null | tail -c 19'
	equals "$output" "[REDACTED:site.end]"
	printf '#!/usr/bin/python3\n' >model
	run -0 bash -c 'ab-scrub --policy output --exec-classifier ./model <in | cmp - in'
}

@test "what it prints can be checked with its schema" {
	printf '{"rule":"site.x","category":"pii","action":"log","start":1,"end":2}' >a
	run -0 ab-validate --schema "$AB_TOP/schemas/finding.schema.json" a
	printf 'see https://evil.example/' >in
	run -1 ab-scrub --policy output --report r in
	run -0 ab-validate --schema "$AB_TOP/schemas/finding.schema.json" r
	run -1 ab-validate --schema "$AB_TOP/schemas/finding.schema.json" <<<'{"rule":"site.x","category":"pii","zap":1}'
	run -1 ab-validate --schema "$AB_TOP/schemas/finding.schema.json" <<<'{"rule":"site.x","category":"pii","start":1}'
}

@test "options that need each other, or cannot stand together" {
	classifier ''
	bad() {
		run -2 --separate-stderr ab-scrub --policy output "${@:2}" </dev/null
		equals "$stderr" "ab-scrub: $1"
	}
	bad '--exec-classifier: not with --lines' --lines --exec-classifier ./model
	bad '--exec-classifier: not with --test-policy' --test-policy --exec-classifier ./model
	bad '--exec-classifier: expected a program' --exec-classifier ''
	bad '--classifier-time: only with --exec-classifier' --classifier-time 1s
	bad '--classifier-ro: only with --exec-classifier' --classifier-ro /x
}
