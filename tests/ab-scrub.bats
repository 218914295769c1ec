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

@test "bytes that are no text do not come out, wherever they begin; UTF-16 and older encodings of text do" {
	needs python3
	python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(7).randbytes(30000))' >z
	for n in 0 1 63 64 1000; do
		run -1 --separate-stderr ab-scrub --policy output --text < <(head -c "$n" /dev/zero | tr '\0' a; cat z)
		equals "$output" ""
		contains "$stderr" "exfil.binary"
	done
	# All of it goes, its end too.
	ab-scrub --policy output --rule '*=off' --rule exfil.binary=redact --text >r < <(printf '%063d\n' 5; cat z)
	[ "$(LC_ALL=C tr -d '\12\40-\176' <r | wc -c)" -le 64 ]
	equals "$(head -c 64 r)" "$(printf '%063d' 5)"
	python3 - <<-'P'
		text = "長い文章をここに書きます。次の行も同じです。\n" * 40
		open("a", "wb").write(text.encode("utf-16"))
		open("b", "wb").write(text.encode("utf-16-be"))
		open("c", "wb").write(text.encode("shift_jis"))
		open("d", "wb").write(("Ein Satz voller Umlaute: äöü ÄÖÜ ß\n" * 40).encode("latin-1"))
		open("e", "wb").write(("Строка с текстом \b\a\x1b[1m и цветом\x1b[0m\n" * 40).encode())
	P
	for f in a b c d e; do
		ab-scrub --policy output --text <"$f" | cmp - "$f"
	done
}

@test "findings and their offsets are the same however a document is written" {
	needs python3
	for seed in 1 2 3; do run -0 "$AB_TOP/tests/corpus/split.py" "$AB_BUILD/bin/ab-scrub" "$seed"; done
}

@test "an unusable TMPDIR: what stays in memory needs none, what does not is refused" {
	export TMPDIR=/nonexistent
	run -0 --separate-stderr ab-scrub --policy strict --rule '*=redact' <<<'{"a": "see eval(x) here"}'
	equals "$output" '{"a": "see [REDACTED:code.eval]) here"}'
	run -0 --separate-stderr ab-validate --schema "$AB_TOP/schemas/policy.schema.json" "$AB_TOP/share/policies/strict.json"
	run -3 --separate-stderr ab-scrub --policy strict < <(head -c 9000000 /dev/zero | tr '\0' a)
	equals "$output" ""
	equals "$stderr" "ab-scrub: TMPDIR: /nonexistent: No such file or directory"
	run -3 --separate-stderr ab-validate --schema "$AB_TOP/schemas/policy.schema.json" < <(head -c 9000000 /dev/zero | tr '\0' ' ')
	equals "$output" ""
	equals "$stderr" "ab-validate: TMPDIR: /nonexistent: No such file or directory"
}

@test "dumps and lists of encoded values are not taken for a bomb" {
	needs python3
	python3 - <<-'P'
		import base64, random
		r = random.Random(1)
		text = open("/usr/bin/python3", "rb").read()[:150_000]
		words = (" ".join(r.choice(["alpha", "beta", "gamma", "delta", "of", "the", "and"]) for _ in range(30_000))).encode()
		for name, data in ("binary", text), ("text", words):
		    with open(name, "w") as f:
		        for i in range(0, len(data), 16):
		            f.write(" ".join("%02x" % b for b in data[i:i + 16]) + "\n")
		with open("values", "w") as f:
		    for i in range(8_000):
		        f.write('"k%d":"%s",' % (i, base64.b64encode(words[i:i + 12]).decode()))
		with open("calls", "w") as f:
		    for i in range(8_000):
		        f.write('g("%s") ' % base64.b64encode(words[i:i + 9]).decode())
		open("numbers", "w").write("41 42 43 44 45 46 47 48 is: " * 8_000)
	P
	for name in binary text values calls numbers; do
		run -0 --separate-stderr ab-scrub --policy strict --rule '*=log' --text "$name"
		[[ $stderr != *limit.views* ]]
	done
}

# A sample of the hit examples in every evasion that the manual names, ten times as many in `make check-slow`.
@test "what rules find in their examples is found whatever hides it: 98 of 100, and 99 behind the usual evasions" {
	needs python3
	local part=1 less_than='/^[0-9]+ texts/ { n = $1 > 1250 && $5 < most } END { exit !n }'
	[[ $AB_BUILD != */san ]] || part=4 # a sanitizer takes its time
	run -0 "$AB_TOP/tests/corpus/evasions.py" "$AB_BUILD/bin/ab-scrub" --sample $(($(slow_count 400) / part))
	awk -v most=1.5 "$less_than" <<<"$output"
	run -0 "$AB_TOP/tests/corpus/evasions.py" "$AB_BUILD/bin/ab-scrub" --sample $(($(slow_count 1000) / part)) \
		tags "tags with begin" percent entities "u escapes" base64 hex wide look-alike invisible comments
	awk -v most=0.8 "$less_than" <<<"$output"
}

@test "what is found of a line is found among others as well, whatever hides these" {
	needs python3
	run -0 "$AB_TOP/tests/corpus/context.py" "$AB_BUILD/bin/ab-scrub" 1 2 3 4 7 19
	[ "${output%% *}" -gt 800 ]
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

@test "a short ending counts at the end of a text and of a string as before a blank" {
	for end in co is us li by; do
		blocked "go to evil-site.$end" "url.bare-domain: 1:7"
		blocked '{"a":["go to evil-site.'$end'",1]}' "url.bare-domain: /a/0"
		blocked '["see api.evil2.'$end'"]' "url.bare-domain: /0"
	done
	passes '{"file":"libfoo.so","of":["Makefile.in","sort.by"]}'
	passes 'main.do'
	printf 'go to evil-site.us\nok' >in
	run -1 --separate-stderr ab-scrub --policy output --lines in
	equals "$output" ok
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

@test "a large text with many redactions comes out in little memory" {
	needs python3
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	run -0 python3 - <<'P'
import os, subprocess
with open("in", "w") as f:
    for i in range(20000):
        f.write("x" * 1500 + " jane@wiki.acme.org\n")
with open("in", "rb") as f, open("out", "wb") as out:
    p = subprocess.Popen(["ab-scrub", "--policy", "output"], stdin=f, stdout=out, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
print(status, used.ru_maxrss < 16 * 1024)
P
	equals "$output" "0 True"
	run -0 grep -c '^x* \[REDACTED:pii.email\]$' out
	equals "$output" 20000
}

@test "JSON takes 16 megabytes at most: much of it, long strings, many small values, many keys, long records" {
	needs python3
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	run -0 python3 - <<'P'
import os, subprocess
def write(head, piece, n, tail):
    with open("in", "wb") as f:
        f.write(head)
        for i in range(n):  # in pieces: a child starts with the memory of its parent
            f.write(piece(i) if callable(piece) else piece)
        f.write(tail)
def scrub(mode, size):
    p = subprocess.Popen(["ab-scrub", "--policy", "output", *mode, "in"], stdout=open("out", "wb"), stderr=subprocess.PIPE)
    said = p.stderr.read().decode().strip()
    _, status, use = os.wait4(p.pid, 0)
    same = os.path.getsize("in") > size and subprocess.run(["cmp", "-s", "in", "out"]).returncode == 0
    print(os.waitstatus_to_exitcode(status), same, said, use.ru_maxrss < 16384 or use.ru_maxrss)
def keys(i):
    return b"".join(b',"key%d":{}' % (1000 * i + k) for k in range(1000))
line = b'"2026-04-01 12:00:00 INFO worker: request of /api/v1/items took 17 ms, caf\xc3\xa9"'
write(b"[1", b"".join(b',\n{"n":%d,"line":%s,"ok":true}' % (i, line) for i in range(2000)), 450, b"]")
scrub(["--json"], 90_000_000)
write(b'{"log":"', line[1:-1] * 1000 + b'\\n\\t\\u00e9', 450, b'"}')
scrub(["--json"], 30_000_000)
scrub(["--lines"], 30_000_000)
write(b"[0", b",0,[]" * 1000, 5000, b"]")
scrub(["--json"], 20_000_000)
write(b'{"a":0', keys, 1500, b"}")
scrub(["--json"], 20_000_000)
write(b'{"a":0', keys, 1500, b',"key17":1}')
scrub(["--json"], 20_000_000)
P
	equals "$output" "0 True  True
0 True  True
0 True  True
0 True  True
0 True  True
1 False ab-scrub: 1:22888898: /key17: duplicate key True"
	equals "$(stat -c %s out)" 0
}

@test "what is found behind a long string, in it, and in its key is where it is" {
	needs python3
	run -0 python3 - <<'P'
import json, subprocess
plain = "caf\u00e9 \\ \"quoted\" text\n" * 60000
def scrub(doc):
    text = json.dumps(doc)
    with open("in", "w") as f:
        f.write(text)
    p = subprocess.run(["ab-scrub", "--policy", "output", "--rule", "*=log", "--report", "report", "in"], capture_output=True)
    found = [json.loads(l) for l in open("report")]
    print(p.returncode, p.stdout.decode() == text, *(f'{f["rule"]} {f["pointer"]} {text[f["start"]:f["end"]]}' for f in found))
scrub({"log": plain + "eval(x) " + plain, "then": "eval(y)"})
scrub([plain, {"password": "Tr0ub4dor&3x" + "\n" + plain}])
scrub({"eval(z)" + plain: [1, "eval(q)"]})
P
	equals "$output" "0 True code.eval /log eval(x code.eval /then eval(y
0 True secret.generic-bare /1/password Tr0ub4dor&3x secret.told-password /1/password Tr0ub4dor&3x
0 True code.eval /? eval(z code.eval /?/1 eval(q"
}

@test "a key that stands twice is found around a long string, whose bytes are put aside like those of the keys" {
	needs python3
	run -0 python3 - <<'P'
import subprocess
def keys(first, last):
    return b"".join(b',"key%d":0' % i for i in range(first, last))
for long in 2, 12:  # the document stays in memory, and does not
    for last in b"key17", b"other":
        with open("in", "wb") as f:
            f.write(b'{"a":0' + keys(0, 60000) + b',"long":"' + b"lorem ipsum " * (long * 87381) + b'"' +
                    keys(60000, 120000) + b',"' + last + b'":1}')
        p = subprocess.run(["ab-scrub", "--policy", "output", "--json", "in"], capture_output=True)
        print(p.returncode, len(p.stdout) > 0, *p.stderr.decode().strip().split(": ")[2:])
P
	equals "$output" "1 False /key17 duplicate key
0 True
1 False /key17 duplicate key
0 True"
}

@test "--lines: a long record among short ones, and one that is not the last" {
	needs python3
	python3 -c 'import sys; o = sys.stdout.write
o("{\"a\":1}\n{\"a\":\"" + "long text " * 300000 + "\"}\n{\"a\":\"" + "more text " * 200000 + " eval(x)\"}\n{\"b\":2}\n{\"c\":\"" + "last text " * 900000 + "\"}")' >in
	run -1 bash -c 'ab-scrub --policy output --lines in 2>err >out'
	equals "$(<err)" "ab-scrub: record 3: code.eval: /a: blocked"
	cmp out <(sed 3d in)
}

@test "a name in one member and its value in another are an assignment, in either order and far apart" {
	needs python3
	run -0 python3 - <<'P'
import json, subprocess
def scrub(text, *mode):
    p = subprocess.run(["ab-scrub", "--policy", "output", "--report", "report", *mode], input=text.encode(), capture_output=True)
    found = [json.loads(l) for l in open("report")]
    print(p.returncode, p.stdout.decode().count("hunter2-Xy9!kq"), *sorted({f'{f.get("pointer", "")} {text.encode()[f["start"]:f["end"]].decode()}' for f in found}))
v = "hunter2-Xy9!kq"
for doc in ({"name": "DB_PASSWORD", "value": v}, {"env": [{"value": v, "more": {"name": "x"}, "name": "DB_PASSWORD"}]},
            [{"Key": "café ApiKey", "Value": v}], {"variable": "db_password", "type": ["a", {"b": 1}], "default": v},
            {"id": "key-1", "label": "key-2", "name": "DB_PASSWORD", "value": v},
            {"name": "DB_PASSWORD", "data": list(range(40000)), "value": v}, {"value": v, "data": [{}] * 40000, "name": "DB_PASSWORD"},
            {"name": "DB_PASSWORD", "valueFrom": v}, {"name": "DB_PASSWORD", "of": {"value": v}}, [{"name": "DB_PASSWORD"}, {"value": v}],
            {"name": "password_policy", "value": v}, {"name": "password", "value": "${" + v + "}"}):
    scrub(json.dumps(doc), "--json")
scrub('{"name":"DB_PASSWORD","value":"%s"}\n{"value":"%s"}\n' % (v, v), "--json", "--lines")
scrub("see {\"value\":\"%s\",\"name\":\"DB_PASSWORD\"}" % v)
scrub("- value: %s\n  name: DB_PASSWORD\n" % v)
scrub("- name: DB_PASSWORD\n  value: %s\n- name: BUILD\n  value: %s\n" % (v, v))
P
	equals "$output" "0 0 /value hunter2-Xy9!kq
0 0 /env/0/value hunter2-Xy9!kq
0 0 /0/Value hunter2-Xy9!kq
0 0 /default hunter2-Xy9!kq
0 0 /value hunter2-Xy9!kq
0 0 /value hunter2-Xy9!kq
0 0 /value hunter2-Xy9!kq
0 1
0 1
0 1
0 1
0 1
0 1 /value hunter2-Xy9!kq
0 0  hunter2-Xy9!kq
0 0  hunter2-Xy9!kq
0 1  hunter2-Xy9!kq"
}

@test "what is found over a value and the name behind it is from the one to the other, and blocked" {
	echo '{"version":1,"rules":[{"id":"secret.x","category":"secret","action":"redact","literals":["db_pass"],"pattern":"db_pass=\\s*[a-z]+","examples":{"hit":["{\"db_pass\":\"a\"}"],"miss":["x"]}}]}' >p.json
	echo '{"value":"abcdef","of":[1],"name":"db_pass"}' >in
	run -1 --separate-stderr ab-scrub --policy ./p.json --report r in
	equals "$output" ""
	equals "$stderr" "ab-scrub: secret.x: /value: blocked"
	equals "$(jq -c '[.start, .end]' r)" "[10,43]"
}

@test "as many findings as there may be are held in little memory" {
	needs python3
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	run -0 python3 - <<'P'
import os, subprocess
def scrub(*mode):
    p = subprocess.Popen(["ab-scrub", "--policy", "output", "--rule", "*=log", *mode, "--report", "report", "in"],
                         stdout=open("out", "wb"), stderr=subprocess.PIPE)
    said = p.stderr.read().decode()
    _, status, use = os.wait4(p.pid, 0)
    with open("report", "rb") as f:
        n = sum(1 for _ in f)
    same = subprocess.run(["cmp", "-s", "in", "out"]).returncode == 0
    print(os.waitstatus_to_exitcode(status), n, said.split(":")[1].strip() if said else same, use.ru_maxrss < 16384 or use.ru_maxrss)
def mail(i):
    return b"u%d@c%d.example-mail.com" % (i, i % 97)
with open("in", "wb") as f:
    for i in range(110_000):  # and text between them, so that it is spooled
        f.write(mail(i) + b" and some words of text that is not found by anything, to its end\n")
scrub("--text")
with open("in", "wb") as f:
    for i in range(99_000):  # in less than 8 MiB, which stay in memory where little is found
        f.write(mail(i) + b" and some words of text that is not found by anyth\n")
scrub("--text")
with open("in", "wb") as f:
    f.write(b"[0")
    for i in range(99_000):
        f.write(b',\n{"who":"' + mail(i) + b'","words":"and some words of text"}')
    f.write(b"]\n")
scrub("--json")
P
	equals "$output" "1 100001 limit.findings True
0 99000 True True
0 99000 True True"
}

@test "what is made of the patterns takes little memory where all of them are met" {
	needs python3
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	python3 - "$AB_TOP"/share/policies/rules/*.json <<'P'
import json, sys
hits = [h for path in sys.argv[1:] for r in json.load(open(path))["rules"] for h in r["examples"]["hit"]]
plain = ["and some words of text " * 20] * 17_000
open("in1", "w").write("\n\n".join(hits))
open("in2", "w").write("\n\n".join(hits + plain + hits))
open("in3", "w").write(json.dumps(hits + plain + hits))
P
	run -0 python3 - <<'P'
import os, re, subprocess
for name, mode in ("in1", "--text"), ("in2", "--text"), ("in3", "--json"):  # a child starts with the memory of its parent
    p = subprocess.Popen(["ab-scrub", "--policy", "strict", "--rule", "*=log", mode, "--report", "report", name],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, use = os.wait4(p.pid, 0)
    met = {re.search('"rule":"(.*?)"', l).group(1) for l in open("report")}
    print(os.waitstatus_to_exitcode(status), len(met) > 800, use.ru_maxrss < 16384 or use.ru_maxrss)
P
	equals "$output" "0 True True
0 True True
0 True True"
}

@test "many findings are where they are, each with its pointer, and redacted there" {
	needs python3
	run -0 python3 - <<'P'
import json, subprocess
doc = {"a" * 20: {"b" * 20: [[f"u{i}@c{i % 97}.example-mail.com", {"k": f"card 4111 1111 1111 1111, then {i}"}] for i in range(30_000)]}}
text = json.dumps(doc)
with open("in", "w") as f:
    f.write(text)
p = subprocess.run(["ab-scrub", "--policy", "output", "--rule", "*=off", "--rule", "pii.email=redact", "--rule", "pii.card=redact",
                    "--report", "report", "in"], capture_output=True)
found = [json.loads(l) for l in open("report")]
def at(pointer):
    v = doc
    for k in pointer.split("/")[1:]:
        v = v[int(k)] if isinstance(v, list) else v[k]
    return v
wrong = [f for f in found if text[f["start"]:f["end"]] not in at(f["pointer"])]
sorted_ = all(a["start"] <= b["start"] for a, b in zip(found, found[1:]))
out = json.loads(p.stdout)["a" * 20]["b" * 20]
good = all(o == ["[REDACTED:pii.email]", {"k": f"card [REDACTED:pii.card], then {i}"}] for i, o in enumerate(out))
print(p.returncode, len(found), wrong[:1], sorted_, good)
P
	equals "$output" "0 60000 [] True True"
}

@test "allowed hosts: exact, below, and nothing that only looks so" {
	passes 'https://corp.example/ https://a.b.corp.example:8443/x?y#z http://localhost:8080/' --allow-domain corp.example
	blocked 'https://evilcorp.example/' "url.external: 1:1" --allow-domain corp.example
	blocked 'https://corp.example.evil.net/' "url.external: 1:1" --allow-domain corp.example
	blocked 'https://corp.example@evil.net/' "url.external: 1:1" --allow-domain corp.example
	passes 'http://[::1]:80/' --allow-domain '[::1]'
	for host in corp.example:8080 xn--e1awd7f.example a.xn--e1awd7f.example '[::1]:80' .corp.example corp.example. \
		'*.corp.example' https://corp.example corp.example/x '[]' ''; do
		run -2 --separate-stderr ab-scrub --policy output --allow-domain "$host" <<<'x'
		equals "$stderr" "ab-scrub: --allow-domain: $host: not a host name"
	done
	# Browsers take tabs and line ends out of a URL, and take quotes for a part of its user's name.
	for u in 'https:/\t/evil.land/' 'htt\np://evil.land/' 'https\t://evil.land' 'https://corp.example\n.evil.io' \
		'https://corp.example\r\n.evil.net/x' 'https://corp.example\t@evil.land"' 'https://corp.example:\n.evil.land' \
		'https://corp.example\n.land/x' "https://corp.example\"@evil.land" 'https://corp.example>`@evil.land/'; do
		blocked "$(printf "$u")" "url.external: 1:1" --allow-domain corp.example
	done
	passes $'https://corp.example\n.gitignore\nhttps://corp.example\n.setup.sh\nhttps://corp.example\n.SH NAME\n' \
		--allow-domain corp.example
	passes $'https://corp.example\n@app.post(1)\nhttps://corp.example/\n.evil.land https://corp.example\n@bob' \
		--allow-domain corp.example
	passes $'http:\n  https:\nws:\n//\nhttps://\nThen' --allow-domain corp.example
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

@test "what is redacted in UTF-16 leaves UTF-16 behind" {
	for mark in '' '\ufeff'; do
		for code in UTF-16LE UTF-16BE; do
			printf "$mark"'héllo jane@wiki.acme.org, ghp_0123456789abcdefghijABCDEFGHIJ012345.\n' | iconv -t $code >in
			ab-scrub --policy output in 2>/dev/null | iconv -f $code >out
			equals "$(<out)" "$(printf "$mark"'héllo [REDACTED:pii.email], [REDACTED:secret.github-ghp].')"
		done
	done
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

@test "a literal that came to nothing a hundred times is found at the hundred-and-first" {
	cat >p.json <<-'E'
		{"version":1,"name":"p","defaults":{"action":"log","max_depth":0},"rules":[
		{"id":"secret.own","category":"secret","severity":"high","action":"log","literals":["own-key"],"pattern":"own-keys?[:=] ?[0-9]{4}",
		"description":"Ours.","examples":{"hit":["own-key: 1234"],"miss":["own-key"]}}]}
	E
	for _ in {1..100}; do echo "own-keys are own-key words, own-key: 12, own-key=x"; done >in
	printf 'own-keys: 1234 own-key=5678 OWN-KEY:9012' >>in
	ab-scrub --policy p.json --text --report r in >out
	run -0 jq -r .start r
	[ "$output" = $'5100\n5115\n5128' ]
}

@test "--lines: each record for itself" {
	printf '{"a":1}\n{"a":"https://evil.example"}\nplain\n{"b":2}' >in
	run -1 --separate-stderr ab-scrub --policy output --lines in
	equals "$output" $'{"a":1}\nplain\n{"b":2}'
	equals "$stderr" "ab-scrub: record 2: url.external: /a: blocked"
}

@test "--lines --json: a line that is no JSON does not come out, the others do" {
	printf '{"a":1}\nplain\n\n{"b":2}\n{"c":1,"c":2}' >in
	run -1 --separate-stderr ab-scrub --policy output --lines --json in
	equals "$output" $'{"a":1}\n{"b":2}'
	equals "$stderr" "ab-scrub: 3 records, record 2: 1:1: expected a value"
}

@test "--lines: SARIF has the places of the input" {
	printf 'é\nplain\né https://evil.example/\n' >in
	run -1 ab-scrub --policy output --lines --report r --format sarif in
	run -0 jq -c '.runs[0].results[].locations[0].physicalLocation.region' r
	equals "$output" '{"startLine":3,"startColumn":3,"byteOffset":12,"byteLength":21}'
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
	# What no text could ever meet.
	try '{"version":1,"rules":[{'"${rule/\[\"abc\"\],\"p/[],\"p}"'}]}' "/rules/0/literals: expected at least one"
	try '{"version":1,"rules":[{'"${rule/\"abc\",\"ex/\"\",\"ex}"'}]}' "/rules/0/pattern: expected a pattern"
	try '{"version":1,"rules":[{'"$rule"',"views":[]}]}' "/rules/0/views: expected at least one"
	try '{"version":1,"rules":[{'"$rule"',"window":0}]}' "/rules/0/window: expected 1 to 16384"
	try '{"version":1,"rules":[{'"$rule"',"then":["."]}]}' "/rules/0/then: expected 1 to 6 texts, behind a run"
	try '{"version":1,"rules":[{'"$rule"',"run":"at","then":7}]}' "/rules/0/then: expected 1 to 6 texts, behind a run"
	try '{"version":1,"rules":[{'"$rule"',"run":"at","then":[]}]}' "/rules/0/then: expected 1 to 6 texts, behind a run"
	try '{"version":1,"rules":[{'"$rule"',"run":"at","then":[".","123456789"]}]}' "/rules/0/then/1: expected 1 to 8 bytes"
	try '{"version":1,"rules":[{'"$rule"',"entropy":"3"}]}' "/rules/0/entropy: expected 0 to 8"
	try '{"version":1,"rules":[{'"$rule"',"entropy":9}]}' "/rules/0/entropy: expected 0 to 8"
	try '{"version":1,"rules":[{'"$rule"',"capture":1}]}' "rule code.x: capture: the pattern has no group 1"
	try '{"version":1,"rules":[]}' "no rules"
	try '{"version":2,"rules":[]}' "/version"
	run -2 --separate-stderr ab-scrub --policy no-such-policy </dev/null
	equals "$stderr" "ab-scrub: no-such-policy: no such file, and no policy of that name is shipped"
	run -2 --separate-stderr ab-scrub </dev/null
}

@test "what must follow a run: a text or several, of any case" {
	rule='"id":"code.x","category":"code","action":"redact","run":"base64","min":16,"examples":{"hit":["x"],"miss":["x"]}'
	in='abcdefghijklmnopqr. ABCDEFGHIJKLMNOPQR DOT mnopqrstuvwxyzabcd dos abcdefghijklmnopqr'
	echo '{"version":1,"rules":[{'"$rule"',"then":"."}]}' >one.json
	echo '{"version":1,"rules":[{'"$rule"',"then":["!"," dOt"]}]}' >two.json
	echo '{"version":1,"rules":[{'"$rule"',"then":["."," DOT"],"exact":true}]}' >exact.json
	run -0 --separate-stderr ab-scrub --policy ./one.json <<<"$in"
	equals "$output" "[REDACTED:code.x]. ABCDEFGHIJKLMNOPQR DOT mnopqrstuvwxyzabcd dos abcdefghijklmnopqr"
	run -0 --separate-stderr ab-scrub --policy ./two.json <<<"$in"
	equals "$output" "abcdefghijklmnopqr. [REDACTED:code.x] DOT mnopqrstuvwxyzabcd dos abcdefghijklmnopqr"
	run -0 --separate-stderr ab-scrub --policy ./exact.json <<<"${in/DOT/dot}"
	equals "$output" "[REDACTED:code.x]. ABCDEFGHIJKLMNOPQR dot mnopqrstuvwxyzabcd dos abcdefghijklmnopqr"
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

@test "too many findings: the same ones are told each time, and nothing comes out" {
	jq -r '.rules[].examples.hit[]' "$AB_TOP"/share/policies/rules/*.json >some
	for _ in {1..60}; do cat some; done >in
	for n in 1 2 3; do
		run -1 --separate-stderr ab-scrub --policy strict --rule '*=log' --text --report r$n in
		equals "$output" ""
	done
	run -0 grep -c '"limit.findings"' r1
	equals "$output" 1
	cmp r1 r2
	cmp r1 r3
}

@test "where the spool has no room for what stands behind a document, that is an error, not a signal" {
	local full='mount -t tmpfs -o size=12m none /mnt && TMPDIR=/mnt exec ab-scrub --policy output "$@"'
	python3 -c 'open("all.txt", "w").write("a line of some words\n" * 599186 + "a line")
open("most.json", "w").write("[\"" + "x" * 12582896 + "\"]")'
	run -3 --separate-stderr unshare -rm bash -c "$full" _ --text all.txt
	equals "$stderr" "ab-scrub: spool: write: No space left on device"
	run -3 --separate-stderr unshare -rm bash -c "$full" _ --json most.json
	equals "$stderr" "ab-scrub: spool: write: No space left on device"
}
