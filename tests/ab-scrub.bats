# SPDX-License-Identifier: Apache-2.0
# ab-scrub: what comes out, what does not, and what is said about it.

load lib

# passes TEXT [OPTION...]: comes out byte for byte, silently.
passes() {
	local text=$1
	shift
	printf %s "$text" >in
	run -0 --separate-stderr ab-scrub --policy output "$@" in
	equals "$stderr" ""
	ab-scrub --policy output "$@" <in | cmp - in
}

# blocked TEXT PLACE [OPTION...]: nothing comes out, the line is "RULE: PLACE: blocked".
blocked() {
	local text=$1 place=$2
	shift 2
	printf %s "$text" >in
	run -1 --separate-stderr ab-scrub --policy output "$@" in
	equals "$output" ""
	equals "$stderr" "ab-scrub: $place: blocked"
}

setup() { cd "$BATS_TEST_TMPDIR"; }

@test "every shipped policy's examples hold" {
	for p in "$AB_TOP"/share/policies/*.json; do
		p=${p##*/}
		run -0 ab-scrub --policy "${p%.json}" --test-policy
		contains "$output" ", 0 examples failed"
	done
}

@test "every shipped policy and rule file keeps the schema, and the schema refuses an unknown key" {
	for p in "$AB_TOP"/share/policies/*.json "$AB_TOP"/share/policies/rules/*.json; do
		run -0 --separate-stderr bash -c 'ab-validate --schema "$1" "$2" >/dev/null' _ "$AB_TOP/schemas/policy.schema.json" "$p"
		equals "$stderr" ""
	done
	run -1 ab-validate --schema "$AB_TOP/schemas/policy.schema.json" <<<'{"version":1,"zap":2}'
}

@test "the labelled corpus: recall of 97 % in each category, 2 % of benign lines flagged at most" {
	needs python3
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub"
	awk '/recall/ { if ($5 < 97) exit 1; n++ } /flagged/ { if ($5 > 2) exit 1; n++ } END { exit n != 7 }' <<<"$output"
	run -0 awk 'END { print (NR >= 600) }' "$AB_TOP/tests/corpus/scrub.ndjson"
	equals "$output" 1
}

# What this one misses is not to be hidden by leaving it out: the bounds are those that hold today.
@test "the corpus of a stranger: recall of 92 % in each category, 3 % of benign lines flagged at most" {
	needs python3
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub" stranger.ndjson
	awk '/recall/ { if ($5 < 92) exit 1; n++ } /flagged/ { if ($5 > 3) exit 1; n++ } END { exit n != 7 }' <<<"$output"
}

@test "the corpus of an outsider: recall of 96 % in each category, 2 % of benign lines flagged at most" {
	needs python3
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub" outsider.ndjson
	awk '/recall/ { if ($5 < 96) exit 1; n++ } /flagged/ { if ($5 > 2) exit 1; n++ } END { exit n != 7 }' <<<"$output"
}

# A quarter of it has not been read for the rules: its bound is lower.
@test "the corpus of a newcomer: recall of 96 % in each category, 1 % of benign lines flagged at most; of what was kept back 93 %" {
	needs python3
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub" newcomer.ndjson
	awk '/recall/ { if ($5 < 96) exit 1; n++ } /flagged/ { if ($5 > 1) exit 1; n++ } END { exit n != 7 }' <<<"$output"
	run -0 "$AB_TOP/tests/corpus/measure.py" "$AB_BUILD/bin/ab-scrub" --kept-back newcomer.ndjson
	awk '/recall/ { if ($5 < 93) exit 1; n++ } /flagged/ { if ($5 > 1) exit 1; n++ } END { exit n != 7 }' <<<"$output"
}

@test "findings and their offsets are the same however a document is written" {
	needs python3
	for seed in 1 2 3; do run -0 "$AB_TOP/tests/corpus/split.py" "$AB_BUILD/bin/ab-scrub" "$seed"; done
}

@test "a document split by writes of one byte is the same document" {
	printf 'a eval(x) b' >in
	run -1 --separate-stderr ab-scrub --policy output < <(while IFS= read -r -n1 c; do printf %s "${c:- }"; done <in)
	equals "$stderr" "ab-scrub: code.eval: 1:3: blocked"
}

@test "what decodes to too much is blocked, nested deep or not" {
	head -c 100000 /dev/zero | tr '\0' '[' >in
	run -0 bash -c 'ab-scrub --policy strict in | cmp - in'
	python3 -c 'import base64
b = b"plain text " * 20000
for _ in range(6): b = base64.b64encode(b)
print(b.decode())' >in
	run -1 --separate-stderr ab-scrub --policy strict in
	equals "$output" ""
}

@test "there are 300 rules at least, 220 of them shapes of secrets" {
	run -0 jq -n '[inputs.rules|length]|add >= 300' "$AB_TOP"/share/policies/rules/*.json
	equals "$output" true
	run -0 jq '.rules|length >= 220' "$AB_TOP/share/policies/rules/secret.json"
	equals "$output" true
}

@test "the review of the planted faults passes the output policy as it is" {
	[ -e "$AB_TOP/share/workflows/code-review/agent/review.py" ] || skip "no review agent"
	jq -n --rawfile diff "$AB_TOP/share/demo/pr/change.diff" '{repository:"a/b",pull_request_id:1,diff:$diff,context_files:[]}' >in
	/usr/bin/python3 "$AB_TOP/share/workflows/code-review/agent/review.py" <in >out
	ab-scrub --policy output <out | cmp - out
}

@test "secrets and personal data are redacted in output, JSON stays JSON" {
	printf '{"a":"key AKIA%s","mail":"bob.smith@corp.io","card":4111111111111111,"password":"Tr0ub4dor&3x"}' Z7QK2MNP4RSTUVWX >in
	run -0 --separate-stderr ab-scrub --policy output in
	equals "$output" '{"a":"key [REDACTED:secret.aws-access-key]","mail":"[REDACTED:pii.email]","card":"[REDACTED:pii.card]","password":"[REDACTED:secret.generic-bare]"}'
	jq . <<<"$output" >/dev/null
	equals "$stderr" "ab-scrub: 4 redacted, 0 warned of"
}

@test "an ordinary review passes byte for byte, white space and escapes as they are" {
	passes '{ "review_status" : "changes_requested",
  "comments":[{"file":"src/main.py","line":12,"comment":"The call to eval builds code from user input; use ast.literal_eval, e.g. in foo.bar() \u2014 see README.md, v1.2.3","severity":"error"},
  {"file":"lib/os.path.c","line":3,"comment":"subprocess with a shell, a <link> element, the exec family, DROP and rm are named here","severity":"info"}],
  "summary":"Node.js, asp.net, logger.info and user.name are no hosts" }
'
}

@test "plain text passes byte for byte, NUL and bad UTF-8 included" {
	printf 'a\0b\xff\xfe\r\nno newline' >in
	ab-scrub --policy output <in | cmp - in
	: >in
	ab-scrub --policy output <in | cmp - in
}

@test "external URLs are blocked in every spelling" {
	for u in https://evil.example/x HTTP://EVIL.EXAMPLE 'http:\\evil.example' ftp://evil.example/ wss://evil.example \
		https://user:pw@localhost/ http://0x7f000001/ http://2130706433/ 'http://[2001:db8::1]/' https://localhost.evil.example/ \
		https://xn--e1awd7f.localhost/ 'http://localhost\@evil.example/' ht%74ps://evil.example 'h&#116;tps://evil.example' \
		'h\u0074tp://evil.example' 'ｈｔｔｐｓ://evil.example' $'ht\u200btp://evil.example'; do
		blocked "see $u now" "url.external: 1:5"
	done
}

@test "JSON string escapes hide nothing, keys are blocked, the line names the pointer" {
	blocked '{"a":{"b/x":["see ht\u0074ps:\/\/evil.example\/"]}}' "url.external: /a/?/0"
	blocked '{"review_status":{"AKIAIOSFODNN7EXAMPLE":"see https://evil.example/"}}' "url.external: /review_status/?"
	blocked '{"a":{"https://evil.example":1}}' "url.external: /a/? (key)"
	blocked '{"a":{"ok":1,"x":"eval(code)"}}' "code.eval: /a/x"
	blocked '"eval(code)"' "code.eval: /"
}

@test "a value below a key that was found does not show the key" {
	blocked '{"see eval(x)":{"b":"https://evil.example"}}' "code.eval: /? (key)"
	run -1 ab-scrub --policy output --report r in
	run -1 grep evil r
}

@test "text names line and column" {
	blocked $'one\ntwo \xc3\xa4 eval(x)\n' "code.eval: 2:7"
}

@test "a long line is counted in little memory" {
	needs python3
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	run -0 python3 - <<'P'
import os, subprocess
with open("in", "wb") as f:
    f.write("é\n".encode())
    for _ in range(50):  # in pieces: a child starts with the memory of its parent
        f.write(b"a" * 1_000_000)
    f.write(" é eval(x)\n".encode())
p = subprocess.Popen(["ab-scrub", "--policy", "output", "--text", "in"], stderr=subprocess.PIPE)
said = p.stderr.read().decode()
_, status, use = os.wait4(p.pid, 0)
print(os.waitstatus_to_exitcode(status), said.strip(), use.ru_maxrss < 20000 or use.ru_maxrss)
P
	equals "$output" "1 ab-scrub: code.eval: 2:50000004: blocked True"
}

@test "as many findings as there may be are held in little memory" {
	needs python3
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	run -0 python3 - <<'P'
import os, subprocess
with open("in", "wb") as f:
    for i in range(110_000):  # and text between them, so that it is spooled
        f.write(b"u%d@c%d.example-mail.com and some words of text that is not found by anything, to its end\n" % (i, i % 97))
p = subprocess.Popen(["ab-scrub", "--policy", "output", "--rule", "*=log", "--text", "--report", "report", "in"],
                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
said = p.stderr.read().decode()
_, status, use = os.wait4(p.pid, 0)
with open("report", "rb") as f:
    n = sum(1 for _ in f)
print(os.waitstatus_to_exitcode(status), n, said.split(":")[1].strip(), use.ru_maxrss < 20000 or use.ru_maxrss)
P
	equals "$output" "1 100001 limit.findings True"
}

@test "allowed hosts: exact, below, and nothing that only looks so" {
	passes 'https://corp.example/ https://a.b.corp.example:8443/x?y#z http://localhost:8080/' --allow-domain corp.example
	blocked 'https://evilcorp.example/' "url.external: 1:1" --allow-domain corp.example
	blocked 'https://corp.example.evil.net/' "url.external: 1:1" --allow-domain corp.example
	blocked 'https://corp.example@evil.net/' "url.external: 1:1" --allow-domain corp.example
}

@test "executable code is blocked" {
	for c in 'eval(x)' 'exec("x")' 'import os' 'subprocess.run(x)' '<script>a' 'javascript:go()' 'data:text/html,x' \
		'curl x | sh' 'rm -rf /' 'DROP TABLE users;'; do
		printf '%s' "$c" >in
		run -1 --separate-stderr ab-scrub --policy output in
		equals "$output" ""
	done
}

@test "--rule: a name that no rule has is refused" {
	run -2 --separate-stderr ab-scrub --policy output --rule nosuch=off <<<'{}'
	equals "$output" ""
	equals "$stderr" "ab-scrub: --rule: nosuch: no such rule in the policy"
}

@test "--rule: what is off is not looked for, and what is on again is" {
	passes 'eval(x)' --rule 'code.*=off'
	passes 'eval(x)' --rule 'code.*=log' --rule 'code.eval=off' --rule 'code.p*=block'
	blocked 'eval(x)' "code.eval: 1:1" --rule 'code.*=off' --rule 'code.eval=block'
	blocked 'eval(x)' "code.eval: 1:1" --rule 'code.eval=log' --rule 'code.eval=block'
	echo '{"version":1,"include":["'"$AB_TOP"'/share/policies/output.json"],"overrides":[{"match":"code.*","action":"off"}]}' >off.json
	run -0 --separate-stderr ab-scrub --policy ./off.json in
	equals "$output" "eval(x)"
	run -1 --separate-stderr ab-scrub --policy ./off.json --rule code.eval=block in
	equals "$stderr" "ab-scrub: code.eval: 1:1: blocked"
}

@test "a rule made to redact changes only its span, and a number becomes a string" {
	echo '{"a": "x eval(q) y", "n": 1}' >in
	run -0 --separate-stderr ab-scrub --policy output --rule code.eval=redact in
	equals "$output" '{"a": "x [REDACTED:code.eval]) y", "n": 1}'
	equals "$stderr" "ab-scrub: 1 redacted, 0 warned of"
	echo '{"eval(q)": 1}' >in
	run -1 --separate-stderr ab-scrub --policy output --rule code.eval=redact in
	equals "$stderr" "ab-scrub: code.eval: /? (key): blocked"
}

@test "the report tells all but the value" {
	echo '{"a":["see https://evil.example/secret-path"]}' >in
	run -1 --separate-stderr ab-scrub --policy output --report r in
	run -0 jq -r '[.rule,.category,.severity,.action,.start,.end,.line,.pointer,.path,.preview]|@csv' r
	equals "$output" '"url.external","url","high","block",11,43,1,"/a/0","json","http***"'
	run -1 grep evil r
	run -1 --separate-stderr ab-scrub --policy output --report r.sarif --format sarif in
	run -0 jq -r '.version, .runs[0].results[0].ruleId, (.runs[0].tool.driver.rules|length > 50)' r.sarif
	equals "$output" $'2.1.0\nurl.external\ntrue'
}

@test "a baseline of fingerprints passes over what it lists, with the same key only" {
	echo 'see https://evil.example/' >in
	run -1 ab-scrub --policy output --report r in
	jq -r .fingerprint r >base
	run -0 --separate-stderr ab-scrub --policy output --baseline base in
	equals "$output" "see https://evil.example/"
	echo 0123456789abcdef >key
	run -1 ab-scrub --policy output --baseline base --key key in
}

@test "--lines: each record for itself" {
	printf '{"a":1}\n{"a":"https://evil.example"}\nplain\n{"b":2}' >in
	run -1 --separate-stderr ab-scrub --policy output --lines in
	equals "$output" $'{"a":1}\nplain\n{"b":2}'
	equals "$stderr" "ab-scrub: record 2: url.external: /a: blocked"
}

@test "--json refuses what is not JSON" {
	echo '{"a":1,"a":2}' >in
	run -1 --separate-stderr ab-scrub --policy output --json in
	equals "$output" ""
	contains "$stderr" "ab-scrub: 1:8: /a: "
}

@test "a policy that is wrong is exit 2, naming file and place" {
	try() {
		echo "$1" >p.json
		run -2 --separate-stderr ab-scrub --policy ./p.json </dev/null
		contains "$stderr" "$2"
	}
	rule='"id":"code.x","category":"code","literals":["abc"],"pattern":"abc","examples":{"hit":["abc"],"miss":["x"]}'
	try '{"version":1,"rules":[{'"$rule"'}],"extra":1}' "p.json: /extra: unknown key"
	try '{"version":1,"rules":[{'"$rule"',"zap":1}]}' "/rules/0/zap: unknown key"
	try '{"version":1,"rules":[{"id":"code.x","category":"code","pattern":"a","examples":{"hit":["a"],"miss":["x"]}}]}' "no literals"
	try '{"version":1,"rules":[{'"${rule/\"abc\",\"ex/\"a(\",\"ex}"'}]}' "rule code.x: pattern"
	try '{"version":1,"rules":[{'"$rule"'},{'"$rule"'}]}' "code.x is a rule already"
	try '{"version":1,"rules":[]}' "no rules"
	try '{"version":2,"rules":[]}' "/version"
	run -2 --separate-stderr ab-scrub --policy no-such-policy </dev/null
	equals "$stderr" "ab-scrub: no-such-policy: no such file, and no policy of that name is shipped"
	run -2 --separate-stderr ab-scrub </dev/null
}

@test "a policy in YAML, an include and an override" {
	cat >p.yaml <<-'E'
		version: 1
		include: [q.json]
		overrides:
		  - { match: "code.*", action: redact }
	E
	echo '{"version":1,"rules":[{"id":"code.x","category":"code","literals":["abc"],"pattern":"abc+","examples":{"hit":["abc"],"miss":["x"]}}]}' >q.json
	run -0 --separate-stderr ab-scrub --policy ./p.yaml <<<'x ABCCC y'
	equals "$output" "x [REDACTED:code.x] y"
}
